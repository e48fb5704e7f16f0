//! Why a loss cannot be computed: an assumption out of its range, or counts that contradict each other.

use super::assumptions::Quantity;

/// Why there is no loss to show.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum LossError {
    /// A value lies outside what the quantity can be.
    #[error("{quantity} is {value}, which is not {wanted}")]
    OutOfRange {
        /// Which assumption.
        quantity: Quantity,
        /// Its value.
        value: f64,
        /// What it has to be.
        wanted: &'static str,
    },
    /// The shares of the satisfied, the mollified and the dissatisfied do not add up to one.
    #[error("the shares of satisfied, mollified and dissatisfied add up to {sum}, not to 1")]
    Shares {
        /// Their sum.
        sum: f64,
    },
    /// Two lists cannot have more customers in common than either holds.
    #[error("{both} customers on both lists, but the shorter list holds {shorter}")]
    Lists {
        /// Customers on both lists.
        both: u64,
        /// Customers on the shorter list.
        shorter: u64,
    },
    /// A survey without anybody who had the problem says nothing about who tells.
    #[error("nobody on the list had the problem")]
    NobodyAsked,
    /// More people told than had the problem.
    #[error("{told} told, but only {asked} had the problem")]
    MoreThanAsked {
        /// Who told.
        told: u64,
        /// Who had the problem.
        asked: u64,
    },
}
