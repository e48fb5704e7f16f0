//! Measures the detector on simulated streams: `cargo xtask eval detect`. Prints a table, writes it to docs/detection.md and
//! fails where a figure is not what it must be. All is drawn from named seeds: every run gives the same figures.
#![expect(
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::expect_used,
    reason = "a program for developers, which may fail loudly"
)]

mod always;
mod farrington;
mod page;
mod random;
mod rows;
mod stream;
mod together;
mod weeks;

use std::process::ExitCode;

use rows::Row;

type Simulation = (&'static str, fn() -> Vec<Row>);

const SIMULATIONS: [Simulation; 4] = [
    ("stream", stream::rows),
    ("weeks", weeks::rows),
    ("standing", always::rows),
    ("together", together::rows),
];

fn main() -> ExitCode {
    let asked: Vec<String> = std::env::args().skip(1).collect();
    let mut rows = Vec::new();
    for (name, simulate) in SIMULATIONS {
        if asked.is_empty() || asked.iter().any(|asked| asked == name) {
            let found = simulate();
            page::print(&found);
            rows.extend(found);
        }
    }
    if asked.is_empty() {
        page::write(&rows);
    }
    let missed = rows.iter().filter(|row| !row.holds()).count();
    if missed > 0 || rows.is_empty() {
        println!("{missed} of {} figures are not as wanted", rows.len());
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}
