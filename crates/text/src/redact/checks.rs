//! Check digits: the arithmetic that tells a card, account or identity number from any other number.

/// Returns the value of a decimal digit.
fn value(digit: u8) -> u32 {
    u32::from(digit.wrapping_sub(b'0'))
}

/// ISO/IEC 7812-1, annex B (Luhn).
pub(super) fn luhn(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, &digit)| {
            let double = value(digit) * if place % 2 == 1 { 2 } else { 1 };
            double / 10 + double % 10
        })
        .sum();
    sum.is_multiple_of(10) && digits.iter().any(|&digit| digit != b'0')
}

/// ISO 7064, MOD 97-10 over digits and letters.
pub(super) fn mod_97(signs: impl Iterator<Item = u8>) -> u32 {
    signs.fold(0, |rest, sign| match sign {
        b'0'..=b'9' => (rest * 10 + value(sign)) % 97,
        _ => (rest * 100 + u32::from(sign.to_ascii_uppercase().wrapping_sub(b'A')) % 26 + 10) % 97,
    })
}

/// ISO 7064, MOD 11,10, as the German Steuer-Identifikationsnummer uses it; one digit of the first ten comes twice or
/// three times, the others at most once.
pub(super) fn steuer_id(digits: &[u8]) -> bool {
    let Some((&last, first)) =
        digits.split_last().filter(|_| digits.len() == 11 && digits.first() != Some(&b'0'))
    else {
        return false;
    };
    let mut counts = [0u8; 10];
    let mut product = 10;
    for &digit in first {
        if let Some(count) = counts.get_mut(value(digit) as usize) {
            *count += 1;
        }
        let sum = (value(digit) + product) % 10;
        product = (if sum == 0 { 10 } else { sum }) * 2 % 11;
    }
    let repeated = counts.iter().filter(|&&count| count > 1).count();
    let most = counts.iter().max().copied().unwrap_or(0);
    repeated == 1 && most <= 3 && (11 - product) % 10 == value(last)
}

/// Verhoeff's dihedral check (1969), as Aadhaar uses it.
pub(super) fn verhoeff(digits: &[u8]) -> bool {
    // Multiplication in the dihedral group of order ten, and powers of the permutation (1 5 8 9 4 2 7 0)(3 6).
    let times = |left: u32, right: u32| match (left < 5, right < 5) {
        (true, true) => (left + right) % 5,
        (true, false) => 5 + (left + right) % 5,
        (false, true) => 5 + (left + 5 - right) % 5,
        (false, false) => (left + 5 - right) % 5,
    };
    let permuted = |digit: u32| [1, 5, 7, 6, 2, 8, 3, 0, 9, 4].get(digit as usize).copied().unwrap_or(0);
    let sum = digits.iter().rev().enumerate().fold(0, |sum, (place, &digit)| {
        let moved = (0..place % 8).fold(value(digit), |digit, _| permuted(digit));
        times(sum, moved)
    });
    sum == 0 && digits.len() == 12
}

/// The weighted sum of the digits.
fn weighted(digits: &[u8], weights: impl Iterator<Item = u32>) -> u32 {
    digits.iter().zip(weights).map(|(&digit, weight)| value(digit) * weight).sum()
}

/// NHS Data Dictionary: modulus 11 over ten digits.
pub(super) fn nhs(digits: &[u8]) -> bool {
    let Some((&last, first)) = digits.split_last().filter(|_| digits.len() == 10) else { return false };
    let check = 11 - weighted(first, (2..=10).rev()) % 11;
    check % 11 == value(last) && check != 10
}

/// The Dutch elfproef for a burgerservicenummer of eight or nine digits.
pub(super) fn bsn(digits: &[u8]) -> bool {
    let Some((&last, first)) = digits.split_last().filter(|_| matches!(digits.len(), 8 | 9)) else {
        return false;
    };
    let highest = u32::try_from(digits.len()).unwrap_or(9);
    let sum = weighted(first, (2..=highest).rev());
    sum % 11 == value(last) && sum > 0
}

/// The two check digits of a Brazilian CPF.
pub(super) fn cpf(digits: &[u8]) -> bool {
    let (Some(nine), Some(ten), true) = (digits.get(..9), digits.get(..10), digits.len() == 11) else {
        return false;
    };
    let check = |part: &[u8], from: u32| weighted(part, (2..=from).rev()) * 10 % 11 % 10;
    let same = digits.iter().all(|digit| Some(digit) == digits.first());
    !same
        && digits.get(9).is_some_and(|&digit| value(digit) == check(nine, 10))
        && digits.get(10).is_some_and(|&digit| value(digit) == check(ten, 11))
}

/// The two check digits of a Brazilian CNPJ.
pub(super) fn cnpj(digits: &[u8]) -> bool {
    const WEIGHTS: [u32; 13] = [6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2];
    let (Some(twelve), Some(thirteen), true) = (digits.get(..12), digits.get(..13), digits.len() == 14)
    else {
        return false;
    };
    let check = |part: &[u8], skip: usize| match weighted(part, WEIGHTS.into_iter().skip(skip)) % 11 {
        0 | 1 => 0,
        rest => 11 - rest,
    };
    let same = digits.iter().all(|digit| Some(digit) == digits.first());
    !same
        && digits.get(12).is_some_and(|&digit| value(digit) == check(twelve, 1))
        && digits.get(13).is_some_and(|&digit| value(digit) == check(thirteen, 0))
}

