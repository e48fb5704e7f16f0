//! Sets with marked spans: templates of presidio-research, and posts of WNUT-17.

use std::ops::Range;
use std::path::Path;

use groundswell_text::{NameExample, Redactor};
use serde_json::Value;

/// A text with marked spans, in bytes.
pub struct Marked {
    /// The text.
    pub text: String,
    /// The spans with their types.
    pub spans: Vec<(Range<usize>, String)>,
    /// What texts made alike have in common.
    pub group: String,
}

impl Marked {
    /// Where persons' names are.
    pub fn names(&self) -> Vec<Range<usize>> {
        self.spans.iter().filter(|(_, kind)| kind == "PERSON").map(|(range, _)| range.clone()).collect()
    }

    /// The same as an example for training, with structured personal data passed over.
    pub fn example(&self) -> NameExample {
        NameExample {
            text: self.text.clone(),
            names: self.names(),
            masked: structured(&self.text),
            unsure: false,
        }
    }
}

/// Where structured personal data stands in a text, in bytes.
pub fn structured(text: &str) -> Vec<Range<usize>> {
    let places: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
    let byte = |scalar: usize| places.get(scalar).copied().unwrap_or(text.len());
    Redactor::without_names()
        .redact(text, &[])
        .spans
        .iter()
        .map(|span| byte(span.start)..byte(span.end))
        .collect()
}

/// Reads the templates; nothing where the file is missing.
pub fn templates(path: &Path) -> Vec<Marked> {
    let lines = std::fs::read_to_string(path).unwrap_or_default();
    lines.lines().filter_map(|line| marked(&serde_json::from_str(line).ok()?)).collect()
}

fn marked(record: &Value) -> Option<Marked> {
    let text = record.get("text")?.as_str()?;
    let places: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
    let spans = record.get("spans")?.as_array()?.iter().filter_map(|span| {
        let byte = |name: &str| places.get(usize::try_from(span.get(name)?.as_u64()?).ok()?).copied();
        Some((byte("start")?..byte("end")?, span.get("type")?.as_str()?.to_owned()))
    });
    Some(Marked {
        text: text.to_owned(),
        spans: spans.collect(),
        group: record.get("template")?.as_str()?.to_owned(),
    })
}

/// Reads posts with tags, one word a line; the words are joined with single spaces.
pub fn posts(path: &Path) -> Vec<Marked> {
    let lines = std::fs::read_to_string(path).unwrap_or_default();
    let mut out = Vec::new();
    let mut post = Marked { text: String::new(), spans: Vec::new(), group: String::new() };
    for line in lines.lines().chain([""]) {
        let Some((word, tag)) = line.trim().split_once('\t') else {
            if !post.text.is_empty() {
                out.push(std::mem::replace(
                    &mut post,
                    Marked { text: String::new(), spans: Vec::new(), group: String::new() },
                ));
            }
            continue;
        };
        if !post.text.is_empty() {
            post.text.push(' ');
        }
        let start = post.text.len();
        post.text.push_str(word);
        match (tag, post.spans.last_mut()) {
            ("B-person", _) => post.spans.push((start..post.text.len(), "PERSON".to_owned())),
            ("I-person", Some((range, _))) => range.end = post.text.len(),
            _ => {}
        }
    }
    out
}
