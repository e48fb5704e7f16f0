//! `groundswell import`: files into the installation. Returns when their records are searchable and reported, and says
//! what became of every row. Resumable; a second run adds nothing; a corrected pipeline supersedes.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use clap::Args;
use serde_json::json;

use groundswell_adapters::Pipeline;
use groundswell_model::{Counts, RespondentHasher};
use groundswell_server::{ImportOutcome, ImportStart, ImportedRows, Installation};
use groundswell_steps::Ingester;

use super::access::Access;
use super::files::{FileRows, FirstLook, import_id};
use super::output::{
    Format, THEME_STEPS, ask, can_ask, complain, grouped, print, print_json, progress, theme_position,
};
use super::{Context, Exit, propose};
use crate::clock::Clock;
use crate::engine::pipeline_folders;
use crate::pipelines::Registry;
use crate::render;

/// Take in files: CSV, TSV, JSON Lines, XLSX. Without a pipeline one is proposed.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  groundswell import survey.csv\n  groundswell import cfpb complaints.csv\n  groundswell import my_pipeline.toml answers.xlsx --yes"
)]
pub struct Import {
    /// A pipeline's name or file, then files; without a pipeline one is proposed.
    #[arg(required = true, value_name = "[PIPELINE] FILE")]
    what: Vec<String>,
    /// Take the proposal, or a pipeline that refuses many rows, without asking.
    #[arg(long)]
    yes: bool,
    /// Show what the first rows become, and store nothing.
    #[arg(long)]
    dry_run: bool,
    /// Answer a question of the proposal: KEY=NUMBER of the option.
    #[arg(long, value_name = "KEY=NUMBER")]
    answer: Vec<String>,
    /// Name of the proposed pipeline, instead of the file's.
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// text or json.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// Rows appended in one transaction.
const CHUNK_ROWS: usize = 2_000;
/// Bytes appended in one transaction.
const CHUNK_BYTES: usize = 4 << 20;
/// How long one wait for the outcome is.
const WAIT: Duration = Duration::from_secs(20);
/// How long a search for themes may take.
const THEMES: Duration = Duration::from_secs(3600);
/// How long one waits for it before one looks how far it is.
const LOOK: Duration = Duration::from_secs(1);

impl Import {
    /// Imports every file.
    pub(super) fn run(self, context: &Context) -> Result<Exit> {
        let registry = Registry::load(pipeline_folders(&context.config, &context.data))?;
        let (pipeline, files) = self.sorted(&registry)?;
        let mut exit = Exit::Done;
        let mut access = None;
        for file in &files {
            let text = match &pipeline {
                Some(name) => registry.text(name)?,
                None => self.proposed(file, &registry)?,
            };
            let parsed = Pipeline::parse(&text).map_err(|faults| anyhow::anyhow!("{faults}"))?;
            let Some(total) = self.may_begin(file, &parsed)? else {
                exit = Exit::Fault;
                continue;
            };
            if self.dry_run {
                continue;
            }
            let access = match &mut access {
                Some(access) => access,
                none => none.insert(Access::of(context)?),
            };
            let source = FileSource { path: file, pipeline: &parsed, text: &text, rows: total };
            import(access.installation(), &source, self.format)?;
        }
        if let Some(access) = access {
            find_themes(&access)?;
            access.close()?;
        }
        Ok(exit)
    }

    /// Tells the pipeline, if one is named, from the files.
    fn sorted(&self, registry: &Registry) -> Result<(Option<String>, Vec<PathBuf>)> {
        let first = self.what.first().map(String::as_str).unwrap_or_default();
        let is_file = Path::new(first).is_file();
        let named = first.ends_with(".toml") || (!is_file && registry.get(first).is_some());
        let files: Vec<_> = self.what.iter().skip(usize::from(named)).map(PathBuf::from).collect();
        if files.is_empty() {
            bail!("no file is named: groundswell import {first} FILE…");
        }
        if let Some(missing) = files.iter().find(|file| !file.is_file()) {
            let names = registry.names().join(", ");
            bail!(
                "there is neither a file nor a pipeline {:?}; pipelines are: {names}",
                missing.display().to_string()
            );
        }
        Ok((named.then(|| first.to_owned()), files))
    }

    /// Gives the pipeline for a file that names none: the one that an earlier import of it left in the data folder, which
    /// may have been corrected since, else a proposal.
    fn proposed(&self, file: &Path, registry: &Registry) -> Result<String> {
        let name = match &self.name {
            Some(name) => name.clone(),
            None => propose::name_for(file)?,
        };
        if let Some((path, text)) = registry.own(&name)?
            && self.answer.is_empty()
        {
            complain(&format!(
                "Using the pipeline {} (choose another name with --name for a new one).",
                path.display()
            ));
            return Ok(text);
        }
        let mut proposal = propose::settle(file, &self.answer, self.yes || self.dry_run)?;
        proposal.pipeline.name.clone_from(&name);
        proposal.pipeline.source.system = name;
        Ok(proposal.to_toml())
    }

