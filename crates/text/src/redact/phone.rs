//! Telephone numbers, apart from all the other numbers that feedback is full of.

use super::context::{Left, Nearest, byte, byte_before, right_has};
use super::digits::{Gap, Window};

const FOR: [&str; 63] = [
    "phone",
    "telephone",
    "tel",
    "call",
    "called",
    "calling",
    "cell",
    "cellphone",
    "mobile",
    "mob",
    "fax",
    "whatsapp",
    "sms",
    "text",
    "reach",
    "contact",
    "answering",
    "answered",
    "office",
    "ring",
    "dial",
    "landline",
    "hotline",
    "voicemail",
    "telefon",
    "handy",
    "rufnummer",
    "anrufen",
    "anruf",
    "rückruf",
    "mobil",
    "erreichbar",
    "festnetz",
    "téléphone",
    "tél",
    "portable",
    "appeler",
    "appelez",
    "joindre",
    "rappeler",
    "teléfono",
    "telefono",
    "tfno",
    "móvil",
    "movil",
    "llamar",
    "llámame",
    "llamen",
    "celular",
    "cellulare",
    "chiamare",
    "chiamatemi",
    "telefoon",
    "gsm",
    "mobiel",
    "bellen",
    "bel",
    "telefone",
    "telemóvel",
    "ligar",
    "ligue",
    "fone",
    "telefonnummer",
];
const AGAINST: [&str; 62] = [
    "order",
    "orders",
    "invoice",
    "ticket",
    "case",
    "reference",
    "ref",
    "tracking",
    "build",
    "version",
    "serial",
    "sku",
    "item",
    "part",
    "model",
    "account",
    "policy",
    "claim",
    "booking",
    "reservation",
    "confirmation",
    "customer",
    "id",
    "ids",
    "code",
    "isbn",
    "ean",
    "imei",
    "parcel",
    "shipment",
    "transaction",
    "kundennummer",
    "bestellnummer",
    "bestellung",
    "auftrag",
    "auftragsnummer",
    "rechnung",
    "rechnungsnummer",
    "sendungsnummer",
    "vorgang",
    "commande",
    "facture",
    "colis",
    "dossier",
    "référence",
    "pedido",
    "factura",
    "fatura",
    "referencia",
    "ordine",
    "fattura",
    "spedizione",
    "bestelling",
    "bestelnummer",
    "factuur",
    "klantnummer",
    "encomenda",
    "timestamp",
    "patch",
    "commit",
    "firmware",
    "error",
];

/// What the form of a number says.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    /// No telephone number.
    None,
    /// One, if the words say so.
    Cued,
    /// One, unless the words say otherwise.
    Sure,
    /// One.
    International,
}

/// Returns where the telephone number at the first group starts, with its bracket or plus sign, and how many groups it takes.
pub(super) fn match_at(window: &Window<'_>) -> Option<(usize, usize)> {
    let (text, first) = (window.text, window.start());
    if !window.begins() {
        return None;
    }
    let (start, plus, bracket) = opening(text, first)?;
    let most = (1..=window.linked).rev().find(|&count| window.digits(count).len() <= 15)?;
    let mut left = None;
    for count in (1..=most).rev() {
        if !window.ends_at(count) {
            continue;
        }
        let form = if plus { international(window, count) } else { national(window, count, bracket) };
        if form == Form::None || is_amount(text, window.end(count)) || is_host(text, window.end(count)) {
            continue;
        }
        let left = left.get_or_insert_with(|| Left::of(text, start));
        let nearest = left.nearest(&FOR, &AGAINST);
        let taken = match form {
            Form::International => !left.has_within(2, &["build", "version", "firmware"]),
            Form::Sure => nearest != Nearest::Against,
            Form::Cued => {
                nearest == Nearest::For
                    || (nearest == Nearest::Neither && right_has(text, window.end(count), &FOR))
            }
            Form::None => false,
        };
        if taken {
            return Some((start, count));
        }
    }
    None
}

/// Reads the sign before the number; nothing where the number goes on to the left.
fn opening(text: &str, first: usize) -> Option<(usize, bool, bool)> {
    let sign = byte_before(text, first);
    let (start, plus, bracket) = match sign {
        b'+' => (first - 1, true, false),
        b'(' if byte(text, first) == b'+' => (first - 1, true, true),
        b'(' => (first - 1, false, true),
        _ => (first, false, false),
    };
    let (start, plus) =
        if bracket && byte_before(text, start) == b'+' { (start - 1, true) } else { (start, plus) };
    let start = if plus && byte_before(text, start) == b'(' { start - 1 } else { start };
    let before = byte_before(text, start);
    let glued = before.is_ascii_alphanumeric()
        || matches!(
            before,
            b'$' | b'#' | b'@' | b'=' | b'_' | b'\\' | b'*' | b'&' | b'%' | b'+' | b'~' | b'^' | b'{'
        );
    let gone_on = matches!(before, b'/' | b'-' | b'.')
        && start > first.saturating_sub(1)
        && text.get(..start - 1).is_some_and(|rest| !rest.ends_with([' ', '\n']) && !rest.is_empty());
    let currency =
        text.get(..start).is_some_and(|rest| rest.trim_end_matches(' ').ends_with(['€', '£', '¥', '$', '₹']));
    (!glued && !gone_on && !currency).then_some((start, plus, bracket))
}

fn international(window: &Window<'_>, count: usize) -> Form {
    let digits = window.digits(count);
    let fits = (8..=15).contains(&digits.len()) && digits.first() != Some(&b'0') && count <= 8;
    let last = window.groups.get(count - 1).map_or(0, super::digits::Group::len);
    if fits && (last >= 2 || count == 1) { Form::International } else { Form::None }
}

