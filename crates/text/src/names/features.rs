//! What speaks for and against a word being part of a person's name, as numbered features.

use super::tokens::{Gap, Shape, Token, mix};

/// No word has more features than this.
pub(super) const MOST: usize = 40;

/// Slots of the weights; a power of two.
pub(super) const SLOTS: u32 = 1 << 17;

/// The features of one word.
pub(super) struct Features {
    slots: [u32; MOST],
    count: usize,
}

impl Features {
    pub(super) fn new() -> Self {
        Self { slots: [0; MOST], count: 0 }
    }

    pub(super) fn as_slice(&self) -> &[u32] {
        self.slots.get(..self.count).unwrap_or_default()
    }

    fn add(&mut self, template: u32, values: &[u32]) {
        let hash = values.iter().fold(template.wrapping_mul(0x85eb_ca6b), |hash, value| mix(hash, *value));
        let finished = (hash ^ (hash >> 13)).wrapping_mul(0xc2b2_ae35);
        if let Some(slot) = self.slots.get_mut(self.count) {
            *slot = (finished >> 15) & (SLOTS - 1);
            self.count += 1;
        }
    }
}

/// How a text is written: 0 as usual, 1 hardly any capitals, 2 many capitals, 3 nearly all in capitals.
pub(super) fn case_of(tokens: &[Token]) -> u32 {
    let (mut upper, mut capital, mut words) = (0u32, 0u32, 0u32);
    for token in tokens {
        let cased = !matches!(token.shape, Shape::Digits | Shape::Caseless | Shape::Initial);
        words += u32::from(cased);
        upper += u32::from(token.shape == Shape::Upper);
        capital += u32::from(matches!(token.shape, Shape::Capital | Shape::Upper | Shape::Mixed));
    }
    if words >= 3 && upper * 3 >= words * 2 {
        3
    } else if words >= 4 && capital * 5 >= words * 3 {
        2
    } else if capital == 0 {
        1
    } else {
        0
    }
}

/// Says whether a word can be part of a name at all; all others are none, unseen by the model.
pub(super) fn is_candidate(tokens: &[Token], at: usize, case: u32) -> bool {
    let Some(token) = tokens.get(at) else { return false };
    let class = token.class;
    let listed = class.given().max(class.family());
    let technical = |gap: Gap| matches!(gap, Gap::At | Gap::Hash | Gap::Technical);
    if technical(token.gap) || tokens.get(at + 1).is_some_and(|next| next.gap == Gap::Technical) {
        return false;
    }
    match token.shape {
        Shape::Capital | Shape::Mixed => {
            !(class.ordinary() >= 4 && listed == 0) && class.cue() != 10 || listed == 2
        }
        Shape::Initial => initial_candidate(tokens, at),
        Shape::Upper if case != 3 => !(class.ordinary() >= 3 && listed == 0) && token.end - token.start >= 3,
        Shape::Lower | Shape::Upper => lower_candidate(tokens, at),
        Shape::Digits | Shape::Caseless => false,
    }
}

/// A single capital letter belongs to a name only beside a word with a capital, or before another such letter.
fn initial_candidate(tokens: &[Token], at: usize) -> bool {
    let capital = |token: &Token| matches!(token.shape, Shape::Capital | Shape::Mixed | Shape::Upper);
    let linked = |gap: Gap| matches!(gap, Gap::Space | Gap::Initial);
    let before = at.checked_sub(1).and_then(|before| tokens.get(before)).is_some_and(capital);
    let after = tokens.get(at + 1);
    after.is_some_and(|next| next.gap == Gap::Initial || (linked(next.gap) && capital(next)))
        || (before && tokens.get(at).is_some_and(|token| linked(token.gap)))
}

/// A word in lower case must be a listed name, or unknown beside one.
fn lower_candidate(tokens: &[Token], at: usize) -> bool {
    let Some(token) = tokens.get(at) else { return false };
    let class = token.class;
    if token.end - token.start < 3 || class.cue() != 0 && class.given() < 2 {
        return false;
    }
    if listed(token) {
        return true;
    }
    let before = at.checked_sub(1).and_then(|before| tokens.get(before));
    let beside = before.is_some_and(|before| {
        token.gap == Gap::Space && (listed(before) || matches!(before.class.cue(), 1 | 4))
    }) || tokens.get(at + 1).is_some_and(|next| next.gap == Gap::Space && listed(next));
    class.ordinary() <= 1 && beside
}

fn listed(token: &Token) -> bool {
    let class = token.class;
    match class.given().max(class.family()) {
        0 => false,
        1 => class.ordinary() <= 1,
        _ => class.ordinary() <= if class.given() == 2 { 3 } else { 2 },
    }
}

