//! Names of themes from texts that were read for them: the words that a theme's texts have and those of others have not.

use std::collections::{BTreeMap, HashSet};

use groundswell_insight::themes::{Name, Naming, Vocabulary, function_words, names};
use groundswell_text::{Analyser, Language, fingerprint, identify};

/// Terms of a name, at most.
pub const TERMS: usize = 4;

/// Stems of a language that are told apart at most; rarer ones beyond do not name themes.
const MOST_STEMS: usize = 200_000;

/// Names themes by texts. It keeps four bytes a word of each text, and about 200 bytes a stem; no text.
#[derive(Default)]
pub struct Namer {
    analyser: Analyser,
    /// The theme of each text.
    themes: Vec<Option<u32>>,
    languages: BTreeMap<Language, Words>,
}

/// The texts of one language. They name no theme of another.
struct Words {
    vocabulary: Vocabulary,
    /// The stems of each text.
    stems: Vec<Vec<u32>>,
    /// The number of each text among all, and its signature, which is that of its copies.
    texts: Vec<(usize, u64)>,
}

impl Words {
    fn new() -> Self {
        Self { vocabulary: Vocabulary::new(MOST_STEMS), stems: Vec::new(), texts: Vec::new() }
    }

    /// The theme of each text, copies of a text within a theme left out.
    fn labels(&self, labels: &[Option<u32>]) -> Vec<Option<u32>> {
        let mut seen = HashSet::new();
        let label = |(at, copy): &(usize, u64)| {
            labels.get(*at).copied().flatten().filter(|label| seen.insert((*label, *copy)))
        };
        self.texts.iter().map(label).collect()
    }
}

impl Namer {
    /// Starts with no texts.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a text, which must be redacted, with its theme; a text without one is counted nowhere until
    /// [`Self::names_of`] says where. `language` is its code (`en`, `pt-BR`); it is identified where it is not told.
    pub fn add(&mut self, theme: Option<u32>, text: &str, language: Option<&str>) {
        let told = language.and_then(|code| code.parse::<Language>().ok());
        let language = told.or_else(|| identify(text)).unwrap_or(Language::EN).primary();
        let words = self.languages.entry(language).or_insert_with(Words::new);
        words.stems.push(stems(text, language, &mut self.analyser, &mut words.vocabulary));
        words.texts.push((self.themes.len(), fingerprint(text)));
        self.themes.push(theme);
    }

    /// How many texts there are.
    pub fn len(&self) -> usize {
        self.themes.len()
    }

    /// Says whether there are none.
    pub fn is_empty(&self) -> bool {
        self.themes.is_empty()
    }

    /// Names the themes below `count` by the texts that were added to them: at most [`TERMS`] terms each, the most telling first,
    /// in the language that most texts of the theme are in. A theme has no name where no word tells anything. The order of the
    /// texts does not matter.
    pub fn names(&self, count: usize) -> Vec<Vec<String>> {
        self.names_of(&self.themes, count)
    }

    /// Names topics by the texts of their themes; `topics` says which topic each theme belongs to.
    pub fn topics(&self, topics: &[u32]) -> Vec<Vec<String>> {
        let above = |theme: &Option<u32>| theme.and_then(|theme| topics.get(theme as usize).copied());
        let labels: Vec<Option<u32>> = self.themes.iter().map(above).collect();
        self.names_of(&labels, topics.iter().max().map_or(0, |last| *last as usize + 1))
    }

    /// Names themes whose texts were found later: `labels` says which theme each text belongs to, in the order in which they were
    /// added.
    pub fn names_of(&self, labels: &[Option<u32>], count: usize) -> Vec<Vec<String>> {
        let own: Vec<Vec<Option<u32>>> = self.languages.values().map(|words| words.labels(labels)).collect();
        let commonest = commonest(&own, count);
        let mut named = vec![Vec::new(); count];
        for (at, ((language, words), mut labels)) in self.languages.iter().zip(own).enumerate() {
            let spoken = |theme: u32| commonest.get(theme as usize) == Some(&Some(at));
            labels.iter_mut().for_each(|label| *label = label.filter(|theme| spoken(*theme)));
            let function_words: HashSet<&str> = function_words(language.as_str()).collect();
            let naming = Naming { terms: TERMS, is_function_word: &|form| function_words.contains(form) };
            let names = names(&words.stems, &labels, count, &words.vocabulary, &naming);
            for (place, name) in named.iter_mut().zip(names).filter(|(_, name)| !name.terms.is_empty()) {
                *place = words_of(name);
            }
        }
        named
    }
}

