//! One issue that is seen at several cells is told once: at the most specific cell that explains the others.

use std::collections::BTreeSet;

use groundswell_insight::{UNKNOWN, daily, stats};
use groundswell_model::{Change, GapType};

use super::judge::{Cell, FORGOTTEN, Judge, Known};

/// Probability by chance from which on what is left of a cell is as expected.
const EXPLAINED: f64 = 0.05;

impl Judge<'_> {
    /// One issue seen at several cells is one: of a cell and its parts the part is named where those outside it are as
    /// expected, else the whole; of several parts the most surprising. What is seen at an unknown stage is left to a
    /// known stage that shows the same type of gap.
    pub(super) fn merge(&self, rising: &mut [Option<Change>], at: usize, known: &[Known]) {
        let day = self.daily.day(at);
        let mut told: BTreeSet<GapType> = BTreeSet::new();
        for (whole, cell) in self.cells.iter().enumerate().take(self.wholes) {
            let is_open = known.get(whole).is_some_and(Known::is_open);
            let is_rising = is_open && known.get(whole).is_some_and(Known::rises);
            let family = |number: &usize| self.cells.get(*number).is_some_and(|part| part.spot == cell.spot);
            let parts: Vec<usize> = (self.wholes..self.cells.len()).filter(family).collect();
            let open = parts.iter().copied().find(|part| known.get(*part).is_some_and(Known::is_open));
            let most = parts.iter().copied().filter(|part| rising.get(*part).is_some_and(Option::is_some));
            let most = most.min_by(|a, b| self.surprise_of(*a, at).total_cmp(&self.surprise_of(*b, at)));
            let found = rising.get(whole).is_some_and(Option::is_some);
            let hidden = cell.spot.0 == UNKNOWN && told.contains(&cell.spot.1);
            let part = if is_rising || hidden { None } else { open.or(most) };
            let explained = part.is_some_and(|part| self.explains(part, cell, at));
            for other in parts.iter().filter(|other| !(explained && Some(**other) == part)) {
                clear(rising, *other);
            }
            if explained || hidden {
                clear(rising, whole);
            }
            let seen = known.get(whole).and_then(|known| known.seen);
            let recent = seen.is_some_and(|seen| day.number() - seen.number() <= FORGOTTEN);
            if found || is_open || recent || open.is_some() {
                told.insert(cell.spot.1);
            }
        }
    }

    /// Says whether a cell has a part with an issue to be dealt with: what the part makes bad does not stand by itself.
    pub(super) fn has_open_part(&self, number: usize, known: &[Known]) -> bool {
        let Some(whole) = self.cells.get(number) else { return false };
        let parts = self.cells.iter().zip(known).skip(self.wholes);
        parts.filter(|(part, _)| part.spot == whole.spot).any(|(_, known)| known.is_open())
    }

    fn surprise_of(&self, number: usize, at: usize) -> f64 {
        self.cells.get(number).map_or(1.0, |cell| cell.surprise(at))
    }

    /// Says whether those outside a part say no more than expected of them.
    fn explains(&self, part: usize, whole: &Cell<'_>, at: usize) -> bool {
        let Some(part) = self.cells.get(part) else { return false };
        let (Some(inside), Some(all)) = (part.reading(at), whole.reading(at)) else { return false };
        let outside = all.week_count.saturating_sub(inside.week_count);
        let week = |heard: &[u32]| daily::total(heard, at.saturating_sub(6), at) as f64;
        let share = (1.0 - week(part.heard) / week(whole.heard).max(1.0)).max(0.0);
        let expected = (all.week_expected - inside.week_expected).max(all.week_expected * share);
        stats::mid_p(outside, expected, all.dispersion) > EXPLAINED
    }
}

fn clear(rising: &mut [Option<Change>], number: usize) {
    if let Some(slot) = rising.get_mut(number) {
        *slot = None;
    }
}
