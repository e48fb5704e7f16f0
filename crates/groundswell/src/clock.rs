//! The clock: the one place that reads the time of day. Everything else is handed a clock.

use std::sync::Arc;

use groundswell_model::Timestamp;

/// A clock that can be replaced in tests.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> Timestamp + Send + Sync>);

impl std::fmt::Debug for Clock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Clock")
    }
}

impl Clock {
    /// The machine's clock.
    pub fn system() -> Self {
        Self(Arc::new(|| jiff::Timestamp::now().into()))
    }

    /// A clock that always says the same.
    pub fn fixed(moment: Timestamp) -> Self {
        Self(Arc::new(move || moment))
    }

    /// A clock that says what a function says.
    pub fn told_by(read: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        Self(Arc::new(read))
    }

    /// Gives the time.
    pub fn now(&self) -> Timestamp {
        (self.0)()
    }
}
