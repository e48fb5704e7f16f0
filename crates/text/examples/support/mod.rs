//! What the training and the measuring of names share: reading the sets, the lists, and our own sentences with names put in.

pub mod corpora;
pub mod figures;
pub mod sentences;
pub mod sets;
pub mod tongues;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use groundswell_text::{NameLexicon, TextError};

/// The probability from which a word is part of a name: chosen on the folds of `evaluate_text`.
pub const THRESHOLD: f32 = 0.33;
/// The seed of all chance in training.
pub const SEED: u64 = 0x6772_6f75_6e64;
/// One in so many texts without marks is used.
pub const EVERY: usize = 4;

/// A word of the list of ordinary ones counts as seen so often in lower case.
const ORDINARY: u32 = 10;

/// Returns the folder of the public sets, where this machine has it.
pub fn data() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    folder.is_dir().then_some(folder)
}

/// The three lists of words that ship as text, each word with its mark.
pub struct Lists {
    /// Given names.
    pub given: Vec<(String, u16)>,
    /// Family names.
    pub family: Vec<(String, u16)>,
    /// Towns and countries.
    pub places: Vec<(String, u16)>,
    /// Ordinary words, each with its language.
    pub ordinary: Vec<(String, String)>,
}

impl Lists {
    /// Reads the lists.
    ///
    /// # Errors
    /// When a file is missing.
    pub fn read() -> std::io::Result<Self> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("models/lists");
        let list = |name: &str| -> std::io::Result<Vec<(String, u16)>> {
            let text = std::fs::read_to_string(folder.join(name))?;
            let lines = text.lines().filter_map(|line| line.split_once(' '));
            Ok(lines.map(|(word, mark)| (word.to_owned(), mark.parse().unwrap_or(1))).collect())
        };
        let ordinary = std::fs::read_to_string(folder.join("ordinary.txt"))?;
        let ordinary = ordinary.lines().filter_map(|line| line.split_once(' '));
        let ordinary = ordinary.map(|(language, word)| (language.to_owned(), word.to_owned())).collect();
        Ok(Self {
            given: list("given.txt")?,
            family: list("family.txt")?,
            places: list("places.txt")?,
            ordinary,
        })
    }

    /// Makes the table of words from the lists and from how words are used in running text.
    ///
    /// # Errors
    /// `text.name_model` when there are too many words.
    pub fn lexicon(&self, counts: &corpora::Counts) -> Result<NameLexicon, TextError> {
        fn pairs(list: &[(String, u16)]) -> impl Iterator<Item = (&str, u16)> {
            list.iter().map(|(word, mark)| (word.as_str(), *mark))
        }
        let mut kept: BTreeMap<_, _> = counts
            .iter()
            .filter(|(_, counts)| counts.lower + counts.capital >= 3)
            .map(|(word, counts)| (word.clone(), *counts))
            .collect();
        for (_, word) in &self.ordinary {
            kept.entry(word.clone()).or_default().lower += ORDINARY;
        }
        NameLexicon::build(pairs(&self.given), pairs(&self.family), pairs(&self.places), &kept)
    }
}

/// A small generator of random numbers (xorshift), the same everywhere.
pub struct Chance(pub u64);

impl Chance {
    /// A number below the bound.
    pub fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from((self.0 >> 11) % (bound.max(1) as u64)).unwrap_or(0)
    }

    /// One of the values.
    pub fn pick<'a, T>(&mut self, values: &'a [T]) -> Option<&'a T> {
        values.get(self.below(values.len()))
    }
}
