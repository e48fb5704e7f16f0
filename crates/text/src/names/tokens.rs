//! The words of a text as the name model sees them: folded hash, shape, and what stands before each.

use unicode_normalization::char::decompose_canonical;

use crate::words::words;

use super::lexicon::{Class, NameLexicon};

/// How a word is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    Lower,
    Capital,
    Upper,
    Initial,
    Mixed,
    Digits,
    Caseless,
}

/// What stands between a word and the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Gap {
    Start,
    Line,
    Stop,
    Comma,
    Colon,
    Space,
    Hyphen,
    Initial,
    Owner,
    At,
    Hash,
    Open,
    Technical,
    Placeholder,
    Other,
}

/// A word of the text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Token {
    pub start: usize,
    pub end: usize,
    pub hash: u32,
    pub class: Class,
    pub shape: Shape,
    pub gap: Gap,
    /// The last three and the last two letters, folded.
    pub suffix: [u32; 2],
}

const SEED: u32 = 0x811c_9dc5;

/// Adds a value to a hash.
pub(super) fn mix(hash: u32, value: u32) -> u32 {
    let mixed = (hash ^ value).wrapping_mul(0x0100_0193);
    mixed ^ (mixed >> 15)
}

/// The hash of a word, folded: lower case, without marks, without an elided article before an apostrophe.
pub(super) fn hash_word(word: &str) -> u32 {
    look(word).hash
}

/// What a word is by itself.
struct Look {
    hash: u32,
    suffix: [u32; 2],
    shape: Shape,
}

/// The running hash and last letters of a word.
struct Folding {
    hash: u32,
    last: [u32; 3],
}

impl Folding {
    fn new() -> Self {
        Self { hash: SEED, last: [0; 3] }
    }

    #[inline]
    fn push(&mut self, sign: u32) {
        self.hash = mix(self.hash, sign);
        let [_, second, third] = self.last;
        self.last = [second, third, sign];
    }

    fn finish(self, shape: Shape) -> Look {
        let [first, second, third] = self.last;
        let two = mix(mix(SEED, second), third);
        Look { hash: self.hash, suffix: [mix(two, first), two], shape }
    }
}

fn look(word: &str) -> Look {
    if let Some(look) = look_ascii(word.as_bytes()) {
        return look;
    }
    let core = match word.split_once(['\'', '\u{2019}']) {
        Some((head, tail)) if head.len() <= 2 && tail.len() >= 3 => tail,
        _ => word,
    };
    let mut folding = Folding::new();
    for sign in core.chars() {
        if sign.is_ascii() {
            folding.push(u32::from(sign.to_ascii_lowercase()));
        } else {
            fold_char(sign, &mut |sign| folding.push(sign));
        }
    }
    folding.finish(shape(word))
}

/// The same for plain letters and digits, in one pass.
fn look_ascii(word: &[u8]) -> Option<Look> {
    let mut folding = Folding::new();
    let (mut upper, mut lower, mut digits) = (0usize, 0usize, 0usize);
    for &byte in word {
        if byte.is_ascii_lowercase() {
            lower += 1;
        } else if byte.is_ascii_uppercase() {
            upper += 1;
        } else if byte.is_ascii_digit() {
            digits += 1;
        } else {
            return None;
        }
        folding.push(u32::from(byte | 0x20));
    }
    let first_upper = word.first().is_some_and(u8::is_ascii_uppercase);
    let shape = shaped([upper, lower, word.len()], digits > 0, first_upper);
    Some(folding.finish(shape))
}

fn shaped([upper, lower, letters]: [usize; 3], digit: bool, first_upper: bool) -> Shape {
    match (digit, upper, lower) {
        (true, ..) => Shape::Digits,
        (_, 0, 0) => Shape::Caseless,
        (_, 0, _) => Shape::Lower,
        (_, 1, 0) if letters == 1 => Shape::Initial,
        (_, _, 0) => Shape::Upper,
        (_, 1, _) if first_upper => Shape::Capital,
        _ => Shape::Mixed,
    }
}

