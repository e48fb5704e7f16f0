//! Ranges of numbers and of time, as people write them: `0..6`, `>=2`, `2026-03`, `2026-03-01..2026-03-31`.

use std::ops::Bound;

use groundswell_model::{Day, Timestamp};

use crate::numbers::{NUMBER_FIELDS, TIME_FIELDS};

/// Days further than this from 1970 are no days.
const FURTHEST_DAY: i32 = 4_000_000;

/// One bound or two on one column; all ranges of an atom must hold.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Range {
    /// A field of numbers, by name.
    Numbers(&'static str, Bound<f64>, Bound<f64>),
    /// Calendar days in the reporting zone, as numbers; both included.
    Days(Option<i64>, Option<i64>),
    /// Milliseconds since 1970: from the first, before the second.
    Moments(Option<i64>, Option<i64>),
}

/// Says whether a field holds numbers or time, and gives its name as the index spells it.
pub(crate) fn range_field(field: &str) -> Option<&'static str> {
    NUMBER_FIELDS.iter().chain(TIME_FIELDS).find(|known| **known == field).copied()
}

/// Reads the value of such a field; none where it is not to be understood or holds nothing.
pub(crate) fn range(field: &'static str, value: &str) -> Option<Vec<Range>> {
    let value = value.trim();
    let ranges = match field {
        "since" => moments(Some(value.trim_start_matches([':', '='])), None)?,
        "until" => moments(None, Some(value.trim_start_matches([':', '='])))?,
        "time" => match Written::read(value) {
            Written::One(value) => moments(Some(value), Some(value))?,
            Written::Between(from, to) => moments(from, to)?,
            Written::Compared(sign, value) => compared(sign, value)?,
        },
        _ => vec![numbers(field, value)?],
    };
    (!ranges.is_empty()).then_some(ranges)
}

/// How a range is written.
enum Written<'a> {
    One(&'a str),
    Between(Option<&'a str>, Option<&'a str>),
    Compared(&'a str, &'a str),
}

impl<'a> Written<'a> {
    fn read(value: &'a str) -> Self {
        for sign in [">=", "<=", ">", "<", "="] {
            if let Some(rest) = value.strip_prefix(sign) {
                return Self::Compared(sign, rest.trim());
            }
        }
        match value.split_once("..") {
            Some((from, to)) => {
                let some = |text: &'a str| Some(text.trim()).filter(|text| !text.is_empty() && *text != "*");
                Self::Between(some(from), some(to.trim_start_matches('.')))
            }
            None => Self::One(value),
        }
    }
}

fn numbers(field: &'static str, value: &str) -> Option<Range> {
    let number = |text: &str| text.replace(',', ".").parse::<f64>().ok().filter(|number| number.is_finite());
    let bounds = match Written::read(value) {
        Written::One(value) | Written::Compared("=", value) => {
            (Bound::Included(number(value)?), Bound::Included(number(value)?))
        }
        Written::Between(None, None) => return None,
        Written::Between(from, to) => {
            let bound = |side: Option<&str>| match side {
                Some(text) => number(text).map(Bound::Included),
                None => Some(Bound::Unbounded),
            };
            (bound(from)?, bound(to)?)
        }
        Written::Compared(">=", value) => (Bound::Included(number(value)?), Bound::Unbounded),
        Written::Compared(">", value) => (Bound::Excluded(number(value)?), Bound::Unbounded),
        Written::Compared("<=", value) => (Bound::Unbounded, Bound::Included(number(value)?)),
        Written::Compared(_, value) => (Bound::Unbounded, Bound::Excluded(number(value)?)),
    };
    Some(Range::Numbers(field, bounds.0, bounds.1))
}

fn compared(sign: &str, value: &str) -> Option<Vec<Range>> {
    match sign {
        ">=" => moments(Some(value), None),
        "<=" => moments(None, Some(value)),
        "=" => moments(Some(value), Some(value)),
        _ => match When::read(value)? {
            When::Days(_, last) if sign == ">" => Some(vec![Range::Days(Some(last + 1), None)]),
            When::Days(first, _) => Some(vec![Range::Days(None, Some(first - 1))]),
            When::Moment(at) if sign == ">" => Some(vec![Range::Moments(Some(at.checked_add(1)?), None)]),
            When::Moment(at) => Some(vec![Range::Moments(None, Some(at))]),
        },
    }
}

/// Gives the ranges from one time to another, both included.
fn moments(from: Option<&str>, to: Option<&str>) -> Option<Vec<Range>> {
    let from = from.map(When::read).map_or(Some(None), |when| when.map(Some))?;
    let to = to.map(When::read).map_or(Some(None), |when| when.map(Some))?;
    let (mut days, mut moments) = ((None, None), (None, None));
    match from {
        Some(When::Days(first, _)) => days.0 = Some(first),
        Some(When::Moment(at)) => moments.0 = Some(at),
        None => {}
    }
    match to {
        Some(When::Days(_, last)) => days.1 = Some(last),
        Some(When::Moment(at)) => moments.1 = Some(at.checked_add(1)?),
        None => {}
    }
    let mut ranges = Vec::new();
    if days != (None, None) {
        ranges.push(Range::Days(days.0, days.1));
    }
    if moments != (None, None) {
        ranges.push(Range::Moments(moments.0, moments.1));
    }
    Some(ranges)
}

