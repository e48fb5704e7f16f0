//! The forum's posts as the product counts them: adapted, cleaned, redacted, annotated and mapped as at an import, then
//! counted in every marginal series.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use groundswell_annotate::Mapper;
use groundswell_insight::{Daily, Holding, People, Row, UNKNOWN, View};
use groundswell_model::union::unite;
use groundswell_model::{
    Change, Day, Feedback, FeedbackId, IssueState, JourneyMap, RespondentHasher, RespondentKey, Zone,
};
use groundswell_steps::issues::{Issues, Judge};
use groundswell_steps::{Decided, Folder, Ingester, Known, Numbers, Provenance, Ready};
use groundswell_text::words;

use super::source;
use super::terms::Stems;

/// The forum's posts.
pub const FILE: &str = "sumo_thunderbird_2023_en.csv";

/// Major versions that a number in a post can mean; years, ports and sizes lie outside.
const VERSIONS: std::ops::RangeInclusive<u32> = 60..=125;

/// Words after which a number is a version.
const BEFORE_VERSION: [&str; 5] = ["thunderbird", "version", "tb", "v", "ver"];

/// What a series counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Family {
    /// Everybody who is heard.
    Volume,
    /// A stage of the journey.
    Stage,
    /// A type of gap.
    Gap,
    /// A touchpoint.
    Touchpoint,
    /// The topic under which the source filed it.
    Topic,
    /// A version that is named.
    Version,
    /// A word's stem, in place of a theme.
    Word,
}

impl Family {
    /// The marginal series of the cells that are counted.
    pub const MARGINAL: [Self; 6] =
        [Self::Volume, Self::Stage, Self::Gap, Self::Touchpoint, Self::Topic, Self::Version];

    /// The same with words in place of themes.
    pub const WITH_WORDS: [Self; 7] =
        [Self::Volume, Self::Stage, Self::Gap, Self::Touchpoint, Self::Topic, Self::Version, Self::Word];
}

/// One post.
pub struct Post {
    /// Its identity.
    pub id: FeedbackId,
    /// What the product counts of it.
    pub row: Row,
    /// Number of its author.
    pub person: u64,
    /// The series it counts in.
    pub series: BTreeSet<(Family, String)>,
}

/// Reads the posts, in order of days.
pub fn posts(folder: &Path) -> Vec<Post> {
    let mut reader = Reader::new();
    let mut posts = Vec::new();
    source::each_row("thunderbird_forum", &folder.join(FILE), |pipeline, raw| {
        for ready in reader.ingester.items(pipeline, raw, Provenance::default()) {
            if let Ok(Ready::Part { part, .. }) = ready
                && let Some(feedback) = unite(vec![*part])
            {
                posts.push(reader.post(&feedback));
            }
        }
    });
    posts.sort_by_key(|post| post.row.day);
    posts
}

/// What the product itself confirms in its cells of stage and gap, by the judgement of history.
pub fn confirmed(posts: &[Post]) -> Vec<Change> {
    let mut view = View::default();
    for post in posts {
        view.put(post.id, &Holding { row: Some(post.row.clone()), ..Holding::default() });
    }
    let last = posts.iter().map(|post| post.row.day).max().expect("there are posts");
    let daily = Daily::of(&view, last);
    let numbers = Numbers::of(&JourneyMap::shipped().expect("the shipped map is well formed"));
    let mut changes = Judge::new(&daily, &numbers, &Issues::default()).history();
    changes.retain(|change| change.state == IssueState::Confirmed);
    changes
}

/// What reading a post needs.
struct Reader {
    ingester: Ingester,
    folder: Folder,
    stems: Stems,
    people: BTreeMap<RespondentKey, u64>,
}

impl Reader {
    fn new() -> Self {
        let map = JourneyMap::shipped().expect("the shipped map is well formed");
        let mapper = Mapper::new(map).expect("the shipped map can be read");
        Self {
            ingester: Ingester::new(RespondentHasher::new([7; 32]))
                .expect("the shipped cues are well formed"),
            folder: Folder::new(mapper, Zone::utc()),
            stems: Stems::new(),
            people: BTreeMap::new(),
        }
    }

    fn post(&mut self, feedback: &Feedback) -> Post {
        let (people, decided) = (People::default(), Decided::default());
        let mapping = self.folder.map(feedback, &Known { people: &people, decided: &decided });
        let row = self.folder.numbers().row(feedback, &mapping, &Zone::utc(), &people);
        let content = &feedback.content;
        let mut series = BTreeSet::from([(Family::Volume, "all".to_owned())]);
        if row.stage != UNKNOWN {
            series.insert((Family::Stage, mapping.stage.to_string()));
        }
        series.extend(row.gap_types().map(|gap| (Family::Gap, gap.to_string())));
        series
            .extend(mapping.touchpoint.iter().map(|touchpoint| (Family::Touchpoint, touchpoint.to_string())));
        series.extend(content.context.get("topic").map(|topic| (Family::Topic, topic.clone())));
        for statement in &content.statements {
            series.extend(versions(&statement.text).map(|version| (Family::Version, version.to_string())));
            let stems = self.stems.telling(&statement.text);
            series.extend(stems.into_iter().map(|(_, stem)| (Family::Word, stem)));
        }
        let next = self.people.len() as u64;
        let person = row.respondent.map_or(u64::MAX, |key| *self.people.entry(key).or_insert(next));
        Post { id: feedback.id, row, person, series }
    }
}

impl Post {
    /// The day it counts for.
    pub fn day(&self) -> Day {
        self.row.day
    }
}

/// Major versions that a text names: a number with a point and another after it, or one after a word such as "version".
fn versions(text: &str) -> impl Iterator<Item = u32> {
    let found: Vec<_> = words(text).collect();
    let mut versions = Vec::new();
    for (at, word) in found.iter().enumerate() {
        let Ok(major) = word.text.parse::<u32>() else { continue };
        let named = at.checked_sub(1).and_then(|before| found.get(before)).is_some_and(|before| {
            BEFORE_VERSION.contains(&before.text.to_lowercase().as_str()) && word.start <= before.end + 2
        });
        let mut follows = text.get(word.end..).unwrap_or_default().chars();
        let pointed = follows.next() == Some('.') && follows.next().is_some_and(|next| next.is_ascii_digit());
        let begins = !text.get(..word.start).unwrap_or_default().ends_with('.');
        if VERSIONS.contains(&major) && begins && (named || pointed) {
            versions.push(major);
        }
    }
    versions.into_iter()
}
