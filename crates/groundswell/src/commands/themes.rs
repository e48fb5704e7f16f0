//! `groundswell themes`: themes listed, shown, edited and looked for anew. Editing writes an action, which everybody reads back.

use std::time::Duration;

use anyhow::{Result, bail};
use clap::{Args, Subcommand};

use groundswell_model::{Decision, FeedbackId, ThemeEdit, ThemeId, ThemePart};
use groundswell_server::{
    Installation, Recorded, ThemeDetail, ThemeDiff, ThemeList, ThemeQuery, ThemeRunRequest,
};
use groundswell_steps::decided::themes::ThemeEditRow;

use super::access::Access;
use super::issues::By;
use super::output::{Format, THEME_STEPS, print, print_json, progress, theme_position};
use super::report::Days;
use super::{Context, Exit};
use crate::render;

/// Themes that are written as text, where nobody says how many.
const SHOWN: usize = 30;

/// How long one waits for a search before one looks how far it is.
const LOOK: Duration = Duration::from_secs(1);

/// What people speak of: list themes, show one, make them yours.
#[derive(Debug, Args)]
#[command(
    after_help = "A theme is named by its id (t12) or its name. Every edit has a number and can be undone; no run changes a theme that a person edited.\n\nExamples:\n  groundswell themes\n  groundswell themes list --since 2026-03-01 --all\n  groundswell themes show t3 --parts\n  groundswell themes rename t3 'Courier comes late'\n  groundswell themes merge t3 t7 t12\n  groundswell themes split t3 --query 'damaged OR broken' --name 'Damaged parcels'\n  groundswell themes undo 57"
)]
pub struct Themes {
    #[command(subcommand)]
    command: Option<Command>,
    /// text or json.
    #[arg(long, value_enum, default_value_t, global = true)]
    format: Format,
}

/// Who edits, why, and what they had seen.
#[derive(Debug, Args)]
struct Editing {
    /// The last edit that you had seen (`version` of the list as JSON): where the theme was edited since, nothing is done.
    #[arg(long, value_name = "NUMBER")]
    seen: Option<u64>,
    #[command(flatten)]
    by: By,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// List them, pinned ones first, then by how many people speak of them (the default).
    List {
        #[command(flatten)]
        days: Days,
        /// Hidden ones as well.
        #[arg(long)]
        all: bool,
        /// The topics above them as well.
        #[arg(long)]
        topics: bool,
        /// Most themes that are written as text; 0 for all.
        #[arg(long, default_value_t = SHOWN)]
        limit: usize,
        /// What people made of themes instead, the latest first.
        #[arg(long, conflicts_with_all = ["all", "topics", "since", "until", "kind"])]
        edits: bool,
    },
    /// Show one: its figures, its weeks, what people say, its edits.
    Show {
        /// Id or name.
        theme: String,
        #[command(flatten)]
        days: Days,
        /// What it may be split into: so many parts, or as many as fit.
        #[arg(long, value_name = "N", num_args = 0..=1, default_missing_value = "0")]
        parts: Option<u32>,
    },
    /// Give it a name of yours.
    Rename {
        /// Id or name.
        theme: String,
        /// Its name from now on.
        name: String,
        #[command(flatten)]
        editing: Editing,
    },
    /// Make several themes one. It is seen at once, and can be undone.
    Merge {
        /// The one that stays.
        into: String,
        /// Those that go into it.
        #[arg(required = true)]
        themes: Vec<String>,
        #[command(flatten)]
        editing: Editing,
    },
    /// Make one theme several: by a query, or by parts that are found.
    Split {
        /// Id or name.
        theme: String,
        /// What is found by this query comes off; what is found later joins at each run.
        #[arg(long, conflicts_with = "parts")]
        query: Option<String>,
        /// So many parts; without it, and without a query, as many as fit.
        #[arg(long, value_parser = clap::value_parser!(u32).range(2..=50))]
        parts: Option<u32>,
        /// Name of what comes off; repeat for several parts.
        #[arg(long)]
        name: Vec<String>,
        #[command(flatten)]
        editing: Editing,
    },
    /// Show it no longer, or again. Its feedback is found all the same.
    Hide {
        /// Id or name.
        theme: String,
        /// Show it again.
        #[arg(long)]
        off: bool,
        #[command(flatten)]
        editing: Editing,
    },
    /// Put it first and keep it as it is, or no longer.
    Pin {
        /// Id or name.
        theme: String,
        /// Pin it no longer.
        #[arg(long)]
        off: bool,
        #[command(flatten)]
        editing: Editing,
    },
    /// Move feedback to a theme, or out of any.
    Move {
        /// Ids of feedback, as a search shows them.
        #[arg(required = true)]
        feedback: Vec<FeedbackId>,
        /// Id or name; out of any theme without it.
        #[arg(long)]
        to: Option<String>,
        #[command(flatten)]
        by: By,
    },
    /// Make a theme of your own: the hits of a query, or what is near to examples.
    Define {
        /// Its name.
        name: String,
        /// The hits of this query; what is found later joins at each run.
        #[arg(long, conflicts_with = "examples")]
        query: Option<String>,
        /// Ids of feedback that it is about.
        #[arg(required_unless_present = "query")]
        examples: Vec<FeedbackId>,
        #[command(flatten)]
        by: By,
    },
    /// Undo an edit.
    Undo {
        /// Its number, as `themes list --edits` shows it.
        edit: u64,
        #[command(flatten)]
        by: By,
    },
    /// Look for themes now. Those that people edited stay as they are.
    Run {
        /// Begin from nothing but the themes that people edited.
        #[arg(long)]
        afresh: bool,
        #[command(flatten)]
        by: By,
    },
    /// Say how the last run differs from the one before.
    Diff,
}

