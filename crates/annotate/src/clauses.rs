//! Clauses of a sentence: where one thought ends and the next one, or its contrary, begins.

use std::ops::Range;

/// A clause of a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Clause {
    /// Its folded range, without the word that opened it.
    pub(crate) range: Range<usize>,
    /// It was opened by a contrast such as "but".
    pub(crate) contrast: bool,
    /// How many contrasts stand before it or open it.
    pub(crate) segment: usize,
}

/// How the next word opens a clause.
enum Opening {
    Contrast,
    Next,
    /// Opens a clause only before a word that can begin one.
    Perhaps,
}

/// Splits a folded sentence into clauses; there is at least one.
pub(crate) fn clauses(text: &str, sentence: Range<usize>) -> Vec<Clause> {
    let mut out: Vec<Clause> = Vec::with_capacity(4);
    let mut start = sentence.start;
    let mut contrast = false;
    let part = text.get(sentence.clone()).unwrap_or("");
    let mut rest = Some(part);
    let mut here = sentence.start;
    let mut words = std::iter::from_fn(|| {
        let (at, all) = (here, rest?);
        let end = all.bytes().position(|byte| byte == b' ');
        let word = all.get(..end.unwrap_or(all.len()))?;
        rest = end.and_then(|end| all.get(end + 1..));
        here += word.len() + 1;
        Some((at, word))
    });
    let mut next = words.next();
    while let Some((at, word)) = next {
        next = words.next();
        let signed = matches!(word.as_bytes().last(), Some(b',' | b';' | b':' | b'.'));
        let bare = if signed { word.trim_end_matches([',', ';', ':', '.']) } else { word };
        let follows = next.map_or("", |(_, word)| word);
        let opens = |opening: &Opening| match opening {
            Opening::Perhaps => begins(follows),
            Opening::Contrast => bare != "instead" || follows != "of",
            Opening::Next => true,
        };
        let opening = opening(bare).filter(opens);
        if let Some(opening) = opening {
            push(text, start..at, contrast, &mut out);
            contrast = matches!(opening, Opening::Contrast);
            start = if matches!(opening, Opening::Next) { at } else { at + word.len() };
        } else if word.len() > bare.len() || word == "-" || word == "--" {
            let end = at + bare.trim_end_matches('-').len();
            let semicolon = word.ends_with(';');
            if !lists(word, follows) {
                push(text, start..end, contrast, &mut out);
                contrast = semicolon;
                start = at + word.len();
            }
        }
    }
    push(text, start..sentence.end, contrast, &mut out);
    if out.is_empty() {
        out.push(Clause { range: sentence, contrast: false, segment: 0 });
    }
    out
}

fn push(text: &str, range: Range<usize>, contrast: bool, out: &mut Vec<Clause>) {
    let range = trim(text, range);
    if !range.is_empty() {
        let segment = out.last().map_or(0, |last| last.segment) + usize::from(contrast);
        out.push(Clause { range, contrast, segment });
    }
}

/// Narrows a folded range by spaces and signs at its ends.
pub(crate) fn trim(text: &str, range: Range<usize>) -> Range<usize> {
    let Some(part) = text.get(range.clone()) else { return range.start..range.start };
    let outer = |sign: char| !(sign.is_alphanumeric() || matches!(sign, '$' | '€' | '£' | '%' | '[' | ']'));
    let start = range.start + (part.len() - part.trim_start_matches(outer).len());
    let end = range.end - (part.len() - part.trim_end_matches(|sign: char| outer(sign) || sign == '[').len());
    start..end.max(start)
}

fn opening(word: &str) -> Option<Opening> {
    Some(match word {
        "but" | "yet" | "however" | "instead" | "although" | "though" | "except" | "whereas"
        | "unfortunately" | "sadly" | "aber" | "sondern" | "jedoch" | "mais" | "pero" | "ma" | "maar"
        | "mas" | "porém" => Opening::Contrast,
        "while" | "then" | "now" | "because" | "so" | "which" => Opening::Next,
        "and" | "und" | "et" | "y" | "en" | "e" | "or" | "that" => Opening::Perhaps,
        _ => return None,
    })
}

/// Says whether a word can begin a clause of its own.
fn begins(word: &str) -> bool {
    matches!(
        word,
        "i" | "we"
            | "you"
            | "he"
            | "she"
            | "it"
            | "they"
            | "the"
            | "my"
            | "your"
            | "our"
            | "their"
            | "this"
            | "that"
            | "these"
            | "there"
            | "nobody"
            | "no"
            | "not"
            | "now"
            | "then"
            | "still"
            | "was"
            | "is"
            | "got"
            | "received"
            | "had"
            | "have"
            | "never"
            | "nothing"
            | "it's"
            | "i'm"
            | "i've"
            | "queue"
            | "only"
            | "when"
            | "after"
            | "came"
            | "arrived"
            | "told"
            | "charged"
            | "gave"
            | "lost"
            | "ich"
            | "es"
            | "der"
            | "die"
            | "das"
            | "je"
            | "il"
            | "elle"
            | "on"
            | "nous"
            | "no_one"
    )
}

/// Says whether a comma only stands inside a list or a number.
fn lists(word: &str, follows: &str) -> bool {
    word.ends_with('.')
        || (word.ends_with(',')
            && word.len() > 1
            && follows.bytes().next().is_some_and(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(text: &str) -> Vec<String> {
        clauses(text, 0..text.len())
            .into_iter()
            .map(|clause| format!("{}{}", if clause.contrast { "!" } else { "" }, &text[clause.range]))
            .collect()
    }

    #[test]
    fn contrasts_and_conjunctions_open_clauses() {
        assert_eq!(
            split("i expected it between 8 and 12, but he came at four."),
            ["i expected it between 8 and 12", "!he came at four"]
        );
        assert_eq!(split("nice staff and a quick check-in"), ["nice staff and a quick check-in"]);
        assert_eq!(split("you said two days and it took nine"), ["you said two days", "it took nine"]);
        assert_eq!(split("plain, they said, and it is red"), ["plain", "they said", "it is red"]);
    }

    #[test]
    fn even_nothing_is_one_clause() {
        assert_eq!(split("...").len(), 1);
        assert_eq!(split("").len(), 1);
    }
}
