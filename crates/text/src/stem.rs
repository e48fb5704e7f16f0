//! Stemmers behind one trait: Snowball for the languages it serves well, the word itself for all others.

use std::borrow::Cow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::LazyLock;

use rust_stemmers::{Algorithm, Stemmer};

use crate::language::Language;

/// Words longer than this are no words; they stay as they are.
const LONGEST_WORD: usize = 64;

/// Reduces a lower-cased word to its stem.
pub trait Stem: Send + Sync {
    /// Returns the stem of a word that is in lower case already.
    fn stem<'a>(&self, lower: &'a str) -> Cow<'a, str>;
}

struct Unstemmed;

impl Stem for Unstemmed {
    fn stem<'a>(&self, lower: &'a str) -> Cow<'a, str> {
        Cow::Borrowed(lower)
    }
}

struct Snowball(Stemmer);

impl Stem for Snowball {
    fn stem<'a>(&self, lower: &'a str) -> Cow<'a, str> {
        if lower.len() > LONGEST_WORD {
            return Cow::Borrowed(lower);
        }
        match catch_unwind(AssertUnwindSafe(|| self.0.stem(lower))) {
            Ok(stem) if !stem.is_empty() => stem,
            _ => Cow::Borrowed(lower),
        }
    }
}

/// The Snowball algorithms (snowballstem.org) in use; Greek is left out because its port can panic.
static SNOWBALL: LazyLock<Vec<(Language, Snowball)>> = LazyLock::new(|| {
    [
        (Language::AR, Algorithm::Arabic),
        (Language::DA, Algorithm::Danish),
        (Language::DE, Algorithm::German),
        (Language::EN, Algorithm::English),
        (Language::ES, Algorithm::Spanish),
        (Language::FI, Algorithm::Finnish),
        (Language::FR, Algorithm::French),
        (Language::HU, Algorithm::Hungarian),
        (Language::IT, Algorithm::Italian),
        (Language::NL, Algorithm::Dutch),
        (Language::NO, Algorithm::Norwegian),
        (Language::PT, Algorithm::Portuguese),
        (Language::RO, Algorithm::Romanian),
        (Language::RU, Algorithm::Russian),
        (Language::SV, Algorithm::Swedish),
        (Language::TA, Algorithm::Tamil),
        (Language::TR, Algorithm::Turkish),
    ]
    .into_iter()
    .map(|(language, algorithm)| (language, Snowball(Stemmer::create(algorithm))))
    .collect()
});

/// Returns the stemmer of a language; for Greek, an unknown or an unserved language it leaves words as they are.
#[must_use]
pub fn stemmer(language: Option<Language>) -> &'static dyn Stem {
    match language.and_then(algorithm_of) {
        Some((_, snowball)) => snowball,
        None => &Unstemmed,
    }
}

/// Returns the language under which stems are kept, or none where words stay as they are.
pub(crate) fn stemmed_as(language: Option<Language>) -> Option<Language> {
    language.and_then(algorithm_of).map(|(language, _)| *language)
}

fn algorithm_of(language: Language) -> Option<&'static (Language, Snowball)> {
    let primary = language.primary();
    SNOWBALL.iter().find(|(served, _)| *served == primary)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_language_has_its_own_stems() {
        for (language, word, stem) in [
            (Language::EN, "deliveries", "deliveri"),
            (Language::DE, "lieferungen", "liefer"),
            (Language::FR, "livraisons", "livraison"),
            (Language::ES, "entregas", "entreg"),
            (Language::IT, "consegne", "consegn"),
            (Language::NL, "leveringen", "lever"),
            (Language::PT, "entregas", "entreg"),
        ] {
            assert_eq!(stemmer(Some(language)).stem(word), stem);
        }
    }

    #[test]
    fn unknown_and_greek_words_stay() {
        assert_eq!(stemmer(None).stem("deliveries"), "deliveries");
        assert_eq!(stemmer(Some(Language::EL)).stem("παραδόσεις"), "παραδόσεις");
        assert_eq!(stemmer("pt-BR".parse().ok()).stem("entregas"), "entreg");
    }

    #[test]
    fn every_language_of_the_library_has_words_stemmed_and_hostile_words_stay_whole() {
        let served = SNOWBALL.iter().map(|(language, _)| language.to_string()).collect::<Vec<_>>();
        assert_eq!(served.len(), 17, "18 algorithms less Greek: {served:?}");
        for (language, word, stem) in [
            (Language::DA, "leveringer", "lever"),
            (Language::FI, "toimitukset", "toimitukset"),
            (Language::HU, "szállítások", "szállítás"),
            (Language::NO, "leveringer", "levering"),
            (Language::RO, "livrările", "livr"),
            (Language::RU, "доставки", "доставк"),
            (Language::SV, "leveranser", "leverans"),
            (Language::TR, "teslimatlar", "teslimat"),
        ] {
            let found = stemmer(Some(language)).stem(word);
            assert!(
                found == stem
                    || (found.len() < word.len() && word.starts_with(found.chars().next().unwrap())),
                "{word} {found}"
            );
        }
        for (language, _) in SNOWBALL.iter() {
            for word in [
                "a",
                "'",
                "''s",
                "ß",
                "yyyyyyyyy",
                "aeiouaeiou",
                "ßßßß",
                "ıııı",
                "ைைை",
                "ال",
                "ованное",
                "\u{301}\u{301}",
                "αας",
            ] {
                assert!(!stemmer(Some(*language)).stem(word).is_empty(), "{language} {word}");
            }
            let long = "x".repeat(100_000);
            assert_eq!(stemmer(Some(*language)).stem(&long), long);
        }
    }

    proptest::proptest! {
        #[test]
        fn no_word_panics(word in "[a-zà-ÿа-яء-يஅ-ஹα-ωőűğşıășț\']{0,80}|.{0,20}") {
            for (language, _) in SNOWBALL.iter() {
                proptest::prop_assert!(word.is_empty() || !stemmer(Some(*language)).stem(&word).is_empty());
            }
        }
    }
}
