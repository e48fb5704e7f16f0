//! What a new run would change: themes that are new, grown, shrunk, split, merged or gone. A proposal, not a change.

use super::matching::{Overlap, Theme, matched};

/// A theme with this many times as many people has grown, and one with as many fewer has shrunk.
const RESIZED: f64 = 1.1;
/// A part of a split theme holds at least this share of its people.
const PART: f64 = 0.25;
/// A theme that goes into another brings at least this share of its own people along, and a part comes from one theme by as much.
const MOSTLY: f64 = 0.5;
/// A merged theme consists to at least this share of each that went into it.
const INGREDIENT: f64 = 0.15;

/// What happens to themes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// As before, to a tenth.
    Unchanged,
    /// A tenth more people or over.
    Grown,
    /// A tenth fewer people or over.
    Shrunk,
    /// Was not there before.
    New,
    /// Is there no longer.
    Gone,
    /// Became several.
    Split,
    /// Several became one.
    Merged,
}

/// One change of the themes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// What happens.
    pub kind: Kind,
    /// The themes that it happens to, by their place among the known ones.
    pub known: Vec<usize>,
    /// The themes that come of it, by their place among the found ones. Of a split the first keeps the id.
    pub found: Vec<usize>,
    /// Whether it may apply by itself: no person edited any of the known themes. All else a person decides.
    pub by_itself: bool,
}

/// What a new run would change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Proposal {
    /// For each found theme the known one whose id it keeps; none needs a new id.
    pub ids: Vec<Option<usize>>,
    /// All changes; every known theme stands in one of them, and every found one.
    pub changes: Vec<Change>,
}

impl Proposal {
    /// The changes that a person decides.
    pub fn to_decide(&self) -> impl Iterator<Item = &Change> {
        self.changes.iter().filter(|change| !change.by_itself && change.kind != Kind::Unchanged)
    }
}

/// Compares the themes of a new run with the known ones. The same themes give no change at all.
pub fn propose(known: &[Theme], found: &[Theme]) -> Proposal {
    let overlap = Overlap::of(known, found);
    let ids = matched(known, found, &overlap);
    let mut changes = Changes { known, found, ids: &ids, done: vec![false; found.len()], list: Vec::new() };
    let mut settled = vec![false; known.len()];
    merges(&overlap, &mut changes, &mut settled);
    splits(&overlap, &mut changes, &mut settled);
    for (old, settled) in settled.iter().enumerate().filter(|(_, settled)| !**settled) {
        debug_assert!(!settled);
        match ids.iter().position(|id| *id == Some(old)).filter(|new| !changes.is_done(*new)) {
            Some(new) => changes.add(resized(known.get(old), found.get(new)), vec![old], vec![new]),
            None => changes.add(Kind::Gone, vec![old], Vec::new()),
        }
    }
    for new in 0..found.len() {
        if !changes.is_done(new) {
            changes.add(Kind::New, Vec::new(), vec![new]);
        }
    }
    let changes = changes.list;
    Proposal { ids, changes }
}

struct Changes<'a> {
    known: &'a [Theme],
    found: &'a [Theme],
    ids: &'a [Option<usize>],
    done: Vec<bool>,
    list: Vec<Change>,
}

impl Changes<'_> {
    fn add(&mut self, kind: Kind, known: Vec<usize>, found: Vec<usize>) {
        debug_assert!(found.iter().all(|new| *new < self.found.len()));
        for new in &found {
            self.done.get_mut(*new).into_iter().for_each(|done| *done = true);
        }
        let touched = known.iter().any(|old| self.known.get(*old).is_some_and(|theme| theme.touched));
        self.list.push(Change { kind, known, found, by_itself: !touched });
    }

    fn is_done(&self, new: usize) -> bool {
        self.done.get(new).copied().unwrap_or(true)
    }
}

fn resized(known: Option<&Theme>, found: Option<&Theme>) -> Kind {
    let people = |theme: Option<&Theme>| theme.map_or(0, |theme| theme.people.len()) as f64;
    let (before, now) = (people(known), people(found));
    if now >= before * RESIZED && now > before {
        Kind::Grown
    } else if now * RESIZED <= before && now < before {
        Kind::Shrunk
    } else {
        Kind::Unchanged
    }
}

/// Found themes into which most people of two or more known ones went, none of which goes on elsewhere.
fn merges(overlap: &Overlap, changes: &mut Changes<'_>, settled: &mut [bool]) {
    for new in 0..changes.found.len() {
        let from: Vec<usize> = (0..changes.known.len())
            .filter(|old| overlap.of_known(*old, new) >= MOSTLY && overlap.of_found(*old, new) >= INGREDIENT)
            .filter(|old| !settled.get(*old).copied().unwrap_or(true))
            .filter(|old| changes.ids.iter().position(|id| *id == Some(*old)).is_none_or(|own| own == new))
            .collect();
        if from.len() < 2 {
            continue;
        }
        for old in &from {
            settled.get_mut(*old).into_iter().for_each(|settled| *settled = true);
        }
        changes.add(Kind::Merged, from, vec![new]);
    }
}

/// Known themes that found ones share out between them.
fn splits(overlap: &Overlap, changes: &mut Changes<'_>, settled: &mut [bool]) {
    for (old, settled) in settled.iter_mut().enumerate().filter(|(_, settled)| !**settled) {
        let mut into: Vec<usize> = (0..changes.found.len())
            .filter(|new| !changes.is_done(*new))
            .filter(|new| overlap.of_known(old, *new) >= PART && overlap.of_found(old, *new) >= MOSTLY)
            .collect();
        let others = |new: &usize| changes.ids.get(*new).copied().flatten().is_some_and(|id| id != old);
        if into.len() < 2 || into.iter().any(others) {
            continue;
        }
        into.sort_by_key(|new| changes.ids.get(*new).copied().flatten() != Some(old));
        *settled = true;
        changes.add(Kind::Split, vec![old], into);
    }
}
