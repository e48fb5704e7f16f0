//! Measures the themes: `cargo xtask eval themes`. Prints a table, writes it to docs/themes.md and fails where a figure is not what it
//! must be. Without the data sets it says so. `million` alone measures a million made-up vectors.
#![expect(
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::expect_used,
    reason = "a program for developers, which may fail loudly"
)]

mod bank;
mod page;
mod read;
mod rows;

use std::process::ExitCode;

fn main() -> ExitCode {
    let asked: Vec<String> = std::env::args().skip(1).collect();
    let is_asked = |part: &str| asked.is_empty() || asked.iter().any(|one| one == part);
    let Some(bank) = bank::read() else {
        println!("the data sets are not beside the repository (../shared/data); nothing is measured");
        return ExitCode::SUCCESS;
    };
    let mut rows = Vec::new();
    if is_asked("bank") {
        rows.extend(bank::rows(&bank));
    }
    if is_asked("parts") {
        rows.extend(bank::parts(&bank));
    }
    if is_asked("vectors") {
        rows.extend(bank::other_vectors(&bank));
    }
    page::print(&rows);
    ExitCode::SUCCESS
}
