//! Milliseconds for the voices of 400 themes in a million rows, and for all of their rises.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use groundswell_insight::themes::{Leaves, Voices};
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

criterion_group!(benches, voices);
criterion_main!(benches);
