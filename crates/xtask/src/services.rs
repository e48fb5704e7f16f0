//! Real services for tests and for trying things out: fetched once, started on loopback, gone when we are gone.

mod certificates;
mod classes;
mod jars;
mod java;
pub mod kafka;
mod metadata;
mod place;
mod ports;
mod process;
mod program;
mod properties;

pub use certificates::Identity;
pub use java::java;
pub use place::new_folder;
