//! How a query is answered: bounds, matching rows without small groups of employees, counts, hits.

use std::sync::Arc;

use groundswell_model::FeedbackId;
use groundswell_text::{Analyser, Language};
use tantivy::query::{BooleanQuery, Occur};
use tantivy::{DocAddress, Searcher};

use crate::SearchError;
use crate::answer::{Answer, Hit};
use crate::collect::{Gather, Matches, Row, people};
use crate::compile::{Ground, compile};
use crate::compiled::Compiled;
use crate::facets::{EMPLOYEES, facet_field};
use crate::folds::Folds;
use crate::gate::withholds;
use crate::index::{Index, Shared, gathered, stored};
use crate::parts::facet_query;
use crate::people::Table;
use crate::query::{MAX_AMONG, MAX_FACETS, MAX_LIMIT, Query, Sort};
use crate::raise::Raises;
use crate::similar::telling;
use crate::spelling::Lexicon;
use crate::stored::Stored;
use crate::tally::Tallies;

/// Where fewer feedback were found, words are looked after and a query is read more widely.
const FEW: usize = 10;
/// What [`Answer::withheld`] says of all feedback of employees.
pub(crate) const ALL_EMPLOYEES: &str = "employees";

/// What is counted for one query: of each feedback so much, and one for each filter that it must pass; again for every
/// field that is filtered by and counted beside.
const MOST_COUNTED: u64 = 9_000_000;
const COUNTED: u64 = 4;

/// What one query sees: a commit, who said what in it, and its languages.
pub(crate) struct View {
    pub shared: Arc<Shared>,
    pub searcher: Searcher,
    pub table: Arc<Table>,
    pub languages: Vec<Option<Language>>,
}

/// The facets of a query as the index spells them.
struct Counting<'q> {
    fields: Vec<String>,
    folds: Folds<'q>,
}

impl Index {
    /// Answers a query from the last commit.
    ///
    /// Employees' feedback that matches is left out of all counts and hits where it comes from fewer than
    /// [`crate::SMALL_GROUP`] known people, or where the employees' feedback that does not match does. Otherwise it is
    /// left out of those values of facets and days where the same holds within what matches. [`Answer::withheld`] says
    /// where that happened. The counts of a facet that is filtered by are those of the query without that filter, and are
    /// held to the same rule as if that had been asked.
    ///
    /// # Errors
    /// See [`crate::Searching::search`].
    pub fn search(&self, query: &Query) -> Result<Answer, SearchError> {
        let counting = Counting::of(query)?;
        let view = View::of(&self.shared)?;
        let mut compiled = view.compile(query)?;
        let mut gather = Gather::page(query, &view.table, compiled.scores);
        if query.limit > 0 && !query.copies {
            gather = gather.once(view.shared.copies.of(&view.searcher)?);
        }
        if !compiled.raises.is_empty() {
            gather = gather.raised(Arc::new(Raises::of(&view.searcher, &compiled.raises)?));
        }
        let (mut matches, withheld) = view.settled(&mut compiled, &gather)?;
        let mut answer = Answer { ignored: compiled.parsed.ignored.clone(), ..Answer::default() };
        answer.withheld.extend(withheld.then(|| ALL_EMPLOYEES.to_owned()));
        answer.feedback = matches.rows.len() as u64;
        answer.people = people(&matches.rows, &view.table);
        if !counting.fields.is_empty() || query.histogram {
            view.count(query, &counting, &compiled, std::mem::take(&mut matches.rows), &mut answer)?;
        }
        if query.after.is_none() && answer.feedback < FEW as u64 * 2 {
            answer.suggestion = view.suggestion(query, &compiled)?;
        }
        if matches.top.len() > query.limit {
            matches.top.truncate(query.limit);
            answer.next = matches.top.last().map(|last| last.cursor());
        }
        let mut analyser = Analyser::new();
        for ranked in &matches.top {
            let score = if query.sort == Sort::Relevance { ranked.score } else { 0.0 };
            let hit = view.hit((ranked.address, score), &compiled, &mut analyser)?;
            answer.hits.push(Hit { copies: ranked.copies, ..hit });
        }
        Ok(answer)
    }
}

impl<'q> Counting<'q> {
    /// Checks the bounds of a query.
    fn of(query: &'q Query) -> Result<Self, SearchError> {
        for (what, given, limit) in [
            ("limit", query.limit, MAX_LIMIT),
            ("facets", query.facets.len(), MAX_FACETS),
            ("ids", query.among.len(), MAX_AMONG),
        ] {
            if given > limit {
                return Err(SearchError::OverLimit { what, given, limit });
            }
        }
        let mut fields: Vec<String> = Vec::new();
        for field in &query.facets {
            let field = facet_field(field)?;
            if !fields.contains(&field) {
                fields.push(field);
            }
        }
        Ok(Self { fields, folds: Folds::of(query)? })
    }
}

impl View {
    pub(crate) fn of(shared: &Arc<Shared>) -> Result<Self, SearchError> {
        let searcher = shared.searcher();
        let table = Arc::new(shared.people.of(&searcher)?);
        Ok(Self { shared: Arc::clone(shared), searcher, table, languages: shared.languages() })
    }

    pub(crate) fn compile(&self, query: &Query) -> Result<Compiled, SearchError> {
        let like = query.like.map(|id| self.telling(id)).transpose()?.unwrap_or_default();
        let ground = Ground {
            searcher: &self.searcher,
            fields: &self.shared.fields,
            languages: &self.languages,
            like,
        };
        compile(query, &ground)
    }

