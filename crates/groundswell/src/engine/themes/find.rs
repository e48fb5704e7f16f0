//! Looking for themes: all embeddings are clustered beside the loops, beginning with the known themes; what was found is named by
//! its texts and recorded, and holds for everybody by being read back.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use groundswell_insight::themes::{
    BELONGS, Clustering, Clusters, Known, LEAST_PEOPLE, Rows, Theme, ThemesError, cluster, propose,
    recluster, topics,
};
use groundswell_model::{
    Centroid, Decision, FeedbackId, FoundTheme, JoinedTheme, ThemeChange, ThemeChangeKind, ThemeId,
    ThemeOccasion, ThemeRun,
};
use groundswell_search::Query;
use groundswell_server::Fault;
use groundswell_steps::decided::Themes;
use groundswell_steps::decided::themes::Node;

use super::desk::Wanted;
use super::gather::Material;
use super::telling::Telling;
use crate::engine::import::unavailable;
use crate::engine::shared::Shared;

/// New hits of the queries of themes that one run records, at most.
const MOST_JOINED: usize = 10_000;

/// Embeddings that the middles are learnt from, at most, and from one start: people wait for the first run of a history. More of
/// both change little (docs/themes.md).
const SAMPLE: usize = 20_000;

/// A theme this many times as large has grown, and one with as many times fewer people has shrunk.
const RESIZED: f64 = 1.1;

/// What was found, before it is named.
struct Found {
    /// The theme whose id each keeps.
    ids: Vec<Option<ThemeId>>,
    /// Whether each stays where it is.
    fixed: Vec<bool>,
    themes: Vec<Theme>,
    /// The place of each feedback among them.
    labels: Vec<Option<u32>>,
    cosines: Vec<f32>,
    changes: Vec<ThemeChange>,
}

impl Shared {
    /// Looks for themes and records what was found.
    ///
    /// # Errors
    /// When the log or the state cannot be read, or the decision cannot be recorded. A search that was stopped records nothing.
    pub(super) fn find_themes(&self, wanted: &Wanted) -> Result<(), Fault> {
        if wanted.occasion == ThemeOccasion::Emerged {
            return self.find_emerged(wanted);
        }
        let decided = self.decisions().map_err(unavailable)?.decided();
        let (texts, last) = self.texts();
        let Some(until) = last else { return Ok(()) };
        let material = tracing::info_span!("gather themes").in_scope(|| self.material(&|_| true))?;
        let known: Vec<&Node> = known(&decided.themes);
        let kept: Vec<&Node> =
            known.iter().filter(|node| !wanted.afresh || node.is_touched()).copied().collect();
        let span = tracing::info_span!("cluster", feedback = material.ids.len());
        let clusters = match span.in_scope(|| self.clusters(&material, &kept)) {
            Err(ThemesError::Stopped) => return Ok(()),
            clusters => clusters.map_err(|error| unavailable(error.into()))?,
        };
        let before = as_known(&decided.themes, &known, &material);
        let found = found(&material, clusters, &kept);
        let found = match wanted.afresh {
            true => matched(found, &known, &before),
            false => compared(found, &kept, &known, &before),
        };
        let span = tracing::info_span!("name themes", themes = found.themes.len());
        let telling = span
            .in_scope(|| Telling::of(self, &material, &found.labels, &found.cosines, found.themes.len()))?;
        let Some(telling) = telling else { return Ok(()) };
        let (mut themes, topics) = described(&found, &telling)?;
        self.propose_names(&decided.themes, &mut themes, &telling);
        let run = ThemeRun {
            occasion: wanted.occasion,
            after: decided.themes.runs().last().map(|run| run.number),
            until,
            feedback: texts,
            themes,
            topics,
            changes: found.changes,
            joined: self.joined(&decided.themes)?,
        };
        tracing::info!(themes = run.themes.len(), changes = run.changes.len(), "themes were found");
        self.record(&wanted.actor, None, Decision::ThemesFound { run: Box::new(run) }).map(drop)
    }

