//! A mapped feedback becomes the row that counts it.

use std::collections::{BTreeSet, HashMap};

use groundswell_insight::{AnswerPoint, Dimension, Handled, Label, People, Row, UNKNOWN, gap_bit};
use groundswell_model::feedback::Content;
use groundswell_model::{
    Annotation, Day, Feedback, JourneyMap, Mapping, Mark, Outcome, Phase, StageCode, Statement, Timestamp,
    TouchpointCode, UnmetKind, Zone,
};

/// Numbers of the stages and touchpoints of a journey map, in its order.
#[derive(Clone, Debug)]
pub struct Numbers {
    stages: Vec<StageCode>,
    stage_numbers: HashMap<StageCode, u8>,
    touchpoint_numbers: HashMap<TouchpointCode, u8>,
}

impl Numbers {
    /// Numbers a map.
    pub fn of(map: &JourneyMap) -> Self {
        let stages: Vec<_> = map.stages.iter().map(|stage| stage.code.clone()).collect();
        let touchpoints: Vec<_> = map.touchpoints.iter().map(|touchpoint| touchpoint.code.clone()).collect();
        let number = |at: usize| u8::try_from(at).unwrap_or(UNKNOWN);
        Self {
            stage_numbers: stages.iter().enumerate().map(|(at, code)| (code.clone(), number(at))).collect(),
            touchpoint_numbers: touchpoints
                .iter()
                .enumerate()
                .map(|(at, code)| (code.clone(), number(at)))
                .collect(),
            stages,
        }
    }

    /// Gives the code of a stage's number.
    pub fn stage(&self, number: u8) -> StageCode {
        self.stages.get(usize::from(number)).cloned().unwrap_or_else(StageCode::unknown)
    }

    /// Gives the number of a stage.
    pub fn stage_number(&self, code: &StageCode) -> u8 {
        self.stage_numbers.get(code).copied().unwrap_or(UNKNOWN)
    }

    /// Makes the row of a mapped feedback.
    pub fn row(&self, feedback: &Feedback, mapping: &Mapping, zone: &Zone, people: &People) -> Row {
        let content = &feedback.content;
        let annotated = || {
            content
                .statements
                .iter()
                .filter_map(|statement| Some((statement, statement.annotation.as_ref()?)))
        };
        let mut row = Row {
            day: counting_day(feedback, zone),
            minute: u32::try_from(content.occurred_at.millis() / 60_000).unwrap_or(0),
            kind: content.kind,
            respondent: content.respondent.as_ref().map(|respondent| respondent.key),
            stage: self.stage_number(&mapping.stage),
            voiced_at: mapping.voiced_at.as_ref().map_or(UNKNOWN, |stage| self.stage_number(stage)),
            touchpoint: mapping
                .touchpoint
                .as_ref()
                .and_then(|code| self.touchpoint_numbers.get(code).copied())
                .unwrap_or(UNKNOWN),
            phase: mapping.phase.and_then(phase_number).unwrap_or(UNKNOWN),
            gaps: mapping.gaps.iter().fold(0, |bits, gap| bits | 1 << gap_bit(gap.gap)),
            outcomes: outcomes(mapping, annotated().map(|(_, annotation)| annotation)),
            sentiment: sentiment(annotated().map(|(_, annotation)| annotation)),
            quality: annotated()
                .map(|(statement, annotation)| quality(statement, annotation))
                .max()
                .unwrap_or(0),
            fingerprint: annotated().max_by_key(|(statement, _)| statement.text.len()).map_or(
                0,
                |(statement, annotation)| {
                    crate::part::long_enough(&statement.text, annotation.near_duplicate)
                },
            ),
            answers: content
                .answers
                .iter()
                .map(|answer| AnswerPoint { metric: answer.metric, scale: answer.scale, value: answer.value })
                .collect(),
            origins: 0,
            labels: labels(content, mapping, people),
            handled: handled(content).map(Box::new),
            corrected: mapping.corrected_by.is_some(),
        };
        mapping.gaps.iter().for_each(|gap| row.set_origin(gap.gap, gap.origin));
        row
    }
}

/// The day a feedback counts for: when it happened, or when it was received where the time cannot be right.
pub fn counting_day(feedback: &Feedback, zone: &Zone) -> Day {
    let unlikely = has_unlikely_time(&feedback.content.marks);
    zone.day(if unlikely { feedback.received_at } else { feedback.content.occurred_at })
}

