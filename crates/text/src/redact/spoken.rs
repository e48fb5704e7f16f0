//! Numbers and mail addresses that are written as they are spoken: "four one five …", "jane dot doe at example dot com".

use crate::words::{Word, words};

use super::checks::luhn;
use super::context::{Found, Left};
use super::kind::PersonalKind;

/// Digits from 0 in the languages that feedback comes in; each word stands in one language only.
const DIGITS: [&[&str]; 10] = [
    &["zero", "oh", "null", "cero", "zéro", "nul", "nought"],
    &["one", "eins", "un", "uno", "um", "één", "een"],
    &["two", "zwei", "zwo", "deux", "dos", "due", "twee", "dois"],
    &["three", "drei", "trois", "tres", "tre", "drie", "três"],
    &["four", "vier", "quatre", "cuatro", "quattro", "quatro"],
    &["five", "fünf", "cinq", "cinco", "cinque", "vijf"],
    &["six", "sechs", "seis", "sei", "zes", "meia"],
    &["seven", "sieben", "sept", "siete", "sette", "zeven", "sete"],
    &["eight", "acht", "huit", "ocho", "otto", "oito"],
    &["nine", "neun", "neuf", "nueve", "nove", "negen"],
];
const DOTS: [&str; 6] = ["dot", "punkt", "punto", "point", "ponto", "punt"];
const ATS: [&str; 7] = ["at", "arroba", "arobase", "chiocciola", "klammeraffe", "apenstaartje", "ät"];
const JOINS: [&str; 8] = ["dot", "punkt", "punto", "ponto", "underscore", "dash", "hyphen", "minus"];
const TOPS: [&str; 24] = [
    "com", "org", "net", "edu", "gov", "info", "de", "uk", "fr", "es", "it", "nl", "pt", "br", "at", "ch",
    "be", "cz", "pl", "eu", "io", "co", "ca", "au",
];
const SOCIAL: [&str; 3] = ["ssn", "social", "insurance"];
/// A spoken number has so many digits at least.
const FEWEST: usize = 7;

/// Finds what is spoken.
pub(super) fn find(text: &str, out: &mut Vec<Found>) {
    let (numbers, dots) = hints(text);
    if numbers < FEWEST - 3 && dots == 0 {
        return;
    }
    let all: Vec<Word<'_>> = words(text).collect();
    let folded: Vec<String> = all.iter().map(|word| word.text.to_lowercase()).collect();
    if dots > 0 {
        mails(text, &all, &folded, out);
    }
    if numbers >= FEWEST - 3 {
        runs(text, &all, &folded, out);
    }
}