enum Shown {
    List(ThemeList),
    Edits(Vec<ThemeEditRow>),
    One(Box<ThemeDetail>),
    Made(Recorded),
    Diff(ThemeDiff),
}

impl Themes {
    /// Lists, shows, edits or looks for themes.
    pub(super) fn run(self, context: &Context) -> Result<Exit> {
        let access = Access::existing(context)?;
        let command = self.command.unwrap_or(Command::List {
            days: Days::default(),
            all: false,
            topics: false,
            limit: SHOWN,
            edits: false,
        });
        let limit = match command {
            Command::List { limit, .. } => limit,
            _ => 0,
        };
        let shown = command.carry_out(access.installation());
        access.close()?;
        match (self.format, shown?) {
            (Format::Json, Shown::List(list)) => print_json(&list)?,
            (Format::Json, Shown::Edits(edits)) => print_json(&edits)?,
            (Format::Json, Shown::One(detail)) => print_json(&detail)?,
            (Format::Json, Shown::Made(recorded)) => print_json(&recorded)?,
            (Format::Json, Shown::Diff(diff)) => print_json(&diff)?,
            (Format::Text, Shown::List(list)) => print(&render::themes(&list, limit))?,
            (Format::Text, Shown::Edits(edits)) => print(&render::theme_edits(&edits))?,
            (Format::Text, Shown::One(detail)) => print(&render::theme(&detail))?,
            (Format::Text, Shown::Made(recorded)) => print(&made(&recorded))?,
            (Format::Text, Shown::Diff(diff)) => print(&render::theme_diff(&diff))?,
        }
        Ok(Exit::Done)
    }
}

