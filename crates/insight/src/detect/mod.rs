//! Systemic issues found in series of daily counts: baselines, alarms, and what makes an alarm worth a person's time.
//! Everything here is a function of the numbers it is given.

pub mod baseline;
pub mod series;
pub mod signals;

pub use baseline::{Baseline, Kin, Point};
pub use series::Series;
pub use signals::{Alarm, Reading, Rule, Thresholds, Watch};
