//! Fuzz target: any bytes are normalised once and for all, redacted once and for all, and what is cut are whole spans.
#![no_main]

use std::sync::LazyLock;

use groundswell_text::{Format, Redactor, identify, normalise, sentences};
use libfuzzer_sys::fuzz_target;

static REDACTOR: LazyLock<Redactor> = LazyLock::new(Redactor::new);

fuzz_target!(|text: &str| {
    let clean = normalise(text, Format::Plain, 20_000).text;
    assert_eq!(normalise(&clean, Format::Plain, 20_000).text, clean);
    let _html = normalise(text, Format::Html, 20_000);
    let redacted = REDACTOR.redact(&clean, &[]);
    let length = clean.chars().count();
    assert!(redacted.spans.iter().all(|span| span.start < span.end && span.end <= length));
    assert!(redacted.spans.is_sorted_by(|one, other| one.end <= other.start));
    let _language = identify(&redacted.text);
    let ends = sentences(&redacted.text);
    assert!(ends.iter().all(|range| redacted.text.get(range.clone()).is_some()));
});