impl Command {
    fn carry_out(self, installation: &dyn Installation) -> Result<Shown> {
        let id = |text: &str| -> Result<ThemeId> {
            match text.parse() {
                Ok(id) => Ok(id),
                Err(_) => Ok(installation.theme(text, &ThemeQuery::default(), None)?.theme.id.parse()?),
            }
        };
        let (editing, edit) = match self {
            Self::List { edits: true, .. } => return Ok(Shown::Edits(installation.theme_edits()?)),
            Self::List { days, all, topics, .. } => {
                let asked = ThemeQuery { topics, ..query(days, all) };
                return Ok(Shown::List(installation.themes(&asked)?));
            }
            Self::Show { theme, days, parts } => {
                return Ok(Shown::One(installation.theme(&theme, &query(days, true), parts)?.into()));
            }
            Self::Diff => return Ok(Shown::Diff(installation.theme_diff()?)),
            Self::Run { afresh, by } => return find(installation, by, afresh),
            Self::Undo { edit, by } => {
                return Ok(Shown::Made(installation.decide(by.deed(Decision::ThemeEditUndone { edit }))?));
            }
            Self::Rename { theme, name, editing } => {
                (editing, ThemeEdit::Rename { theme: id(&theme)?, name })
            }
            Self::Merge { into, themes, editing } => {
                let themes = themes.iter().map(|theme| id(theme)).collect::<Result<_>>()?;
                (editing, ThemeEdit::Merge { into: id(&into)?, themes })
            }
            Self::Split { theme, query, parts, name, editing } => {
                let parts = open_parts(parts, name);
                (editing, ThemeEdit::Split { theme: id(&theme)?, keeps: None, parts, query })
            }
            Self::Hide { theme, off, editing } => {
                (editing, ThemeEdit::Hide { theme: id(&theme)?, hidden: !off })
            }
            Self::Pin { theme, off, editing } => {
                (editing, ThemeEdit::Pin { theme: id(&theme)?, pinned: !off })
            }
            Self::Move { feedback, to, by } => {
                let theme = to.map(|to| id(&to)).transpose()?;
                (Editing { seen: None, by }, ThemeEdit::Move { feedback, theme })
            }
            Self::Define { name, query, examples, by } => {
                let edit = ThemeEdit::Define { name, query, feedback: examples, centroid: None };
                (Editing { seen: None, by }, edit)
            }
        };
        let decision = Decision::ThemesEdited { edit, seen: editing.seen };
        Ok(Shown::Made(installation.decide(editing.by.deed(decision))?))
    }
}

/// Parts of which only the names are said: as many as come off, or none where their number is to be found.
fn open_parts(parts: Option<u32>, names: Vec<String>) -> Vec<ThemePart> {
    let count = parts.map_or(names.len(), |parts| parts as usize - 1);
    let mut names = names.into_iter();
    (0..count).map(|_| ThemePart { name: names.next(), ..ThemePart::default() }).collect()
}

fn query(days: Days, all: bool) -> ThemeQuery {
    let Days { since, until, kind } = days;
    ThemeQuery { since, until, kind, all, topics: false }
}

/// Looks for themes, shows how far it is, and gives what differs in the end.
fn find(installation: &dyn Installation, by: By, afresh: bool) -> Result<Shown> {
    let (actor, _) = by.into_parts();
    let begun = installation.theme_search(Duration::ZERO)?.ended;
    installation.find_themes(&ThemeRunRequest { actor, afresh })?;
    let bar = progress(THEME_STEPS, "themes");
    loop {
        let search = installation.theme_search(LOOK)?;
        if !search.running && search.ended > begun {
            bar.finish_and_clear();
            return match search.fault {
                Some(fault) => bail!("themes were not looked for: {fault}"),
                None => Ok(Shown::Diff(installation.theme_diff()?)),
            };
        }
        bar.set_position(theme_position(search.step.as_deref().unwrap_or_default(), search.share));
    }
}

/// Says what became of an edit.
fn made(recorded: &Recorded) -> String {
    let mut out = super::corrections::made(recorded);
    if !recorded.themes.is_empty() {
        out.push_str(&format!("made: {}\n", recorded.themes.join(", ")));
    }
    out.push_str(
        &recorded.number.map_or_else(String::new, |number| {
            format!("to take it back: groundswell themes undo {number}\n")
        }),
    );
    out
}
