//! Milliseconds for a day's tick over 10,000 series on one core: every series judged, the alarms, the day's list by
//! Benjamini–Hochberg; and what one feedback costs the counts, which are derived from its row.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use groundswell_insight::detect::many::{FALSE_SHARE, believed};
use groundswell_insight::detect::series::MEMORY;
use groundswell_insight::detect::{Alarm, Kin, Point, Reading, Series, Thresholds, Watch};
use groundswell_insight::{Daily, Dimension, Holding, Label, Row, UNKNOWN, View};
use groundswell_model::{Day, FeedbackId, Kind, RespondentKey};

const SERIES: u64 = 10_000;

/// Series with up to twenty people a day, as uneven as counts are; no two alike.
fn points(series: u64) -> Vec<Point> {
    let mean = 1 + series % 20;
    let mut state = series.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (0..MEMORY)
        .map(|day| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let spread = (state >> 33) % (mean + 1);
            let people = if day % 7 < 5 { 2200.0 } else { 1500.0 };
            Point::new(u32::try_from(mean / 2 + spread).unwrap_or(0), people)
        })
        .collect()
}

fn tick(all: &[Vec<Point>]) -> (Vec<Alarm>, usize) {
    let first = Day::from_number(20_000);
    let read = |points: &Vec<Point>| Series { first, points, kin: Kin::default() }.last_reading();
    let readings: Vec<Reading> = all.iter().filter_map(read).collect();
    let alarms =
        readings.iter().filter_map(|reading| Watch::new(Thresholds::PER_180_DAYS, None).look(reading));
    let alarms = alarms.collect();
    let p: Vec<f64> = readings.iter().map(|reading| reading.p_week).collect();
    (alarms, believed(&p, FALSE_SHARE).into_iter().filter(|believed| *believed).count())
}

fn ticks(criterion: &mut Criterion) {
    let all: Vec<Vec<Point>> = (0..SERIES).map(points).collect();
    let mut group = criterion.benchmark_group("tick");
    group.throughput(Throughput::Elements(SERIES));
    group.sample_size(20);
    group.bench_function("10,000 series", |bench| bench.iter(|| tick(black_box(&all))));
    group.finish();
}

/// What the state holds of one feedback, with an answer and five labels.
fn holding(number: u32, day: i32) -> Holding {
    let mut key = [0; 16];
    for (byte, value) in key.iter_mut().zip(number.to_be_bytes()) {
        *byte = value;
    }
    let labels = ["email", "kettle", "3.1", "north", "plan: regular"];
    let dimensions =
        [Dimension::Channel, Dimension::Product, Dimension::Version, Dimension::Region, Dimension::Segment];
    let row = Row {
        day: Day::from_number(20_000 + day),
        minute: 0,
        kind: Kind::Complaint,
        respondent: Some(RespondentKey::from_bytes(key)),
        stage: 3,
        voiced_at: UNKNOWN,
        touchpoint: 4,
        phase: UNKNOWN,
        gaps: 1 << (number % 13),
        outcomes: 1,
        sentiment: -40,
        quality: 100,
        fingerprint: u64::from(number),
        answers: Vec::new(),
        origins: 0,
        labels: dimensions.into_iter().zip(labels).filter_map(|(of, value)| Label::new(of, value)).collect(),
        handled: None,
        corrected: false,
    };
    Holding { row: Some(row), ..Holding::default() }
}

/// One feedback that is new, and one that changes, in a view of a hundred thousand.
fn updates(criterion: &mut Criterion) {
    let mut view = View::default();
    let id = |number: u32| FeedbackId::from_bytes(u128::from(number).to_be_bytes());
    (0..100_000).for_each(|number| view.put(id(number), &holding(number, 1)));
    let mut group = criterion.benchmark_group("update");
    let mut next = 100_000;
    group.bench_function("a new feedback", |bench| {
        bench.iter(|| {
            next += 1;
            view.put(id(next), &holding(next, 2));
        });
    });
    let mut known = 0;
    group.bench_function("a feedback that changes", |bench| {
        bench.iter(|| {
            known = (known + 7_919) % 100_000;
            view.put(id(known), &holding(known, 3));
        });
    });
    group.finish();
}

/// All cells of a hundred thousand feedback of ninety days, with their parts.
fn counts(criterion: &mut Criterion) {
    let mut view = View::default();
    for number in 0..100_000_u32 {
        let id = FeedbackId::from_bytes(u128::from(number).to_be_bytes());
        view.put(id, &holding(number, i32::try_from(number % 90).unwrap_or(0)));
    }
    let mut group = criterion.benchmark_group("count");
    group.sample_size(10);
    group.bench_function("every cell of a hundred thousand by day", |bench| {
        bench.iter(|| Daily::of(black_box(&view), Day::from_number(20_089)));
    });
    group.finish();
}

criterion_group!(benches, ticks, updates, counts);
criterion_main!(benches);
