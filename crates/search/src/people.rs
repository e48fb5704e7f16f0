//! Who gave each feedback, as small numbers: what counts of people are made of.
//!
//! The index stores 64 bits for each respondent. Counting them in the order of people is quick when they are numbered
//! without gaps, so that every segment gets a column of such numbers when a query first meets it, and its days and facets
//! in the order of people when one first counts them. It costs about twenty bytes a respondent, four a feedback, and where
//! facets are counted twelve and two for each facet more.

use std::collections::HashMap;
use std::hash::BuildHasherDefault;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use tantivy::index::SegmentId;
use tantivy::{Searcher, SegmentReader};

use crate::SearchError;
use crate::facets::Person;
use crate::schema::{DAY, FACET, PERSON};
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

/// The columns of a segment that counting reads, unpacked.
#[derive(Debug)]
pub(crate) struct Columns {
    /// By document; [`voice`] reads it.
    pub voices: Box<[u32]>,
    ordered: OnceLock<Ordered>,
}

/// What is counted of a segment, in the order of its people: so counting reads memory from front to back.
#[derive(Debug)]
pub(crate) struct Ordered {
    /// By document: its place in the order.
    pub places: Box<[u32]>,
    pub facets: Ordinals,
    pub days: Box<[i32]>,
}

impl Ordered {
    fn of(reader: &SegmentReader, voices: &[u32]) -> tantivy::Result<Self> {
        let mut order: Vec<u32> = (0..reader.max_doc()).collect();
        order.sort_by_key(|&doc| voices.get(doc as usize).copied().unwrap_or(NOBODY));
        let mut places = vec![0; order.len()];
        for (place, &doc) in (0u32..).zip(&order) {
            if let Some(slot) = places.get_mut(doc as usize) {
                *slot = place;
            }
        }
        let column = reader.fast_fields().column_opt::<i64>(DAY)?;
        let day = |doc| column.as_ref().and_then(|days| i32::try_from(days.first(doc)?).ok()).unwrap_or(0);
        Ok(Self {
            places: places.into(),
            facets: Ordinals::of(reader, &order)?,
            days: order.iter().map(|&doc| day(doc)).collect(),
        })
    }
}

/// Which facets each place has, as ordinals of the segment's dictionary.
#[derive(Debug)]
pub(crate) struct Ordinals {
    /// By place: the first of its ordinals; and one more.
    starts: Box<[u32]>,
    numbers: Numbers,
}

#[derive(Debug)]
enum Numbers {
    Narrow(Box<[u16]>),
    Wide(Box<[u32]>),
}

impl Ordinals {
    fn of(reader: &SegmentReader, order: &[u32]) -> tantivy::Result<Self> {
        let (mut starts, mut numbers) = (vec![0], Vec::new());
        if let Some(facets) = reader.fast_fields().bytes(FACET)? {
            for &doc in order {
                let ordinals = facets.term_ords(doc);
                numbers.extend(ordinals.map(|ordinal| u32::try_from(ordinal).unwrap_or(u32::MAX)));
                starts.push(u32::try_from(numbers.len()).unwrap_or(u32::MAX));
            }
        }
        let narrow: Option<Box<[u16]>> = numbers.iter().map(|&number| u16::try_from(number).ok()).collect();
        let numbers = narrow.map_or_else(|| Numbers::Wide(numbers.into()), Numbers::Narrow);
        Ok(Self { starts: starts.into(), numbers })
    }

    /// Gives each facet of a place.
    pub(crate) fn each(&self, place: u32, mut each: impl FnMut(usize)) {
        let start = |place: usize| self.starts.get(place).map_or(0, |start| *start as usize);
        let (from, to) = (start(place as usize), start(place as usize + 1));
        match &self.numbers {
            Numbers::Narrow(all) => {
                all.get(from..to).unwrap_or(&[]).iter().for_each(|&number| each(usize::from(number)));
            }
            Numbers::Wide(all) => {
                all.get(from..to).unwrap_or(&[]).iter().for_each(|&number| each(number as usize));
            }
        }
    }
}

impl Columns {
    /// Gives what is counted of the segment, and puts it in order the first time.
    pub(crate) fn ordered(&self, reader: &SegmentReader) -> tantivy::Result<&Ordered> {
        if let Some(ordered) = self.ordered.get() {
            return Ok(ordered);
        }
        let ordered = Ordered::of(reader, &self.voices)?;
        Ok(self.ordered.get_or_init(|| ordered))
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
    segments: HashMap<SegmentId, Arc<Columns>>,
}

/// Who gave the feedback that a searcher sees.
#[derive(Clone, Debug, Default)]
pub(crate) struct Table {
    segments: Vec<Arc<Columns>>,
    people: usize,
}

impl Table {
    /// Makes a table of so many people without feedback.
    #[cfg(test)]
    pub(crate) fn of_people(people: usize) -> Self {
        Self { segments: Vec::new(), people }
    }

    /// Gives the columns of a segment; none where the table is of another commit.
    pub(crate) fn segment(&self, ordinal: u32) -> Option<&Arc<Columns>> {
        self.segments.get(ordinal as usize)
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
                    let voices = known.number(reader).map_err(SearchError::engine("read the respondents"))?;
                    let column = Arc::new(Columns { voices, ordered: OnceLock::new() });
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
    fn number(&mut self, reader: &SegmentReader) -> tantivy::Result<Box<[u32]>> {
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
