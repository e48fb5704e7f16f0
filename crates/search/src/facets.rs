//! What a feedback can be filtered and counted by: `field:value`, bounded in number and length.

use groundswell_model::{Feedback, FeedbackId, Kind, Mapped, Mapping, Outcome, Speaker, Statement};

use crate::SearchError;

/// The fields to filter and count by, beside `segment.<name>`.
pub const FACET_FIELDS: &[&str] = &[
    "kind",
    "source",
    "channel",
    "stage",
    "voiced_at",
    "touchpoint",
    "phase",
    "gap",
    "outcome",
    "sentiment",
    "language",
    "product",
    "version",
    "region",
    "unit",
    "theme",
    "issue",
];

/// What the fields of customer segments begin with.
pub const SEGMENT_PREFIX: &str = "segment.";

/// Longer values are cut, in bytes; the same way in a query.
const LONGEST_VALUE: usize = 100;
/// Longer names of segments are cut, in bytes.
const LONGEST_NAME: usize = 40;
/// Further segments of one feedback are not indexed.
const MOST_SEGMENTS: usize = 32;

/// The term of the feedback of employees.
pub(crate) const EMPLOYEES: &str = "kind:employee";

/// The facets of one feedback, in one buffer that is used again.
#[derive(Debug, Default)]
pub(crate) struct Facets {
    terms: String,
    ends: Vec<usize>,
}

impl Facets {
    /// Gives the terms in the order in which they were added.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &str> {
        let mut from = 0;
        self.ends.iter().map(move |&end| {
            let term = self.terms.get(from..end).unwrap_or("");
            from = end;
            term
        })
    }

    /// Replaces the facets by those of a feedback that is not deleted.
    pub(crate) fn fill(&mut self, mapped: &Mapped) {
        self.terms.clear();
        self.ends.clear();
        let content = &mapped.feedback.content;
        self.add("kind", content.kind.as_str());
        self.add("source", &content.source.system);
        self.add("channel", &content.channel);
        let subject = &content.subject;
        self.maybe("product", subject.product.as_deref());
        self.maybe("version", subject.version.as_deref());
        self.maybe("region", subject.region.as_deref());
        self.maybe("unit", subject.unit.as_deref());
        for (name, value) in content.segments.iter().take(MOST_SEGMENTS) {
            self.add(&segment_field(name), value);
        }
        self.said(&mapped.feedback);
        if let Some(mapping) = &mapped.mapping {
            self.mapping(mapping);
        }
    }

    fn mapping(&mut self, mapping: &Mapping) {
        self.add("stage", mapping.stage.as_str());
        self.maybe("voiced_at", mapping.voiced_at.as_ref().map(|stage| stage.as_str()));
        self.maybe("touchpoint", mapping.touchpoint.as_ref().map(|touchpoint| touchpoint.as_str()));
        self.maybe("phase", mapping.phase.map(|phase| phase.as_str()));
        self.maybe("theme", mapping.theme.as_deref());
        self.maybe("issue", mapping.issue.as_deref());
        for gap in &mapping.gaps {
            self.add("gap", gap.gap.as_str());
            self.add("outcome", Outcome::Unmet.as_str());
        }
    }

    fn said(&mut self, feedback: &Feedback) {
        for statement in spoken(feedback) {
            self.maybe("language", statement.language.as_deref());
            let Some(annotation) = &statement.annotation else { continue };
            self.add("sentiment", annotation.sentiment.label.as_str());
            for expectation in &annotation.expectations {
                self.add("outcome", expectation.outcome.as_str());
            }
        }
    }

    fn maybe(&mut self, field: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.add(field, value);
        }
    }

    /// Adds a facet once.
    fn add(&mut self, field: &str, value: &str) {
        let from = self.terms.len();
        if !write_term(field, value, &mut self.terms) {
            return;
        }
        let (before, term) = self.terms.split_at(from);
        let mut start = 0;
        let known = self.ends.iter().any(|&end| {
            let same = before.get(start..end) == Some(term);
            start = end;
            same
        });
        if known {
            self.terms.truncate(from);
        } else {
            self.ends.push(self.terms.len());
        }
    }
}

/// Gives the statements of the one who gives the feedback; an agent's words are context.
pub(crate) fn spoken(feedback: &Feedback) -> impl Iterator<Item = &Statement> {
    feedback.content.statements.iter().filter(|statement| statement.speaker != Speaker::Agent)
}

/// Gives the term of a value, cut as in the index; none where nothing is left of the value.
pub(crate) fn facet_term(field: &str, value: &str) -> Option<String> {
    let mut term = String::new();
    write_term(field, value, &mut term).then_some(term)
}

/// Checks a field of a filter or facet, and gives it as the index spells it.
pub(crate) fn facet_field(field: &str) -> Result<String, SearchError> {
    if let Some(name) = field.strip_prefix(SEGMENT_PREFIX).filter(|name| !name.trim().is_empty()) {
        return Ok(segment_field(name));
    }
    match FACET_FIELDS.contains(&field) {
        true => Ok(field.to_owned()),
        false => Err(SearchError::UnknownField { field: field.chars().take(64).collect() }),
    }
}

fn segment_field(name: &str) -> String {
    let mut field = String::with_capacity(SEGMENT_PREFIX.len() + name.len());
    field.push_str(SEGMENT_PREFIX);
    field.extend(
        cut(name.trim(), LONGEST_NAME).chars().map(|c| if c == ':' || c.is_whitespace() { '_' } else { c }),
    );
    field
}

fn write_term(field: &str, value: &str, out: &mut String) -> bool {
    let value = cut(value.trim(), LONGEST_VALUE).trim_end();
    if value.is_empty() {
        return false;
    }
    out.push_str(field);
    out.push(':');
    out.push_str(value);
    true
}

/// Cuts a text to a number of bytes, between characters.
fn cut(text: &str, bytes: usize) -> &str {
    text.get(..text.floor_char_boundary(bytes)).unwrap_or(text)
}

/// Who said something, in 64 bits: 62 of the respondent's key (or of the feedback's id where there is none), whether it
/// was said as an employee, and whether nobody is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Person(pub u64);

impl Person {
    const UNLINKED: u64 = 1;
    const EMPLOYEE: u64 = 2;

    pub(crate) fn of(feedback: &Feedback) -> Self {
        let (bytes, flag) = match &feedback.content.respondent {
            Some(respondent) => (*respondent.key.as_bytes(), 0),
            None => (*FeedbackId::as_bytes(&feedback.id), Self::UNLINKED),
        };
        let hash = bytes.iter().take(8).fold(0u64, |hash, &byte| (hash << 8) | u64::from(byte));
        let employee = if feedback.content.kind == Kind::Employee { Self::EMPLOYEE } else { 0 };
        Self((hash & !3) | employee | flag)
    }

    /// Gives what is the same for one person in all roles.
    pub(crate) fn who(self) -> u64 {
        self.0 & !Self::EMPLOYEE
    }

    pub(crate) fn is_employee(self) -> bool {
        self.0 & Self::EMPLOYEE != 0
    }

    pub(crate) fn is_linked(self) -> bool {
        self.0 & Self::UNLINKED == 0
    }
}
