//! What must stand before a cue: who said it, or how many of a unit. Looking back from the cue is cheaper than a pattern.

use crate::families::Family;

/// How far before "said" and the like the one who said it may stand, in bytes.
const SAYS: usize = 25;

/// Gives where a cue begins once what stands before it is taken in; nothing where it lacks what it needs.
pub(crate) fn begin(family: Family, text: &str, start: usize, end: usize) -> Option<usize> {
    match family {
        Family::CompanySaid => said(text, start, text.get(start..end)?),
        Family::Duration => counted(text, start),
        _ => Some(start),
    }
}

fn said(text: &str, start: usize, verb: &str) -> Option<usize> {
    let (first, at) = word_before(text, start)?;
    let passive = matches!(verb, "told" | "quoted" | "promised" | "assured" | "advised" | "informed");
    if passive && matches!(first, "was" | "were" | "been" | "are" | "being") {
        return Some(at);
    }
    if matches!(verb, "advised" | "informed") {
        return None;
    }
    let (mut word, mut at) = (first, at);
    loop {
        if speaks(word) {
            return Some(at);
        }
        (word, at) = word_before(text, at)?;
        if start > at + word.len() + SAYS {
            return None;
        }
    }
}

fn speaks(word: &str) -> bool {
    matches!(
        word,
        "you"
            | "they"
            | "he"
            | "she"
            | "we"
            | "site"
            | "website"
            | "listing"
            | "letter"
            | "poster"
            | "advert"
            | "confirmation"
            | "receipt"
            | "guarantee"
            | "man"
            | "consultant"
            | "receptionist"
            | "brochure"
            | "advertisement"
            | "salespeople"
            | "app"
            | "page"
            | "auto"
            | "reply"
            | "ad"
            | "agent"
            | "rep"
            | "salesman"
            | "saleswoman"
            | "salesperson"
            | "manager"
            | "term"
            | "terms"
            | "contract"
            | "policy"
            | "adviser"
            | "advisor"
            | "email"
            | "label"
            | "staff"
            | "operator"
            | "driver"
            | "company"
            | "bank"
            | "guy"
            | "lady"
    )
}

fn counted(text: &str, start: usize) -> Option<usize> {
    let (word, at) = word_before(text, start)?;
    if counts(word) {
        return Some(at);
    }
    let (word, at) = word_before(text, at)?;
    counts(word).then_some(at)
}

fn counts(word: &str) -> bool {
    word.bytes().all(|byte| byte.is_ascii_digit())
        || matches!(
            word,
            "one"
                | "two"
                | "three"
                | "four"
                | "five"
                | "six"
                | "seven"
                | "eight"
                | "nine"
                | "ten"
                | "twelve"
                | "fifteen"
                | "twenty"
                | "thirty"
                | "forty"
                | "fifty"
                | "sixty"
                | "half"
                | "a"
                | "an"
                | "several"
                | "few"
                | "many"
        )
}

/// Gives the word before a place and where it begins, unless the sentence ends in between.
fn word_before(text: &str, at: usize) -> Option<(&str, usize)> {
    let bytes = text.as_bytes().get(..at)?;
    let word = |byte: &u8| byte.is_ascii_alphanumeric() || *byte >= 0x80;
    let end = bytes.iter().rposition(word)? + 1;
    if bytes.get(end..)?.iter().any(|byte| matches!(byte, b'.' | b';' | b'!' | b'?' | b'\n')) {
        return None;
    }
    let start = bytes.get(..end)?.iter().rposition(|byte| !word(byte)).map_or(0, |at| at + 1);
    Some((text.get(start..end)?, start))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cue(family: Family, text: &str, verb: &str) -> Option<String> {
        let at = text.find(verb)?;
        begin(family, text, at, at + verb.len()).map(|start| text[start..at + verb.len()].to_owned())
    }

    #[test]
    fn somebody_must_have_said_it() {
        assert_eq!(
            cue(Family::CompanySaid, "and your site clearly says so", "says").as_deref(),
            Some("site clearly says")
        );
        assert_eq!(cue(Family::CompanySaid, "i was told so", "told").as_deref(), Some("was told"));
        assert_eq!(cue(Family::CompanySaid, "my sister said so", "said"), None);
        assert_eq!(cue(Family::CompanySaid, "you rang. said who", "said"), None);
    }

    #[test]
    fn a_unit_must_be_counted() {
        assert_eq!(cue(Family::Duration, "for 12 days", "days").as_deref(), Some("12 days"));
        assert_eq!(cue(Family::Duration, "five working days", "days").as_deref(), Some("five working days"));
        assert_eq!(cue(Family::Duration, "these days", "days"), None);
    }
}
