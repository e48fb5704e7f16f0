//! Person names: a small chain model over the words of a text, read from a file, finds those that no field tells.

mod cues;
mod features;
mod lexicon;
mod model;
mod tokens;
mod train;

use std::sync::{Arc, LazyLock};

pub use lexicon::{NameLexicon, WordCounts};
pub use model::NameModel;
pub use train::{NameExample, train_names};

/// The model that ships; `None` only if the file were broken, which a test rules out.
static SHIPPED: LazyLock<Option<Arc<NameModel>>> =
    LazyLock::new(|| NameModel::from_bytes(include_bytes!("../models/names.bin")).ok().map(Arc::new));

/// Returns the model that ships with the crate.
pub(crate) fn shipped() -> Option<Arc<NameModel>> {
    SHIPPED.clone()
}

#[cfg(test)]
mod tests;
