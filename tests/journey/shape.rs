//! The shapes that measure us from outside: report, counts and search as JSON.

use groundswell_search::Query;
use groundswell_server::Installation;
use groundswell_tests::House;
use serde_json::{Value, json};

use crate::records::{accepted, report};

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

fn has(value: &Value, wanted: &[&str]) {
    for key in wanted {
        assert!(keys(value).contains(key), "{key} is missing from {:?}", keys(value));
    }
}

#[test]
fn report_counts_and_search_have_their_shapes() {
    let house = House::new("shape");
    house.visit(|shared| {
        let record = |number: u32| {
            json!({ "record": format!("R-{number}"), "kind": "survey", "occurred_at": "2026-05-01T08:00:00Z",
                "respondent": { "customer": format!("C-{number}") }, "context": { "order_status": "delivered" },
                "answers": [{ "metric": "nps", "value": number % 11 }],
                "statements": [{ "text": format!("I was promised next day delivery, but the parcel came {} days late.", number + 2) }] })
        };
        accepted(shared, &(0..40).map(record).collect::<Vec<_>>());
    });
    house.visit(|shared| {
        let value = serde_json::to_value(report(shared)).unwrap();
        has(&value, &["people", "feedback", "matrix", "unknown_share", "scores", "issues"]);
        assert_eq!((value["people"].as_u64(), value["feedback"].as_u64()), (Some(40), Some(40)));
        let cell = &value["matrix"][0];
        has(cell, &["stage", "gap", "people", "feedback", "exposure", "quotes"]);
        assert_eq!(
            (cell["stage"].as_str(), cell["gap"].as_str()),
            (Some("fulfilment"), Some("timeliness")),
            "{cell}"
        );
        assert_eq!((cell["people"].as_u64(), cell["exposure"].as_u64()), (Some(40), Some(40)));
        assert!(cell["quotes"][0]["text"].as_str().unwrap().contains("promised next day delivery"));
        has(&value["scores"][0], &["metric", "value", "low", "high", "n"]);
        assert_eq!(value["scores"][0]["n"].as_u64(), Some(40));
        assert!(value["issues"].is_array() && value["unknown_share"].as_f64() == Some(0.0));

        let value = serde_json::to_value(shared.counts().unwrap()).unwrap();
        has(&value, &["pipelines", "holds"]);
        let wanted = ["raw", "parts", "dead_letters", "tombstones", "skipped", "feedback", "repeats"];
        has(&value["pipelines"]["submission"], &wanted);

        let query = Query {
            text: "parcel late".to_owned(),
            facets: vec!["stage".to_owned()],
            limit: 3,
            ..Query::default()
        };
        let value = shared.search(query).unwrap();
        has(&value, &["people", "feedback", "hits", "facets"]);
        assert_eq!((value["people"].as_u64(), value["feedback"].as_u64()), (Some(40), Some(40)));
        // One text that all of them sent is one hit, which says how many more there are.
        assert_eq!(value["hits"].as_array().unwrap().len(), 1);
        has(&value["hits"][0], &["id", "score", "text", "highlights", "copies"]);
        assert_eq!(value["hits"][0]["copies"], 39);
    });
}

#[test]
fn an_empty_installation_reports_nothing_and_holds() {
    let house = House::new("empty");
    house.visit(|shared| {
        let report = report(shared);
        assert_eq!((report.people, report.feedback, report.matrix.len(), report.scores.len()), (0, 0, 0, 0));
        assert!(shared.counts().unwrap().holds);
        assert_eq!(shared.search(Query::default()).unwrap()["feedback"], 0);
    });
}