/// The key of a French numéro de sécurité sociale: 97 less the rest of the first thirteen; Corsica's letters count as 19 and 18.
pub(super) fn nir(signs: &[u8]) -> bool {
    let (Some(body), Some(key), true) = (signs.get(..13), signs.get(13..15), signs.len() == 15) else {
        return false;
    };
    let month = body.get(3..5).map_or(0, number);
    let plausible = matches!(body.first(), Some(b'1' | b'2' | b'3' | b'4' | b'7' | b'8'))
        && (matches!(month, 1..=12 | 20..=42 | 50..=99));
    let mut digits = [0u8; 13];
    digits.copy_from_slice(body);
    let corsica = match (body.get(5), body.get(6).map(u8::to_ascii_uppercase)) {
        (Some(b'2'), Some(b'A')) => Some(b'9'),
        (Some(b'2'), Some(b'B')) => Some(b'8'),
        _ => None,
    };
    if let (Some(second), [.., tens, ones, _, _, _, _, _, _]) = (corsica, &mut digits) {
        (*tens, *ones) = (b'1', second);
    }
    plausible
        && digits.iter().chain(key).all(u8::is_ascii_digit)
        && 97 - number_long(&digits) % 97 == u64::from(number(key))
}

fn number(digits: &[u8]) -> u32 {
    digits.iter().fold(0, |sum, &digit| sum * 10 + value(digit))
}

fn number_long(digits: &[u8]) -> u64 {
    digits.iter().fold(0, |sum, &digit| sum * 10 + u64::from(value(digit)))
}

/// The letter of a Spanish DNI, or of a NIE, whose X, Y, Z count as 0, 1, 2.
pub(super) fn dni(signs: &[u8]) -> bool {
    let Some((&letter, body)) = signs.split_last().filter(|_| signs.len() == 9) else { return false };
    let Some((&first, rest)) = body.split_first() else { return false };
    let first = match first.to_ascii_uppercase() {
        b'X' => 0,
        b'Y' => 1,
        b'Z' => 2,
        digit if digit.is_ascii_digit() => value(digit),
        _ => return false,
    };
    let all = rest.iter().all(u8::is_ascii_digit);
    let place = (first * 10_000_000 + number(rest)) as usize % 23;
    all && b"TRWAGMYFPDXBNJZSQVHLCKE".get(place) == Some(&letter.to_ascii_uppercase())
}

/// The check character of an Italian codice fiscale (D.M. 23 December 1976).
pub(super) fn codice_fiscale(signs: &[u8]) -> bool {
    const ODD: [u32; 26] =
        [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23];
    let Some((&last, first)) = signs.split_last().filter(|_| signs.len() == 16) else { return false };
    let shaped = first.iter().zip(b"AAAAAA00A00A000").all(|(sign, shape)| {
        // Namesakes get letters in place of digits.
        if *shape == b'A' {
            sign.is_ascii_alphabetic()
        } else {
            sign.is_ascii_digit() || b"LMNPQRSTUV".contains(&sign.to_ascii_uppercase())
        }
    });
    let place = |sign: u8| {
        if sign.is_ascii_digit() {
            value(sign)
        } else {
            u32::from(sign.to_ascii_uppercase().wrapping_sub(b'A'))
        }
    };
    let sum: u32 = first
        .iter()
        .enumerate()
        .map(
            |(at, &sign)| {
                if at % 2 == 0 { ODD.get(place(sign) as usize).copied().unwrap_or(0) } else { place(sign) }
            },
        )
        .sum();
    shaped && last.is_ascii_alphabetic() && sum % 26 == place(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn right_numbers_pass_and_their_neighbours_fail() {
        type Check = fn(&[u8]) -> bool;
        let cases: [(Check, &str); 11] = [
            (luhn, "4111111111111111"),
            (steuer_id, "86095742719"),
            (verhoeff, "234123412346"),
            (nhs, "9434765919"),
            (bsn, "111222333"),
            (cpf, "52998224725"),
            (cnpj, "11222333000181"),
            (nir, "255081416802538"),
            (dni, "12345678Z"),
            (dni, "X1234567L"),
            (codice_fiscale, "RSSMRA85T10A562S"),
        ];
        for (check, right) in cases {
            assert!(check(right.as_bytes()), "{right}");
            let mut wrong = right.as_bytes().to_vec();
            let place = wrong.len() - 2;
            wrong[place] = if wrong[place] == b'9' { b'0' } else { wrong[place] + 1 };
            assert!(!check(&wrong), "{right}");
            assert!(!check(b"") && !check(b"1"));
        }
    }

    #[test]
    fn accounts_leave_one() {
        assert_eq!(mod_97("370400440532013000DE89".bytes()), 1);
        assert_ne!(mod_97("370400440532013001DE89".bytes()), 1);
    }
}
