//! Distinct people and feedback by value of a facet and by day, week or month.
//!
//! The rows are taken person by person, so that a value needs to remember one person only: memory grows with the
//! number of values, not with people times values.

use std::collections::{BTreeMap, HashMap};
use std::hash::BuildHasherDefault;

use groundswell_model::Day;
use tantivy::{Searcher, SegmentReader};

use crate::SearchError;
use crate::answer::{Count, DayCount};
use crate::collect::{Row, by_voice};
use crate::folds::Folds;
use crate::gate::{Group, hidden};
use crate::people::{Columns, Ordered, Table, Voice};
use crate::query::{Fold, Step};
use crate::schema::FACET;
use crate::versions::AsIs;

/// Values of one field in an answer.
const MOST_VALUES: usize = 100;
/// Stands for an ordinal that nobody asked for.
const UNASKED: u32 = u32::MAX;

/// The counts of one value: sixteen bytes, as every facet of every feedback touches them.
#[derive(Clone, Copy, Debug)]
struct Tally {
    people: u32,
    feedback: u32,
    /// Who was counted last.
    last: u32,
    /// The number of the feedback that was counted last: it counts once, also where several of its values are folded into
    /// this one.
    row: u32,
}

impl Default for Tally {
    fn default() -> Self {
        Self { people: 0, feedback: 0, last: u32::MAX, row: u32::MAX }
    }
}

/// What employees have in the counts of one value.
#[derive(Clone, Debug, Default)]
struct Staff {
    own: Group,
    /// People who have the value as employees only. Of one person's feedback that of a customer comes first.
    only: u64,
    /// Employees of whose feedback all has this value.
    whole: u64,
    /// Feedback of the present employee with this value.
    present: u64,
}

/// The counts of a field: the values, and first the feedback without a value.
#[derive(Debug)]
struct Field<'t> {
    name: String,
    fold: Option<&'t Fold>,
    values: Vec<String>,
    tallies: Vec<Tally>,
    staff: Vec<Staff>,
}

/// All that is counted in one pass.
pub(crate) struct Tallies<'t> {
    fields: Vec<Field<'t>>,
    segments: Vec<Segment<'t>>,
    days: Option<Days>,
    employees: Group,
    touched: Vec<(usize, u32)>,
}

/// The bars of the histogram: the field that they are values of, and the value of each day.
struct Days {
    field: usize,
    step: Step,
    values: HashMap<u64, u32, BuildHasherDefault<AsIs>>,
}

/// The columns of a segment, and what its ordinals stand for.
struct Segment<'t> {
    ordered: Option<&'t Ordered>,
    /// By ordinal: the field and the value.
    values: Vec<(u32, u32)>,
    /// The ordinals between which all that was asked for lies.
    asked: std::ops::Range<usize>,
}

impl<'t> Tallies<'t> {
    /// Prepares to count the values of fields, folded, and days where a step is given.
    pub(crate) fn new(
        (searcher, table): (&'t Searcher, &'t Table),
        names: &[String],
        folds: &Folds<'t>,
        days: Option<Step>,
    ) -> Result<Self, SearchError> {
        let field = |name: &String| Field::new(name.clone(), folds.get(name));
        let mut fields: Vec<Field<'t>> = names.iter().map(field).collect();
        let mut segments = Vec::new();
        for (reader, ordinal) in searcher.segment_readers().iter().zip(0u32..) {
            let segment = match table.segment(ordinal) {
                Some(columns) => Segment::open(reader, columns, &mut fields),
                None => Ok(Segment::none()),
            };
            segments.push(segment.map_err(SearchError::engine("read the facets"))?);
        }
        let days = days.map(|step| {
            fields.push(Field::new("histogram".to_owned(), None));
            Days { field: fields.len() - 1, step, values: HashMap::default() }
        });
        Ok(Self { fields, segments, days, employees: Group::default(), touched: Vec::new() })
    }

    /// Counts rows.
    pub(crate) fn count(&mut self, mut rows: Vec<Row>, table: &Table) {
        for of_segment in rows.chunk_by_mut(|a, b| a.segment == b.segment) {
            let segment = of_segment.first().and_then(|row| self.segments.get(row.segment as usize));
            let Some(ordered) = segment.and_then(|segment| segment.ordered) else { continue };
            for row in of_segment {
                row.doc = ordered.places.get(row.doc as usize).copied().unwrap_or(0);
            }
        }
        self.count_ordered(&by_voice(rows, table));
    }

    /// Counts rows that are sorted by person and name places instead of documents.
    fn count_ordered(&mut self, rows: &[Row]) {
        let mut number = 0u32;
        for of_one in rows.chunk_by(|a, b| a.voice == b.voice) {
            let Some(first) = of_one.first() else { continue };
            for row in of_one {
                self.row(row, number);
                number = number.wrapping_add(1);
            }
            if first.voice.is_employee() {
                self.employees.feedback += of_one.len() as u64;
                self.employees.people += u64::from(first.voice.is_linked());
                self.close(first.voice.is_linked(), of_one.len() as u64);
            }
        }
    }

