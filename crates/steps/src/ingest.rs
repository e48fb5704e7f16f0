//! Raw record in, outcomes out: each item becomes a part, a customer, a deletion, a skip or a refusal. Nothing is lost.

use groundswell_adapters::{Adaptation, Adapted, Pipeline, adapt};
use groundswell_annotate::{AnnotateError, Annotator, CODE_VERSION};
use groundswell_model::part::EncodedPart;
use groundswell_model::{Customer, Part, ProcessingVersion, RawRecord, RespondentHasher};
use groundswell_text::Redactor;

use crate::error::Refusal;
use crate::part::Workshop;

/// Turns raw records into what the `feedback` topic holds.
pub struct Ingester {
    redactor: Redactor,
    annotator: Annotator,
    hasher: RespondentHasher,
}

/// What an import or a replay says about a raw record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Provenance {
    /// How many identical rows came before it.
    pub occurrence: u64,
    /// Processing generation; the pipeline's version if absent.
    pub generation: Option<u64>,
}

/// An item that is ready to be written, with the fields that were ignored.
#[derive(Clone, Debug, PartialEq)]
pub enum Ready {
    /// A part of a feedback.
    Part {
        /// The part.
        part: Box<Part>,
        /// Fields that were not known, as JSON pointers or column names.
        ignored: Vec<String>,
    },
    /// A customer record.
    Customer(Box<Customer>),
    /// Not feedback, for this reason.
    Skip(&'static str),
}

/// The fate of one item.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// A part, as it is stored.
    Part {
        /// The part's key, rank and bytes.
        encoded: EncodedPart,
        /// The key's feedback id, by which it is partitioned.
        id: String,
        /// Whether it is a deletion.
        deleted: bool,
    },
    /// A customer record, as it is stored.
    Customer {
        /// Its key in the topic, by which it is partitioned.
        key: String,
        /// Canonical JSON.
        bytes: Vec<u8>,
        /// Whether it is a deletion.
        deleted: bool,
    },
    /// Not feedback, for this reason.
    Skip(&'static str),
    /// It could not be used.
    Refused(Refusal),
}

impl Ingester {
    /// Builds the redactor and the annotator.
    ///
    /// # Errors
    /// [`AnnotateError`] when the shipped cues are faulty, which a test rules out.
    pub fn new(hasher: RespondentHasher) -> Result<Self, AnnotateError> {
        Ok(Self { redactor: Redactor::new(), annotator: Annotator::new()?, hasher })
    }

    /// Gives the annotator.
    pub fn annotator(&self) -> &Annotator {
        &self.annotator
    }

    /// Gives the redactor.
    pub fn redactor(&self) -> &Redactor {
        &self.redactor
    }

    /// Adapts, normalises, redacts and annotates every item of a raw record, in order.
    pub fn items(
        &self,
        pipeline: &Pipeline,
        raw: &RawRecord<'_>,
        provenance: Provenance,
    ) -> Vec<Result<Ready, Refusal>> {
        self.finish(adapt(pipeline, raw), pipeline, raw, provenance)
    }

    /// Makes what a record without a value stands for: the deletion of the record that its key names.
    pub fn deletion(&self, pipeline: &Pipeline, raw: &RawRecord<'_>, provenance: Provenance) -> Vec<Outcome> {
        let adapted = groundswell_adapters::deletion(pipeline, raw);
        self.finish(adapted, pipeline, raw, provenance).into_iter().map(encode).collect()
    }

    fn finish(
        &self,
        adapted: Vec<Adaptation>,
        pipeline: &Pipeline,
        raw: &RawRecord<'_>,
        provenance: Provenance,
    ) -> Vec<Result<Ready, Refusal>> {
        let workshop = Workshop {
            redactor: &self.redactor,
            annotator: &self.annotator,
            hasher: &self.hasher,
            pipeline,
            processing: ProcessingVersion {
                code: CODE_VERSION,
                generation: provenance.generation.unwrap_or(pipeline.version),
            },
        };
        let item = |(index, item): (usize, Adaptation)| match item {
            Err(error) => Err(Refusal::new(error.code(), error.to_string())),
            Ok(Adapted::Skip(reason)) => Ok(Ready::Skip(reason)),
            Ok(Adapted::Customer(draft)) => {
                workshop.customer(*draft, raw).map(|customer| Ready::Customer(Box::new(customer)))
            }
            Ok(Adapted::Feedback(mut draft)) => {
                let ignored = std::mem::take(&mut draft.ignored);
                let occurrence = provenance.occurrence | (index as u64) << 40;
                let part = workshop.part(*draft, raw, occurrence)?;
                let empty = part.content.statements.is_empty() && part.content.answers.is_empty();
                if empty && !part.deleted {
                    return Ok(Ready::Skip("empty"));
                }
                Ok(Ready::Part { part: Box::new(part), ignored })
            }
        };
        adapted.into_iter().enumerate().map(item).collect()
    }

    /// Does the same, and writes each item as it is stored.
    pub fn outcomes(&self, pipeline: &Pipeline, raw: &RawRecord<'_>, provenance: Provenance) -> Vec<Outcome> {
        self.items(pipeline, raw, provenance).into_iter().map(encode).collect()
    }
}

fn encode(item: Result<Ready, Refusal>) -> Outcome {
    match item {
        Err(refusal) => Outcome::Refused(refusal),
        Ok(Ready::Skip(reason)) => Outcome::Skip(reason),
        Ok(Ready::Part { part, .. }) => match part.encode() {
            Ok(encoded) => Outcome::Part { encoded, id: part.id.to_string(), deleted: part.deleted },
            Err(error) => Outcome::Refused(Refusal::new("ingest.unencodable", error.to_string())),
        },
        Ok(Ready::Customer(customer)) => match serde_json::to_vec(&customer) {
            Ok(bytes) => {
                Outcome::Customer { key: customer.key.to_string(), bytes, deleted: customer.deleted }
            }
            Err(_) => {
                Outcome::Refused(Refusal::new("ingest.unencodable", "the customer record cannot be written"))
            }
        },
    }
}
