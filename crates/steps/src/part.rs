//! A draft becomes a part or a customer record: normalised, redacted, annotated, hashed. After this nothing derived from
//! unredacted text is left but the id of a row without a record id.

use std::collections::BTreeSet;

use groundswell_adapters::Pipeline;
use groundswell_annotate::Annotator;
use groundswell_model::feedback::Content;
use groundswell_model::{
    Customer, CustomerDraft, Draft, DraftStatement, FeedbackId, Fingerprint, Identity, Mark, Part,
    ProcessingVersion, RawRecord, Respondent, RespondentHasher, RespondentKey, Revision, Source, Speaker,
    Statement, Subject, Timestamp,
};
use groundswell_text::{Known, Language, Redactor, identify, normalise};

use crate::error::Refusal;
use crate::fields::Cleaner;

/// Most statements of one part.
const MAX_STATEMENTS: usize = 100;
/// Most answers of one part.
const MAX_ANSWERS: usize = 200;
/// How far a source's clock may be ahead of ours.
const CLOCK_TOLERANCE_MS: i64 = 5 * 60 * 1000;

/// What turning drafts into records needs.
pub(crate) struct Workshop<'a> {
    pub redactor: &'a Redactor,
    pub annotator: &'a Annotator,
    pub hasher: &'a RespondentHasher,
    pub pipeline: &'a Pipeline,
    pub processing: ProcessingVersion,
}

impl Workshop<'_> {
    /// Makes the part of a draft. `occurrence` tells identical rows without a record id apart.
    pub fn part(&self, draft: Draft, raw: &RawRecord<'_>, occurrence: u64) -> Result<Part, Refusal> {
        for (index, answer) in draft.answers.iter().enumerate() {
            if !answer.scale.holds(answer.value) {
                return Err(Refusal::new(
                    "ingest.out_of_scale",
                    format!("answer {index} lies outside its scale"),
                ));
            }
        }
        let id = self.id(&draft, raw, occurrence);
        let known: Vec<_> =
            draft.personal.iter().map(|known| Known { kind: known.kind, value: &known.value }).collect();
        let mut cleaner = Cleaner::new(self.redactor, known);
        let mut marks = BTreeSet::new();
        let occurred_at = moment(draft.occurred_at, raw.received_at, &mut marks);
        let mut content = Content {
            source: Source { url: None, ..draft.source.clone() },
            kind: draft.kind,
            channel: cleaner.field(&draft.channel).unwrap_or_else(|| "unknown".to_owned()),
            occurred_at,
            respondent: None,
            clock: draft.clock,
            segments: Default::default(),
            subject: Subject::default(),
            context: Default::default(),
            statements: Vec::new(),
            answers: Vec::new(),
            handling: Default::default(),
            attributes: Default::default(),
            redactions: Default::default(),
            marks: BTreeSet::new(),
        };
        if !draft.deleted {
            self.fill(&mut content, &draft, &mut cleaner, &mut marks);
        }
        if cleaner.cut {
            marks.insert(Mark::FieldsCut);
        }
        content.redactions = cleaner.redactions;
        content.marks = marks;
        Ok(Part {
            id,
            part: draft.part,
            delivery: draft.delivery,
            revision: revision(draft.revision, raw),
            deleted: draft.deleted,
            processing: self.processing,
            pipeline: self.pipeline.name.clone(),
            content,
            received_at: raw.received_at,
        })
    }

    /// Makes the record of a customer.
    pub fn customer(&self, draft: CustomerDraft, raw: &RawRecord<'_>) -> Result<Customer, Refusal> {
        let mut keys = self.keys(&draft.identities);
        if keys.is_empty() {
            return Err(Refusal::new(
                "ingest.no_identity",
                "the record has no customer number, e-mail, phone or user id",
            ));
        }
        let key = keys.remove(0);
        keys.sort_unstable();
        keys.dedup();
        keys.retain(|other| *other != key);
        let mut cleaner = Cleaner::new(self.redactor, Vec::new());
        Ok(Customer {
            key,
            identities: keys,
            account: draft
                .account
                .as_deref()
                .map(|account| self.hasher.respondent("account", account.trim())),
            clock: draft.clock,
            ended_at: draft.ended_at,
            value: draft.value,
            segments: cleaner.map(draft.segments),
            revision: revision(draft.revision, raw),
            deleted: draft.deleted,
            processing: self.processing,
            pipeline: self.pipeline.name.clone(),
        })
    }

    fn fill(
        &self,
        content: &mut Content,
        draft: &Draft,
        cleaner: &mut Cleaner<'_>,
        marks: &mut BTreeSet<Mark>,
    ) {
        content.source.url = draft.source.url.as_deref().and_then(|url| cleaner.field(url));
        content.respondent = self.respondent(draft);
        content.segments = cleaner.map(draft.segments.clone());
        content.subject = subject(&draft.subject, cleaner);
        content.context = cleaner.map(draft.context.clone());
        content.attributes = cleaner.map(draft.attributes.clone());
        content.handling = draft.handling.clone();
        content.handling.status = cleaner.optional(draft.handling.status.clone());
        content.answers = draft.answers.iter().take(MAX_ANSWERS).cloned().collect();
        for answer in &mut content.answers {
            answer.question = cleaner.optional(answer.question.take());
        }
        if draft.statements.len() > MAX_STATEMENTS || draft.answers.len() > MAX_ANSWERS {
            marks.insert(Mark::FieldsCut);
        }
        for statement in draft.statements.iter().take(MAX_STATEMENTS) {
            content.statements.extend(self.statement(statement, cleaner, marks));
        }
    }

    fn statement(
        &self,
        draft: &DraftStatement,
        cleaner: &mut Cleaner<'_>,
        marks: &mut BTreeSet<Mark>,
    ) -> Option<Statement> {
        let clean = normalise(&draft.text, draft.format, self.pipeline.limits.text_chars as usize);
        if clean.truncated {
            marks.insert(Mark::TextCut);
        }
        if clean.repaired {
            marks.insert(Mark::EncodingRepaired);
        }
        let text = cleaner.redact(&clean.text);
        if text.trim().is_empty() {
            return None;
        }
        let declared = |code: Option<&str>| code.and_then(|code| code.parse::<Language>().ok());
        let language = declared(draft.language.as_deref())
            .or_else(|| identify(&text))
            .or_else(|| declared(self.pipeline.language.as_deref()));
        if language.is_none() {
            marks.insert(Mark::LanguageUnknown);
        }
        let annotation = (draft.speaker != Speaker::Agent).then(|| self.annotator.annotate(&text, language));
        Some(Statement {
            question: cleaner.optional(draft.question.clone()),
            speaker: draft.speaker,
            language: language.map(|language| language.to_string()),
            text,
            annotation,
        })
    }

    fn respondent(&self, draft: &Draft) -> Option<Respondent> {
        let key = self.keys(&draft.respondent).into_iter().next()?;
        let account =
            draft.account.as_deref().map(|account| self.hasher.respondent("account", account.trim()));
        Some(Respondent { key, account })
    }

    /// Keys of all identities, the strongest first.
    fn keys(&self, identities: &[Identity]) -> Vec<RespondentKey> {
        let mut ordered: Vec<_> = identities.iter().collect();
        ordered.sort_by_key(|identity| identity.strength());
        ordered.into_iter().filter_map(|identity| identity.key(self.hasher)).collect()
    }

    fn id(&self, draft: &Draft, raw: &RawRecord<'_>, occurrence: u64) -> FeedbackId {
        match draft.source.record.as_deref() {
            Some(record) => FeedbackId::of_record(&draft.source.system, &draft.source.instance, record),
            None => self.hasher.row(&self.pipeline.name, raw.bytes, occurrence),
        }
    }
}