/// A neighbour in short: how it is written and what it is.
fn kind(token: Option<&Token>) -> u32 {
    let Some(token) = token else { return 0 };
    let class = token.class;
    let listed = u32::from(class.given() > 0) + 2 * u32::from(class.family() > 0);
    let rare = u32::from(class.ordinary() <= 1) + u32::from(class.ordinary() <= 3);
    1 + token.shape as u32 + 8 * listed + 32 * rare
}

/// Writes the features of the word at a place.
pub(super) fn of(tokens: &[Token], at: usize, case: u32) -> Features {
    let mut out = Features::new();
    let Some(token) = tokens.get(at) else { return out };
    let neighbour = |steps: isize| at.checked_add_signed(steps).and_then(|place| tokens.get(place));
    let (before, second) = (neighbour(-1), neighbour(-2));
    let (after, third) = (neighbour(1), neighbour(2));
    let gap = token.gap as u32;
    let next_gap = after.map_or(20, |next| next.gap as u32);
    let hash_of = |token: Option<&Token>| token.map_or(1, |token| token.hash);
    let cue_of = |token: Option<&Token>| token.map_or(0, |token| u32::from(token.class.cue()));
    own(token, case, &mut out);
    let (shape, class) = (token.shape as u32, token.class);
    let names = u32::from(class.given() + 3 * class.family());
    let open = u32::from(matches!(token.gap, Gap::Start | Gap::Line | Gap::Stop | Gap::Open));
    out.add(20, &[gap, shape, case]);
    out.add(21, &[next_gap, shape, names]);
    out.add(22, &[gap, next_gap, shape]);
    out.add(23, &[open, shape, names, u32::from(class.ordinary())]);
    out.add(30, &[hash_of(before), gap]);
    out.add(31, &[hash_of(after), next_gap]);
    out.add(32, &[hash_of(second), hash_of(before)]);
    out.add(33, &[hash_of(after), hash_of(third)]);
    out.add(34, &[cue_of(before), gap, shape, names]);
    out.add(35, &[cue_of(after), next_gap, shape, names]);
    out.add(36, &[cue_of(second), cue_of(before), shape]);
    out.add(37, &[kind(before), gap, shape]);
    out.add(38, &[kind(after), next_gap, shape]);
    out.add(39, &[kind(before), kind(Some(token)), kind(after)]);
    out.add(40, &[hash_of(second)]);
    out.add(41, &[hash_of(third)]);
    out.add(42, &[cue_of(second), cue_of(third)]);
    let alone = u32::from(
        open == 1 && matches!(after.map(|next| next.gap), None | Some(Gap::Line | Gap::Placeholder)),
    );
    out.add(43, &[alone, u32::from(after.is_none()), cue_of(before), shape]);
    out.add(
        44,
        &[
            u32::from(before.is_some_and(|before| before.class.given() == 2)),
            gap,
            shape,
            u32::from(class.ordinary()),
        ],
    );
    out.add(45, &[u32::from(after.is_some_and(|next| next.class.family() > 0)), next_gap, shape, names]);
    out
}

/// What the word itself says.
fn own(token: &Token, case: u32, out: &mut Features) {
    let (shape, class) = (token.shape as u32, token.class);
    let names = u32::from(class.given() + 3 * class.family());
    let ordinary = u32::from(class.ordinary());
    out.add(1, &[shape, case]);
    out.add(2, &[shape, names]);
    out.add(3, &[shape, names, ordinary]);
    out.add(4, &[shape, ordinary, u32::from(class.capital())]);
    out.add(5, &[u32::from(class.place()), names, shape]);
    out.add(6, &[token.hash]);
    let [three, two] = token.suffix;
    out.add(7, &[three, shape]);
    out.add(8, &[two, shape]);
    out.add(9, &[u32::from(class.capital()), names, case]);
    out.add(10, &[u32::from(class.cue()), shape, names]);
    out.add(11, &[u32::try_from((token.end - token.start).min(12)).unwrap_or(12), shape]);
}

/// Writes what speaks for a name to go on from one word to the next.
pub(super) fn link(before: &Token, token: &Token) -> Features {
    let mut out = Features::new();
    let gap = token.gap as u32;
    let (left, right) = (before.class, token.class);
    out.add(60, &[gap]);
    out.add(61, &[gap, before.shape as u32, token.shape as u32]);
    out.add(
        62,
        &[
            gap,
            u32::from(left.given()),
            u32::from(left.family()),
            u32::from(right.given()),
            u32::from(right.family()),
        ],
    );
    out
}
