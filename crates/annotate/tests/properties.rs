//! What holds for any text: no panic, spans are substrings, probabilities are shares, the same text gives the same answer.
#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

use std::collections::BTreeMap;
use std::sync::OnceLock;

use groundswell_annotate::{Annotator, Evidence, Mapper};
use groundswell_model::{Clock, JourneyMap, Kind};
use groundswell_text::Language;
use proptest::prelude::*;

fn shared() -> &'static (Annotator, Mapper) {
    static SHARED: OnceLock<(Annotator, Mapper)> = OnceLock::new();
    SHARED.get_or_init(|| (Annotator::new().unwrap(), Mapper::new(JourneyMap::shipped().unwrap()).unwrap()))
}

/// Any characters, or words that the patterns know in any order.
fn any_text() -> impl Strategy<Value = String> {
    let words = prop::sample::select(vec![
        "you",
        "promised",
        "expected",
        "but",
        ",",
        ".",
        "?",
        "\n",
        "instead",
        "of",
        "as described",
        "not",
        "never",
        "two days",
        "49",
        "İ",
        "it’s",
        "€61",
        "thank you",
        "if it had",
        "courier",
        "and",
        "it",
        "told me",
        "nothing like",
        "—",
        "😡",
        "late",
        ";",
        "half past",
        "the",
    ]);
    prop_oneof![
        "\\PC{0,80}".prop_map(|text| text),
        "[\\s\\S]{0,60}".prop_map(|text| text),
        prop::collection::vec(words, 0..40).prop_map(|words| words.join(" ")),
    ]
}

fn holds(text: &str, language: Option<Language>) {
    let (annotator, mapper) = shared();
    let said = annotator.annotate(text, language);
    assert_eq!(said, annotator.annotate(text, language));
    assert!((0.0..=1.0).contains(&said.unmet.probability) && (-1.0..=1.0).contains(&said.sentiment.score));
    for expectation in &said.expectations {
        for span in [&expectation.expected, &expectation.happened].into_iter().flatten() {
            assert!(text.contains(span.as_str()) && !span.is_empty());
        }
    }
    let context = BTreeMap::from([("order_status".to_owned(), text.chars().take(20).collect())]);
    let evidence = Evidence {
        kind: Some(Kind::Survey),
        channel: text,
        context: &context,
        clock: Clock::default(),
        occurred_at: None,
    };
    let mapping = mapper.place(&[(text, &said)], &evidence);
    assert_eq!(mapping, mapper.place(&[(text, &said)], &evidence));
    assert!((0.0..=1.0).contains(&mapping.probability) && mapping.because.len() <= 8);
    assert!(mapping.voiced_at.as_ref() != Some(&mapping.stage));
}

proptest! {
    #[test]
    fn any_text_is_annotated(text in any_text(), language in prop::sample::select(vec![None, Some(Language::EN), Some(Language::DE), Some(Language::JA)])) {
        holds(&text, language);
    }
}

#[test]
fn bad_input_gets_an_answer() {
    let long = "You promised two days but it took nine. ".repeat(500);
    for text in [
        "",
        " ",
        "😡😡😡",
        "👍",
        "https://shop.example/order/17?x=1",
        "WHY IS MY ORDER LATE AGAIN!!!",
        "youpromisedtwodaysbutittooknine",
        "wher is my ordr u sed 2 days lol",
        "Das Paket ist kaputt. Le colis est cassé. The parcel is broken.",
        "注文した商品がまだ届きません。",
        "\u{0}\u{feff}\u{202e}",
        &long,
    ] {
        for language in [None, Some(Language::EN), Some(Language::FR), Some(Language::JA)] {
            holds(text, language);
        }
    }
}

#[test]
fn a_language_that_cannot_be_read_is_not_guessed_at() {
    let said = shared().0.annotate("This is terrible, it never arrived.", Some(Language::FI));
    assert_eq!((said.sentiment.score, said.expectations.len()), (0.0, 0));
    assert!(said.unmet.probability < 0.5);
}

#[test]
fn hostile_lengths_are_borne() {
    for text in [
        "you promised ".repeat(20_000),
        "not as described, ".repeat(10_000),
        "a".repeat(300_000),
        "1 ".repeat(60_000),
        " but".repeat(60_000),
    ] {
        holds(&text, None);
    }
}
