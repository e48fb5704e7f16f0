//! Street addresses where they are sure: a house number beside the name of a street.

use super::context::{Found, byte, byte_before};
use super::digits::Group;
use super::kind::PersonalKind;

/// Streets after the number and the name, in lower case.
const ENGLISH: [&str; 37] = [
    "street",
    "st",
    "road",
    "rd",
    "avenue",
    "ave",
    "lane",
    "ln",
    "drive",
    "dr",
    "boulevard",
    "blvd",
    "court",
    "ct",
    "place",
    "pl",
    "square",
    "sq",
    "terrace",
    "way",
    "close",
    "crescent",
    "parkway",
    "pkwy",
    "highway",
    "hwy",
    "circle",
    "cir",
    "trail",
    "grove",
    "gardens",
    "mews",
    "row",
    "alley",
    "turnpike",
    "esplanade",
    "plaza",
];
/// Names that are no street's: "Google Drive", "Supreme Court".
const NO_STREET: [&str; 16] = [
    "Google", "Hard", "Flash", "Test", "Pen", "USB", "Supreme", "High", "One", "GB", "TB", "MB", "KB",
    "Disk", "Market", "Star",
];
/// Streets between the number and the name.
const FRENCH: [&str; 13] = [
    "rue",
    "avenue",
    "av",
    "boulevard",
    "bd",
    "bld",
    "place",
    "chemin",
    "allée",
    "allee",
    "impasse",
    "quai",
    "route",
];
/// Streets before the name and the number.
const BEFORE: [&str; 26] = [
    "ul", "Ul", "ulica", "Ulica", "Calle", "C/", "Avenida", "Avda", "Paseo", "Plaza", "Carrer", "Ronda",
    "Camino", "Via", "Viale", "Piazza", "Corso", "Vicolo", "Largo", "Piazzale", "Rua", "Travessa", "Praça",
    "Alameda", "Av", "Estrada",
];
/// Words inside such names that have no capital.
const PARTICLES: [&str; 20] = [
    "de", "du", "des", "la", "le", "les", "del", "della", "dei", "delle", "di", "da", "do", "dos", "das",
    "los", "las", "y", "e", "el",
];
/// How German and Dutch streets end.
const ENDINGS: [&str; 28] = [
    "vej", "gade", "gatan", "vägen", "veien", "gata", "gaten", "katu", "stræti", "utca", "straede", "straße",
    "strasse", "str", "platz", "gasse", "allee", "weg", "ring", "damm", "ufer", "chaussee", "straat", "laan",
    "plein", "gracht", "kade", "singel",
];
const NO_ENDINGS: [&str; 12] = [
    "arbeitsplatz",
    "sitzplatz",
    "parkplatz",
    "stellplatz",
    "speicherplatz",
    "heimweg",
    "rückweg",
    "hinweg",
    "umweg",
    "spring",
    "string",
    "during",
];

/// Longest stretch that is looked at beside a number, in bytes.
const WINDOW: usize = 80;

/// Finds street addresses.
pub(super) fn find(text: &str, groups: &[Group], out: &mut Vec<Found>) {
    let mut after = 0;
    for group in groups.iter().filter(|group| group.len() <= 5) {
        if group.start < after {
            continue;
        }
        if let Some((start, end)) = around(text, group) {
            after = end;
            out.push(Found { start, end, kind: PersonalKind::Address });
        }
    }
}

fn around(text: &str, group: &Group) -> Option<(usize, usize)> {
    let before = byte_before(text, group.start);
    if before != 0 && !matches!(before, b' ' | b'\n' | b',' | b'(' | b'"' | b'/' | b':' | 0xba) {
        return None;
    }
    let end = house_end(text, group.end)?;
    let left = window_left(text, group.start);
    let right = window_right(text, end);
    let before_number =
        german(left, group).or_else(|| southern(left, group).or_else(|| post_box(left, group)));
    if let Some(start) = before_number {
        return Some((start, end + postal_length(right)));
    }
    if let Some(length) = french(right) {
        return Some((group.start, end + length + postal_length(right.get(length..).unwrap_or(""))));
    }
    let length = english(right)?;
    Some((group.start, end + length + town_length(right.get(length..).unwrap_or(""))))
}

/// The end of a house number with its letter: "12", "12a", "12 bis".
fn house_end(text: &str, end: usize) -> Option<usize> {
    let letter = byte(text, end).is_ascii_alphabetic();
    let end = if letter { end + 1 } else { end };
    let rest = text.get(end..)?;
    if rest.starts_with(|next: char| next.is_alphanumeric() || matches!(next, '%' | '_')) {
        return None;
    }
    let suffix = [" bis", " ter"].iter().find(|suffix| {
        rest.starts_with(**suffix) && rest.get(4..).is_some_and(|next| next.starts_with([' ', ',']))
    });
    Some(end + suffix.map_or(0, |suffix| suffix.len()))
}

