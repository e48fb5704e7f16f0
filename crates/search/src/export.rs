//! All hits of a query, one after the other, in bounded memory.

use std::sync::Arc;

use groundswell_model::FeedbackId;
use groundswell_text::Analyser;

use crate::SearchError;
use crate::answer::Hit;
use crate::collect::{Gather, Ranked, people};
use crate::compiled::Compiled;
use crate::index::{Index, gathered, stored};
use crate::query::{Cursor, Query};
use crate::search::{ALL_EMPLOYEES, View};
use crate::stored::Stored;

/// Hits that are found at once: 32 bytes each.
const STRETCH: usize = 32_768;

/// The ids of all hits of a query.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ids {
    /// The ids, sorted.
    pub ids: Vec<FeedbackId>,
    /// As in [`crate::Answer::withheld`].
    pub withheld: Vec<String>,
}

/// A walk over all hits of a query, newest first and then by id, each with its highlights and without a score.
///
/// It sees the commit that was the last when it began, whatever is written meanwhile. After an interruption
/// [`Export::place`] as [`Query::after`] goes on behind the last hit; on another commit feedback that came or changed since
/// may be missing or come again, all others come once. Employees' feedback is left out whole where the answer of the same
/// query would leave it out. It holds at most 32,768 places of 32 bytes and one hit; to begin, it looks at 12 bytes for
/// each hit once.
pub struct Export {
    view: View,
    compiled: Compiled,
    run: Box<dyn tantivy::query::Query>,
    query: Query,
    analyser: Analyser,
    stretch: std::vec::IntoIter<Ranked>,
    ended: bool,
    place: Option<Cursor>,
    /// Distinct people of all hits, from the first on.
    pub people: u64,
    /// All hits, from the first on.
    pub feedback: u64,
    /// What of the query's text was not understood.
    pub ignored: Vec<String>,
    /// As in [`crate::Answer::withheld`].
    pub withheld: Vec<String>,
}

impl Index {
    /// Begins a walk over all hits of a query, after [`Query::after`] where that is set. Limit, facets, histogram and sort
    /// of the query do not matter.
    ///
    /// # Errors
    /// As [`crate::Searching::search`].
    pub fn export(&self, query: &Query) -> Result<Export, SearchError> {
        let view = View::of(&self.shared)?;
        let mut compiled = view.compile(query)?;
        let (matches, withheld) = view.settled(&mut compiled, &Gather::bounded(query, &view.table))?;
        let run = compiled.run(None);
        Ok(Export {
            run: if withheld { view.without_employees(run) } else { run },
            query: query.clone(),
            analyser: Analyser::new(),
            stretch: Vec::new().into_iter(),
            ended: false,
            place: query.after,
            people: people(&matches.rows, &view.table),
            feedback: matches.rows.len() as u64,
            ignored: compiled.parsed.ignored.clone(),
            withheld: withheld.then(|| ALL_EMPLOYEES.to_owned()).into_iter().collect(),
            view,
            compiled,
        })
    }

    /// Gives the ids of all hits of a query, for what is done to all of them.
    ///
    /// # Errors
    /// `search.too_many_hits` where there are more than `most`; else as [`crate::Searching::search`].
    pub fn ids(&self, query: &Query, most: usize) -> Result<Ids, SearchError> {
        let view = View::of(&self.shared)?;
        let mut compiled = view.compile(query)?;
        let (matches, withheld) = view.settled(&mut compiled, &Gather::bounded(query, &view.table))?;
        let found = matches.rows.len() as u64;
        if found > most as u64 {
            return Err(SearchError::TooManyHits { found, most });
        }
        let mut ids = Vec::with_capacity(matches.rows.len());
        for row in &matches.rows {
            let address = tantivy::DocAddress::new(row.segment, row.doc);
            let bytes = stored(&self.shared, &view.searcher, address)?
                .ok_or(SearchError::Damaged { what: "a feedback without its text" })?;
            ids.push(Stored::read(&bytes)?.id);
        }
        ids.sort_unstable();
        Ok(Ids { ids, withheld: withheld.then(|| ALL_EMPLOYEES.to_owned()).into_iter().collect() })
    }
}

impl Export {
    /// Gives the place behind the last hit that was given.
    pub fn place(&self) -> Option<Cursor> {
        self.place
    }

    fn advance(&mut self) -> Result<Option<Hit>, SearchError> {
        if self.stretch.as_slice().is_empty() && !self.ended {
            let table = Arc::clone(&self.view.table);
            let gather = Gather::stretch(&self.query, &table, STRETCH, self.place);
            let top = gathered(&self.view.searcher, &*self.run, &gather)?.top;
            self.ended = top.len() < STRETCH;
            self.stretch = top.into_iter();
        }
        let Some(next) = self.stretch.next() else { return Ok(None) };
        let hit = self.view.hit((next.address, 0.0), &self.compiled, &mut self.analyser)?;
        self.place = Some(next.cursor());
        Ok(Some(hit))
    }
}

impl Iterator for Export {
    type Item = Result<Hit, SearchError>;

    fn next(&mut self) -> Option<Self::Item> {
        let next = self.advance().transpose();
        if matches!(next, Some(Err(_))) {
            (self.stretch, self.ended) = (Vec::new().into_iter(), true);
        }
        next
    }
}
