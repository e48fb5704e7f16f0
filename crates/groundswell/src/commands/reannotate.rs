//! `groundswell reannotate`: what is stored is brought to this program's annotation, step by step, while the rest runs.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use clap::Args;
use serde_json::json;

use groundswell_server::{Installation, Reannotation};

use super::access::Access;
use super::output::{Format, grouped, print, print_json, progress};
use super::{Context, Exit};

/// Bring what is stored to this program's annotation, from its redacted text.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  groundswell reannotate --data /var/lib/groundswell\n\nIt works beside a running server. Interrupted, it goes on where it was; run again, there is nothing to do."
)]
pub struct Reannotate {
    /// text or json.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// What a whole run did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Run {
    version: u32,
    reannotated: u64,
}

impl Reannotate {
    /// Brings everything to the current version.
    pub(super) fn run(self, context: &Context) -> Result<Exit> {
        let access = Access::existing(context)?;
        let run = all(access.installation());
        if let Access::Local(running) = &access {
            running.shared().await_reported(Instant::now() + Duration::from_secs(3600))?;
        }
        access.close()?;
        let run = run?;
        match self.format {
            Format::Text => print(&format!("{}\n", sentence(run)))?,
            Format::Json => print_json(&json!({ "version": run.version, "reannotated": run.reannotated }))?,
        }
        Ok(Exit::Done)
    }
}

/// Takes step after step. A loop that has stopped ends the run with its reason.
fn all(installation: &dyn Installation) -> Result<Run> {
    let bar = progress(0, "annotating");
    let mut run = Run::default();
    loop {
        let step: Reannotation = installation.reannotate()?;
        run.version = step.version;
        run.reannotated += step.reannotated;
        bar.set_length(step.total);
        bar.set_position(step.read);
        if step.done {
            bar.finish_and_clear();
            return Ok(run);
        }
        let status = installation.status()?;
        if let Some((name, reason)) =
            status.loops.iter().find_map(|(name, state)| Some((name, state.stopped.as_ref()?)))
        {
            bail!(
                "{name} has stopped: {reason}; what was annotated stays, and the rest follows when this runs again"
            );
        }
    }
}

fn sentence(run: Run) -> String {
    match run.reannotated {
        0 => format!("nothing to do: everything stored has version {}", run.version),
        parts => format!("{} parts brought to version {}", grouped(parts), run.version),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sentence_says_how_many_or_that_there_is_nothing_to_do() {
        assert_eq!(
            sentence(Run { version: 3, reannotated: 0 }),
            "nothing to do: everything stored has version 3"
        );
        assert_eq!(sentence(Run { version: 3, reannotated: 4_930 }), "4,930 parts brought to version 3");
    }
}
