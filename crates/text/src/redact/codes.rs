//! Account and identity numbers that mix letters and digits.

use super::checks::{codice_fiscale, dni, mod_97, nir};
use super::context::{Found, byte, byte_before, is_word_at, is_word_before};
use super::digits::Group;
use super::kind::PersonalKind;

/// Longer runs are no code, in bytes.
const LONGEST: usize = 40;

/// Countries and the length of their account numbers (SWIFT IBAN registry).
const IBAN: &str = "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DK18 DO28 EE20 EG29 ES24 FI18 FO18 FR27 \
GB22 GE22 GI23 GL18 GR27 GT28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 MC27 MD24 ME22 MK19 \
MR27 MT31 MU30 NL18 NO15 PK24 PL28 PS29 PT25 QA29 RO24 RS22 SA24 SC31 SE24 SI19 SK24 SM27 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20";

/// Finds such numbers around the groups of digits.
pub(super) fn find(text: &str, groups: &[Group], out: &mut Vec<Found>) {
    let mut after = 0;
    for (place, group) in groups.iter().enumerate() {
        if group.start < after {
            continue;
        }
        let (start, end) = token(text, group.start, after);
        after = end.max(group.end);
        if let Some((start, end, kind)) =
            code(text, start, end).or_else(|| spaced_insurance(text, groups.get(place..).unwrap_or_default()))
        {
            after = after.max(end);
            out.push(Found { start, end, kind });
        }
    }
}

/// The run of letters and digits around a place, not reaching back beyond `after`.
fn token(text: &str, at: usize, after: usize) -> (usize, usize) {
    let bytes = text.as_bytes();
    let floor = at.saturating_sub(LONGEST).max(after);
    let left = bytes
        .get(floor..at)
        .unwrap_or_default()
        .iter()
        .rev()
        .take_while(|byte| byte.is_ascii_alphanumeric())
        .count();
    let right =
        bytes.get(at..).unwrap_or_default().iter().take_while(|byte| byte.is_ascii_alphanumeric()).count();
    (at - left, at + right)
}

fn code(text: &str, start: usize, end: usize) -> Option<(usize, usize, PersonalKind)> {
    let glued =
        matches!(byte_before(text, start), b'_' | b'=' | b'/' | b'#' | b'-') || is_word_before(text, start);
    if glued || end - start > LONGEST {
        return None;
    }
    let signs = text.as_bytes().get(start..end)?;
    if let Some(end) = iban(text, start) {
        return Some((start, end, PersonalKind::Iban));
    }
    if is_word_at(text, end) || byte(text, end) == b'_' {
        return None;
    }
    let national = match signs.len() {
        8 => return dashed_dni(text, start, end),
        9 => dni(signs) || insurance(signs),
        10 => permanent_account(signs),
        15 => signs.iter().any(u8::is_ascii_alphabetic) && nir(signs),
        16 => codice_fiscale(signs),
        _ => false,
    };
    national.then_some((start, end, PersonalKind::NationalId))
}

/// Reads an account number, in one run or in groups with single spaces or dashes between.
fn iban(text: &str, start: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let head = bytes.get(start..start + 4)?;
    let [first, second, check @ ..] = head else { return None };
    if !first.is_ascii_alphabetic() || !second.is_ascii_alphabetic() || !check.iter().all(u8::is_ascii_digit)
    {
        return None;
    }
    let country = [first.to_ascii_uppercase(), second.to_ascii_uppercase()];
    let length: usize = IBAN
        .split_ascii_whitespace()
        .find(|known| known.as_bytes().starts_with(&country))?
        .get(2..)?
        .parse()
        .ok()?;
    let mut signs = Vec::with_capacity(length);
    let mut at = start;
    while signs.len() < length {
        match bytes.get(at)? {
            sign if sign.is_ascii_alphanumeric() => signs.push(*sign),
            b' ' | b'-' if byte_before(text, at).is_ascii_alphanumeric() => {}
            _ => return None,
        }
        at += 1;
    }
    let rearranged = signs.get(4..)?.iter().chain(signs.get(..4)?).copied();
    (mod_97(rearranged) == 1 && !is_word_at(text, at)).then_some(at)
}

/// "12345678-Z".
fn dashed_dni(text: &str, start: usize, end: usize) -> Option<(usize, usize, PersonalKind)> {
    let dashed =
        byte(text, end) == b'-' && byte(text, end + 1).is_ascii_uppercase() && !is_word_at(text, end + 2);
    let mut signs = text.as_bytes().get(start..end)?.to_vec();
    signs.push(byte(text, end + 1));
    (dashed && dni(&signs)).then_some((start, end + 2, PersonalKind::NationalId))
}

/// A British National Insurance number (HMRC, NIM39110).
fn insurance(signs: &[u8]) -> bool {
    let [first, second, digits @ .., last] = signs else { return false };
    let pair = [first.to_ascii_uppercase(), second.to_ascii_uppercase()];
    signs.len() == 9
        && pair.iter().all(u8::is_ascii_uppercase)
        && !pair.iter().any(|letter| b"DFIQUV".contains(letter))
        && pair.get(1) != Some(&b'O')
        && ![*b"BG", *b"GB", *b"NK", *b"KN", *b"NT", *b"TN", *b"ZZ"].contains(&pair)
        && digits.iter().all(u8::is_ascii_digit)
        && matches!(last.to_ascii_uppercase(), b'A'..=b'D')
}

/// "AB 12 34 56 C".
fn spaced_insurance(text: &str, groups: &[Group]) -> Option<(usize, usize, PersonalKind)> {
    let [one, two, three, ..] = groups else { return None };
    let linked = [one, two, three].iter().all(|group| group.len() == 2)
        && two.start == one.end + 1
        && three.start == two.end + 1;
    if !linked || byte(text, one.end) != b' ' || byte(text, two.end) != b' ' || byte(text, three.end) != b' '
    {
        return None;
    }
    let start = if byte_before(text, one.start) == b' ' {
        one.start.checked_sub(3)?
    } else {
        one.start.checked_sub(2)?
    };
    let end = three.end + 2;
    let signs: Vec<u8> =
        text.as_bytes().get(start..end)?.iter().copied().filter(|byte| *byte != b' ').collect();
    (insurance(&signs) && !is_word_before(text, start) && !is_word_at(text, end)).then_some((
        start,
        end,
        PersonalKind::NationalId,
    ))
}

/// An Indian permanent account number: its fourth letter says who holds it (Income Tax Department).
fn permanent_account(signs: &[u8]) -> bool {
    let shaped = signs
        .iter()
        .zip(b"AAAAA0000A")
        .all(|(sign, shape)| if *shape == b'A' { sign.is_ascii_uppercase() } else { sign.is_ascii_digit() });
    shaped && signs.get(3).is_some_and(|holder| b"ABCFGHJLPT".contains(holder))
}
