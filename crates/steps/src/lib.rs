//! The loops' work as pure functions, used by the loops, the filters, replay and the tests alike: raw record to feedback
//! (`ingest`), parts to feedback and mapping (`fold`), stored parts to the current annotation (`reannotate`), and the journey
//! report (`report`). No IO, no clock.

pub mod envelope;
mod error;
mod fields;
mod fold;
mod ingest;
pub mod issues;
mod part;
mod reannotate;
pub mod report;
mod row;

pub use error::Refusal;
pub use fold::{Arrival, Folded, Folder, Tally};
pub use ingest::{Ingester, Outcome, Provenance, Ready};
pub use row::{Numbers, counting_day};
