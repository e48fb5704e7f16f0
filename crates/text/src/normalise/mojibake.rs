//! Mojibake: UTF-8 that somebody read as Windows-1252 or Latin-1, put right where that is surely better.

/// Returns the byte that Windows-1252 (or, for its five gaps, Latin-1) reads as this character.
fn byte_of(character: char) -> Option<u8> {
    const HIGH: [(char, u8); 27] = [
        ('€', 0x80),
        ('‚', 0x82),
        ('ƒ', 0x83),
        ('„', 0x84),
        ('…', 0x85),
        ('†', 0x86),
        ('‡', 0x87),
        ('ˆ', 0x88),
        ('‰', 0x89),
        ('Š', 0x8a),
        ('‹', 0x8b),
        ('Œ', 0x8c),
        ('Ž', 0x8e),
        ('‘', 0x91),
        ('’', 0x92),
        ('“', 0x93),
        ('”', 0x94),
        ('•', 0x95),
        ('–', 0x96),
        ('—', 0x97),
        ('˜', 0x98),
        ('™', 0x99),
        ('š', 0x9a),
        ('›', 0x9b),
        ('œ', 0x9c),
        ('ž', 0x9e),
        ('Ÿ', 0x9f),
    ];
    match character {
        '\u{80}'..='\u{ff}' => u8::try_from(u32::from(character)).ok(),
        '\u{152}'..='\u{2122}' => HIGH.iter().find(|(high, _)| *high == character).map(|(_, byte)| *byte),
        _ => None,
    }
}

fn is_lead(character: char) -> bool {
    matches!(character, '\u{c2}'..='\u{f4}')
}

fn continuation(character: char) -> Option<u8> {
    byte_of(character).filter(|byte| matches!(byte, 0x80..=0xbf))
}

/// Characters that honestly stand behind a letter such as `Ã` or `Â`: closing quotes, dashes, dots, a no-break space.
fn is_honest_neighbour(character: char) -> bool {
    matches!(
        character,
        '‚' | '„'
            | '…'
            | '‹'
            | '›'
            | '‘'
            | '’'
            | '“'
            | '”'
            | '•'
            | '–'
            | '—'
            | '\u{a0}'
            | ' '
            | '«'
            | '»'
            | '°'
            | '´'
            | '¨'
            | '²'
            | '³'
            | '·'
    )
}

/// How sure a sequence is to be mojibake.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Proof {
    /// On its own.
    Strong,
    /// Only beside another of its alphabet.
    Paired,
    /// Only where the text has proof elsewhere.
    Weak,
}

/// Decodes what starts with a lead: the character, how many were read, and the proof it gives.
fn decode(lead: char, mut rest: impl Iterator<Item = char>) -> Option<(char, usize, Proof)> {
    let first = u8::try_from(u32::from(lead)).ok()?;
    let second = rest.next()?;
    let low = |byte: u8| u32::from(byte & 0x3f);
    let two = continuation(second)?;
    let (code, read, proof) = match first {
        0xc2..=0xdf => {
            let proof = match first {
                0xc2..=0xc5 if is_honest_neighbour(second) => Proof::Weak,
                0xc2..=0xc5 => Proof::Strong,
                0xce..=0xd1 | 0xd7..=0xd9 => Proof::Paired,
                _ => return None,
            };
            ((u32::from(first & 0x1f) << 6) | low(two), 2, proof)
        }
        0xe0..=0xef => {
            let three = continuation(rest.next()?)?;
            let known = match first {
                0xe0 => matches!(two, 0xa4 | 0xa5 | 0xb8 | 0xb9),
                0xe1 => matches!(two, 0xba | 0xbb),
                0xe2 => matches!(two, 0x80..=0x9e | 0xac),
                0xe3..=0xed => two < 0xa0 || three < 0xa0,
                0xef => matches!(two, 0xb8 | 0xbb | 0xbc | 0xbd),
                _ => false,
            };
            if !known {
                return None;
            }
            ((u32::from(first & 0x0f) << 12) | (low(two) << 6) | low(three), 3, Proof::Strong)
        }
        0xf0 => {
            let (three, four) = (continuation(rest.next()?)?, continuation(rest.next()?)?);
            if two != 0x9f {
                return None;
            }
            ((low(two) << 12) | (low(three) << 6) | low(four), 4, Proof::Strong)
        }
        _ => return None,
    };
    let decoded = char::from_u32(code)
        .filter(|decoded| !matches!(decoded, '\u{80}'..='\u{9f}') && decoded.len_utf8() == read)?;
    Some((decoded, read, proof))
}

/// Says cheaply whether there is anything to repair.
pub(super) fn is_suspicious(text: &str) -> bool {
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        if is_lead(character) && decode(character, characters.clone()).is_some() {
            return is_proved(text);
        }
    }
    false
}

fn is_proved(text: &str) -> bool {
    let mut characters = text.chars();
    let mut paired = false;
    while let Some(character) = characters.next() {
        if !is_lead(character) {
            paired = false;
            continue;
        }
        match decode(character, characters.clone()) {
            Some((.., Proof::Strong)) => return true,
            Some((_, read, Proof::Paired)) => {
                if paired {
                    return true;
                }
                paired = true;
                characters.by_ref().take(read - 1).for_each(drop);
            }
            _ => paired = false,
        }
    }
    false
}

/// Returns the repaired text, or nothing where nothing is surely better. From the right to the left on a stack, so that
/// text that was spoilt several times is put right in one linear pass.
pub(super) fn repair(text: &str) -> Option<String> {
    if text.is_ascii() || !is_suspicious(text) {
        return None;
    }
    let mut stack: Vec<char> = Vec::with_capacity(text.len());
    for character in text.chars().rev() {
        stack.push(character);
        while let Some(&top) = stack.last() {
            if !is_lead(top) {
                break;
            }
            let Some((decoded, read, _)) = decode(top, stack.iter().rev().skip(1).copied()) else { break };
            stack.truncate(stack.len() - read);
            stack.push(decoded);
        }
    }
    Some(stack.into_iter().rev().collect())
}
