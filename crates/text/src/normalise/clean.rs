//! Control, hidden and direction-changing characters out, whitespace into single spaces and line ends.

use unicode_normalization::{IsNormalized, is_nfc_quick};

use super::mojibake;

/// What becomes of a character.
enum Fate {
    Keep,
    Drop,
    Space,
    Line,
    Joiner,
}

fn fate(character: char) -> Fate {
    match character {
        '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}' => Fate::Line,
        ' ' | '\t' => Fate::Space,
        '\0'..='\x1f' | '\x7f'..='\u{9f}' | '\u{ad}' => Fate::Drop,
        '\u{21}'..='\u{7e}' => Fate::Keep,
        '\u{200c}' | '\u{200d}' => Fate::Joiner,
        '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' => Fate::Drop,
        '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}' => {
            Fate::Drop
        }
        _ if character.is_whitespace() => Fate::Space,
        _ => Fate::Keep,
    }
}

/// Says whether the character joins or parts its neighbours without being seen.
pub(super) fn is_joiner(character: char) -> bool {
    matches!(character, '\u{200c}' | '\u{200d}')
}

/// Emoji sequences and the scripts of Persian and India need joiners; elsewhere they only hide.
fn joins(character: char) -> bool {
    matches!(character, '\u{600}'..='\u{6ff}' | '\u{900}'..='\u{dff}' | '\u{2600}'..='\u{27bf}' | '\u{fe0f}' | '\u{1f300}'..='\u{1faff}')
}

/// Says whether cleaning, repair and NFC would all leave the text as it is.
pub(super) fn is_clean(text: &str) -> bool {
    let mut last = b'\n';
    let mut ascii = true;
    for &byte in text.as_bytes() {
        match byte {
            b' ' | b'\n' if matches!(last, b' ' | b'\n') => return false,
            b'\n' | 0x20..=0x7e => {}
            0x80.. => ascii = false,
            _ => return false,
        }
        if byte == b'\n' && last == b' ' {
            return false;
        }
        last = byte;
    }
    if !text.is_empty() && matches!(last, b' ' | b'\n') {
        return false;
    }
    ascii
        || (is_clean_beyond_ascii(text)
            && is_nfc_quick(text.chars()) == IsNormalized::Yes
            && !mojibake::is_suspicious(text))
}

fn is_clean_beyond_ascii(text: &str) -> bool {
    text.chars().all(|character| matches!(character, ' ' | '\n') || matches!(fate(character), Fate::Keep))
}

/// Returns the text without what is hidden, with whitespace collapsed; single line ends stay.
pub(super) fn clean(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let (mut space, mut line) = (false, false);
    let mut rest = text.chars().peekable();
    while let Some(character) = rest.next() {
        match fate(character) {
            Fate::Line => line = true,
            Fate::Space => space = true,
            Fate::Drop => {}
            Fate::Joiner => {
                let before = !space && !line && out.chars().next_back().is_some_and(joins);
                if before && rest.peek().copied().is_some_and(joins) {
                    out.push(character);
                }
            }
            Fate::Keep => {
                if !out.is_empty() && (line || space) {
                    out.push(if line { '\n' } else { ' ' });
                }
                (space, line) = (false, false);
                out.push(character);
            }
        }
    }
    out
}
