//! What is found, in which order, with which marks and counts.

use groundswell_model::{GapType, Kind, Mapped, Speaker};

use super::build::{Bed, But, counting, filter, said};
use crate::{Answer, Filter, Query, SearchError, Sort};

pub fn sorted(mut records: Vec<String>) -> Vec<String> {
    records.sort();
    records
}

#[test]
fn a_query_meets_the_stems_of_every_language() {
    let bed = Bed::with(&[
        said("en", "Deliveries were delayed"),
        said("de", "Die Lieferungen waren verspätet").language("de"),
        said("fr", "L\u{2019}application et les livraisons").language("fr"),
        said("xx", "Deliveries").language("zz"),
    ]);
    for (asked, record) in [
        ("delivery", "en"),
        ("DELAY", "en"),
        ("lieferung", "de"),
        ("Verspätete", "de"),
        ("livraison", "fr"),
        ("application", "fr"),
        ("l'application", "fr"),
    ] {
        assert_eq!(bed.found(asked), [record], "{asked}");
    }
    assert_eq!(sorted(bed.found("deliveries")), ["en", "xx"]);
}

#[test]
fn of_many_words_two_thirds_must_occur_and_more_rank_higher() {
    let mut all: Vec<Mapped> = (0..10).map(|n| said(&format!("all{n}"), "parcel late refund")).collect();
    all.extend([said("two", "parcel late again"), said("one", "parcel only here")]);
    let bed = Bed::with(&all);
    assert_eq!((bed.found("parcel late refund").len(), bed.found("late refund").len()), (11, 10));
    assert_eq!(bed.found("parcel late refund").last().map(String::as_str), Some("two"));
    let bed = Bed::with(&[
        said("all", "parcel late refund"),
        said("two", "parcel late again"),
        said("one", "parcel only here"),
    ]);
    assert_eq!(bed.found("parcel late refund"), ["all", "two", "one"]);
    assert_eq!(bed.found("late refund"), ["all", "two"]);
    assert_eq!(sorted(bed.found("refund OR again")), ["all", "two"]);
    assert_eq!(sorted(bed.found("parcel -refund")), ["one", "two"]);
    assert_eq!(sorted(bed.found("-refund")), ["one", "two"]);
    assert_eq!(bed.found("\"parcel late refund\""), ["all"]);
    assert!(bed.found("\"late parcel\"").is_empty());
    assert_eq!(sorted(bed.found("parcel -\"late again\"")), ["all", "one"]);
}

#[test]
fn a_phrase_does_not_reach_from_one_statement_into_the_next_and_agents_are_not_searched() {
    let bed = Bed::with(&[said("1", "it was late")
        .with_statement(Speaker::Customer, Some("en"), "refund me")
        .with_statement(Speaker::Agent, Some("en"), "apologies")]);
    assert!(bed.found("\"late refund\"").is_empty());
    assert_eq!(bed.found("\"refund me\""), ["1"]);
    assert!(bed.found("apologies").is_empty());
    assert_eq!(bed.index.search(&counting(&[])).unwrap().hits[0].text, "it was late\n\nrefund me");
}

#[test]
fn highlights_lie_on_the_words_that_were_found() {
    let bed = Bed::with(&[said("1", "Große Deliveries! delivered late").with_statement(
        Speaker::Customer,
        Some("de"),
        "Die Lieferungen kamen müde an",
    )]);
    let query =
        Query { text: "delivery OR lieferung \"kamen müde\"".to_owned(), limit: 10, ..Query::default() };
    let answer = bed.index.search(&query).unwrap();
    let hit = &answer.hits[0];
    let marked: Vec<&str> = hit.highlights.iter().map(|(start, end)| &hit.text[*start..*end]).collect();
    assert_eq!(marked, ["Deliveries", "Lieferungen", "kamen", "müde"]);
    assert!(hit.score > 0.0);
}

pub fn mixed() -> Vec<Mapped> {
    vec![
        said("1", "late").by("ann").stage("fulfilment").gap(GapType::Timeliness).on("2026-03-01T10:00:00Z"),
        said("2", "late again")
            .by("ann")
            .stage("fulfilment")
            .gap(GapType::Timeliness)
            .on("2026-03-02T10:00:00Z"),
        said("3", "late too")
            .by("bob")
            .stage("support")
            .kind(Kind::Survey)
            .segment("plan", "very big")
            .on("2026-03-02T11:00:00Z"),
        said("4", "fine").stage("use").on("2026-03-03T10:00:00Z"),
        said("5", "fine").stage("use").on("2026-03-03T11:00:00Z"),
    ]
}

fn counts(answer: &Answer, field: &str) -> Vec<(String, u64, u64)> {
    answer.facets[field].iter().map(|count| (count.value.clone(), count.people, count.feedback)).collect()
}

#[test]
fn facets_count_distinct_people() {
    let bed = Bed::with(&mixed());
    let mut query = counting(&["stage", "gap", "segment.plan", "kind"]);
    query.histogram = true;
    let answer = bed.index.search(&query).unwrap();
    assert_eq!((answer.people, answer.feedback), (4, 5));
    let count = |value: &str, people, feedback| (value.to_owned(), people, feedback);
    assert_eq!(
        counts(&answer, "stage"),
        [count("use", 2, 2), count("fulfilment", 1, 2), count("support", 1, 1)]
    );
    assert_eq!(counts(&answer, "gap"), [count("timeliness", 1, 2)]);
    assert_eq!(counts(&answer, "segment.plan"), [count("very big", 1, 1)]);
    assert_eq!(counts(&answer, "kind"), [count("complaint", 3, 4), count("survey", 1, 1)]);
    let days: Vec<(String, u64, u64)> =
        answer.histogram.iter().map(|d| (d.day.to_string(), d.people, d.feedback)).collect();
    assert_eq!(days, [count("2026-03-01", 1, 1), count("2026-03-02", 2, 2), count("2026-03-03", 2, 2)]);
    assert!(answer.withheld.is_empty());
}

