//! What a feedback can be compared by: scores as they were given, the severity of what was not met, days and moments.

use groundswell_model::{Feedback, Mapped, Metric, Size};
use tantivy::TantivyDocument;
use tantivy::schema::{Field, NumericOptions, SchemaBuilder};

use crate::facets::spoken;

/// The fields with numbers, for ranges: `score` is every score as it was given, the next five are those of one metric,
/// `severity` goes from 1 to 4.
pub const NUMBER_FIELDS: &[&str] = &["score", "nps", "csat", "ces", "stars", "effort", SEVERITY];

/// The fields of time, for ranges: `since`, `until` (that day included) and `time` (a day, a month, a year or a range).
pub const TIME_FIELDS: &[&str] = &["since", "until", "time"];

pub(crate) const SEVERITY: &str = "severity";

/// Metrics with a column of their own, in the order of [`NUMBER_FIELDS`] after the first.
const METRICS: [Metric; 5] = [Metric::Nps, Metric::Csat, Metric::Ces, Metric::Stars, Metric::Effort];
/// Further scores of one feedback are not indexed.
const MOST_SCORES: usize = 64;

/// The columns, in the order of [`NUMBER_FIELDS`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct NumberFields([Field; NUMBER_FIELDS.len()]);

impl NumberFields {
    pub(crate) fn add_to(builder: &mut SchemaBuilder) -> Self {
        let fast = NumericOptions::default().set_fast();
        Self(std::array::from_fn(|at| {
            builder.add_f64_field(NUMBER_FIELDS.get(at).copied().unwrap_or_default(), fast.clone())
        }))
    }

    /// Gives the column of a field by its name.
    pub(crate) fn get(&self, name: &str) -> Option<Field> {
        NUMBER_FIELDS.iter().zip(self.0).find(|(known, _)| **known == name).map(|(_, field)| field)
    }

    /// Adds the numbers of a feedback to its document.
    pub(crate) fn fill(&self, mapped: &Mapped, document: &mut TantivyDocument) {
        let [every, metrics @ .., severity] = self.0;
        for answer in mapped.feedback.content.answers.iter().take(MOST_SCORES) {
            if !answer.value.is_finite() {
                continue;
            }
            document.add_f64(every, answer.value);
            let of_metric = METRICS.iter().zip(metrics).find(|(metric, _)| **metric == answer.metric);
            if let Some((_, field)) = of_metric {
                document.add_f64(field, answer.value);
            }
        }
        if let Some(level) = severity_of(&mapped.feedback) {
            document.add_f64(severity, f64::from(level));
        }
    }
}

/// Gives the severity of the worst unmet expectation, 1 to 4; none where no size is known.
fn severity_of(feedback: &Feedback) -> Option<u8> {
    let annotations = spoken(feedback).filter_map(|statement| statement.annotation.as_ref());
    annotations
        .flat_map(|annotation| &annotation.expectations)
        .filter_map(|expectation| level(expectation.size.as_ref()?))
        .max()
}

/// A level as it was found, or from how many times too much or too little it was.
fn level(size: &Size) -> Option<u8> {
    if let Some(level) = size.level {
        return Some(level.clamp(1, 4));
    }
    let ratio = size.ratio.filter(|ratio| ratio.is_finite() && *ratio >= 0.0)?;
    let times = ratio.max(1.0 / ratio);
    Some(match times {
        _ if times < 1.5 => 1,
        _ if times < 2.0 => 2,
        _ if times < 4.0 => 3,
        _ => 4,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn severity_is_a_level_or_comes_from_a_ratio() {
        let size = |ratio, level| Size { ratio, delta: None, unit: None, level };
        for (size, found) in [
            (size(None, Some(3)), Some(3)),
            (size(Some(1.2), None), Some(1)),
            (size(Some(0.5), None), Some(3)),
            (size(Some(1.5), None), Some(2)),
            (size(Some(0.0), None), Some(4)),
            (size(Some(-1.0), None), None),
            (size(Some(f64::NAN), None), None),
            (size(None, None), None),
        ] {
            assert_eq!(level(&size), found, "{size:?}");
        }
    }
}
