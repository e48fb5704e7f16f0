//! Static sentence embeddings: the direction of the sum of learned token vectors, without any run-time model.
//!
//! After Reimers and Gurevych's "Sentence-BERT" (2019) as the teacher and Arora, Liang and Ma's "A Simple but
//! Tough-to-Beat Baseline for Sentence Embeddings" (2017) for the token weights, which are folded into the vectors.

mod cut;
mod table;
mod vector;

use std::borrow::Cow;

use crate::AnnotateError;
use cut::Cutter;
use table::Table;
pub use vector::{DIMENSIONS, Embedding};

/// Version of the shipped table; it rises whenever its vectors change.
pub const EMBEDDING_VERSION: u32 = 1;

/// The shipped table; see `docs/models/embedding.md`.
const SHIPPED: &[u8] = include_bytes!("../models/embedding.gsem");

/// How many int8 rows fit into a 16-bit sum.
const ROWS: u32 = 256;

/// Turns texts into embeddings by a table of token vectors. Built once; it may be shared between threads.
pub struct Embedder {
    table: Table,
}

impl Embedder {
    /// Reads the table that is part of the program.
    ///
    /// # Errors
    /// [`AnnotateError::Embedding`], when the shipped table is at fault, which a test rules out.
    pub fn shipped() -> Result<Self, AnnotateError> {
        Self::read(SHIPPED)
    }

    /// Reads a table from its bytes.
    ///
    /// # Errors
    /// [`AnnotateError::Embedding`], when the bytes are no such table, another version, cut short or damaged.
    pub fn read(bytes: impl Into<Cow<'static, [u8]>>) -> Result<Self, AnnotateError> {
        Ok(Self { table: Table::read(bytes.into())? })
    }

    /// Embeds a normalised, redacted text; without a known token the embedding is all zero.
    pub fn embed(&self, text: &str) -> Embedding {
        let mut sum = Sum::new();
        Cutter::new(&self.table).cut(text, |token| {
            if let Some(row) = self.table.row(token) {
                sum.add(row);
            }
        });
        Embedding::direction(&sum.finish(self.table.scales()))
    }

    /// Gives how many tokens the table knows.
    pub fn tokens(&self) -> usize {
        self.table.len()
    }
}

/// An exact sum of int8 rows, so that neither their order nor the machine changes the result.
struct Sum {
    near: [i16; DIMENSIONS],
    far: [i64; DIMENSIONS],
    rows: u32,
}

impl Sum {
    fn new() -> Self {
        Self { near: [0; DIMENSIONS], far: [0; DIMENSIONS], rows: 0 }
    }

    fn add(&mut self, row: &[u8; DIMENSIONS]) {
        if self.rows == ROWS {
            self.flush();
        }
        for (sum, byte) in self.near.iter_mut().zip(row) {
            *sum = sum.wrapping_add(i16::from(byte.cast_signed()));
        }
        self.rows += 1;
    }

    fn flush(&mut self) {
        for (far, near) in self.far.iter_mut().zip(&mut self.near) {
            *far += i64::from(std::mem::take(near));
        }
        self.rows = 0;
    }

    fn finish(mut self, scales: &[f32; DIMENSIONS]) -> [f32; DIMENSIONS] {
        self.flush();
        let mut out = [0.0; DIMENSIONS];
        for ((out, far), scale) in out.iter_mut().zip(&self.far).zip(scales) {
            *out = *far as f32 * scale;
        }
        out
    }
}

#[cfg(test)]
mod tests;
