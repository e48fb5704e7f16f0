//! Runs of digits and the chains they form, and what each chain is.

use super::context::{Found, byte, byte_before, is_word_at, is_word_before};
use super::kind::PersonalKind;
use super::{card, national, network, phone};

/// A run of digits, in bytes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Group {
    pub start: usize,
    pub end: usize,
    /// Whether no letter or underscore touches it.
    pub clean: bool,
}

impl Group {
    pub(super) fn len(&self) -> usize {
        self.end - self.start
    }
}

/// What stands between two groups of one chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Gap {
    Space,
    Dash,
    Dot,
    Slash,
    Bracket,
}

/// No number of a person has more groups.
const MOST_GROUPS: usize = 10;
/// No number of a person has more digits.
pub(super) const MOST_DIGITS: usize = 19;

/// Returns all runs of digits.
pub(super) fn groups(text: &str) -> Vec<Group> {
    let mut out = Vec::new();
    let mut start = None;
    for (at, byte) in text.bytes().enumerate() {
        match (byte.is_ascii_digit(), start) {
            (true, None) => start = Some(at),
            (false, Some(begun)) => {
                out.push(group(text, begun, at));
                start = None;
            }
            _ => {}
        }
    }
    out.extend(start.map(|begun| group(text, begun, text.len())));
    out
}

fn group(text: &str, start: usize, end: usize) -> Group {
    let touched = byte_before(text, start) == b'_'
        || byte(text, end) == b'_'
        || is_word_before(text, start)
        || is_word_at(text, end);
    Group { start, end, clean: !touched }
}

/// Up to ten groups with the gaps between them and all their digits: what one number may be made of.
pub(super) struct Window<'a> {
    pub text: &'a str,
    pub groups: &'a [Group],
    gaps: [Gap; MOST_GROUPS],
    digits: [u8; MOST_DIGITS],
    /// How many digits the first so many groups have.
    counts: [usize; MOST_GROUPS],
    /// How many of the groups hang together and fit.
    pub linked: usize,
    /// What stands between this and the group before, if they hang together.
    pub before: Option<Gap>,
}

impl<'a> Window<'a> {
    fn at(text: &'a str, groups: &'a [Group], before: Option<Gap>) -> Self {
        let mut window = Self {
            text,
            groups: groups.get(..groups.len().min(MOST_GROUPS)).unwrap_or_default(),
            gaps: [Gap::Space; MOST_GROUPS],
            digits: [0; MOST_DIGITS],
            counts: [0; MOST_GROUPS],
            linked: 0,
            before,
        };
        let mut total = 0;
        for (place, group) in window.groups.iter().enumerate() {
            let gap = place
                .checked_sub(1)
                .and_then(|last| window.groups.get(last))
                .map(|last| gap(text, last, group));
            if !group.clean || matches!(gap, Some(None)) || total + group.len() > MOST_DIGITS {
                break;
            }
            if let (Some(slot), Some(Some(gap))) =
                (place.checked_sub(1).and_then(|last| window.gaps.get_mut(last)), gap)
            {
                *slot = gap;
            }
            let source = text.as_bytes().get(group.start..group.end).unwrap_or_default();
            if let Some(slots) = window.digits.get_mut(total..total + group.len()) {
                slots.copy_from_slice(source);
            }
            total += group.len();
            if let Some(count) = window.counts.get_mut(place) {
                *count = total;
            }
            window.linked = place + 1;
        }
        window
    }

    /// The digits of the first `count` groups.
    pub(super) fn digits(&self, count: usize) -> &[u8] {
        let total = count.checked_sub(1).and_then(|last| self.counts.get(last)).copied().unwrap_or(0);
        self.digits.get(..total).unwrap_or_default()
    }

    /// The gaps between the first `count` groups.
    pub(super) fn gaps(&self, count: usize) -> &[Gap] {
        self.gaps.get(..count.saturating_sub(1)).unwrap_or_default()
    }

    /// Says whether the first groups have these lengths.
    pub(super) fn has_shape(&self, lengths: &[usize]) -> bool {
        self.linked >= lengths.len()
            && self.groups.iter().zip(lengths).all(|(group, length)| group.len() == *length)
    }

    pub(super) fn start(&self) -> usize {
        self.groups.first().map_or(0, |group| group.start)
    }

    /// The byte after the first `count` groups.
    pub(super) fn end(&self, count: usize) -> usize {
        count.checked_sub(1).and_then(|last| self.groups.get(last)).map_or(0, |group| group.end)
    }

    /// Says whether nothing numeric goes on behind the first `count` groups but after a space.
    pub(super) fn ends_at(&self, count: usize) -> bool {
        if count < self.linked {
            return matches!(self.gaps.get(count - 1), Some(Gap::Space));
        }
        let end = self.end(count);
        let next = byte(self.text, end + 1).is_ascii_digit();
        !(matches!(byte(self.text, end), b':' | b'.' | b',' | b'-' | b'/') && next)
    }

    /// Says whether nothing numeric goes before the first group but with a space between.
    pub(super) fn begins(&self) -> bool {
        matches!(self.before, None | Some(Gap::Space | Gap::Bracket)) && {
            let start = self.start();
            let parted = matches!(byte_before(self.text, start), b',' | b'.' | b':' | b'-' | b'/');
            !(parted && start >= 2 && byte(self.text, start - 2).is_ascii_alphanumeric())
        }
    }
}

/// Returns what links two groups, if anything does.
fn gap(text: &str, left: &Group, right: &Group) -> Option<Gap> {
    match text.as_bytes().get(left.end..right.start)? {
        b" " | b"\xc2\xa0" => Some(Gap::Space),
        b"-" | b" - " | b"\xe2\x80\x91" | b"\xe2\x80\x93" => Some(Gap::Dash),
        b"." => Some(Gap::Dot),
        b"/" | b" / " => Some(Gap::Slash),
        b")" | b") " | b" (" | b"(" | b")-" | b"-(" | b") - " | b")/" => Some(Gap::Bracket),
        _ => None,
    }
}

/// Finds cards, identity numbers, addresses of version 4 and telephone numbers.
pub(super) fn find(text: &str, groups: &[Group], out: &mut Vec<Found>) {
    let mut at = 0;
    let mut before = None;
    while let Some(rest) = groups.get(at..).filter(|rest| !rest.is_empty()) {
        let window = Window::at(text, rest, before);
        let read = match classify(&window) {
            Some((start, count, kind)) => {
                out.push(Found { start, end: window.end(count), kind });
                before = None;
                count
            }
            None => {
                before = if window.linked > 1 { window.gaps.first().copied() } else { None };
                1
            }
        };
        at += read;
    }
}

/// Says what begins at the first group: where it starts, how many groups it takes, and its kind.
fn classify(window: &Window<'_>) -> Option<(usize, usize, PersonalKind)> {
    if window.linked == 0 || (window.linked == 1 && window.digits(1).len() < 7) {
        return None;
    }
    let start = window.start();
    if let Some(count) = card::match_at(window) {
        return Some((start, count, PersonalKind::Card));
    }
    if let Some(count) = national::match_at(window) {
        return Some((start, count, PersonalKind::NationalId));
    }
    if let Some(count) = network::match_at(window) {
        return Some((start, count, PersonalKind::Ip));
    }
    phone::match_at(window).map(|(start, count)| (start, count, PersonalKind::Phone))
}
