//! Standing issues: what is always bad never departs from its baseline, so it is compared with the other cells of its stage.
//!
//! A cell stands when it was heard for 56 days, passed the gates, and even the lower bound of its rate is over the rates of
//! nine tenths of the stage's other cells.

use serde::{Deserialize, Serialize};

use crate::stats::gamma_quantile;

/// Days with data that a standing issue needs.
pub const FEWEST_DAYS: usize = 56;

/// Share of the other cells of the stage that must lie below.
pub const BELOW: f64 = 0.90;

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

/// Finds the cells that stand out among the cells of their stage; the worst first.
pub fn standing(cells: &[Held]) -> Vec<Standing> {
    let mut found: Vec<Standing> = cells
        .iter()
        .enumerate()
        .filter(|(_, cell)| cell.passes && cell.days >= FEWEST_DAYS && cell.exposure > 0.0)
        .filter_map(|(place, cell)| compare(cells, place, cell))
        .collect();
    found.sort_by(|a, b| b.low.total_cmp(&a.low).then(a.cell.cmp(&b.cell)));
    found
}

fn compare(cells: &[Held], place: usize, cell: &Held) -> Option<Standing> {
    let others = cells.iter().enumerate().filter(|(at, other)| {
        *at != place && other.stage == cell.stage && other.exposure > 0.0 && other.days >= FEWEST_DAYS
    });
    let mut rates: Vec<f64> = others.map(|(_, other)| other.count as f64 / other.exposure).collect();
    rates.sort_by(f64::total_cmp);
    let compared = quantile(&rates, BELOW)?;
    let low = lower_bound(cell.count as f64, cell.exposure, cell.dispersion);
    let rate = cell.count as f64 / cell.exposure;
    (low > compared).then_some(Standing { cell: place, rate, low, compared, others: rates.len() })
}

/// The value below which a share of sorted values lies, between two of them in proportion.
fn quantile(sorted: &[f64], share: f64) -> Option<f64> {
    let place = share * sorted.len().checked_sub(1)? as f64;
    let (below, above) = (sorted.get(place.floor() as usize)?, sorted.get(place.ceil() as usize)?);
    Some(below + (above - below) * place.fract())
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
