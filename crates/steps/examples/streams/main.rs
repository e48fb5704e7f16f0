//! Measures the detector on real streams, a forum over a year and app reviews by release: `cargo xtask eval streams`. Prints a
//! table, writes it to docs/detection.md and fails where a figure is not as wanted. Without the data it says so.
#![expect(
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::expect_used,
    reason = "a program for developers, which may fail loudly"
)]

mod events;
mod figures;
mod forum;
mod page;
mod plain;
mod reviews;
mod rows;
mod source;
mod terms;
mod watch;

use std::process::ExitCode;

use figures::Forum;

fn main() -> ExitCode {
    let Some(folder) = source::streams() else {
        println!("the data sets are not beside the repository (../shared/data); no stream is measured");
        return ExitCode::SUCCESS;
    };
    let forum = Forum::measure(&folder);
    let (reviews, terms) = reviews::measure(&folder);
    if std::env::args().any(|argument| argument == "--told") {
        forum.alarms.iter().chain(&terms).for_each(|line| println!("{line}"));
    }
    let figures: Vec<_> = forum.figures.iter().chain(&reviews).collect();
    page::print(&figures);
    page::write(&figures, &forum);
    let missed: Vec<_> = figures.iter().filter(|figure| !figure.holds()).collect();
    for figure in &missed {
        println!("missed: {}", figure.says);
    }
    if missed.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
