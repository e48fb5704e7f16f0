//! Measuring how many have a problem for each one who complains, instead of assuming it.

use std::borrow::Cow;

use super::assumptions::{Assumption, Footing, Spread};
use super::error::LossError;
use crate::stats::share_limits;

/// With fewer customers on both lists the estimate is biased (Robson and Regier 1964).
const ENOUGH_ON_BOTH: u64 = 7;
const Z: f64 = 1.96;

/// How many have a problem, from two lists of customers who have it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Captured {
    /// Customers with the problem.
    pub affected: f64,
    /// Standard deviation of that number.
    pub sd: f64,
    /// Lower end of its 95 % interval; never below the customers that were seen.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// Share of those with the problem who are on the first list, the complaints.
    pub articulation: f64,
    /// Whether too few are on both lists to trust the estimate.
    pub few: bool,
}

impl Captured {
    /// Gives the articulation as a measured assumption that weighs as many people as its variance says.
    /// None where all or none complained, or where too few customers are on both lists.
    pub fn assumption(&self) -> Option<Assumption> {
        let a = self.articulation;
        if self.few || !(a > 0.0 && a < 1.0) || self.sd <= 0.0 {
            return None;
        }
        let variance = (a * self.sd / self.affected).powi(2);
        let weight = (a * (1.0 - a) / variance - 1.0).max(1.0);
        Some(Assumption {
            value: a,
            spread: Spread::Share { weight },
            source: Cow::Borrowed(
                "capture and recapture over two lists of customers with the problem (Chapman)",
            ),
            footing: Footing::Measured,
        })
    }
}

/// Estimates how many customers have a problem from two lists: `complained` on the first, `other` on the second (a survey,
/// staff logs), `both` on both. Source: Chapman 1951. The lists have to be independent given the problem: where loud people
/// are on both, the number comes out too small.
///
/// # Errors
/// [`LossError::Lists`] when more are on both lists than on one; [`LossError::NobodyAsked`] when a list is empty.
pub fn capture_recapture(complained: u64, other: u64, both: u64) -> Result<Captured, LossError> {
    let shorter = complained.min(other);
    if shorter == 0 {
        return Err(LossError::NobodyAsked);
    }
    if both > shorter {
        return Err(LossError::Lists { both, shorter });
    }
    let (n1, n2, m) = (complained as f64, other as f64, both as f64);
    let affected = (n1 + 1.0) * (n2 + 1.0) / (m + 1.0) - 1.0;
    let variance = (n1 + 1.0) * (n2 + 1.0) * (n1 - m) * (n2 - m) / ((m + 1.0).powi(2) * (m + 2.0));
    let sd = variance.sqrt();
    Ok(Captured {
        affected,
        sd,
        low: (affected - Z * sd).max(n1 + n2 - m),
        high: affected + Z * sd,
        articulation: n1 / affected,
        few: both < ENOUGH_ON_BOTH,
    })
}

/// The share of those with a problem who told the company, from one survey.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Surveyed {
    /// The share.
    pub articulation: f64,
    /// Lower end of its 95 % interval (Clopper and Pearson 1934).
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// People who had the problem.
    pub asked: u64,
    told: u64,
}

impl Surveyed {
    /// Joins what the survey said with an assumption; the result is measured.
    pub fn joined(&self, prior: &Assumption) -> Assumption {
        prior.learn(self.told, self.asked, "survey: had the problem, and told us")
    }
}

/// Gives the articulation from one survey: of `asked` people who had the problem, `told` told the company.
///
/// # Errors
/// [`LossError::NobodyAsked`] without anybody who had the problem; [`LossError::MoreThanAsked`] when more told.
pub fn surveyed_articulation(told: u64, asked: u64) -> Result<Surveyed, LossError> {
    if asked == 0 {
        return Err(LossError::NobodyAsked);
    }
    if told > asked {
        return Err(LossError::MoreThanAsked { told, asked });
    }
    let (low, high) = share_limits(told, asked, 0.05);
    Ok(Surveyed { articulation: told as f64 / asked as f64, low, high, asked, told })
}
