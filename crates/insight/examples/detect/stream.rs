//! The stream of daily counts: 1,200 series over 540 days, calm, while the volume doubles, and with an issue in each.
//! How often the detector cries wolf, and how often it finds the issue within a fortnight.

use groundswell_insight::detect::series::MEMORY;
use groundswell_insight::detect::since::{LOOK_BACK, Seen, since};
use groundswell_insight::detect::{Kin, Point, Series, Thresholds};
use groundswell_model::Day;

use super::random::Random;
use super::rows::{Row, Wanted};

const NAME: &str = "stream";
const SERIES: usize = 1_200;
const DAYS: usize = 540;
const TEST: usize = 175;
const WEEK: [f64; 7] = [1.25, 1.15, 1.05, 1.00, 0.95, 0.75, 0.85];
/// Days of the test between which the volume is doubled.
const SHOCK: std::ops::Range<usize> = 60..91;
const FOUND_WITHIN: usize = 14;
const ISSUE_DAYS: usize = 28;
const RAMP: f64 = 5.0;

/// What happens in the test days of a run.
#[derive(Clone, Copy)]
enum Run {
    Calm,
    Shock,
    Issue(f64),
}

/// What the detector said of one series.
struct Outcome {
    /// Test days with an alarm.
    alarms: Vec<usize>,
    /// Test day on which the issue began.
    start: usize,
    /// Days between the start and where the first alarm after it dates it, where there is one.
    dated: Option<usize>,
    /// Mean count of a day.
    mean: f64,
}

/// Measures all runs.
pub fn rows() -> Vec<Row> {
    let mut rows = vec![calm(), shock()];
    for (ratio, wanted) in [(1.5, 0.60), (2.0, 0.84), (3.0, 0.95), (5.0, 0.99)] {
        rows.extend(issue(ratio, wanted));
    }
    rows
}

fn calm() -> Row {
    let outcomes = run("calm", Run::Calm);
    let alarms: usize = outcomes.iter().map(|outcome| outcome.alarms.len()).sum();
    rate("false alarms for a series and 180 days", alarms, TEST, Wanted::Within(0.8, 1.2))
}

fn shock() -> Row {
    let outcomes = run("shock", Run::Shock);
    let alarms: usize =
        outcomes.iter().map(|outcome| outcome.alarms.iter().filter(|day| SHOCK.contains(day)).count()).sum();
    rate("the same while the volume is doubled", alarms, SHOCK.len(), Wanted::AtMost(1.5))
}

fn rate(says: &str, alarms: usize, days: usize, wanted: Wanted) -> Row {
    let unit = 180.0 / (SERIES * days) as f64;
    Row {
        simulation: NAME,
        says: says.to_owned(),
        value: alarms as f64 * unit,
        error: (alarms as f64).sqrt() * unit,
        wanted,
    }
}

fn issue(ratio: f64, wanted: f64) -> Vec<Row> {
    let outcomes = run(&format!("issue {ratio}"), Run::Issue(ratio));
    let delay = |outcome: &Outcome| {
        let after = outcome.alarms.iter().filter_map(|day| day.checked_sub(outcome.start));
        after.min().unwrap_or(ISSUE_DAYS).min(ISSUE_DAYS)
    };
    let found = |outcomes: &[&Outcome]| outcomes.iter().filter(|one| delay(one) < FOUND_WITHIN).count();
    let all: Vec<&Outcome> = outcomes.iter().collect();
    let small: Vec<&Outcome> = outcomes.iter().filter(|outcome| outcome.mean < 3.0).collect();
    let dated: Vec<usize> = outcomes.iter().filter_map(|outcome| outcome.dated).collect();
    let mut delays: Vec<usize> = outcomes.iter().map(delay).collect();
    delays.sort_unstable();
    vec![
        Row::share(
            NAME,
            format!(
                "issue at ×{ratio} found within 14 days (median delay {} days)",
                delays[delays.len() / 2]
            ),
            found(&all),
            all.len(),
            Wanted::AtLeast(wanted),
        ),
        Row::share(
            NAME,
            format!("the same, series with fewer than three a day, ×{ratio}"),
            found(&small),
            small.len(),
            Wanted::Beside,
        ),
        Row::share(
            NAME,
            format!("of the found, start dated to within seven days by the first alarm, ×{ratio}"),
            dated.iter().filter(|days| **days <= 7).count(),
            dated.len(),
            Wanted::Beside,
        ),
    ]
}

fn run(name: &str, what: Run) -> Vec<Outcome> {
    let volumes = volumes(name, what);
    (0..SERIES).map(|number| one(&mut Random::stream(name, number), &volumes, what)).collect()
}

/// People heard on each day, the same for all series of a run.
fn volumes(name: &str, what: Run) -> Vec<f64> {
    let mut random = Random::stream(&format!("{name} volume"), 0);
    let mut volumes = Vec::with_capacity(DAYS);
    for (day, weekday) in (0..DAYS).zip(WEEK.iter().cycle()) {
        let mut volume = 2000.0 * weekday * (0.0006 * day as f64).exp() * random.lognormal(0.08);
        if matches!(what, Run::Shock) && day >= DAYS - TEST && SHOCK.contains(&(day + TEST - DAYS)) {
            volume *= 2.0;
        }
        volumes.push(volume.round());
    }
    volumes
}

fn one(random: &mut Random, volumes: &[f64], what: Run) -> Outcome {
    let share = 0.0002 * 50_f64.powf(random.unit());
    let own: Vec<f64> = (0..7).map(|_| random.lognormal(0.10)).collect();
    let dispersion = [1.0, 1.3, 2.0][random.between(0, 3)];
    let start = random.between(20, 131);
    let raised = |day: usize| match (what, (day + TEST).checked_sub(DAYS + start)) {
        (Run::Issue(ratio), Some(age)) if age < ISSUE_DAYS => {
            1.0 + (ratio - 1.0) * ((age + 1) as f64 / RAMP).min(1.0)
        }
        _ => 1.0,
    };
    let points: Vec<Point> = (volumes.iter().zip(own.iter().cycle()).enumerate())
        .map(|(day, (volume, own))| {
            let mean = share * volume * own * raised(day);
            Point::new(random.count(mean, dispersion), *volume as f32)
        })
        .collect();
    // What lies further back says nothing of the test days.
    let from = DAYS - TEST - MEMORY;
    let first = Day::from_number(i32::try_from(from).expect("a small number"));
    let series = Series { first, points: &points[from..], kin: Kin::default() };
    let assessed = series.assess(Thresholds::PER_180_DAYS);
    let alarms: Vec<usize> =
        (MEMORY..assessed.len()).filter(|at| assessed[*at].1.is_some()).map(|at| at - MEMORY).collect();
    let found = alarms.iter().find(|day| (start..start + FOUND_WITHIN).contains(day));
    let dated = found.and_then(|day| {
        let readings = assessed[..=MEMORY + day].iter().rev().take(LOOK_BACK).rev();
        let seen: Vec<Seen> =
            readings.filter_map(|(reading, _)| Some(Seen::from(reading.as_ref()?))).collect();
        let since = since(&seen, assessed[MEMORY + day].0?.dispersion)?;
        let began = first.plus(i32::try_from(MEMORY + start).expect("a small number"));
        Some(since.day.number().abs_diff(began.number()) as usize)
    });
    Outcome { alarms, start, dated, mean: share * 2000.0 }
}
