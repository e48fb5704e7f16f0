//! A mail cut to the customer's own words: no quoted history, no signature, no disclaimer.

use std::borrow::Cow;

use super::quoted::{Cut, cut_at, is_device_line, is_disclaimer, is_signature_mark};

/// Returns what the writer wrote. A mail that is nothing but quotes stays as it is.
pub(super) fn own_words(mail: &str) -> Cow<'_, str> {
    let lines: Vec<&str> = mail.lines().collect();
    let mut own: Vec<&str> = Vec::with_capacity(lines.len());
    let mut at = 0;
    let mut worded = false;
    while let Some(&line) = lines.get(at) {
        let text = line.trim();
        let window = lines.get(at..).unwrap_or_default();
        if text.starts_with('>') || is_device_line(text) {
            at += 1;
            continue;
        }
        match cut_at(window) {
            Cut::Rest => break,
            Cut::Header(read) => {
                at += read;
                continue;
            }
            Cut::Nothing => {}
        }
        if worded && (is_signature_mark(line) || is_disclaimer(text)) {
            break;
        }
        worded = worded || text.chars().any(char::is_alphanumeric);
        own.push(line);
        at += 1;
    }
    if !worded || own.len() == lines.len() {
        return Cow::Borrowed(mail);
    }
    Cow::Owned(own.join("\n"))
}
