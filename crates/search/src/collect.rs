//! The one pass over what matches: who said it, where it lies, and the best of it.

use std::cmp::{Ordering, Reverse};
use std::collections::{BinaryHeap, HashMap};
use std::sync::Arc;

use groundswell_model::Timestamp;
use tantivy::collector::{Collector, SegmentCollector};
use tantivy::columnar::Column;
use tantivy::{DocAddress, DocId, Score, SegmentOrdinal, SegmentReader};

use crate::copies::{Bits, ByText, Copies, mixed};
use crate::numbers::SEVERITY;
use crate::people::{Columns, Table, Voice, voice};
use crate::query::{Cursor, Query, Sort};
use crate::raise::{Raises, SegmentRaises};
use crate::schema::{COPY, KEY, TIME};

/// A feedback that matches: twelve bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Row {
    pub voice: Voice,
    pub segment: u32,
    pub doc: u32,
}

/// A feedback with what it is ranked by. The greatest comes first: score, then time, then the smaller key.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ranked {
    pub score: f32,
    /// Further matches with the same text that come after this one.
    pub copies: u32,
    pub time: i64,
    pub key: u64,
    pub address: DocAddress,
}

impl Ranked {
    pub(crate) fn cursor(&self) -> Cursor {
        Cursor { score: self.score.to_bits(), time: self.time, key: self.key }
    }

    /// Says whether it comes after the end of a page.
    fn is_after(&self, end: Option<Cursor>) -> bool {
        end.is_none_or(|end| self.against(f32::from_bits(end.score), end.time, end.key) == Ordering::Less)
    }

    /// Takes another match with the same text: the better of both stands for it.
    fn join(&mut self, other: Self) {
        let copies = self.copies + other.copies + 1;
        *self = Self { copies, ..other.max(*self) };
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
    /// All that matches, in the order of segments and documents.
    pub rows: Vec<Row>,
    /// The best of the page, best first, and one more where there is one.
    pub top: Vec<Ranked>,
    /// The best match of each text with copies, until the segments are brought together.
    copied: ByText<Ranked>,
}

/// What hits are ranked by before their time.
#[derive(Clone, Debug)]
enum Rank {
    Score,
    Severity,
    Time,
    /// Similarities by key.
    Given(Arc<HashMap<u64, f32>>),
}

/// What to collect.
#[derive(Clone, Debug)]
pub(crate) struct Gather {
    table: Arc<Table>,
    since: i64,
    until: i64,
    keep: usize,
    after: Option<Cursor>,
    rank: Rank,
    rows: bool,
    /// Where each text is to be given once.
    copies: Option<Arc<Copies>>,
    raises: Option<Arc<Raises>>,
}

impl Gather {
    /// Collects a page and all rows.
    pub(crate) fn page(query: &Query, table: &Arc<Table>, scores: bool) -> Self {
        let rank = match query.sort {
            Sort::Relevance if !query.among.is_empty() => Rank::Given(Arc::new(
                query.among.iter().map(|(id, likeness)| (crate::versions::key_of(*id), *likeness)).collect(),
            )),
            Sort::Relevance if scores => Rank::Score,
            Sort::Severity => Rank::Severity,
            Sort::Relevance | Sort::Time => Rank::Time,
        };
        Self {
            keep: if query.limit == 0 { 0 } else { query.limit + 1 },
            after: query.after,
            rank,
            ..Self::bounded(query, table)
        }
    }

    /// Collects the rows within the times of a query.
    pub(crate) fn bounded(query: &Query, table: &Arc<Table>) -> Self {
        Self {
            since: query.since.map_or(i64::MIN, Timestamp::millis),
            until: query.until.map_or(i64::MAX, Timestamp::millis),
            ..Self::rows(table)
        }
    }

    /// Collects rows only.
    pub(crate) fn rows(table: &Arc<Table>) -> Self {
        Self {
            table: Arc::clone(table),
            since: i64::MIN,
            until: i64::MAX,
            keep: 0,
            after: None,
            rank: Rank::Time,
            rows: true,
            copies: None,
            raises: None,
        }
    }

    /// From now on what has the same text is one hit, the best of it.
    pub(crate) fn once(self, copies: Arc<Copies>) -> Self {
        Self { copies: Some(copies), ..self }
    }

    /// From now on scores are raised.
    pub(crate) fn raised(self, raises: Arc<Raises>) -> Self {
        Self { raises: Some(raises), ..self }
    }

    /// Collects the next hits after a place in order of time, newest first, and no rows.
    pub(crate) fn stretch(query: &Query, table: &Arc<Table>, keep: usize, after: Option<Cursor>) -> Self {
        Self { keep, after, rows: false, ..Self::bounded(query, table) }
    }
}

impl Gather {
    fn is_scored(&self) -> bool {
        self.keep > 0 && matches!(self.rank, Rank::Score)
    }
}

impl Collector for Gather {
    type Fruit = Matches;
    type Child = Segment;

