//! The data sets as samples: a text, what is known of it, and the group that must not be split between folds.

use std::ops::Range;

use groundswell_annotate::heads::{Head, STAGES};
use groundswell_annotate::spans::Tag;
use groundswell_annotate::{Annotator, Observation};
use groundswell_model::{GapType, JourneyMap};

use super::read::{Case, cases, mapping, shared, table};
use super::tags::Tagged;

/// Where a sample is from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Source {
    Nhft,
    Banking,
    Amazon,
    Viber,
    Cfpb,
    Development,
    Training,
    Phrases,
}

/// What is known of a sample.
#[derive(Clone, Copy, Debug, Default)]
pub struct Labels {
    /// Unmet, met, neither.
    pub outcome: Option<usize>,
    pub gap: Option<usize>,
    pub stage: Option<usize>,
    /// Negative, neutral, positive.
    pub sentiment: Option<usize>,
    /// From 0, bad, to 1, good.
    pub strength: Option<f32>,
    pub explicit: Option<bool>,
    pub exceeded: Option<bool>,
}

/// A text with what is known of it.
pub struct Sample {
    pub id: String,
    pub source: Source,
    pub group: String,
    pub text: String,
    pub labels: Labels,
    pub seen: Observation,
    /// The spans of a sentence of ours in which an expectation broke.
    pub tagged: Option<Tagged>,
}

impl Sample {
    /// Gives the shares of a head's classes, where they are known.
    pub fn target(&self, head: Head) -> Option<Vec<f32>> {
        let labels = &self.labels;
        let class = match head {
            Head::Outcome => labels.outcome,
            Head::Gap => labels.gap,
            Head::Stage => labels.stage,
            Head::Sentiment => labels.sentiment,
            Head::Strength => return labels.strength.map(|good| vec![1.0 - good, good]),
            Head::Explicit => labels.explicit.map(usize::from),
            Head::Exceeded => labels.exceeded.map(usize::from),
        };
        let mut out = vec![0.0; head.classes()];
        out[class?] = 1.0;
        Some(out)
    }
}

const UNMET: usize = 0;
const MET: usize = 1;
const NONE: usize = 2;
const NEGATIVE: usize = 0;
const NEUTRAL: usize = 1;
const POSITIVE: usize = 2;

/// Gives the number of a gap type.
pub fn gap(code: &str) -> Option<usize> {
    GapType::ALL.iter().position(|gap| gap.as_str() == code)
}

/// Gives the number of a stage.
pub fn stage(code: &str) -> Option<usize> {
    STAGES.iter().position(|stage| *stage == code)
}

/// Reads every set that is there.
pub fn all(annotator: &Annotator) -> Vec<Sample> {
    let mut out = nhft();
    out.extend(banking());
    out.extend(amazon());
    out.extend(viber());
    out.extend(cfpb());
    out.extend(written(annotator, Source::Development, "development.jsonl"));
    out.extend(written(annotator, Source::Training, "training.jsonl"));
    out.extend(phrases());
    for sample in &mut out {
        sample.seen = annotator.observe(&sample.text);
    }
    out
}

fn sample(source: Source, id: String, group: &str, text: &str, labels: Labels) -> Sample {
    let (group, text) = (group.to_owned(), text.trim().to_owned());
    Sample { id, source, group, text, labels, seen: Observation::default(), tagged: None }
}

