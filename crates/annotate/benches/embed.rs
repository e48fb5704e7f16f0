//! Time of embedding one feedback of 340 characters, and of reading the table.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use groundswell_annotate::Embedder;

const TEXT: &str = "I ordered the garden table three weeks ago and you promised delivery within five working days, but the courier \
    has still not been here. When I called your hotline I was on hold for forty minutes, then the agent told me that the parcel was \
    in transit. The website says the same since Monday. Please find out where it is or give me my money back, thank you.";

fn embed(criterion: &mut Criterion) {
    let Ok(embedder) = Embedder::shipped() else { return };
    let mut group = criterion.benchmark_group("embed");
    group.bench_function("read", |bencher| bencher.iter(Embedder::shipped));
    group.throughput(Throughput::Bytes(TEXT.len() as u64));
    group.bench_function("embed", |bencher| bencher.iter(|| embedder.embed(black_box(TEXT))));
    let unknown: String = "qzxvkj".chars().cycle().take(340).collect();
    let hostile = unknown.as_bytes().chunks(40).map(String::from_utf8_lossy).collect::<Vec<_>>().join(" ");
    group.bench_function("hostile", |bencher| bencher.iter(|| embedder.embed(black_box(&hostile))));
    let embedding = embedder.embed(TEXT);
    group.bench_function("base64", |bencher| bencher.iter(|| black_box(&embedding).to_base64()));
    group.finish();
}

criterion_group!(benches, embed);
criterion_main!(benches);
