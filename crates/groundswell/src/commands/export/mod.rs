//! `groundswell export`: all hits of a query as CSV, JSON Lines or Parquet, page by page, in bounded memory.

mod columnar;
mod csv;
mod target;

use std::io::{IsTerminal, Write};
use std::path::PathBuf;

use anyhow::Result;
use clap::{Args, ValueEnum};
use serde_json::Value;

use groundswell_search::{MAX_LIMIT, Query};
use groundswell_server::ExportPage;

use super::access::Access;
use super::filters::writer;
use super::output::{complain, grouped, progress};
use super::search::Conditions;
use super::{Context, Exit};
use columnar::Columnar;
use target::Target;

/// Write all hits of a search to a file: CSV, JSON Lines or Parquet, newest first.
#[derive(Debug, Args)]
#[command(
    after_help = "Texts are redacted. Staff are left out where their group, or what remains of it, has fewer than five people.\n\nExamples:\n  groundswell export --stage fulfilment --gap timeliness --out late.csv\n  groundswell export 'call back' --format jsonl > calls.jsonl\n  groundswell export --since 2026-01-01 --format parquet --out feedback.parquet"
)]
pub struct Export {
    #[command(flatten)]
    conditions: Conditions,
    /// csv, jsonl or parquet.
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
    /// One row for each feedback in typed columns; for pandas, DuckDB, Spark. The file appears when it is whole.
    Parquet,
}

impl ExportFormat {
    /// Says whether it may be written to where it goes: what is no text does not belong on a terminal.
    fn suits(self, terminal: bool) -> bool {
        self != Self::Parquet || !terminal
    }
}

/// The column that is a time.
const OCCURRED_AT: &str = "occurred_at";

/// Columns of a row, by their names in a hit.
const COLUMNS: [&str; 12] = [
    "id",
    OCCURRED_AT,
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
        if !format.suits(output.is_none() && std::io::stdout().is_terminal()) {
            complain(
                "Parquet is nothing to read on a terminal: name a file with --out, or redirect the output",
            );
            return Ok(Exit::Misused);
        }
        let query = Query { limit: MAX_LIMIT, ..conditions.into_query(context)? };
        let access = Access::existing(context)?;
        let mut pages = |query: &Query| Ok(access.installation().export(query.clone())?);
        let done = Sink::open(format, output.as_ref()).and_then(|sink| write(&mut pages, query, sink));
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

/// What is being written.
enum Sink {
    Csv(Box<dyn Write>),
    Lines(Box<dyn Write>),
    Columns(Box<Columnar<Target>>),
}

impl Sink {
    fn open(format: ExportFormat, output: Option<&PathBuf>) -> Result<Self> {
        Ok(match format {
            ExportFormat::Csv => {
                let mut out = writer(output)?;
                writeln!(out, "{}", csv::header())?;
                Self::Csv(out)
            }
            ExportFormat::Jsonl => Self::Lines(writer(output)?),
            ExportFormat::Parquet => {
                let target = Target::open(output.map(PathBuf::as_path))?;
                Self::Columns(Box::new(Columnar::begin(target)?))
            }
        })
    }

    fn add(&mut self, hit: &Value) -> Result<()> {
        match self {
            Self::Csv(out) => Ok(writeln!(out, "{}", csv::row(hit))?),
            Self::Lines(out) => Ok(writeln!(out, "{hit}")?),
            Self::Columns(out) => out.add(hit),
        }
    }

    fn finish(self) -> Result<()> {
        match self {
            Self::Csv(mut out) | Self::Lines(mut out) => Ok(out.flush()?),
            Self::Columns(out) => out.finish()?.settle(),
        }
    }
}

/// Gives the page that a query asks for.
type Pages<'a> = &'a mut dyn FnMut(&Query) -> Result<ExportPage>;

/// Writes page after page; gives what the first one said, and how many hits were written.
fn write(pages: Pages<'_>, mut query: Query, mut sink: Sink) -> Result<(ExportPage, u64)> {
    let mut page = pages(&query)?;
    let first = ExportPage { hits: Vec::new(), ..page.clone() };
    let bar = progress(first.feedback, "export");
    let mut written = 0;
    loop {
        for hit in &page.hits {
            sink.add(hit)?;
        }
        written += page.hits.len() as u64;
        bar.set_position(written);
        let Some(next) = page.next.take() else { break };
        query.after = Some(next.parse()?);
        page = pages(&query)?;
    }
    sink.finish()?;
    bar.finish_and_clear();
    Ok((first, written))
}

fn list<'a>(hit: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> {
    hit.get(name).and_then(Value::as_array).into_iter().flatten()
}

/// Gives the types of a hit's unmet expectations.
fn gaps(hit: &Value) -> impl Iterator<Item = &str> {
    list(hit, "gaps").filter_map(|gap| gap.get("type")?.as_str())
}

/// Gives a hit's scores: the metric, and the value as it was given.
fn scores(hit: &Value) -> impl Iterator<Item = (&str, &Value)> {
    list(hit, "scores").filter_map(|score| Some((score.get("metric")?.as_str()?, score.get("value")?)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// The pages of five hits, two a page; the one that begins with hit `broken` fails.
    fn five(query: &Query, broken: usize) -> Result<ExportPage> {
        let place = |hit: usize| format!("00000000.0000000000000000.{hit:016x}");
        let from = (0..5).find(|hit| query.after == place(*hit).parse().ok()).unwrap_or(0);
        anyhow::ensure!(from != broken, "the server is gone");
        let hits = (from..5.min(from + 2)).map(|hit| json!({ "id": format!("fb_{hit}"), "text": "a, b" }));
        let next = (from + 2 < 5).then(|| place(from + 2));
        Ok(ExportPage { hits: hits.collect(), next, people: 4, feedback: 5, ..ExportPage::default() })
    }

    fn written(format: ExportFormat, broken: usize) -> (Result<(ExportPage, u64)>, Option<Vec<u8>>) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out");
        let sink = Sink::open(format, Some(&path)).unwrap();
        let done = write(&mut |query| five(query, broken), Query::default(), sink);
        (done, std::fs::read(path).ok())
    }

    #[test]
    fn every_page_is_written_in_every_format() {
        for format in [ExportFormat::Csv, ExportFormat::Jsonl, ExportFormat::Parquet] {
            let (done, bytes) = written(format, 9);
            let (first, hits) = done.unwrap();
            assert_eq!((first.people, first.feedback, hits), (4, 5, 5), "{format:?}");
            let bytes = bytes.unwrap();
            let lines = || String::from_utf8(bytes.clone()).unwrap().lines().count();
            match format {
                ExportFormat::Csv => assert_eq!(lines(), 6, "with its header"),
                ExportFormat::Jsonl => assert_eq!(lines(), 5),
                ExportFormat::Parquet => assert!(bytes.starts_with(b"PAR1") && bytes.ends_with(b"PAR1")),
            }
        }
    }

    #[test]
    fn parquet_is_not_written_to_a_terminal() {
        assert!(ExportFormat::Csv.suits(true) && ExportFormat::Jsonl.suits(true));
        assert!(ExportFormat::Parquet.suits(false) && !ExportFormat::Parquet.suits(true));
    }

    #[test]
    fn a_parquet_file_of_an_interrupted_export_never_appears() {
        let (done, bytes) = written(ExportFormat::Parquet, 2);
        assert_eq!(done.unwrap_err().to_string(), "the server is gone");
        assert_eq!(bytes, None);
    }
}
