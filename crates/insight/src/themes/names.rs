//! Names of themes: the words that a theme has and others have not, and the text that stands for it.
//!
//! Class-based TF-IDF after Grootendorst 2022 (BERTopic): W(x, c) = tf(x, c) / Σ tf(x, c) × ln(1 + A / f(x)).

use std::collections::BTreeMap;

use super::vocabulary::Vocabulary;

/// A pair of words takes the place of both where it weighs at least this share of the heavier one.
const PAIR_SHARE: f64 = 0.8;
/// Texts of a theme in which a term must stand to name it.
const LEAST_TEXTS: f64 = 3.0;

/// How themes are named.
pub struct Naming<'a> {
    /// Terms of a name, at most.
    pub terms: usize,
    /// Says whether a written form is a function word; [`super::function_words`] has those of seven languages.
    pub is_function_word: &'a dyn Fn(&str) -> bool,
}

/// A word or a pair of words of a name.
#[derive(Clone, Debug, PartialEq)]
pub struct Term {
    /// As it is written most often.
    pub text: String,
    /// Its class-based TF-IDF.
    pub weight: f64,
}

/// What a theme is called: its terms, the heaviest first; none where no word says anything.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Name {
    /// The terms.
    pub terms: Vec<Term>,
}

impl Name {
    /// Gives the terms in one line.
    pub fn text(&self) -> String {
        let terms: Vec<&str> = self.terms.iter().map(|term| term.text.as_str()).collect();
        terms.join(", ")
    }
}

/// Gives the class-based TF-IDF of counts of terms (columns) in classes (rows). A is the mean number of words of a class.
pub fn class_weights(counts: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let columns = counts.iter().map(Vec::len).max().unwrap_or(0);
    let all: Vec<f64> =
        (0..columns).map(|at| counts.iter().map(|row| row.get(at).copied().unwrap_or(0.0)).sum()).collect();
    let mean = all.iter().sum::<f64>() / counts.len().max(1) as f64;
    let row = |row: &Vec<f64>| {
        let words: f64 = row.iter().sum();
        row.iter().zip(&all).map(|(count, all)| weight(*count, words, *all, mean)).collect()
    };
    counts.iter().map(row).collect()
}

fn weight(count: f64, words: f64, all: f64, mean: f64) -> f64 {
    if count > 0.0 && words > 0.0 && all > 0.0 { count / words * (mean / all).ln_1p() } else { 0.0 }
}

/// A stem, or two that follow each other.
type Gram = (u32, Option<u32>);

/// The texts of each term by class, a text counted once, and in all.
#[derive(Default)]
struct Counts {
    classes: Vec<BTreeMap<Gram, f64>>,
    words: Vec<f64>,
    all: BTreeMap<Gram, f64>,
    mean: f64,
}

/// Names themes by their texts. `texts` are numbers of the vocabulary in the order of the words, `labels` the theme of each text,
/// `themes` how many there are. Function words, numbers, single letters, masks and placeholders (forms in brackets, such as
/// `[name]`) never name a theme; a word must stand in three of its texts. The order of the texts does not matter.
pub fn names(
    texts: &[Vec<u32>],
    labels: &[Option<u32>],
    themes: usize,
    vocabulary: &Vocabulary,
    naming: &Naming<'_>,
) -> Vec<Name> {
    let numbers = 0..u32::try_from(vocabulary.len()).unwrap_or(u32::MAX);
    let names: Vec<bool> =
        numbers.map(|at| vocabulary.form(at).is_some_and(|form| says_something(form, naming))).collect();
    let counts = Counts::of(texts, labels, themes, &names);
    counts
        .classes
        .iter()
        .zip(&counts.words)
        .map(|(class, words)| counts.name(class, *words, vocabulary, naming.terms))
        .collect()
}

