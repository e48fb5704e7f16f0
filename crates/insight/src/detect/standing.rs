//! Standing issues: what is always bad never departs from its baseline, so it is compared with the other cells of its stage.
//!
//! A cell stands when it was heard for 56 days, passed the gates, has one and a half times the stage's usual rate, and even the
//! lower bound of its rate is over the rates of nine tenths of the stage's other cells.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::stats::gamma_quantile;

/// Days with data that a standing issue needs.
pub const FEWEST_DAYS: usize = 56;

/// Share of the other cells of the stage that must lie below.
pub const BELOW: f64 = 0.90;

/// Times the usual rate of the stage that a standing issue must have: somebody is always in the top tenth, also where all are alike.
pub const SMALLEST_RATIO: f64 = 1.5;

/// Share of chance below the lower bound.
const OUTSIDE: f64 = 0.025;

/// A cell over a window of some months.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Held {
    /// Number of its stage.
    pub stage: u32,
    /// People in the window, summed over its days.
    pub count: u64,
    /// Exposure in the window, summed over the same days.
    pub exposure: f64,
    /// Days with data.
    pub days: usize,
    /// Variance by mean.
    pub dispersion: f64,
    /// Whether its messages passed the gates.
    pub passes: bool,
}

impl Held {
    fn rate(&self) -> f64 {
        self.count as f64 / self.exposure
    }

    fn is_long(&self) -> bool {
        self.days >= FEWEST_DAYS && self.exposure > 0.0
    }
}

/// A cell that is always bad.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Standing {
    /// Its place among those given.
    pub cell: usize,
    /// Its rate per exposure.
    pub rate: f64,
    /// Lower bound of the rate, 97.5 % one-sided.
    pub low: f64,
    /// Rate that nine tenths of the stage's other cells do not reach.
    pub compared: f64,
    /// Rate of the middle one of them.
    pub usual: f64,
    /// Number of those other cells.
    pub others: usize,
}

/// Gives the lower bound of a rate of which so many were seen (97.5 % one-sided; Garwood 1936, the count divided by the dispersion).
pub fn lower_bound(count: f64, exposure: f64, dispersion: f64) -> f64 {
    let dispersion = dispersion.max(1.0);
    if count > 0.0 && exposure > 0.0 {
        dispersion * gamma_quantile(count / dispersion, OUTSIDE) / exposure
    } else {
        0.0
    }
}

/// Finds the cells that stand out among the cells of their stage; the worst first. Cells that are found are taken out, and
/// the others compared again, so that three bad cells of one stage do not hide each other.
pub fn standing(cells: &[Held]) -> Vec<Standing> {
    let mut stages: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
    for (place, cell) in cells.iter().enumerate().filter(|(_, cell)| cell.is_long()) {
        stages.entry(cell.stage).or_default().push(place);
    }
    let mut found: Vec<Standing> = stages.into_values().flat_map(|places| of_stage(cells, places)).collect();
    found.sort_by(|a, b| b.low.total_cmp(&a.low).then(a.cell.cmp(&b.cell)));
    found
}

/// Finds the cells that stand out of one stage, round by round until a round finds none.
fn of_stage(cells: &[Held], mut places: Vec<usize>) -> Vec<Standing> {
    let mut found = Vec::new();
    loop {
        let mut rates: Vec<f64> = places.iter().filter_map(|place| Some(cells.get(*place)?.rate())).collect();
        rates.sort_by(f64::total_cmp);
        let candidates = places.iter().filter_map(|place| Some((*place, cells.get(*place)?)));
        let round: Vec<Standing> = candidates
            .filter(|(_, cell)| cell.passes)
            .filter_map(|(place, cell)| compare(&rates, place, cell))
            .collect();
        if round.is_empty() {
            return found;
        }
        places.retain(|place| round.iter().all(|standing| standing.cell != *place));
        found.extend(round);
    }
}

/// Compares a cell with the others of its stage, whose sorted rates hold its own.
fn compare(rates: &[f64], place: usize, cell: &Held) -> Option<Standing> {
    let rate = cell.rate();
    let own = rates.partition_point(|other| *other < rate);
    let other = |at: usize| rates.get(at + usize::from(at >= own)).copied();
    let others = rates.len().checked_sub(1)?;
    // Between two of them in proportion.
    let quantile = |share: f64| {
        let place = share * others.checked_sub(1)? as f64;
        let (below, above) = (other(place.floor() as usize)?, other(place.ceil() as usize)?);
        Some(below + (above - below) * place.fract())
    };
    let (compared, usual) = (quantile(BELOW)?, quantile(0.5)?);
    if rate <= compared || rate < SMALLEST_RATIO * usual {
        return None;
    }
    let low = lower_bound(cell.count as f64, cell.exposure, cell.dispersion);
    (low > compared).then_some(Standing { cell: place, rate, low, compared, usual, others })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(count: u64) -> Held {
        Held { stage: 1, count, exposure: 70_000.0, days: 70, dispersion: 1.0, passes: true }
    }

    #[test]
    fn a_bound_is_that_of_garwood() {
        assert!((lower_bound(10.0, 2.0, 1.0) - 4.795389 / 2.0).abs() < 1e-6);
        assert!((lower_bound(20.0, 1.0, 2.0) - 2.0 * 4.795389).abs() < 2e-6);
        assert_eq!((lower_bound(0.0, 1.0, 1.0), lower_bound(1.0, 0.0, 1.0)), (0.0, 0.0));
    }

    #[test]
    fn twice_the_stage_is_found_and_chance_is_not() {
        let mut cells: Vec<Held> = (0..20).map(|at| cell(66 + at % 10)).collect();
        cells[7] = cell(140);
        let found = standing(&cells);
        assert_eq!(found.iter().map(|standing| standing.cell).collect::<Vec<_>>(), [7]);
        assert!(found[0].low > found[0].compared && found[0].others == 19);
        cells[7].dispersion = 16.0;
        assert!(standing(&cells).is_empty(), "so dispersed a count may be chance");
    }

    #[test]
    fn each_condition_is_needed() {
        let with = |change: &dyn Fn(&mut Held)| {
            let mut cells: Vec<Held> = (0..20).map(|_| cell(70)).collect();
            cells[7] = cell(140);
            change(&mut cells[7]);
            standing(&cells).len()
        };
        assert_eq!(with(&|_| ()), 1);
        assert_eq!(with(&|held| held.days = 55), 0);
        assert_eq!(with(&|held| held.passes = false), 0);
        assert_eq!(with(&|held| held.stage = 2), 0, "there is nothing to compare it with");
        assert_eq!(with(&|held| held.exposure = 0.0), 0);
        assert!(standing(&[]).is_empty());
    }
}
