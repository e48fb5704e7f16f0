//! App reviews by release: the terms that stand out against the releases before, and how many issues of the change logs
//! are among the first of them.
//!
//! Data and reading of the change logs after Gao, Zeng, Lyu and King 2018 (IDEA): an issue that emerges in the reviews of a
//! release is looked for in the log of that release and of the next.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use groundswell_adapters::{Adapted, adapt};
use groundswell_insight::detect::disproportion::{RatioPrior, locate};
use groundswell_insight::detect::signals::FEWEST_PEOPLE;
use groundswell_insight::detect::since::scan_score;

use super::rows::{Figure, Wanted};
use super::source;
use super::terms::Stems;

const NAME: &str = "reviews";

/// Issue terms of a release that are looked at.
const FIRST: usize = 15;

/// Events that are added to what the releases before told of a term, so that nothing is expected never.
const PRIOR_EVENTS: f64 = 0.5;

/// Stars of a review that complains.
const LOW: f64 = 2.0;

/// Words of a review, or of an issue of a change log: one stem or two that follow each other.
type Words = BTreeSet<String>;

/// One release.
#[derive(Default)]
struct Release {
    /// For each review, its stars and its terms.
    reviews: Vec<(f64, BTreeSet<String>)>,
    /// The issues of its change log, as stems.
    log: Vec<Words>,
}

/// How the first terms of a release are chosen.
#[derive(Clone, Copy)]
enum Choice {
    /// What stands out against the releases before; first what chance explains worst.
    StandingOut,
    /// The same; first what has the highest lower bound of its ratio.
    LowerBound,
    /// What most people say.
    Frequent,
}

/// When a term is an issue of a change log.
#[derive(Clone, Copy)]
enum Match {
    /// All words of one are among those of the other.
    Whole,
    /// They share a word.
    AnyWord,
}

/// Measures the reviews; also gives the first terms of each release, a line each.
pub fn measure(folder: &Path) -> (Vec<Figure>, Vec<String>) {
    let releases = releases(folder);
    let all = |_: f64| true;
    let told = first_terms(&releases, Choice::StandingOut, FIRST, &all);
    let frequent = first_terms(&releases, Choice::Frequent, FIRST, &all);
    let low = first_terms(&releases, Choice::StandingOut, FIRST, &|stars| stars <= LOW);
    let by_bound = first_terms(&releases, Choice::LowerBound, FIRST, &all);
    let fewer = first_terms(&releases, Choice::StandingOut, 10, &all);
    let found = |told: &[Vec<Words>], before, how| Some(found(&releases, told, before, how).0);
    let issues = self::found(&releases, &told, true, Match::Whole);
    let figure = |says: &str, value: Option<f64>, wanted| Figure {
        stream: NAME,
        says: says.to_owned(),
        value,
        wanted,
    };
    let figures = vec![
        figure(
            "of the releases with issues in their change log, share with one found",
            Some(issues.0),
            Wanted::AtLeast(0.5),
        ),
        figure("of all issues in the change logs, share found", Some(issues.1), Wanted::Beside),
        figure(
            "releases, from the first ten terms instead of 15",
            found(&fewer, true, Match::Whole),
            Wanted::Beside,
        ),
        figure("releases, from their own reviews only", found(&told, false, Match::Whole), Wanted::Beside),
        figure(
            "releases, from reviews of one or two stars only",
            found(&low, true, Match::Whole),
            Wanted::Beside,
        ),
        figure(
            "releases, terms by the lower bound of their ratio",
            found(&by_bound, true, Match::Whole),
            Wanted::Beside,
        ),
        figure("releases, any shared word counts", found(&told, true, Match::AnyWord), Wanted::Beside),
        figure(
            "releases, from the most frequent terms",
            found(&frequent, true, Match::Whole),
            Wanted::Beside,
        ),
        figure(
            "releases, from the most frequent terms, any shared word counts",
            found(&frequent, true, Match::AnyWord),
            Wanted::Beside,
        ),
        figure("releases, from terms drawn at random (expected)", Some(by_chance(&releases)), Wanted::Beside),
    ];
    let line = |(number, words): (usize, &Vec<Words>)| {
        let words: Vec<String> = words.iter().map(joined).collect();
        format!("release {}: {}", number + 1, words.join(", "))
    };
    (figures, told.iter().enumerate().map(line).collect())
}

fn releases(folder: &Path) -> Vec<Release> {
    let mut stems = Stems::new();
    let mut versions: Vec<String> = Vec::new();
    let mut releases: Vec<Release> = Vec::new();
    source::each_row("viber_reviews", &folder.join("app_viber/total_info.txt"), |pipeline, raw| {
        for draft in adapt(pipeline, raw) {
            let Ok(Adapted::Feedback(draft)) = draft else { continue };
            let version = draft.subject.version.clone().unwrap_or_default();
            if !versions.contains(&version) {
                versions.push(version.clone());
                releases.push(Release::default());
            }
            let number = versions.iter().position(|known| *known == version).expect("it was just put there");
            let stars = draft.answers.first().map_or(0.0, |answer| answer.value);
            let terms = draft.statements.iter().flat_map(|said| terms(&stems.telling(&said.text))).collect();
            releases[number].reviews.push((stars, terms));
        }
    });
    let logs =
        std::fs::read_to_string(folder.join("app_viber/changelog_viber.txt")).expect("the logs can be read");
    for (release, line) in releases.iter_mut().zip(logs.lines()) {
        let issues =
            line.split(',').map(|issue| stems.all(issue).into_iter().map(|(_, stem)| stem).collect());
        release.log = issues.filter(|issue: &Words| !issue.is_empty()).collect();
    }
    releases
}

