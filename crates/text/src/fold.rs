//! Folding for matching: lower case, and typographic quotes as typewriter ones.

use std::borrow::Cow;

/// Returns the text in lower case with typographic quotes and apostrophes as `'` and `"`. Its length in bytes may change.
#[must_use]
pub fn fold_for_match(text: &str) -> Cow<'_, str> {
    if text.bytes().all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase()) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    fold_into(text, &mut out);
    Cow::Owned(out)
}

/// Appends the folded text.
pub(crate) fn fold_into(text: &str, out: &mut String) {
    if text.is_ascii() {
        let start = out.len();
        out.push_str(text);
        if let Some(tail) = out.get_mut(start..) {
            tail.make_ascii_lowercase();
        }
        return;
    }
    for character in text.chars() {
        match character {
            'A'..='Z' => out.push(character.to_ascii_lowercase()),
            '\0'..='\x7f' => out.push(character),
            '\u{2018}'..='\u{201b}' | '\u{2032}' | '\u{02bc}' | '\u{ff07}' => out.push('\''),
            '\u{201c}'..='\u{201f}' | '\u{2033}' | '\u{00ab}' | '\u{00bb}' | '\u{ff02}' => out.push('"'),
            _ => out.extend(character.to_lowercase()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_and_case_are_folded() {
        assert_eq!(fold_for_match("It\u{2019}s \u{201c}GREAT\u{201d} «Été»"), "it's \"great\" \"été\"");
        assert!(matches!(fold_for_match("already folded 12"), Cow::Borrowed(_)));
    }
}