/// Says whether the time that was said cannot be right.
pub(crate) fn has_unlikely_time(marks: &BTreeSet<Mark>) -> bool {
    marks.contains(&Mark::TimeInFuture) || marks.contains(&Mark::TimeBefore1970)
}

/// Most segments of one feedback that are counted.
const MOST_SEGMENTS: usize = 8;

/// What tells this feedback's group of customers from others, and the promises that it found broken.
fn labels(content: &Content, mapping: &Mapping, people: &People) -> Vec<Label> {
    let subject = &content.subject;
    let touchpoint = mapping.touchpoint.as_ref().map(ToString::to_string);
    let phase = mapping.phase.map(|phase| phase.to_string());
    let single = [
        (Dimension::Channel, Some(&content.channel)),
        (Dimension::Product, subject.product.as_ref()),
        (Dimension::Version, subject.version.as_ref()),
        (Dimension::Region, subject.region.as_ref()),
        (Dimension::Unit, subject.unit.as_ref()),
        (Dimension::Touchpoint, touchpoint.as_ref()),
        (Dimension::Phase, phase.as_ref()),
    ];
    let single = single.into_iter().filter_map(|(dimension, value)| Label::new(dimension, value?));
    let respondent = content.respondent.as_ref();
    let mut all = respondent.map(|respondent| people.segments(respondent.key)).unwrap_or_default();
    all.extend(content.segments.clone());
    let segments = all.iter().take(MOST_SEGMENTS);
    let segments =
        segments.filter_map(|(name, value)| Label::new(Dimension::Segment, &format!("{name}: {value}")));
    let promises = mapping.gaps.iter().filter_map(|gap| gap.promise.as_ref());
    let promises = promises.filter_map(|promise| Label::new(Dimension::Promise, promise));
    let theme = mapping.theme.as_ref().and_then(|theme| Label::new(Dimension::Theme, theme));
    single.chain(segments).chain(promises).chain(theme).collect()
}

/// A case counts where something is known of its handling. One that is over, by a status without a time, is left out: how
/// long it took is not known.
fn handled(content: &Content) -> Option<Handled> {
    const OVER: [&str; 5] = ["solved", "closed", "resolved", "done", "deleted"];
    let handling = &content.handling;
    let over = handling.status.as_deref().is_some_and(|status| OVER.contains(&status));
    let known = !handling.is_empty() && (handling.closed_at.is_some() || !over);
    known.then(|| Handled {
        told: content.occurred_at.millis(),
        answered: handling.first_response_at.map(Timestamp::millis),
        closed: handling.closed_at.map(Timestamp::millis),
        confirmed: handling.confirmed_by_customer,
    })
}

fn phase_number(phase: Phase) -> Option<u8> {
    Phase::ALL.iter().position(|other| *other == phase).and_then(|at| u8::try_from(at).ok())
}

fn outcomes<'a>(mapping: &Mapping, annotations: impl Iterator<Item = &'a Annotation>) -> u8 {
    let bit = |outcome: Outcome| 1 << Outcome::ALL.iter().position(|other| *other == outcome).unwrap_or(0);
    let mut bits = if mapping.gaps.is_empty() { 0 } else { bit(Outcome::Unmet) };
    for expectation in annotations.flat_map(|annotation| &annotation.expectations) {
        if expectation.outcome != Outcome::Unmet {
            bits |= bit(expectation.outcome);
        }
    }
    bits
}

#[expect(clippy::cast_possible_truncation, reason = "the score lies between -1 and 1")]
fn sentiment<'a>(annotations: impl Iterator<Item = &'a Annotation>) -> i8 {
    let (sum, count) = annotations
        .fold((0.0, 0.0), |(sum, count), annotation| (sum + annotation.sentiment.score, count + 1.0));
    if count > 0.0 { (100.0_f32 * sum / count).clamp(-100.0, 100.0) as i8 } else { 0 }
}

/// How well a statement can be quoted: it says what was expected, in a length that can be read, with little removed.
fn quality(statement: &Statement, annotation: &Annotation) -> u8 {
    let base = match annotation.unmet.kind {
        UnmetKind::Explicit => 120,
        UnmetKind::Implied => 70,
        UnmetKind::None => 20,
    };
    let both = annotation.expectations.iter().any(|e| e.expected.is_some() && e.happened.is_some());
    let length = match statement.text.len() {
        0..30 => 0,
        30..60 => 30,
        60..320 => 60,
        320..700 => 40,
        _ => 10,
    };
    let removed = statement.text.matches('[').count().min(4) as u8 * 10;
    (base + if both { 40 } else { 0 } + length as u8).saturating_sub(removed)
}
