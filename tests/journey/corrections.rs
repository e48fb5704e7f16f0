//! What people say of mappings: a correction holds through re-deliveries, rebuilds and a new start, is seen in counts and
//! search, and can be undone; judged samples give an agreement.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Instant;

use groundswell::engine::Shared;
use groundswell_model::{Correction, Decision, FeedbackId, GapType};
use groundswell_search::Query;
use groundswell_server::{CorrectionRequest, Deed, Fault, Installation, Recorded, SearchRequest};
use groundswell_tests::{House, PATIENCE};
use serde_json::{Value, json};

use crate::records::accepted;

fn said(record: u32, text: &str) -> Value {
    json!({ "record": format!("R-{record}"), "occurred_at": "2026-05-20T10:00:00Z", "kind": "complaint",
        "respondent": { "customer": format!("C-{record}") }, "context": { "order_status": "shipped" },
        "statements": [{ "text": text }] })
}

/// Eight late parcels, and a newsletter that is taken for one.
fn records() -> Vec<Value> {
    let late = (0..8).map(|record| said(record, "My parcel came four days late."));
    late.chain([said(8, "The newsletter came four days late.")]).collect()
}

fn correct(
    shared: &Arc<Shared>,
    feedback: Vec<FeedbackId>,
    query: Option<&str>,
    correction: Correction,
) -> Result<Recorded, Fault> {
    shared.correct(CorrectionRequest {
        actor: "ada".to_owned(),
        reason: Some("I know the customer".to_owned()),
        feedback,
        query: query.map(|q| SearchRequest { q: q.to_owned(), ..SearchRequest::default() }),
        correction,
        dry_run: false,
    })
}

fn reported(shared: &Shared) {
    assert!(shared.await_reported(Instant::now() + PATIENCE).unwrap());
}

fn decide(shared: &Arc<Shared>, decision: Decision) -> Result<Recorded, Fault> {
    shared.decide(Deed { actor: "ada".to_owned(), reason: None, decision })
}

/// People by cell of the report.
fn people(shared: &Shared, stage: &str, gap: &str) -> u64 {
    let report = shared.report(None, None, None).unwrap();
    report.matrix.iter().find(|cell| cell.stage == stage && cell.gap == gap).map_or(0, |cell| cell.people)
}

fn find(shared: &Shared, text: &str) -> Vec<FeedbackId> {
    let query = Query { text: text.to_owned(), limit: 50, ..Query::default() };
    let answer = shared.search(query).unwrap();
    let hits = answer["hits"].as_array().unwrap();
    hits.iter().map(|hit| hit["id"].as_str().unwrap().parse().unwrap()).collect()
}

fn to_billing() -> Correction {
    Correction {
        stage: Some("purchase".parse().unwrap()),
        gap: Some(GapType::AccuracyBilling),
        ..Correction::default()
    }
}

#[test]
fn a_correction_is_seen_at_once_survives_a_rebuild_and_can_be_undone() {
    let house = House::new("corrected");
    let number = house.visit(|shared| {
        accepted(shared, &records());
        reported(shared);
        assert_eq!(people(shared, "fulfilment", "timeliness"), 9);
        let one = find(shared, "newsletter");
        let made = correct(shared, one.clone(), None, to_billing()).unwrap();
        assert!(made.seen && made.feedback == 1, "{made:?}");
        assert_eq!(people(shared, "fulfilment", "timeliness"), 8);
        assert_eq!(people(shared, "purchase", "accuracy_billing"), 1);
        assert_eq!(find(shared, "stage:purchase"), one, "search says the same");
        let detail = shared.feedback(&one[0].to_string()).unwrap();
        assert_eq!(detail.mapping.stage.as_str(), "purchase");
        assert_eq!(detail.mapping.corrected_by.as_deref(), Some("ada"));
        assert_eq!(detail.corrections, [made.number.unwrap()]);
        assert!(detail.feedback.content.statements[0].text.contains("newsletter"));
        for unknown in ["fb_x", "", &FeedbackId::from_bytes([7; 16]).to_string()] {
            assert_eq!(shared.feedback(unknown).unwrap_err().code(), "api.not_found", "{unknown:?}");
        }
        let report = shared.report(None, None, None).unwrap();
        assert_eq!(report.corrected, 1);
        let cell = report.matrix.iter().find(|cell| cell.stage == "purchase").unwrap();
        assert_eq!(cell.quotes.len(), 1, "its sentence stands beside the number");
        // The source sends it again, changed: the correction holds.
        let mut again = said(8, "The newsletter came five days late.");
        again["revision"] = json!(4_000_000_000_000_i64);
        accepted(shared, &[again]);
        made.number.unwrap()
    });
    house.visit(|shared| {
        // The first thing that a new start reads is another revision of what was corrected.
        let mut again = said(8, "The newsletter came six days late.");
        again["revision"] = json!(4_000_000_000_001_i64);
        accepted(shared, &[again]);
        reported(shared);
        assert_eq!(people(shared, "purchase", "accuracy_billing"), 1, "a new start");
    });
    let dump = house.dump();
    std::fs::remove_dir_all(house.data().state()).unwrap();
    std::fs::remove_dir_all(house.data().index()).unwrap();
    house.visit(|shared| {
        reported(shared);
        assert_eq!(people(shared, "purchase", "accuracy_billing"), 1, "a rebuild");
    });
    assert_eq!(house.dump(), dump);
    house.visit(|shared| {
        let undone = decide(shared, Decision::CorrectionUndone { correction: number }).unwrap();
        assert!(undone.seen && undone.feedback == 1, "{undone:?}");
        assert_eq!(people(shared, "fulfilment", "timeliness"), 9);
        let rows = shared.corrections().unwrap();
        assert_eq!((rows.len(), rows[0].undone.is_some()), (1, true));
        let twice = decide(shared, Decision::CorrectionUndone { correction: number }).unwrap_err();
        assert_eq!(twice.code(), "api.conflict");
    });
}