    fn clusters(&self, material: &Material, kept: &[&Node]) -> Result<Clusters, ThemesError> {
        if material.ids.is_empty() {
            return nothing();
        }
        let clustering = Clustering { starts: 1, sample: SAMPLE, ..Clustering::default() };
        let mut watch = |step, share| self.watch_themes(step, share);
        if kept.is_empty() {
            return cluster(&material.vectors, &material.people, &clustering, &mut watch);
        }
        let fixed: Vec<bool> = kept.iter().map(|node| node.is_touched()).collect();
        let centroids = centroids(kept)?;
        let known = Known { centroids: &centroids, fixed: &fixed };
        recluster(&material.vectors, &material.people, known, &clustering, &mut watch)
    }

    /// New hits of the queries by which people defined themes.
    fn joined(&self, themes: &Themes) -> Result<Vec<JoinedTheme>, Fault> {
        let mut joined = Vec::new();
        let mut room = MOST_JOINED;
        if self.index.is_none() {
            return Ok(joined);
        }
        for node in themes.nodes().iter().filter(|node| !node.retired) {
            let Some(query) = &node.query else { continue };
            let hits = match self.hits(Query { text: query.clone(), ..Query::default() }) {
                Ok(hits) => hits,
                Err(fault) => {
                    tracing::warn!(theme = %node.id, %fault, "a theme's query was not asked again");
                    continue;
                }
            };
            let view = self.view();
            // What comes off a theme by a query comes off that theme alone.
            let within = |leaf: Option<ThemeId>| match node.under {
                Some(above) => leaf.is_some_and(|leaf| themes.root(leaf) == themes.root(above)),
                None => leaf != Some(node.id),
            };
            let is_new = |id: &FeedbackId| {
                view.seen(*id).is_some_and(|seen| within(super::gather::leaf(&view, seen)))
                    && themes.moved(*id).is_none()
            };
            let feedback: Vec<FeedbackId> = hits.into_iter().filter(is_new).take(room).collect();
            room -= feedback.len();
            if !feedback.is_empty() {
                joined.push(JoinedTheme { theme: node.id, feedback });
            }
        }
        Ok(joined)
    }
}

/// What is found where nobody said anything in words that are known.
fn nothing() -> Result<Clusters, ThemesError> {
    let centroids = Rows::new(groundswell_annotate::DIMENSIONS, Vec::new())?;
    Ok(Clusters { centroids, extents: Vec::new(), labels: Vec::new(), cosines: Vec::new() })
}

/// Writes the themes that were found, and the words of the topics above them.
fn described(found: &Found, telling: &Telling) -> Result<(Vec<FoundTheme>, Vec<Vec<String>>), Fault> {
    let mut sizes = vec![0_usize; found.themes.len()];
    for label in found.labels.iter().flatten() {
        sizes.get_mut(*label as usize).into_iter().for_each(|size| *size += 1);
    }
    let rows = found.themes.iter().flat_map(|theme| theme.centroid.iter().copied()).collect();
    let rows =
        Rows::new(groundswell_annotate::DIMENSIONS, rows).map_err(|error| unavailable(error.into()))?;
    let topics = topics(&rows, &sizes);
    let theme = |(at, theme): (usize, &Theme)| FoundTheme {
        id: found.ids.get(at).copied().flatten(),
        centroid: (!found.fixed.get(at).copied().unwrap_or(false)).then(|| quantised(&theme.centroid)),
        words: telling.words(at),
        language: telling.language(at),
        proposed: None,
        topic: topics.get(at).copied().unwrap_or(0),
        example: telling.example(at),
        people: theme.people.len() as u64,
        feedback: sizes.get(at).copied().unwrap_or(0) as u64,
    };
    let themes = found.themes.iter().enumerate().map(theme).collect();
    Ok((themes, telling.topics(&topics)))
}

/// The themes that runs begin with: those that feedback belongs to by nearness, parts of split ones apart.
pub(super) fn known(themes: &Themes) -> Vec<&Node> {
    let top = |node: &&Node| !node.retired && node.under.is_none() && node.centroid.is_some();
    themes.nodes().iter().filter(top).collect()
}

