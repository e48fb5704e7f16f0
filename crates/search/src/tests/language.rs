//! The query language beyond words: ranges, patterns, exact words, wider reading, suggestions.

use groundswell_model::{
    Annotation, Answer as Score, Expectation, Mapped, Metric, Origin, Outcome, Scale, Sentiment,
    SentimentLabel, Size, Unmet, UnmetKind,
};

use super::build::{Bed, But, filter, id, said};
use super::find::sorted;
use crate::{Answer, Query, Sort};

fn scored(mapped: Mapped, metric: Metric, value: f64) -> Mapped {
    let mut mapped = mapped;
    let scale = Scale { min: 0.0, max: 10.0, high_is_good: true };
    mapped.feedback.content.answers.push(Score { question: None, metric, scale, value });
    mapped
}

fn severe(mut mapped: Mapped, level: u8) -> Mapped {
    let size = Some(Size { ratio: None, delta: None, unit: None, level: Some(level) });
    let expectation = Expectation {
        outcome: Outcome::Unmet,
        expected: None,
        happened: None,
        gap: None,
        origin: Origin::Norm,
        size,
    };
    for statement in &mut mapped.feedback.content.statements {
        statement.annotation = Some(Annotation {
            sentiment: Sentiment { label: SentimentLabel::Negative, score: -0.5 },
            unmet: Unmet { probability: 0.9, kind: UnmetKind::Explicit },
            expectations: vec![expectation.clone()],
            embedding: None,
            near_duplicate: None,
        });
    }
    mapped
}

fn numbers() -> Bed {
    Bed::with(&[
        severe(scored(said("1", "late parcel"), Metric::Nps, 2.0), 1).on("2026-02-28T23:00:00Z"),
        severe(scored(said("2", "late again"), Metric::Nps, 9.0), 4).on("2026-03-01T08:00:00Z"),
        severe(scored(said("3", "late refund"), Metric::Stars, 2.5), 2).on("2026-03-31T08:00:00Z"),
        said("4", "fine").on("2026-04-01T08:00:00Z"),
    ])
}

fn ask(bed: &Bed, text: &str) -> Answer {
    let query = Query { text: text.to_owned(), limit: 100, ..Query::default() };
    bed.index.search(&query).unwrap()
}

#[test]
fn ranges_of_numbers_and_of_time_bound_what_is_found() {
    let bed = numbers();
    for (text, found) in [
        ("score:0..6", &["1", "3"][..]),
        ("nps:0..6", &["1"]),
        ("nps:>=9 late", &["2"]),
        ("stars:2,5", &["3"]),
        ("severity:>=2", &["2", "3"]),
        ("severity:<2", &["1"]),
        ("-severity:>=2", &["1", "4"]),
        ("severity:4 OR stars:..3", &["2", "3"]),
        ("since:2026-03-01", &["2", "3", "4"]),
        ("until:2026-03-31", &["1", "2", "3"]),
        ("time:2026-03", &["2", "3"]),
        ("time:2026-03-01..2026-03-31 -refund", &["2"]),
        ("time:2026-03-01", &["2"]),
        ("since:2026-03-01T08:00:00Z until:2026-03-01T08:00:00Z", &["2"]),
        ("time:>2026-03", &["4"]),
        ("score:0..6 score:>=2.5", &["3"]),
    ] {
        assert_eq!(sorted(bed.found(text)), found, "{text}");
        assert!(ask(&bed, text).ignored.is_empty(), "{text}");
    }
    let filtered = |field: &str, values: &[&str]| {
        let query = Query { filters: filter(field, values), limit: 9, ..Query::default() };
        bed.index.search(&query).map(|answer| answer.feedback)
    };
    assert_eq!(filtered("severity", &[">=4", "1"]).unwrap(), 2);
    assert_eq!(filtered("time", &["2026-03"]).unwrap(), 2);
    assert_eq!(filtered("score", &["many"]).unwrap_err().code(), "search.bad_range");
}

