//! A clock that stands still until a test moves it.

use std::sync::atomic::{AtomicI64, Ordering};

use groundswell_model::Timestamp;

/// A clock that stands still until a test moves it. Threads may share it.
#[derive(Debug)]
pub struct FixedClock(AtomicI64);

impl FixedClock {
    /// Makes a clock that stands at noon of 1 June 2026, UTC.
    pub fn new() -> Self {
        Self(AtomicI64::new(1_780_315_200_000))
    }

    /// Makes a clock that stands at a moment.
    pub fn at(moment: Timestamp) -> Self {
        Self(AtomicI64::new(moment.millis()))
    }

    /// Gives the moment at which the clock stands.
    pub fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::SeqCst))
    }

    /// Moves the clock on by milliseconds.
    pub fn advance(&self, ms: i64) {
        self.0.fetch_add(ms, Ordering::SeqCst);
    }
}

impl Default for FixedClock {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_moves_only_when_told() {
        let clock = FixedClock::new();
        assert_eq!(clock.now().to_string(), "2026-06-01T12:00:00.000Z");
        clock.advance(1_500);
        assert_eq!(clock.now().to_string(), "2026-06-01T12:00:01.500Z");
        assert_eq!(FixedClock::at(clock.now()).now(), clock.now());
    }
}