#[test]
fn filters_and_times_bound_what_is_found() {
    let bed = Bed::with(&mixed());
    let found = |query: Query| {
        let hits = bed.index.search(&Query { limit: 10, ..query }).unwrap().hits;
        sorted(hits.into_iter().map(|hit| hit.record.unwrap()).collect())
    };
    let filtered =
        |field: &str, values: &[&str]| found(Query { filters: filter(field, values), ..Query::default() });
    assert_eq!(filtered("stage", &["support", "use"]), ["3", "4", "5"]);
    assert_eq!(filtered("segment.plan", &["very big"]), ["3"]);
    assert_eq!(filtered("stage", &["nowhere"]), Vec::<String>::new());
    assert_eq!(filtered("stage", &[]).len(), 5);
    assert_eq!(found(Query { text: "late stage:fulfilment".to_owned(), ..Query::default() }), ["1", "2"]);
    assert_eq!(
        found(Query { text: "stage:fulfilment stage:support -kind:survey".to_owned(), ..Query::default() }),
        ["1", "2"]
    );
    assert_eq!(found(Query { text: "fine OR kind:survey".to_owned(), ..Query::default() }), ["3", "4", "5"]);
    let between = Query {
        since: Some("2026-03-02T10:00:00Z".parse().unwrap()),
        until: Some("2026-03-03T10:00:00Z".parse().unwrap()),
        ..Query::default()
    };
    assert_eq!(found(between), ["2", "3"]);
}

#[test]
fn pages_follow_each_other_without_gap_or_repetition() {
    let all: Vec<Mapped> = (0..23)
        .map(|n| said(&n.to_string(), if n % 3 == 0 { "late late parcel" } else { "late parcel" }))
        .collect();
    let bed = Bed::with(&all);
    for (text, sort) in [("late", Sort::Relevance), ("", Sort::Relevance), ("late", Sort::Time)] {
        let mut query = Query { text: text.to_owned(), limit: 5, sort, ..Query::default() };
        let (mut seen, mut pages) = (Vec::new(), 0);
        loop {
            let answer = bed.index.search(&query).unwrap();
            assert_eq!(answer.feedback, 23);
            seen.extend(answer.hits.into_iter().map(|hit| hit.record.unwrap()));
            pages += 1;
            let Some(next) = answer.next else { break };
            query.after = Some(next.to_string().parse().unwrap());
        }
        assert_eq!(pages, 5);
        let whole = bed.index.search(&Query { limit: 100, after: None, ..query }).unwrap();
        assert_eq!(seen, whole.hits.into_iter().map(|hit| hit.record.unwrap()).collect::<Vec<_>>());
        assert_eq!(sorted(seen).len(), 23);
    }
}

#[test]
fn newest_come_first_in_order_of_time() {
    let bed = Bed::with(&mixed());
    let query = Query { limit: 2, sort: Sort::Time, ..Query::default() };
    let records: Vec<_> =
        bed.index.search(&query).unwrap().hits.into_iter().map(|hit| hit.record.unwrap()).collect();
    assert_eq!(records, ["5", "4"]);
}

#[test]
fn a_query_at_fault_is_refused_with_a_code() {
    let bed = Bed::new();
    let many = vec!["x".to_owned(); 1_001];
    for (query, code) in [
        (Query { text: "a".repeat(1_001), ..Query::default() }, "search.too_long"),
        (Query { text: "a ".repeat(65), ..Query::default() }, "search.too_many_clauses"),
        (
            Query { filters: vec![Filter { field: "stage".to_owned(), values: many }], ..Query::default() },
            "search.over_limit",
        ),
        (Query { limit: 1_001, ..Query::default() }, "search.over_limit"),
        (
            Query { filters: vec![filter("kind", &["public"])[0].clone(); 33], ..Query::default() },
            "search.over_limit",
        ),
        (Query { filters: filter("score", &["1.."; 9]), ..Query::default() }, "search.over_limit"),
        (Query { facets: vec!["stage".to_owned(); 33], ..Query::default() }, "search.over_limit"),
        (Query { filters: filter("colour", &["red"]), ..Query::default() }, "search.unknown_field"),
        (counting(&["segment."]), "search.unknown_field"),
    ] {
        let error: SearchError = bed.index.search(&query).unwrap_err();
        assert_eq!((error.code(), error.is_query()), (code, true));
    }
}

#[test]
fn the_answer_has_the_shape_of_its_contract() {
    let bed = Bed::with(&[said("1", "late").by("ann")]);
    let answer = bed.index.search(&Query { text: "late".to_owned(), ..counting(&["stage"]) }).unwrap();
    let json = serde_json::to_value(&answer).unwrap();
    assert_eq!(
        json["facets"],
        serde_json::json!({"stage": [{"value": "fulfilment", "people": 1, "feedback": 1}]})
    );
    assert_eq!(json["hits"][0]["highlights"], serde_json::json!([[0, 4]]));
    assert_eq!(
        (&json["people"], &json["hits"][0]["occurred_at"]),
        (&1.into(), &"2026-03-05T10:00:00.000Z".into())
    );
    assert_eq!(json["hits"][0]["link"], "https://example.com/1");
}
