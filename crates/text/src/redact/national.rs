//! Identity numbers of states that are made of digits alone.

use super::checks::{bsn, cnpj, cpf, nhs, nir, steuer_id, verhoeff};
use super::context::{Left, byte_before};
use super::digits::{Gap, Window};

const SSN: [&str; 4] = ["ssn", "social", "itin", "sozialversicherung"];
const NHS: [&str; 2] = ["nhs", "health"];
const BSN: [&str; 4] = ["bsn", "burgerservicenummer", "sofinummer", "sofi"];
const TAX: [&str; 7] = [
    "steuer",
    "steuer-id",
    "steueridentifikationsnummer",
    "idnr",
    "steuernummer",
    "identifikationsnummer",
    "tin",
];
const AADHAAR: [&str; 4] = ["aadhaar", "aadhar", "adhaar", "uidai"];
const CPF: [&str; 3] = ["cpf", "cnpj", "contribuinte"];

/// Returns how many groups the identity number takes that begins at the first group.
pub(super) fn match_at(window: &Window<'_>) -> Option<usize> {
    let glued = matches!(
        byte_before(window.text, window.start()),
        b'+' | b'$' | b'#' | b'.' | b'/' | b'-' | b'=' | b'@'
    );
    if glued || !matches!(window.before, None | Some(Gap::Space)) {
        return None;
    }
    let shapes: [fn(&Window<'_>) -> Option<usize>; 6] =
        [social_security, french, brazilian, german, indian, cued];
    shapes.iter().find_map(|shape| shape(window)).filter(|count| window.ends_at(*count))
}

fn left(window: &Window<'_>) -> Left {
    Left::of(window.text, window.start())
}

/// The United States: area, group and serial, none of them nought (Social Security Administration, POMS RM 10201.030).
fn social_security(window: &Window<'_>) -> Option<usize> {
    let parted = window.has_shape(&[3, 2, 4]);
    let count = if parted { 3 } else { 1 };
    if !parted && !window.has_shape(&[9]) {
        return None;
    }
    let digits = window.digits(count);
    let issued = !matches!(digits, [b'0', b'0', b'0', ..] | [b'6', b'6', b'6', ..] | [b'9', ..])
        && digits.get(3..5) != Some(b"00")
        && digits.get(5..) != Some(b"0000");
    let dashed = parted && window.gaps(3) == [Gap::Dash; 2];
    let spaced = parted && window.gaps(3) == [Gap::Space; 2];
    (issued && (dashed || ((spaced || !parted) && left(window).has(&SSN)))).then_some(count)
}

fn french(window: &Window<'_>) -> Option<usize> {
    let spaces = |count: usize| window.gaps(count).iter().all(|gap| *gap == Gap::Space);
    let shapes: [&[usize]; 4] = [&[15], &[13, 2], &[1, 2, 2, 2, 3, 3, 2], &[1, 2, 2, 5, 3, 2]];
    shapes
        .iter()
        .find(|shape| window.has_shape(shape) && spaces(shape.len()) && nir(window.digits(shape.len())))
        .map(|shape| shape.len())
}

fn brazilian(window: &Window<'_>) -> Option<usize> {
    if window.has_shape(&[3, 3, 3, 2])
        && window.gaps(4) == [Gap::Dot, Gap::Dot, Gap::Dash]
        && cpf(window.digits(4))
    {
        return Some(4);
    }
    if window.has_shape(&[2, 3, 3, 4, 2])
        && window.gaps(5) == [Gap::Dot, Gap::Dot, Gap::Slash, Gap::Dash]
        && cnpj(window.digits(5))
    {
        return Some(5);
    }
    let bare = (window.has_shape(&[11]) && cpf(window.digits(1)))
        || (window.has_shape(&[14]) && cnpj(window.digits(1)));
    (bare && left(window).has(&CPF)).then_some(1)
}

fn german(window: &Window<'_>) -> Option<usize> {
    let parted = window.has_shape(&[2, 3, 3, 3]) && window.gaps(4) == [Gap::Space; 3];
    let count = if parted { 4 } else { 1 };
    let fits = (parted || window.has_shape(&[11])) && steuer_id(window.digits(count));
    (fits && (parted || left(window).has(&TAX) || !is_numbered_thing(window))).then_some(count)
}

/// Orders and tickets may happen to pass a check.
fn is_numbered_thing(window: &Window<'_>) -> bool {
    left(window).has_within(
        2,
        &[
            "order",
            "ticket",
            "case",
            "invoice",
            "tracking",
            "bestellung",
            "bestellnummer",
            "auftrag",
            "kundennummer",
            "rechnung",
            "sendungsnummer",
        ],
    )
}

fn indian(window: &Window<'_>) -> Option<usize> {
    let parted = window.has_shape(&[4, 4, 4])
        && matches!(window.gaps(3), [Gap::Space, Gap::Space] | [Gap::Dash, Gap::Dash]);
    let count = if parted { 3 } else { 1 };
    let digits = window.digits(count);
    let fits = (parted || window.has_shape(&[12]))
        && matches!(digits.first(), Some(b'2'..=b'9'))
        && verhoeff(digits);
    (fits && (parted || left(window).has(&AADHAAR))).then_some(count)
}

/// Numbers that only a word beside them tells from others.
fn cued(window: &Window<'_>) -> Option<usize> {
    let health: [&[usize]; 2] = [&[3, 3, 4], &[10]];
    if let Some(shape) =
        health.iter().find(|shape| window.has_shape(shape) && nhs(window.digits(shape.len())))
    {
        return left(window).has(&NHS).then_some(shape.len());
    }
    let dutch: [&[usize]; 5] = [&[9], &[8], &[3, 3, 3], &[4, 2, 3], &[2, 2, 2, 3]];
    let shape = dutch.iter().find(|shape| window.has_shape(shape) && bsn(window.digits(shape.len())))?;
    left(window).has(&BSN).then_some(shape.len())
}
