//! Where the words of a query stand in a text, found by the analysis that made the index.

use std::collections::{BTreeMap, BTreeSet};

use groundswell_text::{Analyser, Language};

/// The stems to look for: single words and sequences.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wanted {
    /// By their first stem: the stems with their distance from the first.
    sequences: BTreeMap<String, BTreeSet<Vec<(usize, String)>>>,
}

impl Wanted {
    pub(crate) fn extend(&mut self, stemmed: impl IntoIterator<Item = Vec<(usize, String)>>) {
        for stems in stemmed {
            let Some((from, first)) = stems.first().cloned() else { continue };
            let rest = stems.into_iter().skip(1).map(|(at, stem)| (at - from, stem)).collect();
            self.sequences.entry(first).or_default().insert(rest);
        }
    }

    /// Adds the byte ranges of wanted words in a statement that begins at `offset` of the text of the hit.
    pub(crate) fn find(
        &self,
        analyser: &mut Analyser,
        (language, text): (Option<&str>, &str),
        offset: usize,
        found: &mut Vec<(usize, usize)>,
    ) {
        if self.sequences.is_empty() {
            return;
        }
        let mut words: Vec<(String, usize, usize)> = Vec::new();
        let language = language.and_then(|tag| tag.parse::<Language>().ok());
        analyser.terms(text, language, &mut |term| words.push((term.stem.to_owned(), term.start, term.end)));
        let mut marked = BTreeSet::new();
        for (at, (stem, _, _)) in words.iter().enumerate() {
            for rest in self.sequences.get(stem).into_iter().flatten() {
                let stands = |(step, stem): &(usize, String)| {
                    words.get(at + step).is_some_and(|(word, _, _)| word == stem)
                };
                if rest.iter().all(stands) {
                    marked.insert(at);
                    marked.extend(rest.iter().map(|(step, _)| at + step));
                }
            }
        }
        let places = marked.iter().filter_map(|&at| words.get(at));
        found.extend(places.map(|(_, start, end)| (offset + start, offset + end)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(sequences: &[&[&str]]) -> Wanted {
        let mut wanted = Wanted::default();
        wanted.extend(
            sequences
                .iter()
                .map(|stems| stems.iter().enumerate().map(|(at, stem)| (at, (*stem).to_owned())).collect()),
        );
        wanted
    }

    fn marks<'t>(wanted: &Wanted, language: &str, text: &'t str) -> Vec<&'t str> {
        let mut found = Vec::new();
        wanted.find(&mut Analyser::new(), (Some(language), text), 0, &mut found);
        found.into_iter().map(|(start, end)| &text[start..end]).collect()
    }

    #[test]
    fn stems_mark_whole_words() {
        assert_eq!(
            marks(&wanted(&[&["deliveri"]]), "en", "Deliveries late, no delivery."),
            ["Deliveries", "delivery"]
        );
        assert_eq!(marks(&wanted(&[&["liefer"]]), "de", "Die Lieferungen, m\u{fc}de"), ["Lieferungen"]);
    }

    #[test]
    fn a_phrase_marks_only_where_it_stands() {
        let wanted = wanted(&[&["never", "arriv"]]);
        assert_eq!(marks(&wanted, "en", "It arrived never. Never arrived, never."), ["Never", "arrived"]);
        assert!(marks(&Wanted::default(), "en", "never").is_empty());
    }
}
