//! `groundswell corrections`: mappings corrected singly or for all hits of a query, listed, and undone.

use std::fmt::Write;

use anyhow::Result;
use clap::{Args, Subcommand};

use groundswell_model::{Correction, Decision, FeedbackId, GapType, StageCode, TouchpointCode};
use groundswell_server::{CorrectionRequest, Installation, Recorded, SearchRequest};
use groundswell_steps::decided::CorrectionRow;

use super::access::Access;
use super::issues::By;
use super::output::{Format, grouped, print, print_json};
use super::{Context, Exit};

/// Correct where feedback was mapped, list corrections, undo one.
#[derive(Debug, Args)]
#[command(
    after_help = "A correction holds for ever: after a new journey map, a re-annotation, a rebuild.\n\nExamples:\n  groundswell search 'late parcel'                      # shows the ids\n  groundswell corrections add fb_2x7m4k --stage fulfilment --gap timeliness\n  groundswell corrections add --query 'newsletter' --not-a-complaint --dry-run\n  groundswell corrections undo 57"
)]
pub struct Corrections {
    #[command(subcommand)]
    command: Option<Command>,
    /// text or json.
    #[arg(long, value_enum, default_value_t, global = true)]
    format: Format,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// List them, the latest first (the default).
    List,
    /// Correct feedback that are named, or all hits of a query.
    Add(Box<Add>),
    /// Undo one: what it bore on is mapped as if it had not been made.
    Undo {
        /// Its number, as the list shows it.
        number: u64,
        #[command(flatten)]
        by: By,
    },
}

#[derive(Debug, Args)]
struct Add {
    /// Ids of feedback, as a search shows them.
    feedback: Vec<FeedbackId>,
    /// All hits of a search as well; at most 20,000 feedback at a time.
    #[arg(long)]
    query: Option<String>,
    /// Conditions of the search, `field:value` with commas between them.
    #[arg(long, default_value = "", requires = "query")]
    filter: String,
    /// Where the expectation broke; `unknown` is an answer.
    #[arg(long)]
    stage: Option<StageCode>,
    /// The one type of gap there is.
    #[arg(long)]
    gap: Option<GapType>,
    /// Through what the company was met.
    #[arg(long)]
    touchpoint: Option<TouchpointCode>,
    /// No expectation was unmet.
    #[arg(long)]
    not_a_complaint: bool,
    /// Only say how many feedback it would bear on.
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    by: By,
}

enum Shown {
    List(Vec<CorrectionRow>),
    Made(Recorded),
}

impl Corrections {
    /// Lists, corrects or undoes.
    pub(super) fn run(self, context: &Context) -> Result<Exit> {
        let access = Access::existing(context)?;
        let shown = self.command.unwrap_or(Command::List).carry_out(access.installation());
        access.close()?;
        match (self.format, shown?) {
            (Format::Json, Shown::List(rows)) => print_json(&rows)?,
            (Format::Json, Shown::Made(recorded)) => print_json(&recorded)?,
            (Format::Text, Shown::List(rows)) => print(&list(&rows)?)?,
            (Format::Text, Shown::Made(recorded)) => print(&made(&recorded))?,
        }
        Ok(Exit::Done)
    }
}

impl Command {
    fn carry_out(self, installation: &dyn Installation) -> Result<Shown> {
        match self {
            Self::List => Ok(Shown::List(installation.corrections()?)),
            Self::Add(add) => Ok(Shown::Made(installation.correct(add.request())?)),
            Self::Undo { number, by } => {
                let deed = by.deed(Decision::CorrectionUndone { correction: number });
                Ok(Shown::Made(installation.decide(deed)?))
            }
        }
    }
}

impl Add {
    fn request(self) -> CorrectionRequest {
        let Self { feedback, query, filter, stage, gap, touchpoint, not_a_complaint, dry_run, by } = self;
        let (actor, reason) = by.into_parts();
        let query = query.map(|q| SearchRequest { q, filter, ..SearchRequest::default() });
        let correction = Correction { stage, gap, touchpoint, not_a_complaint };
        CorrectionRequest { actor, reason, feedback, query, correction, dry_run }
    }
}

/// Says what became of a decision about feedback.
pub(super) fn made(recorded: &Recorded) -> String {
    let bears_on = grouped(recorded.feedback);
    match recorded.number {
        None => format!("{bears_on} feedback would be corrected; nothing was recorded\n"),
        Some(number) if recorded.seen => {
            format!("recorded as number {number}: it bears on {bears_on} feedback\n")
        }
        Some(number) => format!(
            "recorded as number {number}: it bears on {bears_on} feedback, and will be seen in a moment\n"
        ),
    }
}

fn list(rows: &[CorrectionRow]) -> Result<String> {
    if rows.is_empty() {
        return Ok("Nothing was corrected yet. `groundswell corrections add --help` shows how.\n".to_owned());
    }
    let mut out = String::new();
    for row in rows {
        let Correction { stage, gap, touchpoint, not_a_complaint } = &row.correction;
        let told = [
            stage.as_ref().map(|stage| format!("stage {stage}")),
            gap.map(|gap| format!("gap {gap}")),
            touchpoint.as_ref().map(|touchpoint| format!("touchpoint {touchpoint}")),
            not_a_complaint.then(|| "not a complaint".to_owned()),
        ];
        let told: Vec<String> = told.into_iter().flatten().collect();
        let which = match (&row.query, row.first) {
            (Some(query), _) => format!("{} hits of {query:?}", grouped(row.feedback)),
            (None, Some(first)) if row.feedback == 1 => first.to_string(),
            _ => format!("{} feedback", grouped(row.feedback)),
        };
        let reason = row.reason.as_ref().map(|reason| format!(" ({reason})")).unwrap_or_default();
        let undone = row.undone.as_ref().map(|(actor, at)| format!("; undone by {actor}, {at}"));
        writeln!(
            out,
            "{:>6}  {}  {which}: {} by {}{reason}{}",
            row.number,
            row.at,
            told.join(", "),
            row.actor,
            undone.unwrap_or_default()
        )?;
    }
    Ok(out)
}
