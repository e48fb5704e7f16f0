//! The one analyser for index and query: words, lower case, elisions off, stems.

use crate::language::Language;
use crate::stem::{Stem, stemmed_as, stemmer};
use crate::words::words;

/// The version of the analysis; another one means that an index must be made anew.
pub const ANALYSER_VERSION: &str = "1-snowball-1.2.0";

/// Slots of the stem cache of one language; a power of two.
const SLOTS: usize = 4096;
/// Longer words are stemmed, but not remembered, in bytes.
const LONGEST_CACHED: usize = 40;

/// A term of a text: a stem and where its word stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Term<'a> {
    /// The stem.
    pub stem: &'a str,
    /// The word in lower case, without an elided article before it.
    pub form: &'a str,
    /// The first byte of the word in the given text.
    pub start: usize,
    /// The byte after the word in the given text.
    pub end: usize,
    /// The number of the word in the text, from 0.
    pub position: usize,
}

/// Turns texts into terms, the same way for index and query. Holds a bounded cache of stems; one per thread.
#[derive(Debug, Default)]
pub struct Analyser {
    caches: Vec<(Language, Vec<Slot>)>,
    lower: String,
}

/// A remembered word and its stem, one after the other in one string.
#[derive(Debug, Default, Clone)]
struct Slot {
    both: String,
    word: usize,
}

