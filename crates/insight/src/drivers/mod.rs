//! What goes with a score: what a theme costs in points, how much each of several drivers explains, and from how many answers on
//! anything is said. Drivers are associations; only a dated fix with a control says more.

mod explained;
mod impact;
mod promoters;
mod reconcile;

pub use explained::{Explained, MOST_DRIVERS, correlations, explained, explained_with_intervals};
pub use impact::{Difference, Impact, MIN_ANSWERS_EACH, csat_impact, nps_impact, welch};
pub use promoters::{NotNps, NpsCounts, Trend, answers_needed, trend};
pub use reconcile::{Reconciled, Reported, Rounding, reconcile};

/// Why nothing is said of a driver.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum DriverError {
    /// Too few answers on one side.
    #[error("{with} answers with and {without} without, at least {MIN_ANSWERS_EACH} of each are needed")]
    TooFew {
        /// Answers with the theme.
        with: u64,
        /// Answers without.
        without: u64,
    },
    /// More drivers than can be told apart exactly.
    #[error("{drivers} drivers, at most {MOST_DRIVERS} can be told apart")]
    TooMany {
        /// How many.
        drivers: usize,
    },
    /// The correlations have not the shape of one square matrix with one value for the score per driver.
    #[error("the correlations do not fit together")]
    Shape,
    /// Some drivers are the same, or one never changes.
    #[error("some drivers say the same, or one never changes")]
    Collinear,
}
