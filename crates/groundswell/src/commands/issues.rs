//! `groundswell issues`: systemic issues listed, shown and acted on. Acting writes an action, which everybody reads back.

use anyhow::Result;
use clap::{Args, Subcommand};

use groundswell_model::{Day, Decision, IssueId};
use groundswell_server::{Deed, Installation};

use super::access::Access;
use super::output::{Format, print, print_json};
use super::{Context, Exit};
use crate::render;

/// List systemic issues, show one, and act on it.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  groundswell issues\n  groundswell issues show fulfilment.timeliness\n  groundswell issues assign fulfilment.timeliness 'Ada Reed'\n  groundswell issues declare-fix fulfilment.timeliness --on 2026-04-01 'back to the old courier'"
)]
pub struct Issues {
    #[command(subcommand)]
    command: Option<Command>,
    /// text or json.
    #[arg(long, value_enum, default_value_t, global = true)]
    format: Format,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// List them, those still to be dealt with first (the default).
    List {
        /// Also those that were seen and not confirmed.
        #[arg(long)]
        all: bool,
    },
    /// Show one: what was expected and what happened, the numbers, the trend, the history.
    Show {
        /// Identity, as the list shows it.
        issue: IssueId,
    },
    /// Give it an owner.
    Assign {
        /// Identity.
        issue: IssueId,
        /// Who owns it from now on.
        owner: String,
        #[command(flatten)]
        by: By,
    },
    /// Say that a fix was, or will be, shipped; its effect is looked at from that day on.
    DeclareFix {
        /// Identity.
        issue: IssueId,
        /// The first day with the fix, YYYY-MM-DD in the reporting zone.
        #[arg(long, value_name = "DAY")]
        on: Day,
        /// What was done.
        what: String,
        #[command(flatten)]
        by: By,
    },
    /// Say how many of the people behind it were told what was done.
    Told {
        /// Identity.
        issue: IssueId,
        /// How many people.
        people: u64,
        #[command(flatten)]
        by: By,
    },
    /// Note something.
    Note {
        /// Identity.
        issue: IssueId,
        /// What to remember.
        note: String,
        #[command(flatten)]
        by: By,
    },
    /// Close it, whatever the counts say.
    Close {
        /// Identity.
        issue: IssueId,
        #[command(flatten)]
        by: By,
    },
    /// Open a closed one again.
    Reopen {
        /// Identity.
        issue: IssueId,
        #[command(flatten)]
        by: By,
    },
}

/// Who decides, and why.
#[derive(Clone, Debug, Args)]
pub(super) struct By {
    /// Who decides.
    #[arg(long = "as", value_name = "NAME", env = "USER", default_value = "somebody")]
    actor: String,
    /// Why.
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
}

impl By {
    /// Gives who decides, and why.
    pub(super) fn into_parts(self) -> (String, Option<String>) {
        (self.actor, self.reason)
    }

    /// Makes the request of a decision.
    pub(super) fn deed(self, decision: Decision) -> Deed {
        Deed { actor: self.actor, reason: self.reason, decision }
    }
}

impl Issues {
    /// Lists, shows or acts.
    pub(super) fn run(self, context: &Context) -> Result<Exit> {
        let access = Access::existing(context)?;
        let shown = self.command.unwrap_or(Command::List { all: false }).carry_out(access.installation());
        access.close()?;
        match (self.format, shown?) {
            (Format::Json, Shown::List(rows)) => print_json(&rows)?,
            (Format::Json, Shown::One(detail)) => print_json(&detail)?,
            (Format::Text, Shown::List(rows)) => print(&render::issues(&rows))?,
            (Format::Text, Shown::One(detail)) => print(&render::issue(&detail))?,
        }
        Ok(Exit::Done)
    }
}

enum Shown {
    List(Vec<groundswell_steps::issues::IssueRow>),
    One(Box<groundswell_steps::issues::IssueDetail>),
}

impl Command {
    fn carry_out(self, installation: &dyn Installation) -> Result<Shown> {
        let (by, decision) = match self {
            Self::List { all } => return Ok(Shown::List(installation.issues(all)?)),
            Self::Show { issue } => return Ok(Shown::One(installation.issue(&issue.to_string())?.into())),
            Self::Assign { issue, owner, by } => (by, Decision::IssueAssigned { issue, owner }),
            Self::DeclareFix { issue, on, what, by } => (by, Decision::FixDeclared { issue, on, what }),
            Self::Told { issue, people, by } => (by, Decision::PeopleTold { issue, people }),
            Self::Note { issue, note, by } => (by, Decision::IssueNoted { issue, note }),
            Self::Close { issue, by } => (by, Decision::IssueClosed { issue }),
            Self::Reopen { issue, by } => (by, Decision::IssueReopened { issue }),
        };
        Ok(Shown::One(installation.act(by.deed(decision))?.into()))
    }
}
