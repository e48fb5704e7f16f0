//! The analyser's state and its position, in one sled batch.
