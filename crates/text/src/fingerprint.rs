//! A near-duplicate signature of first strength: the same words give the same number, on every platform and release.

use crate::words::words;

const OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
const PRIME: u64 = 0x0000_0100_0000_01b3;

/// Returns a hash (FNV-1a, 64 bits, with MurmurHash3's finaliser) of the lower-cased words, with web and mail
/// addresses, numbers, placeholders and masks as one sign each, so that copies with another number are the same.
#[must_use]
pub fn fingerprint(text: &str) -> u64 {
    let mut hash = OFFSET;
    let mut any = false;
    for token in text.split_whitespace() {
        if is_address(token) {
            hash = mix(hash, "\u{1}");
            any = true;
            continue;
        }
        for word in words(token) {
            any = true;
            if is_placeholder(token, word.start, word.end) || is_mask(word.text) {
                hash = mix(hash, "\u{3}");
            } else if word.text.bytes().any(|byte| byte.is_ascii_digit()) {
                hash = mix(hash, "\u{2}");
            } else {
                hash = mix(hash, word.text);
            }
        }
    }
    if !any {
        hash = text.split_whitespace().fold(hash, mix);
    }
    finish(hash)
}

fn mix(mut hash: u64, word: &str) -> u64 {
    let mut push = |byte: u8| hash = (hash ^ u64::from(byte)).wrapping_mul(PRIME);
    if word.is_ascii() {
        word.bytes().for_each(|byte| push(byte.to_ascii_lowercase()));
    } else {
        let mut buffer = [0; 4];
        for character in word.chars().flat_map(char::to_lowercase) {
            let character = if character == '\u{2019}' { '\'' } else { character };
            character.encode_utf8(&mut buffer).bytes().for_each(&mut push);
        }
    }
    push(0);
    hash
}

fn finish(mut hash: u64) -> u64 {
    hash = (hash ^ (hash >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    hash = (hash ^ (hash >> 33)).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    hash ^ (hash >> 33)
}

fn is_address(token: &str) -> bool {
    let bytes = token.as_bytes();
    memchr::memchr(b':', bytes).is_some_and(|at| bytes.get(at..at + 3) == Some(b"://"))
        || bytes.get(..4).is_some_and(|head| head.eq_ignore_ascii_case(b"www."))
        || memchr::memchr(b'@', bytes).is_some_and(|at| at > 0 && at + 1 < bytes.len())
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
