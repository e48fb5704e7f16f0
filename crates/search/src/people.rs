//! Who gave each feedback, as small numbers: what counts of people are made of.
//!
//! The index stores 64 bits for each respondent. Counting them in the order of people is quick when they are numbered
//! without gaps, so that every segment gets a column of such numbers when a query first meets it. It costs four bytes a
//! feedback and about twenty a respondent.

use std::collections::HashMap;
use std::hash::BuildHasherDefault;
use std::sync::{Arc, Mutex, PoisonError};

use tantivy::index::SegmentId;
use tantivy::{Searcher, SegmentReader};

use crate::SearchError;
use crate::facets::Person;
use crate::schema::PERSON;
use crate::versions::AsIs;

/// The marker of a deletion: nobody said it.
const NOBODY: u32 = u32::MAX;
/// Respondents that no feedback is left of are forgotten when there are so many more than feedback.
const SLACK: usize = 100_000;

/// Who said something: a number, and the two flags of a [`Person`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Voice(pub u32);

impl Voice {
    const UNLINKED: u32 = 1;
    const EMPLOYEE: u32 = 2;

    /// Gives what is the same for one person in all roles.
    pub(crate) fn who(self) -> u32 {
        self.0 & !Self::EMPLOYEE
    }

    /// Gives a number below [`Table::voices`] that is the person's in one role, and orders like the voice.
    pub(crate) fn place(self) -> usize {
        (self.0 >> 1) as usize
    }

    pub(crate) fn is_employee(self) -> bool {
        self.0 & Self::EMPLOYEE != 0
    }

    pub(crate) fn is_linked(self) -> bool {
        self.0 & Self::UNLINKED == 0
    }
}

/// The numbers by segment, kept from query to query: a segment never changes.
#[derive(Default)]
pub(crate) struct People {
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    numbers: HashMap<u64, u32, BuildHasherDefault<AsIs>>,
    segments: HashMap<SegmentId, Arc<[u32]>>,
}

/// Who gave the feedback that a searcher sees.
#[derive(Clone, Debug, Default)]
pub(crate) struct Table {
    segments: Vec<Arc<[u32]>>,
    people: usize,
}

impl Table {
    pub(crate) fn segment(&self, ordinal: u32) -> Arc<[u32]> {
        self.segments.get(ordinal as usize).cloned().unwrap_or_else(|| Arc::from([]))
    }

    /// One more than the greatest [`Voice::place`].
    pub(crate) fn voices(&self) -> usize {
        self.people * 2
    }
}

/// Gives who said the document of a column; none for the marker of a deletion.
pub(crate) fn voice(column: &[u32], doc: u32) -> Option<Voice> {
    column.get(doc as usize).copied().filter(|&number| number != NOBODY).map(Voice)
}

impl People {
    /// Gives the numbers for what a searcher sees, and makes those that are not there yet.
    pub(crate) fn of(&self, searcher: &Searcher) -> Result<Table, SearchError> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let feedback = usize::try_from(searcher.num_docs()).unwrap_or(usize::MAX);
        if known.numbers.len() > feedback.saturating_mul(2).saturating_add(SLACK) {
            *known = Known::default();
        }
        let mut table = Table::default();
        for reader in searcher.segment_readers() {
            let column = match known.segments.get(&reader.segment_id()) {
                Some(column) => Arc::clone(column),
                None => {
                    let column = known.number(reader).map_err(SearchError::engine("read the respondents"))?;
                    known.segments.insert(reader.segment_id(), Arc::clone(&column));
                    column
                }
            };
            table.segments.push(column);
        }
        if known.segments.len() > table.segments.len() {
            let seen: Vec<SegmentId> =
                searcher.segment_readers().iter().map(SegmentReader::segment_id).collect();
            known.segments.retain(|segment, _| seen.contains(segment));
        }
        table.people = known.numbers.len();
        Ok(table)
    }
}

impl Known {
    fn number(&mut self, reader: &SegmentReader) -> tantivy::Result<Arc<[u32]>> {
        let Some(persons) = reader.fast_fields().column_opt::<u64>(PERSON)? else {
            return Ok(vec![NOBODY; reader.max_doc() as usize].into());
        };
        let numbers = (0..reader.max_doc()).map(|doc| {
            let Some(person) = persons.first(doc).map(Person) else { return NOBODY };
            let next = u32::try_from(self.numbers.len()).unwrap_or(u32::MAX);
            let number = *self.numbers.entry(person.who().rotate_right(2)).or_insert(next);
            let employee = if person.is_employee() { Voice::EMPLOYEE } else { 0 };
            let unlinked = if person.is_linked() { 0 } else { Voice::UNLINKED };
            (number << 2) | employee | unlinked
        });
        Ok(numbers.collect())
    }
}