pub(super) fn centroids(nodes: &[&Node]) -> Result<Rows<f32>, ThemesError> {
    let values = nodes.iter().filter_map(|node| node.centroid.as_ref());
    let values = values.flat_map(|centroid| centroid.0.iter().map(|value| f32::from(*value))).collect();
    Rows::new(groundswell_annotate::DIMENSIONS, values)
}

/// Writes a direction in one byte a dimension.
pub(super) fn quantised(centroid: &[f32]) -> Centroid {
    let most = centroid.iter().fold(0.0_f32, |most, value| most.max(value.abs())).max(f32::MIN_POSITIVE);
    Centroid(centroid.iter().map(|value| (value / most * 127.0).round() as i8).collect())
}

/// Who speaks of the known themes now, parts of split ones counted with them.
fn as_known(themes: &Themes, known: &[&Node], material: &Material) -> Vec<Theme> {
    let places: HashMap<ThemeId, usize> = known.iter().enumerate().map(|(at, node)| (node.id, at)).collect();
    let top = |leaf: ThemeId| {
        let mut at = leaf;
        while let Some(above) = themes.node(at).and_then(|node| node.under) {
            at = above;
        }
        at
    };
    let mut people = vec![BTreeSet::new(); known.len()];
    for (about, person) in material.about.iter().zip(&material.people) {
        let place = about.leaf.and_then(|leaf| places.get(&top(leaf)));
        people_of(place.and_then(|place| people.get_mut(*place)), *person);
    }
    let theme = |(node, people): (&&Node, BTreeSet<u64>)| Theme {
        people: people.into_iter().collect(),
        centroid: node
            .centroid
            .iter()
            .flat_map(|centroid| &centroid.0)
            .map(|value| f32::from(*value))
            .collect(),
        touched: node.is_touched(),
    };
    known.iter().zip(people).map(theme).collect()
}

fn people_of(people: Option<&mut BTreeSet<u64>>, person: u64) {
    if let Some(people) = people {
        people.insert(person);
    }
}

/// The clusters as themes; a text far from every one belongs to none.
fn found(material: &Material, clusters: Clusters, kept: &[&Node]) -> Found {
    let near = |(label, cosine): (&Option<u32>, &f32)| label.filter(|_| *cosine >= BELONGS);
    let labels: Vec<Option<u32>> = clusters.labels.iter().zip(&clusters.cosines).map(near).collect();
    let mut people = vec![BTreeSet::new(); clusters.extents.len()];
    for (label, person) in labels.iter().zip(&material.people) {
        let people = label.and_then(|label| people.get_mut(label as usize));
        people_of(people, *person);
    }
    let themes: Vec<Theme> = clusters
        .centroids
        .rows()
        .zip(people)
        .map(|(row, people)| Theme {
            people: people.into_iter().collect(),
            centroid: row.to_vec(),
            touched: false,
        })
        .collect();
    let mut ids: Vec<Option<ThemeId>> = kept.iter().map(|node| Some(node.id)).collect();
    let mut fixed: Vec<bool> = kept.iter().map(|node| node.is_touched()).collect();
    ids.resize(themes.len(), None);
    fixed.resize(themes.len(), false);
    Found { ids, fixed, themes, labels, cosines: clusters.cosines, changes: Vec::new() }
}

/// Says what differs where a run began with all known themes: they kept their places.
fn compared(mut found: Found, kept: &[&Node], known: &[&Node], before: &[Theme]) -> Found {
    let was: BTreeMap<ThemeId, u64> =
        known.iter().zip(before).map(|(node, theme)| (node.id, theme.people.len() as u64)).collect();
    let mut gone = BTreeSet::new();
    for (at, theme) in found.themes.iter().enumerate() {
        let now = theme.people.len() as u64;
        let place = u32::try_from(at).unwrap_or(u32::MAX);
        let Some(node) = kept.get(at) else {
            let new = ThemeChangeKind::New;
            found.changes.push(ThemeChange {
                kind: new,
                known: vec![],
                found: vec![place],
                before: 0,
                now,
                applied: true,
            });
            continue;
        };
        let before = was.get(&node.id).copied().unwrap_or(0);
        let few = theme.people.len() < LEAST_PEOPLE;
        let kind = match (before as f64, now as f64) {
            _ if few => ThemeChangeKind::Gone,
            (before, now) if now >= before * RESIZED && now > before => ThemeChangeKind::Grown,
            (before, now) if now * RESIZED <= before && now < before => ThemeChangeKind::Shrunk,
            _ => continue,
        };
        let applied = !few || !node.is_touched();
        let goes = few && applied;
        let stays = if goes { Vec::new() } else { vec![place] };
        found.changes.push(ThemeChange { kind, known: vec![node.id], found: stays, before, now, applied });
        if goes {
            gone.insert(at);
        }
    }
    without(found, &gone)
}

