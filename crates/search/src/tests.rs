//! What the index promises, tested through its public interface.

pub mod build;
mod find;
mod groups;
mod keep;
mod order;
