//! `groundswell export`: all hits of a query as CSV or JSON Lines, page by page, in bounded memory.

use std::io::Write;
use std::path::PathBuf;

use anyhow::Result;
use clap::{Args, ValueEnum};
use serde_json::Value;

use groundswell_search::{MAX_LIMIT, Query};
use groundswell_server::{ExportPage, Installation};

use super::access::Access;
use super::filters::writer;
use super::output::{complain, grouped, progress};
use super::search::Conditions;
use super::{Context, Exit};

/// Write all hits of a search to a file: CSV or JSON Lines, newest first.
#[derive(Debug, Args)]
#[command(
    after_help = "Texts are redacted. Staff are left out where their group, or what remains of it, has fewer than five people.\n\nExamples:\n  groundswell export --stage fulfilment --gap timeliness --out late.csv\n  groundswell export 'call back' --format jsonl > calls.jsonl"
)]
pub struct Export {
    #[command(flatten)]
    conditions: Conditions,
    /// csv or jsonl.
    #[arg(long, value_enum, default_value_t)]
    format: ExportFormat,
    /// Standard output if absent.
    #[arg(long = "out", value_name = "FILE")]
    output: Option<PathBuf>,
}

/// The format of an export.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum ExportFormat {
    /// One row for each feedback; for spreadsheets.
    #[default]
    Csv,
    /// One object for each feedback, in the shape of a search's hits.
    Jsonl,
}

/// Columns of a row, by their names in a hit.
const COLUMNS: [&str; 12] = [
    "id",
    "occurred_at",
    "kind",
    "channel",
    "source",
    "record",
    "link",
    "stage",
    "touchpoint",
    "phase",
    "theme",
    "text",
];

impl Export {
    /// Exports.
    pub(super) fn run(self, context: &Context) -> Result<Exit> {
        let Self { conditions, format, output } = self;
        let query = Query { limit: MAX_LIMIT, ..conditions.into_query(context)? };
        let access = Access::existing(context)?;
        let done = write(access.installation(), query, format, output.as_ref());
        access.close()?;
        let (first, written) = done?;
        for ignored in &first.ignored {
            complain(&format!("not understood: {ignored}"));
        }
        if !first.withheld.is_empty() {
            complain("staff are left out, as their group is too small");
        }
        complain(&format!("{} feedback of {} people written", grouped(written), grouped(first.people)));
        Ok(Exit::Done)
    }
}

/// Writes page after page; gives what the first one said, and how many hits were written.
fn write(
    installation: &dyn Installation,
    mut query: Query,
    format: ExportFormat,
    output: Option<&PathBuf>,
) -> Result<(ExportPage, u64)> {
    let mut out = writer(output)?;
    let mut page = installation.export(query.clone())?;
    let first = ExportPage { hits: Vec::new(), ..page.clone() };
    let bar = progress(first.feedback, "export");
    if format == ExportFormat::Csv {
        writeln!(out, "{},gaps,scores", COLUMNS.join(","))?;
    }
    let mut written = 0;
    loop {
        for hit in &page.hits {
            match format {
                ExportFormat::Csv => writeln!(out, "{}", row(hit))?,
                ExportFormat::Jsonl => writeln!(out, "{hit}")?,
            }
        }
        written += page.hits.len() as u64;
        bar.set_position(written);
        let Some(next) = page.next.take() else { break };
        query.after = Some(next.parse()?);
        page = installation.export(query.clone())?;
    }
    out.flush()?;
    bar.finish_and_clear();
    Ok((first, written))
}

fn row(hit: &Value) -> String {
    let cell = |name: &&str| quoted(hit.get(*name).and_then(Value::as_str).unwrap_or_default());
    let list = |name: &str| hit.get(name).and_then(Value::as_array).cloned().unwrap_or_default();
    let gaps: Vec<String> =
        list("gaps").iter().filter_map(|gap| Some(gap.get("type")?.as_str()?.to_owned())).collect();
    let score = |score: &Value| Some(format!("{}={}", score.get("metric")?.as_str()?, score.get("value")?));
    let scores: Vec<String> = list("scores").iter().filter_map(score).collect();
    let cells = COLUMNS.iter().map(cell).chain([quoted(&gaps.join(" ")), quoted(&scores.join(" "))]);
    cells.collect::<Vec<_>>().join(",")
}

/// A cell in quotation marks where it needs them (RFC 4180). What a spreadsheet would take for a formula begins with an
/// apostrophe.
fn quoted(text: &str) -> String {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let text = if formula { format!("'{text}") } else { text.to_owned() };
    if text.contains(['"', ',', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn cells_are_quoted_and_never_formulas() {
        assert_eq!(quoted("plain"), "plain");
        assert_eq!(quoted("one, \"two\"\nthree"), "\"one, \"\"two\"\"\nthree\"");
        assert_eq!(quoted("=1+1"), "'=1+1");
        assert_eq!(quoted("@SUM(A1),x"), "\"'@SUM(A1),x\"");
        let hit = json!({ "id": "fb_x", "kind": "survey", "text": "Late, again", "gaps": [{ "type": "timeliness" }],
            "scores": [{ "metric": "nps", "value": 3.0 }] });
        assert_eq!(row(&hit), "fb_x,,survey,,,,,,,,,\"Late, again\",timeliness,nps=3.0");
        assert_eq!(row(&hit).split(',').count(), COLUMNS.len() + 3, "a comma of the text, and two lists");
    }
}