fn says_something(form: &str, naming: &Naming<'_>) -> bool {
    let letters = form.chars().filter(|character| character.is_alphabetic()).count();
    let bracketed = form.starts_with('[') || form.ends_with(']');
    let masked =
        form.chars().all(|character| character.eq_ignore_ascii_case(&'x') || character.is_ascii_digit());
    let wide = form.chars().any(|character| character as u32 >= 0x2e80);
    let long = letters >= 2 || (wide && letters == 1);
    let numbered = form.chars().any(char::is_numeric);
    long && !bracketed && !masked && !numbered && !(naming.is_function_word)(form)
}

impl Counts {
    fn of(texts: &[Vec<u32>], labels: &[Option<u32>], themes: usize, names: &[bool]) -> Self {
        let named = |stem: &u32| names.get(*stem as usize).copied().unwrap_or(false);
        let mut counts =
            Self { classes: vec![BTreeMap::new(); themes], words: vec![0.0; themes], ..Self::default() };
        for (text, label) in texts.iter().zip(labels) {
            let Some(label) = label.map(|label| label as usize).filter(|label| *label < themes) else {
                continue;
            };
            let singles = text.iter().filter(|stem| named(stem)).map(|stem| (*stem, None));
            let pairs = text.iter().zip(text.iter().skip(1));
            let pairs = pairs.filter(|(left, right)| named(left) && named(right) && left != right);
            let mut grams: Vec<Gram> =
                singles.chain(pairs.map(|(left, right)| (*left, Some(*right)))).collect();
            grams.sort_unstable();
            grams.dedup();
            for gram in grams {
                if gram.1.is_none() {
                    counts.words.get_mut(label).into_iter().for_each(|words| *words += 1.0);
                }
                if let Some(class) = counts.classes.get_mut(label) {
                    *class.entry(gram).or_default() += 1.0;
                }
                *counts.all.entry(gram).or_default() += 1.0;
            }
        }
        counts.mean = counts.words.iter().sum::<f64>() / themes.max(1) as f64;
        counts
    }

    fn name(&self, class: &BTreeMap<Gram, f64>, words: f64, vocabulary: &Vocabulary, most: usize) -> Name {
        let weighed = |gram: &Gram| {
            let count = class.get(gram).copied().unwrap_or(0.0);
            weight(count, words, self.all.get(gram).copied().unwrap_or(0.0), self.mean)
        };
        // Small themes may be named by what only one or two of their texts say.
        let most_texts = class.values().copied().fold(0.0, f64::max);
        let least = LEAST_TEXTS.min(most_texts);
        let mut ranked: Vec<(f64, Gram)> = class
            .iter()
            .filter(|(_, count)| **count >= least)
            .filter_map(|(gram, _)| {
                let own = weighed(gram);
                let Some(second) = gram.1 else { return Some((own, *gram)) };
                let heavier = weighed(&(gram.0, None)).max(weighed(&(second, None)));
                (own >= PAIR_SHARE * heavier).then_some((own.max(heavier), *gram))
            })
            .collect();
        // A pair stands before its words; equals stand in the order of their stems.
        let stems =
            |gram: &Gram| (vocabulary.stem(gram.0), gram.1.and_then(|second| vocabulary.stem(second)));
        ranked.sort_by(|(left, a), (right, b)| {
            right
                .total_cmp(left)
                .then(b.1.is_some().cmp(&a.1.is_some()))
                .then_with(|| stems(a).cmp(&stems(b)))
        });
        let mut name = Name::default();
        let mut used: Vec<u32> = Vec::new();
        for (weight, gram) in ranked {
            let stems = [Some(gram.0), gram.1];
            if name.terms.len() == most || stems.iter().flatten().any(|stem| used.contains(stem)) {
                continue;
            }
            used.extend(stems.iter().flatten());
            let forms: Vec<&str> = stems.iter().flatten().filter_map(|stem| vocabulary.form(*stem)).collect();
            name.terms.push(Term { text: forms.join(" "), weight });
        }
        name
    }
}

