//! The seventy sentences of the method: what is unmet, how it was said, which gap, which stage, which spans.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test may fail loudly"
)]

use std::collections::BTreeMap;

use groundswell_annotate::{Annotator, Evidence, Mapper};
use groundswell_model::{Annotation, Clock, Expectation, JourneyMap, Outcome, UnmetKind};

const SENTENCES: &str = include_str!("cases/expectations.jsonl");

/// Counts over the sentences.
#[derive(Debug, Default)]
struct Figures {
    unmet_right: u32,
    unmet_said: u32,
    unmet_true: u32,
    kinds: u32,
    gaps: u32,
    stages: u32,
    known: u32,
    known_right: u32,
    expected: u32,
    expected_true: u32,
    happened: u32,
    happened_true: u32,
    all: u32,
}

fn figures() -> Figures {
    let (annotator, mapper) =
        (Annotator::new().unwrap(), Mapper::new(JourneyMap::shipped().unwrap()).unwrap());
    let mut out = Figures::default();
    for line in SENTENCES.lines() {
        let label: serde_json::Value = serde_json::from_str(line).unwrap();
        let field = |name: &str| label[name].as_str();
        let text = field("t").unwrap();
        let said = annotator.annotate(text, None);
        let context = BTreeMap::new();
        let evidence = Evidence {
            kind: None,
            channel: "",
            context: &context,
            clock: Clock::default(),
            occurred_at: None,
        };
        let stage = mapper.likeliest(&[(text, &said)], &evidence).0;
        let placed = mapper.place(&[(text, &said)], &evidence);
        count(&mut out, &said, field("k").unwrap(), field("g").unwrap());
        let first = first(&said);
        let agrees = |name: &str, span: Option<&String>| {
            u32::from(field(name).is_some() && field(name) == span.map(String::as_str))
        };
        out.expected += agrees("e", first.and_then(|expectation| expectation.expected.as_ref()));
        out.happened += agrees("r", first.and_then(|expectation| expectation.happened.as_ref()));
        out.expected_true += u32::from(field("e").is_some());
        out.happened_true += u32::from(field("r").is_some());
        out.stages += u32::from(Some(stage.as_str()) == field("s"));
        out.known += u32::from(!placed.stage.is_unknown());
        out.known_right += u32::from(Some(placed.stage.as_str()) == field("s"));
        out.all += 1;
        let gap = first.and_then(|expectation| expectation.gap).map_or("none", |gap| gap.as_str());
        println!(
            "{} {:.2} {:?} gap {gap} ({}) stage {stage} ({})\n   {text}\n   {:?} | {:?}",
            field("k").unwrap(),
            said.unmet.probability,
            said.unmet.kind,
            field("g").unwrap(),
            field("s").unwrap(),
            first.and_then(|one| one.expected.as_deref()),
            first.and_then(|one| one.happened.as_deref())
        );
    }
    out
}

fn first(said: &Annotation) -> Option<&Expectation> {
    said.expectations.iter().find(|expectation| expectation.outcome == Outcome::Unmet)
}

fn count(out: &mut Figures, said: &Annotation, kind: &str, gap: &str) {
    let (truth, told) = (kind != "N", said.unmet.probability >= 0.5);
    assert_eq!(told, said.unmet.kind != UnmetKind::None);
    assert_eq!(told, first(said).is_some());
    out.unmet_true += u32::from(truth);
    out.unmet_said += u32::from(told);
    out.unmet_right += u32::from(truth && told);
    let told_kind = match said.unmet.kind {
        UnmetKind::Explicit => "X",
        UnmetKind::Implied => "I",
        UnmetKind::None => "N",
    };
    out.kinds += u32::from(kind == told_kind);
    out.gaps += u32::from(
        truth && first(said).and_then(|expectation| expectation.gap).is_some_and(|told| told.as_str() == gap),
    );
}

#[test]
fn the_seventy_sentences_are_told_as_the_method_asks() {
    let found = figures();
    println!("{found:?}");
    let share = |part: u32, whole: u32| f64::from(part) / f64::from(whole);
    assert_eq!(found.all, 70);
    assert!(share(found.unmet_right, found.unmet_said) >= 0.97, "precision of unmet");
    assert!(share(found.unmet_right, found.unmet_true) >= 0.97, "recall of unmet");
    assert!(share(found.kinds, found.all) >= 0.95, "explicit, implied or none");
    assert!(share(found.gaps, found.unmet_true) >= 0.75, "gap type");
    assert!(share(found.stages, found.all) >= 0.6, "stage");
    assert!(share(found.expected, found.expected_true) >= 0.6, "span of what was expected");
    assert!(share(found.happened, found.happened_true) >= 0.3, "span of what happened");
}
