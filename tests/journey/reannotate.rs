//! Re-annotation: what an older program stored is brought to the current annotation from its redacted text; interrupted, it
//! goes on; run again, there is nothing to do; and every part stays accounted for.

use std::sync::Arc;

use groundswell::engine::Shared;
use groundswell_annotate::CODE_VERSION;
use groundswell_model::Part;
use groundswell_model::ledger::RE_ANNOTATION;
use groundswell_server::{Installation, Reannotation};
use groundswell_tests::House;
use groundswell_tests::stored::{older, part, store, topic};
use serde_json::{Value, json};

use crate::records::{accepted, counts, published, report};

fn said(record: &str, text: &str) -> Value {
    json!({ "record": record, "revision": 1, "occurred_at": "2026-05-01T08:00:00Z", "kind": "complaint",
        "respondent": { "customer": format!("C-{record}") }, "statements": [{ "text": text }] })
}

/// What an older program stored: plain records, two parts of one feedback, a correction and what it corrects, a deletion and
/// what it takes back, and an agent's words.
fn stored() -> Vec<Part> {
    let late = "I was promised next day delivery, but the parcel came four days late.";
    let mut parts: Vec<Part> = (0..6).map(|number| part(&said(&format!("R-{number}"), late), 1)).collect();
    for (name, text) in
        [("score", "I was charged twice for the renewal."), ("comment", "Nobody called me back.")]
    {
        let mut value = said("R-two", text);
        value["part"] = json!(name);
        value["delivery"] = json!("partial");
        parts.push(part(&value, 1));
    }
    parts.push(part(&said("R-corrected", "The parcel never came."), 1));
    parts.push(part(&said("R-corrected", "I was charged twice for the renewal."), 2));
    parts.push(part(&said("R-deleted", "The parcel never came."), 1));
    parts.push(part(&json!({ "record": "R-deleted", "revision": 2, "deleted": true }), 1));
    let mut value = said("R-agent", "The agent was rude and hung up on me.");
    value["statements"].as_array_mut().unwrap().push(json!({ "text": "We are sorry.", "speaker": "agent" }));
    parts.push(part(&value, 1));
    parts
}

/// Parts of [`stored`] that stand: all but the corrected and the deleted one and the deletion.
const STANDING: u64 = 10;

/// Takes steps until nothing is left; says how many parts each annotated.
fn bring(shared: &Arc<Shared>) -> Vec<u64> {
    let mut steps = Vec::new();
    loop {
        let step = shared.reannotate().unwrap();
        assert_eq!(step.version, CODE_VERSION);
        assert!(step.read <= step.total);
        if step.done {
            return steps;
        }
        steps.push(step.reannotated);
    }
}

/// What was published of each feedback, without its version.
fn shown(shared: &Arc<Shared>) -> Vec<String> {
    published(shared)
        .into_iter()
        .map(|mapped| serde_json::to_string(&(mapped.feedback, mapped.mapping)).unwrap())
        .collect()
}

/// What this program says of the same records when they arrive anew.
fn expected() -> Vec<String> {
    let house = House::new("reannotate-anew");
    house.visit(|shared| store(shared, &stored()));
    house.visit(shown)
}

/// Removes the views and has them folded anew.
fn rebuild_views(house: &House) {
    std::fs::remove_dir_all(house.data().state()).unwrap();
    std::fs::remove_dir_all(house.data().index()).unwrap();
    house.visit(|_| ());
}

