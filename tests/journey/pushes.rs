//! Pushes: dry runs, refusals, repeats, revisions, deletions, parts, scores without words, times that cannot be right.

use groundswell_model::{Mark, Timestamp};
use groundswell_server::PushStatus;
use groundswell_tests::House;
use serde_json::json;

use crate::records::{accepted, by_record, counts, published, push, push_bytes, report, topic};

#[test]
fn a_dry_run_shows_the_mapping_and_stores_nothing() {
    let house = House::new("dry");
    house.visit(|shared| {
        let record = json!({
            "record": "A-1",
            "statements": [{ "text": "I was promised next day delivery, but the parcel came four days late." }],
            "context": { "order_status": "delivered" },
            "colour": "blue",
        });
        let shown = push_bytes(shared, "submission", vec![record.to_string().into_bytes()], true);
        assert_eq!(shown[0].status, PushStatus::WouldAccept);
        assert_eq!(shown[0].ignored, ["/colour"]);
        let mapping = shown[0].mapping.as_ref().expect("a dry run shows the mapping");
        assert_eq!(mapping.stage.as_str(), "fulfilment", "{mapping:?}");
        assert!(topic(shared, &shared.topics.raw).is_empty());
        let stored = push(shared, &[record]);
        assert_eq!((stored[0].status, &stored[0].id), (PushStatus::Accepted, &shown[0].id));
        assert_eq!(stored[0].mapping, None);
    });
    house.visit(|shared| assert_eq!(counts(shared).live, 1));
}

#[test]
fn a_refused_item_has_a_code_and_says_where_and_the_others_are_stored() {
    let house = House::new("refused");
    house.visit(|shared| {
        let records = [
            json!({ "record": "A-1", "statements": [{ "text": "It came late." }] }),
            json!({ "record": 7, "statements": [{ "text": "A number." }] }),
            json!({ "record": "A-3", "answers": [{ "metric": "nps", "value": 11 }] }),
            json!({ "record": "A-4" }),
        ];
        let mut bytes: Vec<Vec<u8>> = records.iter().map(|record| record.to_string().into_bytes()).collect();
        bytes.push(b"{\"record\": \"A-5\", \"statements\": [{\"te".to_vec());
        bytes.push(b"\xff\xfe\x00".to_vec());
        let results = push_bytes(shared, "submission", bytes, false);
        assert_eq!(results[0].status, PushStatus::Accepted);
        let wanted = ["/record", "/answers/0/value", "/statements", "", ""];
        for (result, pointer) in results[1..].iter().zip(wanted) {
            assert_eq!(result.status, PushStatus::Refused, "{result:?}");
            assert!(result.code.as_deref().unwrap().starts_with("adapt."), "{result:?}");
            assert!(result.message.as_deref().unwrap().contains(pointer), "{result:?} lacks {pointer}");
        }
        assert_eq!(topic(shared, &shared.topics.raw).len(), 1);
    });
    house.visit(|shared| assert_eq!(counts(shared).pipelines["submission"].raw, 1));
}

fn revised(revision: i64, text: &str) -> serde_json::Value {
    json!({ "record": "A-1", "revision": revision, "statements": [{ "text": text }], "occurred_at": "2026-05-01T08:00:00Z" })
}

#[test]
fn repeats_older_revisions_and_deletions_leave_one_feedback_or_none() {
    let house = House::new("revisions");
    let text =
        |house: &House| house.visit(|shared| by_record(shared, "A-1").content.statements[0].text.clone());
    house.visit(|shared| accepted(shared, &[revised(5, "It came late."), revised(5, "It came late.")]));
    house.visit(|shared| accepted(shared, &[revised(3, "An older word.")]));
    assert_eq!(text(&house), "It came late.");
    house.visit(|shared| accepted(shared, &[revised(6, "It never came.")]));
    assert_eq!(text(&house), "It never came.");
    house.visit(|shared| {
        let counts = counts(shared);
        assert_eq!((counts.live, counts.pipelines["submission"].feedback), (1, 1));
        assert_eq!((counts.pipelines["submission"].parts, counts.pipelines["submission"].repeats), (4, 3));
    });
    house.visit(|shared| accepted(shared, &[json!({ "record": "A-1", "revision": 7, "deleted": true })]));
    house.visit(|shared| accepted(shared, &[revised(6, "It never came."), revised(7, "Too late.")]));
    house.visit(|shared| {
        let counts = counts(shared);
        assert_eq!((counts.live, counts.indexed, counts.pipelines["submission"].tombstones), (0, 0, 1));
        let last = published(shared).pop().unwrap();
        assert!(last.feedback.deleted && last.feedback.content.statements.is_empty());
        assert_eq!(report(shared).people, 0);
    });
    house.visit(|shared| accepted(shared, &[revised(8, "It came back.")]));
    assert_eq!(text(&house), "It came back.");
    house.visit(|shared| assert_eq!(counts(shared).live, 1));
}

