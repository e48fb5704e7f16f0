//! Where the words of a query stand in a text, found by the analysis that made the index.

use std::collections::{BTreeMap, BTreeSet};

use groundswell_text::{Analyser, Language};

/// The stems to look for: single words and sequences.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wanted {
    /// By their first stem: the stems with their distance from the first.
    sequences: BTreeMap<String, BTreeSet<Vec<(usize, String)>>>,
    /// Words as they are written.
    forms: BTreeSet<String>,
}

/// A word of a text: its stem, whether its form is wanted, and where it stands.
struct Met {
    stem: String,
    wanted: bool,
    start: usize,
    end: usize,
}

impl Wanted {
    pub(crate) fn extend(&mut self, stemmed: impl IntoIterator<Item = Vec<(usize, String)>>) {
        for stems in stemmed {
            let Some((from, first)) = stems.first().cloned() else { continue };
            let rest = stems.into_iter().skip(1).map(|(at, stem)| (at - from, stem)).collect();
            self.sequences.entry(first).or_default().insert(rest);
        }
    }

    /// Adds words that are looked for as they are written, in lower case.
    pub(crate) fn forms(&mut self, forms: impl IntoIterator<Item = String>) {
        self.forms.extend(forms);
    }

    /// Adds the byte ranges of wanted words in a statement that begins at `offset` of the text of the hit.
    pub(crate) fn find(
        &self,
        analyser: &mut Analyser,
        (language, text): (Option<&str>, &str),
        offset: usize,
        found: &mut Vec<(usize, usize)>,
    ) {
        if self.sequences.is_empty() && self.forms.is_empty() {
            return;
        }
        let mut words: Vec<Met> = Vec::new();
        let language = language.and_then(|tag| tag.parse::<Language>().ok());
        analyser.terms(text, language, &mut |term| {
            let wanted = self.forms.contains(term.form);
            words.push(Met { stem: term.stem.to_owned(), wanted, start: term.start, end: term.end });
        });
        let mut marked = BTreeSet::new();
        for (at, word) in words.iter().enumerate() {
            if word.wanted {
                marked.insert(at);
            }
            for rest in self.sequences.get(&word.stem).into_iter().flatten() {
                let stands = |(step, stem): &(usize, String)| {
                    words.get(at + step).is_some_and(|word| word.stem == *stem)
                };
                if rest.iter().all(stands) {
                    marked.insert(at);
                    marked.extend(rest.iter().map(|(step, _)| at + step));
                }
            }
        }
        let places = marked.iter().filter_map(|&at| words.get(at));
        found.extend(places.map(|word| (offset + word.start, offset + word.end)));
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
        let mut form = Wanted::default();
        form.forms(["deliveries".to_owned()]);
        assert_eq!(marks(&form, "en", "Deliveries late, no delivery."), ["Deliveries"]);
        assert_eq!(marks(&wanted(&[&["liefer"]]), "de", "Die Lieferungen, m\u{fc}de"), ["Lieferungen"]);
    }

    #[test]
    fn scripts_from_right_to_left_and_marks_that_combine_are_marked_whole() {
        let hebrew = "\u{5d4}\u{5de}\u{5e9}\u{5dc}\u{5d5}\u{5d7} \u{5d0}\u{5d9}\u{5d7}\u{5e8}";
        let (parcel, late) = hebrew.split_once(' ').unwrap();
        assert_eq!(marks(&wanted(&[&[late]]), "he", hebrew), [late]);
        assert_eq!(marks(&wanted(&[&[parcel, late]]), "he", hebrew), [parcel, late]);
        let combining = "cafe\u{301} e\u{301}te\u{301} \u{1f600}ok";
        assert_eq!(
            marks(&wanted(&[&["e\u{301}te\u{301}"], &["ok"]]), "xx", combining),
            ["e\u{301}te\u{301}", "ok"]
        );
    }

    #[test]
    fn a_phrase_marks_only_where_it_stands() {
        let wanted = wanted(&[&["never", "arriv"]]);
        assert_eq!(marks(&wanted, "en", "It arrived never. Never arrived, never."), ["Never", "arrived"]);
        assert!(marks(&Wanted::default(), "en", "never").is_empty());
    }
}
