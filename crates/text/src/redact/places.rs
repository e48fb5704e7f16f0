//! Addresses by what only addresses have: a flat or suite behind a numbered street, a military post office, a postcode.

use memchr::memmem;

use crate::words::{Word, words};

use super::context::{Found, byte_before};
use super::digits::Group;
use super::kind::PersonalKind;

/// Parts of a building, in lower case.
const UNITS: [&str; 7] = ["suite", "ste", "apt", "apartment", "flat", "unit", "appartement"];
/// Longest stretch before the part of a building, and behind it to a postcode, in bytes.
const BEFORE: usize = 72;
const BEHIND: usize = 64;
/// Most words between the house number and the part of the building, and between that and the postcode.
const MOST_WORDS: usize = 7;

/// Finds such addresses around the groups of digits.
pub(super) fn find(text: &str, groups: &[Group], out: &mut Vec<Found>) {
    let mut after = 0;
    for (place, group) in groups.iter().enumerate() {
        if group.start < after {
            continue;
        }
        let found = unit(text, groups, place, after).or_else(|| military(text, group, after));
        if let Some((start, end)) = found {
            after = end;
            out.push(Found { start, end, kind: PersonalKind::Address });
        }
    }
}

fn window(text: &str, from: usize, until: usize) -> &str {
    let (mut from, mut until) = (from, until.min(text.len()));
    while !text.is_char_boundary(from) {
        from += 1;
    }
    while !text.is_char_boundary(until) {
        until -= 1;
    }
    text.get(from..until).unwrap_or("")
}

/// "25 Some Name 72 Apt. 4": the group is the number of the flat. Returns the address from its house number to its postcode.
fn unit(text: &str, groups: &[Group], place: usize, after: usize) -> Option<(usize, usize)> {
    let group = groups.get(place).filter(|group| group.len() <= 5)?;
    let left = window(text, group.start.saturating_sub(16).max(after), group.start);
    let head = left.trim_end_matches([' ', '.', '#']);
    let kind = head.rsplit([' ', '\n', ',']).next()?;
    if head.len() == left.len() || !UNITS.contains(&kind.to_lowercase().as_str()) {
        return None;
    }
    let unit_start = group.start - left.len() + head.len() - kind.len();
    let reach = unit_start.saturating_sub(BEFORE).max(after);
    let houses = groups.get(..place)?.iter().rev().take(4).take_while(|house| house.start >= reach);
    let mut start = None;
    for house in houses.filter(|house| house.len() <= 5) {
        let between = text.get(house.end..unit_start)?;
        let count = words(between).count();
        let blank =
            !byte_before(text, house.start).is_ascii_alphanumeric() && byte_before(text, house.start) != b'#';
        let sentence = [". ", "! ", "? ", ": ", "\n\n"].iter().any(|mark| ends_sentence(between, mark));
        if count > MOST_WORDS || sentence || !blank {
            break;
        }
        if count > 0 {
            start = Some(house.start);
        }
    }
    Some((start?, postcode(text, groups.get(place + 1..).unwrap_or_default(), group.end)))
}

/// A full stop behind an abbreviation or a number does not end a sentence.
fn ends_sentence(between: &str, mark: &str) -> bool {
    memmem::find_iter(between.as_bytes(), mark).any(|at| {
        let word = between.get(..at).unwrap_or("").rsplit([' ', '\n']).next().unwrap_or("");
        mark != ". " || (word.chars().count() > 4 && !word.bytes().all(|byte| byte.is_ascii_digit()))
    })
}

/// The end of a town and postcode that follow, or the given end.
fn postcode(text: &str, groups: &[Group], end: usize) -> usize {
    let mut reached = end;
    for group in groups.iter().take(2).take_while(|group| group.start < end + BEHIND) {
        let between = text.get(reached..group.start).unwrap_or("");
        let plain = between.chars().all(|sign| {
            sign.is_alphabetic() || matches!(sign, ' ' | '\n' | ',' | '.' | '-' | '(' | ')' | '\'')
        });
        let sentence = [". ", ": "].iter().any(|mark| ends_sentence(between, mark));
        if !plain || sentence || words(between).count() > MOST_WORDS {
            break;
        }
        let unit =
            between.split([' ', '\n', '.', ',']).any(|word| UNITS.contains(&word.to_lowercase().as_str()));
        if matches!(group.len(), 4..=6) || unit {
            reached = group.end;
        }
        if matches!(group.len(), 4..=6) {
            break;
        }
    }
    reached
}

/// "PSC 1, Box 2 APO AE 12345" (United States Postal Service, Publication 28, section 238). The group is the last one.
fn military(text: &str, group: &Group, after: usize) -> Option<(usize, usize)> {
    if group.len() != 5 {
        return None;
    }
    let left = window(text, group.start.saturating_sub(48).max(after), group.start);
    let all: Vec<Word<'_>> = words(left).collect();
    let [.., office, region] = all.as_slice() else { return None };
    let is = |word: &Word<'_>, list: &[&str]| list.contains(&word.text.to_ascii_lowercase().as_str());
    if !is(office, &["apo", "fpo", "dpo"]) || !is(region, &["aa", "ae", "ap"]) {
        return None;
    }
    let opening = ["psc", "cmr", "unit", "uss", "usns", "usnv", "uscgc", "box"];
    let before = all.get(all.len().saturating_sub(8)..all.len() - 2).unwrap_or_default();
    let opened = before.iter().find(|word| is(word, &opening));
    let start = opened.unwrap_or(office).start;
    Some((group.start - left.len() + start, group.end))
}
