//! Structured evidence: which rows of a journey map's table a feedback meets.

use std::collections::BTreeMap;

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
    /// Gives what was seen where the row is met, such as `context order_status=lost`.
    pub(crate) fn met(&self, facts: &Facts<'_>) -> Option<String> {
        let given = facts.given;
        match &self.field {
            Field::Channel => self.named("channel", given.channel),
            Field::Kind => self.named("kind", given.kind?.as_str()),
            Field::Gap => self.named("gap", facts.gap?.as_str()),
            Field::Touchpoint => self.named("touchpoint", facts.touchpoint?),
            Field::Tenure => self.days("tenure", days_between(given.clock.activated_at?, given.occurred_at?)),
            Field::Term => self.days("term", days_between(given.occurred_at?, given.clock.term_ends_at?)),
            Field::Context(name) => self.context(name, given.context),
        }
    }

    fn named(&self, name: &str, value: &str) -> Option<String> {
        let known = self.values.iter().find(|known| same(known, value))?;
        Some(format!("{name} {known}"))
    }

    fn context(&self, name: &str, context: &BTreeMap<String, String>) -> Option<String> {
        let value = context.get(name)?;
        let known = self.values.iter().find(|known| same(known, value))?;
        Some(format!("context {name}={known}"))
    }

    fn days(&self, name: &str, days: i64) -> Option<String> {
        self.ranges.iter().any(|(from, to)| (*from..=*to).contains(&days)).then(|| format!("{name} {days} d"))
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
