//! Apache Kafka for tests: one broker that all tests of a binary share, and sets of brokers of one's own.

use std::sync::OnceLock;

pub use xtask::services::Identity;
pub use xtask::services::kafka::{Brokers, Secure, Settings};

/// Gives the broker that the tests of this binary share: no TLS, one partition by default. It ends with the process.
///
/// # Panics
/// When it cannot be started; the message says why.
pub fn broker() -> &'static Brokers {
    static SHARED: OnceLock<Brokers> = OnceLock::new();
    SHARED.get_or_init(|| own(|_| {}))
}

/// Starts brokers of a test's own in a new folder, with settings that the test may change. All of it is gone when the
/// value is dropped.
///
/// # Panics
/// When they cannot be started; the message says why.
pub fn own(change: impl FnOnce(&mut Settings)) -> Brokers {
    let started = Settings::temporary().and_then(|mut settings| {
        change(&mut settings);
        Brokers::start(&settings)
    });
    started.unwrap_or_else(|error| panic!("Apache Kafka cannot be started: {error:#}"))
}