#[test]
fn most_severe_come_first_in_order_of_severity_and_pages_follow() {
    let bed = numbers();
    let mut query = Query { limit: 1, sort: Sort::Severity, ..Query::default() };
    let mut seen = Vec::new();
    loop {
        let answer = bed.index.search(&query).unwrap();
        seen.extend(answer.hits.into_iter().map(|hit| (hit.record.unwrap(), hit.score)));
        let Some(next) = answer.next else { break };
        query.after = Some(next);
    }
    let records: Vec<&str> = seen.iter().map(|(record, _)| record.as_str()).collect();
    assert_eq!(records, ["2", "3", "1", "4"]);
    assert!(seen.iter().all(|(_, score)| *score == 0.0));
}

#[test]
fn patterns_and_exact_words_are_found_and_marked() {
    let bed = Bed::with(&[
        said("1", "Deliveries were late").segment("phone", "iPhone 15"),
        said("2", "a delivery came").segment("phone", "iPhone 16"),
        said("3", "the deliverer was kind").segment("phone", "Pixel 9"),
        said("4", "l\u{2019}application plante").language("fr"),
    ]);
    for (text, found) in [
        ("deliver*", &["1", "2", "3"][..]),
        ("deliver??s", &["1"]),
        ("deliver?y", &[]),
        ("d?l", &[]),
        ("-deliver* ", &["4"]),
        ("\"delivery\"", &["2"]),
        ("-\"delivery\"", &["1", "3", "4"]),
        ("\"Deliveries\"", &["1"]),
        ("delivery", &["1", "2"]),
        ("applic*", &["4"]),
        ("\"application\"", &["4"]),
        ("segment.phone:iPhone*", &["1", "2"]),
        ("segment.phone:\"iPhone*\"", &[]),
        ("kind OR deliveri*", &["1", "3"]),
    ] {
        assert_eq!(sorted(bed.found(text)), found, "{text}");
    }
    let answer = ask(&bed, "deliver*");
    let marked: Vec<&str> = answer
        .hits
        .iter()
        .flat_map(|hit| hit.pieces())
        .filter(|(_, marked)| *marked)
        .map(|(text, _)| text)
        .collect();
    assert_eq!(marked.len(), 3);
    assert!(marked.contains(&"Deliveries") && marked.contains(&"deliverer"));
}

#[test]
fn a_pattern_of_too_many_words_takes_the_commonest_and_says_so() {
    let letter = |n: u8| char::from(b'a' + n);
    let word = |n: u8| format!("ref{}{}", letter(n / 20), letter(n % 20));
    let mut all: Vec<Mapped> = (0..200).map(|n| said(&format!("r{n}"), &word(n))).collect();
    all.extend((0..3).map(|n| said(&format!("c{n}"), "refund")));
    let bed = Bed::with(&all);
    let answer = ask(&bed, "ref*");
    assert!(
        answer.ignored.iter().any(|note| note.contains("ref*: only the 128 commonest")),
        "{:?}",
        answer.ignored
    );
    assert_eq!(answer.feedback, 127 + 3);
}

#[test]
fn where_few_have_all_words_those_with_any_are_shown_and_it_is_said() {
    let bed = Bed::with(&[said("1", "parcel late"), said("2", "parcel only"), said("3", "nothing here")]);
    let answer = ask(&bed, "parcel late");
    assert_eq!(answer.hits.iter().map(|hit| hit.record.as_deref().unwrap()).collect::<Vec<_>>(), ["1", "2"]);
    assert!(answer.ignored.iter().any(|note| note.starts_with("only 1 of the feedback")));
    let all: Vec<Mapped> = (0..10).map(|n| said(&n.to_string(), "parcel late")).collect();
    let bed = Bed::with(&[all, vec![said("x", "parcel only")]].concat());
    let answer = ask(&bed, "parcel late");
    assert_eq!((answer.feedback, answer.ignored.len()), (10, 0));
    assert_eq!(ask(&bed, "the parcel of a late").feedback, 10);
}

