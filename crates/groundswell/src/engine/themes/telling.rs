//! The texts that tell what a theme is about: a sample of each theme is read from the log, names it, and one of them stands for
//! it. Staff are never quoted, and name a theme only where at least five known ones speak of it and nobody else does.

use std::collections::{BTreeMap, BTreeSet};

use groundswell_insight::SMALL_GROUP;
use groundswell_model::{Feedback, FeedbackId, Kind, Speaker};
use groundswell_server::Fault;
use groundswell_steps::themes::Namer;

use super::gather::Material;
use crate::engine::import::unavailable;
use crate::engine::shared::Shared;

/// Texts of one theme that name it, at most.
const SAMPLE: usize = 150;

/// Texts of a theme that a model is shown, at most.
const SHOWN: usize = 5;

/// Bodies that are read from the log at a time.
const CHUNK: usize = 2_000;

/// How well the example of a theme can be quoted, where one of its texts can.
const QUOTABLE: u8 = 60;

/// What the texts of themes tell.
pub(super) struct Telling {
    namer: Namer,
    words: Vec<Vec<String>>,
    languages: Vec<BTreeMap<String, u32>>,
    examples: Vec<Option<FeedbackId>>,
    /// A few texts of each theme, of customers only.
    texts: Vec<Vec<String>>,
}

impl Telling {
    /// Reads samples of themes; none where the installation stops meanwhile.
    pub(super) fn of(
        shared: &Shared,
        material: &Material,
        labels: &[Option<u32>],
        cosines: &[f32],
        count: usize,
    ) -> Result<Option<Self>, Fault> {
        let members = members(labels, count);
        let mut telling = Self {
            namer: Namer::new(),
            words: Vec::new(),
            languages: vec![BTreeMap::new(); count],
            texts: vec![Vec::new(); count],
            examples: members.iter().map(|own| example(material, own, cosines)).collect(),
        };
        let mut wanted: Vec<(u32, FeedbackId)> = Vec::new();
        for (theme, own) in (0..).zip(&members) {
            let speaking = speaking(material, own);
            let step = speaking.len().div_ceil(SAMPLE).max(1);
            let ids = speaking.iter().step_by(step).filter_map(|at| material.ids.get(*at));
            wanted.extend(ids.map(|id| (theme, *id)));
        }
        for chunk in wanted.chunks(CHUNK) {
            if shared.stopping() {
                return Ok(None);
            }
            let ids: Vec<FeedbackId> = chunk.iter().map(|(_, id)| *id).collect();
            let bodies = crate::engine::quotes::feedback(shared, &ids).map_err(unavailable)?;
            for ((theme, _), body) in chunk.iter().zip(bodies) {
                body.iter().for_each(|body| telling.add(*theme, body));
            }
        }
        telling.words = telling.namer.names(count);
        Ok(Some(telling))
    }

    fn add(&mut self, theme: u32, feedback: &Feedback) {
        let spoken = feedback.content.statements.iter().filter(|own| own.speaker != Speaker::Agent);
        for statement in spoken {
            let language = statement.language.as_deref();
            self.namer.add(Some(theme), &statement.text, language);
            let known = self.languages.get_mut(theme as usize).zip(language);
            known
                .into_iter()
                .for_each(|(known, language)| *known.entry(language.to_owned()).or_default() += 1);
        }
        let shown = self.texts.get_mut(theme as usize).filter(|texts| texts.len() < SHOWN);
        if let Some(texts) = shown.filter(|_| feedback.content.kind != Kind::Employee) {
            texts.extend(crate::engine::quotes::longest_text(feedback));
        }
    }

    /// Gives the words of a theme, the most telling first.
    pub(super) fn words(&self, theme: usize) -> Vec<String> {
        self.words.get(theme).cloned().unwrap_or_default()
    }

    /// Gives the language of most texts of a theme.
    pub(super) fn language(&self, theme: usize) -> Option<String> {
        let known = self.languages.get(theme)?.iter();
        known
            .max_by_key(|(language, count)| (**count, std::cmp::Reverse(*language)))
            .map(|(language, _)| language.clone())
    }

    /// Gives a few texts of a theme, of customers only.
    pub(super) fn texts(&self, theme: usize) -> &[String] {
        self.texts.get(theme).map_or(&[], Vec::as_slice)
    }

    /// Gives the feedback that stands for a theme.
    pub(super) fn example(&self, theme: usize) -> Option<FeedbackId> {
        self.examples.get(theme).copied().flatten()
    }

    /// Gives the words of topics above the themes.
    pub(super) fn topics(&self, topics: &[u32]) -> Vec<Vec<String>> {
        self.namer.topics(topics)
    }
}

/// The feedback of each theme, by its place.
fn members(labels: &[Option<u32>], count: usize) -> Vec<Vec<usize>> {
    let mut members = vec![Vec::new(); count];
    for (at, label) in labels.iter().enumerate() {
        let own = label.and_then(|label| members.get_mut(label as usize));
        own.into_iter().for_each(|own| own.push(at));
    }
    members
}

/// Whose texts name a theme: customers', else those of staff who are no small group.
fn speaking(material: &Material, own: &[usize]) -> Vec<usize> {
    let about = |at: &usize| material.about.get(*at);
    let customers: Vec<usize> =
        own.iter().filter(|at| about(at).is_some_and(|about| !about.staff)).copied().collect();
    if !customers.is_empty() {
        return customers;
    }
    let known = own.iter().filter(|at| about(at).is_some_and(|about| about.linked));
    let people: BTreeSet<u64> = known.filter_map(|at| material.people.get(*at)).copied().collect();
    if people.len() as u64 >= SMALL_GROUP { own.to_vec() } else { Vec::new() }
}

/// The customer's feedback nearest to the middle, of those that can be quoted well where there are any.
fn example(material: &Material, own: &[usize], cosines: &[f32]) -> Option<FeedbackId> {
    let rank = |at: &usize| {
        let about = material.about.get(*at).filter(|about| !about.staff)?;
        let near = cosines.get(*at).copied().unwrap_or(0.0);
        Some((about.quality >= QUOTABLE, near, *at))
    };
    let best = own.iter().filter_map(rank).max_by(|left, right| {
        (left.0.cmp(&right.0)).then(left.1.total_cmp(&right.1)).then(right.2.cmp(&left.2))
    });
    best.and_then(|(_, _, at)| material.ids.get(at)).copied()
}