    fn for_segment(&self, segment: SegmentOrdinal, reader: &SegmentReader) -> tantivy::Result<Segment> {
        let columns = reader.fast_fields();
        let severity = match self.rank {
            Rank::Severity => columns.column_opt(SEVERITY)?,
            _ => None,
        };
        Ok(Segment {
            gather: self.clone(),
            segment,
            columns: self.table.segment(segment).cloned(),
            time: columns.column_opt(TIME)?,
            key: columns.column_opt(KEY)?,
            severity,
            is_copied: self.copies.as_ref().and_then(|copies| copies.segment(segment).cloned()),
            texts: if self.copies.is_some() { columns.column_opt(COPY)? } else { None },
            copied: ByText::default(),
            raises: match self.raises.as_ref().filter(|_| self.is_scored()) {
                Some(raises) => raises.segment(reader)?,
                None => SegmentRaises::default(),
            },
            timed: self.since != i64::MIN || self.until != i64::MAX,
            rows: Vec::new(),
            worst_first: BinaryHeap::new(),
        })
    }

    fn requires_scoring(&self) -> bool {
        self.is_scored()
    }

    fn merge_fruits(&self, mut fruits: Vec<Matches>) -> tantivy::Result<Matches> {
        let rows = fruits.iter().map(|fruit| fruit.rows.len()).sum();
        let mut merged = Matches { rows: Vec::with_capacity(rows), ..Matches::default() };
        for fruit in &mut fruits {
            merged.rows.append(&mut fruit.rows);
            merged.top.append(&mut fruit.top);
            for (text, best) in fruit.copied.drain() {
                merged.copied.entry(text).and_modify(|known| known.join(best)).or_insert(best);
            }
        }
        merged
            .top
            .extend(merged.copied.drain().map(|(_, best)| best).filter(|best| best.is_after(self.after)));
        if merged.top.len() > self.keep && self.keep > 0 {
            merged.top.select_nth_unstable_by(self.keep - 1, |a, b| b.cmp(a));
            merged.top.truncate(self.keep);
        }
        merged.top.sort_unstable_by(|a, b| b.cmp(a));
        merged.top.truncate(self.keep);
        Ok(merged)
    }
}

/// The pass over one segment.
pub(crate) struct Segment {
    gather: Gather,
    segment: u32,
    columns: Option<Arc<Columns>>,
    time: Option<Column<i64>>,
    key: Option<Column<u64>>,
    severity: Option<Column<f64>>,
    is_copied: Option<Arc<Bits>>,
    texts: Option<Column<u64>>,
    copied: ByText<Ranked>,
    raises: SegmentRaises,
    timed: bool,
    rows: Vec<Row>,
    worst_first: BinaryHeap<Reverse<Ranked>>,
}

impl Segment {
    fn time(&self, doc: DocId) -> i64 {
        self.time.as_ref().and_then(|times| times.first(doc)).unwrap_or(0)
    }

    fn key(&self, doc: DocId) -> u64 {
        self.key.as_ref().and_then(|keys| keys.first(doc)).unwrap_or(0)
    }

    fn score(&self, doc: DocId, score: Score) -> f32 {
        match &self.gather.rank {
            Rank::Score => score,
            Rank::Time => 0.0,
            #[expect(clippy::cast_possible_truncation, reason = "levels from 1 to 4")]
            Rank::Severity => {
                self.severity.as_ref().and_then(|levels| levels.first(doc)).unwrap_or(0.0) as f32
            }
            Rank::Given(likeness) => likeness.get(&self.key(doc)).copied().unwrap_or(0.0),
        }
    }

    /// Gives the last of the page where it is full.
    fn worst(&self) -> Option<Ranked> {
        let worst = self.worst_first.peek().map(|worst| worst.0);
        worst.filter(|_| self.worst_first.len() >= self.gather.keep)
    }

    fn ranked(&self, doc: DocId, score: f32, time: i64) -> Ranked {
        let address = DocAddress::new(self.segment, doc);
        Ranked { score, copies: 0, time, key: self.key(doc), address }
    }

    /// Gives the text of a match that has copies.
    fn text(&self, doc: DocId) -> Option<u64> {
        self.is_copied.as_ref().filter(|bits| bits.has(doc as usize))?;
        self.texts.as_ref()?.first(doc).map(mixed)
    }

