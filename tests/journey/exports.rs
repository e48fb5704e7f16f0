//! All hits of a query, page by page: each once, staff of too small a group never.

use std::collections::BTreeSet;
use std::time::Instant;

use groundswell_search::Query;
use groundswell_server::Installation;
use groundswell_tests::{House, PATIENCE};
use serde_json::{Value, json};

use crate::records::accepted;

fn said(record: u32, kind: &str) -> Value {
    json!({ "record": format!("E-{record}"), "occurred_at": format!("2026-05-{:02}T10:00:00Z", 1 + record % 28),
        "kind": kind, "respondent": { "customer": format!("E-{record}") },
        "statements": [{ "text": "My parcel came four days late." }] })
}

#[test]
fn pages_of_an_export_give_every_hit_once() {
    let house = House::new("export");
    house.visit(|shared| {
        let records: Vec<Value> = (0..45).map(|record| said(record, "complaint")).collect();
        accepted(shared, &records);
        let staff = accepted(shared, &(90..93).map(|record| said(record, "employee")).collect::<Vec<_>>());
        assert!(shared.await_reported(Instant::now() + PATIENCE).unwrap());
        let mut query = Query { text: "parcel".to_owned(), limit: 7, ..Query::default() };
        let (mut ids, mut days, mut pages) = (BTreeSet::new(), Vec::new(), 0);
        loop {
            let page = shared.export(query.clone()).unwrap();
            assert_eq!((page.people, page.feedback), (45, 45), "three of staff are too few to show");
            assert!(!page.withheld.is_empty());
            for hit in &page.hits {
                assert_eq!(hit["kind"], "complaint");
                assert!(ids.insert(hit["id"].as_str().unwrap().to_owned()), "given twice: {hit}");
                days.push(hit["occurred_at"].as_str().unwrap().to_owned());
            }
            pages += 1;
            let Some(next) = page.next else { break };
            query.after = Some(next.parse().unwrap());
        }
        assert_eq!((ids.len(), pages), (45, 7));
        assert!(days.is_sorted_by(|newer, older| newer >= older), "newest first");
        let one = shared.feedback(&staff[0]).unwrap_err();
        assert_eq!(one.code(), "api.not_found", "one of staff is never shown by itself");
        let none = shared.export(Query { text: "zebra".to_owned(), limit: 7, ..Query::default() }).unwrap();
        assert_eq!((none.hits.len(), none.next, none.feedback), (0, None, 0));
        let over = shared.export(Query { limit: 1_000_000, ..Query::default() }).unwrap_err();
        assert_eq!(over.code(), "search.over_limit");
    });
}
