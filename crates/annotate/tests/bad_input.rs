//! Bad input, by its sorts: an answer or an honest "unknown", never a panic, and work that grows with the length and no faster.
#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

use std::collections::BTreeMap;
use std::sync::OnceLock;

use groundswell_annotate::{Annotator, Evidence, Mapper};
use groundswell_model::{Annotation, Clock, JourneyMap, Mapping, SentimentLabel};
use groundswell_text::{Format, Redactor, identify, normalise};
use proptest::prelude::*;

/// The longest text that a pipeline keeps.
const LONGEST: usize = 20_000;

struct Shared {
    redactor: Redactor,
    annotator: Annotator,
    mapper: Mapper,
}

fn shared() -> &'static Shared {
    static SHARED: OnceLock<Shared> = OnceLock::new();
    SHARED.get_or_init(|| Shared {
        redactor: Redactor::new(),
        annotator: Annotator::new().unwrap(),
        mapper: Mapper::new(JourneyMap::shipped().unwrap()).unwrap(),
    })
}

/// What ingest and analyser do with a text, one after the other.
fn through(text: &str) -> (String, Annotation, Mapping) {
    let shared = shared();
    let clean = normalise(text, Format::Plain, LONGEST);
    let redacted = shared.redactor.redact(&clean.text, &[]).text;
    let annotation = shared.annotator.annotate(&redacted, identify(&redacted));
    let context = BTreeMap::new();
    let evidence =
        Evidence { kind: None, channel: "", context: &context, clock: Clock::default(), occurred_at: None };
    let mapping = shared.mapper.place(&[(&redacted, &annotation)], &evidence);
    (redacted, annotation, mapping)
}

/// Says whether the answer is well formed.
fn is_an_answer((text, annotation, mapping): &(String, Annotation, Mapping)) -> bool {
    let spans = annotation.expectations.iter().flat_map(|one| [&one.expected, &one.happened]).flatten();
    let mut spans = spans.map(|span| !span.is_empty() && text.contains(span.as_str()));
    text.chars().count() <= 2 * LONGEST
        && (0.0..=1.0).contains(&annotation.unmet.probability)
        && (-1.0..=1.0).contains(&annotation.sentiment.score)
        && (0.0..=1.0).contains(&mapping.probability)
        && spans.all(|holds| holds)
}

/// Says whether the answer is that nothing can be said.
fn is_unknown((_, annotation, mapping): &(String, Annotation, Mapping)) -> bool {
    annotation.expectations.is_empty() && annotation.unmet.probability < 0.5 && mapping.stage.is_unknown()
}

const EMOJI: [&str; 8] = ["😡", "👍", "❤️", "🙄", "🎉", "👩‍👩‍👧", "🇩🇪", "¯\\_(ツ)_/¯"];
const UNSUPPORTED: [&str; 4] = [
    "Toimitus oli myöhässä ja kukaan ei vastannut puhelimeen.",
    "注文した商品がまだ届きません。電話にも出ません。",
    "Посылка так и не пришла, никто не отвечает.",
    "الطرد لم يصل بعد ولا أحد يرد على الهاتف",
];
const SENTENCES: [&str; 6] = [
    "The parcel came nine days late and nobody called me back.",
    "Das Paket kam neun Tage zu spät und niemand hat zurückgerufen.",
    "Le colis est arrivé avec neuf jours de retard.",
    "El paquete llegó nueve días tarde.",
    "Il pacco è arrivato con nove giorni di ritardo.",
    "You promised two days, it took nine.",
];
const PHONE: [&str; 8] = ["wher", "is", "my", "ordr", "u sed", "2day", "pls", "fix asap!!1"];

/// The sorts of bad input, each of any length.
fn bad() -> impl Strategy<Value = String> {
    let of = |words: &'static [&'static str], between: &'static str| {
        prop::collection::vec(prop::sample::select(words), 0..40).prop_map(move |all| all.join(between))
    };
    prop_oneof![
        "[ \\t\\r\\n\u{a0}\u{200b}]{0,20}".prop_map(|text| text),
        of(&EMOJI, ""),
        "https?://[a-z]{1,12}\\.example/[a-z0-9/?=&%._-]{0,60}".prop_map(|text| text),
        of(&UNSUPPORTED, " "),
        of(&SENTENCES, " "),
        of(&SENTENCES, " ").prop_map(|text| text.to_uppercase()),
        of(&SENTENCES, "").prop_map(|text| text.replace(' ', "")),
        of(&PHONE, " "),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_sort_of_bad_input_is_answered_and_again_in_the_same_way(text in bad(), more in bad()) {
        for text in [text.clone(), format!("{text}\n{more}")] {
            let answer = through(&text);
            prop_assert!(is_an_answer(&answer), "{:?}", text);
            prop_assert_eq!(answer, through(&text));
        }
    }
}

