//! The adapter `officevibe`: employee feedback of Workleap Officevibe, one object, a list, or a page with `data[]`.
//!
//! Quirks: there is no author by design, so that every feedback counts as unlinked; the tone is the tool's own verdict
//! and is kept as context only.

use groundswell_model::draft::DraftStatement;
use groundswell_model::{Draft, Kind, RawRecord, Source, Speaker, Subject, Timestamp};
use groundswell_text::Format;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::adapter::{Adaptation, Adapted, Adapter};
use crate::error::AdaptError;
use crate::json::{self, Loose};
use crate::pipeline::Pipeline;

pub(crate) const ADAPTER: Adapter =
    Adapter::new("officevibe", "Workleap Officevibe employee feedback, without an author by design.", adapt);

#[derive(Deserialize)]
struct Page<'a> {
    #[serde(borrow)]
    data: Option<Vec<&'a RawValue>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Given {
    feedback_id: Loose,
    team_name: Option<String>,
    team_id: Option<Loose>,
    metric: Option<String>,
    tone: Option<String>,
    message: Option<String>,
    labels: Option<Vec<String>>,
    created_at: Option<Timestamp>,
}

fn adapt(pipeline: &Pipeline, raw: &RawRecord<'_>) -> Vec<Adaptation> {
    match json::text(raw).and_then(|text| Ok((text, list(text)?))) {
        Err(error) => vec![Err(error)],
        Ok((text, None)) => vec![read(pipeline, text)],
        Ok((_, Some((prefix, list)))) => {
            let one = |(at, given): (usize, &&RawValue)| {
                read(pipeline, given.get()).map_err(|error| error.under(&format!("{prefix}/{at}")))
            };
            list.iter().enumerate().map(one).collect()
        }
    }
}

/// A list of records and the JSON pointer that it stands at.
type Listed<'a> = (&'static str, Vec<&'a RawValue>);

fn list(text: &str) -> Result<Option<Listed<'_>>, AdaptError> {
    if text.trim_start().starts_with('[') {
        return Ok(Some(("", json::read(text)?)));
    }
    Ok(json::read::<Page<'_>>(text)?.data.map(|data| ("/data", data)))
}

fn read(pipeline: &Pipeline, text: &str) -> Adaptation {
    let given = json::read::<Given>(text)?;
    if given.feedback_id.0.is_empty() {
        return Err(AdaptError::bad_value("/feedbackId", "the feedback's id: it is empty"));
    }
    let Some(message) = given.message.filter(|message| !message.trim().is_empty()) else {
        return Ok(Adapted::Skip("empty"));
    };
    let name = &pipeline.source;
    let source = Source {
        system: name.system.clone(),
        instance: name.instance.clone(),
        record: Some(given.feedback_id.0),
        url: None,
    };
    let mut draft = Draft::new(source, Kind::Employee, &pipeline.channel);
    draft.occurred_at = given.created_at;
    draft.subject = Subject { unit: given.team_name.or(json::given(given.team_id)), ..Subject::default() };
    draft.statements.push(DraftStatement {
        question: None,
        speaker: Speaker::Employee,
        text: message,
        format: Format::Plain,
        language: pipeline.language.clone(),
    });
    let labels = given.labels.filter(|labels| !labels.is_empty()).map(|labels| labels.join(";"));
    let context =
        [("topic", given.metric), ("tone", given.tone.map(|tone| tone.to_lowercase())), ("labels", labels)];
    draft.context = context.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect();
    draft.attributes = json::attributes(&pipeline.attributes, text).into_iter().collect();
    Ok(Adapted::Feedback(Box::new(draft)))
}