/// Says what differs where a run began with the edited themes alone: the others are matched by their people.
fn matched(mut found: Found, known: &[&Node], before: &[Theme]) -> Found {
    for (theme, fixed) in found.themes.iter_mut().zip(&found.fixed) {
        theme.touched = *fixed;
    }
    let proposal = propose(before, &found.themes);
    let taken: BTreeSet<ThemeId> = found.ids.iter().flatten().copied().collect();
    for (at, old) in proposal.ids.iter().enumerate() {
        let id = old.and_then(|old| known.get(old)).map(|node| node.id).filter(|id| !taken.contains(id));
        if let Some(place) = found.ids.get_mut(at).filter(|place| place.is_none()) {
            *place = id;
        }
    }
    let size = |themes: &[Theme], places: &[usize]| {
        places.iter().filter_map(|at| themes.get(*at)).map(|theme| theme.people.len() as u64).sum()
    };
    let mut left = BTreeSet::new();
    for change in &proposal.changes {
        let Some(kind) = kind(change.kind) else { continue };
        let of_person = |at: &usize| found.fixed.get(*at).copied().unwrap_or(false);
        if !change.by_itself {
            // What a person edited stays as it is; what would have come of it is told and left out.
            left.extend(change.found.iter().filter(|at| !of_person(at)).copied());
        }
        found.changes.push(ThemeChange {
            kind,
            known: change.known.iter().filter_map(|at| known.get(*at)).map(|node| node.id).collect(),
            found: change.found.iter().filter_map(|at| u32::try_from(*at).ok()).collect(),
            before: size(before, &change.known),
            now: size(&found.themes, &change.found),
            applied: change.by_itself,
        });
    }
    without(found, &left)
}

fn kind(kind: groundswell_insight::themes::Kind) -> Option<ThemeChangeKind> {
    use groundswell_insight::themes::Kind;
    Some(match kind {
        Kind::Unchanged => return None,
        Kind::Grown => ThemeChangeKind::Grown,
        Kind::Shrunk => ThemeChangeKind::Shrunk,
        Kind::New => ThemeChangeKind::New,
        Kind::Gone => ThemeChangeKind::Gone,
        Kind::Split => ThemeChangeKind::Split,
        Kind::Merged => ThemeChangeKind::Merged,
    })
}

/// Leaves some of the found themes out, and numbers the others anew.
fn without(found: Found, left: &BTreeSet<usize>) -> Found {
    if left.is_empty() {
        return found;
    }
    let mut numbers: Vec<Option<u32>> = Vec::with_capacity(found.themes.len());
    let mut next = 0;
    for at in 0..found.themes.len() {
        let stays = !left.contains(&at);
        numbers.push(stays.then_some(next));
        next += u32::from(stays);
    }
    let number = |at: u32| numbers.get(at as usize).copied().flatten();
    let stays = |at: usize| !left.contains(&at);
    let kept = |at: &usize| stays(*at);
    let places: Vec<usize> = (0..found.themes.len()).filter(kept).collect();
    Found {
        ids: places.iter().filter_map(|at| found.ids.get(*at).copied()).collect(),
        fixed: places.iter().filter_map(|at| found.fixed.get(*at).copied()).collect(),
        themes: places.iter().filter_map(|at| found.themes.get(*at).cloned()).collect(),
        labels: found.labels.iter().map(|label| label.and_then(number)).collect(),
        cosines: found.cosines,
        changes: found
            .changes
            .into_iter()
            .map(|change| ThemeChange {
                found: change.found.into_iter().filter_map(number).collect(),
                ..change
            })
            .collect(),
    }
}
