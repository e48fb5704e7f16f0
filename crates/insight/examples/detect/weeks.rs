//! Noufaily's 42 scenarios (Noufaily et al. 2013): weekly counts over twelve years with trend and season, four past outbreaks, one
//! current. Our weekly verdict and Farrington Flexible see the same counts.

use groundswell_insight::detect::Weeks;
use groundswell_insight::detect::weekly::Season;

use super::farrington;
use super::random::Random;
use super::rows::{Row, Wanted};

const NAME: &str = "weeks";
const WEEKS: usize = 624;
const TEST: usize = 575;
const PAST: std::ops::Range<usize> = 312..575;
const REPLICATES: usize = 36;
const SIZES: [(f64, f64); 5] = [(2.0, 0.13), (4.0, 0.36), (6.0, 0.65), (8.0, 0.79), (10.0, 0.91)];
/// Its nominal level, and the one at which it has as many false alarms as our verdict.
const ALPHAS: [f64; 2] = [0.01, 0.013];

/// θ, φ, β, γ1, γ2 of the seven sets.
const SETS: [[f64; 5]; 7] = [
    [0.10, 1.5, 0.0025, 0.60, 0.60],
    [-2.00, 2.0, 0.0050, 0.10, 0.30],
    [1.50, 1.0, 0.0030, 0.20, -0.40],
    [0.50, 5.0, 0.0020, 0.50, 0.50],
    [2.50, 3.0, 0.0010, 1.00, 0.10],
    [3.75, 1.1, 0.0010, 0.10, -0.10],
    [5.00, 1.2, 0.0001, 0.05, 0.01],
];

/// Alarms in weeks without an outbreak, and outbreaks found by size.
#[derive(Default)]
struct Tally {
    false_alarms: usize,
    weeks: usize,
    found: [usize; SIZES.len()],
    outbreaks: usize,
}

/// Measures both on all scenarios.
pub fn rows() -> Vec<Row> {
    farrington::check();
    let (mut ours, mut theirs) = (Tally::default(), [Tally::default(), Tally::default()]);
    for scenario in 0..SETS.len() * 6 {
        for replicate in 0..REPLICATES {
            let mut random = Random::stream(&format!("fresh scenario {scenario}"), replicate);
            one(&mut random, scenario, &mut ours, &mut theirs);
        }
    }
    let mut rows = vec![alarms(&ours, "our weekly verdict", Wanted::Within(0.008, 0.012))];
    let least = SIZES.map(|(_, least)| Wanted::AtLeast(least));
    rows.extend(
        least.into_iter().enumerate().map(|(at, least)| found(&ours, "our weekly verdict", at, least)),
    );
    for (tally, alpha) in theirs.iter().zip(ALPHAS) {
        let who = format!("Farrington Flexible at α {alpha}");
        rows.push(alarms(tally, &who, Wanted::Beside));
        rows.extend((0..SIZES.len()).map(|at| found(tally, &who, at, Wanted::Beside)));
    }
    rows
}

fn alarms(tally: &Tally, who: &str, wanted: Wanted) -> Row {
    Row::share(NAME, format!("{who}: false alarms by week"), tally.false_alarms, tally.weeks, wanted)
}

fn found(tally: &Tally, who: &str, at: usize, wanted: Wanted) -> Row {
    Row::share(
        NAME,
        format!("{who}: outbreaks of size {} found", SIZES[at].0),
        tally.found[at],
        tally.outbreaks,
        wanted,
    )
}

fn one(random: &mut Random, scenario: usize, ours: &mut Tally, theirs: &mut [Tally; 2]) {
    let (set, waves, has_trend) = (SETS[scenario / 6], scenario % 3, scenario / 3 % 2 == 1);
    let [theta, dispersion, beta, g1, g2] = set;
    let mean = |week: usize| {
        let t = (week + 1) as f64;
        let season: f64 = (1..=waves)
            .map(|wave| std::f64::consts::TAU * wave as f64 * t / 52.0)
            .map(|turn| g1 * turn.cos() + g2 * turn.sin())
            .sum();
        (theta + if has_trend { beta * t } else { 0.0 } + season).exp()
    };
    let mut counts: Vec<u32> = (0..WEEKS).map(|week| random.count(mean(week), dispersion)).collect();
    for k in [2.0, 3.0, 5.0, 10.0] {
        let start = random.between(PAST.start, PAST.end);
        let outbreak = outbreak(random, k * (dispersion * mean(start)).sqrt());
        add(&mut counts[..TEST], start, &outbreak);
    }
    let seasons: Vec<Option<Season>> = (TEST..WEEKS)
        .map(|week| Weeks { counts: &counts[..=week], exposures: &[], year: 52.0 }.season())
        .collect();
    let fits: Vec<farrington::Fit> =
        (TEST..WEEKS).map(|week| farrington::fit(&counts, week, farrington::YEARS)).collect();
    let ours_alarm = |counts: &[u32], week: usize| {
        let reading = seasons[week - TEST].and_then(|season| season.judge([counts[week - 1], counts[week]]));
        reading.is_some_and(|reading| reading.is_alarm())
    };
    let theirs_alarm = |counts: &[u32], week: usize, alpha: f64| {
        farrington::is_enough(&counts[week - 3..=week]) && fits[week - TEST].is_over(counts[week], alpha)
    };
    let alarm = |counts: &[u32], week: usize, who: usize| match who {
        0 => ours_alarm(counts, week),
        _ => theirs_alarm(counts, week, ALPHAS[who - 1]),
    };
    let [first, second] = theirs;
    let mut tallies = [ours, first, second];
    for (who, tally) in tallies.iter_mut().enumerate() {
        tally.false_alarms += (TEST..WEEKS).filter(|week| alarm(&counts, *week, who)).count();
        tally.weeks += WEEKS - TEST;
        tally.outbreaks += 1;
    }
    for (at, (k, _)) in SIZES.iter().enumerate() {
        let start = random.between(TEST, WEEKS);
        let outbreak = outbreak(random, k * (dispersion * mean(start)).sqrt());
        let mut hit = counts.clone();
        add(&mut hit, start, &outbreak);
        let end = (start + outbreak.len()).min(WEEKS);
        for (who, tally) in tallies.iter_mut().enumerate() {
            tally.found[at] += usize::from((start..end).any(|week| alarm(&hit, week, who)));
        }
    }
}

/// Cases of an outbreak by week: Poisson, at least two, at lognormal times.
fn outbreak(random: &mut Random, mean: f64) -> Vec<u32> {
    let size = loop {
        let size = random.poisson(mean);
        if size >= 2 {
            break size;
        }
    };
    let mut weeks = Vec::new();
    for _ in 0..size {
        let week = random.lognormal(0.5).floor() as usize;
        weeks.resize(weeks.len().max(week + 1), 0);
        weeks[week] += 1;
    }
    weeks
}

fn add(counts: &mut [u32], start: usize, outbreak: &[u32]) {
    for (count, cases) in counts.iter_mut().skip(start).zip(outbreak) {
        *count += cases;
    }
}
