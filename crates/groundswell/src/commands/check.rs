//! `groundswell check`: configuration, pipelines, counts, positions and lag; all faults at once.

use anyhow::Result;
use clap::Args;

use groundswell_log::KafkaLog;
use groundswell_server::{CountsReport, Status};

use super::access::Access;
use super::brokers::{GroupLag, lag_table, lags};
use super::output::{Format, complain, grouped, print, print_json};
use super::{Context, Exit};
use crate::engine::{Topics, journey, kafka_settings, pipeline_folders};
use crate::pipelines::Registry;
use crate::remote::Remote;

/// Check configuration, pipelines, counts, positions and lag; all faults at once.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  groundswell check\n  groundswell check --counts --format json\n  groundswell check --ready"
)]
pub struct Check {
    /// Account for every item, by pipeline.
    #[arg(long)]
    counts: bool,
    /// Only ask the running process whether it is ready, as a container's health check does.
    #[arg(long, conflicts_with_all = ["counts", "format"])]
    ready: bool,
    /// text or json.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

impl Check {
    /// Checks; a fault found is exit code 1.
    pub(super) fn run(self, context: &Context) -> Result<Exit> {
        if self.ready {
            return ready(context);
        }
        let mut faults = configured(context);
        let lags = if context.config.kafka.is_used() {
            let asked = asked_brokers(context);
            let (lags, found) = asked.unwrap_or_else(|error| (Vec::new(), vec![format!("{error:#}")]));
            faults.extend(found);
            Some(lags)
        } else {
            None
        };
        let access = match &lags {
            // Beside others, a check takes on no work: it asks the process of this folder, or the brokers alone.
            Some(_) => Remote::find(&context.data)?.map(Access::Remote),
            None if context.data.exists() => Some(Access::existing(context)?),
            None => None,
        };
        match access {
            Some(access) => self.tell(access, lags, &mut faults)?,
            None => self.tell_without(context, lags.as_deref())?,
        }
        Ok(told(&faults))
    }

    /// Prints what the installation says of itself.
    fn tell(&self, access: Access, lags: Option<Vec<GroupLag>>, faults: &mut Vec<String>) -> Result<()> {
        let installation = access.installation();
        let status = installation.status();
        let counting = |status: &Status| ["serve", "analyse"].iter().all(|role| status.roles.contains(role));
        let counts = match &status {
            Ok(status) if !self.counts && !counting(status) => None,
            _ => Some(installation.counts()),
        };
        access.close()?;
        let (status, counts) = (status?, counts.transpose()?);
        let table = counts.as_ref().map(table).unwrap_or_default();
        let shown = lags.as_deref().map_or("\n".to_owned(), |lags| format!("\n{}\n", lag_table(lags)));
        match (self.format, self.counts) {
            (Format::Json, true) => print_json(&counts)?,
            (Format::Json, false) => {
                print_json(&serde_json::json!({ "status": status, "counts": counts, "lag": lags }))?;
            }
            (Format::Text, true) => print(&table)?,
            (Format::Text, false) => print(&format!("{}{shown}{table}", loops(&status)))?,
        }
        faults.extend(counts.iter().flat_map(|counts| counts.faults.iter().cloned()));
        faults.extend(stopped(&status));
        Ok(())
    }

    /// Prints what is known where no process has the folder open.
    fn tell_without(&self, context: &Context, lags: Option<&[GroupLag]>) -> Result<()> {
        let folder = context.data.root().display();
        match (self.format, lags) {
            (Format::Text, None) => print(&format!("nothing is stored in {folder} yet\n")),
            (Format::Text, Some(lags)) => {
                print(&format!("no process runs on {folder}\n\n{}", lag_table(lags)))
            }
            (Format::Json, None) => print_json(&CountsReport { holds: true, ..CountsReport::default() }),
            (Format::Json, Some(lags)) => {
                print_json(&serde_json::json!({ "status": null, "counts": null, "lag": lags }))
            }
        }
    }
}

/// Asks the process that runs on this folder whether it is ready, and nothing else: for health checks.
fn ready(context: &Context) -> Result<Exit> {
    let Some(status) = Remote::readiness(&context.data)? else {
        return Ok(told(&[format!("no process runs on {}", context.data.root().display())]));
    };
    if status.ready {
        print("ready\n")?;
        return Ok(Exit::Done);
    }
    let mut faults: Vec<String> = stopped(&status).collect();
    if faults.is_empty() {
        faults.push("not every loop runs yet".to_owned());
    }
    Ok(told(&faults))
}

fn stopped(status: &Status) -> impl Iterator<Item = String> {
    status.loops.iter().filter_map(|(name, state)| {
        state.stopped.as_ref().map(|reason| format!("{name} has stopped: {reason}"))
    })
}

fn configured(context: &Context) -> Vec<String> {
    let mut faults = Vec::new();
    if let Err(error) = journey(&context.config) {
        faults.push(format!("{error:#}"));
    }
    match Registry::load(pipeline_folders(&context.config, &context.data)) {
        Err(error) => faults.push(format!("{error:#}")),
        Ok(registry) => {
            for name in registry.names() {
                let examples =
                    registry.get(&name).map(|pipeline| pipeline.run_examples()).unwrap_or_default();
                faults.extend(examples.into_iter().map(|fault| format!("pipeline {name}: {fault}")));
            }
        }
    }
    faults
}

/// Asks the brokers for the lag of each group, and finds what is wrong with topics and rights.
fn asked_brokers(context: &Context) -> Result<(Vec<GroupLag>, Vec<String>)> {
    context.data.create()?;
    let names = Topics::of(&context.config)?;
    let kafka = KafkaLog::open(kafka_settings(&context.config, &context.data)?)?;
    let faults = super::topics::faults(&kafka, context, &names)?;
    Ok((lags(&kafka, context, &names)?, faults))
}

fn told(faults: &[String]) -> Exit {
    for fault in faults {
        complain(&format!("fault: {fault}"));
    }
    if faults.is_empty() { Exit::Done } else { Exit::Fault }
}

fn loops(status: &Status) -> String {
    let mut text = format!("groundswell {} ({})\n", status.version, status.roles);
    for (name, state) in &status.loops {
        let running = if state.running { "runs" } else { "stopped" };
        text.push_str(&format!("{name:<10} {running:<8} {} behind\n", grouped(state.lag)));
    }
    for reason in &status.rebuilt {
        text.push_str(&format!("rebuilt at this start: {reason}\n"));
    }
    text
}

fn table(counts: &CountsReport) -> String {
    let mut text = format!(
        "{:<20} {:>10} {:>10} {:>8} {:>8} {:>8} {:>10} {:>8}\n",
        "pipeline", "raw", "parts", "dead", "deleted", "skipped", "feedback", "repeats"
    );
    for (name, row) in &counts.pipelines {
        text.push_str(&format!(
            "{name:<20} {:>10} {:>10} {:>8} {:>8} {:>8} {:>10} {:>8}\n",
            grouped(row.raw),
            grouped(row.parts),
            grouped(row.dead_letters),
            grouped(row.tombstones),
            grouped(row.skipped),
            grouped(row.feedback),
            grouped(row.repeats)
        ));
    }
    let verdict =
        if counts.holds { "every item is accounted for" } else { "NOT every item is accounted for" };
    text.push_str(&format!(
        "{} live feedback, {} in the index; {verdict}\n",
        grouped(counts.live),
        grouped(counts.indexed)
    ));
    text
}
