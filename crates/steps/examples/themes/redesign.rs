//! Does the list of a year's themes show what happened in it? A mail program was redesigned in July 2023 (version 115), and the
//! forum's posts tell of it.

use std::ops::ControlFlow;

use groundswell_insight::themes::{
    BELONGS, Clustering, Clusters, Leaves, Rise, Rows, ThemeVoices, Voices, cluster,
};
use groundswell_insight::{Dimension, Holding, Label, Row as Counted, UNKNOWN, View, Window};
use groundswell_model::{Day, FeedbackId, Kind, RespondentKey};
use groundswell_steps::themes::Namer;

use super::belongs::{bytes, labels};
use super::forum::Forum;
use super::rows::{Row, Wanted};
use super::stability::{Begins, runs};

/// Beginnings of words for the redesign, written before any name was looked at.
const WORDS: [&str; 13] = [
    "supernova",
    "redesign",
    "interface",
    "ui",
    "layout",
    "look",
    "upgrad",
    "updat",
    "version",
    "toolbar",
    "card",
    "column",
    "density",
];

/// One theme of the year.
struct Found {
    name: String,
    people: u64,
    rise: Option<Rise>,
}

/// Clusterings of the whole year, each with another seed.
const SEEDS: u64 = 3;

/// Counts the themes that are about the redesign and rise when it came: of the whole year clustered at once, the least of three
/// seeds, and of ten runs over the second half of the year, of which each begins with the themes of the one before.
pub fn rows(forum: &Forum) -> Vec<Row> {
    let vectors = bytes(&forum.vectors);
    let at_once = (0..SEEDS).map(|seed| {
        let clustering = Clustering { seed, ..Clustering::default() };
        let go_on = &mut |_, _| ControlFlow::Continue(());
        cluster(&vectors, &forum.people, &clustering, go_on).expect("the shapes fit")
    });
    let counted: Vec<[usize; 3]> =
        at_once.map(|clusters| count(&found(forum, &vectors, &clusters))).collect();
    let least = |at: usize| counted.iter().map(|of_seed| of_seed[at]).min().unwrap_or(0) as f64;
    let after_runs = runs(forum, Begins::Bytes).pop().expect("ten runs");
    let after_runs = count(&found(forum, &vectors, &after_runs)).map(|count| count as f64);
    let says = [
        ("themes", Wanted::Beside),
        ("themes with a rise", Wanted::Beside),
        ("themes about the redesign that rise from July or August on", Wanted::AtLeast(1.0)),
    ];
    let row = |when: &str, (says, wanted): (&str, Wanted), value| {
        Row::new("forum", format!("2023 {when}: {says}"), value, wanted)
    };
    let mut rows: Vec<Row> = says
        .into_iter()
        .enumerate()
        .map(|(at, says)| row("at once, least of three seeds", says, least(at)))
        .collect();
    rows.extend(says.into_iter().zip(after_runs).map(|(says, value)| row("after ten runs", says, value)));
    rows
}

/// Themes, those of them that rise, and those of them that are about the redesign and rise when it came. Prints what rises.
fn count(found: &[Found]) -> [usize; 3] {
    let mut about = 0;
    for theme in found {
        let Some(rise) = theme.rise else { continue };
        let mut words = theme.name.split([',', ' ']);
        let says = words.any(|word| WORDS.iter().any(|start| word.starts_with(start)));
        let month = rise.since.to_string();
        let then = month.starts_with("2023-07") || month.starts_with("2023-08");
        about += usize::from(says && then);
        let until = rise.until.map_or("lasts".to_owned(), |day| day.to_string());
        let mark = if says && then { "+" } else { " " };
        println!(
            "{mark} {} to {until}: {:.1} times, {} of {} people: {}",
            rise.since, rise.times, rise.people, theme.people, theme.name
        );
    }
    println!();
    [found.len(), found.iter().filter(|theme| theme.rise.is_some()).count(), about]
}

/// The themes of the year with their names and rises, from the centroids of some clusters.
fn found(forum: &Forum, vectors: &Rows<i8>, clusters: &Clusters) -> Vec<Found> {
    let themes = labels(clusters, vectors, BELONGS);
    let mut view = View::default();
    let mut namer = Namer::new();
    for (at, (theme, text)) in themes.iter().zip(&forum.posts).enumerate() {
        namer.add(*theme, text, Some("en"));
        let id = FeedbackId::from_bytes((at as u128).to_be_bytes());
        view.put(id, &holding(forum, at, *theme));
    }
    let count = clusters.extents.len();
    let leaves: Leaves = (0..count as u32).map(|theme| (format!("t{theme}"), theme)).collect();
    let day = |text: &str| text.parse::<Day>().ok();
    let window = Window { since: day("2023-01-01"), until: day("2023-12-31"), kind: None };
    let voices = Voices::of(&view, &window, &leaves);
    let each = namer.names(count).into_iter().zip(&voices.themes).enumerate();
    let theme = |(at, (name, told)): (usize, (Vec<String>, &ThemeVoices))| Found {
        name: name.join(", "),
        people: told.people,
        rise: voices.rise(at),
    };
    each.map(theme).collect()
}

fn holding(forum: &Forum, at: usize, theme: Option<u32>) -> Holding {
    let mut key = [0; 16];
    key[..8].copy_from_slice(&forum.people[at].to_be_bytes());
    let label = theme.and_then(|theme| Label::new(Dimension::Theme, &format!("t{theme}")));
    let row = Counted {
        day: forum.days[at],
        minute: 0,
        kind: Kind::Public,
        respondent: Some(RespondentKey::from_bytes(key)),
        stage: UNKNOWN,
        voiced_at: UNKNOWN,
        touchpoint: UNKNOWN,
        phase: UNKNOWN,
        gaps: 0,
        outcomes: 0,
        sentiment: 0,
        quality: 0,
        fingerprint: at as u64 + 1,
        answers: Vec::new(),
        origins: 0,
        labels: label.into_iter().collect(),
        handled: None,
        corrected: false,
    };
    Holding { row: Some(row), ..Holding::default() }
}
