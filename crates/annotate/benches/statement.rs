//! CPU time of all that a statement of 340 characters goes through in ingest, with `text` and `annotate` together, and of
//! placing it on the journey map. Texts are made of our own sentences, several hundred of them, so that no cache knows them
//! by heart. The kernel counts the time of this thread alone: what else runs on the machine disturbs little.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::time::{Duration, Instant};

use criterion::measurement::{Measurement, ValueFormatter, WallTime};
use criterion::{Criterion, SamplingMode, criterion_group, criterion_main};
use groundswell_annotate::{Annotator, Evidence, Mapper};
use groundswell_model::{Annotation, Clock, JourneyMap};
use groundswell_text::{Format, Redactor, identify, normalise};

const SENTENCES: &str = include_str!("../tests/cases/development.jsonl");
/// Characters of a text.
const CHARS: usize = 340;
/// The limit of a text that pipelines have unless they say otherwise.
const LIMIT: usize = 20_000;

/// CPU time of this thread, in nanoseconds; where the system does not tell it, time by the clock.
struct CpuTime {
    begun: Instant,
    formatter: WallTime,
}

impl CpuTime {
    fn now(&self) -> u64 {
        let counted = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
        let counted = counted.and_then(|line| line.split(' ').next()?.parse().ok());
        counted.unwrap_or_else(|| u64::try_from(self.begun.elapsed().as_nanos()).unwrap_or(u64::MAX))
    }
}

impl Measurement for CpuTime {
    type Intermediate = u64;
    type Value = Duration;

    fn start(&self) -> u64 {
        self.now()
    }

    fn end(&self, begun: u64) -> Duration {
        Duration::from_nanos(self.now().saturating_sub(begun))
    }

    fn add(&self, one: &Duration, other: &Duration) -> Duration {
        *one + *other
    }

    fn zero(&self) -> Duration {
        Duration::ZERO
    }

    fn to_f64(&self, value: &Duration) -> f64 {
        self.formatter.to_f64(value)
    }

    fn formatter(&self) -> &dyn ValueFormatter {
        self.formatter.formatter()
    }
}

/// Joins sentences to texts of so many characters; the last word of each may be cut.
fn texts() -> Vec<String> {
    let mut out = vec![String::new()];
    let sentence = |line: &str| {
        Some(serde_json::from_str::<serde_json::Value>(line).ok()?.get("text")?.as_str()?.to_owned())
    };
    for sentence in SENTENCES.lines().filter_map(sentence) {
        let Some(text) = out.last_mut() else { break };
        text.push_str(if text.is_empty() { "" } else { " " });
        text.push_str(&sentence);
        if text.chars().count() >= CHARS {
            *text = text.chars().take(CHARS).collect();
            out.push(String::new());
        }
    }
    out.pop();
    out
}

fn statement(criterion: &mut Criterion<CpuTime>) {
    let (Ok(annotator), Ok(Ok(mapper))) = (Annotator::new(), JourneyMap::shipped().map(Mapper::new)) else {
        return;
    };
    let redactor = Redactor::new();
    let texts = texts();
    let context = BTreeMap::from([("order_status".to_owned(), "shipped".to_owned())]);
    let evidence = Evidence {
        kind: None,
        channel: "email",
        context: &context,
        clock: Clock::default(),
        occurred_at: None,
    };
    let ingest = |text: &str| -> (String, Annotation) {
        let clean = normalise(text, Format::Plain, LIMIT);
        let redacted = redactor.redact(&clean.text, &[]);
        let annotation = annotator.annotate(&redacted.text, identify(&redacted.text));
        (redacted.text, annotation)
    };
    let made: Vec<(String, Annotation)> = texts.iter().map(|text| ingest(text)).collect();
    let mut group = criterion.benchmark_group("statement");
    // The kernel counts in steps of up to four milliseconds, so a sample must be long.
    group.sampling_mode(SamplingMode::Flat).sample_size(20).measurement_time(Duration::from_secs(10));
    let mut all = texts.iter().cycle();
    let mut each = || all.next().map_or("", String::as_str);
    group.bench_function("normalise", |bencher| {
        bencher.iter(|| normalise(black_box(each()), Format::Plain, LIMIT));
    });
    group.bench_function("redact", |bencher| bencher.iter(|| redactor.redact(black_box(each()), &[])));
    group.bench_function("identify", |bencher| bencher.iter(|| identify(black_box(each()))));
    group.bench_function("annotate", |bencher| {
        bencher.iter(|| annotator.annotate(black_box(each()), None));
    });
    group.bench_function("all of ingest", |bencher| bencher.iter(|| ingest(black_box(each()))));
    let mut all = made.iter().cycle();
    group.bench_function("place", |bencher| {
        bencher.iter(|| {
            let placed = all.next().map(|(text, annotation)| mapper.place(&[(text, annotation)], &evidence));
            black_box(placed)
        });
    });
    group.finish();
}

fn cpu_time() -> Criterion<CpuTime> {
    Criterion::default().with_measurement(CpuTime { begun: Instant::now(), formatter: WallTime })
}

criterion_group!(name = benches; config = cpu_time(); targets = statement);
criterion_main!(benches);
