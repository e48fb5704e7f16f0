//! Stems by number, with how often each is written how: what sparse vectors and names are made from.

use std::collections::{BTreeMap, HashMap};

/// Written forms that are remembered for a stem; the rare ones of a long list do not become names.
const FORMS: usize = 16;

/// Numbers stems, and remembers how they are written. Memory: about 200 bytes a stem; stems above the limit have no number.
#[derive(Clone, Debug)]
pub struct Vocabulary {
    most: usize,
    numbers: HashMap<String, u32>,
    stems: Vec<String>,
    forms: Vec<BTreeMap<String, u64>>,
}

impl Vocabulary {
    /// Starts an empty vocabulary of at most so many stems.
    pub fn new(most: usize) -> Self {
        Self { most, numbers: HashMap::new(), stems: Vec::new(), forms: Vec::new() }
    }

    /// Counts a word by its stem and the form in which it is written, in lower case as the caller likes it. Gives the stem's
    /// number; none once the vocabulary is full.
    pub fn add(&mut self, stem: &str, form: &str) -> Option<u32> {
        let number = match self.numbers.get(stem) {
            Some(number) => *number,
            None if self.stems.len() < self.most => {
                let number = u32::try_from(self.stems.len()).ok()?;
                self.numbers.insert(stem.to_owned(), number);
                self.stems.push(stem.to_owned());
                self.forms.push(BTreeMap::new());
                number
            }
            None => return None,
        };
        let forms = self.forms.get_mut(number as usize)?;
        if let Some(count) = forms.get_mut(form) {
            *count += 1;
        } else if forms.len() < FORMS {
            forms.insert(form.to_owned(), 1);
        }
        Some(number)
    }

    /// Gives the number of a stem, where it has one.
    pub fn number(&self, stem: &str) -> Option<u32> {
        self.numbers.get(stem).copied()
    }

    /// Gives the stem with this number.
    pub fn stem(&self, number: u32) -> Option<&str> {
        self.stems.get(number as usize).map(String::as_str)
    }

    /// Gives the form in which a stem is written most often; of equally frequent ones the first in the alphabet.
    pub fn form(&self, number: u32) -> Option<&str> {
        let forms = self.forms.get(number as usize)?;
        let best = forms.iter().max_by(|left, right| left.1.cmp(right.1).then_with(|| right.0.cmp(left.0)));
        best.map(|(form, _)| form.as_str())
    }

    /// How many stems it has.
    pub fn len(&self) -> usize {
        self.stems.len()
    }

    /// Says whether it has none.
    pub fn is_empty(&self) -> bool {
        self.stems.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stem_is_shown_as_it_is_written_most_often() {
        let mut vocabulary = Vocabulary::new(2);
        for form in ["deliveries", "delivery", "delivery", "delivered"] {
            assert_eq!(vocabulary.add("deliveri", form), Some(0));
        }
        assert_eq!(vocabulary.form(0), Some("delivery"));
        assert_eq!(vocabulary.add("late", "later"), Some(1));
        vocabulary.add("late", "late");
        assert_eq!(vocabulary.form(1), Some("late"), "the first in the alphabet of equals");
        assert_eq!(vocabulary.add("third", "third"), None, "full");
        assert_eq!(
            (vocabulary.len(), vocabulary.stem(1), vocabulary.number("late")),
            (2, Some("late"), Some(1))
        );
        assert_eq!((vocabulary.form(9), vocabulary.stem(9), vocabulary.number("third")), (None, None, None));
    }
}