/// Longest version that is kept as it is, in bytes.
const LONGEST_VERSION: usize = 32;

/// Signature of a text that is long enough to be called copied when others post it too.
pub(crate) fn long_enough(text: &str, fingerprint: Option<Fingerprint>) -> u64 {
    const COPY_CHARS: usize = 60;
    match fingerprint {
        Some(Fingerprint(signature)) if text.len() >= COPY_CHARS => signature,
        _ => 0,
    }
}

fn subject(draft: &Subject, cleaner: &mut Cleaner<'_>) -> Subject {
    Subject {
        product: cleaner.optional(draft.product.clone()),
        version: draft.version.clone().and_then(|version| self::version(version, cleaner)),
        region: cleaner.optional(draft.region.clone()),
        unit: cleaner.optional(draft.unit.clone()),
    }
}

/// A version of four numbers reads like an address of a machine; in its own field it is none.
fn version(version: String, cleaner: &mut Cleaner<'_>) -> Option<String> {
    let numbers = version.trim();
    let is_plain = !numbers.is_empty() && numbers.len() <= LONGEST_VERSION;
    if is_plain && numbers.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') {
        return Some(numbers.to_owned());
    }
    cleaner.field(&version)
}

fn revision(by_source: Option<i64>, raw: &RawRecord<'_>) -> Revision {
    match by_source {
        Some(number) => Revision { number, by_source: true },
        None => Revision { number: raw.received_at.millis(), by_source: false },
    }
}

fn moment(said: Option<Timestamp>, received: Timestamp, marks: &mut BTreeSet<Mark>) -> Timestamp {
    let Some(said) = said else {
        marks.insert(Mark::TimeMissing);
        return received;
    };
    if said.millis() > received.millis().saturating_add(CLOCK_TOLERANCE_MS) {
        marks.insert(Mark::TimeInFuture);
    } else if said.millis() < 0 {
        marks.insert(Mark::TimeBefore1970);
    }
    said
}
