//! Tests of the finding of names, and of the file of the model.

use std::collections::BTreeMap;

use crate::redact::{PersonalKind, Redactor};

use super::*;

fn redacted(text: &str) -> String {
    Redactor::new().redact(text, &[]).text
}

#[test]
fn names_in_clean_text_go() {
    for (given, wanted) in [
        ("My name is Dorothea Wilkins and my order is late.", "My name is [name] and my order is late."),
        ("I spoke to Marcus at the desk, he was kind.", "I spoke to [name] at the desk, he was kind."),
        ("Dear Mr. Abernathy, the bill is wrong.", "Dear Mr. [name], the bill is wrong."),
        (
            "Nothing works any more.\nKind regards,\nPatricia H. Owens",
            "Nothing works any more.\nKind regards,\n[name]",
        ),
        ("Frau Schneider hat mich sehr gut beraten.", "Frau [name] hat mich sehr gut beraten."),
        ("Je m'appelle Camille Dubois.", "Je m'appelle [name]."),
        ("Hablé con Marta Jiménez sobre el pedido.", "Hablé con [name] sobre el pedido."),
        ("Grazie a Giulia per la pazienza.", "Grazie a [name] per la pazienza."),
        ("Met vriendelijke groet,\nWillem de Vries", "Met vriendelijke groet,\n[name]"),
    ] {
        assert_eq!(redacted(given), wanted);
    }
}

#[test]
fn names_in_noisy_text_go() {
    for (given, value) in [
        ("my name is rebecca thornton pls call", "rebecca"),
        ("spoke to jennifer yesterday, no use", "jennifer"),
        ("thanks kevin u r the best", "kevin"),
    ] {
        let text = redacted(given);
        assert!(!text.contains(value) && text.contains("[name]"), "{text}");
    }
}

#[test]
fn what_only_looks_like_a_name_stays() {
    for text in [
        "The Quick Start Guide for Windows and Outlook is missing.",
        "I bought it at Tesco in London on Monday, in May it broke.",
        "THE APP IS BROKEN AND NOBODY HELPS",
        "Dark Mode and Calendar View, please.",
        "Great Service, Fast Delivery",
        "will it work in june? may be. mark it as read and bill me.",
        "Die Lieferung nach Berlin kam am Freitag, die Rechnung fehlt.",
        "We flew from Paris to Madrid with Lufthansa.",
        "XXXX told me on XX/XX/2023 that XXXX would call",
        "iPhone, iPad and PayPal do not sync.",
    ] {
        assert_eq!(redacted(text), text);
    }
}

#[test]
fn a_name_goes_wherever_it_stands_again() {
    let text = redacted(
        "I talked to Beatrix Holloway. Later Holloway sent the form, and the Holloway file was lost.",
    );
    assert!(!text.contains("Holloway"), "{text}");
}

#[test]
fn the_shipped_file_loads_and_is_what_it_says() {
    let bytes = include_bytes!("../../models/names.bin");
    assert!(bytes.len() < 3 << 20);
    let model = NameModel::from_bytes(bytes).unwrap();
    assert_eq!(model.to_bytes(), bytes);
    assert!(shipped().is_some());
}

#[test]
fn broken_files_are_refused_with_a_code() {
    let whole = include_bytes!("../../models/names.bin");
    let mut changed = whole.to_vec();
    changed[100_000] ^= 1;
    for bytes in [
        &[][..],
        b"gwnames1",
        b"something else that is no model",
        &whole[..whole.len() - 1],
        &whole[..40],
        &changed,
    ] {
        let refused = NameModel::from_bytes(bytes).unwrap_err();
        assert_eq!(refused.code(), "text.name_model");
        assert!(refused.to_string().starts_with("not a name model: it"));
    }
}