#[test]
fn all_hits_of_a_query_are_corrected_and_the_later_word_holds() {
    let house = House::new("corrected-hits");
    house.visit(|shared| {
        accepted(shared, &records());
        reported(shared);
        let none = Correction { not_a_complaint: true, ..Correction::default() };
        let made = correct(shared, Vec::new(), Some("parcel"), none).unwrap();
        assert_eq!(made.feedback, 8);
        assert_eq!(people(shared, "fulfilment", "timeliness"), 1, "the newsletter is left");
        assert_eq!(shared.corrections().unwrap()[0].query.as_deref(), Some("parcel"));
        let first = find(shared, "parcel")[0];
        correct(shared, vec![first], None, to_billing()).unwrap();
        assert_eq!(people(shared, "purchase", "accuracy_billing"), 1);
        let undone = decide(shared, Decision::CorrectionUndone { correction: made.number.unwrap() }).unwrap();
        assert_eq!(undone.feedback, 8);
        assert_eq!(people(shared, "fulfilment", "timeliness"), 8);
        assert_eq!(people(shared, "purchase", "accuracy_billing"), 1, "the other correction still holds");
    });
}

#[test]
fn a_correction_that_cannot_be_is_refused_and_says_why() {
    let house = House::new("refused-corrections");
    house.visit(|shared| {
        accepted(shared, &records());
        reported(shared);
        let one = find(shared, "newsletter");
        let stage = |code: &str| Correction { stage: Some(code.parse().unwrap()), ..Correction::default() };
        let both = Correction { not_a_complaint: true, ..to_billing() };
        let unknown: FeedbackId = FeedbackId::from_bytes([7; 16]);
        for (feedback, query, correction, code, told) in [
            (one.clone(), None, Correction::default(), "api.bad_action", "corrects nothing"),
            (one.clone(), None, both, "api.bad_action", "has no gap"),
            (one.clone(), None, stage("moon"), "api.bad_action", "the journey map has no moon"),
            (vec![unknown], None, to_billing(), "api.not_found", "feedback fb_"),
            (Vec::new(), None, to_billing(), "api.bad_action", "name one"),
            (Vec::new(), Some("zebra"), to_billing(), "api.bad_action", "name one"),
        ] {
            let fault = correct(shared, feedback, query, correction).unwrap_err();
            assert_eq!(fault.code(), code, "{fault}");
            assert!(fault.to_string().contains(told), "{fault}");
        }
        let missing = decide(shared, Decision::CorrectionUndone { correction: 9_999 }).unwrap_err();
        assert_eq!(missing.code(), "api.not_found");
        assert_eq!(shared.corrections().unwrap(), [], "nothing was recorded");
        correct(shared, one, None, stage("unknown")).unwrap();
        assert_eq!(people(shared, "unknown", "timeliness"), 1);
    });
}

#[test]
fn a_judged_sample_gives_an_agreement_and_is_not_drawn_again() {
    let house = House::new("reviewed");
    house.visit(|shared| {
        accepted(shared, &records());
        reported(shared);
        let drawn = shared.review(5, 3).unwrap();
        assert_eq!((drawn.sample.len(), drawn.agreement), (5, None));
        assert_eq!(shared.review(5, 3).unwrap(), drawn, "the same seed draws the same");
        let ids = |sample: &groundswell_server::ReviewSample| -> BTreeSet<FeedbackId> {
            sample.sample.iter().map(|item| item.id).collect()
        };
        assert_ne!(ids(&shared.review(5, 4).unwrap()), ids(&drawn));
        for (at, item) in drawn.sample.iter().enumerate() {
            let decision = Decision::MappingReviewed {
                feedback: item.id,
                agrees: at > 0,
                stage: item.mapping.stage.clone(),
                gaps: Vec::new(),
            };
            decide(shared, decision).unwrap();
        }
        let left = shared.review(200, 3).unwrap();
        assert!(left.sample.len() == 4 && ids(&left).is_disjoint(&ids(&drawn)));
        let agreement = left.agreement.unwrap();
        assert_eq!((agreement.value, agreement.n), (80.0, 5));
        assert!(agreement.low < 80.0 && agreement.high > 80.0);
        assert_eq!(shared.report(None, None, None).unwrap().agreement, Some(agreement));
        assert_eq!(shared.review(201, 3).unwrap_err().code(), "api.bad_parameter");
    });
}