#[test]
fn the_form_that_was_asked_for_and_words_close_together_rank_higher() {
    let bed = Bed::with(&[
        said("form", "the delivery was there"),
        said("stem", "the deliveries was there"),
        said("near", "refund was late and nothing else at all here"),
        said("far", "late and nothing else was at all here refund"),
    ]);
    assert_eq!(bed.found("delivery"), ["form", "stem"]);
    assert_eq!(bed.found("deliveries"), ["stem", "form"]);
    assert_eq!(bed.found("late refund").first().map(String::as_str), Some("near"));
}

#[test]
fn the_language_of_the_query_decides_the_stems() {
    let bed = Bed::with(&[said("en", "he dies"), said("de", "die Lieferungen").language("de")]);
    let found = |language: Option<&str>| {
        let language = language.map(str::to_owned);
        let query = Query { text: "lieferung".to_owned(), language, limit: 9, ..Query::default() };
        bed.index.search(&query).unwrap().feedback
    };
    assert_eq!((found(None), found(Some("de")), found(Some("en"))), (1, 1, 0));
}

#[test]
fn a_mistyped_word_is_put_right_when_several_people_use_the_right_one() {
    let several = |word: &str, people: u32| -> Vec<Mapped> {
        (0..people)
            .map(|n| said(&format!("{word}{n}"), &format!("{word} here")).by(&format!("{word}{n}")))
            .collect()
    };
    let mut all = several("delivery", 5);
    all.extend(several("refund", 4));
    all.extend((0..9).map(|n| said(&format!("one{n}"), "invoice here").by("one person")));
    all.extend((0..9).map(|n| said(&format!("nobody{n}"), "warranty here")));
    let bed = Bed::with(&all);
    for (text, suggestion) in [
        ("delivry", Some("delivery")),
        ("Delviery, score:1.. -x", Some("delivery, score:1.. -x")),
        ("\"delivry\"", None),
        ("-delivry", None),
        ("refnud", None),
        ("invocie", None),
        ("warrantey", None),
        ("delivery", None),
        ("deli", None),
    ] {
        assert_eq!(ask(&bed, text).suggestion.as_deref(), suggestion, "{text}");
    }
}

#[test]
fn similar_feedback_shares_telling_words_or_comes_with_likenesses() {
    let bed = Bed::with(&[
        said("1", "the courier left my parcel in the rain").by("ann"),
        said("2", "a courier threw the parcel over the fence").by("bob"),
        said("3", "parcel courier rain again").by("cid"),
        said("4", "the app crashed at login").by("dan"),
    ]);
    let found = |query: Query| {
        let answer = bed.index.search(&Query { limit: 9, ..query }).unwrap();
        let records: Vec<String> = answer.hits.iter().map(|hit| hit.record.clone().unwrap()).collect();
        (records, answer)
    };
    let (records, answer) = found(Query { like: Some(id("1")), ..Query::default() });
    assert_eq!(records[..2], ["3", "2"]);
    assert!(answer.hits.iter().all(|hit| !hit.highlights.is_empty()));
    assert!(found(Query { like: Some(id("nowhere")), ..Query::default() }).0.is_empty());
    let among = vec![(id("4"), 0.4), (id("2"), 0.9), (id("nowhere"), 1.0)];
    let (records, answer) = found(Query { among: among.clone(), ..Query::default() });
    assert_eq!(records, ["2", "4"]);
    assert!((answer.hits[0].score - 0.9).abs() < 1e-6);
    assert_eq!(found(Query { among, text: "app".to_owned(), ..Query::default() }).0, ["4"]);
    let many = Query { among: vec![(id("1"), 1.0); 10_001], ..Query::default() };
    assert_eq!(bed.index.search(&many).unwrap_err().code(), "search.over_limit");
}
