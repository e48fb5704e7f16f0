//! The promises of the log on a real Apache Kafka, and what goes wrong on one: secrets, outages, zombies, odd records.
#![cfg(test)]

mod aborted;
mod bad;
mod conformance;
mod missing;
mod outage;
mod scene;
mod secure;
mod wire;
mod zombie;
