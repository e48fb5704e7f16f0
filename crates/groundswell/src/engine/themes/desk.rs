//! The desk where a search for themes is asked for, and where it says how far it is. One runs at a time, beside the loops.

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use groundswell_insight::themes::Step;
use groundswell_model::{Day, ThemeOccasion};
use groundswell_server::{Fault, ThemeProgress};

use super::super::shared::Shared;

/// How long a search that is asked to stop may take.
const STOP: Duration = Duration::from_secs(10);

/// A search for themes that is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in super::super) struct Wanted {
    /// Why.
    pub occasion: ThemeOccasion,
    /// Who asks.
    pub actor: String,
    /// Whether only the themes that people edited are known.
    pub afresh: bool,
}

/// What is wanted, what is under way, and how the last search ended.
#[derive(Default)]
pub(in super::super) struct Desk {
    state: Mutex<State>,
    changed: Condvar,
    rung: tokio::sync::Notify,
    /// Whether nothing is looked for unless a person asks: the process ends when its command is done.
    resting: AtomicBool,
}

#[derive(Default)]
struct State {
    wanted: Option<Wanted>,
    running: Option<(Step, f64)>,
    /// Searches that have ended.
    ended: u64,
    /// The last closed day after which themes that emerge were looked for.
    emerged_until: Option<Day>,
    fault: Option<String>,
}

impl Desk {
    /// Asks for a search. One that is wanted or under way already is not asked for twice.
    pub(in super::super) fn ask(&self, wanted: Wanted) {
        let mut state = self.locked();
        if state.running.is_none() && state.wanted.is_none() {
            state.wanted = Some(wanted);
            self.rung.notify_one();
        }
    }

    /// Says whether a search is wanted or under way.
    pub(in super::super) fn is_busy(&self) -> bool {
        let state = self.locked();
        state.wanted.is_some() || state.running.is_some()
    }

    /// Looks for nothing from now on unless a person asks.
    pub(in super::super) fn rest(&self) {
        self.resting.store(true, Ordering::SeqCst);
    }

    pub(super) fn rests(&self) -> bool {
        self.resting.load(Ordering::SeqCst)
    }

    /// The last closed day after which themes that emerge were looked for, in this process.
    pub(super) fn emerged_until(&self) -> Option<Day> {
        self.locked().emerged_until
    }

    /// Notes that themes that emerge were looked for after a closed day.
    pub(super) fn looked_until(&self, day: Day) {
        self.locked().emerged_until = Some(day);
    }

    /// Notes how far it is.
    pub(super) fn at(&self, step: Step, share: f64) {
        self.locked().running = Some((step, share));
    }

    /// How many searches have ended.
    pub(in super::super) fn ended(&self) -> u64 {
        self.locked().ended
    }

    /// Says how far it is.
    pub(in super::super) fn progress(&self) -> ThemeProgress {
        let state = self.locked();
        let step = state.running.map(|(step, _)| step.as_str().to_owned());
        ThemeProgress {
            running: state.running.is_some() || state.wanted.is_some(),
            step,
            share: state.running.map_or(0.0, |(_, share)| share),
            ended: state.ended,
            fault: state.fault.clone(),
        }
    }

    /// Waits until no search is wanted or under way; `false` after `deadline`.
    pub(in super::super) fn wait_idle(&self, deadline: Instant) -> bool {
        let mut state = self.locked();
        while state.wanted.is_some() || state.running.is_some() {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            state = self.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        true
    }

    /// Waits for a search that was asked to stop.
    pub(in super::super) fn settle(&self) {
        self.locked().wanted = None;
        self.wait_idle(Instant::now() + STOP);
    }

    fn locked(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self) -> Option<Wanted> {
        let mut state = self.locked();
        let wanted = state.wanted.take()?;
        state.running = Some((Step::Seed, 0.0));
        Some(wanted)
    }

    fn end(&self, result: Result<(), Fault>) {
        let mut state = self.locked();
        state.running = None;
        state.ended += 1;
        state.fault = result.err().map(|fault| fault.to_string());
        self.changed.notify_all();
    }
}

/// Carries out what is asked for at the desk, until the installation stops.
pub(in super::super) async fn keep_finding(shared: Arc<Shared>) {
    while !shared.stopping() {
        shared.desk.rung.notified().await;
        let own = Arc::clone(&shared);
        let done = tokio::task::spawn_blocking(move || {
            let Some(wanted) = own.desk.take() else { return };
            let result = if own.stopping() { Ok(()) } else { own.find_themes(&wanted) };
            if let Err(fault) = &result {
                tracing::warn!(%fault, code = fault.code(), "themes were not looked for");
            }
            own.desk.end(result);
        });
        if let Err(error) = done.await {
            tracing::error!(%error, "looking for themes failed inside");
            shared
                .desk
                .end(Err(Fault::Unavailable { message: "looking for themes failed inside".to_owned() }));
        }
    }
}

impl Shared {
    /// Sees how far a search is, and ends it when the installation stops.
    pub(super) fn watch_themes(&self, step: Step, share: f64) -> ControlFlow<()> {
        self.desk.at(step, share);
        self.goes_on()
    }

    /// Ends what takes long when the installation stops.
    pub(super) fn goes_on(&self) -> ControlFlow<()> {
        if self.stopping() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}
