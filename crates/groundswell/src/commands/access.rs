//! Reaching an installation: through the running server if one holds the data folder, else by opening the folder.

use std::time::{Duration, Instant};

use anyhow::Result;

use groundswell_server::Installation;

use super::Context;
use crate::clock::Clock;
use crate::engine::{Engine, Opening, Roles, Running};
use crate::remote::Remote;

/// An installation that a command works with.
pub enum Access {
    /// Behind the running server.
    Remote(Remote),
    /// Open in this process, with its loops.
    Local(Running),
}

impl Access {
    /// Reaches the installation of a data folder.
    ///
    /// # Errors
    /// When the folder is in use by a process that does not answer, or cannot be opened.
    pub fn of(context: &Context) -> Result<Self> {
        if let Some(remote) = Remote::find(&context.data)? {
            return Ok(Self::Remote(remote));
        }
        let opening = Opening {
            config: context.config.clone(),
            data: context.data.clone(),
            clock: Clock::system(),
            roles: Roles::ALL,
        };
        Ok(Self::Local(Engine::open(opening)?.start()?))
    }

    /// Reaches the installation of a data folder that must be there already.
    ///
    /// # Errors
    /// As [`Access::of`]; and when nothing was ever stored in the folder.
    pub fn existing(context: &Context) -> Result<Self> {
        anyhow::ensure!(
            context.data.exists(),
            "nothing is stored in {} yet: run `groundswell demo`, `groundswell import FILE`, or name another folder with --data",
            context.data.root().display()
        );
        let access = Self::of(context)?;
        if let Self::Local(running) = &access {
            // What takes minutes is not begun by a command that only looks.
            running.shared().look_for_nothing();
            // A report right after a crash first folds what the log already holds.
            let deadline = Instant::now() + Duration::from_secs(3600);
            running.shared().await_reported(deadline)?;
            running.shared().await_judged(deadline)?;
        }
        Ok(access)
    }

    /// Gives the installation.
    pub fn installation(&self) -> &dyn Installation {
        match self {
            Self::Remote(remote) => remote,
            Self::Local(running) => running.shared().as_ref(),
        }
    }

    /// Ends the work; a local installation stops its loops.
    ///
    /// # Errors
    /// The faults of loops.
    pub fn close(self) -> Result<()> {
        match self {
            Self::Remote(_) => Ok(()),
            Self::Local(running) => running.stop(),
        }
    }
}
