//! The best way through a passage: at most one span of each sort, and what happened always there.

/// What a word of a passage is part of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tag {
    /// Neither span.
    Neither,
    /// What was expected.
    Expected,
    /// What happened.
    Happened,
}

/// A place on the way: its tag, and to which places it leads.
struct Place {
    tag: Tag,
    next: &'static [usize],
    /// The way may begin here.
    opens: bool,
    /// The way may end here.
    closes: bool,
}

const fn place(tag: Tag, next: &'static [usize], opens: bool, closes: bool) -> Place {
    Place { tag, next, opens, closes }
}

/// First what was expected, then what happened, or the other way round.
static BOTH: [Place; 9] = [
    place(Tag::Neither, &[0, 1, 5], true, false),
    place(Tag::Expected, &[1, 2, 3], true, false),
    place(Tag::Neither, &[2, 3], false, false),
    place(Tag::Happened, &[3, 4], false, true),
    place(Tag::Neither, &[4], false, true),
    place(Tag::Happened, &[5, 6, 7], true, false),
    place(Tag::Neither, &[6, 7], false, false),
    place(Tag::Expected, &[7, 8], false, true),
    place(Tag::Neither, &[8], false, true),
];

/// Only what happened.
static ONE: [Place; 3] = [
    place(Tag::Neither, &[0, 1], true, false),
    place(Tag::Happened, &[1, 2], true, true),
    place(Tag::Neither, &[2], false, true),
];

/// The most steps between places.
const STEPS: usize = 19;

/// Gives every step from a place to the next, with what the move adds.
fn steps(places: &[Place], moves: &[[f32; 3]; 3]) -> ([(usize, usize, f32); STEPS], usize) {
    let mut out = [(0, 0, 0.0); STEPS];
    let of = |from: Tag, to: Tag| moves.get(from as usize).and_then(|row| row.get(to as usize)).copied();
    let all = places.iter().enumerate().flat_map(|(from, place)| {
        let goals = place.next.iter().filter_map(|to| Some((*to, places.get(*to)?)));
        goals.map(move |(to, goal)| (from, to, of(place.tag, goal.tag).unwrap_or(0.0)))
    });
    let count = out.iter_mut().zip(all).map(|(slot, step)| *slot = step).count();
    (out, count)
}

/// Gives the tags with the highest sum of scores and moves (Viterbi); nothing where the passage is too short.
#[must_use]
pub fn best(scores: &[[f32; 3]], moves: &[[f32; 3]; 3], explicit: bool) -> Option<Vec<Tag>> {
    let places: &[Place] = if explicit { &BOTH } else { &ONE };
    let score = |word: &[f32; 3], place: &Place| word.get(place.tag as usize).copied().unwrap_or(0.0);
    let (first, rest) = scores.split_first()?;
    let mut sums = [f32::NEG_INFINITY; BOTH.len()];
    for (sum, place) in sums.iter_mut().zip(places).filter(|(_, place)| place.opens) {
        *sum = score(first, place);
    }
    let (steps, count) = steps(places, moves);
    let steps = steps.get(..count)?;
    let mut ways: Vec<[u8; BOTH.len()]> = Vec::with_capacity(rest.len());
    for word in rest {
        let mut own = [0.0; BOTH.len()];
        for (own, place) in own.iter_mut().zip(places) {
            *own = score(word, place);
        }
        let mut next = [f32::NEG_INFINITY; BOTH.len()];
        let mut from = [0; BOTH.len()];
        for &(at, to, step) in steps {
            let (Some(sum), Some(own)) = (sums.get(at), own.get(to)) else { continue };
            let sum = sum + step + own;
            if let (Some(known), Some(way)) = (next.get_mut(to), from.get_mut(to))
                && sum > *known
            {
                // There are nine places.
                (*known, *way) = (sum, at as u8);
            }
        }
        sums = next;
        ways.push(from);
    }
    let closing = places.iter().zip(&sums).enumerate().filter(|(_, (place, _))| place.closes);
    let (mut at, (_, sum)) = closing.reduce(|best, other| if other.1.1 > best.1.1 { other } else { best })?;
    if !sum.is_finite() {
        return None;
    }
    let mut out = vec![places.get(at)?.tag];
    for way in ways.iter().rev() {
        at = usize::from(*way.get(at)?);
        out.push(places.get(at)?.tag);
    }
    out.reverse();
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_span_is_one_piece_and_what_happened_is_always_there() {
        let scores = [[0.0, 2.0, 0.0], [1.0, 0.0, 0.0], [0.0, 2.0, 1.9], [0.0, 0.0, -3.0]];
        let moves = [[0.0; 3]; 3];
        use Tag::{Expected, Happened, Neither};
        assert_eq!(best(&scores, &moves, true), Some(vec![Expected, Neither, Happened, Neither]));
        assert_eq!(best(&scores, &moves, false), Some(vec![Neither, Neither, Happened, Neither]));
        assert_eq!(best(&scores[..1], &moves, true), None);
        assert_eq!(best(&[], &moves, false), None);
        assert_eq!(best(&scores[3..], &moves, false), Some(vec![Happened]));
    }
}
