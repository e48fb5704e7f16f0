//! Fuzz target: any text in any language is annotated and mapped, twice in the same way, and its spans are substrings.
#![no_main]

use std::collections::BTreeMap;
use std::sync::LazyLock;

use groundswell_annotate::{Annotator, Evidence, Mapper};
use groundswell_model::{Clock, JourneyMap};
use groundswell_text::{Language, identify};
use libfuzzer_sys::fuzz_target;

static ANNOTATOR: LazyLock<Annotator> = LazyLock::new(|| Annotator::new().expect("the shipped files are right"));
static MAPPER: LazyLock<Mapper> = LazyLock::new(|| {
    Mapper::new(JourneyMap::shipped().expect("the map is right")).expect("the map is right")
});

const LANGUAGES: [Option<Language>; 8] = [
    None,
    Some(Language::EN),
    Some(Language::DE),
    Some(Language::FR),
    Some(Language::ES),
    Some(Language::IT),
    Some(Language::NL),
    Some(Language::PT),
];

fuzz_target!(|input: (u8, &str)| {
    let (choice, text) = input;
    let known = LANGUAGES.get(usize::from(choice) % 9).copied().flatten();
    let language = known.or_else(|| identify(text));
    let said = ANNOTATOR.annotate(text, language);
    assert_eq!(said, ANNOTATOR.annotate(text, language));
    assert!((0.0..=1.0).contains(&said.unmet.probability) && (-1.0..=1.0).contains(&said.sentiment.score));
    for span in said.expectations.iter().flat_map(|one| [&one.expected, &one.happened]).flatten() {
        assert!(!span.is_empty() && text.contains(span.as_str()));
    }
    let context = BTreeMap::new();
    let clock = Clock::default();
    let evidence = Evidence { kind: None, channel: text, context: &context, clock, occurred_at: None };
    let mapping = MAPPER.place(&[(text, &said)], &evidence);
    assert!((0.0..=1.0).contains(&mapping.probability));
});