#[test]
fn what_is_stored_comes_to_the_current_annotation_and_a_second_run_does_nothing() {
    let house = House::new("reannotate");
    let old: Vec<Part> = stored().iter().map(older).collect();
    house.visit(|shared| store(shared, &old));
    house.visit(|shared| {
        assert!(report(shared).matrix.is_empty(), "the older program understood nothing");
        assert_eq!(bring(shared).iter().sum::<u64>(), STANDING);
    });
    house.visit(|shared| {
        let step = shared.reannotate().unwrap();
        let read = step.total;
        assert_eq!(
            step,
            Reannotation { version: CODE_VERSION, reannotated: 0, read, total: read, done: true }
        );
        assert_eq!(shown(shared), expected());
        let matrix = report(shared).matrix;
        assert!(
            matrix
                .iter()
                .any(|cell| cell.stage == "fulfilment" && cell.gap == "timeliness" && cell.people == 6)
        );
        let counts = counts(shared);
        let row = counts.pipelines[RE_ANNOTATION];
        assert_eq!((row.raw, row.parts, row.feedback, row.repeats), (STANDING, STANDING, 0, STANDING));
        let row = counts.pipelines["submission"];
        assert_eq!((row.raw, row.parts, row.tombstones, row.feedback, row.repeats), (13, 12, 1, 10, 2));
        assert_eq!(counts.live, 9, "the deleted one stays deleted");
    });
    let before = house.dump();
    rebuild_views(&house);
    house.visit(|shared| assert_eq!(counts(shared).live, 9));
    assert_eq!(house.dump(), before, "a rebuild gives the same");
}

#[test]
fn an_interrupted_run_goes_on_and_new_feedback_comes_in_meanwhile() {
    let mut house = House::new("reannotate-interrupted");
    house.config.log.partitions = 2;
    house.config.analyse.batch_records = 1;
    let old: Vec<Part> = (0..2)
        .flat_map(|round| {
            let text =
                |number: u32| format!("The parcel came {number} days late, and nobody called me back.");
            (0..12).map(move |number| part(&said(&format!("R-{round}-{number}"), &text(number + 2)), 1))
        })
        .map(|part| older(&part))
        .collect();
    house.visit(|shared| store(shared, &old));
    let mut done = 0;
    for round in 0..2 {
        // Stopped at once, before the analyser has read what the step appended.
        let running = house.start();
        let step = loop {
            let step = running.shared().reannotate().unwrap();
            if step.reannotated > 0 {
                break step;
            }
        };
        assert!(!step.done && step.reannotated <= 10);
        done += step.reannotated;
        accepted(running.shared(), &[said(&format!("N-{round}"), "The parcel never came.")]);
        running.stop().unwrap();
    }
    assert!(done < old.len() as u64);
    house.visit(|shared| {
        done += bring(shared).iter().sum::<u64>();
        assert_eq!(done, old.len() as u64, "each once, whatever happened between");
    });
    house.visit(|shared| {
        assert!(shared.reannotate().unwrap().done);
        assert_eq!(counts(shared).live, old.len() as u64 + 2);
        let unread = |mapped: &groundswell_model::Mapped| {
            let statements = &mapped.feedback.content.statements;
            statements.iter().any(|statement| statement.annotation.as_ref().unwrap().expectations.is_empty())
        };
        assert!(!published(shared).iter().any(unread));
    });
    let before = house.dump();
    rebuild_views(&house);
    house.visit(|shared| drop(counts(shared)));
    assert_eq!(house.dump(), before);
}

#[test]
fn what_was_annotated_anew_stands_alone_once_the_log_is_tidied() {
    let house = House::new("reannotate-tidied");
    let old: Vec<Part> = stored().iter().map(older).collect();
    house.visit(|shared| store(shared, &old));
    house.visit(|shared| drop(bring(shared)));
    let before = house.dump();
    house.clock.advance(86_400_000);
    let left = house.visit(|shared| {
        shared.embedded.as_ref().unwrap().retain(shared.clock.now().millis()).unwrap();
        let parts = topic(shared, &shared.topics.feedback);
        let codes = parts
            .iter()
            .filter_map(|record| record.value.as_deref())
            .map(|bytes| Part::decode(bytes).unwrap().0);
        codes.filter(|part| !part.deleted).map(|part| part.processing.code).collect::<Vec<_>>()
    });
    let outdated = left.iter().filter(|code| **code < CODE_VERSION).count();
    assert_eq!((left.len() - outdated) as u64, STANDING);
    assert!(outdated <= 1, "only what a deletion took back may stay: {left:?}");
    rebuild_views(&house);
    house.visit(|shared| {
        let counts = counts(shared);
        assert_eq!((counts.live, counts.pipelines["submission"].feedback), (9, 10));
    });
    assert_eq!(house.dump(), before);
}
