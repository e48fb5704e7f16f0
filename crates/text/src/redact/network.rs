//! Internet protocol addresses of version 4, apart from version numbers.

use super::context::{Left, byte, byte_before, is_word_at};
use super::digits::{Gap, Window};

const VERSION: [&str; 22] = [
    "version", "versión", "versione", "versie", "versão", "ver", "v", "vers", "release", "build", "firmware",
    "update", "updated", "upgrade", "software", "driver", "app", "ios", "android", "chrome", "windows",
    "bios",
];
const CUES: [&str; 16] = [
    "ip",
    "ipv4",
    "ips",
    "address",
    "adresse",
    "dirección",
    "indirizzo",
    "adres",
    "endereço",
    "host",
    "server",
    "ping",
    "router",
    "gateway",
    "dns",
    "subnet",
];

/// Returns 4 if the first four groups are an address.
pub(super) fn match_at(window: &Window<'_>) -> Option<usize> {
    let (text, start) = (window.text, window.start());
    if window.linked < 4
        || window.gaps(4) != [Gap::Dot; 3]
        || window.groups.iter().take(4).any(|group| group.len() > 3)
    {
        return None;
    }
    let octets: Option<Vec<u32>> =
        window.groups.iter().take(4).map(|group| octet(text.get(group.start..group.end)?)).collect();
    let octets = octets.filter(|octets| octets.first().is_some_and(|first| *first > 0))?;
    let end = window.end(4);
    let goes_on = (byte(text, end) == b'.' && byte(text, end + 1).is_ascii_digit())
        || (byte(text, end) == b'-' && is_word_at(text, end + 1));
    let touched = matches!(byte_before(text, start), b'.' | b'-' | b'_' | b'+')
        || (window.linked > 4 && window.gaps(5).last() == Some(&Gap::Dot));
    if goes_on || touched {
        return None;
    }
    let left = Left::of(text, start);
    let cued = left.has_within(4, &CUES);
    if left.has_within(3, &VERSION) && !cued {
        return None;
    }
    let private = matches!(octets.as_slice(), [10 | 127, ..] | [192, 168, ..] | [172, 16..=31, ..]);
    let small = octets.iter().all(|octet| *octet < 30);
    (private || !small || cued).then_some(4)
}

fn octet(digits: &str) -> Option<u32> {
    if digits.len() > 1 && digits.starts_with('0') {
        return None;
    }
    digits.parse().ok().filter(|octet| *octet <= 255)
}