    /// Looks at the first rows; shows them where a person decides, and refuses what would mostly be refused.
    fn may_begin(&self, file: &Path, pipeline: &Pipeline) -> Result<Option<u64>> {
        // The look only shows what rows become; its ids are not kept, so any key will do.
        let ingester = Ingester::new(RespondentHasher::new([0; 32]))?;
        let look = FirstLook::at(file, pipeline, &ingester, Clock::system().now())?;
        let named = self.what.len() > 1;
        if self.dry_run || !named {
            complain(&render::first_rows(&look));
        }
        let refused = look.refusals();
        if refused * 2 > look.rows && !self.yes {
            complain(&format!("{refused} of the first {} rows would be refused:", look.rows));
            for (code, (count, message)) in &look.refused {
                complain(&format!("  {count} × {code}: {message}"));
            }
            complain("Correct the pipeline, or say --yes to take in the rest.");
            return Ok(None);
        }
        if named || self.yes || self.dry_run {
            return Ok(Some(look.total));
        }
        if !can_ask() {
            complain("Say --yes to take this proposal, or answer at a terminal.");
            return Ok(None);
        }
        let answer = ask(&format!("Import {} rows like this? [y/N]", grouped(look.total)))?;
        Ok(matches!(answer.to_lowercase().as_str(), "y" | "yes").then_some(look.total))
    }
}

/// Looks for themes before the process ends, where they are due; a running server does so by itself.
fn find_themes(access: &Access) -> Result<()> {
    let Access::Local(running) = access else { return Ok(()) };
    let bar = progress(THEME_STEPS, "themes");
    let begun = Instant::now();
    while begun.elapsed() < THEMES && !running.shared().await_themes(Instant::now() + LOOK)? {
        let search = running.shared().theme_search(Duration::ZERO)?;
        bar.set_position(theme_position(search.step.as_deref().unwrap_or_default(), search.share));
    }
    bar.finish_and_clear();
    Ok(())
}

/// A file with the pipeline that reads it.
struct FileSource<'a> {
    path: &'a Path,
    pipeline: &'a Pipeline,
    /// The pipeline file.
    text: &'a str,
    /// Rows in the file.
    rows: u64,
}

/// Imports one file and says what became of every row.
fn import(installation: &dyn Installation, source: &FileSource<'_>, format: Format) -> Result<()> {
    let import = import_id(source.path, source.text)?;
    let start = ImportStart { import: import.clone(), pipeline: source.text.to_owned(), rows: source.rows };
    let state = installation.begin_import(start)?;
    if !state.finished {
        append(installation, source, &import, state.appended)?;
        installation.finish_import(&import)?;
    }
    let outcome = wait(installation, &import)?;
    let said = sentence(source.path, &outcome.counts, state.finished);
    match format {
        Format::Text => print(&format!("{said}\n")),
        Format::Json => print_json(&json!({
            "import": import, "file": source.path.display().to_string(), "pipeline": source.pipeline.name,
            "already_imported": state.finished, "counts": outcome.counts,
        })),
    }
}

fn append(
    installation: &dyn Installation,
    source: &FileSource<'_>,
    import: &str,
    appended: u64,
) -> Result<()> {
    let bar = progress(source.rows, "taking in");
    let rows = FileRows::open(source.path, source.pipeline)?;
    let columns = rows.columns();
    let mut chunk = ImportedRows { import: import.to_owned(), after: appended, columns, rows: Vec::new() };
    let mut bytes = 0;
    for row in rows {
        let row = row.with_context(|| format!("{}", source.path.display()))?;
        if row.number <= appended {
            continue;
        }
        bytes += row.bytes.len();
        chunk.rows.push(row);
        if chunk.rows.len() >= CHUNK_ROWS || bytes >= CHUNK_BYTES {
            send(installation, &mut chunk)?;
            bytes = 0;
            bar.set_position(chunk.after);
        }
    }
    send(installation, &mut chunk)?;
    bar.finish_and_clear();
    Ok(())
}

fn send(installation: &dyn Installation, chunk: &mut ImportedRows) -> Result<()> {
    let Some(last) = chunk.rows.last().map(|row| row.number) else { return Ok(()) };
    let rows = std::mem::take(&mut chunk.rows);
    installation.append_rows(ImportedRows { rows, ..chunk.clone() })?;
    chunk.after = last;
    Ok(())
}

/// Waits until every row is searchable and reported; a loop that has stopped ends the wait with its reason.
fn wait(installation: &dyn Installation, import: &str) -> Result<ImportOutcome> {
    let bar = progress(0, "reporting");
    loop {
        let outcome = installation.import_outcome(import, WAIT)?;
        bar.set_length(outcome.appended);
        bar.set_position(outcome.counts.items);
        if outcome.done {
            bar.finish_and_clear();
            return Ok(outcome);
        }
        let status = installation.status()?;
        if let Some((name, reason)) =
            status.loops.iter().find_map(|(name, state)| Some((name, state.stopped.as_ref()?)))
        {
            bail!(
                "{name} has stopped: {reason}; every row is kept, and the import goes on when it runs again"
            );
        }
    }
}

/// The closing sentence: "5,000 rows: 4,930 feedback, 58 skipped (empty 58), 12 refused (adapt.bad_date 12)".
fn sentence(file: &Path, counts: &Counts, already: bool) -> String {
    let reasons = |by: &std::collections::BTreeMap<String, u64>| {
        by.iter()
            .map(|(reason, count)| format!("{reason} {}", grouped(*count)))
            .collect::<Vec<_>>()
            .join(", ")
    };
    let mut parts = vec![format!("{} feedback", grouped(counts.parts))];
    if counts.tombstones > 0 {
        parts.push(format!("{} deletions", grouped(counts.tombstones)));
    }
    if counts.skips() > 0 {
        parts.push(format!("{} skipped ({})", grouped(counts.skips()), reasons(&counts.skipped)));
    }
    if counts.dead() > 0 {
        parts.push(format!("{} refused ({})", grouped(counts.dead()), reasons(&counts.dead_letters)));
    }
    let already = if already { ", all taken in before: nothing was added" } else { "" };
    format!("{}: {} rows: {}{already}", file.display(), grouped(counts.items), parts.join(", "))
}
