//! The public sets: unmet or not, sentiment, gap type; each text judged by heads that saw nothing of its group.

use groundswell_annotate::heads::{Head, LABELS};
use groundswell_model::{Annotation, Outcome};

use super::figures::{auc, bootstrap, calibration_error, macro_f1, spearman, temperature};
use super::folds::{FOLDS, annotator, fold, fold_of, learn};
use super::learning::build::Learning;
use super::learning::corpus::{Sample, Source};
use super::learning::read::{Case, cases};
use super::rows::{Row, worst};
use super::sentences::{self, Names};

/// A sample with what was told of it.
type Told<'a> = (&'a Sample, Annotation);

const HEADS: [Head; 6] =
    [Head::Outcome, Head::Gap, Head::Sentiment, Head::Strength, Head::Explicit, Head::Exceeded];

/// What our own sentences need.
pub const OWN_HEADS: [Head; 4] = [Head::Outcome, Head::Gap, Head::Explicit, Head::Exceeded];

/// Measures by folds over groups.
pub fn rows(learning: &Learning<'_>, only_ours: bool) -> Vec<Row> {
    let mut told: Vec<Told<'_>> = Vec::new();
    let (development, training) = (cases("development.jsonl"), cases("training.jsonl"));
    let (mut ours, mut written) = (Vec::new(), Vec::new());
    for this in 0..FOLDS {
        let judged = |sample: &Sample| {
            use Source::{Amazon, Cfpb, Development, Nhft, Training};
            fold(sample) == this
                && !sample.group.is_empty()
                && match sample.source {
                    Nhft | Amazon | Cfpb => !only_ours,
                    Development | Training => true,
                    _ => false,
                }
        };
        let heads = if only_ours { &OWN_HEADS[..] } else { &HEADS };
        let annotator = annotator(learn(learning, heads, &|sample| !judged(sample)));
        let own = learning.samples.iter().copied().filter(|sample| judged(sample));
        let own = own.filter(|sample| !matches!(sample.source, Source::Development | Source::Training));
        told.extend(own.map(|sample| (sample, annotator.annotate(&sample.text, None))));
        let in_fold = |case: &&Case| fold_of(&case.domain) == this && !case.domain.is_empty();
        ours.extend(sentences::tell(development.iter().filter(in_fold), &annotator));
        written.extend(sentences::tell(training.iter().filter(in_fold), &annotator));
    }
    if only_ours {
        return own_rows(&ours, &written);
    }
    let of = |source: Source| told.iter().filter(|one| one.0.source == source).collect::<Vec<_>>();
    let (nhft, amazon, cfpb) = (of(Source::Nhft), of(Source::Amazon), of(Source::Cfpb));
    let survey = "survey answers (NHFT), leave-one-service-out";
    let snippets = "review sentences (Amazon), leave-products-out";
    let mut out = unmet(&nhft, survey, ["nhft_unmet_question", "nhft_unmet", "nhft_unmet_auc"]);
    out.extend(sentiment(&nhft, survey, ["nhft_sentiment", "nhft_strength"]));
    out.extend(sentiment(&amazon, snippets, ["amazon_sentiment", "amazon_strength"]));
    out.push(gaps(&cfpb));
    out.extend(own_rows(&ours, &written));
    out.extend(calibration(&nhft, &ours, &written));
    out
}

