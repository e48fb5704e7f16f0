//! Milliseconds for a day's tick over 10,000 series on one core: every series judged, the alarms, the day's list by
//! Benjamini–Hochberg.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use groundswell_insight::detect::many::{FALSE_SHARE, believed};
use groundswell_insight::detect::series::MEMORY;
use groundswell_insight::detect::{Alarm, Kin, Point, Reading, Series, Thresholds, Watch};
use groundswell_model::Day;

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

criterion_group!(benches, ticks);
criterion_main!(benches);
