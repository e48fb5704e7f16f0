//! The stage by the words alone: questions to a bank, each judged by heads that never saw its intent.

use std::collections::{BTreeMap, BTreeSet};

use groundswell_annotate::heads::{Head, STAGES};
use groundswell_annotate::{Annotator, Evidence, Mapper};
use groundswell_model::Clock;

use super::figures::share;
use super::folds::{annotator, learn, mapper};
use super::learning::build::Learning;
use super::learning::corpus::{Sample, Source, stage};
use super::learning::read::seventy;
use super::rows::{Row, worst};

/// Measures the stage of the questions to a bank.
pub fn rows(learning: &Learning<'_>, each_intent: bool) -> Vec<Row> {
    let intents: BTreeSet<&str> = banking(learning).map(|sample| sample.group.as_str()).collect();
    let mut judged: Vec<(bool, bool, f32, String)> = Vec::new();
    let speaker =
        annotator(learn(learning, &[Head::Outcome, Head::Gap], &|sample| sample.source != Source::Banking));
    // Seven intents at a time, which is harder than one by one and takes minutes less.
    let order: Vec<&str> = intents.into_iter().collect();
    for left_out in order.chunks(if each_intent { 1 } else { 7 }) {
        let takes = |sample: &Sample| !left_out.contains(&sample.group.as_str());
        let mapper = mapper(learn(learning, &[Head::Stage], &takes));
        for sample in banking(learning).filter(|sample| left_out.contains(&sample.group.as_str())).step_by(5)
        {
            judged.push(judge(&speaker, &mapper, sample));
        }
    }
    let answered: Vec<_> = judged.iter().filter(|one| one.1).collect();
    let right = answered.iter().filter(|one| one.0).count();
    let losses = answered.iter().filter(|one| !one.0).map(|one| (f64::from(one.2), one.3.clone())).collect();
    let measured_on = "questions to a bank (banking77, every fifth), leave-intents-out";
    let mut out = vec![
        Row {
            key: "banking_stage",
            task: "stage by the text alone, of those answered",
            measured_on: measured_on.to_owned(),
            unit: "accuracy",
            figure: share(right, answered.len()),
            target: Some(0.75),
            worst: worst(losses),
        },
        Row {
            key: "banking_answered",
            task: "stage by the text alone",
            measured_on: measured_on.to_owned(),
            unit: "share answered",
            figure: share(answered.len(), judged.len()),
            target: Some(0.60),
            worst: Vec::new(),
        },
    ];
    out.extend(sentences(learning));
    out
}

fn banking<'a>(learning: &'a Learning<'a>) -> impl Iterator<Item = &'a Sample> {
    learning.samples.iter().copied().filter(|sample| sample.source == Source::Banking)
}

fn evidence(context: &BTreeMap<String, String>) -> Evidence<'_> {
    Evidence { kind: None, channel: "", context, clock: Clock::default(), occurred_at: None }
}

fn judge(annotator: &Annotator, mapper: &Mapper, sample: &Sample) -> (bool, bool, f32, String) {
    let said = annotator.annotate(&sample.text, None);
    let context = BTreeMap::new();
    let mapping = mapper.place(&[(&sample.text, &said)], &evidence(&context));
    let truth = sample.labels.stage.map_or("", |stage| STAGES[stage]);
    let answered = !mapping.stage.is_unknown();
    (
        mapping.stage.as_str() == truth,
        answered,
        mapping.probability,
        format!("{} {}", sample.group, sample.id),
    )
}

/// The stage of the seventy sentences, by heads that saw no sentence of ours.
fn sentences(learning: &Learning<'_>) -> Vec<Row> {
    let heads = learn(learning, &Head::ALL, &|sample| sample.source != Source::Development);
    let (annotator, mapper) = (annotator(heads.clone()), mapper(heads));
    let context = BTreeMap::new();
    let seventy = seventy();
    let development: Vec<(&str, &str, &str)> = learning
        .samples
        .iter()
        .filter(|sample| sample.source == Source::Development)
        .filter_map(|sample| Some((sample.text.as_str(), STAGES[sample.labels.stage?], sample.id.as_str())))
        .collect();
    let seventy: Vec<(&str, &str, &str)> = seventy
        .iter()
        .filter(|case| stage(&case.stage).is_some())
        .map(|case| (case.text.as_str(), case.stage.as_str(), case.id.as_str()))
        .collect();
    let mut out = Vec::new();
    for (set, measured_on, keys) in [
        (seventy, "the 70 sentences of the method", ["seventy_stage", "seventy_answered"]),
        (development, "150 sentences for development, unseen", ["development_stage", "development_answered"]),
    ] {
        let told: Vec<(bool, bool, String)> = set
            .iter()
            .map(|(text, truth, id)| {
                let said = annotator.annotate(text, None);
                let mapping = mapper.place(&[(text, &said)], &evidence(&context));
                (mapping.stage.as_str() == *truth, !mapping.stage.is_unknown(), (*id).to_owned())
            })
            .collect();
        let answered: Vec<_> = told.iter().filter(|one| one.1).collect();
        let right = answered.iter().filter(|one| one.0).count();
        let losses = answered.iter().filter(|one| !one.0).map(|one| (1.0, one.2.clone())).collect();
        let row = |key, task, unit, figure, worst| Row {
            key,
            task,
            measured_on: measured_on.to_owned(),
            unit,
            figure,
            target: None,
            worst,
        };
        let of = "stage by the text alone, of those answered";
        out.push(row(keys[0], of, "accuracy", share(right, answered.len()), worst(losses)));
        let figure = share(answered.len(), told.len());
        out.push(row(keys[1], "stage by the text alone", "share answered", figure, Vec::new()));
    }
    out
}
