//! The list of themes, one theme with what is said, and how the last run differs from the one before.

use std::collections::{BTreeMap, BTreeSet};

use groundswell_insight::Window;
use groundswell_insight::themes::{Leaves, Voices, duplicates, signature};
use groundswell_model::{FeedbackId, Kind, ThemeId, ThemeOccasion};
use groundswell_server::{
    Fault, ProposedPart, ThemeDetail, ThemeDiff, ThemeList, ThemeProgress, ThemeQuery, ThemeQuote,
    ThemeRunRequest, TopicRow,
};
use groundswell_steps::counting_day;
use groundswell_steps::decided::Themes;
use groundswell_steps::decided::themes::{Node, RunNote, ThemeRow, rows};

use super::desk::Wanted;
use super::gather::leaf;
use super::telling::Telling;
use crate::engine::import::unavailable;
use crate::engine::installation::read;
use crate::engine::quotes::{feedback, longest_text};
use crate::engine::shadow::Scene;
use crate::engine::shared::Shared;

/// Themes in a report that most people speak of.
const REPORTED: usize = 12;

/// Texts that are shown of a theme.
const QUOTES: usize = 8;

/// Texts that are read for them: some are copies of others.
const LOOKED_AT: usize = 40;

impl Shared {
    pub(in crate::engine) fn list_themes(&self, query: &ThemeQuery) -> Result<ThemeList, Fault> {
        let window = window(query)?;
        let mut list = self.themes_of(&window, query.all)?;
        self.exemplify(&mut list.themes)?;
        if query.topics {
            list.topics = self.topics_of(&window, &list.themes)?;
        }
        Ok(list)
    }

    /// The topics above listed themes. Each person counts once in a topic, of however many of its themes they speak.
    fn topics_of(&self, window: &Window, listed: &[ThemeRow]) -> Result<Vec<TopicRow>, Fault> {
        let decided = self.decisions().map_err(unavailable)?.decided();
        let scene = self.scene();
        let mut topics: Vec<TopicRow> = Vec::new();
        let mut leaves = Leaves::new();
        for row in listed {
            let place = match topics.iter().position(|topic| topic.name == row.topic) {
                Some(place) => place,
                None => {
                    topics.push(TopicRow { name: row.topic.clone(), ..TopicRow::default() });
                    topics.len() - 1
                }
            };
            topics.get_mut(place).into_iter().for_each(|topic| topic.themes.push(row.id.clone()));
            let theme =
                row.id.parse().map_err(|error: groundswell_model::ModelError| unavailable(error.into()))?;
            let place = u32::try_from(place).unwrap_or(u32::MAX);
            leaves.extend(decided.themes.leaves(theme).iter().map(|leaf| (leaf.to_string(), place)));
        }
        let voices = Voices::of(&scene.view(), &self.until_last(&scene, window), &leaves);
        for (topic, told) in topics.iter_mut().zip(&voices.themes) {
            (topic.people, topic.feedback) = (told.people, told.feedback);
        }
        topics.sort_by_key(|topic| std::cmp::Reverse(topic.people));
        Ok(topics)
    }

    fn themes_of(&self, window: &Window, all: bool) -> Result<ThemeList, Fault> {
        let decided = self.decisions().map_err(unavailable)?.decided();
        let scene = self.scene();
        let window = &self.until_last(&scene, window);
        let nodes: Vec<&Node> = decided.themes.standing().filter(|node| all || !node.hidden).collect();
        let (voices, mut rows) = rows(&decided.themes, &nodes, &scene.view(), window);
        let mut order: Vec<usize> = (0..rows.len()).collect();
        order.sort_by_key(|at| {
            let row = rows.get(*at);
            (row.map(|row| (!row.pinned, std::cmp::Reverse(row.people))), *at)
        });
        let mut themes = Vec::with_capacity(rows.len());
        for at in order {
            let Some(row) = rows.get_mut(at) else { continue };
            let row = std::mem::take(row);
            // A theme that nobody in the window speaks of is listed where a person made something of it.
            if row.people > 0 || row.edited {
                themes.push(row);
            }
        }
        Ok(ThemeList {
            themes,
            topics: Vec::new(),
            texts: voices.texts,
            without_theme: voices.without_theme,
            version: decided.themes.version(),
            last_run: decided.themes.last_run().map(|run| RunNote { changes: Vec::new(), ..run.clone() }),
            search: self.desk.progress(),
        })
    }

