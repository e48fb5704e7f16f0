//! Several processes on a real Apache Kafka: ingest workers, an index worker and two analysers. Whatever is killed with
//! SIGKILL, processes or brokers, every record is accounted for exactly once, ledger, state and index agree, and a rebuild
//! gives the same. Slow: against the release build.

mod audit;
mod brokers;
mod faults;
mod files;
mod fleet;
mod processes;
#[path = "../crash/records.rs"]
#[expect(dead_code, reason = "these tests send no imports and need no names")]
mod records;
