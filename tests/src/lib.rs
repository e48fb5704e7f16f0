//! Helpers that the test binaries share: where things lie, folders that vanish, a clock that stands still, and the
//! generated documents.

mod asyncapi;
mod clock;
pub mod cluster;
mod folder;
mod generated;
mod house;
pub mod kafka;
mod place;
pub mod stored;
mod yaml;

pub use clock::FixedClock;
pub use folder::TempFolder;
pub use generated::{Generated, generated, stale};
pub use house::{House, PATIENCE};
pub use place::{binary, shared_data, workspace_root};
