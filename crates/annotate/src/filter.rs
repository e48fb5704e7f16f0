//! The filter `annotate`: one JSON object in, one out. Its shapes are a contract for measuring from outside.

use std::collections::BTreeMap;

use groundswell_model::{
    Annotation, Clock, Expectation, Kind, Mapping, Phase, Reason, Sentiment, Timestamp, TouchpointCode, Unmet,
};
use groundswell_text::{Language, identify};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

use crate::{AnnotateError, Annotator, Evidence, Mapper};

/// A line of input: an id and a text, and optionally what is known beside them.
#[derive(Clone, Debug, Deserialize)]
pub struct FilterInput {
    /// Any JSON string or number; given back as it is.
    pub id: serde_json::Value,
    /// The normalised, redacted text.
    pub text: String,
    /// What sort of voice it is.
    #[serde(default)]
    pub kind: Option<Kind>,
    /// How it arrived.
    #[serde(default)]
    pub channel: Option<String>,
    /// BCP 47 tag; told from the text where it is absent.
    #[serde(default)]
    pub language: Option<String>,
    /// When it happened or was said.
    #[serde(default)]
    pub occurred_at: Option<Timestamp>,
    /// Structured context; numbers and truth values are taken as they are written.
    #[serde(default, deserialize_with = "plain_values")]
    pub context: BTreeMap<String, String>,
    /// The customer's own clock.
    #[serde(default)]
    pub clock: Option<Clock>,
}

/// Reads an object of plain values; null is an empty one, and so is the value null.
fn plain_values<'de, D: Deserializer<'de>>(from: D) -> Result<BTreeMap<String, String>, D::Error> {
    let given: Option<BTreeMap<String, serde_json::Value>> = Option::deserialize(from)?;
    let mut out = BTreeMap::new();
    for (name, value) in given.unwrap_or_default() {
        match value {
            serde_json::Value::Null => {}
            serde_json::Value::String(text) => drop(out.insert(name, text)),
            serde_json::Value::Bool(_) | serde_json::Value::Number(_) => {
                drop(out.insert(name, value.to_string()))
            }
            _ => return Err(D::Error::custom("a value of the context is a list or an object")),
        }
    }
    Ok(out)
}

/// A line of output.
#[derive(Clone, Debug, Serialize)]
pub struct FilterOutput {
    /// The id of the input.
    pub id: serde_json::Value,
    /// BCP 47 tag, or null where it could not be told.
    pub language: Option<String>,
    /// Tone and strength.
    pub sentiment: Sentiment,
    /// Whether an expectation was not met.
    pub unmet: Unmet,
    /// Each expectation, with null where something is not said.
    pub expectations: Vec<FilterExpectation>,
    /// The stage with its probability and reasons.
    pub stage: FilterStage,
    /// Through what the company was met.
    pub touchpoint: Option<TouchpointCode>,
    /// One of Coleman's phases.
    pub phase: Option<Phase>,
}

/// An expectation with null for what is absent.
#[derive(Clone, Debug, Serialize)]
pub struct FilterExpectation {
    outcome: groundswell_model::Outcome,
    expected: Option<String>,
    happened: Option<String>,
    gap: Option<groundswell_model::GapType>,
    origin: groundswell_model::Origin,
    size: Option<groundswell_model::Size>,
}

/// The stage of a line of output.
#[derive(Clone, Debug, Serialize)]
pub struct FilterStage {
    /// Its code, or `unknown`.
    pub code: String,
    /// Probability of the likeliest stage, 0 to 1.
    pub probability: f32,
    /// Why, strongest first.
    pub because: Vec<Reason>,
}

impl From<Expectation> for FilterExpectation {
    fn from(expectation: Expectation) -> Self {
        let Expectation { outcome, expected, happened, gap, origin, size } = expectation;
        Self { outcome, expected, happened, gap, origin, size }
    }
}

