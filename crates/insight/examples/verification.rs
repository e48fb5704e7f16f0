//! Measures the verdicts on fixes that are known to work, to half work, not to work, or only to silence people.
//! Run with `cargo run --release -p groundswell-insight --example verification`; it fails when a figure misses its floor.

#![expect(clippy::print_stdout, reason = "a measuring program prints its measures")]

use std::process::ExitCode;

use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;
use rand_distr::{Distribution, Poisson};

use groundswell_insight::verify::{
    Confirmed, DayCount, Fix, ProxyDays, ProxyKind, TRANSITION_DAYS, Watch, judge,
};
use groundswell_model::{Day, Verdict};

const SEED: u64 = 6;
const RUNS: u32 = 10_000;
/// The runs that watch for a return cost more.
const LONG_RUNS: u32 = 400;

/// Days before the issue, days of the issue; then the fix ships.
const NORMAL: i32 = 84;
const ISSUE: i32 = 42;
const SHIPPED: i32 = NORMAL + ISSUE;

/// Twelve people a fortnight while the issue lasts, and contacts of any kind a day.
const PER_DAY: f64 = 12.0 / 14.0;
const CONTACTS: f64 = 20.0;
const EXPOSURE: f64 = 1_000.0;
/// Exposure over the week: Monday to Sunday.
const WEEK: [f64; 7] = [1.25, 1.15, 1.05, 1.0, 0.95, 0.75, 0.85];

const MOST_WRONG: f64 = 0.05;
const LEAST_RIGHT: f64 = 0.90;

/// What a fix does.
#[derive(Clone, Copy)]
struct Scenario {
    name: &'static str,
    /// The rate before the issue, as a share of the issue's.
    normal: f64,
    /// The rate after the fix, as a share of the issue's.
    after: f64,
    /// Contacts after the fix, as a share of those before.
    contacts: f64,
    floor: Option<Floor>,
}

#[derive(Clone, Copy)]
enum Floor {
    /// "Resolved" is right and has to come.
    Right,
    /// "Resolved" is wrong.
    Wrong,
}

const ONE_IN_TWELVE: f64 = 1.0 / 12.0;

const SCENARIOS: [Scenario; 10] = [
    right("fixed: back to one a fortnight, as before", ONE_IN_TWELVE, ONE_IN_TWELVE),
    right("fixed: nobody before, nobody after", 0.0, 0.0),
    wrong("half fixed: half of the rate stays", ONE_IN_TWELVE, 0.5, 1.0),
    wrong("half fixed: half of the excess stays", ONE_IN_TWELVE, 6.5 / 12.0, 1.0),
    wrong("not fixed", ONE_IN_TWELVE, 1.0, 1.0),
    wrong("silenced: complaints to a tenth, contacts to a half", ONE_IN_TWELVE, 0.1, 0.5),
    wrong("silenced: complaints to a tenth, contacts to 0.7", ONE_IN_TWELVE, 0.1, 0.7),
    shown("fixed: back to two a fortnight, as before", 2.0 / 12.0, 2.0 / 12.0),
    shown("fixed: back to three a fortnight, as before", 3.0 / 12.0, 3.0 / 12.0),
    shown("half fixed: three a fortnight before, six after", 3.0 / 12.0, 0.5),
];

const fn right(name: &'static str, normal: f64, after: f64) -> Scenario {
    Scenario { name, normal, after, contacts: 1.0, floor: Some(Floor::Right) }
}

const fn wrong(name: &'static str, normal: f64, after: f64, contacts: f64) -> Scenario {
    Scenario { name, normal, after, contacts, floor: Some(Floor::Wrong) }
}

const fn shown(name: &'static str, normal: f64, after: f64) -> Scenario {
    Scenario { name, normal, after, contacts: 1.0, floor: None }
}

fn drawn(mean: f64, random: &mut ChaCha8Rng) -> u64 {
    Poisson::new(mean).map_or(0, |poisson| poisson.sample(random) as u64)
}

/// Draws one day per share of the mean.
fn days(mean: f64, shares: impl Iterator<Item = f64>, random: &mut ChaCha8Rng) -> Vec<DayCount> {
    let counted = |(number, share): (i32, f64), random: &mut ChaCha8Rng| {
        let weekday = WEEK.into_iter().cycle().nth(number.unsigned_abs() as usize % 7).unwrap_or(1.0);
        let people = drawn(mean * share * weekday, random);
        DayCount { day: Day::from_number(number), people, exposure: EXPOSURE * weekday }
    };
    (0..).zip(shares).map(|day| counted(day, random)).collect()
}