/// Returns the longest run of words that may be digits, rather too long, and how many words for dots there are: quickly.
fn hints(text: &str) -> (usize, usize) {
    let (mut run, mut longest, mut dots) = (0, 0, 0);
    let mut rest = text.as_bytes();
    while !rest.is_empty() {
        let end = rest.iter().position(|byte| *byte == b' ').unwrap_or(rest.len());
        let word = rest.get(..end).unwrap_or_default();
        rest = rest.get(end + 1..).unwrap_or_default();
        let word = word.strip_prefix(b"(").or(word.strip_prefix(b"[")).unwrap_or(word);
        let [first, second, ..] = word else {
            run = if word.is_empty() || word.first().is_some_and(u8::is_ascii_digit) { run } else { 0 };
            continue;
        };
        let (first, second) = (first.to_ascii_lowercase(), second.to_ascii_lowercase());
        let dot =
            matches!((first, second), (b'd', b'o') | (b'p', b'u' | b'o')) && (3..=7).contains(&word.len());
        if dot
            && DOTS.iter().any(|dot| {
                word.get(..dot.len()).is_some_and(|head| head.eq_ignore_ascii_case(dot.as_bytes()))
            })
        {
            dots += 1;
        }
        run = if word.len() <= 24 && begins_like_a_digit(first, second) { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    (longest, dots)
}

fn begins_like_a_digit(first: u8, second: u8) -> bool {
    match first {
        b'z' => matches!(second, b'e' | b'w' | 0xc3),
        b'o' => matches!(second, b'h' | b'n' | b'c' | b't' | b'i'),
        b'n' => matches!(second, b'u' | b'o' | b'i' | b'e'),
        b'e' => matches!(second, b'i' | b'e'),
        b'u' => matches!(second, b'n' | b'm'),
        b't' => matches!(second, b'w' | b'h' | b'r'),
        b'd' => matches!(second, b'r' | b'e' | b'o' | b'u'),
        b'f' => matches!(second, b'o' | b'i' | 0xc3),
        b'v' => second == b'i',
        b'q' => second == b'u',
        b'c' => matches!(second, b'u' | b'i' | b'e'),
        b's' => matches!(second, b'i' | b'e'),
        b'a' => second == b'c',
        b'h' => second == b'u',
        b'm' => second == b'e',
        _ => first == 0xc3,
    }
}

fn digit(word: &str) -> Option<u8> {
    if let [byte] = word.as_bytes() {
        return byte.is_ascii_digit().then_some(*byte);
    }
    (b'0'..=b'9').zip(DIGITS).find(|(_, names)| names.contains(&word)).map(|(digit, _)| digit)
}

/// Runs of spoken digits: a telephone number, or what a check or a cue says. Counting up or down is neither.
fn runs(text: &str, all: &[Word<'_>], folded: &[String], out: &mut Vec<Found>) {
    let mut at = 0;
    while at < all.len() {
        let (start, mut digits, mut spoken) = (at, Vec::new(), 0);
        while let Some(word) = folded.get(at).filter(|_| at == start || is_near(text, all, at)) {
            let times = match word.as_str() {
                "double" | "doppel" | "doble" | "doppio" => 2,
                "triple" | "treble" => 3,
                _ => 1,
            };
            let named = if times > 1 { folded.get(at + 1).map(String::as_str).unwrap_or("") } else { word };
            let Some(digit) = digit(named) else { break };
            digits.extend(std::iter::repeat_n(digit, times));
            spoken += usize::from(!named.starts_with(|sign: char| sign.is_ascii_digit())) * times;
            at += if times > 1 { 2 } else { 1 };
        }
        let stepped = digits
            .windows(2)
            .filter(|pair| matches!(pair, [left, right] if left.abs_diff(*right) == 1))
            .count();
        if digits.len() >= FEWEST
            && digits.len() <= 24
            && spoken * 2 >= digits.len()
            && stepped + 2 < digits.len()
            && let (Some(first), Some(last)) =
                (all.get(start), at.checked_sub(1).and_then(|last| all.get(last)))
        {
            let kind = if digits.len() >= 13 && luhn(&digits) {
                PersonalKind::Card
            } else if digits.len() == 9 && Left::of(text, first.start).has(&SOCIAL) {
                PersonalKind::NationalId
            } else {
                PersonalKind::Phone
            };
            out.push(Found { start: first.start, end: last.end, kind });
        }
        at = at.max(start + 1);
    }
}

/// Says whether only light signs stand between a word and the one before.
fn is_near(text: &str, all: &[Word<'_>], at: usize) -> bool {
    let (Some(word), Some(before)) = (all.get(at), at.checked_sub(1).and_then(|before| all.get(before)))
    else {
        return false;
    };
    text.get(before.end..word.start)
        .is_some_and(|between| between.len() <= 4 && between.bytes().all(|byte| b" ,-./".contains(&byte)))
}

fn mails(text: &str, all: &[Word<'_>], folded: &[String], out: &mut Vec<Found>) {
    let is = |at: Option<usize>, list: &[&str]| {
        at.and_then(|at| folded.get(at)).is_some_and(|word| list.contains(&word.as_str()))
    };
    let near = |at: usize| {
        text.get(all.get(at).map_or(0, |word| word.end)..all.get(at + 1).map_or(0, |word| word.start))
            .is_some_and(|between| {
                between == " "
                    || between.len() <= 3 && between.bytes().all(|byte| b" ()[]{}<>-_.".contains(&byte))
            })
    };
    let mut after = 0;
    for at in 0..all.len() {
        if !(is(Some(at), &DOTS) && is(Some(at + 1), &TOPS)) || at < after {
            continue;
        }
        // Back to the word for the at sign, over the labels of the domain.
        let mut place = at;
        while place >= 3 && is(Some(place - 2), &DOTS) {
            place -= 2;
        }
        let Some(sign) = place.checked_sub(2).filter(|sign| *sign > 0 && is(Some(*sign), &ATS)) else {
            continue;
        };
        let mut first = sign - 1;
        let glued = |at: usize| {
            let gap = text
                .get(all.get(at - 1).map_or(0, |word| word.end)..all.get(at).map_or(0, |word| word.start));
            gap.is_some_and(|gap| matches!(gap, "_" | "." | "-" | "+"))
        };
        loop {
            if first >= 2 && is(Some(first - 1), &JOINS) {
                first -= 2;
            } else if first >= 1 && glued(first) {
                first -= 1;
            } else {
                break;
            }
        }
        let mut last = at + 1;
        while is(Some(last + 1), &DOTS) && is(Some(last + 2), &TOPS) {
            last += 2;
        }
        if (first..last).all(near)
            && let (Some(first), Some(last_word)) = (all.get(first), all.get(last))
        {
            after = last;
            out.push(Found { start: first.start, end: last_word.end, kind: PersonalKind::Email });
        }
    }
}