    /// Takes a match that has copies: the best of them is its text's only hit, on whatever page. What is below the `least`
    /// score of the page is counted only.
    fn copy(&mut self, text: u64, doc: DocId, (score, least): (f32, Option<f32>)) {
        if least.is_some_and(|least| score < least) {
            let address = DocAddress::new(self.segment, doc);
            let below = Ranked { score, copies: 0, time: i64::MIN, key: 0, address };
            self.copied.entry(text).and_modify(|known| known.join(below)).or_insert(below);
            return;
        }
        let time = self.time(doc);
        if let Some(known) = self.copied.get_mut(&text)
            && (known.score > score || (known.score == score && known.time > time))
        {
            known.copies += 1;
            return;
        }
        let ranked = self.ranked(doc, score, time);
        self.copied.entry(text).and_modify(|known| known.join(ranked)).or_insert(ranked);
    }

    fn rank(&mut self, doc: DocId, score: Score) {
        // What comes behind all that the page holds needs no exact score, also where others have the same text: then
        // that text is not on this page, or another of them stands for it.
        let least = self.worst().map(|worst| worst.score);
        let score = self.raises.raised(doc, self.score(doc, score), least);
        if let Some(text) = self.text(doc) {
            return self.copy(text, doc, (score, least));
        }
        let (worst, full) = (self.worst(), self.worst_first.len() >= self.gather.keep);
        if worst.is_some_and(|worst| worst.score > score) {
            return;
        }
        let time = self.time(doc);
        if worst.is_some_and(|worst| worst.score == score && worst.time > time) {
            return;
        }
        let ranked = self.ranked(doc, score, time);
        if !ranked.is_after(self.gather.after) {
            return;
        }
        if !full {
            self.worst_first.push(Reverse(ranked));
        } else if let Some(mut worst) = self.worst_first.peek_mut()
            && ranked > worst.0
        {
            worst.0 = ranked;
        }
    }
}

impl SegmentCollector for Segment {
    type Fruit = Matches;

    fn collect(&mut self, doc: DocId, score: Score) {
        // The marker of a deletion has no voice.
        let voice = self.columns.as_ref().and_then(|columns| voice(&columns.voices, doc));
        let Some(voice) = voice else { return };
        if self.timed && !(self.gather.since..self.gather.until).contains(&self.time(doc)) {
            return;
        }
        if self.gather.rows {
            self.rows.push(Row { voice, segment: self.segment, doc });
        }
        if self.gather.keep > 0 {
            self.rank(doc, score);
        }
    }

    fn harvest(self) -> Matches {
        let top = self.worst_first.into_iter().map(|ranked| ranked.0).collect();
        Matches { rows: self.rows, top, copied: self.copied }
    }
}

/// Puts rows in the order of people: by counting where there are many of them, so that a million take no longer than
/// reading them.
pub(crate) fn by_voice(mut rows: Vec<Row>, table: &Table) -> Vec<Row> {
    if rows.len() < table.voices() / 8 {
        rows.sort_unstable();
        return rows;
    }
    let mut next = vec![0u32; table.voices() + 1];
    for row in &rows {
        if let Some(count) = next.get_mut(row.voice.place() + 1) {
            *count += 1;
        }
    }
    let mut sum = 0;
    for count in &mut next {
        sum += *count;
        *count = sum;
    }
    let Some(first) = rows.first().copied() else { return rows };
    let mut sorted = vec![first; rows.len()];
    for row in rows {
        let Some(place) = next.get_mut(row.voice.place()) else { continue };
        if let Some(free) = sorted.get_mut(*place as usize) {
            *free = row;
        }
        *place += 1;
    }
    sorted
}

/// Counts distinct people.
pub(crate) fn people(rows: &[Row], table: &Table) -> u64 {
    let mut seen = vec![0u64; table.voices() / 128 + 1];
    let mut people = 0;
    for row in rows {
        let number = row.voice.place() / 2;
        if let Some(word) = seen.get_mut(number / 64) {
            let bit = 1 << (number % 64);
            people += u64::from(*word & bit == 0);
            *word |= bit;
        }
    }
    people
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_rows_are_put_in_the_order_of_people() {
        let table = Table::of_people(3_000);
        let rows: Vec<Row> = (0..5_000u32)
            .map(|doc| Row {
                voice: Voice(((doc.wrapping_mul(2_654_435_761) % 3_000) << 2) | ((doc % 3) & 2)),
                segment: doc % 3,
                doc,
            })
            .collect();
        let mut by_comparing = rows.clone();
        by_comparing.sort_by_key(|row| row.voice);
        assert_eq!(by_voice(rows.clone(), &table), by_comparing);
        assert_eq!(people(&rows, &table), people(&by_comparing, &table));
        let few = by_voice(rows[..50].to_vec(), &table);
        assert!(few.is_sorted());
        assert!(by_voice(Vec::new(), &Table::default()).is_empty());
    }
}
