//! The adapter `submission`: our own `submission.v1`, one JSON object a record. Fields that it does not know are named
//! and change nothing.

use std::collections::BTreeMap;

use groundswell_model::draft::DraftStatement;
use groundswell_model::submission::{SubmittedAnswer, SubmittedRespondent, SubmittedStatement};
use groundswell_model::{
    Answer, Delivery, Draft, Identity, Kind, KnownValue, RawRecord, Source, Speaker, Submission,
};
use groundswell_text::PersonalKind;

use crate::adapter::{Adaptation, Adapted, Adapter};
use crate::error::AdaptError;
use crate::json;
use crate::pipeline::Pipeline;

pub(crate) const ADAPTER: Adapter =
    Adapter::new("submission", "Our own format, submission.v1: one JSON object per feedback.", adapt);

fn adapt(pipeline: &Pipeline, raw: &RawRecord<'_>) -> Vec<Adaptation> {
    vec![read(pipeline, raw)]
}

fn read(pipeline: &Pipeline, raw: &RawRecord<'_>) -> Adaptation {
    let text = json::text(raw)?;
    let (submission, ignored) = json::read_strictly::<Submission>(text)?;
    let mut draft = draft(pipeline, submission)?;
    draft.ignored.extend(ignored);
    if !pipeline.attributes.is_empty() {
        keep(pipeline, text, &mut draft);
    }
    Ok(Adapted::Feedback(Box::new(draft)))
}

fn draft(pipeline: &Pipeline, submission: Submission) -> Result<Draft, AdaptError> {
    if submission.record.trim().is_empty() {
        return Err(AdaptError::bad_value("/record", "the source's own record id: it is empty"));
    }
    let kind = submission.kind.unwrap_or(pipeline.kind);
    let source = Source {
        system: submission.system.unwrap_or_else(|| pipeline.source.system.clone()),
        instance: submission.instance.unwrap_or_else(|| pipeline.source.instance.clone()),
        record: Some(submission.record),
        url: submission.url,
    };
    let channel = submission.channel.filter(|channel| !channel.trim().is_empty());
    let mut draft = Draft::new(source, kind, channel.as_deref().unwrap_or(&pipeline.channel));
    draft.revision = submission.revision;
    draft.deleted = submission.deleted;
    draft.part = submission.part.filter(|part| !part.is_empty()).unwrap_or(draft.part);
    draft.delivery = submission.delivery.unwrap_or(Delivery::Complete);
    let language = pipeline.language.as_ref();
    draft.statements =
        submission.statements.into_iter().filter_map(|said| statement(said, kind, language)).collect();
    draft.answers = answers(submission.answers)?;
    if draft.statements.is_empty() && draft.answers.is_empty() && !draft.deleted {
        return Err(AdaptError::missing("/statements"));
    }
    draft.occurred_at = submission.occurred_at;
    if let Some(respondent) = submission.respondent {
        identify(respondent, &mut draft);
    }
    draft.clock = submission.clock;
    draft.segments = submission.segments;
    draft.subject = submission.subject;
    draft.context = submission.context;
    draft.handling = submission.handling;
    for (name, value) in submission.attributes {
        if pipeline.attributes.contains(&name) {
            draft.attributes.insert(name, value);
        } else {
            draft.ignored.push(format!("/attributes/{}", json::escaped(&name)));
        }
    }
    Ok(draft)
}

fn statement(said: SubmittedStatement, kind: Kind, language: Option<&String>) -> Option<DraftStatement> {
    if said.text.trim().is_empty() {
        return None;
    }
    let speaker = if kind == Kind::Employee { Speaker::Employee } else { Speaker::Customer };
    Some(DraftStatement {
        question: said.question,
        speaker: said.speaker.unwrap_or(speaker),
        text: said.text,
        format: said.format.unwrap_or_default().into(),
        language: said.language.or_else(|| language.cloned()),
    })
}

fn answers(submitted: Vec<SubmittedAnswer>) -> Result<Vec<Answer>, AdaptError> {
    let answer = |(at, answer): (usize, SubmittedAnswer)| {
        let scale = answer.scale().ok_or_else(|| AdaptError::missing(format!("/answers/{at}/scale")))?;
        if !scale.holds(scale.min) {
            return Err(AdaptError::bad_value(format!("/answers/{at}/scale"), "min below max"));
        }
        if !scale.holds(answer.value) {
            return Err(AdaptError::bad_value(format!("/answers/{at}/value"), "a value within the scale"));
        }
        Ok(Answer { question: answer.question, metric: answer.metric, scale, value: answer.value })
    };
    submitted.into_iter().enumerate().map(answer).collect()
}

fn identify(respondent: SubmittedRespondent, draft: &mut Draft) {
    let known = [
        (PersonalKind::Name, respondent.name.as_ref()),
        (PersonalKind::Email, respondent.email.as_ref()),
        (PersonalKind::Phone, respondent.phone.as_ref()),
    ];
    let known = known.into_iter().filter_map(|(kind, value)| Some((kind, value?.trim())));
    let known = known.filter(|(_, value)| !value.is_empty());
    draft.personal = known.map(|(kind, value)| KnownValue { kind, value: value.to_owned() }).collect();
    let source = &draft.source;
    let user = |id| Identity::User { system: source.system.clone(), instance: source.instance.clone(), id };
    draft.respondent = [
        respondent.customer.map(Identity::Customer),
        respondent.email.map(Identity::Email),
        respondent.phone.map(Identity::Phone),
        respondent.user.map(user),
    ]
    .into_iter()
    .flatten()
    .collect();
    draft.account = respondent.account;
}

/// Keeps unknown fields of the object that the pipeline lists.
fn keep(pipeline: &Pipeline, text: &str, draft: &mut Draft) {
    let listed: Vec<String> =
        pipeline.attributes.iter().filter(|name| draft.ignored.contains(&pointer(name))).cloned().collect();
    let kept: BTreeMap<String, String> = json::attributes(&listed, text).into_iter().collect();
    draft.ignored.retain(|ignored| !kept.keys().any(|name| pointer(name) == *ignored));
    draft.attributes.extend(kept);
}

fn pointer(name: &str) -> String {
    if name.starts_with('/') { name.to_owned() } else { format!("/{}", json::escaped(name)) }
}