/// A point in time as it was written: the first and last day of a year, a month or a day, or a moment.
#[derive(Clone, Copy)]
enum When {
    Days(i64, i64),
    Moment(i64),
}

impl When {
    fn read(text: &str) -> Option<Self> {
        if text.contains(['T', 't', ' ']) {
            return text.parse::<Timestamp>().ok().map(|moment| Self::Moment(moment.millis()));
        }
        let mut parts = text.split('-');
        let year: i32 = number(parts.next()?, 4)?;
        let month = parts.next().map(|part| number(part, 2)).map_or(Some(None), |part| part.map(Some))?;
        let day = parts.next().map(|part| number(part, 2)).map_or(Some(None), |part| part.map(Some))?;
        if parts.next().is_some() {
            return None;
        }
        let (first, last) = match (month, day) {
            (Some(month), Some(day)) => (date(year, month, day)?, date(year, month, day)?),
            (Some(12), None) => (date(year, 12, 1)?, date(year + 1, 1, 1)? - 1),
            (Some(month), None) => (date(year, month, 1)?, date(year, month + 1, 1)? - 1),
            (None, _) => (date(year, 1, 1)?, date(year + 1, 1, 1)? - 1),
        };
        Some(Self::Days(i64::from(first), i64::from(last)))
    }
}

fn number(text: &str, most_digits: usize) -> Option<i32> {
    let digits = !text.is_empty() && text.len() <= most_digits && text.bytes().all(|b| b.is_ascii_digit());
    let long_enough = most_digits < 4 || text.len() == 4;
    if digits && long_enough { text.parse().ok() } else { None }
}

fn date(year: i32, month: i32, day: i32) -> Option<i32> {
    let day: Day = format!("{year:04}-{month:02}-{day:02}").parse().ok()?;
    Some(day.number()).filter(|number| number.abs() < FURTHEST_DAY)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days(field: &'static str, value: &str) -> Option<(Option<String>, Option<String>)> {
        let shown =
            |day: Option<i64>| day.map(|day| Day::from_number(i32::try_from(day).unwrap()).to_string());
        match range(field, value)?.as_slice() {
            [Range::Days(from, to)] => Some((shown(*from), shown(*to))),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn time_is_a_day_a_month_a_year_or_a_range() {
        let pair = |from: &str, to: &str| {
            let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
            Some((some(from), some(to)))
        };
        for (field, value, found) in [
            ("time", "2026-03-05", pair("2026-03-05", "2026-03-05")),
            ("time", "2026-3-5", pair("2026-03-05", "2026-03-05")),
            ("time", "2026-02", pair("2026-02-01", "2026-02-28")),
            ("time", "2025-12", pair("2025-12-01", "2025-12-31")),
            ("time", "2026", pair("2026-01-01", "2026-12-31")),
            ("time", "2026-03-01..2026-03-31", pair("2026-03-01", "2026-03-31")),
            ("time", "2026-01..", pair("2026-01-01", "")),
            ("time", "..2026-01", pair("", "2026-01-31")),
            ("time", ">2026-01", pair("2026-02-01", "")),
            ("time", "<=2026-01", pair("", "2026-01-31")),
            ("time", "<2026-01", pair("", "2025-12-31")),
            ("since", "2026-03", pair("2026-03-01", "")),
            ("until", "2026-03-31", pair("", "2026-03-31")),
        ] {
            assert_eq!(days(field, value), found, "{field}:{value}");
        }
        for bad in
            ["", "..", "yesterday", "2026-13", "2026-02-30", "26-01-01", "2026-01-01-01", "99999", "=", ">"]
        {
            assert_eq!(range("time", bad), None, "{bad}");
        }
    }

    #[test]
    fn moments_are_exact() {
        let at = "2026-03-01T10:00:00Z";
        let millis = at.parse::<Timestamp>().unwrap().millis();
        assert_eq!(range("since", at), Some(vec![Range::Moments(Some(millis), None)]));
        assert_eq!(range("until", at), Some(vec![Range::Moments(None, Some(millis + 1))]));
        let mixed = range("time", &format!("2026-02-28..{at}")).unwrap();
        assert!(matches!(mixed.as_slice(), [Range::Days(Some(_), None), Range::Moments(None, Some(_))]));
    }

    #[test]
    fn numbers_have_bounds_on_either_side() {
        use Bound::{Excluded, Included, Unbounded};
        for (value, low, high) in [
            ("0..6", Included(0.0), Included(6.0)),
            ("2..", Included(2.0), Unbounded),
            ("..2,5", Unbounded, Included(2.5)),
            (">=2", Included(2.0), Unbounded),
            (">2", Excluded(2.0), Unbounded),
            ("<2", Unbounded, Excluded(2.0)),
            ("-1", Included(-1.0), Included(-1.0)),
        ] {
            assert_eq!(range("score", value), Some(vec![Range::Numbers("score", low, high)]), "{value}");
        }
        for bad in ["", "..", "many", "1..many", "nan", "inf", ">=", "1e999"] {
            assert_eq!(range("score", bad), None, "{bad}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_value_is_too_strange(value in "[0-9<>=.,:TZ*-]{0,30}|.{0,30}") {
            for field in NUMBER_FIELDS.iter().chain(TIME_FIELDS) {
                let _ = range(field, &value);
            }
        }
    }
}