    /// A window without an end ends with the last day that anybody was heard; a time in the future is no day to look at.
    fn until_last(&self, scene: &Scene<'_>, window: &Window) -> Window {
        Window { until: window.until.or_else(|| self.last_heard(scene)), ..window.clone() }
    }

    /// The themes of a report: those that most people speak of, and of the others those that rise.
    pub(in crate::engine) fn report_themes(&self, window: &Window) -> Result<Vec<ThemeRow>, Fault> {
        let mut themes = self.themes_of(window, false)?.themes;
        let mut place = 0;
        themes.retain(|row| {
            place += 1;
            row.people > 0 && (place <= REPORTED || row.rise.is_some_and(|rise| rise.until.is_none()))
        });
        themes.truncate(2 * REPORTED);
        self.exemplify(&mut themes)?;
        Ok(themes)
    }

    /// Reads what stands for each theme, in a text that can be shown.
    fn exemplify(&self, rows: &mut [ThemeRow]) -> Result<(), Fault> {
        let decided = self.decisions().map_err(unavailable)?.decided();
        let of = |row: &ThemeRow| row.id.parse().ok().and_then(|id| decided.themes.node(id)?.example);
        let examples: Vec<Option<FeedbackId>> = rows.iter().map(of).collect();
        let ids: Vec<FeedbackId> = examples.iter().flatten().copied().collect();
        let mut bodies = feedback(self, &ids).map_err(unavailable)?.into_iter();
        for (row, example) in rows.iter_mut().zip(examples) {
            let body = example.and_then(|_| bodies.next()).flatten();
            let shown = body.filter(|body| body.content.kind != Kind::Employee);
            row.example = shown.as_ref().and_then(longest_text);
        }
        Ok(())
    }

    pub(in crate::engine) fn show_theme(
        &self,
        id: &str,
        query: &ThemeQuery,
        parts: Option<u32>,
    ) -> Result<ThemeDetail, Fault> {
        let window = window(query)?;
        let decided = self.decisions().map_err(unavailable)?.decided();
        let themes = &decided.themes;
        let theme = themes.find(id).ok_or_else(|| Fault::NotFound { what: format!("theme {id}") })?;
        let node = themes.node(theme).ok_or_else(|| Fault::NotFound { what: format!("theme {id}") })?;
        let scene = self.scene();
        let window = self.until_last(&scene, &window);
        let (_, rows) = rows(themes, &[node], &scene.view(), &window);
        let mut row = rows.into_iter().next().unwrap_or_default();
        self.exemplify(std::slice::from_mut(&mut row))?;
        let about = |edit: &groundswell_steps::decided::themes::ThemeEditRow| edit.themes.contains(&theme);
        Ok(ThemeDetail {
            theme: row,
            quotes: self.theme_quotes(&scene, &themes.leaves(theme), &window)?,
            parts: match parts {
                Some(count) => self.proposed_parts(themes, theme, count)?,
                None => Vec::new(),
            },
            edits: themes.edit_rows().into_iter().filter(about).collect(),
            version: themes.version(),
        })
    }

    /// What customers say, the most telling first; texts that are nearly alike stand once, with their number.
    fn theme_quotes(
        &self,
        scene: &Scene<'_>,
        leaves: &[ThemeId],
        window: &Window,
    ) -> Result<Vec<ThemeQuote>, Fault> {
        let mut told: BTreeMap<u64, (u8, FeedbackId, u64)> = BTreeMap::new();
        let mut single: Vec<(u8, FeedbackId, u64)> = Vec::new();
        {
            let view = scene.view();
            let own = view
                .rows()
                .filter(|(_, row)| window.holds(row) && row.kind != Kind::Employee && row.quality > 0);
            for (seen, row) in
                own.filter(|(seen, _)| leaf(&view, seen).is_some_and(|leaf| leaves.contains(&leaf)))
            {
                if row.fingerprint == 0 {
                    single.push((row.quality, seen.id, 0));
                    continue;
                }
                let known = told.entry(row.fingerprint).or_insert((row.quality, seen.id, 0));
                if known.1 != seen.id {
                    known.2 += 1;
                }
                if (row.quality, std::cmp::Reverse(seen.id)) > (known.0, std::cmp::Reverse(known.1)) {
                    (known.0, known.1) = (row.quality, seen.id);
                }
            }
        }
        single.extend(told.into_values());
        single.sort_unstable_by_key(|(quality, id, _)| (std::cmp::Reverse(*quality), *id));
        single.truncate(LOOKED_AT);
        let ids: Vec<FeedbackId> = single.iter().map(|(_, id, _)| *id).collect();
        let bodies = feedback(self, &ids).map_err(unavailable)?;
        let quote =
            |((_, id, copies), body): (&(u8, FeedbackId, u64), Option<groundswell_model::Feedback>)| {
                let body = body?;
                let day = counting_day(&body, self.folder.zone()).to_string();
                let (kind, text) = (body.content.kind.to_string(), longest_text(&body)?);
                Some(ThemeQuote { id: *id, day, kind, text, copies: *copies })
            };
        Ok(alike_once(single.iter().zip(bodies).filter_map(quote).collect()))
    }

