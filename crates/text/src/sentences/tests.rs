//! Tests of sentence splitting.

use super::*;

fn split(text: &str) -> Vec<&str> {
    sentences(text).into_iter().map(|range| &text[range]).collect()
}

#[test]
fn sentences_end_at_marks_and_lines() {
    assert_eq!(
        split("It broke.  I called! Nobody came?\nSad; very sad"),
        ["It broke.", "I called!", "Nobody came?", "Sad;", "very sad"]
    );
    assert_eq!(split("Wait... what?! \"No.\" Yes."), ["Wait...", "what?!", "\"No.\"", "Yes."]);
    assert_eq!(split("届きません。なぜ？"), ["届きません。", "なぜ？"]);
}

#[test]
fn stops_inside_are_no_ends() {
    assert_eq!(
        split("Dr. Smith paid 3.50 to J. Doe at example.com."),
        ["Dr. Smith paid 3.50 to J. Doe at example.com."]
    );
    assert_eq!(split("Am 3. Mai kam z.B. nichts an. Danke."), ["Am 3. Mai kam z.B. nichts an.", "Danke."]);
    assert_eq!(split("1. Slow app\n2. No refund"), ["1. Slow app", "2. No refund"]);
    assert_eq!(split("Version 2.0 is worse. So is 3."), ["Version 2.0 is worse.", "So is 3."]);
}

#[test]
fn signs_alone_join_what_stands_before() {
    assert_eq!(split("Great! 👍\n---"), ["Great! 👍", "---"]);
    assert_eq!(split(""), Vec::<&str>::new());
}

#[test]
fn hostile_texts_end() {
    for text in [
        ".".repeat(1_000_000),
        ". ".repeat(300_000),
        "a.".repeat(500_000),
        "!\n".repeat(500_000),
        "…".repeat(300_000),
    ] {
        assert!(sentences(&text).iter().all(|range| text.get(range.clone()).is_some()));
    }
}

proptest::proptest! {
    #[test]
    fn ranges_are_trimmed_ordered_and_hold_every_word(text in "(\\PC|[.!?;\n ]){0,80}") {
        let ranges = sentences(&text);
        let mut last = 0;
        for range in &ranges {
            proptest::prop_assert!(range.start >= last && range.end > range.start);
            let part = &text[range.clone()];
            proptest::prop_assert_eq!(part, part.trim());
            last = range.end;
        }
        let kept: String = ranges.iter().flat_map(|range| text[range.clone()].chars()).filter(|letter| letter.is_alphanumeric()).collect();
        let given: String = text.chars().filter(|letter| letter.is_alphanumeric()).collect();
        proptest::prop_assert_eq!(kept, given);
    }
}