#[test]
fn what_says_nothing_is_answered_with_unknown() {
    for text in
        ["", "   ", "\u{200b}", "https://shop.example/orders/17?x=1", "....", "👩‍👩‍👧", "12345", "[email]"]
    {
        let answer = through(text);
        assert!(is_an_answer(&answer) && is_unknown(&answer), "{text:?}: {answer:?}");
    }
    for text in UNSUPPORTED {
        let answer = through(text);
        assert!(answer.1.expectations.is_empty(), "{text}");
        assert_eq!(answer.1.sentiment.label, SentimentLabel::Neutral, "{text}");
    }
}

#[test]
fn emoji_alone_have_a_tone_at_most() {
    let (bad, good) = (through("😡😡😡"), through("👍👍👍"));
    assert!(bad.1.sentiment.score < 0.0 && good.1.sentiment.score > 0.0);
    assert!(bad.2.stage.is_unknown() && good.2.stage.is_unknown());
}

#[test]
fn capitals_say_what_small_letters_say() {
    for text in ["The parcel never arrived.", "I was charged twice for the same booking."] {
        let (small, large) = (through(text), through(&text.to_uppercase()));
        let first = |answer: &(String, Annotation, Mapping)| {
            answer.1.expectations.first().map(|one| (one.outcome, one.gap))
        };
        assert_eq!(first(&small), first(&large), "{text}");
        assert_eq!(small.2.stage, large.2.stage, "{text}");
    }
}

#[test]
fn more_than_the_longest_text_is_cut() {
    let answer = through(&"You promised two days but it took nine. ".repeat(1_000));
    assert!(is_an_answer(&answer));
    assert!(answer.1.expectations.len() <= 16);
}

/// Nanoseconds of CPU that this thread has used, as the kernel counts them: what other programs do is not in them.
fn used() -> Option<u64> {
    std::fs::read_to_string("/proc/thread-self/schedstat").ok()?.split(' ').next()?.parse().ok()
}

/// What is measured at least: the kernel may count in ticks of some milliseconds.
const ENOUGH: u64 = 60_000_000;

/// Nanoseconds of CPU for one reading of a text, the least of three measurements.
fn work(text: &str) -> Option<u64> {
    let measure = |_| {
        let before = used()?;
        let mut runs = 0;
        loop {
            assert!(is_an_answer(&through(text)));
            runs += 1;
            let spent = used()? - before;
            if spent >= ENOUGH {
                return Some(spent / runs);
            }
        }
    };
    (0..3).map(measure).collect::<Option<Vec<_>>>()?.into_iter().min()
}

#[test]
fn work_grows_with_the_length_and_no_faster() {
    let sorts: [(&str, String); 9] = [
        ("emoji", EMOJI.concat()),
        ("urls", "https://shop.example/orders/17?x=1 ".to_owned()),
        ("unsupported", format!("{} ", UNSUPPORTED.join(" "))),
        ("sentences", format!("{} ", SENTENCES.join(" "))),
        ("capitals", format!("{} ", SENTENCES.join(" ").to_uppercase())),
        ("no spaces", SENTENCES.concat().replace([' ', '.'], "")),
        ("phone", format!("{} ", PHONE.join(" "))),
        ("digits", "4111 1111 1111 1112 +49 30 1234567 12.05.2026 ".to_owned()),
        ("openings", "you promised but instead of ".to_owned()),
    ];
    for (sort, piece) in sorts {
        let long: String = piece.chars().cycle().take(LONGEST - 1).collect();
        let short: String = long.chars().take(LONGEST / 8).collect();
        let (Some(less), Some(more)) = (work(&short), work(&long)) else { return };
        // Eight times the length; work that grew with its square would be sixty-four times. Caches that a long text fills
        // beside other programs cost up to three times as much again.
        let ratio = more / less.max(1);
        println!("{sort}: {less} ns, {more} ns, {ratio} times");
        assert!(ratio <= 30, "{sort}: eight times the length is {ratio} times the work");
    }
}
