//! Corroboration: complaints, surveys and staff each at one and a half times the usual, and how often the issue is found by
//! all together, by each alone and by their pooled raw counts, at the same rate of false alarms.

use groundswell_insight::detect::series::MEMORY;
use groundswell_insight::detect::{Corroboration, Kin, KindWeek, Point, Reading, Series, Thresholds};
use groundswell_model::{Day, Kind};

use super::random::Random;
use super::rows::{Row, Wanted};

const NAME: &str = "together";
const ISSUES: usize = 800;
const TEST: usize = 175;
const DAYS: usize = MEMORY + TEST;
const RATIO: f64 = 1.5;
const ISSUE_DAYS: usize = 28;
const FOUND_WITHIN: usize = 14;
const QUIET: usize = 7;

/// Kind, its people a day, of how many of them the issue is told on a day, variance by mean. A survey has waves: for a week
/// of every eight it asks three times as many.
const KINDS: [(Kind, f64, f64, f64); 3] =
    [(Kind::Complaint, 1500.0, 1.0, 1.3), (Kind::Survey, 400.0, 0.8, 1.0), (Kind::Employee, 120.0, 0.6, 1.0)];
const WAVE: (usize, usize, f64) = (56, 7, 3.0);

/// The ways to look, in the order of a day's scores.
const WAYS: [&str; 6] = [
    "all kinds together",
    "complaints alone",
    "surveys alone",
    "staff alone",
    "pooled raw counts",
    "pooled counts with exposure",
];

/// Scores of each way by day, whether a kind alone raised an alarm on it, and the day on which the issue began.
struct Watched {
    scores: Vec<[f64; WAYS.len()]>,
    alone: Vec<bool>,
    start: usize,
}

/// Measures all ways.
pub fn rows() -> Vec<Row> {
    let calm: Vec<Watched> =
        (0..ISSUES).map(|number| watch(&mut Random::stream("calm kinds", number), 1.0)).collect();
    let loud: Vec<Watched> =
        (0..ISSUES).map(|number| watch(&mut Random::stream("loud kinds", number), RATIO)).collect();
    let alarms =
        |way: usize, limit: f64| calm.iter().map(|watched| starts(watched, way, limit).len()).sum::<usize>();
    let ours = alarms(0, 0.0);
    let unit = 180.0 / (ISSUES * TEST) as f64;
    let mut rows = vec![Row {
        simulation: NAME,
        says: "false alarms for a cell and 180 days, all kinds together".into(),
        value: ours as f64 * unit,
        error: (ours as f64).sqrt() * unit,
        wanted: Wanted::Beside,
    }];
    let powers: Vec<usize> = (0..WAYS.len())
        .map(|way| {
            let limit = if way == 0 { 0.0 } else { limit(|limit| alarms(way, limit), ours) };
            loud.iter().filter(|watched| is_found(watched, way, limit)).count()
        })
        .collect();
    for (way, power) in WAYS.iter().zip(&powers) {
        let says = format!("issue at ×{RATIO} found within 14 days by {way}, at as many false alarms");
        rows.push(Row::share(NAME, says, *power, ISSUES, Wanted::Beside));
    }
    let single = powers[1..4].iter().copied().max().unwrap_or(1);
    rows.push(times("power together by that of the best single kind", powers[0], single));
    rows.push(times("power together by that of the pooled raw counts", powers[0], powers[4]));
    let unseen: Vec<&Watched> = loud
        .iter()
        .filter(|watched| {
            !watched.alone[watched.start..watched.start + FOUND_WITHIN].iter().any(|alone| *alone)
        })
        .collect();
    let found = unseen.iter().filter(|watched| is_found(watched, 0, 0.0)).count();
    let says = "of the issues that no kind showed alone, found by all together";
    rows.push(Row::share(NAME, says.into(), found, unseen.len(), Wanted::Beside));
    rows
}

