//! Feedback made for tests, and an index in a folder of its own.

use groundswell_model::{
    Annotation, Day, Feedback, FeedbackId, Fingerprint, Gap, GapType, Kind, Mapped, Mapping, Origin,
    Respondent, RespondentHasher, RespondentKey, Sentiment, SentimentLabel, Speaker, Statement, Timestamp,
    Unmet, UnmetKind, Version,
};
use tempfile::TempDir;

use crate::{Checkpoint, Filter, Index, IndexSettings, Opened, Query, Writer};

pub const LOG: &str = "log-a";

/// An index and the folder that holds it.
pub struct Bed {
    pub folder: TempDir,
    pub index: Index,
}

pub fn settings() -> IndexSettings {
    IndexSettings { writer_bytes: 15_000_000, verify: true }
}

impl Bed {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (index, opened) = Index::open(&folder.path().join("index"), LOG, &settings()).unwrap();
        assert_eq!(opened, Opened::Ready);
        Self { folder, index }
    }

    /// Makes an index that holds these feedback.
    pub fn with(all: &[Mapped]) -> Self {
        let bed = Self::new();
        let mut writer = bed.index.writer().unwrap();
        add(&mut writer, all);
        writer.commit(&at(all.len() as u64)).unwrap();
        bed
    }

    /// Opens the folder again.
    pub fn again(self) -> Self {
        let Self { folder, index } = self;
        drop(index);
        let (index, opened) = Index::open(&folder.path().join("index"), LOG, &settings()).unwrap();
        assert_eq!(opened, Opened::Ready);
        Self { folder, index }
    }

    /// Gives the source's record ids of the hits, in order.
    pub fn found(&self, text: &str) -> Vec<String> {
        let query = Query { text: text.to_owned(), limit: 100, ..Query::default() };
        self.index.search(&query).unwrap().hits.into_iter().map(|hit| hit.record.unwrap()).collect()
    }

    pub fn dump(&self) -> Vec<String> {
        let mut lines = Vec::new();
        self.index.dump(&mut |_, line| lines.push(line.to_owned())).unwrap();
        lines
    }
}

pub fn add(writer: &mut Writer, all: &[Mapped]) {
    for mapped in all {
        writer.upsert(mapped, day_of(mapped)).unwrap();
    }
}

pub fn day_of(mapped: &Mapped) -> Day {
    groundswell_model::Zone::utc().day(mapped.feedback.content.occurred_at)
}

pub fn at(next: u64) -> Checkpoint {
    let mut checkpoint = Checkpoint::start(LOG);
    checkpoint.positions.insert(0, next);
    checkpoint
}

pub fn id(record: &str) -> FeedbackId {
    FeedbackId::of_record("zendesk", "", record)
}

pub fn person(name: &str) -> RespondentKey {
    RespondentHasher::new([3; 32]).respondent("email", name)
}

/// A complaint in English at the stage of fulfilment.
pub fn said(record: &str, text: &str) -> Mapped {
    let content = serde_json::json!({
        "source": {"system": "zendesk", "record": record, "url": format!("https://example.com/{record}")},
        "kind": "complaint", "channel": "email", "occurred_at": "2026-03-05T10:00:00.000Z",
    });
    let feedback = Feedback {
        id: id(record),
        parts: vec!["main".to_owned()],
        deleted: false,
        content: serde_json::from_value(content).unwrap(),
        received_at: Timestamp::from_millis(0),
    };
    let mapping = Mapping {
        stage: "fulfilment".parse().unwrap(),
        probability: 0.9,
        voiced_at: None,
        because: Vec::new(),
        touchpoint: None,
        phase: None,
        tenure_days: None,
        gaps: Vec::new(),
        theme: None,
        issue: None,
        corrected_by: None,
        versions: std::collections::BTreeMap::new(),
    };
    let mapped = Mapped { feedback, mapping: Some(mapping), version: Version { epoch: 1, sequence: 1 } };
    mapped.with_statement(Speaker::Customer, Some("en"), text)
}

/// Changes to a feedback, one at a time.
pub trait But: Sized {
    fn with_statement(self, speaker: Speaker, language: Option<&str>, text: &str) -> Self;
    fn language(self, language: &str) -> Self;
    fn by(self, name: &str) -> Self;
    fn kind(self, kind: Kind) -> Self;
    fn stage(self, stage: &str) -> Self;
    fn gap(self, gap: GapType) -> Self;
    fn on(self, time: &str) -> Self;
    fn segment(self, name: &str, value: &str) -> Self;
    /// Gives every statement a near-duplicate signature.
    fn signed(self, signature: u64) -> Self;
    fn version(self, epoch: u64, sequence: u64) -> Self;
    fn deleted(self) -> Self;
}

impl But for Mapped {
    fn with_statement(mut self, speaker: Speaker, language: Option<&str>, text: &str) -> Self {
        let language = language.map(str::to_owned);
        let statement =
            Statement { question: None, speaker, text: text.to_owned(), language, annotation: None };
        self.feedback.content.statements.push(statement);
        self
    }

    fn language(mut self, language: &str) -> Self {
        for statement in &mut self.feedback.content.statements {
            statement.language = Some(language.to_owned());
        }
        self
    }

    fn by(mut self, name: &str) -> Self {
        self.feedback.content.respondent = Some(Respondent { key: person(name), account: None });
        self
    }

    fn kind(mut self, kind: Kind) -> Self {
        self.feedback.content.kind = kind;
        self
    }

    fn stage(mut self, stage: &str) -> Self {
        self.mapping.as_mut().unwrap().stage = stage.parse().unwrap();
        self
    }

    fn gap(mut self, gap: GapType) -> Self {
        self.mapping.as_mut().unwrap().gaps.push(Gap {
            gap,
            cause: None,
            origin: Origin::Norm,
            promise: None,
        });
        self
    }

    fn on(mut self, time: &str) -> Self {
        self.feedback.content.occurred_at = time.parse().unwrap();
        self
    }

    fn segment(mut self, name: &str, value: &str) -> Self {
        self.feedback.content.segments.insert(name.to_owned(), value.to_owned());
        self
    }

    fn signed(mut self, signature: u64) -> Self {
        let sentiment = Sentiment { label: SentimentLabel::Negative, score: -0.5 };
        let annotation = Annotation {
            sentiment,
            unmet: Unmet { probability: 0.5, kind: UnmetKind::Explicit },
            expectations: Vec::new(),
            embedding: None,
            near_duplicate: Some(Fingerprint(signature)),
        };
        for statement in &mut self.feedback.content.statements {
            statement.annotation = Some(annotation.clone());
        }
        self
    }

    fn version(mut self, epoch: u64, sequence: u64) -> Self {
        self.version = Version { epoch, sequence };
        self
    }

    fn deleted(mut self) -> Self {
        self.feedback.deleted = true;
        self.feedback.content.statements.clear();
        self.mapping = None;
        self
    }
}

pub fn filter(field: &str, values: &[&str]) -> Vec<Filter> {
    vec![Filter { field: field.to_owned(), values: values.iter().map(|value| (*value).to_owned()).collect() }]
}

/// A query for everything, with these facets.
pub fn counting(facets: &[&str]) -> Query {
    Query { limit: 100, facets: facets.iter().map(|facet| (*facet).to_owned()).collect(), ..Query::default() }
}