    fn row(&mut self, row: &Row, number: u32) {
        let Self { fields, segments, days, touched, .. } = self;
        let Some(segment) = segments.get(row.segment as usize) else { return };
        let Some(ordered) = segment.ordered else { return };
        let mut seen = 0u64;
        if !segment.values.is_empty() {
            ordered.facets.each(row.doc, |ordinal| {
                if !segment.asked.contains(&ordinal) {
                    return;
                }
                let value = segment.values.get(ordinal);
                let Some(&(field, value)) = value.filter(|value| value.0 != UNASKED) else { return };
                seen |= 1 << field;
                add(fields, touched, (field as usize, value), (row.voice, number));
            });
        }
        if let Some(days) = days {
            let day = ordered.days.get(row.doc as usize).copied().unwrap_or(0);
            seen |= 1 << days.field;
            let value = days.value(i64::from(day), fields);
            add(fields, touched, (days.field, value), (row.voice, number));
        }
        if row.voice.is_employee() {
            for field in (0..self.fields.len()).filter(|field| seen & (1 << field) == 0) {
                add(&mut self.fields, &mut self.touched, (field, 0), (row.voice, number));
            }
        }
    }

    /// Ends an employee: notes the values that all of their feedback has.
    fn close(&mut self, linked: bool, feedback: u64) {
        for (field, value) in self.touched.drain(..) {
            let staff = self.fields.get_mut(field).and_then(|field| field.staff.get_mut(value as usize));
            if let Some(staff) = staff {
                staff.whole += u64::from(linked && staff.present == feedback);
                staff.present = 0;
            }
        }
    }

    /// Gives the counts that may be shown, and adds the fields in which some were withheld.
    pub(crate) fn finish(self, withheld: &mut Vec<String>) -> (BTreeMap<String, Vec<Count>>, Vec<DayCount>) {
        let (mut facets, mut days) = (BTreeMap::new(), Vec::new());
        let histogram = self.days.map(|days| days.field);
        for (place, field) in self.fields.into_iter().enumerate() {
            let is_days = histogram == Some(place);
            let (name, fold) = (field.name.clone(), field.fold);
            let (mut counts, hides) = field.counts(self.employees);
            if hides {
                withheld.push(if is_days { name.clone() } else { format!("facets.{name}") });
            }
            if is_days {
                days = counts.iter().filter_map(of_day).collect();
                days.sort_by_key(|count| count.day);
            } else {
                counts
                    .sort_by(|a, b| (b.people, b.feedback, &a.value).cmp(&(a.people, a.feedback, &b.value)));
                counts.truncate(MOST_VALUES);
                for count in &mut counts {
                    count.name = fold.and_then(|fold| fold.names.get(&count.value)).cloned();
                }
                facets.insert(name, counts);
            }
        }
        (facets, days)
    }
}