/// Stems, and pairs of stems whose words follow each other.
fn terms(stems: &[(usize, String)]) -> BTreeSet<String> {
    let pairs = stems.windows(2).filter(|pair| pair[1].0 == pair[0].0 + 1);
    let pairs = pairs.map(|pair| format!("{} {}", pair[0].1, pair[1].1));
    stems.iter().map(|(_, stem)| stem.clone()).chain(pairs).collect()
}

/// How many reviews tell each term.
fn counts<'a>(releases: &'a [Release], counts_for: &dyn Fn(f64) -> bool) -> (BTreeMap<&'a str, u64>, u64) {
    let (mut counts, mut heard) = (BTreeMap::new(), 0);
    for (_, terms) in
        releases.iter().flat_map(|release| &release.reviews).filter(|(stars, _)| counts_for(*stars))
    {
        heard += 1;
        terms.iter().for_each(|term| *counts.entry(term.as_str()).or_default() += 1);
    }
    (counts, heard)
}

/// The first terms of each release; none of the first release, before which nothing is known.
fn first_terms(
    releases: &[Release],
    choice: Choice,
    first: usize,
    counts_for: &dyn Fn(f64) -> bool,
) -> Vec<Vec<Words>> {
    let of = |number: usize| {
        let (before, heard_before) = counts(&releases[..number], counts_for);
        let (now, heard) = counts(&releases[number..=number], counts_for);
        if heard_before == 0 {
            return Vec::new();
        }
        let told: Vec<(&str, u64)> = now.into_iter().filter(|(_, count)| *count >= FEWEST_PEOPLE).collect();
        let expected = |term: &str| {
            let known = before.get(term).copied().unwrap_or(0) as f64 + PRIOR_EVENTS;
            heard as f64 * known / heard_before as f64
        };
        let places: Vec<(u64, f64)> = told.iter().map(|(term, count)| (*count, expected(term))).collect();
        let located = locate(&places, &RatioPrior::default());
        let mut chosen: Vec<(f64, &str)> = match choice {
            Choice::StandingOut => (located.iter())
                .map(|found| (places[found.place], told[found.place].0))
                .map(|((count, expected), term)| (scan_score(count as f64, expected), term))
                .collect(),
            Choice::LowerBound => {
                located.iter().map(|found| (found.ratio.low, told[found.place].0)).collect()
            }
            Choice::Frequent => told.iter().map(|(term, count)| (*count as f64, *term)).collect(),
        };
        chosen.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(b.1)));
        chosen.into_iter().take(first).map(|(_, term)| split(term)).collect()
    };
    (0..releases.len()).map(of).collect()
}

/// Of the releases with issues in their change log, the share with at least one found, and the share of all issues that
/// are found: in the terms of the release, and also in those of the one before if asked.
fn found(releases: &[Release], told: &[Vec<Words>], before: bool, how: Match) -> (f64, f64) {
    let (mut with, mut hit, mut issues, mut found) = (0, 0, 0, 0);
    for (number, release) in releases.iter().enumerate().filter(|(_, release)| !release.log.is_empty()) {
        let from = number - usize::from(before && number > 0);
        let terms: Vec<&Words> = told[from..=number].iter().flatten().collect();
        let of_release =
            release.log.iter().filter(|issue| terms.iter().any(|term| is_same(term, issue, how))).count();
        with += 1;
        hit += usize::from(of_release > 0);
        issues += release.log.len();
        found += of_release;
    }
    (hit as f64 / f64::from(with), found as f64 / issues as f64)
}

fn is_same(term: &Words, issue: &Words, how: Match) -> bool {
    match how {
        Match::Whole => term.is_subset(issue) || issue.is_subset(term),
        Match::AnyWord => !term.is_disjoint(issue),
    }
}

/// The share of releases with an issue found that is expected of as many terms drawn at random.
fn by_chance(releases: &[Release]) -> f64 {
    let missed = |number: usize, log: &[Words]| {
        let (now, _) = counts(&releases[number..=number], &|_| true);
        let told: Vec<Words> =
            now.iter().filter(|(_, count)| **count >= FEWEST_PEOPLE).map(|(term, _)| split(term)).collect();
        let other =
            told.iter().filter(|term| !log.iter().any(|issue| is_same(term, issue, Match::Whole))).count();
        (0..FIRST.min(told.len()))
            .map(|drawn| other.saturating_sub(drawn) as f64 / (told.len() - drawn) as f64)
            .product::<f64>()
    };
    let with = releases.iter().enumerate().filter(|(_, release)| !release.log.is_empty());
    let chances: Vec<f64> = with
        .map(|(number, release)| match number {
            0 => 0.0,
            1 => 1.0 - missed(1, &release.log),
            _ => 1.0 - missed(number, &release.log) * missed(number - 1, &release.log),
        })
        .collect();
    chances.iter().sum::<f64>() / chances.len() as f64
}

fn split(term: &str) -> Words {
    term.split(' ').map(str::to_owned).collect()
}

fn joined(words: &Words) -> String {
    words.iter().map(String::as_str).collect::<Vec<_>>().join(" ")
}
