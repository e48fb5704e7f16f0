//! `groundswell report`: the journey as text, JSON or one HTML page.

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use clap::{Args, ValueEnum};

use groundswell_server::{Fault, Installation};
use groundswell_steps::issues::IssueDetail;
use groundswell_steps::report::Report as JourneyReport;

use super::access::Access;
use super::output::{complain, print, print_json};
use super::{Context, Exit};
use crate::engine::journey;
use crate::render;

/// Over which days, and of which kind.
#[derive(Clone, Debug, Default, Args)]
pub(super) struct Days {
    /// First day, YYYY-MM-DD in the reporting zone.
    #[arg(long, value_name = "DAY")]
    pub(super) since: Option<String>,
    /// Last day.
    #[arg(long, value_name = "DAY")]
    pub(super) until: Option<String>,
    /// Only this kind: complaint, survey, employee or public.
    #[arg(long)]
    pub(super) kind: Option<String>,
}

/// Show the journey: stage × gap, the strongest gaps with quotes, scores.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  groundswell report --since 2026-03-01\n  groundswell report --format html --out report.html"
)]
pub struct Report {
    #[command(flatten)]
    days: Days,
    /// text, json or html.
    #[arg(long, value_enum, default_value_t)]
    format: ReportFormat,
    /// Write to a file instead of standard output.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// The format of a report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum ReportFormat {
    /// For a terminal.
    #[default]
    Text,
    /// For programs.
    Json,
    /// One self-contained page.
    Html,
}

impl Report {
    /// Makes the report.
    pub(super) fn run(self, context: &Context) -> Result<Exit> {
        let access = Access::existing(context)?;
        let installation = access.installation();
        let made = installation
            .report(self.days.since.as_deref(), self.days.until.as_deref(), self.days.kind.as_deref())
            .and_then(|report| Ok((days_of(installation, &report, self.format)?, report)));
        access.close()?;
        let (issues, report) = made?;
        let map = journey(&context.config)?;
        let text = match self.format {
            ReportFormat::Text => render::text(&report, &map),
            ReportFormat::Html => render::html(&report, &map, &issues),
            ReportFormat::Json if self.out.is_none() => {
                print_json(&report)?;
                return Ok(Exit::Done);
            }
            ReportFormat::Json => serde_json::to_string_pretty(&report)?,
        };
        match &self.out {
            None => print(&text)?,
            Some(path) => {
                std::fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))?;
                complain(&format!("report written to {}", path.display()));
            }
        }
        Ok(Exit::Done)
    }
}

/// Gives the issues of a report with their days, which only the page draws.
fn days_of(
    installation: &dyn Installation,
    report: &JourneyReport,
    format: ReportFormat,
) -> Result<Vec<IssueDetail>, Fault> {
    if format != ReportFormat::Html {
        return Ok(Vec::new());
    }
    report.issues.iter().map(|issue| installation.issue(&issue.id)).collect()
}
