//! Words that say little: they are searched, but need not occur beside words that say something.

use std::collections::HashMap;
use std::sync::LazyLock;

use groundswell_text::{Language, frequent_words};

/// In the lists of frequent words function words come first; so many of them in English, and in other languages.
const ENGLISH: usize = 83;
const OTHERS: usize = 60;

static COMMON: LazyLock<HashMap<&'static str, Vec<Language>>> = LazyLock::new(|| {
    let mut common: HashMap<&str, Vec<Language>> = HashMap::new();
    for (language, words) in frequent_words() {
        let most = if language == Language::EN { ENGLISH } else { OTHERS };
        for word in words.into_iter().take(most) {
            common.entry(word).or_default().push(language);
        }
    }
    common
});

/// Says whether a word in lower case says little in one of these languages.
pub(crate) fn is_common(form: &str, languages: &[Option<Language>]) -> bool {
    let known = COMMON.get(form);
    known.is_some_and(|known| languages.iter().flatten().any(|language| known.contains(&language.primary())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn function_words_are_common_and_what_feedback_is_about_is_not() {
        let english = [Some(Language::EN), None];
        for word in ["the", "is", "to", "get", "would", "there"] {
            assert!(is_common(word, &english), "{word}");
        }
        for word in ["please", "good", "delivery", "staff", "waiting", "der"] {
            assert!(!is_common(word, &english), "{word}");
        }
        assert!(is_common("der", &[Some("de-AT".parse().unwrap())]));
    }
}
