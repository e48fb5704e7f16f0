//! Whether a fix worked: rates before, during and after, what they prove, and whether the channel only went quiet.
//! It judges counts that were given to it; it reads no clock, and days without data are no days without complaints.

mod cusum;
mod interrupted;
mod rates;
#[cfg(test)]
mod tests;
mod trial;
mod watch;

pub use cusum::{Cusum, FALSE_ALARM_DAYS, arl, threshold};
pub use interrupted::{Effect, Interrupted, interrupted};
pub use rates::{Contrast, Count, RateRatio, against_control, rate_ratio, ratio_below};
pub use trial::{Caveat, Confirmed, Finding, Grounds, Proxy, ProxyKind, Trial, verdict};
pub use watch::{DayCount, Fix, ProxyDays, Regression, TRANSITION_DAYS, Watch, judge};
