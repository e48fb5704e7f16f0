//! The running loops: blocking threads under a tokio runtime, supervised. A loop that ends with a fault is reported and
//! the others go on; a panic in a loop ends the process, because what it left behind is not known.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Result, bail};
use tokio::runtime::Runtime;
use tokio::task::JoinSet;

use groundswell_state::State;

use super::housekeeping;
use super::progress::Stage;
use super::shared::Shared;
use super::{analyse, index, ingest, lag, themes};

/// How long a stop may take.
const STOP: Duration = Duration::from_secs(10);

/// An installation whose loops run.
pub struct Running {
    shared: Arc<Shared>,
    runtime: Option<Runtime>,
    loops: JoinSet<(Stage, Result<()>)>,
}

impl Running {
    /// Starts the loops, and waits until each has begun or failed.
    pub(super) fn start(shared: Arc<Shared>, state: Option<State>) -> Result<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name("groundswell")
            .enable_all()
            .build()?;
        let mut loops = JoinSet::new();
        let handle = runtime.handle().clone();
        let stages: Vec<Stage> = Stage::ALL.into_iter().filter(|stage| shared.roles.runs(*stage)).collect();
        for stage in &stages {
            shared.progress.starting(*stage);
            if shared.is_shared() && *stage == Stage::Ingest {
                // Of the sources it has a share, and none yet.
                shared.progress.holds(*stage, []);
            }
        }
        let mut state = state;
        for stage in &stages {
            let (own, stage, state) =
                (Arc::clone(&shared), *stage, state.take_if(|_| *stage == Stage::Analyse));
            let work = move |shared: &Shared| match (stage, state) {
                (Stage::Ingest, _) => ingest::run(shared),
                (Stage::Analyse, Some(state)) => analyse::run(shared, state),
                (Stage::Analyse, None) => bail!("the analyser has no state"),
                (Stage::Index, _) => index::run(shared),
            };
            loops.spawn_blocking_on(move || guard(&own, stage, || work(&own)), &handle);
        }
        handle.spawn(housekeeping::run(Arc::clone(&shared)));
        handle.spawn(housekeeping::look_again(Arc::clone(&shared)));
        handle.spawn(lag::keep_looking(Arc::clone(&shared)));
        handle.spawn(themes::keep_finding(Arc::clone(&shared)));
        for stage in stages {
            shared.progress.wait_begun(stage);
        }
        Ok(Self { shared, runtime: Some(runtime), loops })
    }

    /// Gives what the loops, the server and the commands share.
    pub fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    /// Runs a future on the loops' runtime, such as the server.
    pub fn block_on<F: Future>(&self, future: F) -> Option<F::Output> {
        self.runtime.as_ref().map(|runtime| runtime.block_on(future))
    }

    /// Asks the loops to stop at the end of their batch, and waits for them.
    ///
    /// # Errors
    /// The faults of loops, or that they did not stop in ten seconds. What was acknowledged is safe in any case.
    pub fn stop(mut self) -> Result<()> {
        self.shared.stop();
        let Some(runtime) = self.runtime.take() else { return Ok(()) };
        let mut faults = Vec::new();
        let loops = &mut self.loops;
        let ended = runtime.block_on(async {
            let all = async {
                while let Some(joined) = loops.join_next().await {
                    match joined {
                        Ok((_, Ok(()))) => {}
                        Ok((stage, Err(error))) => faults.push(format!("{}: {error:#}", stage.name())),
                        Err(error) => faults.push(error.to_string()),
                    }
                }
            };
            tokio::time::timeout(STOP, all).await
        });
        self.shared.desk.settle();
        runtime.shutdown_timeout(Duration::from_secs(1));
        if ended.is_err() {
            faults.push("the loops did not stop within ten seconds".to_owned());
        }
        if faults.is_empty() { Ok(()) } else { bail!("{}", faults.join("; ")) }
    }
}

/// An installation that is dropped without a stop, as when a command fails, must not wait for its loops for ever.
impl Drop for Running {
    fn drop(&mut self) {
        self.shared.stop();
    }
}

/// Runs a loop and notes how it ended.
fn guard(shared: &Shared, stage: Stage, work: impl FnOnce() -> Result<()>) -> (Stage, Result<()>) {
    let _bomb = Bomb { stage };
    let result = work();
    if let Err(error) = &result {
        tracing::error!(loop_name = stage.name(), error = %format!("{error:#}"), "the loop stopped");
        shared.note_stop(error);
    }
    shared.progress.ended(stage, result.as_ref().err().map(|error| format!("{error:#}")));
    if result.is_err() {
        shared.broken.notify_one();
    }
    (stage, result)
}

/// Ends the process when a loop panics.
struct Bomb {
    stage: Stage,
}

impl Drop for Bomb {
    fn drop(&mut self) {
        if std::thread::panicking() {
            tracing::error!(loop_name = self.stage.name(), "a loop panicked, the process ends");
            std::process::abort();
        }
    }
}