/// Gives for each theme the text nearest to its centroid, the first of equals; none where it has no texts. `cosines` are those
/// of the texts to their centroids, as [`super::Clusters`] has them.
pub fn medoids(labels: &[Option<u32>], cosines: &[f32], themes: usize) -> Vec<Option<usize>> {
    let mut best: Vec<Option<(f32, usize)>> = vec![None; themes];
    for (at, (label, cosine)) in labels.iter().zip(cosines).enumerate() {
        let Some(place) = label.and_then(|label| best.get_mut(label as usize)) else { continue };
        if place.is_none_or(|(most, _)| *cosine > most) {
            *place = Some((*cosine, at));
        }
    }
    best.into_iter().map(|found| found.map(|(_, at)| at)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(found: &[f64], wanted: &[f64]) -> bool {
        found.len() == wanted.len()
            && found.iter().zip(wanted).all(|(found, wanted)| (found - wanted).abs() < 5e-7)
    }

    #[test]
    fn weights_are_those_of_the_methods() {
        let found = class_weights(&[vec![10.0, 0.0, 5.0, 5.0], vec![0.0, 8.0, 5.0, 2.0]]);
        assert!(near(&found[0], &[0.505_800, 0.0, 0.252_900, 0.313_191]), "{:?}", found[0]);
        assert!(near(&found[1], &[0.0, 0.618_260, 0.337_200, 0.167_035]), "{:?}", found[1]);
        assert_eq!(class_weights(&[]), Vec::<Vec<f64>>::new());
        assert_eq!(class_weights(&[vec![0.0], vec![]]), [vec![0.0], vec![]]);
    }

    fn named(texts: &[(&str, u32)], themes: usize) -> Vec<String> {
        let mut vocabulary = Vocabulary::new(1_000);
        let mut add = |word: &str| vocabulary.add(word.trim_end_matches('s'), word).unwrap();
        let stems: Vec<Vec<u32>> =
            texts.iter().map(|(text, _)| text.split(' ').map(&mut add).collect()).collect();
        let labels: Vec<Option<u32>> = texts.iter().map(|(_, label)| Some(*label)).collect();
        let naming = Naming { terms: 3, is_function_word: &|word| ["the", "is", "my", "a"].contains(&word) };
        names(&stems, &labels, themes, &vocabulary, &naming).iter().map(Name::text).collect()
    }

    const TEXTS: [(&str, u32); 8] = [
        ("the exchange rate is wrong", 0),
        ("my exchange rate 42 is bad", 0),
        ("a wrong exchange rate", 0),
        ("exchange rate [name] wrong XXXX", 0),
        ("the parcels is late", 1),
        ("my parcel is late [name]", 1),
        ("parcels 42 late", 1),
        ("is a parcels late q", 1),
    ];

    #[test]
    fn pairs_come_first_and_words_are_written_as_people_write_them() {
        assert_eq!(named(&TEXTS, 2), ["exchange rate, wrong", "late, parcels"]);
        let mut turned = TEXTS;
        turned.reverse();
        assert_eq!(named(&turned, 2), named(&TEXTS, 2), "the order of the texts does not matter");
    }

    #[test]
    fn function_words_numbers_masks_and_placeholders_name_nothing() {
        let texts = [
            ("the is my 42 [name] XXXX q 7th", 0),
            ("the is my 42 [name] XXXX q 7th", 0),
            ("the 42 [email]", 0),
        ];
        assert_eq!(named(&texts, 2), ["", ""]);
        assert_eq!(named(&[], 1), [""]);
        assert_eq!(named(&[("broken", 0)], 1), ["broken"], "a text of one word names its theme");
        assert_eq!(named(&[("broken", 9)], 1), [""], "a label beyond the themes is left out");
    }

    #[test]
    fn the_text_nearest_to_the_centroid_stands_for_a_theme() {
        let labels = [Some(0), Some(1), None, Some(0), Some(0)];
        assert_eq!(medoids(&labels, &[0.5, 0.1, 1.0, 0.9, 0.9], 3), [Some(3), Some(1), None]);
    }
}
