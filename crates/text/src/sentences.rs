//! Sentences by cheap rules: end marks, line ends, and what looks like an end but is none.

use std::ops::Range;

/// Words before a full stop that seldom end a sentence, in lower case, without the stop.
const ABBREVIATIONS: [&str; 56] = [
    "mr", "mrs", "ms", "dr", "prof", "st", "sr", "jr", "vs", "etc", "eg", "e.g", "i.e", "ie", "approx", "no",
    "nr", "inc", "ltd", "co", "z.b", "bzw", "usw", "ca", "u.a", "d.h", "evtl", "ggf", "inkl", "tel", "str",
    "hr", "fr", "min", "max", "mme", "mlle", "m", "p.ex", "av", "sra", "dña", "dott", "sig", "p.es", "ecc",
    "dhr", "mevr", "bijv", "enz", "o.a", "d.w.z", "exmo", "pág", "art", "fig",
];

/// Returns the sentences of a text as trimmed byte ranges, in order.
#[must_use]
pub fn sentences(text: &str) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    let mut out = Vec::new();
    let mut start = 0;
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let end = match byte {
            b'\n' | b'\r' => Some(at),
            b'!' | b'?' => Some(after_marks(bytes, at)),
            b';' if space_follows(bytes, at + 1) => Some(at + 1),
            b'.' => ends_at_stop(text, start, at),
            0xe3 | 0xef | 0xe0 | 0xd8 | 0xe2 => wide_mark(bytes, at),
            _ => None,
        };
        match end {
            Some(end) => {
                push(text, start..end, &mut out);
                start = end;
                at = end.max(at + 1);
            }
            None => at += 1,
        }
    }
    push(text, start..text.len(), &mut out);
    out
}

fn push(text: &str, range: Range<usize>, out: &mut Vec<Range<usize>>) {
    let Some(part) = text.get(range.clone()) else { return };
    let start = range.start + (part.len() - part.trim_start().len());
    let end = start + part.trim().len();
    if part.chars().any(char::is_alphanumeric) {
        out.push(start..end);
    } else if end > start {
        // Signs alone, such as an emoji or "...", belong to the sentence before them on the same line.
        match out.last_mut() {
            Some(last) if text.get(last.end..start).is_some_and(|gap| !gap.contains('\n')) => last.end = end,
            _ => out.push(start..end),
        }
    }
}

/// Goes past end marks, closing quotes and brackets.
fn after_marks(bytes: &[u8], from: usize) -> usize {
    let mut at = from;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'!' | b'?' | b'.' | b'"' | b'\'' | b')' | b']' => at += 1,
            0xe2 if matches!(bytes.get(at + 1..at + 3), Some([0x80, 0x99 | 0x9d])) => at += 3,
            0xc2 if bytes.get(at + 1) == Some(&0xbb) => at += 2,
            _ => break,
        }
    }
    at
}

fn space_follows(bytes: &[u8], at: usize) -> bool {
    bytes.get(at).is_none_or(u8::is_ascii_whitespace)
}

fn ends_at_stop(text: &str, start: usize, at: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let end = after_marks(bytes, at);
    if !space_follows(bytes, end) {
        return None;
    }
    if end > at + 1 {
        return Some(end);
    }
    let from = at.saturating_sub(24).max(start);
    let window = bytes.get(from..at).unwrap_or_default();
    let word_start = window
        .iter()
        .rposition(|byte| byte.is_ascii_whitespace() || matches!(byte, b'(' | b'"'))
        .map_or(from, |place| from + place + 1);
    let word = text.get(word_start..at).unwrap_or("");
    let next = text.get(end..)?.trim_start().chars().next();
    let Some(next) = next else { return Some(end) };
    if next.is_lowercase()
        && !bytes.get(end..).is_some_and(|rest| rest.starts_with(b"\n"))
        && is_abbreviation(word)
    {
        return None;
    }
    let mut letters = word.chars();
    let initial = matches!((letters.next(), letters.next()), (Some(letter), None) if letter.is_uppercase() && letter != 'I');
    let ordinal = !word.is_empty() && word.len() <= 2 && word.bytes().all(|byte| byte.is_ascii_digit());
    let titled = is_abbreviation(word)
        && !matches!(
            word.to_ascii_lowercase().as_str(),
            "etc" | "no" | "usw" | "enz" | "ecc" | "min" | "max" | "co" | "inc"
        );
    let list = ordinal && word_start == first_of_line(text, start);
    let day = ordinal && (next.is_lowercase() || is_month(text.get(end..).unwrap_or("").trim_start()));
    (!(initial || titled || list || day)).then_some(end)
}

fn first_of_line(text: &str, start: usize) -> usize {
    let rest = text.get(start..).unwrap_or("");
    start + (rest.len() - rest.trim_start().len())
}

fn is_abbreviation(word: &str) -> bool {
    word.len() <= 6 && ABBREVIATIONS.contains(&word.to_lowercase().as_str())
}

fn is_month(rest: &str) -> bool {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mär", "Apr", "Mai", "Jun", "Jul", "Aug", "Sep", "Okt", "Nov", "Dez"];
    MONTHS.iter().any(|month| rest.starts_with(month))
}

/// The end marks of Chinese, Japanese, Hindi and Arabic, and the ellipsis before a space.
fn wide_mark(bytes: &[u8], at: usize) -> Option<usize> {
    let rest = bytes.get(at..)?;
    let mark: [&[u8]; 5] =
        ["。".as_bytes(), "！".as_bytes(), "？".as_bytes(), "।".as_bytes(), "؟".as_bytes()];
    if let Some(mark) = mark.iter().find(|mark| rest.starts_with(mark)) {
        return Some(at + mark.len());
    }
    (rest.starts_with("…".as_bytes()) && space_follows(bytes, at + 3)).then_some(at + 3)
}

#[cfg(test)]
mod tests;