fn national(window: &Window<'_>, count: usize, bracket: bool) -> Form {
    let digits = window.digits(count);
    let gaps = window.gaps(count);
    let lengths: Vec<usize> = window.groups.iter().take(count).map(super::digits::Group::len).collect();
    if !(7..=15).contains(&digits.len()) || count > 7 || is_date(window, &lengths) {
        return Form::None;
    }
    let dotted = gaps.contains(&Gap::Dot);
    let slashed = gaps.contains(&Gap::Slash);
    if matches!(digits, [b'0', b'0', ..]) {
        let abroad = (10..=15).contains(&digits.len()) && digits.get(2).is_some_and(|digit| *digit != b'0');
        return if !abroad {
            Form::None
        } else if count > 1 && !dotted {
            Form::Sure
        } else {
            Form::Cued
        };
    }
    if is_north_american(digits, &lengths, gaps) {
        return Form::Sure;
    }
    if digits.first() == Some(&b'0') {
        return trunk(digits, &lengths, dotted);
    }
    if bracket
        && (8..=11).contains(&digits.len())
        && gaps.first() == Some(&Gap::Bracket)
        && matches!(lengths.first(), Some(2..=5))
    {
        return Form::Sure;
    }
    let spanish = matches!(lengths.as_slice(), [3, 3, 3] | [3, 2, 2, 2])
        && digits.first().is_some_and(|digit| *digit >= b'6');
    let pairs = lengths == [2, 2, 2, 2] && gaps.iter().all(|gap| *gap == Gap::Dash);
    if !dotted && !slashed && (spanish || pairs) {
        return Form::Sure;
    }
    if dotted && lengths.iter().any(|length| *length < 2) { Form::None } else { Form::Cued }
}

/// Area, exchange and line, with or without the country's 1 (North American Numbering Plan).
fn is_north_american(digits: &[u8], lengths: &[usize], gaps: &[Gap]) -> bool {
    let (local, shape, gaps) = match (digits, lengths, gaps) {
        ([b'1', rest @ ..], [1, shape @ ..], [_, gaps @ ..]) => (rest, shape, gaps),
        _ => (digits, lengths, gaps),
    };
    let area = matches!(local.first(), Some(b'2'..=b'9'));
    let spaced = gaps.iter().all(|gap| *gap == Gap::Space);
    let exchange = matches!(local.get(3), Some(b'2'..=b'9'));
    let shaped = shape == [3, 3, 4] || (shape == [3, 7] && gaps == [Gap::Bracket]);
    area && shaped && !gaps.contains(&Gap::Slash) && (exchange || !spaced)
}

/// National numbers with a leading 0.
fn trunk(digits: &[u8], lengths: &[usize], dotted: bool) -> Form {
    let count = lengths.len();
    if !(9..=12).contains(&digits.len()) {
        return Form::Cued;
    }
    if count == 1 {
        let mobile = match digits.len() {
            10 => matches!(digits, [b'0', b'6' | b'7', ..]),
            11 => matches!(digits, [b'0', b'7', ..] | [b'0', b'1', b'5'..=b'7', ..]),
            12 => matches!(digits, [b'0', b'1', b'5'..=b'7', ..]),
            _ => false,
        };
        return if mobile { Form::Sure } else { Form::Cued };
    }
    let pairs = lengths == [2, 2, 2, 2, 2];
    let prefix = lengths.first().is_some_and(|first| (2..=6).contains(first));
    let last = lengths.last().is_some_and(|last| *last >= 2);
    if prefix && last && (!dotted || pairs) { Form::Sure } else { Form::Cued }
}

/// Days, spans of years and points in time.
fn is_date(window: &Window<'_>, lengths: &[usize]) -> bool {
    let year =
        |place: usize| {
            window.groups.get(place).and_then(|group| window.text.get(group.start..group.end)).is_some_and(
                |digits| digits.len() == 4 && (digits.starts_with("19") || digits.starts_with("20")),
            )
        };
    match lengths {
        [4, 1..=2, 1..=2, ..] | [4, 4] => year(0),
        [1..=2, 1..=2, 4, ..] => year(2),
        [1..=2, 1..=2, 2] => true,
        [8, 4 | 6] => window
            .text
            .get(window.start()..)
            .is_some_and(|rest| rest.starts_with("19") || rest.starts_with("20")),
        _ => false,
    }
}

/// Says whether the name of a host goes on: "10-20-30-40.example".
fn is_host(text: &str, end: usize) -> bool {
    byte(text, end) == b'.' && byte(text, end + 1).is_ascii_lowercase()
}

/// Says whether a currency, a percent sign or a unit follows.
fn is_amount(text: &str, end: usize) -> bool {
    const UNITS: [&str; 16] = [
        "%", "€", "£", "$", "₹", "eur", "euro", "usd", "gbp", "dollar", "mb", "gb", "kb", "kg", "ms", "bytes",
    ];
    let rest = text.get(end..).unwrap_or("");
    let mut until = rest.len().min(12);
    while !rest.is_char_boundary(until) {
        until -= 1;
    }
    let near = rest.get(..until).unwrap_or("").trim_start_matches(' ').to_lowercase();
    UNITS.iter().any(|unit| {
        near.strip_prefix(unit).is_some_and(|after| {
            !unit.is_ascii() || *unit == "%" || *unit == "$" || !after.starts_with(char::is_alphabetic)
        })
    })
}