/// Measures whether the probability of an unmet expectation is the share of those that are: a low figure is a good one.
fn calibration(
    survey: &[&Told<'_>],
    ours: &[sentences::Told<'_>],
    written: &[sentences::Told<'_>],
) -> Vec<Row> {
    let clear = survey.iter().filter(|one| is_clear(one.0));
    let survey = clear.map(|one| (one.1.unmet.probability, is_better(one.0))).collect::<Vec<_>>();
    let own = ours.iter().chain(written);
    let own: Vec<_> = own.map(|one| (one.said.unmet.probability, one.case.kind != "none")).collect();
    let both: Vec<_> = survey.iter().chain(&own).copied().collect();
    println!("temperature that would suit the survey and our sentences: {:.2}", temperature(&both));
    let row = |key, measured_on: String, told: &[(f32, bool)]| Row {
        key,
        task: "probability of an unmet expectation against the share of them (low is good)",
        measured_on,
        unit: "calibration error",
        figure: bootstrap(told, calibration_error),
        target: None,
        worst: Vec::new(),
    };
    vec![
        row("nhft_calibration", "survey answers (NHFT), leave-one-service-out".to_owned(), &survey),
        row("own_calibration", format!("{} sentences of ours, leave-domains-out", own.len()), &own),
    ]
}

/// Says whether an answer was to the question what could be better.
fn is_better(sample: &Sample) -> bool {
    sample.id.ends_with("Q1")
}

/// Says whether the rating of an answer does not contradict its question.
fn is_clear(sample: &Sample) -> bool {
    let unmet = is_better(sample);
    sample.labels.strength.is_none_or(|good| if unmet { good < 0.7 } else { good > 0.3 })
}

/// Measures our own sentences that were judged by heads which saw nothing of their domain.
fn own_rows(ours: &[sentences::Told<'_>], written: &[sentences::Told<'_>]) -> Vec<Row> {
    let measured_on = "150 sentences for development, leave-domains-out".to_owned();
    let mut out = sentences::rows(
        ours,
        &Names {
            measured_on: measured_on.clone(),
            kind: "development_kind",
            expected: "development_expected",
            happened: "development_happened",
            gap: "development_gap",
            outcome: Some("development_outcome"),
        },
    );
    out.push(sentences::origins(ours, "development_origin", &measured_on));
    out.extend(sentences::rows(
        written,
        &Names {
            measured_on: format!("{} sentences for training, leave-domains-out", written.len()),
            kind: "training_kind",
            expected: "training_expected",
            happened: "training_happened",
            gap: "training_gap",
            outcome: Some("training_outcome"),
        },
    ));
    out
}

/// Measures what heads that saw nothing of a whole source make of it.
pub fn transfer(learning: &Learning<'_>) -> Vec<Row> {
    let mut out = Vec::new();
    for (source, measured_on, unmet_keys, keys) in [
        (
            Source::Nhft,
            "survey answers (NHFT), learnt from other sources alone",
            Some(["nhft_foreign_question", "nhft_foreign", "nhft_foreign_auc"]),
            ["nhft_foreign_sentiment", "nhft_foreign_strength"],
        ),
        (
            Source::Amazon,
            "review sentences (Amazon), learnt from other sources alone",
            None,
            ["amazon_foreign_sentiment", "amazon_foreign_strength"],
        ),
        (
            Source::Viber,
            "app reviews by stars (Viber), learnt from other sources alone",
            None,
            ["viber_foreign_sentiment", "viber_foreign_strength"],
        ),
    ] {
        let annotator = annotator(learn(learning, &HEADS, &|sample| sample.source != source));
        let own = learning.samples.iter().copied().filter(|sample| sample.source == source);
        let told: Vec<Told<'_>> =
            own.map(|sample| (sample, annotator.annotate(&sample.text, None))).collect();
        let told: Vec<&Told<'_>> = told.iter().collect();
        if let Some(keys) = unmet_keys {
            out.extend(unmet(&told, measured_on, keys).into_iter().map(|row| Row { target: None, ..row }));
        }
        out.extend(sentiment(&told, measured_on, keys).into_iter().map(|row| Row { target: None, ..row }));
    }
    out
}

/// Unmet or not: by the question as it stands, and without the answers that say the contrary of their question.
fn unmet(told: &[&Told<'_>], measured_on: &str, keys: [&'static str; 3]) -> Vec<Row> {
    let mut out = Vec::new();
    let row = |key, task, unit, figure, target, worst| {
        let measured_on = measured_on.to_owned();
        Row { key, task, measured_on, unit, figure, target, worst }
    };
    let pairs = |told: &[&&Told<'_>]| -> Vec<(usize, usize)> {
        let pair =
            |one: &&&Told<'_>| (usize::from(is_better(one.0)), usize::from(one.1.unmet.probability >= 0.5));
        told.iter().map(pair).collect()
    };
    let losses = |told: &[&&Told<'_>]| {
        let loss = |one: &&&Told<'_>| {
            let p = f64::from(one.1.unmet.probability);
            (if is_better(one.0) { 0.5 - p } else { p - 0.5 }, one.0.id.clone())
        };
        worst(told.iter().map(loss).collect())
    };
    let all: Vec<&&Told<'_>> = told.iter().collect();
    let some: Vec<&&Told<'_>> = told.iter().filter(|one| is_clear(one.0)).collect();
    let task = "unmet or not, by the question";
    out.push(row(keys[0], task, "macro-F1", bootstrap(&pairs(&all), macro_f1), Some(0.85), losses(&all)));
    let task = "unmet or not, where the rating does not contradict the question";
    out.push(row(keys[1], task, "macro-F1", bootstrap(&pairs(&some), macro_f1), Some(0.85), losses(&some)));
    let scored: Vec<(f32, bool)> =
        some.iter().map(|one| (one.1.unmet.probability, is_better(one.0))).collect();
    out.push(row(keys[2], "the same, ranking", "AUC", bootstrap(&scored, auc), None, Vec::new()));
    out
}

fn sentiment(told: &[&Told<'_>], measured_on: &str, keys: [&'static str; 2]) -> Vec<Row> {
    let labelled: Vec<(&&Told<'_>, usize)> =
        told.iter().filter_map(|one| Some((one, one.0.labels.sentiment?))).collect();
    let told_label =
        |one: &Told<'_>| LABELS.iter().position(|label| *label == one.1.sentiment.label).unwrap_or(0);
    let pairs: Vec<(usize, usize)> = labelled.iter().map(|(one, truth)| (*truth, told_label(one))).collect();
    let losses = labelled
        .iter()
        .map(|(one, truth)| {
            let far = truth.abs_diff(told_label(one)) as f64;
            (far * (1.0 + f64::from(one.1.sentiment.score).abs()), one.0.id.clone())
        })
        .collect();
    let strengths: Vec<(f64, f64)> = told
        .iter()
        .filter_map(|one| Some((f64::from(one.1.sentiment.score), f64::from(one.0.labels.strength?))))
        .collect();
    let row = |key, task, unit, figure, target, worst| {
        let measured_on = measured_on.to_owned();
        Row { key, task, measured_on, unit, figure, target, worst }
    };
    vec![
        row(
            keys[0],
            "sentiment, 3 classes",
            "macro-F1",
            bootstrap(&pairs, macro_f1),
            Some(0.70),
            worst(losses),
        ),
        row(
            keys[1],
            "strength of sentiment against the human score",
            "rank correlation",
            bootstrap(&strengths, spearman),
            Some(0.75),
            Vec::new(),
        ),
    ]
}

/// The gap type of a long complaint: that of most of its unmet expectations, the first on a tie.
fn gaps(told: &[&Told<'_>]) -> Row {
    let judged: Vec<((usize, usize), String)> = told
        .iter()
        .filter_map(|one| {
            let truth = one.0.labels.gap?;
            let mut counts = [0_usize; 14];
            let unmet = one.1.expectations.iter().filter(|known| known.outcome == Outcome::Unmet);
            let gaps: Vec<usize> = unmet.filter_map(|known| known.gap).map(|gap| gap as usize).collect();
            gaps.iter().for_each(|gap| counts[*gap] += 1);
            let most = gaps.iter().map(|gap| counts[*gap]).max().unwrap_or(0);
            let told = gaps.iter().find(|gap| counts[**gap] == most).copied().unwrap_or(13);
            Some(((truth, told), one.0.id.clone()))
        })
        .collect();
    let pairs: Vec<(usize, usize)> = judged.iter().map(|one| one.0).collect();
    let losses =
        judged.iter().map(|((truth, told), id)| (f64::from(u8::from(truth != told)), id.clone())).collect();
    Row {
        key: "cfpb_gap",
        task: "gap type of 13",
        measured_on: "complaints (CFPB) by their issue, leave-companies-out".to_owned(),
        unit: "macro-F1",
        figure: bootstrap(&pairs, macro_f1),
        target: Some(0.60),
        worst: worst(losses),
    }
}
