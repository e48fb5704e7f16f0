//! Which theme of a new run is which of the run before: by the people in both, then by the centroids.
//!
//! Only people heard in both runs are compared, so that a growing or moving window does not make themes unlike themselves.
//! Memory: the people of all themes once, by person.

use std::collections::HashMap;

use super::stream::cosine;

/// Jaccard similarity of the people from which two themes are the same.
const SAME: f64 = 0.3;
/// The same where the centroids are near each other too ([`NEAR`]).
const SAME_AND_NEAR: f64 = 0.1;
const NEAR: f64 = 0.80;
/// Cosine from which themes are the same where nobody was heard in both runs.
const SAME_DIRECTION: f64 = 0.90;

/// A theme of one run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Theme {
    /// Who spoke of it; each once, in any order.
    pub people: Vec<u64>,
    /// Its centroid.
    pub centroid: Vec<f32>,
    /// Whether a person edited it: pinned, renamed, merged or hid it.
    pub touched: bool,
}

/// How many people the themes of two runs have in common.
pub(super) struct Overlap {
    /// By known theme and found theme.
    both: Vec<Vec<usize>>,
    /// People of each known theme who were heard in the new run.
    pub known: Vec<usize>,
    /// People of each found theme who were heard in the run before.
    pub found: Vec<usize>,
}

impl Overlap {
    pub fn of(known: &[Theme], found: &[Theme]) -> Self {
        let (old, new) = (by_person(known), by_person(found));
        let mut overlap = Self {
            both: vec![vec![0; found.len()]; known.len()],
            known: vec![0; known.len()],
            found: vec![0; found.len()],
        };
        let count = |side: &mut Vec<usize>, at: usize| side.get_mut(at).into_iter().for_each(|n| *n += 1);
        for (person, before) in &old {
            let Some(now) = new.get(person) else { continue };
            before.iter().for_each(|at| count(&mut overlap.known, *at));
            now.iter().for_each(|at| count(&mut overlap.found, *at));
            for at in before {
                for to in now {
                    overlap.both.get_mut(*at).into_iter().for_each(|row| count(row, *to));
                }
            }
        }
        overlap
    }

    pub fn both(&self, known: usize, found: usize) -> usize {
        self.both.get(known).and_then(|row| row.get(found)).copied().unwrap_or(0)
    }

    /// The share of a known theme's people who are in a found one.
    pub fn of_known(&self, known: usize, found: usize) -> f64 {
        share(self.both(known, found), self.known.get(known).copied().unwrap_or(0))
    }

    /// The share of a found theme's people who were in a known one.
    pub fn of_found(&self, known: usize, found: usize) -> f64 {
        share(self.both(known, found), self.found.get(found).copied().unwrap_or(0))
    }

    fn jaccard(&self, known: usize, found: usize) -> f64 {
        let both = self.both(known, found);
        let either =
            self.known.get(known).copied().unwrap_or(0) + self.found.get(found).copied().unwrap_or(0);
        share(both, either - both)
    }
}

fn share(part: usize, all: usize) -> f64 {
    if all == 0 { 0.0 } else { part as f64 / all as f64 }
}

fn by_person(themes: &[Theme]) -> HashMap<u64, Vec<usize>> {
    let mut by_person: HashMap<u64, Vec<usize>> = HashMap::new();
    for (at, theme) in themes.iter().enumerate() {
        for person in &theme.people {
            let of = by_person.entry(*person).or_default();
            if of.last() != Some(&at) {
                of.push(at);
            }
        }
    }
    by_person
}

/// Gives for each found theme the known one that it is; each known one is given at most once. Two themes are the same where
/// three tenths of their people (Jaccard, of those heard in both runs) are, or one tenth and the centroids are near (a cosine of
/// 0.80), or where nobody was heard in both and the centroids nearly agree (0.90). The most alike are matched first; of equals
/// those that come first.
pub fn matches(known: &[Theme], found: &[Theme]) -> Vec<Option<usize>> {
    matched(known, found, &Overlap::of(known, found))
}

pub(super) fn matched(known: &[Theme], found: &[Theme], overlap: &Overlap) -> Vec<Option<usize>> {
    let mut pairs: Vec<(f64, usize, usize)> = Vec::new();
    for (old, theme) in known.iter().enumerate() {
        for (new, other) in found.iter().enumerate() {
            let jaccard = overlap.jaccard(old, new);
            let near = cosine(&theme.centroid, &other.centroid);
            let unheard = overlap.known.get(old) == Some(&0) && overlap.found.get(new) == Some(&0);
            let same = jaccard >= SAME || (jaccard >= SAME_AND_NEAR && near >= NEAR);
            if same || (unheard && near >= SAME_DIRECTION) {
                // People decide; the centroids only between those that are as alike.
                pairs.push((jaccard + near.max(0.0) * 0.05, old, new));
            }
        }
    }
    pairs.sort_by(|left, right| right.0.total_cmp(&left.0).then((left.1, left.2).cmp(&(right.1, right.2))));
    let (mut taken, mut given) = (vec![false; known.len()], vec![None; found.len()]);
    for (_, old, new) in pairs {
        if let (Some(taken), Some(place @ None)) = (taken.get_mut(old), given.get_mut(new))
            && !*taken
        {
            *taken = true;
            *place = Some(old);
        }
    }
    given
}
