//! A near-duplicate signature of first strength: the same words give the same number, on every platform and release.

use crate::words::words;

const OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
const PRIME: u64 = 0x0000_0100_0000_01b3;

/// Returns a hash (FNV-1a, 64 bits, with MurmurHash3's finaliser) of the lower-cased words, with web and mail
/// addresses, numbers, placeholders and masks as one sign each, so that copies with another number are the same.
#[must_use]
pub fn fingerprint(text: &str) -> u64 {
    let bytes = text.as_bytes();
    let (mut hash, mut any, mut from) = (OFFSET, false, 0);
    while from < bytes.len() {
        let (length, traits) = token_at(bytes.get(from..).unwrap_or_default());
        let token = text.get(from..from + length).unwrap_or("");
        from += length + 1;
        if traits & WIDE > 0 {
            hash = token.split_whitespace().fold(hash, |hash, token| of_token(hash, token, &mut any));
        } else if traits & ODD > 0 || is_www(token.as_bytes()) {
            hash = of_token(hash, token, &mut any);
        } else if traits & WORD > 0 {
            any = true;
            hash = of_plain(hash, token.as_bytes());
        }
    }
    if !any {
        hash = text.split_whitespace().fold(hash, mix);
    }
    finish(hash)
}

/// Traits of a byte: white space, letter or digit, digit, part of a wider character, or a sign of addresses and masks.
const SPACE: u8 = 1;
const WORD: u8 = 2;
const DIGIT: u8 = 4;
const WIDE: u8 = 8;
const ODD: u8 = 16;

const TRAITS: [u8; 256] = {
    let mut table = [0; 256];
    let mut value: u8 = 0;
    loop {
        let traits = match value {
            b'\t'..=b'\r' | b' ' => SPACE,
            b'0'..=b'9' => WORD | DIGIT,
            b'a'..=b'z' | b'A'..=b'Z' => WORD,
            b':' | b'@' | b'[' => ODD,
            0x80.. => WIDE,
            _ => 0,
        };
        #[expect(clippy::indexing_slicing, reason = "a byte is an index of the table, at compile time")]
        {
            table[value as usize] = traits;
        }
        if value == u8::MAX {
            break table;
        }
        value += 1;
    }
};

fn traits(byte: u8) -> u8 {
    TRAITS.get(usize::from(byte)).copied().unwrap_or(0)
}

/// Gives the bytes before the next ASCII white space and the traits of all of them.
fn token_at(bytes: &[u8]) -> (usize, u8) {
    let mut all = 0;
    for (at, &byte) in bytes.iter().enumerate() {
        let own = traits(byte);
        if own & SPACE > 0 {
            return (at, all);
        }
        all |= own;
    }
    (bytes.len(), all)
}

/// Adds the words of an ASCII token without addresses and placeholders.
fn of_plain(mut hash: u64, token: &[u8]) -> u64 {
    let mut rest = token;
    while let Some(start) = rest.iter().position(|byte| traits(*byte) & WORD > 0) {
        rest = rest.get(start..).unwrap_or_default();
        let (mut own, mut all, mut length) = (hash, 0, 0);
        for (at, &byte) in rest.iter().enumerate() {
            let inner = || byte == b'\'' && rest.get(at + 1).is_some_and(|next| traits(*next) & WORD > 0);
            if traits(byte) & WORD == 0 && !inner() {
                break;
            }
            all |= traits(byte);
            // Letters become lower case; digits and the apostrophe have this bit already.
            own = push(own, byte | 0x20);
            length = at + 1;
        }
        let (word, behind) = rest.split_at_checked(length).unwrap_or((rest, &[]));
        rest = behind;
        hash = if word.len() >= 2 && word.iter().all(|byte| *byte == b'X') {
            mix(hash, "\u{3}")
        } else if all & DIGIT > 0 {
            mix(hash, "\u{2}")
        } else {
            push(own, 0)
        };
    }
    hash
}

fn push(hash: u64, byte: u8) -> u64 {
    (hash ^ u64::from(byte)).wrapping_mul(PRIME)
}

/// Adds the words of a token.
fn of_token(mut hash: u64, token: &str, any: &mut bool) -> u64 {
    if is_address(token) {
        *any = true;
        return mix(hash, "\u{1}");
    }
    for word in words(token) {
        *any = true;
        hash = if is_placeholder(token, word.start, word.end) || is_mask(word.text) {
            mix(hash, "\u{3}")
        } else if word.text.bytes().any(|byte| byte.is_ascii_digit()) {
            mix(hash, "\u{2}")
        } else {
            mix(hash, word.text)
        };
    }
    hash
}

fn mix(mut hash: u64, word: &str) -> u64 {
    if word.is_ascii() {
        hash = word.bytes().fold(hash, |hash, byte| push(hash, byte.to_ascii_lowercase()));
    } else {
        let mut buffer = [0; 4];
        for character in word.chars().flat_map(char::to_lowercase) {
            let character = if character == '\u{2019}' { '\'' } else { character };
            hash = character.encode_utf8(&mut buffer).bytes().fold(hash, push);
        }
    }
    push(hash, 0)
}

fn finish(mut hash: u64) -> u64 {
    hash = (hash ^ (hash >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    hash = (hash ^ (hash >> 33)).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    hash ^ (hash >> 33)
}

fn is_address(token: &str) -> bool {
    let bytes = token.as_bytes();
    memchr::memchr(b':', bytes).is_some_and(|at| bytes.get(at..at + 3) == Some(b"://"))
        || is_www(bytes)
        || memchr::memchr(b'@', bytes).is_some_and(|at| at > 0 && at + 1 < bytes.len())
}

fn is_www(token: &[u8]) -> bool {
    token.get(..4).is_some_and(|head| head.eq_ignore_ascii_case(b"www."))
}

fn is_placeholder(token: &str, start: usize, end: usize) -> bool {
    let bytes = token.as_bytes();
    start > 0 && bytes.get(start - 1) == Some(&b'[') && bytes.get(end) == Some(&b']')
}

fn is_mask(word: &str) -> bool {
    word.len() >= 2 && word.bytes().all(|byte| byte == b'X')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_share_a_signature() {
        let first = fingerprint("My order 4711 is late, see https://shop.example/o/4711!");
        assert_eq!(first, fingerprint("my ORDER 12 is late -- see http://other.example/x"));
        assert_ne!(first, fingerprint("My order 4711 is early, see https://shop.example/o/4711!"));
        assert_eq!(fingerprint("Mail [email] or XXXX now"), fingerprint("mail [phone] or XX now"));
        assert_ne!(fingerprint("👍"), fingerprint("👎"));
    }

    #[test]
    fn the_value_is_stable_across_releases() {
        assert_eq!(fingerprint(""), 17_280_346_270_528_514_342);
    }
}
