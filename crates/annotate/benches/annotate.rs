//! Time of annotating and placing one feedback of 340 characters.

use std::collections::BTreeMap;
use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use groundswell_annotate::{Annotator, Evidence, Mapper};
use groundswell_model::{Clock, JourneyMap};
use groundswell_text::Language;

const TEXT: &str = "I ordered the garden table three weeks ago and you promised delivery within five working days, but the courier \
    has still not been here. When I called your hotline I was on hold for forty minutes, then the agent told me that the parcel was \
    in transit. The website says the same since Monday. Please find out where it is or give me my money back, thank you.";

fn annotate(criterion: &mut Criterion) {
    let (Ok(annotator), Ok(Ok(mapper))) = (Annotator::new(), JourneyMap::shipped().map(Mapper::new)) else {
        return;
    };
    let context = BTreeMap::from([("order_status".to_owned(), "shipped".to_owned())]);
    let evidence = Evidence {
        kind: None,
        channel: "email",
        context: &context,
        clock: Clock::default(),
        occurred_at: None,
    };
    let mut group = criterion.benchmark_group("annotate");
    group.throughput(Throughput::Bytes(TEXT.len() as u64));
    group.bench_function("annotate", |bencher| {
        bencher.iter(|| annotator.annotate(black_box(TEXT), Some(Language::EN)))
    });
    let annotation = annotator.annotate(TEXT, Some(Language::EN));
    group.bench_function("place", |bencher| {
        bencher.iter(|| mapper.place(black_box(&[(TEXT, &annotation)]), &evidence))
    });
    group.bench_function("both", |bencher| {
        bencher.iter(|| {
            let annotation = annotator.annotate(black_box(TEXT), Some(Language::EN));
            mapper.place(&[(TEXT, &annotation)], &evidence)
        });
    });
    group.finish();
}

criterion_group!(benches, annotate);
criterion_main!(benches);
