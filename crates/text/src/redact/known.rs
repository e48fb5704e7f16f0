//! Values that the source knows to be personal: found word by word, in any case, and names by their parts too.

use crate::fold::fold_for_match;
use crate::words::{Word, words};

use super::context::Found;
use super::digits::Group;
use super::kind::{Known, PersonalKind};

/// Titles and particles: no part of a name that would betray anybody.
const NO_PART: [&str; 33] = [
    "mrs", "miss", "prof", "herr", "frau", "mme", "mlle", "monsieur", "madame", "sir", "señor", "señora",
    "sig", "dott", "van", "von", "der", "den", "del", "dos", "das", "della", "the", "and", "bin", "ben",
    "ibn", "les", "las", "los", "jun", "sen", "dr.",
];
/// First names that are also ordinary words; alone and in lower case they stay.
const ORDINARY: [&str; 24] = [
    "will", "may", "mark", "art", "bill", "rich", "grant", "hope", "joy", "faith", "grace", "dawn", "june",
    "april", "august", "rose", "frank", "jack", "sunny", "summer", "max", "pat", "rob", "drew",
];
/// Telephone numbers are compared by so many digits from the right.
const PHONE_CORE: usize = 9;
const PHONE_LEAST: usize = 7;

/// A known value made ready.
struct Needle {
    words: Vec<String>,
    gaps: Vec<String>,
    before: String,
    after: String,
    kind: PersonalKind,
    /// Whether it must begin with a capital in the text.
    capital: bool,
}

