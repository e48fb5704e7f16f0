//! The table of structured evidence (methods 1.3), row by row, on the shipped map; and what the words may add at most.
#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

use std::collections::{BTreeMap, BTreeSet};

use groundswell_annotate::{Evidence, Mapper};
use groundswell_model::{
    Annotation, Clock, JourneyMap, Mapping, Sentiment, SentimentLabel, Timestamp, Unmet, UnmetKind,
};

/// What is known, and the stages that it speaks for with their weights.
struct Row {
    context: &'static [(&'static str, &'static str)],
    channel: &'static str,
    /// Days since the first use, and to the end of the term.
    days: (Option<i64>, Option<i64>),
    weights: &'static [(&'static str, f32)],
}

const fn known(
    context: &'static [(&'static str, &'static str)],
    weights: &'static [(&'static str, f32)],
) -> Row {
    Row { context, channel: "email", days: (None, None), weights }
}

const fn on(channel: &'static str, weights: &'static [(&'static str, f32)]) -> Row {
    Row { context: &[], channel, days: (None, None), weights }
}

const fn at(tenure: Option<i64>, term: Option<i64>, weights: &'static [(&'static str, f32)]) -> Row {
    Row { context: &[], channel: "email", days: (tenure, term), weights }
}

const TABLE: [Row; 27] = [
    known(&[("order_status", "created")], &[("purchase", 2.0), ("fulfilment", 1.0)]),
    known(&[("order_status", "Paid")], &[("purchase", 2.0), ("fulfilment", 1.0)]),
    known(&[("order_status", "packed")], &[("fulfilment", 3.0)]),
    known(&[("order_status", "out for delivery")], &[("fulfilment", 3.0)]),
    known(&[("order_status", "lost")], &[("fulfilment", 3.0)]),
    known(&[("order_status", "delivered")], &[("fulfilment", 1.5), ("onboarding", 1.5)]),
    known(&[("order_status", "refund-open")], &[("support", 2.5)]),
    known(&[("page", "product")], &[("consideration", 2.0), ("awareness", 0.5)]),
    known(&[("request", "cancellation")], &[("exit", 3.5)]),
    known(&[("request", "Port out")], &[("exit", 3.5)]),
    known(&[("ticket_category", "delivery")], &[("fulfilment", 2.0)]),
    known(&[("ticket_category", "billing")], &[("purchase", 0.7), ("use", 0.7)]),
    known(&[("ticket_category", "technical")], &[("use", 1.5)]),
    known(&[("ticket_category", "complaint handling")], &[("support", 2.5)]),
    known(&[("ticket_category", "cancellation")], &[("exit", 2.5)]),
    known(&[("survey_type", "post_purchase")], &[("purchase", 3.0)]),
    known(&[("survey_type", "post-delivery")], &[("fulfilment", 3.0)]),
    known(&[("survey_type", "onboarding")], &[("onboarding", 3.0)]),
    known(&[("survey_type", "post-contact")], &[("support", 3.0)]),
    known(&[("survey_type", "relationship NPS")], &[("use", 0.7)]),
    known(&[("survey_type", "churn")], &[("exit", 3.0)]),
    on("app_review", &[("use", 1.0)]),
    on("ad comment", &[("awareness", 2.0)]),
    on("kiosk", &[("purchase", 0.7)]),
    at(Some(12), None, &[("onboarding", 1.5)]),
    at(Some(45), None, &[("use", 1.0)]),
    at(None, Some(40), &[("renewal", 2.0)]),
];

fn mapper() -> Mapper {
    Mapper::new(JourneyMap::shipped().unwrap()).unwrap()
}

fn placed(mapper: &Mapper, row: &Row) -> Mapping {
    let now: Timestamp = "2026-06-01T12:00:00Z".parse().unwrap();
    let days = |days: i64| Timestamp::from_millis(now.millis() + days * 86_400_000);
    let context: BTreeMap<String, String> =
        row.context.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let clock = Clock {
        activated_at: row.days.0.map(|tenure| days(-tenure)),
        term_ends_at: row.days.1.map(days),
        ..Clock::default()
    };
    let evidence =
        Evidence { kind: None, channel: row.channel, context: &context, clock, occurred_at: Some(now) };
    mapper.place(&[], &evidence)
}

