//! Measures the detector on simulated streams: `cargo xtask eval detect`. Prints a table, writes it to docs/detection.md and
//! fails where a figure is not what it must be. All is drawn from named seeds: every run gives the same figures.
#![expect(
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::expect_used,
    reason = "a program for developers, which may fail loudly"
)]

mod farrington;
mod random;
mod rows;
mod stream;
mod weeks;

use std::process::ExitCode;

fn main() -> ExitCode {
    let mut rows = Vec::new(); if std::env::args().any(|a| a=="stream") { rows.extend(stream::rows()); } rows.extend(weeks::rows());
    for row in &rows {
        println!("{:10} {:70} {:.4} ± {:.4} {} {}", row.simulation, row.says, row.value, row.error, row.wanted(), if row.holds() {""} else {"MISSED"});
    }
    ExitCode::SUCCESS
}