/// Learns from a few sentences of our own, twice.
fn small() -> NameModel {
    let list = |words: &'static [&'static str]| words.iter().map(|word| (*word, 2));
    let lexicon = NameLexicon::build(
        list(&["anna", "peter", "maria"]),
        list(&["lopez", "smith"]),
        list(&["paris"]),
        &BTreeMap::from([("table".to_owned(), WordCounts { lower: 40, capital: 0 })]),
    )
    .unwrap();
    let example = |text: &str, name: &str| {
        let start = text.find(name).unwrap_or(0);
        let names =
            if name.is_empty() { Vec::new() } else { std::iter::once(start..start + name.len()).collect() };
        NameExample { text: text.to_owned(), names, ..NameExample::default() }
    };
    let examples: Vec<NameExample> = (0..10)
        .flat_map(|_| {
            [
                example("I met Anna Lopez there", "Anna Lopez"),
                example("we met Peter here", "Peter"),
                example("they live in Paris now", ""),
                example("the Table is broken", ""),
                example("call Maria Smith now", "Maria Smith"),
            ]
        })
        .collect();
    train_names(lexicon, &examples, 0.5)
}

#[test]
fn training_learns_and_repeats() {
    let (one, other) = (small(), small());
    assert_eq!(one.to_bytes(), other.to_bytes());
    let found = Redactor::with_names(one).redact("I met Maria Lopez in Paris at the Table", &[]);
    assert_eq!(found.text, "I met [name] in Paris at the Table");
    assert!(found.spans.iter().all(|span| span.kind == PersonalKind::Name));
    let strict = Redactor::with_names(other.with_threshold(1.0)).redact("I met Maria Lopez", &[]);
    assert!(strict.spans.is_empty());
}

#[test]
fn hostile_texts_take_linear_time() {
    for part in [
        "Anna ",
        "anna",
        "J. ",
        "A",
        "A ",
        "Anna\n",
        "é",
        "Ö ",
        "👍",
        "Mr ",
        "Anna-",
        "'s",
        "@Anna ",
        "ПётрAnna ",
        "4",
        "four ",
    ] {
        let text = part.repeat(20_000 / part.len());
        let found = Redactor::new().redact(&text, &[]);
        assert!(found.spans.windows(2).all(|pair| pair[0].end <= pair[1].start), "{part}");
        let again = Redactor::new().redact(&found.text, &[]);
        assert!(again.spans.is_empty(), "{part}: {:?}", again.spans.first());
    }
}

/// Words that names are made of and stand beside, in any order and case.
fn sentence() -> impl proptest::strategy::Strategy<Value = String> {
    use proptest::prelude::*;
    let word = prop_oneof![
        Just("Anna".to_owned()),
        Just("Peter".to_owned()),
        Just("smith".to_owned()),
        Just("LOPEZ".to_owned()),
        Just("Dear".to_owned()),
        Just("Mr.".to_owned()),
        Just("regards,\n".to_owned()),
        Just("spoke to".to_owned()),
        Just("and".to_owned()),
        Just("J.".to_owned()),
        Just("Paris".to_owned()),
        Just("[name]".to_owned()),
        Just("müller's".to_owned()),
        "[A-Z][a-z]{1,7}",
        "[a-z]{1,7}",
        "[.,:;'@#()-]{1,2}",
    ];
    prop::collection::vec(word, 0..30).prop_map(|words| words.join(" "))
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig { cases: 400, ..Default::default() })]

    #[test]
    fn names_are_found_once_and_their_places_are_right(text in sentence()) {
        let redactor = Redactor::new();
        let once = redactor.redact(&text, &[]);
        let again = redactor.redact(&once.text, &[]);
        proptest::prop_assert_eq!(&again.text, &once.text);
        let letters: Vec<char> = text.chars().collect();
        let mut rebuilt = String::new();
        let mut at = 0;
        for span in &once.spans {
            proptest::prop_assert!(span.start >= at && span.end > span.start && span.end <= letters.len());
            rebuilt.extend(&letters[at..span.start]);
            rebuilt.push_str(span.kind.placeholder());
            at = span.end;
        }
        rebuilt.extend(&letters[at..]);
        proptest::prop_assert_eq!(rebuilt, once.text);
    }

    #[test]
    fn any_bytes_are_refused_or_read(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..200)) {
        proptest::prop_assert!(NameModel::from_bytes(&bytes).is_err());
    }
}
