//! The adapter `typeform`: webhooks `form_response` and `form_response_partial`.
//!
//! Quirks: the answer of an opinion scale does not say its scale, so that it comes from the field's `properties` where
//! they are sent, else from the pipeline's `[[score]]`; an answer without a known scale is named as ignored. The `token`
//! is the response's id; a partial response is superseded by the complete one of the same token.

use std::collections::BTreeMap;

use groundswell_model::draft::DraftStatement;
use groundswell_model::{
    Answer, Delivery, Draft, Identity, Kind, KnownValue, Metric, RawRecord, Scale, Source, Speaker, Timestamp,
};
use groundswell_text::{Format, PersonalKind};
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::adapter::{Adaptation, Adapted, Adapter};
use crate::error::AdaptError;
use crate::json::{self, Loose, given};
use crate::pipeline::Pipeline;

pub(crate) const ADAPTER: Adapter =
    Adapter::new("typeform", "Typeform responses by webhook, complete and partial.", adapt);

/// Hidden fields that are structured evidence.
const CONTEXT: [&str; 7] =
    ["survey_type", "order_status", "ticket_category", "stage", "journey", "touchpoint", "request"];
/// Hidden fields with the company's own number of the customer.
const CUSTOMER: [&str; 3] = ["user_id", "customer_id", "customer"];
/// Hidden fields with names.
const NAMES: [&str; 4] = ["name", "first_name", "last_name", "full_name"];

#[derive(Deserialize)]
struct Hook<'a> {
    event_type: Option<String>,
    #[serde(borrow)]
    form_response: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Response {
    form_id: Option<String>,
    token: Loose,
    submitted_at: Option<Timestamp>,
    landed_at: Option<Timestamp>,
    hidden: Option<BTreeMap<String, Value>>,
    definition: Option<Definition>,
    answers: Option<Vec<Answered>>,
}

#[derive(Deserialize)]
struct Definition {
    title: Option<String>,
    fields: Option<Vec<Field>>,
}

#[derive(Clone, Default, Deserialize)]
struct Field {
    id: Option<Loose>,
    #[serde(rename = "ref")]
    reference: Option<String>,
    title: Option<String>,
    #[serde(rename = "type")]
    code: Option<String>,
    properties: Option<Properties>,
}

#[derive(Clone, Default, Deserialize)]
struct Properties {
    steps: Option<f64>,
    start_at_one: Option<bool>,
}

#[derive(Deserialize)]
struct Answered {
    #[serde(rename = "type")]
    code: String,
    field: Option<Field>,
    text: Option<String>,
    number: Option<f64>,
    boolean: Option<bool>,
    email: Option<String>,
    phone_number: Option<String>,
    choice: Option<Choice>,
    choices: Option<Choices>,
}

#[derive(Deserialize)]
struct Choice {
    label: Option<String>,
    other: Option<String>,
}

#[derive(Deserialize)]
struct Choices {
    labels: Option<Vec<String>>,
    other: Option<String>,
}