/// Annotates one line. `best_stage` names the likeliest stage even below the threshold.
///
/// # Errors
/// [`AnnotateError::Line`] when the line is no JSON object of the right shape, [`AnnotateError::Language`] for a malformed tag.
pub fn run(
    line: &str,
    annotator: &Annotator,
    mapper: &Mapper,
    best_stage: bool,
) -> Result<FilterOutput, AnnotateError> {
    let input: FilterInput = serde_json::from_str(line).map_err(|error| fault(&error))?;
    if !(input.id.is_string() || input.id.is_number()) {
        return Err(AnnotateError::Line { what: "id is neither a string nor a number", column: 1 });
    }
    let language = match &input.language {
        Some(tag) => Some(tag.parse::<Language>().map_err(|_| AnnotateError::Language)?),
        None => identify(&input.text),
    };
    let annotation = annotator.annotate(&input.text, language);
    let evidence = Evidence {
        kind: input.kind,
        channel: input.channel.as_deref().unwrap_or(""),
        context: &input.context,
        clock: input.clock.unwrap_or_default(),
        occurred_at: input.occurred_at,
    };
    let texts = [(input.text.as_str(), &annotation)];
    let mapping = mapper.place(&texts, &evidence);
    let code = if best_stage { mapper.likeliest(&texts, &evidence).0 } else { mapping.stage.clone() };
    Ok(output(input.id, language, annotation, mapping, code.to_string()))
}

fn output(
    id: serde_json::Value,
    language: Option<Language>,
    annotation: Annotation,
    mapping: Mapping,
    code: String,
) -> FilterOutput {
    FilterOutput {
        id,
        language: language.map(|language| language.as_str().to_owned()),
        sentiment: annotation.sentiment,
        unmet: annotation.unmet,
        expectations: annotation.expectations.into_iter().map(FilterExpectation::from).collect(),
        stage: FilterStage { code, probability: mapping.probability, because: mapping.because },
        touchpoint: mapping.touchpoint,
        phase: mapping.phase,
    }
}

