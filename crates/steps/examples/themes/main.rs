//! Measures the themes: `cargo xtask eval themes`. Prints a table, writes it to docs/themes.md and fails where a figure is not what it
//! must be. Without the data sets it says so. `million` alone measures a million made-up vectors.
#![expect(
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::expect_used,
    reason = "a program for developers, which may fail loudly"
)]

mod bank;
mod belongs;
mod forum;
mod million;
mod naming;
mod page;
mod read;
mod redesign;
mod rows;
mod stability;
mod survey;
mod synonyms;

use std::process::ExitCode;

fn main() -> ExitCode {
    let asked: Vec<String> = std::env::args().skip(1).collect();
    if asked.iter().any(|one| one == "million") {
        million::measure();
        return ExitCode::SUCCESS;
    }
    let Some(bank) = bank::read() else {
        println!("the data sets are not beside the repository (../shared/data); nothing is measured");
        return ExitCode::SUCCESS;
    };
    let survey = survey::read();
    let is_asked = |part: &str| asked.is_empty() || asked.iter().any(|one| one == part);
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
    if let (true, Some(survey)) = (is_asked("survey"), &survey) {
        rows.extend(survey::rows(survey));
    }
    if is_asked("names") {
        rows.extend(naming::rows(&bank, survey.as_ref()));
    }
    let wants_forum = ["stability", "belongs", "redesign"].into_iter().any(is_asked);
    let forum = if wants_forum { forum::read() } else { None };
    if let (true, Some(forum)) = (is_asked("stability"), &forum) {
        rows.extend(stability::rows(forum));
    }
    if is_asked("belongs") {
        rows.extend(belongs::rows(&bank, forum.as_ref()));
    }
    if let (true, Some(forum)) = (is_asked("redesign"), &forum) {
        rows.extend(redesign::rows(forum));
    }
    page::print(&rows);
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