/// The language that most texts of each theme are in, by its place; of equals the first. `labels` are those of each language.
fn commonest(labels: &[Vec<Option<u32>>], count: usize) -> Vec<Option<usize>> {
    let mut most: Vec<(usize, Option<usize>)> = vec![(0, None); count];
    for (at, labels) in labels.iter().enumerate() {
        let mut counts = vec![0_usize; count];
        for label in labels.iter().flatten() {
            counts.get_mut(*label as usize).into_iter().for_each(|count| *count += 1);
        }
        for (most, count) in most.iter_mut().zip(counts) {
            if count > most.0 {
                *most = (count, Some(at));
            }
        }
    }
    most.into_iter().map(|(_, language)| language).collect()
}

fn words_of(name: Name) -> Vec<String> {
    name.terms.into_iter().map(|term| term.text).collect()
}

/// Gives the stems of a text by number. A word in brackets is a placeholder and keeps them, so that it names nothing.
pub fn stems(
    text: &str,
    language: Language,
    analyser: &mut Analyser,
    vocabulary: &mut Vocabulary,
) -> Vec<u32> {
    let mut stems = Vec::new();
    analyser.terms(text, Some(language), &mut |term| {
        let part = |range: std::ops::Range<usize>| text.get(range).unwrap_or("");
        let placeholder = part(0..term.start).ends_with('[') && part(term.end..text.len()).starts_with(']');
        let form = part(term.start..term.end).to_lowercase().replace('\u{2019}', "'");
        let number = if placeholder {
            let form = format!("[{form}]");
            vocabulary.add(&form, &form)
        } else {
            vocabulary.add(term.stem, &form)
        };
        stems.extend(number);
    });
    stems
}

#[cfg(test)]
mod tests {
    use super::*;

    const LATE: [&str; 4] =
        ["The parcel came late", "Late parcel again", "Where is the late parcel?", "My parcel is late"];
    const CRASH: [&str; 4] =
        ["The app crashes", "This app crashes at night", "It crashes, the app", "App crashes on the phone"];
    const DUTCH: [&str; 4] = [
        "Het pakket is te laat",
        "Mijn pakket kwam veel te laat",
        "Waar blijft het pakket?",
        "Het pakket is er niet",
    ];

    fn named(texts: &[(u32, &str, &str)]) -> Namer {
        let mut namer = Namer::new();
        texts.iter().for_each(|(theme, text, language)| namer.add(Some(*theme), text, Some(language)));
        namer
    }

    fn all<'a>(theme: u32, texts: &[&'a str], language: &'a str) -> Vec<(u32, &'a str, &'a str)> {
        texts.iter().map(|text| (theme, *text, language)).collect()
    }

    #[test]
    fn a_theme_is_named_by_its_own_words_and_a_topic_by_those_of_its_themes() {
        let texts = [all(0, &LATE, "en"), all(1, &CRASH, "en")].concat();
        let namer = named(&texts);
        let names = namer.names(3);
        assert!(names[0].join(" ").contains("parcel") && names[1].join(" ").contains("crashes"), "{names:?}");
        assert_eq!((names.len(), &names[2][..]), (3, &[][..]));
        let topics = namer.topics(&[1, 1]);
        assert!(topics[0].is_empty() && !topics[1].is_empty(), "{topics:?}");
        let mut turned = texts.clone();
        turned.reverse();
        assert_eq!(named(&turned).names(3), names, "the order does not matter");
    }

    #[test]
    fn a_theme_has_a_name_in_the_language_of_most_of_its_texts() {
        let mut texts = [all(0, &DUTCH, "nl"), all(1, &CRASH, "en")].concat();
        texts.extend(all(0, &LATE[..2], "en-GB"));
        let names = named(&texts).names(2);
        assert_eq!(names[0][0], "pakket", "{names:?}");
        assert!(!names[0].iter().any(|word| ["parcel", "het", "is"].contains(&word.as_str())), "{names:?}");
    }

    #[test]
    fn a_copy_counts_once_and_what_is_masked_not_at_all() {
        let mut texts = all(0, &LATE, "en");
        texts.extend([(0, "Signature of the sender 12", "en"); 50]);
        texts.extend([(0, "[name] [email]", "en"); 5]);
        let names = named(&texts).names(1);
        assert!(names[0].iter().all(|word| !word.contains("sender") && !word.contains("name")), "{names:?}");
    }

    #[test]
    fn nothing_to_name_has_no_name() {
        let namer = Namer::new();
        assert!(namer.is_empty() && namer.names(2) == [Vec::<String>::new(), Vec::new()]);
        assert!(namer.topics(&[]).is_empty());
        let mut namer = Namer::new();
        namer.add(None, LATE[0], None);
        namer.add(Some(9), LATE[1], Some("not a language"));
        assert_eq!((namer.len(), namer.names(1)), (2, vec![Vec::<String>::new()]));
    }
}
