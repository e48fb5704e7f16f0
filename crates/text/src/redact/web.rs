//! E-mail addresses, secrets in web addresses, and internet protocol addresses of version 6.

use std::net::Ipv6Addr;

use memchr::{memchr_iter, memmem};

use super::context::{Found, Left, byte, byte_before, is_word_at};
use super::kind::PersonalKind;

/// RFC 5321, section 4.5.3.1: local part and domain, in bytes.
const LONGEST_LOCAL: usize = 64;
const LONGEST_DOMAIN: usize = 255;

/// Names of query values that are secrets.
const SECRETS: [&str; 22] = [
    "token",
    "access_token",
    "refresh_token",
    "id_token",
    "auth_token",
    "authtoken",
    "api_key",
    "apikey",
    "api-key",
    "key",
    "password",
    "passwd",
    "pwd",
    "pass",
    "secret",
    "client_secret",
    "auth",
    "sig",
    "signature",
    "session",
    "sessionid",
    "sid",
];
/// Those that are secrets outside a web address too.
const PLAIN_SECRETS: [&str; 9] =
    ["access_token", "api_key", "apikey", "api-key", "password", "passwd", "pwd", "secret", "client_secret"];

/// Finds e-mail addresses, but for the host behind a user name that has been found.
pub(super) fn emails(text: &str, out: &mut Vec<Found>) {
    let mut hosts: Vec<usize> = out.iter().map(|found| found.end).collect();
    hosts.sort_unstable();
    for at in memchr_iter(b'@', text.as_bytes()) {
        if hosts.binary_search(&at).is_ok() {
            continue;
        }
        if let Some((start, end)) = email_at(text, at) {
            out.push(Found { start, end, kind: PersonalKind::Email });
        }
    }
}

fn is_local(sign: char) -> bool {
    sign.is_alphanumeric() || matches!(sign, '.' | '_' | '%' | '+' | '-' | '\'' | '&' | '~')
}

fn email_at(text: &str, at: usize) -> Option<(usize, usize)> {
    let mut from = at.saturating_sub(LONGEST_LOCAL);
    while !text.is_char_boundary(from) {
        from += 1;
    }
    let left = text.get(from..at)?;
    let local = left
        .rfind(|sign| !is_local(sign))
        .map_or(left, |cut| left.get(cut..).unwrap_or("").trim_start_matches(|sign| !is_local(sign)));
    let local = local.trim_start_matches(['.', '-', '\'', '&', '%', '~']);
    if local.is_empty() {
        return None;
    }
    let mut until = (at + 1 + LONGEST_DOMAIN).min(text.len());
    while !text.is_char_boundary(until) {
        until -= 1;
    }
    let right = text.get(at + 1..until)?;
    let domain = right
        .find(|sign: char| !sign.is_alphanumeric() && !matches!(sign, '.' | '-'))
        .map_or(right, |cut| right.get(..cut).unwrap_or(""));
    let mut domain = domain.trim_end_matches(['.', '-']);
    // What follows a full stop may be the next sentence: take labels while the last one can be a top-level domain.
    loop {
        let (head, last) = domain.rsplit_once('.')?;
        let letters = last.chars().count();
        if (2..=24).contains(&letters)
            && (last.chars().all(char::is_alphabetic) || last.starts_with("xn--"))
            && !head.is_empty()
        {
            break;
        }
        domain = head;
    }
    if domain.starts_with(['.', '-']) || domain.contains("..") {
        return None;
    }
    Some((at - local.len(), at + 1 + domain.len()))
}