/// Finds all known values.
pub(super) fn find(text: &str, groups: &[Group], known: &[Known<'_>], out: &mut Vec<Found>) {
    let mut needles = Vec::new();
    for value in known {
        prepare(value, &mut needles);
        if value.kind == PersonalKind::Phone {
            phones(text, groups, value.value, out);
        }
    }
    if needles.is_empty() {
        return;
    }
    let longest = needles.iter().map(|needle| needle.words.len()).max().unwrap_or(1);
    let all: Vec<Word<'_>> = words(text).collect();
    for (at, first) in all.iter().enumerate() {
        if !may_begin(first.text, &needles) {
            continue;
        }
        let rest = all.get(at..).unwrap_or_default();
        let lower: Vec<_> = rest.iter().take(longest).map(|word| fold_for_match(word.text)).collect();
        let best = needles
            .iter()
            .filter_map(|needle| matched(text, needle, rest, &lower))
            .max_by_key(|found| found.end);
        out.extend(best);
    }
}

/// Says, without folding, whether any value can begin at a word: rather too often than too seldom.
fn may_begin(word: &str, needles: &[Needle]) -> bool {
    let bytes = word.as_bytes();
    let Some(first) = bytes.first().map(u8::to_ascii_lowercase) else { return false };
    let elided = bytes.contains(&b'\'');
    !word.is_ascii()
        || elided
        || needles.iter().any(|needle| {
            needle.words.first().is_some_and(|wanted| {
                wanted.len() == bytes.len() && wanted.as_bytes().first() == Some(&first)
            })
        })
}

fn prepare(known: &Known<'_>, needles: &mut Vec<Needle>) {
    let value = known.value.trim();
    let parts: Vec<Word<'_>> = words(value).collect();
    let letters: usize = parts.iter().map(|part| part.text.chars().count()).sum();
    let (Some(first), Some(last)) = (parts.first(), parts.last()) else { return };
    if letters < 2 {
        return;
    }
    let folded: Vec<String> = parts.iter().map(|part| fold_for_match(part.text).into_owned()).collect();
    let ordinary = known.kind == PersonalKind::Name
        && parts.len() == 1
        && (letters < 3 || folded.iter().any(|part| ORDINARY.contains(&part.as_str())));
    let gaps = parts
        .windows(2)
        .filter_map(|pair| if let [left, right] = pair { value.get(left.end..right.start) } else { None });
    let gaps = gaps.map(squeeze).collect();
    let (before, after) = (value.get(..first.start).unwrap_or(""), value.get(last.end..).unwrap_or(""));
    if known.kind == PersonalKind::Name && parts.len() > 1 {
        for part in folded.iter().filter(|part| {
            part.chars().filter(|sign| sign.is_alphabetic()).count() >= 3 && !NO_PART.contains(&part.as_str())
        }) {
            needles.push(Needle {
                words: vec![part.clone()],
                gaps: Vec::new(),
                before: String::new(),
                after: String::new(),
                kind: known.kind,
                capital: true,
            });
        }
    }
    needles.push(Needle {
        words: folded,
        gaps,
        before: before.to_owned(),
        after: after.to_owned(),
        kind: known.kind,
        capital: ordinary,
    });
}

/// A gap without its spaces; signs that only separate count as none.
fn squeeze(gap: &str) -> String {
    gap.chars()
        .filter(|sign| {
            !sign.is_whitespace() && !matches!(sign, '-' | '.' | ',' | ';' | '_' | '\u{2010}' | '\u{2011}')
        })
        .collect()
}

fn matched(text: &str, needle: &Needle, rest: &[Word<'_>], lower: &[impl AsRef<str>]) -> Option<Found> {
    let (first, last) = (rest.first()?, rest.get(needle.words.len().checked_sub(1)?)?);
    let mut start = first.start;
    let mut end = last.end;
    for (place, (wanted, given)) in needle.words.iter().zip(lower).enumerate() {
        let given = given.as_ref();
        if wanted == given {
            continue;
        }
        let mut core = given;
        if place == 0
            && let Some((article, name)) = core.split_once('\'').filter(|(article, _)| article.len() <= 2)
        {
            // "d'Anna": the article and its apostrophe stay.
            start += article.len() + apostrophe_length(rest.first()?.text);
            core = name;
        }
        if place + 1 == needle.words.len()
            && let Some(name) = core.strip_suffix("'s")
        {
            end -= 1 + apostrophe_length(last.text);
            core = name;
        }
        if core != wanted {
            return None;
        }
    }
    let linked = needle.gaps.iter().zip(rest.windows(2)).all(|(gap, pair)| match pair {
        [left, right] => {
            text.get(left.end..right.start).is_some_and(|given| given.len() <= 8 && squeeze(given) == *gap)
        }
        _ => false,
    });
    let capital = !needle.capital
        || text
            .get(start..)
            .and_then(|rest| rest.chars().next())
            .is_some_and(|letter| letter.is_uppercase() || !letter.is_lowercase());
    if !linked || !capital || end <= start {
        return None;
    }
    if !needle.before.is_empty() && text.get(..start).is_some_and(|rest| rest.ends_with(&needle.before)) {
        start -= needle.before.len();
    }
    if !needle.after.is_empty() && text.get(end..).is_some_and(|rest| rest.starts_with(&needle.after)) {
        end += needle.after.len();
    }
    Some(Found { start, end, kind: needle.kind })
}

fn apostrophe_length(word: &str) -> usize {
    if word.contains('\u{2019}') { '\u{2019}'.len_utf8() } else { 1 }
}

/// Finds a telephone number by its digits, whatever stands between them.
fn phones(text: &str, groups: &[Group], value: &str, out: &mut Vec<Found>) {
    let wanted: Vec<u8> = value.replace("(0)", "").bytes().filter(u8::is_ascii_digit).collect();
    let wanted = wanted.get(wanted.iter().take_while(|digit| **digit == b'0').count()..).unwrap_or_default();
    let core = wanted.get(wanted.len().saturating_sub(PHONE_CORE)..).unwrap_or_default();
    if core.len() < PHONE_LEAST {
        return;
    }
    for last in 0..groups.len() {
        if let Some((start, end)) = phone_ending(text, groups.get(..=last).unwrap_or_default(), core) {
            out.push(Found { start, end, kind: PersonalKind::Phone });
        }
    }
}

/// Reads digits from the right, and goes on to the left over the rest of the number.
fn phone_ending(text: &str, groups: &[Group], core: &[u8]) -> Option<(usize, usize)> {
    let end = groups.last()?.end;
    let mut left = core.len();
    let mut start = end;
    let mut read = 0;
    for group in groups.iter().rev().take(12) {
        let near = start == end
            || text.get(group.end..start).is_some_and(|gap| {
                gap.chars().count() <= 3 && !gap.contains('\n') && !gap.contains(char::is_alphanumeric)
            });
        if !near || (left == 0 && read + group.len() > 15) {
            break;
        }
        let digits = text.as_bytes().get(group.start..group.end)?;
        let overlap = digits.len().min(left);
        if digits.get(digits.len() - overlap..) != core.get(left - overlap..left) {
            return None;
        }
        if left == 0 && digits.len() > 4 {
            break;
        }
        left -= overlap;
        start = group.start;
        read += digits.len();
        if left == 0 && !is_prefixed(text, start) {
            break;
        }
    }
    if left > 0 {
        return None;
    }
    let plus = text.get(..start).is_some_and(|rest| rest.ends_with(['+', '(']));
    Some((if plus { start - 1 } else { start }, end))
}

/// Says whether the number may go on to the left: a trunk or country code before it.
fn is_prefixed(text: &str, start: usize) -> bool {
    let rest = text.get(..start).unwrap_or("").trim_end_matches([' ', '-', '(', ')', '/', '.']);
    let code = rest.len() - rest.trim_end_matches(|sign: char| sign.is_ascii_digit()).len();
    let before = rest.get(..rest.len() - code).unwrap_or("");
    (1..=4).contains(&code)
        && (before.ends_with(['+', '('])
            || rest.get(rest.len() - code..).is_some_and(|code| code.starts_with('0')))
}