fn adapt(pipeline: &Pipeline, raw: &RawRecord<'_>) -> Vec<Adaptation> {
    vec![json::text(raw).and_then(json::read::<Hook<'_>>).and_then(|hook| read(pipeline, &hook))]
}

fn read(pipeline: &Pipeline, hook: &Hook<'_>) -> Adaptation {
    let event = hook.event_type.as_deref().unwrap_or("form_response");
    if !event.starts_with("form_response") {
        return Ok(Adapted::Skip("not_feedback"));
    }
    let Some(text) = hook.form_response else { return Err(AdaptError::missing("/form_response")) };
    let response = json::read::<Response>(text.get()).map_err(|error| error.under("/form_response"))?;
    let partial = event.ends_with("partial");
    let mut draft = draft(pipeline, response, partial)?;
    draft.attributes.extend(json::attributes(&pipeline.attributes, text.get()));
    if draft.statements.is_empty() && draft.answers.is_empty() {
        return Ok(Adapted::Skip("empty"));
    }
    Ok(Adapted::Feedback(Box::new(draft)))
}

fn draft(pipeline: &Pipeline, response: Response, partial: bool) -> Result<Draft, AdaptError> {
    if response.token.0.is_empty() {
        return Err(AdaptError::bad_value("/form_response/token", "the response's token: it is empty"));
    }
    let name = &pipeline.source;
    let source = Source {
        system: name.system.clone(),
        instance: name.instance.clone(),
        record: Some(response.token.0),
        url: None,
    };
    let mut draft = Draft::new(source, pipeline.kind, &pipeline.channel);
    draft.delivery = if partial { Delivery::Partial } else { Delivery::Complete };
    draft.occurred_at = response.submitted_at.or(response.landed_at);
    draft.revision = draft.occurred_at.map(Timestamp::millis);
    hidden(response.hidden.unwrap_or_default(), &mut draft);
    draft.context.extend(response.form_id.map(|form| ("survey".to_owned(), form)));
    let definition = response.definition.unwrap_or(Definition { title: None, fields: None });
    draft.context.extend(definition.title.map(|title| ("survey_title".to_owned(), title)));
    let fields = definition.fields.unwrap_or_default();
    for (at, answered) in response.answers.unwrap_or_default().into_iter().enumerate() {
        let field = merged(answered.field.clone().unwrap_or_default(), &fields);
        if !take(pipeline, answered, &field, &mut draft) {
            draft.ignored.push(format!("/form_response/answers/{at}"));
        }
    }
    draft.respondent.sort_by_key(Identity::strength);
    Ok(draft)
}

/// Fills an answer's field up from the form's definition.
fn merged(field: Field, fields: &[Field]) -> Field {
    let same = |other: &&Field| {
        (field.id.is_some() && other.id == field.id)
            || (field.reference.is_some() && other.reference == field.reference)
    };
    let Some(defined) = fields.iter().find(same).cloned() else { return field };
    Field {
        id: field.id.or(defined.id),
        reference: field.reference.or(defined.reference),
        title: defined.title.or(field.title),
        code: field.code.or(defined.code),
        properties: field.properties.or(defined.properties),
    }
}

fn hidden(hidden: BTreeMap<String, Value>, draft: &mut Draft) {
    for (name, value) in hidden {
        let Some(value) = json::scalar(&value) else { continue };
        let code = name.to_ascii_lowercase();
        match code.as_str() {
            code if CUSTOMER.contains(&code) => draft.respondent.push(Identity::Customer(value)),
            code if NAMES.contains(&code) => {
                draft.personal.push(KnownValue { kind: PersonalKind::Name, value })
            }
            "email" => email(value, draft),
            "phone" => phone(value, draft),
            "account" | "company" => draft.account = Some(value),
            code if CONTEXT.contains(&code) => {
                draft.context.insert(code.to_owned(), value);
            }
            "plan" | "segment" | "tier" => {
                draft.segments.insert(code, value);
            }
            _ => draft.ignored.push(format!("/form_response/hidden/{}", json::escaped(&name))),
        }
    }
}

fn email(value: String, draft: &mut Draft) {
    draft.personal.push(KnownValue { kind: PersonalKind::Email, value: value.clone() });
    draft.respondent.push(Identity::Email(value));
}

fn phone(value: String, draft: &mut Draft) {
    draft.personal.push(KnownValue { kind: PersonalKind::Phone, value: value.clone() });
    draft.respondent.push(Identity::Phone(value));
}

/// Takes one answer in; says whether there was a place for it.
fn take(pipeline: &Pipeline, answered: Answered, field: &Field, draft: &mut Draft) -> bool {
    let other = |choice: Option<String>| choice.filter(|text| !text.trim().is_empty());
    match answered.code.as_str() {
        "text" => answered.text.is_some_and(|text| say(pipeline, field, text, draft)),
        "number" => answered.number.is_some_and(|value| score(pipeline, field, value, draft)),
        "boolean" => {
            answered.boolean.is_some_and(|yes| score(pipeline, field, f64::from(u8::from(yes)), draft))
        }
        "email" => answered.email.is_some_and(|value| {
            email(value, draft);
            true
        }),
        "phone_number" => answered.phone_number.is_some_and(|value| {
            phone(value, draft);
            true
        }),
        "choice" => answered.choice.is_some_and(|choice| match other(choice.other) {
            Some(text) => say(pipeline, field, text, draft),
            None => chosen(field, choice.label, draft),
        }),
        "choices" => answered.choices.is_some_and(|choices| match other(choices.other) {
            Some(text) => say(pipeline, field, text, draft),
            None => chosen(field, choices.labels.map(|labels| labels.join(";")), draft),
        }),
        _ => false,
    }
}

fn say(pipeline: &Pipeline, field: &Field, text: String, draft: &mut Draft) -> bool {
    if text.trim().is_empty() {
        return true;
    }
    let speaker = if pipeline.kind == Kind::Employee { Speaker::Employee } else { Speaker::Customer };
    let language = pipeline.language.clone();
    draft.statements.push(DraftStatement {
        question: field.title.clone(),
        speaker,
        text,
        format: Format::Plain,
        language,
    });
    true
}

/// Keeps the label of a choice as context, under the question's reference where that is a plain word.
fn chosen(field: &Field, label: Option<String>, draft: &mut Draft) -> bool {
    let plain = |name: &&String| {
        name.len() <= 64 && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
    };
    match (field.reference.as_ref().filter(plain), label) {
        (Some(name), Some(label)) => {
            draft.context.insert(name.clone(), label);
            true
        }
        _ => false,
    }
}

fn score(pipeline: &Pipeline, field: &Field, value: f64, draft: &mut Draft) -> bool {
    let Some((metric, scale)) = scale(pipeline, field) else { return false };
    if !scale.holds(value) {
        return false;
    }
    draft.answers.push(Answer { question: field.title.clone(), metric, scale, value });
    true
}

/// Finds what a field measures: the pipeline's word first, then the field's type and properties.
fn scale(pipeline: &Pipeline, field: &Field) -> Option<(Metric, Scale)> {
    let id = given(field.id.clone());
    let named = |name: &String| Some(name) == field.reference.as_ref() || Some(name) == id.as_ref();
    if let Some(score) = pipeline.scores.iter().find(|score| named(&score.field)) {
        return Some((
            score.metric,
            Scale { min: score.min, max: score.max, high_is_good: score.high_is_good },
        ));
    }
    let (guessed, direction) =
        crate::guess::metric(field.title.as_deref().unwrap_or_default()).unwrap_or((Metric::Csat, None));
    let steps = field.properties.as_ref().and_then(|properties| properties.steps);
    let from_one = field.properties.as_ref().and_then(|properties| properties.start_at_one).unwrap_or(false);
    match field.code.as_deref()? {
        "nps" => Some((Metric::Nps, Scale { min: 0.0, max: 10.0, high_is_good: true })),
        // More stars or hearts are always better.
        "rating" => Some((rated(guessed), Scale { min: 1.0, max: steps?, high_is_good: true })),
        "opinion_scale" => {
            let min = if from_one { 1.0 } else { 0.0 };
            let scale = Scale { min, max: min + steps? - 1.0, high_is_good: direction? };
            let nps = guessed == Metric::Nps && (scale.min, scale.max) == (0.0, 10.0);
            Some((if guessed == Metric::Nps && !nps { Metric::Other } else { guessed }, scale))
        }
        "yes_no" if guessed == Metric::Resolved => {
            Some((Metric::Resolved, Scale { min: 0.0, max: 1.0, high_is_good: true }))
        }
        _ => None,
    }
}

/// A rating can only be a satisfaction or stars, whatever its title says.
fn rated(guessed: Metric) -> Metric {
    if guessed == Metric::Stars { Metric::Stars } else { Metric::Csat }
}