/// Finds user names and passwords in web addresses, and secret query values.
pub(super) fn credentials(text: &str, out: &mut Vec<Found>) {
    let bytes = text.as_bytes();
    for scheme in memmem::find_iter(bytes, b"://") {
        let start = scheme + 3;
        let authority = bytes.iter().skip(start).take(LONGEST_DOMAIN);
        let mut last = None;
        for (place, byte) in authority.enumerate() {
            match byte {
                b'@' => last = Some(start + place),
                b'/' | b'?' | b'#' | b'<' | b'>' | b'"' | b'[' | b']' => break,
                byte if byte.is_ascii_whitespace() => break,
                _ => {}
            }
        }
        if let Some(end) = last.filter(|end| *end > start) {
            out.push(Found { start, end, kind: PersonalKind::Credential });
        }
    }
    let mut after = 0;
    for equals in memchr_iter(b'=', bytes) {
        if equals < after {
            continue;
        }
        if let Some((start, end)) = secret_at(text, equals) {
            after = end;
            out.push(Found { start, end, kind: PersonalKind::Credential });
        }
    }
}

fn secret_at(text: &str, equals: usize) -> Option<(usize, usize)> {
    let bytes = text.as_bytes();
    let from = equals.saturating_sub(16);
    let window = bytes.get(from..equals)?;
    let cut = window
        .iter()
        .rposition(|byte| !byte.is_ascii_alphanumeric() && !matches!(byte, b'_' | b'-'))
        .map_or(from, |cut| from + cut + 1);
    let name = text.get(cut..equals)?.to_ascii_lowercase();
    let in_query = matches!(byte_before(text, cut), b'?' | b'&' | b'#');
    let listed = if in_query {
        SECRETS.contains(&name.as_str())
    } else {
        PLAIN_SECRETS.contains(&name.as_str()) && !is_word_before_name(text, cut)
    };
    if !listed {
        return None;
    }
    let start = equals + 1;
    let value = bytes.get(start..)?;
    let length = value
        .iter()
        .position(|byte| {
            byte.is_ascii_whitespace()
                || matches!(byte, b'&' | b'#' | b'"' | b'\'' | b'<' | b'>' | b'[' | b']' | b')' | b',')
        })
        .unwrap_or(value.len());
    let end = start + text.get(start..start + length)?.trim_end_matches(['.', '!', '?', ';']).len();
    (end > start).then_some((start, end))
}

fn is_word_before_name(text: &str, at: usize) -> bool {
    byte_before(text, at).is_ascii_alphanumeric()
}

/// Finds addresses of version 6 (RFC 4291, section 2.2).
pub(super) fn addresses_v6(text: &str, out: &mut Vec<Found>) {
    let bytes = text.as_bytes();
    let mut after = 0;
    for colon in memchr_iter(b':', bytes) {
        if colon < after {
            continue;
        }
        let is_part = |byte: &u8| byte.is_ascii_hexdigit() || *byte == b':';
        let start = colon
            - bytes
                .get(colon.saturating_sub(5).max(after)..colon)
                .unwrap_or_default()
                .iter()
                .rev()
                .take_while(|byte| is_part(byte))
                .count();
        let end =
            colon + bytes.get(colon..).unwrap_or_default().iter().take_while(|byte| is_part(byte)).count();
        after = end;
        let token = text
            .get(start..end)
            .map(|token| token.trim_end_matches(|sign| sign == ':' && !token.ends_with("::")))
            .unwrap_or("");
        if token.len() > 39
            || token.bytes().filter(|byte| *byte == b':').count() < 2
            || token.parse::<Ipv6Addr>().is_err()
        {
            continue;
        }
        let parts = token.split(':').filter(|part| !part.is_empty()).count();
        let digits = token.bytes().any(|byte| byte.is_ascii_digit());
        let sure = parts == 8
            || (parts >= 3 && digits)
            || (digits && Left::of(text, start).has(&["ip", "ipv6", "address", "adresse", "host", "server"]));
        let end = start + token.len();
        let bounded = !byte_before(text, start).is_ascii_alphanumeric()
            && !is_word_at(text, end)
            && byte(text, end) != b'.';
        if sure && bounded {
            out.push(Found { start, end, kind: PersonalKind::Ip });
        }
    }
}
