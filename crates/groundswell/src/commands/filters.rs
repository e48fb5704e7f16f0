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

/// A line of input: an id and a text; what else it holds is not looked at.
#[derive(Deserialize)]
pub(super) struct Line {
    pub(super) id: Value,
    pub(super) text: String,
}

impl Line {
    /// Reads a line.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, Bad> {
        serde_json::from_str(text_of(bytes)?).map_err(|error| Bad {
            code: "filter.bad_line",
            message: format!("not an object with id and text, at column {}", error.column()),
        })
    }
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
            let Line { id, text } = Line::read(line.as_bytes())?;
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
#[derive(Debug)]
pub(super) struct Bad {
    code: &'static str,
    message: String,
}

impl From<serde_json::Error> for Bad {
    fn from(error: serde_json::Error) -> Self {
        Self { code: "filter.unwritable", message: error.to_string() }
    }
}

/// Opens a file, or standard input.
pub(super) fn reader(input: Option<&PathBuf>) -> Result<Box<dyn BufRead>> {
    Ok(match input {
        None => Box::new(std::io::stdin().lock()),
        Some(path) => Box::new(BufReader::new(
            File::open(path).with_context(|| format!("cannot read {}", path.display()))?,
        )),
    })
}

/// Opens a file to write, or standard output.
pub(super) fn writer(output: Option<&PathBuf>) -> Result<Box<dyn Write>> {
    Ok(match output {
        None => Box::new(BufWriter::new(std::io::stdout().lock())),
        Some(path) => Box::new(BufWriter::new(
            File::create(path).with_context(|| format!("cannot write {}", path.display()))?,
        )),
    })
}

fn each_line(
    input: Option<PathBuf>,
    output: Option<PathBuf>,
    work: impl Fn(&str) -> Result<String, Bad>,
) -> Result<Exit> {
    let mut reader = reader(input.as_ref())?;
    let mut writer = writer(output.as_ref())?;
    let mut bad = 0_u64;
    lines(reader.as_mut(), &mut |line| {
        let (id, result) = match line {
            Err(fault) => (Value::Null, Err(fault)),
            Ok(bytes) => (id_of(bytes), text_of(bytes).and_then(&work)),
        };
        let written = result.unwrap_or_else(|fault| {
            bad += 1;
            error_line(&id, &fault)
        });
        Ok(writeln!(writer, "{written}")?)
    })?;
    writer.flush()?;
    if bad > 0 {
        complain(&format!("{bad} lines could not be read; each has an error line in the output"));
        return Ok(Exit::Fault);
    }
    Ok(Exit::Done)
}

/// What is done with each line.
pub(super) type Each<'a> = &'a mut dyn FnMut(Result<&[u8], Bad>) -> Result<()>;

/// Gives every line of the input, or what is wrong with it. Empty lines before another line count, those at the end do not.
pub(super) fn lines(reader: &mut dyn BufRead, each: Each<'_>) -> Result<()> {
    let mut empty = 0_u64;
    let mut line = Vec::new();
    while let Some(long) = read_line(reader, &mut line)? {
        if line.iter().all(u8::is_ascii_whitespace) && !long {
            empty += 1;
            continue;
        }
        for _ in 0..std::mem::take(&mut empty) {
            each(Err(Bad { code: "filter.bad_line", message: "the line is empty".to_owned() }))?;
        }
        if long {
            each(Err(Bad {
                code: "filter.too_long",
                message: format!("the line is over {MAX_LINE} bytes"),
            }))?;
        } else {
            each(Ok(&line))?;
        }
    }
    Ok(())
}

fn text_of(bytes: &[u8]) -> Result<&str, Bad> {
    std::str::from_utf8(bytes)
        .map_err(|_| Bad { code: "filter.not_utf8", message: "the line is not UTF-8".to_owned() })
}

pub(super) fn error_line(id: &Value, fault: &Bad) -> String {
    json!({ "id": id, "error": { "code": fault.code, "message": fault.message } }).to_string()
}

/// Reads a line without its end; says whether it was over the limit (what is over it is dropped).
pub(super) fn read_line(reader: &mut dyn BufRead, line: &mut Vec<u8>) -> Result<Option<bool>> {
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
pub(super) fn id_of(line: &[u8]) -> Value {
    let value: Value = serde_json::from_slice(line).unwrap_or(Value::Null);
    value.get("id").cloned().unwrap_or(Value::Null)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Runs the filter over bytes; gives how it ended and its lines.
    fn redacted(bytes: &[u8]) -> (Exit, Vec<Value>) {
        let folder = tempfile::tempdir().unwrap();
        let (input, output) = (folder.path().join("in"), folder.path().join("out"));
        std::fs::write(&input, bytes).unwrap();
        let exit = Redact { input: Some(input), output: Some(output.clone()) }.run().unwrap();
        let text = std::fs::read_to_string(output).unwrap();
        (exit, text.lines().map(|line| serde_json::from_str(line).unwrap()).collect())
    }

    #[test]
    fn redacted_lines_have_their_offsets_in_scalar_values_of_the_input() {
        let line = json!({ "id": 1, "text": "Grüße 😀 an anna@example.com und +49 30 901820" });
        let (exit, lines) = redacted(format!("{line}\n").as_bytes());
        assert_eq!(exit, Exit::Done);
        let text: Vec<char> = line["text"].as_str().unwrap().chars().collect();
        let spans = lines[0]["spans"].as_array().unwrap();
        let cut = |span: &Value| -> String {
            let at = |name: &str| usize::try_from(span[name].as_u64().unwrap()).unwrap();
            text[at("start")..at("end")].iter().collect()
        };
        assert_eq!(cut(&spans[0]), "anna@example.com");
        assert_eq!(spans[0]["type"], "email");
        assert_eq!(lines[0]["text"].as_str().unwrap().split(" und ").next(), Some("Grüße 😀 an [email]"));
        let mut keys: Vec<_> = lines[0].as_object().unwrap().keys().map(String::as_str).collect();
        keys.sort_unstable();
        assert_eq!(keys, ["id", "spans", "text"]);
    }

    #[test]
    fn every_line_has_its_line_in_order_and_a_bad_one_says_why() {
        let mut bytes = b"{\"id\":\"a\",\"text\":\"one\"}\n\n{\"id\":\"b\"}\nnothing\n".to_vec();
        bytes.extend(b"\xff\xfe\n{\"id\":\"c\",\"text\":\"\"}\r\n\n  \n");
        let (exit, lines) = redacted(&bytes);
        assert_eq!(exit, Exit::Fault);
        assert_eq!(lines.len(), 6, "empty lines at the end have none: {lines:?}");
        assert_eq!(lines[0], json!({ "id": "a", "text": "one", "spans": [] }));
        let code = |at: usize| lines[at]["error"]["code"].as_str().unwrap();
        assert_eq!([code(1), code(2), code(3)], ["filter.bad_line"; 3]);
        assert_eq!((lines[1]["id"].clone(), lines[2]["id"].clone()), (Value::Null, json!("b")));
        assert_eq!(code(4), "filter.not_utf8");
        assert_eq!(lines[5], json!({ "id": "c", "text": "", "spans": [] }));
    }
}
