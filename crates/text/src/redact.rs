//! Personal data out of a text, with typed placeholders in its place.

mod address;
mod card;
mod checks;
mod codes;
mod context;
mod digits;
mod kind;
mod known;
mod national;
mod network;
mod phone;
mod places;
mod spoken;
mod web;

use std::sync::Arc;

use memchr::{memchr_iter, memchr3};

use crate::names::{NameModel, shipped};

pub use kind::{Known, PersonalKind, Redacted, Span};

use context::Found;

/// A replaced number may bring others into the right light; the text is looked at until nothing more is found, and
/// never more often than this.
const PASSES: usize = 8;

/// Finds and removes personal data. Made once, shared by all threads.
#[derive(Debug, Clone)]
pub struct Redactor {
    names: Option<Arc<NameModel>>,
}

impl Default for Redactor {
    fn default() -> Self {
        Self { names: shipped() }
    }
}

impl Redactor {
    /// Makes a redactor that finds names by the model that ships.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Makes a redactor that finds names by another model.
    #[must_use]
    pub fn with_names(model: NameModel) -> Self {
        Self { names: Some(Arc::new(model)) }
    }

    /// Makes a redactor that finds no names but the known ones.
    #[must_use]
    pub fn without_names() -> Self {
        Self { names: None }
    }

    /// Replaces personal data by placeholders: what is known, and what has the form of it. Known values of fewer than
    /// two letters or digits are passed over. Redacting a redacted text changes nothing.
    #[must_use]
    pub fn redact(&self, text: &str, known: &[Known<'_>]) -> Redacted {
        let mut replaced: Vec<Found> = Vec::new();
        let mut current = text.to_owned();
        for _ in 0..PASSES {
            let found = find(&current, known, self.names.as_deref());
            if found.is_empty() {
                break;
            }
            replaced = merged(&replaced, &found);
            current = rendered(text, &replaced);
        }
        Redacted { text: current, spans: spans(text, &replaced) }
    }
}

/// Finds personal data in the text: sorted, apart from each other and from placeholders.
fn find(text: &str, known: &[Known<'_>], model: Option<&NameModel>) -> Vec<Found> {
    let bytes = text.as_bytes();
    let digits = bytes.iter().any(u8::is_ascii_digit);
    let signs = memchr3(b'@', b'=', b':', bytes).is_some();
    let mut out = Vec::new();
    let groups = if digits { digits::groups(text) } else { Vec::new() };
    if signs {
        web::credentials(text, &mut out);
        web::emails(text, &mut out);
        web::addresses_v6(text, &mut out);
    }
    if digits {
        codes::find(text, &groups, &mut out);
        digits::find(text, &groups, &mut out);
        address::find(text, &groups, &mut out);
        places::find(text, &groups, &mut out);
    }
    spoken::find(text, &mut out);
    if !known.is_empty() {
        known::find(text, &groups, known, &mut out);
    }
    let placeholders = placeholders(text);
    if !out.is_empty() {
        out = resolved(&placeholders, out);
    }
    if let Some(model) = model {
        names(text, &placeholders, model, &mut out);
    }
    out
}

/// Adds names outside of what is found already and of placeholders.
fn names(text: &str, placeholders: &[(usize, usize)], model: &NameModel, out: &mut Vec<Found>) {
    let mut masked: Vec<(usize, usize)> = out.iter().map(|one| (one.start, one.end)).collect();
    masked.extend(placeholders);
    masked.sort_unstable();
    let before = out.len();
    model.find(text, &masked, &mut |start, end| out.push(Found { start, end, kind: PersonalKind::Name }));
    if out.len() > before {
        out.sort_unstable_by_key(|one| one.start);
    }
}

/// Sorts, unites what overlaps under the kind of the longer one, and leaves placeholders alone.
fn resolved(placeholders: &[(usize, usize)], mut found: Vec<Found>) -> Vec<Found> {
    found.sort_by_key(|one| (one.start, std::cmp::Reverse(one.end)));
    let mut out: Vec<Found> = Vec::with_capacity(found.len());
    let mut next = placeholders.iter().peekable();
    for one in found {
        while next.peek().is_some_and(|(_, end)| *end <= one.start) {
            next.next();
        }
        if next.peek().is_some_and(|(start, _)| *start < one.end) || one.end <= one.start {
            continue;
        }
        match out.last_mut() {
            Some(last) if one.start < last.end => {
                if one.end - one.start > last.end - last.start {
                    last.kind = one.kind;
                }
                last.end = last.end.max(one.end);
            }
            _ => out.push(one),
        }
    }
    out
}

fn placeholders(text: &str) -> Vec<(usize, usize)> {
    memchr_iter(b'[', text.as_bytes())
        .filter_map(|at| {
            let rest = text.get(at..)?;
            PersonalKind::placeholders()
                .find(|known| rest.starts_with(known))
                .map(|known| (at, at + known.len()))
        })
        .collect()
}

/// Adds what was found in the rendered text to what was replaced in the given one.
fn merged(replaced: &[Found], found: &[Found]) -> Vec<Found> {
    let mut out = Vec::with_capacity(replaced.len() + found.len());
    let mut earlier = replaced.iter().peekable();
    // Where the rendered text stands behind or before the given one.
    let (mut given, mut shown) = (0, 0);
    for one in found {
        while let Some(edit) = earlier.peek() {
            let start = shown + (edit.start - given);
            if start >= one.end {
                break;
            }
            given = edit.end;
            shown = start + edit.kind.placeholder().len();
            out.push(**edit);
            earlier.next();
        }
        let moved = |at: usize| (at + given).saturating_sub(shown);
        out.push(Found { start: moved(one.start), end: moved(one.end), kind: one.kind });
    }
    out.extend(earlier.copied());
    out
}

fn rendered(text: &str, replaced: &[Found]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for one in replaced {
        out.push_str(text.get(at..one.start).unwrap_or(""));
        out.push_str(one.kind.placeholder());
        at = one.end;
    }
    out.push_str(text.get(at..).unwrap_or(""));
    out
}

/// Counts bytes as Unicode scalar values.
fn spans(text: &str, replaced: &[Found]) -> Vec<Span> {
    let (mut at, mut count) = (0, 0);
    let mut moved = |to: usize| {
        count += text.get(at..to).map_or(0, |part| part.chars().count());
        at = to;
        count
    };
    replaced.iter().map(|one| Span { start: moved(one.start), end: moved(one.end), kind: one.kind }).collect()
}

#[cfg(test)]
mod tests;