/// Survey answers. Whether an expectation was unmet follows from the question, unless the rating of the comment says that
/// the answer names nothing.
fn nhft() -> Vec<Sample> {
    let themes = mapping("nhft_themes.csv");
    let rows = table(&shared("survey/nhs_fft_NHFT.csv").unwrap_or_default(), b',');
    let answered = rows.iter().filter(|row| !row["FFT answer"].trim().is_empty());
    let samples = answered.map(|row| {
        let better = row["FFT question"] == "What could we do better?";
        let code = row["Comment sentiment"].parse::<f32>().ok();
        let outcome = match (better, code) {
            (true, Some(code)) if code <= 2.0 => Some(NONE),
            (true, _) => Some(UNMET),
            (false, Some(code)) if code >= 4.0 => None,
            (false, _) => Some(MET),
        };
        let mut gaps =
            themes.iter().filter(|(theme, _)| row.get(*theme).is_some_and(|cell| !cell.is_empty()));
        let first = gaps.next().and_then(|(_, row)| gap(&row["gap"]));
        let labels = Labels {
            outcome,
            gap: first.filter(|_| outcome == Some(UNMET) && gaps.all(|(_, row)| gap(&row["gap"]) == first)),
            sentiment: code.map(|code| match code {
                code if code <= 2.0 => POSITIVE,
                code if code >= 4.0 => NEGATIVE,
                _ => NEUTRAL,
            }),
            strength: code.map(|code| (5.0 - code) / 4.0),
            ..Labels::default()
        };
        sample(
            Source::Nhft,
            row["Comment ID"].clone(),
            &service(&row["Service type 1"]),
            &row["FFT answer"],
            labels,
        )
    });
    samples.collect()
}

/// The large services; the few answers of all others are one group.
fn service(name: &str) -> String {
    match name {
        "Local partnerships- MH" | "Forensic" | "Community health services" => name.to_owned(),
        _ => "other".to_owned(),
    }
}

/// Questions to a bank; what their intent means is mapped by hand.
fn banking() -> Vec<Sample> {
    let intents = mapping("banking77.csv");
    let rows = table(&shared("themes_stage/banking77_train.csv").unwrap_or_default(), b',');
    let samples = rows.iter().enumerate().filter_map(|(index, row)| {
        let intent = intents.get(&row["category"])?;
        let unmet = intent["outcome"] == "unmet";
        let labels = Labels {
            outcome: Some(if unmet { UNMET } else { NONE }),
            gap: gap(&intent["gap"]),
            stage: stage(&intent["stage"]),
            ..Labels::default()
        };
        Some(sample(Source::Banking, format!("banking77-{index}"), &row["category"], &row["text"], labels))
    });
    samples.collect()
}

/// Sentences of product reviews, rated by twenty people from -4 to 4.
fn amazon() -> Vec<Sample> {
    let rows = table(&shared("sentiment/vader_amazon_snippets.tsv").unwrap_or_default(), b'\t');
    let samples = rows.iter().filter_map(|row| {
        let rating = row["sentiment"].parse::<f32>().ok()?;
        let labels = Labels {
            outcome: match rating {
                rating if rating <= -1.4 => Some(UNMET),
                rating if rating >= 1.4 => Some(MET),
                rating if rating.abs() < 0.2 => Some(NONE),
                _ => None,
            },
            sentiment: Some(label(rating)),
            strength: Some((rating / 6.0 + 0.5).clamp(0.0, 1.0)),
            ..Labels::default()
        };
        let group = row["id"].split('_').next().unwrap_or("");
        Some(sample(Source::Amazon, format!("amazon-{}", row["id"]), group, &row["text"], labels))
    });
    samples.collect()
}

/// Gives the label of a mean rating: people disagree within half a step of zero.
pub fn label(rating: f32) -> usize {
    match rating {
        rating if rating <= -0.5 => NEGATIVE,
        rating if rating >= 0.5 => POSITIVE,
        _ => NEUTRAL,
    }
}

/// App reviews, every fourth; their stars are weak labels.
fn viber() -> Vec<Sample> {
    let text = shared("over_time/app_viber/total_info.txt").unwrap_or_default();
    let rows = text.lines().enumerate().step_by(4).filter_map(|(index, line)| {
        let mut parts = line.split("******");
        let stars = parts.next()?.parse::<f32>().ok()?;
        let text = parts.next()?;
        let labels = Labels {
            outcome: match stars {
                stars if stars <= 2.0 => Some(UNMET),
                stars if stars >= 5.0 => Some(MET),
                _ => None,
            },
            sentiment: Some(match stars {
                stars if stars <= 2.0 => NEGATIVE,
                stars if stars >= 4.0 => POSITIVE,
                _ => NEUTRAL,
            }),
            strength: Some((stars - 1.0) / 4.0),
            ..Labels::default()
        };
        let version = parts.nth(1).unwrap_or("");
        (text.len() > 12).then(|| sample(Source::Viber, format!("viber-{index}"), version, text, labels))
    });
    rows.collect()
}

