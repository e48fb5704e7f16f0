//! Systemic issues found in series of daily counts: baselines, alarms, and what makes an alarm worth a person's time.
//! Everything here is a function of the numbers it is given.

pub mod baseline;
pub mod corroborate;
pub mod disproportion;
pub mod gates;
pub mod many;
pub mod runs;
pub mod series;
pub mod signals;
pub mod since;
pub mod standing;
pub mod weekly;

pub use baseline::{Baseline, Kin, Point};
pub use corroborate::{Corroboration, KindWeek};
pub use gates::{Concentration, CopiedPosts, Gate, Message, Post};
pub use series::Series;
pub use signals::{Alarm, Reading, Rule, Thresholds, Watch};
pub use since::Since;
pub use standing::Standing;
pub use weekly::{WeekReading, Weeks};
