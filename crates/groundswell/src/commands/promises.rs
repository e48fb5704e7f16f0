//! `groundswell promises`: the promise registry, what operations say of it, and exposure that the company reports.

use std::fmt::Write;
use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};
use clap::{Args, Subcommand};

use groundswell_model::{Day, DayCount, Decision, GapType, Promise, PromiseId, StageCode, TouchpointCode};
use groundswell_server::{Installation, PromiseList};

use super::access::Access;
use super::corrections::made;
use super::issues::By;
use super::output::{Format, grouped, print, print_json};
use super::{Context, Exit};

/// Register what the company promises, and see what customers and operations say of it.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  groundswell promises register two-days 'delivered within two days' --gap timeliness --stage fulfilment\n  groundswell promises measured two-days --kept 830 --of 1000 --from 2026-03-01 --until 2026-03-31\n  groundswell promises exposure orders.csv --stage fulfilment --what 'orders shipped'\n  groundswell promises"
)]
pub struct Promises {
    #[command(subcommand)]
    command: Option<Command>,
    /// text or json.
    #[arg(long, value_enum, default_value_t, global = true)]
    format: Format,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// List promises, reported exposure, and who expected what (the default).
    List,
    /// Register a promise, or change the one of that name.
    Register(Box<Register>),
    /// Do not count a promise any more.
    Withdraw {
        /// Its name.
        promise: PromiseId,
        #[command(flatten)]
        by: By,
    },
    /// Say in how many cases operations kept a promise.
    Measured {
        /// Its name.
        promise: PromiseId,
        /// Cases in which it was kept.
        #[arg(long)]
        kept: u64,
        /// Cases in all.
        #[arg(long)]
        of: u64,
        /// First day measured, YYYY-MM-DD.
        #[arg(long, value_name = "DAY")]
        from: Day,
        /// Last day measured.
        #[arg(long, value_name = "DAY")]
        until: Day,
        #[command(flatten)]
        by: By,
    },
    /// Report how many people could have spoken of a stage each day: orders shipped, active users.
    Exposure {
        /// CSV with the columns day (YYYY-MM-DD) and count; a later report of a day replaces an earlier one.
        file: PathBuf,
        /// The stage.
        #[arg(long)]
        stage: StageCode,
        /// What is counted.
        #[arg(long)]
        what: String,
        #[command(flatten)]
        by: By,
    },
}

#[derive(Debug, Args)]
struct Register {
    /// Its name: lower-case letters, digits, - and _.
    promise: PromiseId,
    /// What is promised, as customers read it, with its target.
    text: String,
    /// The type of gap that opens when it is broken.
    #[arg(long)]
    gap: GapType,
    /// The stage at which it is to be kept.
    #[arg(long)]
    stage: Option<StageCode>,
    /// Where it is made.
    #[arg(long)]
    touchpoint: Option<TouchpointCode>,
    /// First day on which it holds, YYYY-MM-DD.
    #[arg(long, value_name = "DAY")]
    from: Option<Day>,
    /// Last day on which it holds.
    #[arg(long, value_name = "DAY")]
    until: Option<Day>,
    #[command(flatten)]
    by: By,
}

impl Promises {
    /// Lists, or records and says what became of it.
    pub(super) fn run(self, context: &Context) -> Result<Exit> {
        let deed = match self.command.unwrap_or(Command::List) {
            Command::List => None,
            command => Some(command.deed()?),
        };
        let access = Access::existing(context)?;
        let installation: &dyn Installation = access.installation();
        let recorded = deed.map(|deed| installation.decide(deed)).transpose();
        let shown = recorded.and_then(|recorded| Ok((recorded, installation.promises()?)));
        access.close()?;
        match (self.format, shown?) {
            (Format::Json, (Some(recorded), _)) => print_json(&recorded)?,
            (Format::Json, (None, list)) => print_json(&list)?,
            (Format::Text, (Some(recorded), _)) => print(&made(&recorded))?,
            (Format::Text, (None, list)) => print(&text(&list)?)?,
        }
        Ok(Exit::Done)
    }
}

impl Command {
    fn deed(self) -> Result<groundswell_server::Deed> {
        Ok(match self {
            Self::List => bail!("a list is no decision"),
            Self::Register(register) => {
                let Register { promise, text, gap, stage, touchpoint, from, until, by } = *register;
                let promise = Promise { id: promise, text, gap, stage, touchpoint, from, until };
                by.deed(Decision::PromiseRegistered { promise })
            }
            Self::Withdraw { promise, by } => by.deed(Decision::PromiseWithdrawn { promise }),
            Self::Measured { promise, kept, of, from, until, by } => {
                by.deed(Decision::PromiseMeasured { promise, from, until, kept, of })
            }
            Self::Exposure { file, stage, what, by } => {
                let text = std::fs::read_to_string(&file)
                    .with_context(|| format!("cannot read {}", file.display()))?;
                let days = days(&text).with_context(|| file.display().to_string())?;
                by.deed(Decision::ExposureReported { stage, what, days })
            }
        })
    }
}