fn times(says: &str, ours: usize, other: usize) -> Row {
    let value = ours as f64 / other as f64;
    let relative = |hits: usize| (1.0 / hits as f64 - 1.0 / ISSUES as f64).max(0.0);
    let error = value * (relative(ours) + relative(other)).sqrt();
    Row { simulation: NAME, says: says.to_owned(), value, error, wanted: Wanted::AtLeast(1.5) }
}

/// Finds the limit at which a way has as many false alarms as wanted.
fn limit(alarms: impl Fn(f64) -> usize, wanted: usize) -> f64 {
    let (mut low, mut high) = (0.0, 8.0);
    for _ in 0..30 {
        let middle = 0.5 * (low + high);
        if alarms(middle) > wanted { low = middle } else { high = middle }
    }
    0.5 * (low + high)
}

/// Test days on which a way's score goes over its limit, seven quiet days after each.
fn starts(watched: &Watched, way: usize, limit: f64) -> Vec<usize> {
    let mut starts: Vec<usize> = Vec::new();
    for (day, scores) in watched.scores.iter().enumerate() {
        if scores[way] > limit && starts.last().is_none_or(|last| day >= last + QUIET) {
            starts.push(day);
        }
    }
    starts
}

fn is_found(watched: &Watched, way: usize, limit: f64) -> bool {
    starts(watched, way, limit).iter().any(|day| (watched.start..watched.start + FOUND_WITHIN).contains(day))
}

fn watch(random: &mut Random, ratio: f64) -> Watched {
    let start = random.between(20, 131);
    let wave = random.between(0, WAVE.0);
    let kinds = KINDS.map(|(kind, people, told, dispersion)| {
        let points = (0..DAYS).map(|day| {
            let in_wave = kind == Kind::Survey && (day + wave) % WAVE.0 < WAVE.1;
            let volume = people * if in_wave { WAVE.2 } else { 1.0 } * random.lognormal(0.08);
            let is_issue = day.checked_sub(MEMORY + start).is_some_and(|age| age < ISSUE_DAYS);
            let mean = told * volume / people * if is_issue { ratio } else { 1.0 };
            Point::new(random.count(mean, dispersion), volume as f32)
        });
        points.collect::<Vec<Point>>()
    });
    let pooled = |exposure: &dyn Fn(f32) -> f32| -> Vec<Point> {
        (0..DAYS)
            .map(|day| {
                let sum =
                    |of: &dyn Fn(&Point) -> f32| kinds.iter().map(|points| of(&points[day])).sum::<f32>();
                let count = kinds.iter().map(|points| points[day].count).sum();
                Point::new(count, exposure(sum(&|point| point.exposure)))
            })
            .collect()
    };
    let each = kinds.clone().map(|points| readings(&points));
    let raw = readings(&pooled(&|_| 1.0));
    let exposed = readings(&pooled(&|people| people));
    let mut watched = Watched { scores: Vec::new(), alone: Vec::new(), start };
    for day in 0..TEST {
        let voices = each.iter().zip(KINDS).map(|(readings, (kind, ..))| voice(kind, &readings[day]));
        let voices: Vec<KindWeek> = voices.collect();
        let together = Corroboration::of(&voices);
        let ours = f64::from(u8::from(together.holds()));
        let z = |readings: &[Reading]| voice(Kind::Public, &readings[day]).z();
        watched.scores.push([ours, voices[0].z(), voices[1].z(), voices[2].z(), z(&raw), z(&exposed)]);
        watched
            .alone
            .push(each.iter().any(|readings| Thresholds::PER_180_DAYS.broken(&readings[day]).is_some()));
    }
    watched
}

fn voice(kind: Kind, reading: &Reading) -> KindWeek {
    KindWeek { kind, p_week: reading.p_week, expected: reading.week_expected }
}

fn readings(points: &[Point]) -> Vec<Reading> {
    let series = Series { first: Day::from_number(20_000), points, kin: Kin::default() };
    series
        .readings()
        .split_off(MEMORY)
        .into_iter()
        .map(|reading| reading.expect("every day has data"))
        .collect()
}
