//! Whether a model's answer is a name: short, plain, nobody's data, and about the theme.

use std::collections::BTreeSet;

use groundswell_insight::themes::function_words;
use groundswell_text::{Analyser, Language, Redactor};

use super::recent::Outcome;
use super::{Refusal, Shown};

/// Characters that a name has.
const CHARS: std::ops::RangeInclusive<usize> = 2..=60;
/// Signs of markup, of code and of quotations.
const MARKUP: &[char] = &[
    '<', '>', '[', ']', '{', '}', '*', '_', '#', '`', '|', '\\', '^', '~', '=', '"', '“', '”', '„', '‟', '‘',
    '‚', '«', '»', '‹', '›', '「', '」', '『', '』', '《', '》',
];

/// Gives the name in an answer, or what is wrong with it.
pub(super) fn checked(answer: &str, shown: &Shown, redactor: &Redactor) -> Outcome {
    let name = answer.trim();
    if !CHARS.contains(&name.chars().count()) {
        return Err(Refusal::Length);
    }
    if !name.chars().all(shows) {
        return Err(Refusal::Lines);
    }
    if name.contains(MARKUP) || name.starts_with(['\'', '’', '-']) || name.ends_with('\'') {
        return Err(Refusal::Markup);
    }
    if has_address(name) {
        return Err(Refusal::Address);
    }
    if !redactor.redact(name, &[]).spans.is_empty() {
        return Err(Refusal::Personal);
    }
    if !founded(name, shown) {
        return Err(Refusal::Unfounded);
    }
    Ok(name.to_owned())
}

/// Says whether a character shows, stands in its place and does not turn the direction of others.
fn shows(c: char) -> bool {
    let hidden = matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}');
    !c.is_control() && !hidden
}

/// Says whether there is a scheme, a `www.`, an at sign, or a dot between a letter and a letter.
fn has_address(name: &str) -> bool {
    let lower = name.to_lowercase();
    let chars: Vec<char> = lower.chars().collect();
    let dotted = chars.windows(3).any(|three| match three {
        [before, '.', after] => before.is_alphanumeric() && after.is_alphabetic(),
        _ => false,
    });
    lower.contains("//") || lower.contains('@') || dotted
}

/// Says whether a word of the name, but for function words, has a stem in common with what was sent.
fn founded(name: &str, shown: &Shown) -> bool {
    let mut analyser = Analyser::new();
    let mut sent = BTreeSet::new();
    for text in shown.words.iter().chain(&shown.examples) {
        sent.extend(stems(text, shown.language, &mut analyser));
    }
    stems(name, shown.language, &mut analyser).iter().any(|stem| sent.contains(stem))
}

/// Gives the stems of a text, without function words and placeholders of redaction.
fn stems(text: &str, language: Option<Language>, analyser: &mut Analyser) -> Vec<String> {
    let primary = language.map(|language| language.primary().to_string()).unwrap_or_default();
    let empty: BTreeSet<&str> = function_words(&primary).collect();
    let mut found = Vec::new();
    analyser.terms(text, language, &mut |term| {
        let placeholder = text.get(..term.start).is_some_and(|before| before.ends_with('['))
            && text.get(term.end..).is_some_and(|after| after.starts_with(']'));
        if !placeholder && !empty.contains(term.form) && term.form.chars().any(char::is_alphabetic) {
            found.push(term.stem.to_owned());
        }
    });
    found
}
