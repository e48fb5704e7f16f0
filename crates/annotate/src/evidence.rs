//! Structured evidence: which rows of a journey map's table a feedback meets.

use groundswell_model::{GapType, JourneyMap, Timestamp};

use crate::AnnotateError;
use crate::mapper::Evidence;
use crate::phase::day;

/// A row of the table, ready to be compared.
pub(crate) struct Rule {
    field: Field,
    values: Vec<String>,
    ranges: Vec<(i64, i64)>,
    /// Log-likelihood ratio by the stage's place in the map.
    pub(crate) weights: Vec<(usize, f32)>,
}

enum Field {
    Channel,
    Kind,
    Tenure,
    Term,
    Gap,
    Touchpoint,
    Context(String),
}

impl Field {
    fn name(&self) -> &str {
        match self {
            Self::Channel => "channel",
            Self::Kind => "kind",
            Self::Tenure => "tenure",
            Self::Term => "term",
            Self::Gap => "gap",
            Self::Touchpoint => "touchpoint",
            Self::Context(name) => name,
        }
    }

    fn of(name: &str) -> Self {
        match name {
            "channel" => Self::Channel,
            "kind" => Self::Kind,
            "tenure" => Self::Tenure,
            "term" => Self::Term,
            "gap" => Self::Gap,
            "touchpoint" => Self::Touchpoint,
            other => Self::Context(other.to_owned()),
        }
    }
}

/// What met a row: a value of the table by its place, or a number of days.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Seen {
    Value(usize),
    Days(i64),
}

/// What is known of a feedback beside its words.
pub(crate) struct Facts<'a> {
    pub(crate) given: &'a Evidence<'a>,
    /// The gap type of its likeliest unmet expectation.
    pub(crate) gap: Option<GapType>,
    pub(crate) touchpoint: Option<&'a str>,
}

/// Reads the table of a map.
pub(crate) fn rules(map: &JourneyMap) -> Result<Vec<Rule>, AnnotateError> {
    let stage = |code| map.stages.iter().position(|stage| &stage.code == code);
    let mut out = Vec::with_capacity(map.evidence.len());
    for (index, row) in map.evidence.iter().enumerate() {
        let field = Field::of(&row.field);
        let ranged = matches!(field, Field::Tenure | Field::Term);
        let fault = |what| AnnotateError::Map { key: format!("evidence[{index}].values"), what };
        let ranges = if ranged {
            row.values
                .iter()
                .map(|value| range(value).ok_or_else(|| fault("not a range of days such as 0..30")))
                .collect::<Result<_, _>>()?
        } else {
            Vec::new()
        };
        if row.weights.values().any(|weight| !weight.is_finite()) {
            return Err(AnnotateError::Map {
                key: format!("evidence[{index}].weights"),
                what: "not a finite number",
            });
        }
        let weights = row.weights.iter().filter_map(|(code, weight)| Some((stage(code)?, *weight))).collect();
        let values = if ranged { Vec::new() } else { row.values.iter().map(|value| even(value)).collect() };
        out.push(Rule { field, values, ranges, weights });
    }
    Ok(out)
}

impl Rule {
    /// Gives what was seen where the row is met.
    pub(crate) fn met(&self, facts: &Facts<'_>) -> Option<Seen> {
        let given = facts.given;
        match &self.field {
            Field::Channel => self.value(given.channel),
            Field::Kind => self.value(given.kind?.as_str()),
            Field::Gap => self.value(facts.gap?.as_str()),
            Field::Touchpoint => self.value(facts.touchpoint?),
            Field::Tenure => self.days(days_between(given.clock.activated_at?, given.occurred_at?)),
            Field::Term => self.days(days_between(given.occurred_at?, given.clock.term_ends_at?)),
            Field::Context(name) => self.value(given.context.get(name)?),
        }
    }

    /// Writes out what was seen, such as `context order_status=lost`; values are those of the table.
    pub(crate) fn show(&self, seen: Seen) -> String {
        let value = |index: usize| self.values.get(index).map_or("", String::as_str);
        match (&self.field, seen) {
            (Field::Context(name), Seen::Value(index)) => format!("context {name}={}", value(index)),
            (field, Seen::Value(index)) => format!("{} {}", field.name(), value(index)),
            (field, Seen::Days(days)) => format!("{} {days} d", field.name()),
        }
    }

    fn value(&self, value: &str) -> Option<Seen> {
        self.values.iter().position(|known| same(known, value)).map(Seen::Value)
    }

    fn days(&self, days: i64) -> Option<Seen> {
        self.ranges.iter().any(|(from, to)| (*from..=*to).contains(&days)).then_some(Seen::Days(days))
    }
}

fn days_between(from: Timestamp, to: Timestamp) -> i64 {
    day(to) - day(from)
}

/// Reads `0..30`, `31..` or `..60`: days, both ends included.
fn range(text: &str) -> Option<(i64, i64)> {
    let (from, to) = text.split_once("..")?;
    let bound =
        |text: &str, open: i64| if text.trim().is_empty() { Some(open) } else { text.trim().parse().ok() };
    let (from, to) = (bound(from, i64::MIN)?, bound(to, i64::MAX)?);
    (from <= to).then_some((from, to))
}

/// Writes a value as the table does: lower case, spaces and dashes as underscores.
fn even(value: &str) -> String {
    value
        .trim()
        .chars()
        .flat_map(char::to_lowercase)
        .map(|sign| if sign == ' ' || sign == '-' { '_' } else { sign })
        .collect()
}

/// Compares a value with one of the table without writing it anew.
fn same(known: &str, value: &str) -> bool {
    let value = value.trim();
    if value.is_ascii() {
        return known.len() == value.len()
            && known.bytes().zip(value.bytes()).all(|(known, value)| {
                let value = if matches!(value, b' ' | b'-') { b'_' } else { value.to_ascii_lowercase() };
                known == value
            });
    }
    known == even(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_compared_evenly() {
        assert!(same("out_for_delivery", " Out for-Delivery "));
        assert!(same("zurück_gesandt", "Zurück gesandt"));
        assert!(!same("lost", "lost_in_transit"));
    }

    #[test]
    fn ranges_have_open_ends() {
        assert_eq!(range("0..30"), Some((0, 30)));
        assert_eq!(range("31.."), Some((31, i64::MAX)));
        assert_eq!(range("30..0"), None);
        assert_eq!(range("30"), None);
    }
}