impl Days {
    /// Gives the value of the bar that a day belongs to.
    fn value(&mut self, day: i64, fields: &mut [Field<'_>]) -> u32 {
        if let Some(&value) = self.values.get(&day.cast_unsigned()) {
            return value;
        }
        let first = self.step.first(day);
        let value = match self.values.get(&first.cast_unsigned()) {
            Some(&value) => value,
            None => fields.get_mut(self.field).map_or(0, |bars| bars.value(first.to_string())),
        };
        self.values.extend([(first.cast_unsigned(), value), (day.cast_unsigned(), value)]);
        value
    }
}

impl Step {
    /// Gives the first day of the bar that a day belongs to.
    fn first(self, day: i64) -> i64 {
        match self {
            Self::Day => day,
            // The first of January 1970 was a Thursday.
            Self::Week => day - (day + 3).rem_euclid(7),
            Self::Month => {
                let date = i32::try_from(day).map_or(String::new(), |day| Day::from_number(day).to_string());
                let of_month = date.rsplit_once('-').and_then(|(_, of_month)| of_month.parse::<i64>().ok());
                day - of_month.unwrap_or(1) + 1
            }
        }
    }
}

fn of_day(count: &Count) -> Option<DayCount> {
    let day = Day::from_number(count.value.parse().ok()?);
    Some(DayCount { day, people: count.people, feedback: count.feedback })
}

fn add(
    fields: &mut [Field<'_>],
    touched: &mut Vec<(usize, u32)>,
    (at, value): (usize, u32),
    (voice, number): (Voice, u32),
) {
    let Some(field) = fields.get_mut(at) else { return };
    let Some(tally) = field.tallies.get_mut(value as usize).filter(|tally| tally.row != number) else {
        return;
    };
    tally.row = number;
    tally.feedback += 1;
    let is_new = tally.last != voice.who();
    tally.last = voice.who();
    tally.people += u32::from(is_new);
    if !voice.is_employee() {
        return;
    }
    let Some(staff) = field.staff.get_mut(value as usize) else { return };
    if staff.present == 0 {
        touched.push((at, value));
        staff.own.people += u64::from(voice.is_linked());
    }
    staff.only += u64::from(is_new);
    staff.present += 1;
    staff.own.feedback += 1;
}

impl<'t> Field<'t> {
    fn new(name: String, fold: Option<&'t Fold>) -> Self {
        Self {
            name,
            fold,
            values: vec![String::new()],
            tallies: vec![Tally::default()],
            staff: vec![Staff::default()],
        }
    }

    /// Adds a value and gives its number.
    fn value(&mut self, value: String) -> u32 {
        self.values.push(value);
        self.tallies.push(Tally::default());
        self.staff.push(Staff::default());
        u32::try_from(self.values.len() - 1).unwrap_or(0)
    }

    fn counts(self, employees: Group) -> (Vec<Count>, bool) {
        let groups: Vec<(Group, Group)> =
            self.staff.iter().map(|staff| (staff.own, staff.rest(employees))).collect();
        let hidden = hidden(&groups);
        let tallies = self.tallies.into_iter().zip(self.staff).zip(&hidden);
        let counts =
            self.values.into_iter().zip(tallies).skip(1).filter_map(|(value, ((tally, staff), hide))| {
                let (mut people, mut feedback) = (u64::from(tally.people), u64::from(tally.feedback));
                if *hide {
                    people -= staff.only;
                    feedback -= staff.own.feedback;
                }
                (feedback > 0).then_some(Count { value, name: None, people, feedback })
            });
        (counts.collect(), hidden.iter().skip(1).any(|hide| *hide))
    }
}

impl Staff {
    /// Gives the employees' feedback without this value.
    fn rest(&self, employees: Group) -> Group {
        Group { people: employees.people - self.whole, feedback: employees.feedback - self.own.feedback }
    }
}

impl<'t> Segment<'t> {
    fn none() -> Self {
        Self { ordered: None, values: Vec::new(), asked: 0..0 }
    }

    fn open(reader: &SegmentReader, columns: &'t Columns, fields: &mut [Field<'_>]) -> tantivy::Result<Self> {
        let mut segment = Self { ordered: Some(columns.ordered(reader)?), ..Self::none() };
        let facets = reader.fast_fields().bytes(FACET)?.filter(|_| !fields.is_empty());
        let Some(facets) = facets else { return Ok(segment) };
        segment.values = vec![(UNASKED, 0); facets.num_terms()];
        for (number, field) in (0u32..).zip(fields) {
            let fold = field.fold;
            let mut known: HashMap<String, u32> = field.values.iter().cloned().zip(0u32..).skip(1).collect();
            let prefix = format!("{}:", field.name);
            let mut terms = facets.dictionary().prefix_range(&prefix).into_stream()?;
            while terms.advance() {
                let value = terms.key().get(prefix.len()..).unwrap_or(&[]);
                let value = String::from_utf8_lossy(value).into_owned();
                let value = match fold.and_then(|fold| fold.groups.get(&value)) {
                    Some(Some(group)) => group.clone(),
                    Some(None) => continue,
                    None => value,
                };
                let place = usize::try_from(terms.term_ord())
                    .ok()
                    .and_then(|ordinal| segment.values.get_mut(ordinal));
                if let Some(place) = place {
                    let value = *known.entry(value).or_insert_with_key(|value| field.value(value.clone()));
                    *place = (number, value);
                }
            }
        }
        let is_asked = |value: &(u32, u32)| value.0 != UNASKED;
        let first = segment.values.iter().position(is_asked).unwrap_or(0);
        segment.asked = first..segment.values.iter().rposition(is_asked).map_or(first, |last| last + 1);
        Ok(segment)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weeks_begin_on_mondays_and_months_on_their_first() {
        let number = |day: &str| i64::from(day.parse::<Day>().unwrap().number());
        for (day, week, month) in [
            ("2026-03-05", "2026-03-02", "2026-03-01"),
            ("2026-03-02", "2026-03-02", "2026-03-01"),
            ("2026-03-01", "2026-02-23", "2026-03-01"),
            ("1969-12-31", "1969-12-29", "1969-12-01"),
        ] {
            assert_eq!(Step::Week.first(number(day)), number(week), "{day}");
            assert_eq!(Step::Month.first(number(day)), number(month), "{day}");
            assert_eq!(Step::Day.first(number(day)), number(day), "{day}");
        }
    }
}
