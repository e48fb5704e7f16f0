//! `groundswell check`: configuration, pipelines, counts, positions and lag; all faults at once.

use anyhow::Result;
use clap::Args;

use groundswell_log::KafkaLog;
use groundswell_server::{CountsReport, Status};

use super::access::Access;
use super::output::{Format, complain, grouped, print, print_json};
use super::{Context, Exit};
use crate::engine::{Topics, journey, kafka_settings, pipeline_folders};
use crate::pipelines::Registry;
use crate::remote::Remote;

/// Check configuration, pipelines, counts, positions and lag; all faults at once.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  groundswell check\n  groundswell check --counts --format json")]
pub struct Check {
    /// Account for every item, by pipeline.
    #[arg(long)]
    counts: bool,
    /// text or json.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

impl Check {
    /// Checks; a fault found is exit code 1.
    pub(super) fn run(self, context: &Context) -> Result<Exit> {
        let mut faults = configured(context);
        if context.config.kafka.is_used() {
            let found = brokers(context).unwrap_or_else(|error| vec![format!("{error:#}")]);
            if !found.is_empty() {
                faults.extend(found);
                return Ok(told(&faults));
            }
        }
        if !context.data.exists() {
            if self.format == Format::Text {
                print(&format!("nothing is stored in {} yet\n", context.data.root().display()))?;
            } else {
                print_json(&CountsReport { holds: true, ..CountsReport::default() })?;
            }
            return Ok(told(&faults));
        }
        let access = Access::existing(context)?;
        let counts = access.installation().counts();
        let status = access.installation().status();
        access.close()?;
        let (counts, status) = (counts?, status?);
        match (self.format, self.counts) {
            (Format::Json, true) => print_json(&counts)?,
            (Format::Json, false) => print_json(&serde_json::json!({ "status": status, "counts": counts }))?,
            (Format::Text, true) => print(&table(&counts))?,
            (Format::Text, false) => print(&format!("{}\n{}", loops(&status), table(&counts)))?,
        }
        faults.extend(counts.faults.iter().cloned());
        faults.extend(status.loops.iter().filter_map(|(name, state)| {
            state.stopped.as_ref().map(|reason| format!("{name} has stopped: {reason}"))
        }));
        Ok(told(&faults))
    }
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

/// Finds what is wrong with the topics on Kafka.
fn brokers(context: &Context) -> Result<Vec<String>> {
    if Remote::find(&context.data)?.is_some() {
        // The running process has checked them at its start.
        return Ok(Vec::new());
    }
    context.data.create()?;
    let kafka = KafkaLog::open(kafka_settings(&context.config, &context.data)?)?;
    super::topics::faults(&kafka, context, &Topics::of(&context.config)?)
}

fn told(faults: &[String]) -> Exit {
    for fault in faults {
        complain(&format!("fault: {fault}"));
    }
    if faults.is_empty() { Exit::Done } else { Exit::Fault }
}

fn loops(status: &Status) -> String {
    let mut text = format!("groundswell {}\n", status.version);
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
