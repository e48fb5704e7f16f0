//! Feedback with the same text is one hit with a count, on whatever page, and counted and exported singly.

use std::collections::BTreeMap;

use groundswell_model::{Kind, Mapped, Speaker};
use proptest::prelude::*;

use super::build::{Bed, But, add, at, said};
use crate::{Hit, Query, Sort};

/// Long enough to be called copied.
fn post(record: &str, words: &str) -> Mapped {
    said(record, &format!("{words} and this is what everybody posts in the very same words today"))
}

fn shown(bed: &Bed, query: &Query) -> Vec<(String, u32)> {
    let hits = bed.index.search(query).unwrap().hits;
    hits.into_iter().map(|hit| (hit.record.unwrap(), hit.copies)).collect()
}

fn by_time(text: &str) -> Query {
    Query { text: text.to_owned(), limit: 100, sort: Sort::Time, ..Query::default() }
}

fn pairs(all: &[(&str, u32)]) -> Vec<(String, u32)> {
    all.iter().map(|(record, copies)| ((*record).to_owned(), *copies)).collect()
}

#[test]
fn a_copied_post_is_shown_once_with_a_count_and_counted_singly() {
    let day = |n: usize| format!("2026-03-0{n}T10:00:00Z");
    let bed = Bed::with(&[
        post("1", "late").signed(7).on(&day(1)).by("ann"),
        post("2", "late").signed(7).on(&day(3)).by("bob"),
        post("3", "late refund").signed(7).on(&day(2)).by("cid"),
        post("4", "late").signed(8).on(&day(4)).by("dan"),
        said("5", "late").signed(7).on(&day(5)).by("eve"),
        post("6", "late").on(&day(6)).by("fay"),
    ]);
    let answer = bed.index.search(&by_time("late")).unwrap();
    assert_eq!((answer.people, answer.feedback, answer.next), (6, 6, None));
    assert_eq!(shown(&bed, &by_time("late")), pairs(&[("6", 0), ("5", 0), ("4", 0), ("2", 2)]));
    // The copies are those that match.
    assert_eq!(shown(&bed, &by_time("refund")), pairs(&[("3", 0)]));
    let since = Query { since: Some("2026-03-02T00:00:00Z".parse().unwrap()), ..by_time("late") };
    assert_eq!(shown(&bed, &since)[3], ("2".to_owned(), 1));
    let every = Query { copies: true, ..by_time("late") };
    assert_eq!(shown(&bed, &every), pairs(&[("6", 0), ("5", 0), ("4", 0), ("2", 0), ("3", 0), ("1", 0)]));
    assert_eq!(bed.index.export(&by_time("late")).unwrap().count(), 6);
    assert_eq!(bed.index.ids(&by_time("late"), 10).unwrap().ids.len(), 6);
    let json = serde_json::to_value(bed.index.search(&by_time("late")).unwrap()).unwrap();
    assert!(json["hits"][0].get("copies").is_none());
    assert_eq!(json["hits"][3]["copies"], 2);
}

#[test]
fn the_longest_statement_of_who_gives_the_feedback_is_the_text() {
    let agent = "we are so sorry to hear this and will look into it as soon as we can, promised";
    let short = |record: &str| said(record, "late").signed(9);
    let with_agent = |record: &str| short(record).with_statement(Speaker::Agent, Some("en"), agent).signed(9);
    let answered = |record: &str| {
        let mut mapped = post(record, "late").signed(5).with_statement(Speaker::Customer, Some("en"), "ok");
        mapped.feedback.content.statements.last_mut().unwrap().annotation =
            short("0").signed(6).feedback.content.statements[0].annotation.clone();
        mapped
    };
    let bed = Bed::with(&[with_agent("1"), with_agent("2"), answered("3"), answered("4"), short("5")]);
    let copies: Vec<u32> = shown(&bed, &by_time("")).into_iter().map(|(_, copies)| copies).collect();
    assert_eq!((copies.len(), copies.iter().sum::<u32>()), (4, 1));
}

#[test]
fn withheld_employees_are_no_copies() {
    for (employees, copies) in [(4, 1), (5, 6)] {
        let mut all = vec![post("a", "late").signed(3).by("ann"), post("b", "late").signed(3).by("bob")];
        all.extend((0..employees).map(|n| {
            let employee = post(&format!("e{n}"), "late").signed(3).by(&format!("e{n}"));
            employee.kind(Kind::Employee).on("2026-02-01T10:00:00Z")
        }));
        let hits = shown(&Bed::with(&all), &by_time("late"));
        assert_eq!((hits.len(), hits[0].1), (1, copies));
    }
}

#[test]
fn a_copy_that_comes_later_or_goes_is_seen() {
    let bed = Bed::with(&[post("1", "late").signed(3)]);
    assert_eq!(shown(&bed, &by_time("late")), pairs(&[("1", 0)]));
    let mut writer = bed.index.writer().unwrap();
    let newer = post("2", "late").signed(3).on("2026-03-06T10:00:00Z");
    add(&mut writer, std::slice::from_ref(&newer));
    writer.commit(&at(2)).unwrap();
    assert_eq!(shown(&bed, &by_time("late")), pairs(&[("2", 1)]));
    add(&mut writer, &[newer.version(1, 2).deleted()]);
    writer.commit(&at(3)).unwrap();
    assert_eq!(shown(&bed, &by_time("late")), pairs(&[("1", 0)]));
}

fn paged(bed: &Bed, query: &Query) -> Vec<(String, u32)> {
    let (mut seen, mut query) = (Vec::new(), query.clone());
    loop {
        let answer = bed.index.search(&query).unwrap();
        assert!(answer.hits.len() <= query.limit && !(answer.hits.is_empty() && answer.next.is_some()));
        seen.extend(answer.hits.into_iter().map(|hit: Hit| (hit.record.unwrap(), hit.copies)));
        let Some(next) = answer.next else { return seen };
        query.after = Some(next);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn pages_show_the_first_of_each_text(
        drawn in prop::collection::vec((0..6u64, 0..3usize, 1..9u32, any::<bool>()), 1..40),
        limit in 1..5usize,
    ) {
        let bed = Bed::new();
        let mut writer = bed.index.writer().unwrap();
        let mut texts = BTreeMap::new();
        for (number, (signature, words, day, commit)) in drawn.into_iter().enumerate() {
            let record = number.to_string();
            let words = ["late", "late late", "late parcel"][words];
            let mapped = post(&record, words).signed(signature).on(&format!("2026-03-0{day}T10:00:00Z"));
            texts.insert(record, signature);
            add(&mut writer, &[mapped]);
            if commit {
                writer.commit(&at(1)).unwrap();
            }
        }
        writer.commit(&at(2)).unwrap();
        for sort in [Sort::Relevance, Sort::Time, Sort::Severity] {
            for text in ["", "late", "parcel OR late", "late parcel", "parcel late posts very the"] {
                let every = Query { copies: true, sort, ..by_time(text) };
                let mut wanted: Vec<(String, u32)> = Vec::new();
                for (record, _) in shown(&bed, &every) {
                    let same = |other: &&mut (String, u32)| {
                        texts[&record] != 0 && texts[&other.0] == texts[&record]
                    };
                    match wanted.iter_mut().find(same) {
                        Some(first) => first.1 += 1,
                        None => wanted.push((record, 0)),
                    }
                }
                prop_assert_eq!(paged(&bed, &Query { limit, copies: false, ..every }), wanted);
            }
        }
    }
}
