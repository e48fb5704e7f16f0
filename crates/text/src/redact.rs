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
mod web;

use memchr::{memchr_iter, memchr3};

pub use kind::{Known, PersonalKind, Redacted, Span};

use context::Found;

/// A replaced number may bring others into the right light; the text is looked at until nothing more is found, and
/// never more often than this.
const PASSES: usize = 8;

/// Finds and removes personal data. Made once, shared by all threads.
#[derive(Debug, Default, Clone)]
pub struct Redactor {}

impl Redactor {
    /// Makes a redactor.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Replaces personal data by placeholders: what is known, and what has the form of it. Known values of fewer than
    /// two letters or digits are passed over. Redacting a redacted text changes nothing.
    #[must_use]
    pub fn redact(&self, text: &str, known: &[Known<'_>]) -> Redacted {
        let mut replaced: Vec<Found> = Vec::new();
        let mut current = text.to_owned();
        for _ in 0..PASSES {
            let found = find(&current, known);
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
fn find(text: &str, known: &[Known<'_>]) -> Vec<Found> {
    let bytes = text.as_bytes();
    let digits = bytes.iter().any(u8::is_ascii_digit);
    let signs = memchr3(b'@', b'=', b':', bytes).is_some();
    let mut out = Vec::new();
    if !digits && !signs && known.is_empty() {
        return out;
    }
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
    }
    if !known.is_empty() {
        known::find(text, &groups, known, &mut out);
    }
    if out.is_empty() { out } else { resolved(text, out) }
}

/// Sorts, unites what overlaps under the kind of the longer one, and leaves placeholders alone.
fn resolved(text: &str, mut found: Vec<Found>) -> Vec<Found> {
    let placeholders = placeholders(text);
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
