//! Numbers of payment cards: issuer's range, length and check digit.

use super::checks::luhn;
use super::context::{Left, byte_before};
use super::digits::{Gap, Window};

const CUES: [&str; 15] = [
    "card",
    "cc",
    "visa",
    "mastercard",
    "amex",
    "maestro",
    "credit",
    "debit",
    "karte",
    "kreditkarte",
    "carte",
    "tarjeta",
    "carta",
    "kaart",
    "cartão",
];

/// Returns how many groups the card takes that begins at the first group.
pub(super) fn match_at(window: &Window<'_>) -> Option<usize> {
    if matches!(byte_before(window.text, window.start()), b'+' | b'$' | b'.' | b',') {
        return None;
    }
    (1..=window.linked).rev().find(|&count| is_card(window, count))
}

fn is_card(window: &Window<'_>, count: usize) -> bool {
    let digits = window.digits(count);
    if !(12..=19).contains(&digits.len()) || !is_grouped(window, count) || !luhn(digits) {
        return false;
    }
    let known = is_issued(digits);
    (known && digits.len() >= 13)
        || ((known || digits.len() <= 14) && Left::of(window.text, window.start()).has(&CUES))
}

/// One run, or groups of two to seven with the same sign between all.
fn is_grouped(window: &Window<'_>, count: usize) -> bool {
    let gaps = window.gaps(count);
    let same = gaps.iter().all(|gap| matches!(gap, Gap::Space | Gap::Dash) && Some(gap) == gaps.first());
    let long_first = window.groups.first().is_some_and(|group| group.len() >= 4);
    let lengths = window.groups.iter().take(count).all(|group| (2..=7).contains(&group.len()));
    count == 1 || (same && long_first && lengths && count <= 5)
}

/// The ranges of the large issuers (ISO/IEC 7812 issuer identification numbers).
fn is_issued(digits: &[u8]) -> bool {
    let head =
        |count: usize| digits.iter().take(count).fold(0u32, |sum, digit| sum * 10 + u32::from(digit - b'0'));
    let (two, three, four) = (head(2), head(3), head(4));
    match digits.len() {
        12 => matches!(two, 50 | 56..=58 | 60..=69),
        13 => two / 10 == 4,
        14 => matches!(three, 300..=305 | 309) || matches!(two, 36 | 38 | 39),
        15 => matches!(two, 34 | 37) || matches!(four, 1800 | 2131),
        16 => {
            two / 10 == 4
                || matches!(two, 51..=55 | 35 | 62 | 65 | 50 | 56..=58 | 60 | 63 | 67 | 81 | 82 | 30 | 36 | 38)
                || matches!(four, 2221..=2720 | 2200..=2204)
                || matches!(three, 644..=649)
        }
        17 | 18 => matches!(two, 50 | 56..=58 | 60..=69 | 81),
        19 => two / 10 == 4 || matches!(two, 50 | 56..=58 | 60..=69 | 81),
        _ => false,
    }
}
