//! Words of a text as the index knows them: stems without the most frequent words of the language.

use std::collections::BTreeSet;

use groundswell_text::{Analyser, Language, frequent_words};

/// The shortest word that means anything by itself.
const SHORTEST: usize = 3;

/// Turns English texts into stems.
pub struct Stems {
    analyser: Analyser,
    frequent: BTreeSet<&'static str>,
}

/// A stem and the place of its word in the text.
pub type Placed = (usize, String);

impl Stems {
    /// Prepares it.
    pub fn new() -> Self {
        let english = frequent_words().find(|(language, _)| *language == Language::EN);
        let frequent = english.into_iter().flat_map(|(_, words)| words).collect();
        Self { analyser: Analyser::new(), frequent }
    }

    /// Every stem of a text, in order.
    pub fn all(&mut self, text: &str) -> Vec<Placed> {
        let mut found = Vec::new();
        self.analyser.terms(text, Some(Language::EN), &mut |term| {
            found.push((term.position, term.stem.to_owned()));
        });
        found
    }

    /// The stems of words of letters that are not among the most frequent of the language, in order.
    pub fn telling(&mut self, text: &str) -> Vec<Placed> {
        let (mut found, frequent) = (Vec::new(), &self.frequent);
        self.analyser.terms(text, Some(Language::EN), &mut |term| {
            let word = text.get(term.start..term.end).unwrap_or_default().to_lowercase();
            let is_word = word.len() >= SHORTEST && word.chars().all(char::is_alphabetic);
            if is_word && !frequent.contains(word.as_str()) {
                found.push((term.position, term.stem.to_owned()));
            }
        });
        found
    }
}