/// Turns log-odds over ten stages into the share of the first.
fn share(stage: f32, others: &[f32]) -> f32 {
    let rest: f32 = others.iter().map(|weight| weight.exp()).sum();
    #[expect(clippy::cast_precision_loss, reason = "at most nine stages")]
    let silent = (9 - others.len()) as f32;
    stage.exp() / (stage.exp() + rest + silent)
}

#[test]
fn every_row_of_the_table_speaks_for_its_stages_with_its_weights() {
    let mapper = mapper();
    for row in &TABLE {
        let mapping = placed(&mapper, row);
        let told: BTreeSet<String> =
            mapping.because.iter().map(|reason| format!("{} {:.1}", reason.stage, reason.weight)).collect();
        let wanted: BTreeSet<String> =
            row.weights.iter().map(|(stage, weight)| format!("{stage} {weight:.1}")).collect();
        assert_eq!(told, wanted, "{:?} {} {:?}", row.context, row.channel, row.days);
        let [(first, most), others @ ..] = row.weights else { unreachable!() };
        let others: Vec<f32> = others.iter().map(|(_, weight)| *weight).collect();
        let probability = share(*most, &others);
        assert!((mapping.probability - probability).abs() < 1e-3, "{:?}", row.context);
        let named = if probability >= 0.55 { *first } else { "unknown" };
        assert_eq!(mapping.stage.as_str(), named, "{:?}", row.context);
    }
}

#[test]
fn evidence_adds_up_and_contradictions_leave_it_unknown() {
    let mapper = mapper();
    let both = known(&[("order_status", "shipped"), ("ticket_category", "delivery")], &[]);
    let mapping = placed(&mapper, &both);
    assert_eq!(mapping.stage.as_str(), "fulfilment");
    assert!((mapping.probability - share(5.0, &[])).abs() < 1e-3);
    let against = known(&[("order_status", "shipped"), ("survey_type", "churn")], &[]);
    let mapping = placed(&mapper, &against);
    assert!(mapping.stage.is_unknown(), "{mapping:?}");
    assert!((mapping.probability - share(3.0, &[3.0])).abs() < 1e-3);
}

/// An annotation that says nothing, so that no clause counts more than another.
fn silent() -> Annotation {
    Annotation {
        sentiment: Sentiment { label: SentimentLabel::Neutral, score: 0.0 },
        unmet: Unmet { probability: 0.0, kind: UnmetKind::None },
        expectations: Vec::new(),
        embedding: None,
        near_duplicate: None,
    }
}

#[test]
fn phrases_weigh_by_their_words_up_to_three_and_stems_up_to_one() {
    let mapper = mapper();
    let context = BTreeMap::new();
    let weights = |text: &str, beginning: &str| -> f32 {
        let said = silent();
        let evidence = Evidence {
            kind: None,
            channel: "",
            context: &context,
            clock: Clock::default(),
            occurred_at: None,
        };
        let mapping = mapper.place(&[(text, &said)], &evidence);
        let told = mapping.because.iter().filter(|reason| reason.stage.as_str() == "fulfilment");
        told.filter(|reason| reason.evidence.starts_with(beginning)).map(|reason| reason.weight).sum()
    };
    assert!((weights("Courier", "phrase") - 1.0).abs() < 1e-3);
    assert!((weights("Tracking number", "phrase") - 1.5).abs() < 1e-3);
    assert!((weights("Out for delivery", "phrase") - 2.0).abs() < 1e-3);
    let many = "Courier, tracking number, out for delivery, missed delivery, delivery slot, in transit";
    assert!((weights(many, "phrase") - 3.0).abs() < 5e-3, "{}", weights(many, "phrase"));
    let stems = "Deliverable, shippable, arrivals, packaged, dispatching, luggagey";
    assert!(weights(stems, "stem") <= 1.0 + 5e-3, "{}", weights(stems, "stem"));
}
