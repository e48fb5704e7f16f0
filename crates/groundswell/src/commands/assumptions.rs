//! `groundswell assumptions`: what the price of issues rests on, shown with its sources and changed by actions.

use std::fmt::Write;

use anyhow::Result;
use clap::{Args, Subcommand};

use groundswell_model::{Decision, GapType};
use groundswell_server::{AssumptionList, Deed};

use super::access::Access;
use super::issues::By;
use super::output::{Format, print, print_json};
use super::{Context, Exit};

/// Show and change what the price of an issue rests on.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  groundswell assumptions --gap timeliness\n  groundswell assumptions set articulation 0.42 --gap timeliness --weight 180 --measured --source 'survey of March'\n  groundswell assumptions reset articulation --gap timeliness\n  groundswell assumptions preset 'TARP slogan'"
)]
pub struct Assumptions {
    #[command(subcommand)]
    command: Option<Command>,
    /// The gap type that is shown, or changed; without one all are changed.
    #[arg(long, global = true)]
    gap: Option<GapType>,
    /// text or json.
    #[arg(long, value_enum, default_value_t, global = true)]
    format: Format,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Put another value in place of one.
    Set {
        /// Code of the quantity, as the list shows it.
        quantity: String,
        /// A share from 0 to 1, a number of people, or money.
        value: f64,
        /// How many people's answers a share weighs as much as.
        #[arg(long)]
        weight: Option<f64>,
        /// It was measured with your own customers.
        #[arg(long)]
        measured: bool,
        /// Where it comes from.
        #[arg(long)]
        source: String,
        #[command(flatten)]
        by: By,
    },
    /// Give a quantity its preset value again.
    Reset {
        /// Code of the quantity.
        quantity: String,
        #[command(flatten)]
        by: By,
    },
    /// Choose the preset: usual, 'TARP large loss', 'TARP small loss' or 'TARP slogan'.
    Preset {
        /// Its name.
        preset: String,
        #[command(flatten)]
        by: By,
    },
}

impl Assumptions {
    /// Shows, or changes and shows.
    pub(super) fn run(self, context: &Context) -> Result<Exit> {
        let gap = self.gap;
        let shown = gap.unwrap_or(GapType::Timeliness);
        let access = Access::existing(context)?;
        let changed = self.command.map_or(Ok(()), |command| access.installation().assume(command.deed(gap)));
        let list = changed.and_then(|()| access.installation().assumptions(shown.as_str()));
        access.close()?;
        let list = list?;
        match self.format {
            Format::Json => print_json(&list)?,
            Format::Text => print(&text(&list, shown)?)?,
        }
        Ok(Exit::Done)
    }
}

impl Command {
    fn deed(self, gap: Option<GapType>) -> Deed {
        let (by, decision) = match self {
            Self::Set { quantity, value, weight, measured, source, by } => {
                (by, Decision::AssumptionSet { quantity, gap, value, weight, measured, source })
            }
            Self::Reset { quantity, by } => (by, Decision::AssumptionReset { quantity, gap }),
            Self::Preset { preset, by } => (by, Decision::PresetChosen { preset }),
        };
        by.deed(decision)
    }
}

fn text(list: &AssumptionList, gap: GapType) -> Result<String> {
    let mut out = format!("What an issue of {gap} costs rests on (preset: {})\n\n", list.preset);
    writeln!(out, "  {:<19}{:>9}{:>8}  {:<9} from", "quantity", "value", "weight", "")?;
    for row in &list.assumptions {
        let weight = row.weight.map_or_else(String::new, |weight| format!("{weight:.0}"));
        let changed = if row.changed { " (changed)" } else { "" };
        writeln!(
            out,
            "  {:<19}{:>9.3}{weight:>8}  {:<9} {}{changed}",
            row.quantity, row.value, row.footing, row.source
        )?;
    }
    if let Some(warning) = &list.warning {
        writeln!(out, "\n{warning}")?;
    }
    Ok(out)
}
