//! The loops' work as pure functions, used by the loops, the filters, replay and the tests alike: raw record to feedback
//! (`ingest`), parts to feedback and mapping (`fold`), what people decided about mappings (`decided`), stored parts to the
//! current annotation (`reannotate`), systemic issues (`issues`), the journey report (`report`), and the themes of a batch of
//! texts (`themes`). No IO, no clock.

pub mod decided;
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
pub mod themes;

pub use decided::Decided;
pub use error::Refusal;
pub use fold::{Arrival, Folded, Folder, Known, Tally};
pub use ingest::{Ingester, Outcome, Provenance, Ready};
pub use row::{Numbers, counting_day};