fn fold_char(sign: char, push: &mut impl FnMut(u32)) {
    for lower in sign.to_lowercase() {
        match lower {
            '\u{df}' => [b's', b's'].iter().for_each(|sign| push(u32::from(*sign))),
            'ø' => push(u32::from(b'o')),
            'ł' => push(u32::from(b'l')),
            'đ' | 'ð' => push(u32::from(b'd')),
            'ı' => push(u32::from(b'i')),
            'æ' => [b'a', b'e'].iter().for_each(|sign| push(u32::from(*sign))),
            'œ' => [b'o', b'e'].iter().for_each(|sign| push(u32::from(*sign))),
            'þ' => [b't', b'h'].iter().for_each(|sign| push(u32::from(*sign))),
            '\u{2019}' => push(u32::from(b'\'')),
            _ => {
                let mut first = None;
                decompose_canonical(lower, |part| first = first.or(Some(part)));
                push(u32::from(first.unwrap_or(lower)));
            }
        }
    }
}

fn shape(word: &str) -> Shape {
    let (mut counts, mut digit, mut first_upper) = ([0; 3], false, false);
    let [upper, lower, letters] = &mut counts;
    for (place, sign) in word.chars().enumerate() {
        first_upper |= place == 0 && sign.is_uppercase();
        *upper += usize::from(sign.is_uppercase());
        *lower += usize::from(sign.is_lowercase());
        digit |= sign.is_ascii_digit();
        *letters += 1;
    }
    shaped(counts, digit, first_upper)
}

/// A word without the ending of an owner.
fn without_owner(word: &str) -> &str {
    let owned = word.strip_suffix(['s', 'S']).and_then(|head| head.strip_suffix(['\'', '\u{2019}']));
    owned.filter(|stem| !stem.is_empty()).unwrap_or(word)
}

/// Reads the words of a text that are outside the masked stretches, which are sorted. Owners' endings ("Murphy's") are
/// cut off.
pub(super) fn read(text: &str, masked: &[(usize, usize)], lexicon: &NameLexicon, out: &mut Vec<Token>) {
    out.clear();
    let (mut last, mut short, mut after_mask) = (0, false, false);
    let mut masks = masked.iter().peekable();
    for word in words(text) {
        while masks.next_if(|(_, end)| *end <= word.start).is_some() {
            after_mask = true;
        }
        if masks.peek().is_some_and(|(start, _)| *start < word.end) {
            continue;
        }
        let stem = without_owner(word.text);
        let Look { hash, suffix, shape } = look(stem);
        let class = lexicon.class(hash);
        let between = text.get(last..word.start).unwrap_or("");
        let gap = if after_mask {
            Gap::Placeholder
        } else if out.is_empty() {
            gap_at_start(between)
        } else {
            gap(between, short)
        };
        after_mask = false;
        last = word.start + stem.len();
        short = shape == Shape::Initial || class.cue() == 1;
        out.push(Token { start: word.start, end: last, hash, class, shape, gap, suffix });
    }
}

fn gap_at_start(between: &str) -> Gap {
    match between.trim_end().chars().next_back() {
        Some('@') => Gap::At,
        Some('#') => Gap::Hash,
        _ => Gap::Start,
    }
}

fn gap(between: &str, short: bool) -> Gap {
    match between {
        " " => return Gap::Space,
        "-" | "\u{2010}" | "\u{2011}" => return Gap::Hyphen,
        ". " | "." if short => return Gap::Initial,
        _ => {}
    }
    if between.contains('\n') {
        return Gap::Line;
    }
    let spaced = between.ends_with(' ');
    let Some(sign) = between.trim_end().chars().next_back() else { return Gap::Space };
    match sign {
        '@' => Gap::At,
        '#' => Gap::Hash,
        ',' => Gap::Comma,
        ':' if spaced => Gap::Colon,
        '.' | '!' | '?' | ';' | '\u{2026}' if spaced => Gap::Stop,
        's' | 'S' | '\'' | '\u{2019}' => Gap::Owner,
        '(' | '"' | '\u{201c}' | '\u{201e}' | '«' | '\u{2018}' => Gap::Open,
        ')' | '\u{201d}' | '»' | '-' | '\u{2013}' | '\u{2014}' => Gap::Other,
        '/' | '\\' | '_' | '=' | '.' | ':' | '+' | '&' | '~' => Gap::Technical,
        _ => Gap::Other,
    }
}