fn phases(before: f64, during: f64, after: f64, until: i32) -> impl Iterator<Item = f64> {
    (0..=until).map(move |day| match day {
        ..NORMAL => before,
        NORMAL..SHIPPED => during,
        _ => after,
    })
}

/// Judges a drawn issue on a day; also gives the days from the fix to the look that decided.
fn judged(days: &[DayCount], contacts: &[DayCount], through: i32) -> (Verdict, u32) {
    let proxies = [ProxyDays { kind: ProxyKind::Contacts, days: contacts }];
    let watch = Watch {
        days,
        control: None,
        normal: Some((Day::from_number(0), Day::from_number(NORMAL - 1))),
        since: Day::from_number(NORMAL),
        fixes: &[Fix { shipped: Day::from_number(SHIPPED), transition: TRANSITION_DAYS }],
        heard_through: Day::from_number(through),
        dispersion: 1.0,
        confirmed: Confirmed::default(),
        proxies: &proxies,
    };
    let finding = judge(&watch).0;
    (finding.verdict, finding.grounds.map_or(0, |grounds| grounds.days_after + TRANSITION_DAYS))
}

/// Gives the share of runs that say "resolved" within four, eight and twelve weeks of the fix.
fn resolved(scenario: &Scenario, random: &mut ChaCha8Rng) -> [f64; 3] {
    let mut said = [0_u32; 3];
    for _ in 0..RUNS {
        let until = SHIPPED + 84;
        let days = days(PER_DAY, phases(scenario.normal, 1.0, scenario.after, until), random);
        let contacts = self::days(CONTACTS, phases(1.0, 1.0, scenario.contacts, until), random);
        let (verdict, after) = judged(&days, &contacts, until);
        let resolved = matches!(verdict, Verdict::Resolved | Verdict::Regressed);
        for (said, within) in said.iter_mut().zip([28, 56, 84]) {
            *said += u32::from(resolved && after <= within);
        }
    }
    said.map(|said| f64::from(said) / f64::from(RUNS))
}

/// Gives the share of resolved issues that are called regressed within `days` of day 60 after the fix, where the rate from that
/// day on is a share of the issue's.
fn regressed(back: f64, days_later: i32, random: &mut ChaCha8Rng) -> f64 {
    let (mut held, mut came_back) = (0_u32, 0_u32);
    for _ in 0..LONG_RUNS {
        let returns = SHIPPED + 60;
        let shares = (0..=returns + days_later).map(|day| match day {
            ..NORMAL => ONE_IN_TWELVE,
            NORMAL..SHIPPED => 1.0,
            _ if day < returns => ONE_IN_TWELVE,
            _ => back,
        });
        let days = days(PER_DAY, shares, random);
        if judged(&days, &[], returns).0 == Verdict::Resolved {
            held += 1;
            came_back += u32::from(judged(&days, &[], returns + days_later).0 == Verdict::Regressed);
        }
    }
    f64::from(came_back) / f64::from(held.max(1))
}

fn main() -> ExitCode {
    println!("verdicts at twelve people expected a fortnight, {RUNS} runs each, seed {SEED}");
    println!("share that says \"resolved\" within 28, 56 and 84 days of the fix (floors hold at 28 days)\n");
    let mut missed = 0;
    for (number, scenario) in (0..).zip(&SCENARIOS) {
        let mut random = ChaCha8Rng::seed_from_u64(SEED + number);
        let [four, eight, twelve] = resolved(scenario, &mut random);
        let (floor, held) = match scenario.floor {
            Some(Floor::Right) => (format!("at least {LEAST_RIGHT:.2}"), four >= LEAST_RIGHT),
            Some(Floor::Wrong) => (format!("at most {MOST_WRONG:.2}"), four <= MOST_WRONG),
            None => ("no floor".to_owned(), true),
        };
        missed += u32::from(!held);
        let mark = if held { "" } else { "  MISSED" };
        println!("{:52} {four:.4} {eight:.4} {twelve:.4}  {floor}{mark}", scenario.name);
    }
    println!(
        "\nresolved issues, from day 60 after the fix, {LONG_RUNS} runs each: share called \"regressed\""
    );
    for (name, back, days_later) in [
        ("nothing returns, within 180 days", ONE_IN_TWELVE, 180),
        ("all of it returns, within 14 days", 1.0, 14),
        ("all of it returns, within 28 days", 1.0, 28),
        ("half of it returns, within 28 days", 0.5, 28),
    ] {
        let mut random = ChaCha8Rng::seed_from_u64(SEED + 100);
        println!("{name:52} {:.3}", regressed(back, days_later, &mut random));
    }
    if missed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
