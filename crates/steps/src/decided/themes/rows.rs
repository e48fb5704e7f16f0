//! Themes with the figures of a window.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use groundswell_insight::themes::{Leaves, Voices};
use groundswell_insight::{View, Window};
use groundswell_model::{Day, ThemeId};

use super::{Node, Themes};

/// Words of a topic's name.
const TOPIC_WORDS: usize = 2;

/// One theme of a window.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ThemeRow {
    /// Its identity.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its most telling words.
    pub words: Vec<String>,
    /// Words of the topic above it.
    pub topic: String,
    /// Language of most of its texts.
    pub language: Option<String>,
    /// Distinct people.
    pub people: u64,
    /// Feedback.
    pub feedback: u64,
    /// Distinct people of whom an expectation was not met.
    pub unmet: u64,
    /// Mean sentiment, -1 to 1.
    pub sentiment: Option<f64>,
    /// People known only through texts that at least five people posted alike.
    pub copied: u64,
    /// Distinct people by week, from the Monday `first_week` on.
    pub weeks: Vec<u32>,
    /// The Monday of the first week.
    pub first_week: Option<String>,
    /// A rise in the window: one that lasts, or else the strongest.
    pub rise: Option<ThemeRise>,
    /// What one of its people said, as near to its middle as any.
    pub example: Option<String>,
    /// Leaves that it is made of, where there are several.
    pub leaves: Vec<String>,
    /// The query whose hits it has.
    pub query: Option<String>,
    /// Whether it stands first.
    pub pinned: bool,
    /// Whether it is hidden.
    pub hidden: bool,
    /// Whether it emerged since the last run.
    pub emerged: bool,
    /// Whether a person edited it, so that no run changes it.
    pub edited: bool,
    /// Whether feedback of staff is not counted here, because the group or its remainder is too small.
    pub withheld: bool,
}

/// More people spoke of a theme than before.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ThemeRise {
    /// The likeliest first day.
    #[serde(with = "groundswell_model::time::day_text")]
    pub since: Day,
    /// The last day; absent while it lasts.
    #[serde(
        default,
        with = "groundswell_model::time::optional_day_text",
        skip_serializing_if = "Option::is_none"
    )]
    pub until: Option<Day>,
    /// People of these days by how many were expected.
    pub times: f64,
    /// Distinct people of these days.
    pub people: u64,
}

/// The figures of some themes, in their order, with what was counted.
pub fn rows(themes: &Themes, nodes: &[&Node], view: &View, window: &Window) -> (Voices, Vec<ThemeRow>) {
    let places: HashMap<ThemeId, u32> = nodes.iter().zip(0..).map(|(node, at)| (node.id, at)).collect();
    let mut leaves = Leaves::new();
    for leaf in themes.nodes().iter().filter(|node| !node.retired) {
        if let Some(place) = places.get(&themes.root(leaf.id)) {
            leaves.insert(leaf.id.to_string(), *place);
        }
    }
    let voices = Voices::of(view, window, &leaves);
    let rows = nodes.iter().enumerate().map(|(at, node)| row(themes, node, &voices, at)).collect();
    (voices, rows)
}

fn row(themes: &Themes, node: &Node, voices: &Voices, at: usize) -> ThemeRow {
    let told = voices.themes.get(at).cloned().unwrap_or_default();
    let leaves = themes.leaves(node.id);
    let rise = voices.rise(at).map(|rise| ThemeRise {
        since: rise.since,
        until: rise.until,
        times: (rise.times * 100.0).round() / 100.0,
        people: rise.people,
    });
    ThemeRow {
        id: node.id.to_string(),
        name: node.name(),
        words: node.words.clone(),
        topic: node.topic.iter().take(TOPIC_WORDS).cloned().collect::<Vec<_>>().join(", "),
        language: node.language.clone(),
        people: told.people,
        feedback: told.feedback,
        unmet: told.unmet,
        sentiment: told.sentiment.map(|value| (value * 100.0).round() / 100.0),
        copied: told.copied,
        first_week: (!told.by_week.is_empty()).then(|| voices.week(0).to_string()),
        weeks: told.by_week,
        rise,
        example: None,
        leaves: if leaves.len() > 1 { leaves.iter().map(ToString::to_string).collect() } else { Vec::new() },
        query: node.query.clone(),
        pinned: node.pinned,
        hidden: node.hidden,
        emerged: node.emerged,
        edited: node.is_touched(),
        withheld: told.withheld > 0,
    }
}
