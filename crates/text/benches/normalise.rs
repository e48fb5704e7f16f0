//! Microseconds for one text of 340 characters, step by step.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use groundswell_text::{
    Analyser, Format, Known, PersonalKind, Redactor, fingerprint, identify, normalise, sentences,
};

const TEXT: &str = "I ordered a desk lamp three weeks ago and it still has not arrived. The tracking page says that the parcel left the \
depot on Monday, but nobody at your help desk could tell me where it is now. I was promised a call back within two days and \
heard nothing at all. Please cancel order 48213 and send my money back, because I really don't trust you!";

fn steps(criterion: &mut Criterion) {
    let redactor = Redactor::new();
    let mut analyser = Analyser::new();
    let known = [
        Known { kind: PersonalKind::Name, value: "Maria Lopez" },
        Known { kind: PersonalKind::Email, value: "maria@example.com" },
    ];
    let personal = TEXT.replace("48213", "48213, call +44 20 7946 0958 or mail maria@example.com,");
    criterion
        .bench_function("normalise", |bench| bench.iter(|| normalise(black_box(TEXT), Format::Plain, 8_000)));
    let html = format!("<div><p>{}</p><br></div>", TEXT.replace(". ", ".</p><p>"));
    criterion.bench_function("normalise html", |bench| {
        bench.iter(|| normalise(black_box(&html), Format::Html, 8_000))
    });
    criterion.bench_function("identify", |bench| bench.iter(|| identify(black_box(TEXT))));
    criterion.bench_function("identify few frequent words", |bench| {
        bench.iter(|| identify(black_box("Postup nastavení účtu IMAP, odpověď chodí pozdě")));
    });
    let structured = Redactor::without_names();
    criterion.bench_function("redact clean, no names", |bench| {
        bench.iter(|| structured.redact(black_box(TEXT), &[]))
    });
    criterion.bench_function("redact clean", |bench| bench.iter(|| redactor.redact(black_box(TEXT), &[])));
    criterion
        .bench_function("redact with known", |bench| bench.iter(|| redactor.redact(black_box(TEXT), &known)));
    criterion.bench_function("redact personal", |bench| {
        bench.iter(|| redactor.redact(black_box(&personal), &known))
    });
    let language = identify(TEXT);
    criterion.bench_function("terms", |bench| {
        bench.iter(|| {
            let mut bytes = 0;
            analyser.terms(black_box(TEXT), language, &mut |term| bytes += term.stem.len());
            bytes
        });
    });
    criterion.bench_function("sentences", |bench| bench.iter(|| sentences(black_box(TEXT))));
    criterion.bench_function("fingerprint", |bench| bench.iter(|| fingerprint(black_box(TEXT))));
    criterion.bench_function("normalise, identify, redact", |bench| {
        bench.iter(|| {
            let clean = normalise(black_box(TEXT), Format::Plain, 8_000);
            (identify(&clean.text), redactor.redact(&clean.text, &known))
        });
    });
    criterion.bench_function("all", |bench| {
        bench.iter(|| {
            let clean = normalise(black_box(TEXT), Format::Plain, 8_000);
            let language = identify(&clean.text);
            let redacted = redactor.redact(&clean.text, &known);
            let mut bytes = 0;
            analyser.terms(&redacted.text, language, &mut |term| bytes += term.stem.len());
            bytes
        });
    });
}

criterion_group!(benches, steps);
criterion_main!(benches);
