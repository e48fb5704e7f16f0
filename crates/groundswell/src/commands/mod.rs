//! The commands. Each has its own file; all talk to the running server if one holds the data folder, else they open the
//! folder themselves.

mod access;
mod assumptions;
mod brokers;
mod check;
mod cluster;
mod corrections;
mod demo;
mod detect;
mod export;
mod files;
mod filters;
mod import;
mod issues;
mod output;
mod promises;
mod propose;
mod reannotate;
mod rebuild;
mod rejudge;
mod report;
mod review;
mod run;
mod search;
mod themes;
mod topics;

use std::path::PathBuf;

use anyhow::Result;
use clap::{Parser, Subcommand};

use crate::config::Config;
use crate::folder::DataFolder;
use crate::spans::Spans;
pub use files::FirstLook;
use output::complain;
pub use output::grouped;

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// It did what it says.
    Done,
    /// It found or met a fault.
    Fault,
    /// It was called wrongly.
    Misused,
}

/// Shows where along the customer's journey expectations were not met, with the customers' own words.
#[derive(Debug, Parser)]
#[command(name = "groundswell", version, propagate_version = true)]
#[command(
    after_help = "Start with `groundswell demo`, or with a file of yours: `groundswell import survey.csv`."
)]
pub struct Cli {
    /// Folder in which log, state and index lie.
    #[arg(
        long,
        global = true,
        env = "GROUNDSWELL_DATA",
        default_value = "./groundswell-data",
        value_name = "DIR"
    )]
    data: PathBuf,
    /// Configuration file; without one the defaults hold (see deploy/default.toml).
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Print the time per tracing span when the command ends.
    #[arg(long, global = true, hide = true)]
    spans: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run ninety days of a made-up company's feedback through everything and show the report.
    Demo(demo::Demo),
    /// Run the loops and the HTTP API until SIGTERM.
    Run(run::Run),
    /// Take in files: CSV, TSV, JSON Lines, XLSX. Without a pipeline one is proposed.
    Import(import::Import),
    /// Show the journey: stage × gap, the strongest gaps with quotes, scores.
    Report(report::Report),
    /// List systemic issues, show one, and act on it: owner, fix, people told, close.
    Issues(issues::Issues),
    /// Show and change what the price of an issue rests on.
    Assumptions(assumptions::Assumptions),
    /// List what people speak of, show one theme, and make themes yours: rename, merge, split, hide, pin, undo.
    Themes(themes::Themes),
    /// Register what the company promises, and see what customers and operations say of it.
    Promises(promises::Promises),
    /// Correct where feedback was mapped, list corrections, undo one.
    Corrections(corrections::Corrections),
    /// Judge a random sample of mappings; the report then says how often reviewers agree.
    Review(review::Review),
    /// Say what today's methods would find in history, beside what is recorded.
    Rejudge(rejudge::Rejudge),
    /// Search what people said.
    Search(search::Search),
    /// Write all hits of a search to a file: CSV, JSON Lines or Parquet, newest first.
    Export(export::Export),
    /// Annotate texts as a filter: JSON Lines in, JSON Lines out.
    Annotate(filters::Annotate),
    /// Redact texts as a filter: JSON Lines in, JSON Lines out.
    Redact(filters::Redact),
    /// Find the themes of texts as a filter: JSON Lines in, JSON Lines out.
    Cluster(cluster::Cluster),
    /// Find the days on which series of counts depart from what is expected: CSV in, CSV out.
    Detect(detect::Detect),
    /// Check configuration, pipelines, counts, positions and lag; all faults at once.
    Check(check::Check),
    /// Feed dead letters back, after the pipeline or the program was corrected.
    Replay(rebuild::Replay),
    /// Fold state and index anew from the log.
    Rebuild(rebuild::Rebuild),
    /// Bring what is stored to this program's annotation, from its redacted text.
    Reannotate(reannotate::Reannotate),
    /// Show the topics on Kafka with their lag, make what is missing, print the rights that are needed.
    Topics(topics::Topics),
}

/// What every command is given.
struct Context {
    data: DataFolder,
    config: Config,
}

impl Cli {
    /// Reads a command line, without running it.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub fn understand(line: impl IntoIterator<Item = String>) -> Result<Self, String> {
        Self::try_parse_from(line).map_err(|error| error.to_string())
    }

    /// Runs the command.
    pub fn run(self) -> Exit {
        let config = match Config::load(self.config.as_deref()) {
            Ok(config) => config,
            Err(faults) => {
                for fault in faults {
                    complain(&format!("configuration: {fault}"));
                }
                return Exit::Misused;
            }
        };
        let serving = matches!(self.command, Command::Run(_));
        let spans = self.spans.then(Spans::default);
        output::start_logging(&config.logging, serving, spans.clone());
        let context = Context { data: DataFolder::new(self.data), config };
        let exit = self.command.run(context).unwrap_or_else(|error| {
            complain(&format!("groundswell: {error:#}"));
            Exit::Fault
        });
        if let Some(spans) = spans {
            complain(spans.table().trim_end());
        }
        exit
    }
}

impl Command {
    fn run(self, context: Context) -> Result<Exit> {
        match self {
            Self::Demo(command) => command.run(context),
            Self::Run(command) => command.run(context),
            Self::Import(command) => command.run(&context),
            Self::Report(command) => command.run(&context),
            Self::Issues(command) => command.run(&context),
            Self::Assumptions(command) => command.run(&context),
            Self::Themes(command) => command.run(&context),
            Self::Promises(command) => command.run(&context),
            Self::Corrections(command) => command.run(&context),
            Self::Review(command) => command.run(&context),
            Self::Rejudge(command) => command.run(&context),
            Self::Search(command) => command.run(&context),
            Self::Export(command) => command.run(&context),
            Self::Annotate(command) => command.run(&context),
            Self::Redact(command) => command.run(),
            Self::Cluster(command) => command.run(),
            Self::Detect(command) => command.run(),
            Self::Check(command) => command.run(&context),
            Self::Replay(command) => command.run(&context),
            Self::Rebuild(command) => command.run(context),
            Self::Reannotate(command) => command.run(&context),
            Self::Topics(command) => command.run(&context),
        }
    }
}