fn window_left(text: &str, at: usize) -> &str {
    let mut from = at.saturating_sub(WINDOW);
    while !text.is_char_boundary(from) {
        from += 1;
    }
    let window = text.get(from..at).unwrap_or("");
    window.rfind(['\n', '[', ']']).map_or(window, |cut| window.get(cut + 1..).unwrap_or(""))
}

fn window_right(text: &str, at: usize) -> &str {
    let mut until = (at + WINDOW).min(text.len());
    while !text.is_char_boundary(until) {
        until -= 1;
    }
    let window = text.get(at..until).unwrap_or("");
    window.find(['\n', '[', ']']).map_or(window, |cut| window.get(..cut).unwrap_or(""))
}

fn is_capital(word: &str) -> bool {
    word.chars().next().is_some_and(char::is_uppercase)
}

/// Words with the byte after each, from the start of a window; the window must begin with a space, and words end at a sentence mark.
fn words_right(window: &str) -> impl Iterator<Item = (&str, usize)> {
    let mut at = 0;
    window.split(' ').filter_map(move |word| {
        let start = at;
        at += word.len() + 1;
        (!word.is_empty()).then_some((word, start + word.len()))
    })
}

/// " Baker Street", with what numbers a flat after it.
fn english(window: &str) -> Option<usize> {
    if !window.starts_with(' ') {
        return None;
    }
    for (named, (word, end)) in words_right(window).take(5).enumerate() {
        let bare = word.trim_end_matches([',', '.', ';', '!', '?', ')', ':', '"']);
        let ordinal = bare.len() <= 6
            && bare.starts_with(|first: char| first.is_ascii_digit())
            && bare.ends_with(['h', 't', 'd']);
        let end = end - (word.len() - bare.len());
        if named > 0
            && ENGLISH.contains(&bare.to_lowercase().as_str())
            && (is_capital(bare) || bare.len() >= 4)
        {
            return Some(end + flat_length(window.get(end..).unwrap_or("")));
        }
        let initial = word.ends_with('.') && word.len() <= 3;
        if !(is_capital(bare) || ordinal)
            || NO_STREET.contains(&bare)
            || (bare.len() != word.len() && !initial)
        {
            return None;
        }
    }
    None
}

/// ", Apt 4B".
fn flat_length(rest: &str) -> usize {
    let trimmed = rest.trim_start_matches(['.', ',', ' ']);
    let mut words = trimmed.splitn(3, ' ');
    let (Some(kind), Some(number)) = (words.next(), words.next()) else { return 0 };
    let flat = ["apt", "apartment", "suite", "ste", "unit", "flat", "floor"]
        .contains(&kind.trim_end_matches('.').to_lowercase().as_str());
    let length = number.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'#').count();
    let numbered = number.bytes().take(length).any(|byte| byte.is_ascii_digit());
    if flat && numbered { rest.len() - trimmed.len() + kind.len() + 1 + length } else { 0 }
}

/// " rue de la Paix" or ", avenue Foch".
fn french(window: &str) -> Option<usize> {
    let rest = window.strip_prefix(',').unwrap_or(window);
    let skipped = window.len() - rest.len();
    let mut words = words_right(rest);
    let (first, _) = words.next().filter(|_| rest.starts_with(' '))?;
    if !FRENCH.contains(&first.trim_end_matches('.').to_lowercase().as_str()) {
        return None;
    }
    let mut last = None;
    for (word, end) in words.take(6) {
        let bare = word.trim_end_matches([',', '.', ';', '!', '?', ')']);
        let elided =
            ["d'", "l'", "d’", "l’"].iter().any(|elision| bare.strip_prefix(elision).is_some_and(is_capital));
        if is_capital(bare) || elided {
            last = Some(end - (word.len() - bare.len()));
        } else if !PARTICLES.contains(&bare) || last.is_some() {
            break;
        }
        if bare.len() != word.len() {
            break;
        }
    }
    last.map(|end| skipped + end)
}