    /// What a theme may be split into.
    fn proposed_parts(
        &self,
        themes: &Themes,
        theme: ThemeId,
        count: u32,
    ) -> Result<Vec<ProposedPart>, Fault> {
        let (material, clusters) = self.parts_of(themes, theme, (count > 0).then_some(count as usize))?;
        let number = clusters.extents.len();
        let Some(telling) = Telling::of(self, &material, &clusters.labels, &clusters.cosines, number)? else {
            return Ok(Vec::new());
        };
        let examples: Vec<Option<FeedbackId>> = (0..number).map(|at| telling.example(at)).collect();
        let ids: Vec<FeedbackId> = examples.iter().flatten().copied().collect();
        let mut bodies = feedback(self, &ids).map_err(unavailable)?.into_iter();
        let parts =
            clusters.extents.iter().zip(examples).enumerate().map(|(at, (extent, example))| ProposedPart {
                words: telling.words(at),
                people: extent.people as u64,
                feedback: extent.texts as u64,
                example: example.and_then(|_| bodies.next()).flatten().as_ref().and_then(longest_text),
            });
        Ok(parts.collect())
    }

    pub(in crate::engine) fn diff_themes(&self) -> Result<ThemeDiff, Fault> {
        let decided = self.decisions().map_err(unavailable)?.decided();
        let themes = &decided.themes;
        let run = themes.last_run().cloned();
        let since = run.as_ref().map_or(0, |run| run.number);
        let later = themes
            .runs()
            .iter()
            .filter(|other| other.number > since && other.occasion == ThemeOccasion::Emerged);
        let emerged: Vec<ThemeId> =
            later.flat_map(|run| &run.changes).flat_map(|change| change.found.clone()).collect();
        let changes = run.iter().flat_map(|run| &run.changes);
        let told = changes.flat_map(|change| change.known.iter().chain(&change.found)).copied();
        let named: BTreeSet<ThemeId> = told.chain(emerged.iter().copied()).collect();
        let names =
            named.into_iter().filter_map(|id| themes.node(id).map(|node| (id, node.name()))).collect();
        Ok(ThemeDiff { run, names, emerged })
    }

    pub(in crate::engine) fn ask_to_find_themes(
        &self,
        request: &ThemeRunRequest,
    ) -> Result<ThemeProgress, Fault> {
        if !self.measures.leads.load(std::sync::atomic::Ordering::Relaxed) {
            let message = "another analyser leads: ask that one to look for themes".to_owned();
            return Err(Fault::Unavailable { message });
        }
        crate::engine::issues::check_texts(&[crate::engine::issues::who(&request.actor)])?;
        self.desk.ask(Wanted {
            occasion: ThemeOccasion::Asked,
            actor: request.actor.clone(),
            afresh: request.afresh,
        });
        Ok(self.desk.progress())
    }
}

/// Texts that are nearly alike stand once, with how many there are more.
fn alike_once(quotes: Vec<ThemeQuote>) -> Vec<ThemeQuote> {
    let signatures: Vec<_> = quotes.iter().map(|quote| signature(&quote.text)).collect();
    let firsts = duplicates(&signatures);
    let mut shown: BTreeMap<usize, ThemeQuote> = BTreeMap::new();
    for (quote, first) in quotes.into_iter().zip(firsts) {
        match shown.get_mut(&first) {
            Some(known) => known.copies += quote.copies + 1,
            None => drop(shown.insert(first, quote)),
        }
    }
    shown.into_values().take(QUOTES).collect()
}

pub(super) fn window(query: &ThemeQuery) -> Result<Window, Fault> {
    Ok(Window {
        since: read("since", query.since.as_deref())?,
        until: read("until", query.until.as_deref())?,
        kind: read("kind", query.kind.as_deref())?,
    })
}
