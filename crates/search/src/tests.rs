//! What the index promises, tested through its public interface.

pub mod build;
mod copies;
mod find;
mod groups;
mod hostile;
mod keep;
mod language;
mod order;
mod themes;
mod whole;
