//! `groundswell rejudge`: history judged anew in a shadow, and the difference to what is recorded.

use anyhow::Result;
use clap::Args;

use super::access::Access;
use super::output::{Format, print, print_json};
use super::{Context, Exit, grouped};

/// Judge history anew with this program and say what would change; nothing is recorded.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  groundswell rejudge")]
pub struct Rejudge {
    /// text or json.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

impl Rejudge {
    /// Compares.
    pub(super) fn run(self, context: &Context) -> Result<Exit> {
        let access = Access::existing(context)?;
        let compared = access.installation().rejudge();
        access.close()?;
        let compared = compared?;
        if self.format == Format::Json {
            print_json(&compared)?;
            return Ok(Exit::Done);
        }
        let mut out = format!("{} changes stand as they were recorded.\n", grouped(compared.same));
        for (title, lines) in [("Would be found", &compared.found), ("Would not be found", &compared.gone)] {
            if !lines.is_empty() {
                out.push_str(&format!("{title} (issue, day, state):\n"));
                lines.iter().for_each(|line| out.push_str(&format!("  {line}\n")));
            }
        }
        print(&out)?;
        Ok(Exit::Done)
    }
}
