//! An installation in a folder that vanishes, with a clock that a test moves.

use std::sync::Arc;
use std::time::{Duration, Instant};

use groundswell::clock::Clock;
use groundswell::config::Config;
use groundswell::engine::{Engine, Opening, Roles, Running, Shared};
use groundswell::folder::DataFolder;

use crate::{FixedClock, TempFolder};

/// How long a test waits for the loops before it fails.
pub const PATIENCE: Duration = Duration::from_secs(120);

/// Commits soon, and needs little memory and disk.
const QUICK: &str =
    "[index]\ncommit_after = \"50ms\"\nwriter_memory = \"16MiB\"\n[log]\nreserve = \"1MiB\"\n";

/// An installation in a folder that vanishes. It may be opened again and again.
#[derive(Debug)]
pub struct House {
    folder: TempFolder,
    /// Its clock, at noon of 1 June 2026 until a test moves it.
    pub clock: Arc<FixedClock>,
    /// Its configuration at the next opening.
    pub config: Config,
}

impl House {
    /// Makes an empty installation whose folder's name begins with `name`.
    ///
    /// # Panics
    /// When the folder cannot be made.
    pub fn new(name: &str) -> Self {
        let config = Config::parse(QUICK).expect("the tests' configuration is right");
        Self { folder: TempFolder::new(name), clock: Arc::new(FixedClock::new()), config }
    }

    /// Names its data folder.
    pub fn data(&self) -> DataFolder {
        DataFolder::new(self.folder.join("data"))
    }

    /// Opens it; its loops do not run yet.
    ///
    /// # Panics
    /// When it cannot be opened.
    pub fn open(&self) -> Engine {
        let clock = Arc::clone(&self.clock);
        let clock = Clock::told_by(move || clock.now());
        let opening = Opening { config: self.config.clone(), data: self.data(), clock, roles: Roles::ALL };
        Engine::open(opening).unwrap_or_else(|error| panic!("the installation cannot be opened: {error:#}"))
    }

    /// Opens it and starts its loops.
    ///
    /// # Panics
    /// When it cannot be opened or started.
    pub fn start(&self) -> Running {
        self.open().start().unwrap_or_else(|error| panic!("the loops cannot be started: {error:#}"))
    }

    /// Opens it, does something while its loops run, waits until all of it is searchable, reported and judged, its
    /// themes are found, and stops it.
    ///
    /// # Panics
    /// When a loop fails or takes longer than [`PATIENCE`].
    pub fn visit<T>(&self, work: impl FnOnce(&Arc<Shared>) -> T) -> T {
        let running = self.start();
        let done = work(running.shared());
        settle(running.shared());
        running.stop().unwrap_or_else(|error| panic!("the loops did not stop well: {error:#}"));
        done
    }

    /// Gives the dump of state and index; nothing else may have the installation open.
    ///
    /// # Panics
    /// When it cannot be opened or read.
    pub fn dump(&self) -> Vec<String> {
        let mut lines = Vec::new();
        self.open()
            .dump(|line| lines.push(line.to_owned()))
            .unwrap_or_else(|error| panic!("no dump: {error:#}"));
        lines
    }
}

/// Waits until everything in the log is searchable, reported and judged, and themes that are due were looked for.
fn settle(shared: &Shared) {
    let done = shared.await_reported(Instant::now() + PATIENCE).expect("the log can be read");
    assert!(done, "the loops did not catch up");
    let judged = shared.await_judged(Instant::now() + PATIENCE).expect("the log can be read");
    assert!(judged, "the days were not judged");
    let themed = shared.await_themes(Instant::now() + PATIENCE).expect("the log can be read");
    assert!(themed, "the themes were not looked for");
}
