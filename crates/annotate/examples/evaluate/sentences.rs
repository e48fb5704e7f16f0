//! The sentences that we wrote: kind, outcome, gap type and spans.

use groundswell_annotate::Annotator;
use groundswell_model::{Annotation, Expectation, Outcome};

use super::figures::{bootstrap, macro_f1, share, span_f1};
use super::learning::read::Case;
use super::rows::{Row, worst};

/// What was told of a case.
pub struct Told<'a> {
    pub case: &'a Case,
    pub said: Annotation,
}

/// Annotates cases.
pub fn tell<'a>(cases: impl IntoIterator<Item = &'a Case>, annotator: &Annotator) -> Vec<Told<'a>> {
    cases.into_iter().map(|case| Told { case, said: annotator.annotate(&case.text, None) }).collect()
}

fn first(said: &Annotation) -> Option<&Expectation> {
    said.expectations.iter().find(|one| one.outcome == Outcome::Unmet)
}

fn kind(code: &str) -> usize {
    ["none", "implied", "explicit"].iter().position(|known| *known == code).unwrap_or(0)
}

fn outcome(code: &str) -> usize {
    ["none", "unmet", "met", "exceeded"].iter().position(|known| *known == code).unwrap_or(0)
}

/// The outcome of a text: unmet before exceeded before met.
pub fn outcome_of(said: &Annotation) -> usize {
    let any = |outcome: Outcome| said.expectations.iter().any(|one| one.outcome == outcome);
    match () {
        () if any(Outcome::Unmet) => 1,
        () if any(Outcome::Exceeded) => 3,
        () if any(Outcome::Met) => 2,
        () => 0,
    }
}

/// Names of the rows of one set.
pub struct Names {
    pub measured_on: String,
    pub kind: &'static str,
    pub expected: &'static str,
    pub happened: &'static str,
    pub gap: &'static str,
    pub outcome: Option<&'static str>,
}

/// Measures one set.
pub fn rows(told: &[Told<'_>], names: &Names) -> Vec<Row> {
    let row = |key, task, unit, figure, target, worst| Row {
        key,
        task,
        measured_on: names.measured_on.clone(),
        unit,
        figure,
        target,
        worst,
    };
    let kinds: Vec<(usize, usize)> =
        told.iter().map(|one| (kind(&one.case.kind), kind(one.said.unmet.kind.as_str()))).collect();
    let off = |truth: usize, told: usize| if truth == told { 0.0 } else { 1.0 };
    let ids = |losses: Vec<f64>| {
        worst(losses.into_iter().zip(told.iter().map(|one| one.case.id.clone())).collect())
    };
    let doubt = |one: &Told<'_>| {
        let p = f64::from(one.said.unmet.probability);
        if one.case.kind == "none" { p } else { 1.0 - p }
    };
    confuse("kind", &kinds, &["none", "implied", "explicit"]);
    let mut out = vec![row(
        names.kind,
        "explicit, implied or none",
        "macro-F1",
        bootstrap(&kinds, macro_f1),
        Some(0.90),
        ids(told
            .iter()
            .zip(&kinds)
            .map(|(one, (truth, told))| off(*truth, *told) * (1.0 + doubt(one)))
            .collect()),
    )];
    for (key, task, truth, span) in [
        (names.expected, "span of what was expected", field_expected as Field, told_expected as Span),
        (names.happened, "span of what happened", field_happened, told_happened),
    ] {
        let pairs: Vec<(f64, &Told<'_>)> = told
            .iter()
            .filter(|one| truth(one.case).is_some())
            .map(|one| (span_f1(truth(one.case), first(&one.said).and_then(span)), one))
            .collect();
        let scores: Vec<f64> = pairs.iter().map(|pair| pair.0).collect();
        let losses = pairs.iter().map(|(score, one)| (1.0 - score, one.case.id.clone())).collect();
        let figure = bootstrap(&scores, |scores| scores.iter().sum::<f64>() / scores.len() as f64);
        out.push(row(key, task, "token-F1", figure, Some(0.75), worst(losses)));
    }
    let gaps: Vec<(&Told<'_>, (usize, usize))> = told
        .iter()
        .filter_map(|one| {
            let truth = one.case.gap.as_deref().and_then(super::learning::corpus::gap)?;
            (one.case.outcome == "unmet" || one.case.outcome.is_empty()).then(|| {
                let told = first(&one.said).and_then(|one| one.gap).map_or(13, |gap| gap as usize);
                (one, (truth, told))
            })
        })
        .collect();
    let pairs: Vec<(usize, usize)> = gaps.iter().map(|one| one.1).collect();
    let losses = gaps.iter().map(|(one, (truth, told))| (off(*truth, *told), one.case.id.clone())).collect();
    out.push(row(
        names.gap,
        "gap type of 13",
        "macro-F1",
        bootstrap(&pairs, macro_f1),
        Some(0.60),
        worst(losses),
    ));
    if let Some(key) = names.outcome {
        let pairs: Vec<(usize, usize)> =
            told.iter().map(|one| (outcome(&one.case.outcome), outcome_of(&one.said))).collect();
        let losses = ids(pairs.iter().map(|(truth, told)| off(*truth, *told)).collect());
        confuse("outcome", &pairs, &["none", "unmet", "met", "exceeded"]);
        let figure = bootstrap(&pairs, macro_f1);
        out.push(row(key, "outcome: unmet, met, exceeded, none", "macro-F1", figure, Some(0.85), losses));
    }
    out
}

/// Prints how often each truth was told as what.
fn confuse(task: &str, pairs: &[(usize, usize)], names: &[&str]) {
    for (truth, name) in names.iter().enumerate() {
        let count = |told: usize| pairs.iter().filter(|pair| **pair == (truth, told)).count().to_string();
        let counts: Vec<String> = (0..names.len()).map(count).collect();
        println!("{task} {name}: told as {} {}", names.join("/"), counts.join("/"));
    }
}

type Field = fn(&Case) -> Option<&str>;
type Span = fn(&Expectation) -> Option<&str>;

fn field_expected(case: &Case) -> Option<&str> {
    case.expected.as_deref()
}

fn field_happened(case: &Case) -> Option<&str> {
    case.happened.as_deref()
}

fn told_expected(one: &Expectation) -> Option<&str> {
    one.expected.as_deref()
}

fn told_happened(one: &Expectation) -> Option<&str> {
    one.happened.as_deref()
}

/// The share of origins that are told as we labelled them.
pub fn origins(told: &[Told<'_>], key: &'static str, measured_on: &str) -> Row {
    let judged: Vec<(bool, String)> = told
        .iter()
        .filter(|one| one.case.outcome == "unmet")
        .filter_map(|one| {
            let first = first(&one.said)?;
            Some((first.origin.as_str() == one.case.origin, one.case.id.clone()))
        })
        .collect();
    let right = judged.iter().filter(|one| one.0).count();
    let losses = judged.iter().map(|(right, id)| (f64::from(u8::from(!right)), id.clone())).collect();
    Row {
        key,
        task: "origin of the expectation",
        measured_on: measured_on.to_owned(),
        unit: "accuracy",
        figure: share(right, judged.len()),
        target: None,
        worst: worst(losses),
    }
}
