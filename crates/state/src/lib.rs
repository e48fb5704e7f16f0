//! The analyser's state: one sled value per feedback and customer, the ids still to be published, counters and the
//! positions that the state has reached, all in one batch. It is a view of the log: it can be deleted and rebuilt.

mod batch;
mod error;
mod keys;
mod store;

pub use batch::{Batch, Counters, PipelineCounters};
pub use error::StateError;
pub use store::{Identity, Loaded, Opened, Reader, State};