/// "Musterstraße " or "Berliner Straße " before the number; also Dutch "Kerkstraat ". Returns where the name starts.
fn german(left: &str, group: &Group) -> Option<usize> {
    let name = left.strip_suffix(' ')?;
    if group.len() > 4 {
        return None;
    }
    let (before, word) = name.rsplit_once([' ', '(', ',', '"']).unwrap_or(("", name));
    let lower = word.trim_end_matches('.').to_lowercase();
    let ending = ENDINGS.iter().find(|ending| lower.ends_with(**ending))?;
    if !is_capital(word) || NO_ENDINGS.iter().any(|known| lower.ends_with(known)) {
        return None;
    }
    let start = group.start - 1 - word.len();
    if lower.len() >= ending.len() + 3 {
        return Some(start);
    }
    let (_, adjective) =
        before.trim_end().rsplit_once([' ', '(', ',', '"']).unwrap_or(("", before.trim_end()));
    let named = lower.len() == ending.len()
        && *ending != "ring"
        && name.len() > word.len()
        && is_capital(adjective)
        && adjective.len() >= 4;
    (named && name.as_bytes().get(name.len() - word.len() - 1) == Some(&b' '))
        .then(|| start - 1 - adjective.len())
}

/// "Calle de Alcalá, nº " and its like before the number. Returns where the street starts.
fn southern(left: &str, group: &Group) -> Option<usize> {
    let name = left.trim_end_matches(' ');
    let name = ["nº", "n.º", "n°", "num.", "número", "nr."]
        .iter()
        .find_map(|sign| name.strip_suffix(sign))
        .unwrap_or(name);
    let name = name.trim_end_matches([' ', ',']);
    let base = group.start - left.len();
    let mut at = name.len();
    let mut named = false;
    for word in name.rsplit(' ').take(7) {
        at -= word.len();
        let street = word.strip_suffix('.').unwrap_or(word);
        if BEFORE.contains(&street) {
            return named.then_some(base + at);
        }
        named = named || (is_capital(word) && word.len() > 1);
        let ended = word.ends_with([',', ';', ':', '!', '?']) || (word.ends_with('.') && word.len() > 5);
        if ended || !(is_capital(word) || PARTICLES.contains(&word)) || word.is_empty() {
            return None;
        }
        at = at.checked_sub(1)?;
    }
    None
}

/// "P.O. Box ".
fn post_box(left: &str, group: &Group) -> Option<usize> {
    let name = left.strip_suffix(' ')?;
    let found = ["P.O. Box", "PO Box", "P.O.Box", "Postfach", "Apartado"]
        .iter()
        .find(|form| name.ends_with(**form))?;
    Some(group.start - 1 - found.len())
}

/// ", Springfield, IL 62704" or ", Leeds LS1 4AP" behind a street: a town counts with its postcode only.
fn town_length(rest: &str) -> usize {
    let mut end = 0;
    let mut before = "";
    for (place, word) in rest.split(' ').take(7).enumerate() {
        end += word.len() + usize::from(place > 0);
        let bare = word.trim_end_matches([',', '.', ';', '!', '?', ')']);
        let first = before.trim_end_matches(',');
        if is_zip(bare) && first.len() == 2 && first.bytes().all(|byte| byte.is_ascii_uppercase()) {
            return end - (word.len() - bare.len());
        }
        if is_inward(bare) && is_outward(first) {
            return end - (word.len() - bare.len());
        }
        let lonely = bare.is_empty() && word.len() <= 1;
        if !(lonely || is_capital(bare)) || word.ends_with(['.', '!', '?', ';']) {
            return 0;
        }
        before = word;
    }
    0
}

/// "62704" or "62704-1234".
fn is_zip(word: &str) -> bool {
    let (head, tail) = word.split_once('-').unwrap_or((word, "0000"));
    let digits =
        |part: &str, count: usize| part.len() == count && part.bytes().all(|byte| byte.is_ascii_digit());
    digits(head, 5) && digits(tail, 4)
}

/// "4AP", the second half of a British postcode.
fn is_inward(word: &str) -> bool {
    matches!(word.as_bytes(), [digit, first, second] if digit.is_ascii_digit() && first.is_ascii_uppercase() && second.is_ascii_uppercase())
}

/// "LS1" or "SW1A", the first half.
fn is_outward(word: &str) -> bool {
    (2..=4).contains(&word.len())
        && word.starts_with(|sign: char| sign.is_ascii_uppercase())
        && word.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
        && word.bytes().any(|byte| byte.is_ascii_digit())
}

/// ", 10115 Berlin" after the number.
fn postal_length(right: &str) -> usize {
    let Some(rest) = right.strip_prefix(", ") else { return 0 };
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let Some(town) =
        rest.get(digits..).and_then(|rest| rest.strip_prefix(' ')).filter(|_| matches!(digits, 4 | 5))
    else {
        return 0;
    };
    let length = town.find(|letter: char| !letter.is_alphabetic() && letter != '-').unwrap_or(town.len());
    if is_capital(town) && length >= 3 { 2 + digits + 1 + length } else { 0 }
}
