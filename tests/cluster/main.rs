//! Several processes on a real Apache Kafka: ingest workers, an index worker and two analysers. Whatever is killed with
//! SIGKILL, processes or brokers, every record is accounted for exactly once, ledger, state and index agree, and a rebuild
//! gives the same. Slow: against the built program.

mod audit;
mod brokers;
mod faults;
mod files;
mod fleet;
mod processes;
#[path = "../crash/records.rs"]
#[expect(dead_code, reason = "these tests send no imports and need no names")]
mod records;

/// Lets one test run at a time: each starts several processes, and what it waits for must not hang on the others.
fn alone() -> std::sync::MutexGuard<'static, ()> {
    static ONE: std::sync::Mutex<()> = std::sync::Mutex::new(());
    ONE.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}
