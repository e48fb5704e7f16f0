//! Names: does what a theme is called say what people who know the answer call it?

use std::collections::{BTreeMap, HashSet};

use groundswell_insight::themes::{Clusters, Count, Name, Naming, function_words, names};

use super::bank::{Bank, clusters};
use super::read::Texts;
use super::rows::{Row, Wanted};
use super::survey::Survey;
use super::synonyms::{BANK, SURVEY};

/// Themes of the bank and of the survey that are looked at: the largest whose commonest label holds for so much of them.
const BANK_THEMES: (usize, f64) = (20, 0.5);
const SURVEY_THEMES: (usize, f64) = (10, 0.3);

/// Names the clusters of some texts.
pub fn named(texts: &Texts, found: &Clusters) -> Vec<Name> {
    let words: HashSet<&str> = function_words("en").collect();
    let naming = Naming { terms: 4, is_function_word: &|form| words.contains(form) };
    names(&texts.stems, &found.labels, found.extents.len(), &texts.vocabulary, &naming)
}

/// Counts names among whose first three words is a label's own word or one for the same.
pub fn rows(bank: &Bank, survey: Option<&Survey>) -> Vec<Row> {
    let found = clusters(&bank.texts.vectors, Count::Known(bank.intents.len()), 0);
    let labels: Vec<Vec<&str>> =
        bank.truth.iter().map(|intent| vec![bank.intents[*intent as usize].as_str()]).collect();
    let (mut hits, mut all) = count(&bank.texts, &found, &labels, &BANK, BANK_THEMES);
    let mut rows = vec![Row::new(
        "banking77",
        format!("names with the label's word, of {all} themes"),
        hits as f64,
        Wanted::Beside,
    )];
    if let Some(survey) = survey {
        let found = clusters(&survey.texts.vectors, Count::Found, 0);
        let labels: Vec<Vec<&str>> =
            survey.labels.iter().map(|labels| labels.iter().map(String::as_str).collect()).collect();
        let (more, of) = count(&survey.texts, &found, &labels, &SURVEY, SURVEY_THEMES);
        rows.push(Row::new(
            "nhft",
            format!("names with the label's word, of {of} themes"),
            more as f64,
            Wanted::Beside,
        ));
        (hits, all) = (hits + more, all + of);
    }
    let least = Wanted::AtLeast((0.8 * all as f64).ceil());
    rows.push(Row::new("both", format!("names with the label's word, of {all} themes"), hits as f64, least));
    rows
}

fn count(
    texts: &Texts,
    found: &Clusters,
    labels: &[Vec<&str>],
    synonyms: &[(&str, &str)],
    (most, least): (usize, f64),
) -> (usize, usize) {
    let names = named(texts, found);
    let (mut hits, mut all) = (0, 0);
    let mut order: Vec<usize> = (0..found.extents.len()).collect();
    order.sort_by_key(|at| usize::MAX - found.extents[*at].texts);
    let mut seen = HashSet::new();
    for at in order {
        let Some((label, share)) = commonest(found, labels, at) else { continue };
        if all == most || share < least || !seen.insert(label) {
            continue;
        }
        let wanted = synonyms.iter().find(|(name, _)| *name == label).map_or("", |(_, words)| *words);
        let name = names[at].text();
        let first: Vec<&str> = name.split([',', ' ']).filter(|word| !word.is_empty()).take(3).collect();
        let hit = wanted
            .split(' ')
            .any(|start| !start.is_empty() && first.iter().any(|word| word.starts_with(start)));
        println!("{} {label} ({share:.2}): {name}", if hit { "+" } else { "-" });
        all += 1;
        hits += usize::from(hit);
    }
    (hits, all)
}

/// The commonest label of a cluster and the share of its texts that have it.
fn commonest<'a>(found: &Clusters, labels: &[Vec<&'a str>], at: usize) -> Option<(&'a str, f64)> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let mut texts = 0;
    for (own, label) in labels.iter().zip(&found.labels) {
        if *label == Some(at as u32) {
            texts += 1;
            own.iter().for_each(|label| *counts.entry(label).or_default() += 1);
        }
    }
    let (label, count) = counts.into_iter().max_by_key(|(_, count)| *count)?;
    Some((label, count as f64 / texts as f64))
}