    fn telling(&self, id: FeedbackId) -> Result<Vec<String>, SearchError> {
        let Some(bytes) = self.shared.stored_of(&self.searcher, id)? else { return Ok(Vec::new()) };
        let stored = Stored::read(&bytes)?;
        telling(&self.searcher, &self.shared.fields, stored.statements())
    }

    /// Runs a query, without the filters on one field, and without the feedback of employees where it must be withheld;
    /// says whether it was.
    pub(crate) fn matching(
        &self,
        compiled: &Compiled,
        without: Option<&str>,
        gather: &Gather,
    ) -> Result<(Matches, bool), SearchError> {
        let run = compiled.run(without);
        let matches = gathered(&self.searcher, &*run, gather)?;
        if !self.withholds(&matches.rows)? {
            return Ok((matches, false));
        }
        Ok((gathered(&self.searcher, &*self.without_employees(run), gather)?, true))
    }

    /// Runs a query; where few feedback have enough of its words, those that have any. What is withheld does not count, so
    /// that nothing can be told from it.
    pub(crate) fn settled(
        &self,
        compiled: &mut Compiled,
        gather: &Gather,
    ) -> Result<(Matches, bool), SearchError> {
        let found = self.matching(compiled, None, gather)?;
        if found.0.rows.len() >= FEW || !compiled.widen(found.0.rows.len()) {
            return Ok(found);
        }
        self.matching(compiled, None, gather)
    }

    /// Leaves the feedback of employees out of a query.
    pub(crate) fn without_employees(
        &self,
        run: Box<dyn tantivy::query::Query>,
    ) -> Box<dyn tantivy::query::Query> {
        let employees = facet_query(&self.shared.fields, EMPLOYEES);
        Box::new(BooleanQuery::new(vec![(Occur::Must, run), (Occur::MustNot, employees)]))
    }

    fn withholds(&self, rows: &[Row]) -> Result<bool, SearchError> {
        let mut matching: Vec<Row> = rows.iter().filter(|row| row.voice.is_employee()).copied().collect();
        if matching.is_empty() {
            return Ok(false);
        }
        let employees = facet_query(&self.shared.fields, EMPLOYEES);
        let mut all = gathered(&self.searcher, &*employees, &Gather::rows(&self.table))?.rows;
        matching.sort_unstable();
        all.sort_unstable();
        Ok(withholds(&matching, &all))
    }

    /// Counts facets and days; a facet that is filtered by is counted as if it were not.
    fn count(
        &self,
        query: &Query,
        counting: &Counting<'_>,
        compiled: &Compiled,
        rows: Vec<Row>,
        answer: &mut Answer,
    ) -> Result<(), SearchError> {
        let fields = counting.fields.iter().filter(|field| compiled.filters_by(field)).cloned();
        let filtered = self.affordable(fields.collect(), compiled, rows.len() as u64);
        let free: Vec<String> =
            counting.fields.iter().filter(|field| !filtered.contains(field)).cloned().collect();
        for field in free.iter().filter(|field| compiled.filters_by(field)) {
            let note = "narrows its counts, too: too much to count what is not chosen";
            answer.ignored.push(format!("the filter on {field} {note}"));
        }
        let days = query.histogram.then_some(query.step);
        let mut tallies = Tallies::new((&self.searcher, &self.table), &free, &counting.folds, days)?;
        tallies.count(rows, &self.table);
        (answer.facets, answer.histogram) = tallies.finish(&mut answer.withheld);
        for field in filtered {
            let gather = Gather::bounded(query, &self.table);
            let (matches, withheld) = self.matching(compiled, Some(&field), &gather)?;
            answer.withheld.extend(withheld.then(|| format!("facets.{field}")));
            let mut tallies = Tallies::new((&self.searcher, &self.table), &[field], &counting.folds, None)?;
            tallies.count(matches.rows, &self.table);
            answer.facets.append(&mut tallies.finish(&mut answer.withheld).0);
        }
        answer.withheld.dedup();
        Ok(())
    }

    /// Gives those of the fields that are filtered by of which it can be counted what is not chosen, where so many
    /// feedback match.
    fn affordable(&self, mut fields: Vec<String>, compiled: &Compiled, matching: u64) -> Vec<String> {
        let filters = compiled.filters.len() as u64;
        let all = self.searcher.num_docs();
        let cost = |field: &String| compiled.most_without(field, all).saturating_mul(COUNTED + filters - 1);
        fields.sort_by_cached_key(|field| (cost(field), field.clone()));
        let mut left = MOST_COUNTED.saturating_sub(matching.saturating_mul(COUNTED + filters));
        fields.retain(|field| match left.checked_sub(cost(field)) {
            Some(rest) => {
                left = rest;
                true
            }
            None => false,
        });
        fields
    }

    fn suggestion(&self, query: &Query, compiled: &Compiled) -> Result<Option<String>, SearchError> {
        let lexicon = Lexicon {
            searcher: &self.searcher,
            table: &self.table,
            fields: &self.shared.fields,
            languages: &self.languages,
        };
        lexicon.suggestion(&query.text, &compiled.parsed)
    }

    /// Reads one hit and marks the words of the query in it.
    pub(crate) fn hit(
        &self,
        (address, score): (DocAddress, f32),
        compiled: &Compiled,
        analyser: &mut Analyser,
    ) -> Result<Hit, SearchError> {
        let bytes = stored(&self.shared, &self.searcher, address)?
            .ok_or(SearchError::Damaged { what: "a feedback without its text" })?;
        let mut highlights = Vec::new();
        let mut hit = Stored::read(&bytes)?.into_hit(score, &mut |language, text, offset| {
            compiled.wanted.find(analyser, (language, text), offset, &mut highlights);
        });
        hit.highlights = highlights;
        Ok(hit)
    }
}
