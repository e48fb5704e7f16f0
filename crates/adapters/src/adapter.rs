//! The register of adapters, and the one way in: a raw record and its pipeline in, items out.

use groundswell_model::{CustomerDraft, Draft, RawRecord, Source};

use crate::error::AdaptError;
use crate::pipeline::Pipeline;
use crate::{officevibe, slack, submission, table, typeform, zendesk};

/// What an item of a raw record turned out to be.
#[derive(Clone, Debug, PartialEq)]
pub enum Adapted {
    /// A feedback.
    Feedback(Box<Draft>),
    /// A customer record.
    Customer(Box<CustomerDraft>),
    /// Nothing to keep, with one of [`SKIPS`] as the reason.
    Skip(&'static str),
}

/// One item of a raw record: adapted, or refused with the reason.
pub type Adaptation = Result<Adapted, AdaptError>;

/// Every reason for a skip.
pub const SKIPS: &[&str] = &["empty_row", "empty", "not_feedback", "bot_message", "url_verification"];

/// One source's adapter.
#[derive(Clone, Copy, Debug)]
pub struct Adapter {
    /// The name that a pipeline gives.
    pub name: &'static str,
    /// One sentence on what it reads.
    pub about: &'static str,
    adapt: fn(&Pipeline, &RawRecord<'_>) -> Vec<Adaptation>,
}

impl Adapter {
    pub(crate) const fn new(
        name: &'static str,
        about: &'static str,
        adapt: fn(&Pipeline, &RawRecord<'_>) -> Vec<Adaptation>,
    ) -> Self {
        Self { name, about, adapt }
    }

    /// Finds an adapter by its name.
    pub fn named(name: &str) -> Option<&'static Self> {
        ADAPTERS.iter().find(|adapter| adapter.name == name)
    }
}

/// All adapters.
pub const ADAPTERS: &[Adapter] = &[
    submission::ADAPTER,
    table::ADAPTER,
    zendesk::ADAPTER,
    typeform::ADAPTER,
    officevibe::ADAPTER,
    slack::ADAPTER,
];

/// Adapts a raw record: one element per item that it holds, in order. Bytes that cannot be read give exactly one error.
pub fn adapt(pipeline: &Pipeline, raw: &RawRecord<'_>) -> Vec<Adaptation> {
    let bytes = raw.bytes.len() as u64;
    let limit = pipeline.limits.record_bytes.get();
    if bytes > limit {
        return vec![Err(AdaptError::TooLarge { bytes, limit })];
    }
    match Adapter::named(&pipeline.adapter) {
        Some(adapter) => (adapter.adapt)(pipeline, raw),
        // A parsed pipeline names a known adapter; this holds for one that was made by hand.
        None => vec![Err(AdaptError::missing("/adapter"))],
    }
}

/// Makes the deletion that a record without a value stands for, where a pipeline says that its topic is compacted by the
/// source's record id.
pub fn deletion(pipeline: &Pipeline, raw: &RawRecord<'_>) -> Vec<Adaptation> {
    let Some(key) = raw.key.filter(|key| !key.is_empty()) else {
        return vec![Err(AdaptError::missing("/key"))];
    };
    let Ok(record) = std::str::from_utf8(key) else {
        return vec![Err(AdaptError::Encoding { encoding: "UTF-8", row: None, column: None })];
    };
    let name = pipeline.source.clone();
    let source =
        Source { system: name.system, instance: name.instance, record: Some(record.to_owned()), url: None };
    let mut draft = Draft::new(source, pipeline.kind, &pipeline.channel);
    draft.deleted = true;
    vec![Ok(Adapted::Feedback(Box::new(draft)))]
}