/// Reads days and counts; every line is right, or nothing is taken.
fn days(text: &str) -> Result<Vec<DayCount>> {
    let mut lines = text.trim_start_matches('\u{feff}').lines().enumerate();
    let header = lines.next().map_or("", |(_, line)| line);
    let names: Vec<&str> = header.split(',').map(|name| name.trim().trim_matches('"')).collect();
    let place = |wanted: &str| names.iter().position(|name| name.eq_ignore_ascii_case(wanted));
    let (Some(day), Some(count)) = (place("day"), place("count")) else {
        bail!("line 1: it does not name the columns day and count");
    };
    let mut days = Vec::new();
    for (at, line) in lines.filter(|(_, line)| !line.trim().is_empty()) {
        let cells: Vec<&str> = line.split(',').map(|cell| cell.trim().trim_matches('"')).collect();
        let cell = |at: usize| cells.get(at).copied().unwrap_or_default();
        let number = at + 1;
        let day: Day = cell(day).parse().with_context(|| format!("line {number}: day"))?;
        let count = cell(count)
            .parse()
            .with_context(|| format!("line {number}: count: {:?} is no whole number", cell(count)))?;
        days.push(DayCount { day, count });
    }
    anyhow::ensure!(!days.is_empty(), "it holds no day");
    Ok(days)
}

fn text(list: &PromiseList) -> Result<String> {
    let mut out = String::new();
    if list.promises.is_empty() {
        writeln!(out, "No promise is registered. `groundswell promises register --help` shows how.")?;
    }
    for row in &list.promises {
        let stage = row.stage.as_ref().map(|stage| format!(" at {stage}")).unwrap_or_default();
        writeln!(out, "\n  {}  “{}” ({}{stage})", row.id, row.text, row.gap)?;
        writeln!(out, "    {} people say that it was broken; {}", grouped(row.people), row.reading)?;
        if let (Some([kept, of]), Some([from, until])) = (row.kept, &row.measured) {
            let share = 100.0 * kept as f64 / of as f64;
            writeln!(
                out,
                "    operations: kept in {share:.1} % ({} of {}), {from} to {until}",
                grouped(kept),
                grouped(of)
            )?;
        }
    }
    if !list.alignment.is_empty() {
        writeln!(out, "\nWho set the expectation, and who inside speaks of it (95 % intervals)\n")?;
    }
    for row in &list.alignment {
        let share = &row.broken_promises;
        let inside = row.inside_view.map_or_else(
            || "the group of staff is too small to show".to_owned(),
            |inside| format!("inside view {:.0} % ({:.0} to {:.0})", inside.value, inside.low, inside.high),
        );
        writeln!(
            out,
            "  {}.{}: {:.0} % promised ({:.0} to {:.0}, {} of {}), {inside}\n    gap {}, {}; {}",
            row.stage,
            row.gap,
            share.value,
            share.low,
            share.high,
            grouped(row.promised),
            grouped(row.unmet),
            row.gap_number,
            row.gap_words,
            row.reading
        )?;
    }
    for row in &list.exposure {
        writeln!(
            out,
            "\nExposure of {}: {}, {} days from {} to {}, {:.0} a day",
            row.stage, row.what, row.days, row.from, row.until, row.mean
        )?;
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_read_whole_or_not_at_all() {
        let read = days("\u{feff}count, day\r\n12,2026-03-01\r\n\n\"7\",\"2026-03-02\"\n").unwrap();
        assert_eq!(read.iter().map(|day| day.count).collect::<Vec<_>>(), [12, 7]);
        for (text, told) in [
            ("", "line 1"),
            ("day,count\n", "no day"),
            ("day,count\n2026-03-01,12\n2026-13-01,4\n", "line 3: day"),
            ("day,count\n2026-03-01,-2\n", "line 2: count"),
            ("day,count\n2026-03-01\n", "line 2: count"),
            ("day,count\n2026-03-01,99999999999\n", "line 2: count"),
        ] {
            let error = format!("{:#}", days(text).unwrap_err());
            assert!(error.contains(told), "{text:?}: {error}");
        }
    }
}
