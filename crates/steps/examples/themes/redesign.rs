//! Does the list of a year's themes show what happened in it? A mail program was redesigned in July 2023 (version 115), and the
//! forum's posts tell of it.

use std::ops::ControlFlow;

use groundswell_insight::themes::{BELONGS, Clustering, Leaves, Rise, Voices, cluster};
use groundswell_insight::{Dimension, Holding, Label, Row as Counted, UNKNOWN, View, Window};
use groundswell_model::{Day, FeedbackId, Kind, RespondentKey};
use groundswell_steps::themes::Namer;

use super::belongs::{bytes, labels};
use super::forum::Forum;
use super::rows::{Row, Wanted};

/// Beginnings of words for the redesign, written before any name was looked at.
const WORDS: [&str; 14] = [
    "supernova",
    "redesign",
    "interface",
    "ui",
    "layout",
    "look",
    "upgrad",
    "updat",
    "version",
    "new version",
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

/// Counts the themes that are about the redesign and rise when it came.
pub fn rows(forum: &Forum) -> Vec<Row> {
    let found = found(forum);
    let mut about = 0;
    for theme in &found {
        let Some(rise) = theme.rise else { continue };
        let words = theme.name.split([',', ' ']);
        let says =
            words.clone().any(|word| WORDS.iter().any(|start| !word.is_empty() && word.starts_with(start)));
        let month = rise.since.to_string();
        let then = month.starts_with("2023-07") || month.starts_with("2023-08");
        about += u32::from(says && then);
        let until = rise.until.map_or("lasts".to_owned(), |day| day.to_string());
        let mark = if says && then { "+" } else { " " };
        println!(
            "{mark} {} to {until}: {:.1} times, {} of {} people, {:.0}: {}",
            rise.since, rise.times, rise.people, theme.people, rise.score, theme.name
        );
    }
    let risen = found.iter().filter(|theme| theme.rise.is_some()).count();
    let row = |says: &str, value, wanted| Row::new("forum", says, value, wanted);
    vec![
        row("themes of the year", found.len() as f64, Wanted::Beside),
        row("themes of the year with a rise", risen as f64, Wanted::Beside),
        row(
            "themes about the redesign that rise from July or August on",
            f64::from(about),
            Wanted::AtLeast(1.0),
        ),
    ]
}

fn found(forum: &Forum) -> Vec<Found> {
    let vectors = bytes(&forum.vectors);
    let clustering = Clustering::default();
    let go_on = &mut |_, _| ControlFlow::Continue(());
    let clusters = cluster(&vectors, &forum.people, &clustering, go_on).expect("the shapes fit");
    let themes = labels(&clusters, &vectors, BELONGS);
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
    let names = namer.names(count);
    let each = names.into_iter().zip(&voices.themes).enumerate();
    each.map(|(at, (name, told))| Found { name: name.join(", "), people: told.people, rise: voices.rise(at) })
        .collect()
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
