//! Examples for the language model: forum posts and titles in short pieces, ordinary words, and what is no language.

use std::path::Path;

use groundswell_text::{Format, Language, LanguageExample, normalise, sentences, words};

use super::{Chance, Lists, corpora};

/// No more pieces of one locale are taken.
const MOST: usize = 9_000;
/// So many groups of ordinary words are made of each language.
const GROUPS: usize = 2_500;

/// A forum text: its number, its locale, its cleaned text.
pub struct Post {
    /// The number of the thread.
    pub id: String,
    /// The locale without region.
    pub locale: String,
    /// The text.
    pub text: String,
}

/// Reads one column of the forum's posts, of every locale.
pub fn posts(data: &Path, column: &str) -> Vec<Post> {
    let other = data.join("multilingual/sumo_thunderbird_other_locales.csv");
    let english = data.join("over_time/sumo_thunderbird_2023_en.csv");
    let mut out = Vec::new();
    for (path, every) in [(&other, 1), (&english, 5)] {
        let (ids, locales) = (corpora::column(path, "id"), corpora::column(path, "locale"));
        let rows = corpora::column(path, column).into_iter().zip(ids.into_iter().zip(locales)).step_by(every);
        out.extend(rows.map(|(text, (id, locale))| Post {
            id,
            locale: locale.split('-').next().unwrap_or("").to_owned(),
            text: normalise(&text, Format::Html, 8_000).text,
        }));
    }
    out
}

/// Makes the examples of the posts that are kept, with ordinary words; English texts of other locales are left out.
pub fn examples(data: &Path, lists: &Lists, keep: &dyn Fn(&str) -> bool, seed: u64) -> Vec<LanguageExample> {
    let mut chance = Chance(seed);
    let mut by_locale: std::collections::BTreeMap<String, Vec<String>> = std::collections::BTreeMap::new();
    for post in posts(data, "title").into_iter().chain(posts(data, "content")).filter(|post| keep(&post.id)) {
        if post.locale != "en" && is_written_in_english(&post.text) {
            continue;
        }
        let pieces = by_locale.entry(post.locale).or_default();
        for range in sentences(&post.text).into_iter().take(4) {
            let piece: String =
                post.text.get(range).unwrap_or("").chars().take(20 + chance.below(80)).collect();
            if piece.chars().filter(|sign| sign.is_alphabetic()).count() >= 8 && pieces.len() < MOST {
                pieces.push(piece);
            }
        }
    }
    for (language, words) in by_language(lists) {
        let pieces = by_locale.entry(language).or_default();
        for _ in 0..GROUPS {
            let group: Vec<&str> =
                (0..2 + chance.below(6)).filter_map(|_| chance.pick(&words).copied()).collect();
            pieces.push(group.join(" "));
        }
    }
    let mut out: Vec<LanguageExample> = Vec::new();
    for (locale, pieces) in by_locale {
        let language = locale.parse::<Language>().ok();
        out.extend(pieces.into_iter().map(|piece| (piece, language)));
    }
    out.extend((0..GROUPS).map(|_| (noise(&mut chance), None)));
    for last in (1..out.len()).rev() {
        out.swap(last, chance.below(last + 1));
    }
    out
}

/// Says whether English function words are at least an eighth of the words.
pub fn is_written_in_english(text: &str) -> bool {
    const FUNCTION: [&str; 28] = [
        "the", "and", "is", "are", "to", "of", "it", "that", "this", "for", "with", "not", "my", "have",
        "from", "how", "when", "does", "can't", "cannot", "you", "was", "doesn't", "but", "what", "i",
        "after", "can",
    ];
    let all: Vec<String> = words(text).take(60).map(|word| word.text.to_lowercase()).collect();
    all.iter().filter(|word| FUNCTION.contains(&word.as_str())).count() * 8 >= all.len().max(1)
}

fn by_language(lists: &Lists) -> std::collections::BTreeMap<String, Vec<&str>> {
    let mut out: std::collections::BTreeMap<String, Vec<&str>> = std::collections::BTreeMap::new();
    for (language, word) in &lists.ordinary {
        out.entry(language.clone()).or_default().push(word);
    }
    for (language, words) in groundswell_text::frequent_words() {
        out.entry(language.to_string()).or_default().extend(words);
    }
    out
}

/// Letters without a language.
fn noise(chance: &mut Chance) -> String {
    let word = |chance: &mut Chance| -> String {
        (0..2 + chance.below(9))
            .map(|_| char::from(b'a' + u8::try_from(chance.below(26)).unwrap_or(0)))
            .collect()
    };
    (0..2 + chance.below(5)).map(|_| word(chance)).collect::<Vec<_>>().join(" ")
}
