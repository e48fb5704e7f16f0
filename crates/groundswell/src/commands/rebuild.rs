//! `groundswell rebuild` and `groundswell replay`: what an operator needs on a bad day.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use clap::Args;

use super::access::Access;
use super::output::{grouped, print};
use super::{Context, Exit};
use crate::clock::Clock;
use crate::engine::{Engine, Opening, Roles};
use crate::remote::Remote;

/// Fold state and index anew from the log.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  groundswell rebuild --data /var/lib/groundswell\n\nThe old views are removed once the new ones are complete."
)]
pub struct Rebuild {}

impl Rebuild {
    /// Rebuilds both views.
    pub(super) fn run(self, context: Context) -> Result<Exit> {
        anyhow::ensure!(context.data.exists(), "nothing is stored in {} yet", context.data.root().display());
        anyhow::ensure!(
            Remote::find(&context.data)?.is_none(),
            "a server holds the folder: stop it, then rebuild (or delete its state and index while it is stopped)"
        );
        let views = [context.data.state(), context.data.index()];
        for view in &views {
            put_aside(view)?;
        }
        let opening =
            Opening { config: context.config, data: context.data, clock: Clock::system(), roles: Roles::ALL };
        let running = Engine::open(opening)?.start()?;
        running.shared().look_for_nothing();
        let complete = running.shared().await_reported(Instant::now() + Duration::from_secs(24 * 3600))?;
        let feedback = running.shared().view().len() as u64;
        running.stop()?;
        anyhow::ensure!(complete, "the views could not be folded to the end of the log");
        for view in &views {
            remove(&aside(view))?;
        }
        print(&format!("rebuilt: {} feedback\n", grouped(feedback)))?;
        Ok(Exit::Done)
    }
}

fn aside(view: &Path) -> std::path::PathBuf {
    view.with_extension("before-rebuild")
}

fn put_aside(view: &Path) -> Result<()> {
    if view.exists() {
        remove(&aside(view))?;
        std::fs::rename(view, aside(view)).with_context(|| format!("cannot put {} aside", view.display()))?;
    }
    Ok(())
}

fn remove(folder: &Path) -> Result<()> {
    match std::fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot remove {}", folder.display()))
        }
        _ => Ok(()),
    }
}

/// Feed dead letters back, after the pipeline or the program was corrected.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  groundswell replay\n  groundswell replay --code adapt.bad_date")]
pub struct Replay {
    /// Only those with this code.
    #[arg(long)]
    code: Option<String>,
}

impl Replay {
    /// Feeds dead letters back.
    pub(super) fn run(self, context: &Context) -> Result<Exit> {
        let access = Access::existing(context)?;
        let replayed = access.installation().replay(self.code.as_deref());
        if let Access::Local(running) = &access {
            running.shared().await_reported(Instant::now() + Duration::from_secs(3600))?;
        }
        access.close()?;
        print(&format!(
            "{} raw records fed back; `groundswell check` shows what became of them\n",
            grouped(replayed?)
        ))?;
        Ok(Exit::Done)
    }
}
