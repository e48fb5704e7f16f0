//! The one pass over what matches: who said it, where it lies, and the best of it.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use groundswell_model::Timestamp;
use tantivy::collector::{Collector, SegmentCollector};
use tantivy::columnar::Column;
use tantivy::{DocAddress, DocId, Score, SegmentOrdinal, SegmentReader};

use crate::facets::Person;
use crate::query::{Cursor, Query, Sort};
use crate::schema::{KEY, PERSON, TIME};

/// A feedback that matches: sixteen bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Row {
    pub person: Person,
    pub segment: u32,
    pub doc: u32,
}

/// A feedback with what it is ranked by. The greatest comes first: score, then time, then the smaller key.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ranked {
    pub score: f32,
    pub time: i64,
    pub key: u64,
    pub address: DocAddress,
}

impl Ranked {
    pub(crate) fn cursor(&self) -> Cursor {
        Cursor { score: self.score.to_bits(), time: self.time, key: self.key }
    }

    fn against(&self, score: f32, time: i64, key: u64) -> Ordering {
        self.score.total_cmp(&score).then(self.time.cmp(&time)).then(key.cmp(&self.key))
    }
}

impl PartialEq for Ranked {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Ranked {}

impl PartialOrd for Ranked {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Ranked {
    fn cmp(&self, other: &Self) -> Ordering {
        self.against(other.score, other.time, other.key)
    }
}

/// What the pass leaves behind.
#[derive(Debug, Default)]
pub(crate) struct Matches {
    /// All that matches.
    pub rows: Vec<Row>,
    /// The best of the page, best first, and one more where there is one.
    pub top: Vec<Ranked>,
}

/// What to collect.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Gather {
    since: i64,
    until: i64,
    keep: usize,
    after: Option<Cursor>,
    scores: bool,
}

impl Gather {
    pub(crate) fn page(query: &Query, scores: bool) -> Self {
        Self {
            since: query.since.map_or(i64::MIN, Timestamp::millis),
            until: query.until.map_or(i64::MAX, Timestamp::millis),
            keep: if query.limit == 0 { 0 } else { query.limit + 1 },
            after: query.after,
            scores: scores && query.sort == Sort::Relevance,
        }
    }

    /// Collects rows only.
    pub(crate) fn rows() -> Self {
        Self { since: i64::MIN, until: i64::MAX, keep: 0, after: None, scores: false }
    }
}

impl Collector for Gather {
    type Fruit = Matches;
    type Child = Segment;

    fn for_segment(&self, segment: SegmentOrdinal, reader: &SegmentReader) -> tantivy::Result<Segment> {
        let columns = reader.fast_fields();
        let columns = match (columns.column_opt(PERSON)?, columns.column_opt(TIME)?, columns.column_opt(KEY)?)
        {
            (Some(person), Some(time), Some(key)) => Some(Columns { person, time, key }),
            _ => None,
        };
        Ok(Segment { gather: *self, segment, columns, rows: Vec::new(), worst_first: BinaryHeap::new() })
    }

    fn requires_scoring(&self) -> bool {
        self.scores
    }

    fn merge_fruits(&self, fruits: Vec<Matches>) -> tantivy::Result<Matches> {
        let mut merged = Matches::default();
        for mut fruit in fruits {
            merged.rows.append(&mut fruit.rows);
            merged.top.append(&mut fruit.top);
        }
        merged.top.sort_unstable_by(|a, b| b.cmp(a));
        merged.top.truncate(self.keep);
        Ok(merged)
    }
}

struct Columns {
    person: Column<u64>,
    time: Column<i64>,
    key: Column<u64>,
}

/// The pass over one segment.
pub(crate) struct Segment {
    gather: Gather,
    segment: u32,
    columns: Option<Columns>,
    rows: Vec<Row>,
    worst_first: BinaryHeap<std::cmp::Reverse<Ranked>>,
}

impl SegmentCollector for Segment {
    type Fruit = Matches;

    fn collect(&mut self, doc: DocId, score: Score) {
        let Some(columns) = &self.columns else { return };
        // The marker of a deletion has no person.
        let Some(person) = columns.person.first(doc) else { return };
        let time = columns.time.first(doc).unwrap_or(0);
        if time < self.gather.since || time >= self.gather.until {
            return;
        }
        self.rows.push(Row { person: Person(person), segment: self.segment, doc });
        if self.gather.keep == 0 {
            return;
        }
        let score = if self.gather.scores { score } else { 0.0 };
        let full = self.worst_first.len() >= self.gather.keep;
        if full && self.worst_first.peek().is_some_and(|worst| worst.0.score > score) {
            return;
        }
        let key = columns.key.first(doc).unwrap_or(0);
        let ranked = Ranked { score, time, key, address: DocAddress::new(self.segment, doc) };
        if let Some(after) = self.gather.after
            && ranked.against(f32::from_bits(after.score), after.time, after.key) != Ordering::Less
        {
            return;
        }
        if !full {
            self.worst_first.push(std::cmp::Reverse(ranked));
        } else if let Some(mut worst) = self.worst_first.peek_mut()
            && ranked > worst.0
        {
            worst.0 = ranked;
        }
    }

    fn harvest(self) -> Matches {
        Matches { rows: self.rows, top: self.worst_first.into_iter().map(|ranked| ranked.0).collect() }
    }
}
