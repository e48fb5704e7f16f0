//! `groundswell cluster`: themes of texts as a filter. It reads everything, then writes one line for each line in, in order.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::ops::ControlFlow;
use std::path::PathBuf;

use anyhow::{Context as _, Result};
use clap::Args;
use serde_json::{Value, json};

use groundswell_steps::themes::{Gathered, Themes};

use super::Exit;
use super::filters::{Bad, Line, error_line, id_of, lines, reader, writer};
use super::output::{THEME_STEPS, complain, progress, theme_position};

/// Find the themes of texts as a filter: JSON Lines in, JSON Lines out.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  groundswell cluster --in texts.jsonl --out themes.jsonl --names names.jsonl\n  groundswell cluster --count 20 --in texts.jsonl"
)]
pub struct Cluster {
    /// Lines of {"id", "text"}; standard input if absent.
    #[arg(long = "in", value_name = "FILE")]
    input: Option<PathBuf>,
    /// Lines of {"id", "theme"}, the number of the theme or null; standard output if absent.
    #[arg(long = "out", value_name = "FILE")]
    output: Option<PathBuf>,
    /// So many themes; without it the number is found.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=4096))]
    count: Option<u32>,
    /// Write each theme with its words, size and an example to this file, a JSON object a line.
    #[arg(long, value_name = "FILE")]
    names: Option<PathBuf>,
}

/// One line of the input: its id, and its number among the texts or what is wrong with it.
type Read = (Value, Result<usize, Bad>);

impl Cluster {
    /// Reads every text, finds the themes, and writes a line for each line.
    pub(super) fn run(self) -> Result<Exit> {
        let mut gathered = Gathered::new()?;
        let read = gather(&self, &mut gathered)?;
        let count = self.count.map(|count| count as usize);
        let bar = progress(THEME_STEPS, "themes");
        let themes = gathered.themes(count, &mut |step, share| {
            bar.set_position(theme_position(step.as_str(), share));
            ControlFlow::Continue(())
        })?;
        bar.finish_and_clear();
        let mut out = writer(self.output.as_ref())?;
        let mut bad = 0_u64;
        for (id, read) in &read {
            match read {
                Ok(at) => {
                    let theme = themes.labels.get(*at).copied().flatten();
                    writeln!(out, "{}", json!({ "id": id, "theme": theme }))?;
                }
                Err(fault) => {
                    bad += 1;
                    writeln!(out, "{}", error_line(id, fault))?;
                }
            }
        }
        out.flush()?;
        if let Some(path) = &self.names {
            write_names(path, &themes)?;
        }
        if bad > 0 {
            complain(&format!("{bad} lines could not be read; each has an error line in the output"));
            return Ok(Exit::Fault);
        }
        Ok(Exit::Done)
    }
}

fn gather(cluster: &Cluster, gathered: &mut Gathered) -> Result<Vec<Read>> {
    let mut input = reader(cluster.input.as_ref())?;
    let mut read: Vec<Read> = Vec::new();
    lines(input.as_mut(), &mut |line| {
        let parsed = match line {
            Err(fault) => Err((Value::Null, fault)),
            Ok(bytes) => Line::read(bytes).map_err(|fault| (id_of(bytes), fault)),
        };
        match parsed {
            Ok(Line { id, text }) => {
                read.push((id, Ok(gathered.len())));
                gathered.add(&text);
            }
            Err((id, fault)) => read.push((id, Err(fault))),
        }
        Ok(())
    })?;
    Ok(read)
}

fn write_names(path: &PathBuf, themes: &Themes) -> Result<()> {
    let file = File::create(path).with_context(|| format!("cannot write {}", path.display()))?;
    let mut out = BufWriter::new(file);
    for (number, theme) in themes.themes.iter().enumerate() {
        let line = json!({ "theme": number, "topic": theme.topic, "name": theme.name.join(", "),
            "texts": theme.texts, "cosine": (theme.cosine * 1e3).round() / 1e3, "example": theme.example });
        writeln!(out, "{line}")?;
    }
    out.flush()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_has_its_theme_in_order_and_a_bad_one_says_why() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let late = (0..6).map(|n| json!({ "id": n, "text": "My parcel came four days late." }).to_string());
        let crash = (6..12).map(|n| json!({ "id": n, "text": "The app crashes at the start." }).to_string());
        let mut input: Vec<String> = late.chain(crash).collect();
        input.insert(3, "nothing".to_owned());
        input.insert(5, "{\"id\": \"x\"}".to_owned());
        std::fs::write(path("in"), format!("{}\n\n", input.join("\n"))).unwrap();
        let command = Cluster {
            input: Some(path("in")),
            output: Some(path("out")),
            count: Some(2),
            names: Some(path("names")),
        };
        assert_eq!(command.run().unwrap(), Exit::Fault);
        let read = |name: &str| -> Vec<Value> {
            let text = std::fs::read_to_string(path(name)).unwrap();
            text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
        };
        let lines = read("out");
        assert_eq!(lines.len(), 14);
        assert_eq!(lines[3]["error"]["code"], "filter.bad_line");
        assert_eq!(
            (lines[5]["id"].clone(), lines[5]["error"]["code"].clone()),
            (json!("x"), json!("filter.bad_line"))
        );
        assert_eq!(lines[0]["theme"], lines[7]["theme"]);
        assert_ne!(lines[0]["theme"], lines[8]["theme"]);
        let names = read("names");
        assert_eq!(names.len(), 2);
        assert!(names.iter().any(|name| name["name"].as_str().unwrap().contains("parcel")), "{names:?}");
    }
}
