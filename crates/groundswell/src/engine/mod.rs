//! The engine: log, state and index of one data folder, and the loops that move records through them.

mod analyse;
mod counters;
mod counts;
mod housekeeping;
mod import;
mod index;
mod ingest;
mod installation;
mod open;
mod progress;
mod push;
mod quotes;
mod replay;
mod running;
mod shared;
mod topics;

pub use open::{Engine, Opening, journey, pipeline_folders};
pub use running::Running;
pub use shared::Shared;