impl Analyser {
    /// Makes an analyser with empty caches.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Gives each term of the text in order.
    pub fn terms(&mut self, text: &str, language: Option<Language>, each: &mut dyn FnMut(Term<'_>)) {
        let kept = stemmed_as(language);
        let stem = stemmer(language);
        let elides = matches!(kept, Some(Language::FR | Language::IT));
        let Self { caches, lower } = self;
        let mut cache = kept.and_then(|language| cache_of(caches, language));
        for (position, word) in words(text).enumerate() {
            lower_into(word.text, lower);
            let core = if elides { without_elision(lower) } else { lower.as_str() };
            let mut give =
                |stem: &str| each(Term { stem, form: core, start: word.start, end: word.end, position });
            match cache.as_deref_mut() {
                Some(slots) if core.len() <= LONGEST_CACHED => remembered(slots, core, stem, &mut give),
                Some(_) => give(&stem.stem(core)),
                None => give(core),
            }
        }
    }
}

fn cache_of(caches: &mut Vec<(Language, Vec<Slot>)>, language: Language) -> Option<&mut [Slot]> {
    let place = match caches.iter().position(|(kept, _)| *kept == language) {
        Some(place) => place,
        None => {
            caches.push((language, vec![Slot::default(); SLOTS]));
            caches.len() - 1
        }
    };
    caches.get_mut(place).map(|(_, slots)| slots.as_mut_slice())
}

fn remembered(slots: &mut [Slot], word: &str, stem: &dyn Stem, give: &mut dyn FnMut(&str)) {
    let place = usize::try_from(hash(word.as_bytes()) % SLOTS as u64).unwrap_or(0);
    let Some(slot) = slots.get_mut(place) else { return give(&stem.stem(word)) };
    match slot.both.get(..slot.word) {
        Some(kept) if kept == word && !word.is_empty() => {}
        _ => {
            slot.both.clear();
            slot.both.push_str(word);
            slot.both.push_str(&stem.stem(word));
            slot.word = word.len();
        }
    }
    give(slot.both.get(slot.word..).unwrap_or(word));
}

/// Mixes eight bytes at a time; only places words in slots, so that a collision costs a stemming and nothing else.
fn hash(bytes: &[u8]) -> u64 {
    let mut state = bytes.len() as u64;
    for chunk in bytes.chunks(8) {
        let value = chunk.iter().fold(0u64, |value, &byte| (value << 8) | u64::from(byte));
        state = (state ^ value).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        state ^= state >> 29;
    }
    state
}

fn lower_into(word: &str, lower: &mut String) {
    lower.clear();
    if word.is_ascii() {
        lower.push_str(word);
        lower.make_ascii_lowercase();
        return;
    }
    for character in word.chars() {
        match character {
            '\u{2019}' | '\u{02bc}' => lower.push('\''),
            _ => lower.extend(character.to_lowercase()),
        }
    }
}

/// Takes the article or pronoun off that French and Italian write before an apostrophe.
fn without_elision(word: &str) -> &str {
    const ELIDED: [&str; 22] = [
        "l", "d", "j", "m", "t", "s", "c", "n", "qu", "jusqu", "lorsqu", "puisqu", "quoiqu", "un", "all",
        "dell", "dall", "nell", "sull", "coll", "quell", "quest",
    ];
    match word.split_once('\'') {
        Some((head, tail)) if !tail.is_empty() && ELIDED.contains(&head) => tail,
        _ => word,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stems(analyser: &mut Analyser, text: &str, language: Language) -> Vec<String> {
        let mut out = Vec::new();
        analyser.terms(text, Some(language), &mut |term| out.push(term.stem.to_owned()));
        out
    }

    #[test]
    fn index_and_query_meet() {
        let mut analyser = Analyser::new();
        for (language, indexed, asked) in [
            (
                Language::EN,
                "Deliveries were DELAYED, customers\u{2019} complaints",
                "delivery delay customer complaint",
            ),
            (Language::DE, "Verspätete Lieferungen ärgern", "verspätet lieferung ärger"),
            (Language::FR, "l\u{2019}application, qu'il", "Application il"),
            (Language::IT, "dell'ordine", "ordini"),
        ] {
            let indexed = stems(&mut analyser, indexed, language);
            for stem in stems(&mut analyser, asked, language) {
                assert!(indexed.contains(&stem), "{stem} not in {indexed:?}");
            }
        }
    }

    #[test]
    fn the_form_is_the_word_without_case_and_elided_article() {
        let mut forms = Vec::new();
        Analyser::new().terms("L\u{2019}application LIVRAISONS", Some(Language::FR), &mut |term| {
            forms.push(term.form.to_owned());
        });
        assert_eq!(forms, ["application", "livraisons"]);
    }

    #[test]
    fn positions_and_offsets_are_given() {
        let mut seen = Vec::new();
        Analyser::new().terms("Große Käufe!", Some(Language::DE), &mut |term| {
            seen.push((term.start, term.end, term.position))
        });
        assert_eq!(seen, [(0, 6, 0), (7, 13, 1)]);
    }

    #[test]
    fn the_cache_never_changes_a_stem() {
        let mut analyser = Analyser::new();
        let many: String = (0..20_000u32).map(|number| format!("word{}s ", number % 9_000)).collect();
        let first = stems(&mut analyser, &many, Language::EN);
        let plain: Vec<String> =
            words(&many).map(|word| stemmer(Some(Language::EN)).stem(word.text).into_owned()).collect();
        assert_eq!(first, plain);
    }

    proptest::proptest! {
        #[test]
        fn terms_are_the_same_again_and_lie_in_the_text(text in "\\PC{0,80}|[a-zA-Zäéñ'’ ]{0,80}") {
            let mut analyser = Analyser::new();
            for language in [Language::EN, Language::DE, Language::FR] {
                let mut first = Vec::new();
                analyser.terms(&text, Some(language), &mut |term| first.push((term.stem.to_owned(), term.start, term.end, term.position)));
                let mut again = Vec::new();
                Analyser::new().terms(&text, Some(language), &mut |term| again.push((term.stem.to_owned(), term.start, term.end, term.position)));
                proptest::prop_assert_eq!(&first, &again);
                for (position, (_, start, end, at)) in first.iter().enumerate() {
                    proptest::prop_assert!(text.get(*start..*end).is_some_and(|word| !word.is_empty()));
                    proptest::prop_assert_eq!(position, *at);
                }
            }
        }
    }
}