#[test]
fn a_record_without_a_revision_never_undoes_a_deletion() {
    let house = House::new("deletion");
    let plain = json!({ "record": "A-1", "statements": [{ "text": "It came late." }] });
    house.visit(|shared| accepted(shared, std::slice::from_ref(&plain)));
    house.clock.advance(1_000);
    house.visit(|shared| accepted(shared, &[json!({ "record": "A-1", "deleted": true })]));
    house.clock.advance(1_000);
    house.visit(|shared| accepted(shared, &[plain]));
    house.visit(|shared| assert_eq!(counts(shared).live, 0));
}

#[test]
fn a_score_now_and_its_comment_later_are_one_feedback_and_count_once() {
    let house = House::new("parts");
    let part = |name: &str, rest: serde_json::Value| {
        let mut value = json!({ "record": "S-1", "kind": "survey", "part": name, "delivery": "partial", "revision": 1,
            "occurred_at": "2026-05-02T10:00:00Z", "respondent": { "customer": "C-1" } });
        value.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
        value
    };
    house.visit(|shared| {
        accepted(shared, &[part("score", json!({ "answers": [{ "metric": "nps", "value": 2 }] }))])
    });
    house.visit(|shared| {
        let report = report(shared);
        assert_eq!((report.people, report.feedback, report.scores.len()), (1, 1, 1));
        assert_eq!((report.scores[0].metric.as_str(), report.scores[0].n), ("nps", 1));
    });
    let comment = part("comment", json!({ "statements": [{ "text": "The parcel came four days late." }] }));
    house.visit(|shared| accepted(shared, &[comment.clone(), comment]));
    house.visit(|shared| {
        let feedback = by_record(shared, "S-1");
        assert_eq!(feedback.parts, ["comment", "score"]);
        assert_eq!((feedback.content.answers.len(), feedback.content.statements.len()), (1, 1));
        let report = report(shared);
        assert_eq!((report.people, report.feedback, report.scores[0].n), (1, 1, 1));
        assert_eq!(counts(shared).pipelines["submission"].repeats, 2);
    });
}

#[test]
fn times_that_cannot_be_right_are_kept_and_marked_and_count_when_received() {
    let house = House::new("times");
    let said = |record: &str, at: &str| json!({ "record": record, "occurred_at": at, "statements": [{ "text": "The parcel came four days late." }] });
    house.visit(|shared| {
        let missing =
            json!({ "record": "T-3", "statements": [{ "text": "The parcel came four days late." }] });
        accepted(shared, &[said("T-1", "2031-01-01T00:00:00Z"), said("T-2", "1961-04-12T06:07:00Z"), missing])
    });
    house.visit(|shared| {
        for (record, mark, at) in [
            ("T-1", Mark::TimeInFuture, Some("2031-01-01T00:00:00Z")),
            ("T-2", Mark::TimeBefore1970, Some("1961-04-12T06:07:00Z")),
            ("T-3", Mark::TimeMissing, None),
        ] {
            let content = by_record(shared, record).content;
            assert!(content.marks.contains(&mark), "{record}: {:?}", content.marks);
            let expected: Timestamp = at.map_or(shared.clock.now(), |at| at.parse().unwrap());
            assert_eq!(content.occurred_at, expected);
        }
        let report = report(shared);
        assert_eq!(report.window.since.as_deref(), Some("2026-06-01"));
        assert_eq!(report.window.until.as_deref(), Some("2026-06-01"));
        assert_eq!(counts(shared).live, 3);
    });
}
