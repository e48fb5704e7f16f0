//! Milliseconds for the voices of 400 themes in a million rows and for all of their rises, seconds to split a theme of 50,000
//! texts, and microseconds to give a text to the nearest of 400 themes.
#![expect(clippy::expect_used, reason = "a bench, which may fail loudly")]

use std::hint::black_box;
use std::ops::ControlFlow;

use criterion::{Criterion, criterion_group, criterion_main};
use groundswell_insight::themes::{Leaves, NearestTheme, Rows, Splitting, Voices, parts};
use groundswell_insight::{Dimension, Holding, Label, Row, UNKNOWN, View, Window};
use groundswell_model::{Day, FeedbackId, Kind, RespondentKey};

const ROWS: u32 = 1_000_000;
const THEMES: u32 = 400;
const DAYS: u32 = 365;

/// Numbers as uneven as feedback is.
fn spread(number: u32, of: u32) -> u32 {
    (u64::from(number).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 33) as u32 % of
}

fn holding(number: u32) -> Holding {
    let mut key = [0; 16];
    for (byte, value) in key.iter_mut().zip(spread(number, ROWS / 3).to_be_bytes()) {
        *byte = value;
    }
    let theme = spread(number.wrapping_mul(7), THEMES);
    let day = i32::try_from(spread(number.wrapping_mul(3), DAYS)).unwrap_or(0);
    let row = Row {
        day: Day::from_number(20_000 + day),
        minute: 0,
        kind: if number.is_multiple_of(9) { Kind::Employee } else { Kind::Complaint },
        respondent: Some(RespondentKey::from_bytes(key)),
        stage: 3,
        voiced_at: UNKNOWN,
        touchpoint: 4,
        phase: UNKNOWN,
        gaps: u16::from(number.is_multiple_of(3)),
        outcomes: 1,
        sentiment: -40,
        quality: 100,
        fingerprint: u64::from(number) + 1,
        answers: Vec::new(),
        origins: 0,
        labels: Label::new(Dimension::Theme, &format!("t{theme}")).into_iter().collect(),
        handled: None,
        corrected: false,
    };
    Holding { row: Some(row), ..Holding::default() }
}

/// The voices of a year, and the rises of every theme.
fn voices(criterion: &mut Criterion) {
    let mut view = View::default();
    for number in 0..ROWS {
        view.put(FeedbackId::from_bytes(u128::from(number).to_be_bytes()), &holding(number));
    }
    let leaves: Leaves = (0..THEMES).map(|theme| (format!("t{theme}"), theme)).collect();
    let day = |number| Some(Day::from_number(number));
    let window = Window { since: day(20_000), until: day(20_364), kind: None };
    let mut group = criterion.benchmark_group("voices");
    group.sample_size(10);
    group.bench_function("400 themes in a million rows", |bench| {
        bench.iter(|| Voices::of(black_box(&view), &window, &leaves));
    });
    let voices = Voices::of(&view, &window, &leaves);
    group.bench_function("rises of 400 themes in a year", |bench| {
        bench.iter(|| (0..THEMES as usize).filter_map(|theme| black_box(&voices).rise(theme)).count());
    });
    group.finish();
}

/// Vectors of 256 bytes around some directions.
fn vectors(count: u32, groups: u32) -> Rows<i8> {
    let byte =
        |number: u32, at: u32, reach: u32| spread(number * 256 + at, 2 * reach + 1) as i32 - reach as i32;
    let value = |row: u32, at: u32| byte(row % groups, at, 50) + byte(row + 1_000, at, 60);
    let values = (0..count).flat_map(|row| (0..256).map(move |at| value(row, at) as i8)).collect();
    Rows::new(256, values).expect("whole rows")
}

/// The parts of a theme of 50,000 texts, their number not told.
fn splits(criterion: &mut Criterion) {
    let vectors = vectors(50_000, 7);
    let mut group = criterion.benchmark_group("split");
    group.sample_size(10);
    group.bench_function("50,000 vectors of 256 bytes", |bench| {
        bench.iter(|| {
            parts(black_box(&vectors), &[], &Splitting::default(), &mut |_, _| ControlFlow::Continue(()))
        });
    });
    group.finish();
}

/// The nearest of 400 themes for one text.
fn nearest(criterion: &mut Criterion) {
    let vectors = vectors(THEMES + 1, THEMES + 1);
    let themes = vectors.rows().take(THEMES as usize).flatten().copied().collect();
    let known = NearestTheme::new(&Rows::new(256, themes).expect("whole rows"));
    let text = vectors.row(THEMES as usize);
    criterion.bench_function("nearest of 400 themes", |bench| {
        bench.iter(|| known.nearest(black_box(text)));
    });
}

criterion_group!(benches, nearest, splits, voices);
criterion_main!(benches);
