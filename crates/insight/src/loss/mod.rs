//! What an unmet expectation costs: the customer-loss model of Goodman (TARP), incremental and with an interval.
//! It knows no currency and no clock, and it never gives revenue where nobody gave the value of a customer.

mod assumptions;
mod error;
mod formula;
mod levers;
mod measured;
mod overlap;
mod presets;
mod simulation;
#[cfg(test)]
mod tests;

pub use assumptions::{Assumption, Assumptions, Footing, Quantity, Spread};
pub use error::LossError;
pub use formula::{Issue, Loss, Terms, loss, market_at_risk};
pub use levers::{Lever, Priced, levers, usual_levers};
pub use measured::{Captured, Surveyed, capture_recapture, surveyed_articulation};
pub use overlap::{Group, allocate, cap, split};
pub use presets::{Preset, articulation_of};
pub use simulation::{Plan, Range, Sensitivity, Simulation, simulate};
