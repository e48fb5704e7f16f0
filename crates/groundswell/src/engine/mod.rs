//! The engine: log, state and index of one data folder, and the loops that move records through them.

mod analyse;
mod corrections;
mod counters;
mod counts;
mod decisions;
mod founding;
mod housekeeping;
mod import;
mod index;
mod ingest;
mod installation;
mod issues;
mod judge;
mod lag;
mod lead;
mod measures;
mod open;
mod progress;
mod push;
mod quotes;
mod reach;
mod reannotate;
mod replay;
mod roles;
mod running;
mod shadow;
mod shared;
mod sorted;
mod topics;

pub use open::{Engine, Opening, journey, kafka_settings, pipeline_folders};
pub use roles::Roles;
pub use running::Running;
pub use shared::Shared;
pub use topics::Topics;
