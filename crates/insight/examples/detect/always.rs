//! Standing issues: 200 cells in ten stages, ten of them, wherever they fall, at twice the typical rate for ninety days.

use groundswell_insight::detect::standing::{Held, standing};
use groundswell_insight::detect::{Baseline, Kin, Point};

use super::random::Random;
use super::rows::{Row, Wanted};

const NAME: &str = "standing";
const RUNS: usize = 200;
const CELLS: usize = 200;
const STAGES: usize = 10;
const BAD: usize = 10;
const DAYS: usize = 70;
/// People in a typical cell on a day.
const TYPICAL: f64 = 1.0;
const PEOPLE: f64 = 2000.0;
/// How far the cells of a stage differ without being bad, and what is looked at beside it.
const SPREAD: f64 = 0.10;
const WIDE_SPREAD: f64 = 0.15;
/// Days on which the cells are compared: as soon as they are long enough, then weekly.
const COMPARED: [usize; 3] = [56, 63, 70];

/// Measures all runs.
pub fn rows() -> Vec<Row> {
    let [found, others, good] = of_spread(SPREAD);
    let [wide_found, wide_others, _] = of_spread(WIDE_SPREAD);
    vec![
        Row { wanted: Wanted::AtLeast(9.0), ..found },
        Row { wanted: Wanted::AtMost(2.0), ..others },
        good,
        wide_found,
        wide_others,
    ]
}

/// Gives the bad cells found, the others named, and the share of good runs.
fn of_spread(spread: f64) -> [Row; 3] {
    let name = format!("standing {spread}");
    let runs: Vec<(usize, usize)> =
        (0..RUNS).map(|run| one(&mut Random::stream(&name, run), spread)).collect();
    let row = |says: &str, of: &dyn Fn(&(usize, usize)) -> usize| {
        let mean = runs.iter().map(of).sum::<usize>() as f64 / RUNS as f64;
        let squares: f64 = runs.iter().map(|run| (of(run) as f64 - mean).powi(2)).sum();
        let error = (squares / (RUNS * (RUNS - 1)) as f64).sqrt();
        let says = format!("{says}, the cells of a stage differing by {:.0} %", 100.0 * spread);
        Row { simulation: NAME, says, value: mean, error, wanted: Wanted::Beside }
    };
    let good = runs.iter().filter(|(found, others)| *found >= 9 && *others <= 2).count();
    let says = "runs with nine or more found and two or fewer others".to_owned();
    [
        row("of ten bad cells found by day 70", &|run| run.0),
        row("of 190 other cells named by day 70", &|run| run.1),
        Row::share(NAME, says, good, RUNS, Wanted::Beside),
    ]
}

/// Gives how many of the bad cells were named on one of the days, and how many of the others.
fn one(random: &mut Random, spread: f64) -> (usize, usize) {
    let mut bad = vec![false; CELLS];
    while bad.iter().filter(|bad| **bad).count() < BAD {
        bad[random.between(0, CELLS)] = true;
    }
    let volumes: Vec<f64> = (0..DAYS).map(|_| (PEOPLE * random.lognormal(0.08)).round()).collect();
    let cells: Vec<Vec<Point>> = bad
        .iter()
        .map(|bad| {
            let rate = TYPICAL / PEOPLE * if *bad { 2.0 } else { random.lognormal(spread) };
            let dispersion = [1.0, 1.3, 2.0][random.between(0, 3)];
            volumes
                .iter()
                .map(|volume| Point::new(random.count(rate * volume, dispersion), *volume as f32))
                .collect()
        })
        .collect();
    let mut named = [false; CELLS];
    for days in COMPARED {
        let held: Vec<Held> =
            cells.iter().enumerate().map(|(at, points)| held(at * STAGES / CELLS, &points[..days])).collect();
        for standing in standing(&held) {
            named[standing.cell] = true;
        }
    }
    let count = |of: bool| named.iter().zip(&bad).filter(|(named, bad)| **named && **bad == of).count();
    (count(true), count(false))
}

fn held(stage: usize, points: &[Point]) -> Held {
    Held {
        stage: stage as u32,
        count: points.iter().map(|point| u64::from(point.count)).sum(),
        exposure: points.iter().map(|point| f64::from(point.exposure)).sum(),
        days: points.len(),
        dispersion: Baseline::of(points, 0, Kin::default()).map_or(1.0, |baseline| baseline.dispersion),
        passes: true,
    }
}