/// Says what is wrong with a line without quoting it.
fn fault(error: &serde_json::Error) -> AnnotateError {
    use serde_json::error::Category;
    let what = match error.classify() {
        Category::Syntax => "no JSON",
        Category::Eof => "JSON ends early",
        Category::Data => "a field is missing or of the wrong type",
        Category::Io => "not readable",
    };
    AnnotateError::Line { what, column: error.column() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use groundswell_model::JourneyMap;

    fn once(line: &str, best: bool) -> Result<serde_json::Value, AnnotateError> {
        static SHARED: std::sync::OnceLock<(Annotator, Mapper)> = std::sync::OnceLock::new();
        let (annotator, mapper) = SHARED.get_or_init(|| {
            (Annotator::new().unwrap(), Mapper::new(JourneyMap::shipped().unwrap()).unwrap())
        });
        run(line, annotator, mapper, best).map(|out| serde_json::to_value(out).unwrap())
    }

    #[test]
    fn the_shape_is_the_contract() {
        let line = r#"{"id": 7, "text": "You promised two days but the courier took nine.", "kind": "complaint", "language": "en",
            "context": {"order_status": "shipped"}, "clock": {"purchased_at": "2026-03-01T00:00:00Z"}, "occurred_at": "2026-03-05T00:00:00Z"}"#;
        let out = once(line, false).unwrap();
        let keys: Vec<&str> = out.as_object().unwrap().keys().map(String::as_str).collect();
        for key in ["id", "language", "sentiment", "unmet", "expectations", "stage", "touchpoint", "phase"] {
            assert!(keys.contains(&key), "{key}");
        }
        assert_eq!(keys.len(), 8);
        assert_eq!(out["id"], 7);
        assert_eq!(out["unmet"]["kind"], "explicit");
        assert_eq!(out["stage"]["code"], "fulfilment");
        assert_eq!(out["phase"], "affirm");
        let first = &out["expectations"][0];
        assert_eq!(
            (first["outcome"].as_str(), first["origin"].as_str()),
            (Some("unmet"), Some("company_promise"))
        );
        assert_eq!(first["size"]["ratio"], 4.5);
    }

    /// The keys of an object in the order in which they are written.
    fn keys(json: &serde_json::Value) -> Vec<&str> {
        json.as_object().unwrap().keys().map(String::as_str).collect()
    }

    #[test]
    fn every_level_has_the_fields_of_the_contract_and_no_others() {
        let line = r#"{"id": "a-1", "text": "You promised two days but the courier took nine. The box was well packed, as described. Never again.",
            "kind": "survey", "channel": "email", "language": null, "context": {"order_status": "lost", "orders": 3, "vip": true, "note": null},
            "clock": null, "occurred_at": "2026-03-05T00:00:00Z"}"#;
        let out = once(line, true).unwrap();
        let sorted = |mut keys: Vec<&str>| {
            keys.sort_unstable();
            keys.join(" ")
        };
        assert_eq!(sorted(keys(&out)), "expectations id language phase sentiment stage touchpoint unmet");
        assert_eq!(sorted(keys(&out["sentiment"])), "label score");
        assert_eq!(sorted(keys(&out["unmet"])), "kind probability");
        assert_eq!(sorted(keys(&out["stage"])), "because code probability");
        let expectations = out["expectations"].as_array().unwrap();
        assert!(expectations.len() > 1);
        for one in expectations {
            assert_eq!(sorted(keys(one)), "expected gap happened origin outcome size");
            assert!(["unmet", "met", "exceeded"].contains(&one["outcome"].as_str().unwrap()));
            assert!(one["origin"].is_string());
            for (name, text) in [("expected", true), ("happened", true), ("gap", true), ("size", false)] {
                let value = &one[name];
                assert!(value.is_null() || value.is_string() == text, "{name}: {value}");
            }
        }
        let share = |value: &serde_json::Value| (0.0..=1.0).contains(&value.as_f64().unwrap());
        assert!(share(&out["unmet"]["probability"]) && share(&out["stage"]["probability"]));
        assert!((-1.0..=1.0).contains(&out["sentiment"]["score"].as_f64().unwrap()));
        assert!(["negative", "neutral", "positive"].contains(&out["sentiment"]["label"].as_str().unwrap()));
        assert!(["explicit", "implied", "none"].contains(&out["unmet"]["kind"].as_str().unwrap()));
        assert_eq!(out["stage"]["code"], "fulfilment");
        assert!(out["language"] == "en" && out["id"] == "a-1");
        let text = serde_json::to_string(&out).unwrap();
        assert!(!text.contains('\n'), "one line for one line");
    }

    #[test]
    fn absent_things_are_null_and_the_best_stage_can_be_asked_for() {
        let out = once(r#"{"id": "a", "text": "The hinge snapped.", "language": "en"}"#, false).unwrap();
        assert!(out["expectations"][0]["expected"].is_null() && out["phase"].is_null());
        let line = r#"{"id": "a", "text": "I paid.", "language": "en"}"#;
        assert_eq!(once(line, false).unwrap()["stage"]["code"], "unknown");
        assert_eq!(once(line, true).unwrap()["stage"]["code"], "purchase");
    }

    #[test]
    fn a_bad_line_is_refused_without_quoting_it() {
        for line in ["", "{", "[]", r#"{"id": "a"}"#, r#"{"id": [], "text": "x"}"#, r#"{"id": 1, "text": 5}"#]
        {
            let error = once(line, false).unwrap_err();
            assert_eq!(error.code(), "annotate.line", "{line}");
        }
        let error = once(r#"{"id": 1, "text": "secret", "language": "x"}"#, false).unwrap_err();
        assert_eq!(error.code(), "annotate.language");
        assert!(!error.to_string().contains("secret"));
    }
}