/// Complaints to an authority; the issue that was chosen is mapped by hand.
fn cfpb() -> Vec<Sample> {
    let issues = mapping("cfpb_issues.csv");
    let rows = table(&shared("gaps/cfpb_narratives_early.csv").unwrap_or_default(), b',');
    let told = rows.iter().filter(|row| !row["Consumer complaint narrative"].is_empty());
    let samples = told.map(|row| {
        let gap = issues.get(&row["Issue"]).and_then(|issue| gap(&issue["gap"]));
        let labels = Labels { outcome: Some(UNMET), gap, sentiment: Some(NEGATIVE), ..Labels::default() };
        let (id, group) = (format!("cfpb-{}", row["Complaint ID"]), &row["Company"]);
        sample(Source::Cfpb, id, group, &row["Consumer complaint narrative"], labels)
    });
    samples.collect()
}

/// Our own sentences.
fn written(annotator: &Annotator, source: Source, name: &str) -> Vec<Sample> {
    let samples = cases(name).into_iter().map(|case| {
        let (outcome, tone) = match case.outcome.as_str() {
            "unmet" => (UNMET, NEGATIVE),
            "none" if case.stage == "unknown" => (NONE, NEGATIVE),
            "none" => (NONE, NEUTRAL),
            _ => (MET, POSITIVE),
        };
        let labels = Labels {
            outcome: Some(outcome),
            gap: case.gap.as_deref().and_then(gap),
            stage: stage(&case.stage),
            sentiment: Some(tone),
            strength: Some([0.15, 0.5, 0.85][tone]),
            explicit: Some(case.kind == "explicit").filter(|_| outcome == UNMET && !case.kind.is_empty()),
            exceeded: Some(case.outcome == "exceeded").filter(|_| outcome == MET),
        };
        let sample = sample(source, case.id.clone(), &case.domain, &case.text, labels);
        Sample { tagged: tagged(annotator, &case), ..sample }
    });
    samples.collect()
}

/// Tags the words of a case with the spans that we gave it.
fn tagged(annotator: &Annotator, case: &Case) -> Option<Tagged> {
    let range = |span: &str| case.text.find(span).map(|at| at..at + span.len());
    let happened = range(case.happened.as_deref()?)?;
    let expected = case.expected.as_deref().and_then(range);
    let seen = annotator.observe_spans(&case.text, expected.is_some(), happened.start);
    let within = |span: &Range<usize>, word: &Range<usize>| word.start < span.end && word.end > span.start;
    let tags = seen.iter().map(|seen| match &expected {
        _ if within(&happened, &seen.range) => Tag::Happened,
        Some(expected) if within(expected, &seen.range) => Tag::Expected,
        _ => Tag::Neither,
    });
    let tags = tags.collect();
    Some(Tagged {
        explicit: expected.is_some(),
        tags,
        signs: seen.into_iter().map(|seen| seen.signs).collect(),
    })
}

/// The phrases of the shipped journey map, each a tiny text of its gap type or stage.
fn phrases() -> Vec<Sample> {
    let map = JourneyMap::shipped().expect("the shipped map is well formed");
    let mut out = Vec::new();
    let mut put = |id: String, text: &str, labels: Labels| {
        out.push(sample(Source::Phrases, id, "map", text, labels));
    };
    for norm in &map.gaps {
        for phrase in &norm.phrases {
            let labels = Labels { gap: gap(norm.code.as_str()), ..Labels::default() };
            put(format!("map-{phrase}"), phrase, labels);
        }
    }
    for one in &map.stages {
        for phrase in one.phrases.iter().chain([&one.description, &one.name]) {
            let labels = Labels { stage: stage(one.code.as_str()), ..Labels::default() };
            put(format!("map-{phrase}"), phrase, labels);
        }
    }
    out
}
