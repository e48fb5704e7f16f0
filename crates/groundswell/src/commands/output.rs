//! What commands print and how: results to standard output, everything else to standard error.

use std::io::{IsTerminal, Write};

use anyhow::Result;
use clap::ValueEnum;
use indicatif::{ProgressBar, ProgressStyle};
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer};

use crate::config::Logging;
use crate::spans::Spans;

/// The format of a command's result.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    #[default]
    Text,
    /// For programs.
    Json,
}

/// Prints a result. A reader that has gone away ends the command quietly.
///
/// # Errors
/// When standard output cannot be written.
pub fn print(text: &str) -> Result<()> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        other => Ok(other?),
    }
}

/// Prints a value as JSON.
///
/// # Errors
/// As [`print`].
pub fn print_json<T: serde::Serialize>(value: &T) -> Result<()> {
    print(&format!("{}\n", serde_json::to_string_pretty(value)?))
}

/// Says something to the person at the terminal.
pub fn complain(text: &str) {
    // Nothing can be done when even standard error is closed.
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}

/// Makes a progress bar over a number of steps; nothing is drawn where standard error is no terminal.
pub fn progress(length: u64, what: &'static str) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let template = "{msg:>12} [{bar:40}] {human_pos}/{human_len} {per_sec} {eta}";
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(length).with_style(style.progress_chars("=> ")).with_message(what)
}

/// Length of the progress bar of a search for themes.
pub const THEME_STEPS: u64 = 100;

/// How far a step of a search for themes is among all, of [`THEME_STEPS`]; `share` is from 0 to 1.
pub fn theme_position(step: &str, share: f64) -> u64 {
    let (from, to) = match step {
        "train" => (10.0, 60.0),
        "count" => (60.0, 75.0),
        "refine" => (75.0, 90.0),
        "assign" => (90.0, 100.0),
        _ => (0.0, 10.0),
    };
    (from + (to - from) * share.clamp(0.0, 1.0)) as u64
}

/// Says whether a person can be asked.
pub fn can_ask() -> bool {
    std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
}

/// Asks the person at the terminal.
///
/// # Errors
/// When standard input ends.
pub fn ask(question: &str) -> Result<String> {
    write!(std::io::stderr().lock(), "{question} ")?;
    std::io::stderr().flush()?;
    let mut answer = String::new();
    let read = std::io::stdin().read_line(&mut answer)?;
    anyhow::ensure!(read > 0, "standard input ended before the question was answered");
    Ok(answer.trim().to_owned())
}

/// Starts logging to standard error. Commands other than `run` only report warnings. With `spans` the time per tracing
/// span is added up as well.
pub fn start_logging(logging: &Logging, serving: bool, spans: Option<Spans>) {
    let level = if serving { logging.level.as_str() } else { "warn" };
    let filter = EnvFilter::try_new(level).unwrap_or_else(|_| EnvFilter::new("info"));
    let written = tracing_subscriber::fmt::layer()
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    let written = if logging.format == "json" { written.json().boxed() } else { written.boxed() };
    let timed = spans.map(|spans| spans.with_filter(LevelFilter::INFO));
    if let Err(error) =
        tracing_subscriber::registry().with(written.with_filter(filter)).with(timed).try_init()
    {
        complain(&format!("logging is already started: {error}"));
    }
}

/// Writes a number with thousands separators.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
