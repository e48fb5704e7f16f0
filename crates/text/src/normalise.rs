//! Text in its one form: the customer's own words, in NFC, without markup, mojibake or hidden characters.

use std::borrow::Cow;

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

mod clean;
mod entities;
mod html;
mod mail;
mod mojibake;
mod quoted;

/// What a text was written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Format {
    /// Text without markup.
    #[default]
    Plain,
    /// HTML, or text that was said to be.
    Html,
    /// The plain body of an e-mail.
    Mail,
    /// The HTML body of an e-mail.
    HtmlMail,
}

/// A text in its one form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Normalised {
    /// The text.
    pub text: String,
    /// Whether it was cut.
    pub truncated: bool,
    /// Whether wrongly decoded characters were put right.
    pub repaired: bool,
}

/// Brings a text into its one form and cuts it at `max_chars` Unicode scalar values. For plain text, doing it again
/// changes nothing.
#[must_use]
pub fn normalise(text: &str, format: Format, max_chars: usize) -> Normalised {
    let given: Cow<'_, str> = match format {
        Format::Plain => Cow::Borrowed(text),
        Format::Html => html::to_text(text, false),
        Format::Mail => mail::own_words(text),
        Format::HtmlMail => Cow::Owned(mail::own_words(&html::to_text(text, true)).into_owned()),
    };
    plain(&given, max_chars)
}

/// Cleaning, repair and NFC can each make room for another; hostile text needs a second round, never many.
const ROUNDS: usize = 8;

fn plain(text: &str, max_chars: usize) -> Normalised {
    if clean::is_clean(text) {
        return cut(text.to_owned(), max_chars, false);
    }
    let mut repaired = false;
    let mut current = text.to_owned();
    for _ in 0..ROUNDS {
        let ascii = current.is_ascii();
        if !ascii && is_nfc_quick(current.chars()) != IsNormalized::Yes {
            current = current.nfc().collect();
        }
        let better = mojibake::repair(&current);
        repaired |= better.is_some();
        let again = clean::clean(better.as_ref().unwrap_or(&current));
        let settled = ascii || again == current;
        current = again;
        if settled {
            break;
        }
    }
    cut(current, max_chars, repaired)
}

fn cut(mut text: String, max_chars: usize, repaired: bool) -> Normalised {
    let mut truncated = false;
    if text.len() > max_chars
        && let Some((end, _)) = text.char_indices().nth(max_chars)
    {
        truncated = true;
        text.truncate(end);
        text.truncate(
            text.trim_end_matches(|last: char| last.is_whitespace() || clean::is_joiner(last)).len(),
        );
    }
    Normalised { text, truncated, repaired }
}

#[cfg(test)]
mod tests;
