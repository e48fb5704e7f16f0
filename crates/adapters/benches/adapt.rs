//! Time per record of the adapters, and bytes per second of splitting a file into rows.

#![expect(clippy::expect_used, reason = "a bench fails by panicking")]

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use groundswell_adapters::{Pipeline, adapt, rows};
use groundswell_model::{RawRecord, Timestamp};
use std::hint::black_box;

const TEXT: &str = "I ordered the heater on the first of March and was promised delivery within three days. On the fifth I \
    called and was told that it would come on the sixth, which it did not. Nobody called me back, the tracking page shows \
    nothing, and the shop says that it is the fault of the carrier. I want my money back, or a date that somebody will keep.";

fn pipeline(name: &str) -> Pipeline {
    let path = format!("{}/../../pipelines/{name}.toml", env!("CARGO_MANIFEST_DIR"));
    Pipeline::parse(&std::fs::read_to_string(path).expect("pipeline file")).expect("valid pipeline")
}

fn one(c: &mut Criterion, name: &str, bytes: &[u8], columns: Option<&[String]>) {
    let pipeline = pipeline(name);
    let raw =
        RawRecord { bytes, key: None, received_at: Timestamp::default(), columns, row: columns.map(|_| 1) };
    assert!(adapt(&pipeline, &raw).iter().all(Result::is_ok));
    let mut group = c.benchmark_group("adapt");
    group.throughput(Throughput::Elements(1));
    group.bench_function(name, |b| b.iter(|| adapt(&pipeline, black_box(&raw))));
    group.finish();
}

fn names(names: &str) -> Vec<String> {
    names.split(',').map(str::to_owned).collect()
}

fn adapters(c: &mut Criterion) {
    let submission = format!(
        r#"{{"record": "S-1001", "kind": "survey", "channel": "email", "occurred_at": "2026-03-05T10:00:00Z", "respondent": {{"customer": "C-77"}}, "context": {{"survey_type": "post_delivery"}}, "statements": [{{"text": "{TEXT}"}}], "answers": [{{"metric": "nps", "value": 3}}]}}"#
    );
    one(c, "submission", submission.as_bytes(), None);
    let columns = names(
        "Date received,Product,Sub-product,Issue,Sub-issue,Consumer complaint narrative,Company public response,Company,State,ZIP code,Tags,Consumer consent provided?,Submitted via,Date sent to company,Company response to consumer,Timely response?,Consumer disputed?,Complaint ID",
    );
    let cfpb = format!(
        "2026-02-03,Debt collection,Other debt,False statements,,\"{TEXT}\",,Example Collections,OH,440XX,,Consent provided,Web,2026-02-04,Closed with explanation,Yes,,900001"
    );
    one(c, "cfpb", cfpb.as_bytes(), Some(&columns));
    let columns = names(
        "Comment ID,Trust,Respondent ID,Date,Service type 1,Service type 2,FFT categorical answer,FFT question,FFT answer",
    );
    let survey =
        format!("X 1 - Q1,TRUST,X 1,02/06/2026,Community,North,1,What could we do better?,\"{TEXT}\"");
    one(c, "nhs_fft", survey.as_bytes(), Some(&columns));
}

fn split(c: &mut Criterion) {
    let pipeline = pipeline("nhs_fft");
    let mut file = "Comment ID,Trust,Respondent ID,Date,Service type 1,Service type 2,FFT categorical answer,FFT question,FFT answer\n".to_owned();
    for row in 0..20_000 {
        file.push_str(&format!(
            "X {row},TRUST,X 1,02/06/2026,Community,North,1,What could we do better?,\"{TEXT}\"\n"
        ));
    }
    let mut group = c.benchmark_group("rows");
    group.throughput(Throughput::Bytes(file.len() as u64));
    group.sample_size(20);
    group.bench_function("csv", |b| {
        b.iter(|| rows::open(file.as_bytes(), &pipeline).expect("header").count())
    });
    group.finish();
}

criterion_group!(benches, adapters, split);
criterion_main!(benches);
