//! Reading a TOML file so that all faults are found at once, each with its key path.

use std::fmt;

use serde::de::DeserializeOwned;
use serde_path_to_error::Segment;
use thiserror::Error;

/// Faults that are reported at once; a file with more is hopeless.
const MOST: usize = 100;

/// One fault of a pipeline file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Key path, such as `table.answer[0].metric`; empty for the file as a whole.
    pub key: String,
    /// What is wrong there.
    pub message: String,
}

impl Fault {
    /// Makes a fault.
    pub(crate) fn new(key: impl Into<String>, message: impl Into<String>) -> Self {
        Self { key: key.into(), message: message.into() }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.key.is_empty() {
            f.write_str(&self.message)
        } else {
            write!(f, "{}: {}", self.key, self.message)
        }
    }
}

/// All faults of a pipeline file.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("pipeline has {} fault(s): {}", faults.len(), lines(faults))]
pub struct PipelineFaults {
    /// The faults, in order of the file's keys where possible.
    pub faults: Vec<Fault>,
}

impl PipelineFaults {
    /// Gives the stable code.
    pub fn code(&self) -> &'static str {
        "adapt.pipeline"
    }
}

fn lines(faults: &[Fault]) -> String {
    faults.iter().map(Fault::to_string).collect::<Vec<_>>().join("; ")
}

/// Reads a value and every fault in it: what is at fault is noted and taken out, and the rest is read again.
pub(crate) fn read<T: DeserializeOwned>(text: &str) -> (Option<T>, Vec<Fault>) {
    let mut tree: toml::Value = match text.parse::<toml::Table>() {
        Ok(table) => toml::Value::Table(table),
        Err(error) => return (None, vec![Fault::new(line_of(text, &error), error.message())]),
    };
    let mut faults = Vec::new();
    while faults.len() < MOST {
        let error = match serde_path_to_error::deserialize::<_, T>(tree.clone()) {
            Ok(value) => return (Some(value), faults),
            Err(error) => error,
        };
        let path: Vec<Segment> = error.path().iter().cloned().collect();
        let message = error.into_inner().to_string();
        let first_line = message.lines().next().unwrap_or_default().to_owned();
        faults.push(Fault::new(key_path(&path), first_line));
        if !take_out(&mut tree, &path) {
            break;
        }
    }
    (None, faults)
}

fn line_of(text: &str, error: &toml::de::Error) -> String {
    let at = error.span().map_or(0, |span| span.start);
    let line = text.bytes().take(at).filter(|byte| *byte == b'\n').count() + 1;
    format!("line {line}")
}

fn key_path(path: &[Segment]) -> String {
    let mut key = String::new();
    for segment in path {
        match segment {
            Segment::Seq { index } => key.push_str(&format!("[{index}]")),
            Segment::Map { key: name } | Segment::Enum { variant: name } => {
                if !key.is_empty() {
                    key.push('.');
                }
                key.push_str(name);
            }
            Segment::Unknown => {}
        }
    }
    key
}

fn take_out(tree: &mut toml::Value, path: &[Segment]) -> bool {
    let Some((last, parents)) = path.split_last() else { return false };
    let mut at = tree;
    for segment in parents {
        let inner = match (segment, at) {
            (Segment::Map { key }, toml::Value::Table(table)) => table.get_mut(key),
            (Segment::Seq { index }, toml::Value::Array(array)) => array.get_mut(*index),
            _ => None,
        };
        match inner {
            Some(inner) => at = inner,
            None => return false,
        }
    }
    match (last, at) {
        (Segment::Map { key }, toml::Value::Table(table)) => table.remove(key).is_some(),
        (Segment::Seq { index }, toml::Value::Array(array)) if *index < array.len() => {
            array.remove(*index);
            true
        }
        _ => false,
    }
}
