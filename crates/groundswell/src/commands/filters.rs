//! `groundswell annotate` and `groundswell redact`: the analysis as filters. Stateless, in order, one line out for each
//! line in; a bad line gives an error line, and exit code 1 at the end.

use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::PathBuf;

use anyhow::{Context as _, Result};
use clap::Args;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use groundswell_annotate::{Annotator, Mapper, filter};
use groundswell_model::JourneyMap;
use groundswell_text::Redactor;

use super::output::complain;
use super::{Context, Exit};
use crate::engine::journey;

/// Longest line that is read, in bytes.
const MAX_LINE: usize = 16 << 20;

/// Annotate texts as a filter: JSON Lines in, JSON Lines out.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  echo '{\"id\":1,\"text\":\"You promised two days, it took nine.\"}' | groundswell annotate"
)]
pub struct Annotate {
    /// Lines of {"id", "text"} and optionally kind, channel, language, occurred_at, context, clock; standard input if absent.
    #[arg(long = "in", value_name = "FILE")]
    input: Option<PathBuf>,
    /// Standard output if absent.
    #[arg(long = "out", value_name = "FILE")]
    output: Option<PathBuf>,
    /// Name the likeliest stage even below the threshold.
    #[arg(long)]
    best_stage: bool,
    /// Another journey map.
    #[arg(long, value_name = "FILE")]
    map: Option<PathBuf>,
}

impl Annotate {
    /// Annotates every line.
    pub(super) fn run(self, context: &Context) -> Result<Exit> {
        let map = match &self.map {
            None => journey(&context.config)?,
            Some(path) => {
                let text = std::fs::read_to_string(path)
                    .with_context(|| format!("cannot read {}", path.display()))?;
                JourneyMap::parse(&text)?
            }
        };
        let annotator = Annotator::new()?;
        let mapper = Mapper::new(map)?;
        let work = |line: &str| match filter::run(line, &annotator, &mapper, self.best_stage) {
            Ok(output) => Ok(serde_json::to_string(&output)?),
            Err(error) => Err(Bad { code: error.code(), message: error.to_string() }),
        };
        each_line(self.input, self.output, work)
    }
}

/// Redact texts as a filter: JSON Lines in, JSON Lines out.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  echo '{\"id\":1,\"text\":\"write to anna@example.com\"}' | groundswell redact"
)]
pub struct Redact {
    /// Lines of {"id", "text"}; standard input if absent.
    #[arg(long = "in", value_name = "FILE")]
    input: Option<PathBuf>,
    /// Standard output if absent.
    #[arg(long = "out", value_name = "FILE")]
    output: Option<PathBuf>,
}

#[derive(Deserialize)]
struct Line {
    id: Value,
    text: String,
}

/// A line of output; the order of its fields is part of the contract.
#[derive(Serialize)]
struct Redacted {
    id: Value,
    text: String,
    spans: Vec<Value>,
}

impl Redact {
    /// Redacts every line.
    pub(super) fn run(self) -> Result<Exit> {
        let redactor = Redactor::new();
        let work = |line: &str| {
            let Line { id, text } = serde_json::from_str(line).map_err(|error| Bad {
                code: "filter.bad_line",
                message: format!("not an object with id and text, at column {}", error.column()),
            })?;
            let redacted = redactor.redact(&text, &[]);
            let spans: Vec<_> = redacted
                .spans
                .iter()
                .map(|span| json!({ "start": span.start, "end": span.end, "type": span.kind.as_str() }))
                .collect();
            Ok(serde_json::to_string(&Redacted { id, text: redacted.text, spans })?)
        };
        each_line(self.input, self.output, work)
    }
}

/// What is wrong with a line.
struct Bad {
    code: &'static str,
    message: String,
}

impl From<serde_json::Error> for Bad {
    fn from(error: serde_json::Error) -> Self {
        Self { code: "filter.unwritable", message: error.to_string() }
    }
}

fn each_line(
    input: Option<PathBuf>,
    output: Option<PathBuf>,
    work: impl Fn(&str) -> Result<String, Bad>,
) -> Result<Exit> {
    let mut reader: Box<dyn BufRead> = match &input {
        None => Box::new(std::io::stdin().lock()),
        Some(path) => Box::new(BufReader::new(
            File::open(path).with_context(|| format!("cannot read {}", path.display()))?,
        )),
    };
    let mut writer: Box<dyn Write> = match &output {
        None => Box::new(BufWriter::new(std::io::stdout().lock())),
        Some(path) => Box::new(BufWriter::new(
            File::create(path).with_context(|| format!("cannot write {}", path.display()))?,
        )),
    };
    let mut bad = 0_u64;
    let mut line = Vec::new();
    loop {
        let long = match read_line(reader.as_mut(), &mut line)? {
            None => break,
            Some(long) => long,
        };
        if line.iter().all(u8::is_ascii_whitespace) && !long {
            continue;
        }
        let result = if long {
            Err(Bad { code: "filter.too_long", message: format!("the line is over {MAX_LINE} bytes") })
        } else {
            match std::str::from_utf8(&line) {
                Ok(text) => work(text),
                Err(_) => Err(Bad { code: "filter.not_utf8", message: "the line is not UTF-8".to_owned() }),
            }
        };
        let written = result.unwrap_or_else(|fault| {
            bad += 1;
            json!({ "id": id_of(&line), "error": { "code": fault.code, "message": fault.message } })
                .to_string()
        });
        writeln!(writer, "{written}")?;
    }
    writer.flush()?;
    if bad > 0 {
        complain(&format!("{bad} lines could not be read; each has an error line in the output"));
        return Ok(Exit::Fault);
    }
    Ok(Exit::Done)
}

/// Reads a line without its end; says whether it was over the limit (what is over it is dropped).
fn read_line(reader: &mut dyn BufRead, line: &mut Vec<u8>) -> Result<Option<bool>> {
    line.clear();
    let mut any = false;
    let mut long = false;
    loop {
        let available = reader.fill_buf()?;
        if available.is_empty() {
            return Ok(any.then_some(long));
        }
        any = true;
        let end = available.iter().position(|byte| *byte == b'\n');
        let taken = available.get(..end.unwrap_or(available.len())).unwrap_or_default();
        let room = MAX_LINE.saturating_sub(line.len());
        long |= taken.len() > room;
        line.extend_from_slice(taken.get(..taken.len().min(room)).unwrap_or_default());
        let consumed = taken.len() + usize::from(end.is_some());
        reader.consume(consumed);
        if end.is_some() {
            return Ok(Some(long));
        }
    }
}

/// Gives the id of a line whose rest may be faulty.
fn id_of(line: &[u8]) -> Value {
    let value: Value = serde_json::from_slice(line).unwrap_or(Value::Null);
    value.get("id").cloned().unwrap_or(Value::Null)
}
