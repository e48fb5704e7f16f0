//! The shipped configuration is default, template and manual at once: every key is explained beside it.

use crate::workspace::{expect_none, read};

const DEFAULT: &str = "deploy/default.toml";
const KAFKA: &str = "deploy/kafka.toml";

/// Gives the keys without a comment, with their line. A comment stands on the line above, or behind the value.
fn unexplained(text: &str) -> Vec<String> {
    let mut faults = Vec::new();
    let mut explained = false;
    let mut open = 0_i32;
    for (number, line) in text.lines().enumerate() {
        let line = line.trim();
        let (code, comment) = parts(line);
        let continues = open > 0;
        open += brackets(code);
        if continues {
            explained = false;
            continue;
        }
        let is_key = !code.starts_with('[') && code.contains('=');
        if is_key && !explained && comment.trim().is_empty() {
            faults.push(format!(
                "line {}: {}",
                number + 1,
                code.split('=').next().unwrap_or_default().trim()
            ));
        }
        if code.starts_with('[') {
            open = 0;
        }
        explained = line.strip_prefix('#').is_some_and(|says| !says.trim().is_empty());
    }
    faults
}

/// Cuts a line into what stands before and behind its comment sign, heeding quotes.
fn parts(line: &str) -> (&str, &str) {
    let mut quote = None;
    for (at, c) in line.char_indices() {
        match (quote, c) {
            (None, '"' | '\'') => quote = Some(c),
            (Some(open), c) if open == c => quote = None,
            (None, '#') => return (line[..at].trim(), &line[at + 1..]),
            _ => {}
        }
    }
    (line, "")
}

fn brackets(code: &str) -> i32 {
    code.chars().map(|c| i32::from(matches!(c, '[' | '{')) - i32::from(matches!(c, ']' | '}'))).sum()
}

#[test]
fn every_key_of_a_shipped_configuration_is_explained() {
    for file in [DEFAULT, KAFKA] {
        let text = read(file);
        let table: toml::Table = toml::from_str(&text).unwrap_or_else(|error| panic!("{file}: {error}"));
        assert!(!table.is_empty(), "{file} sets nothing");
        expect_none(file, &unexplained(&text));
    }
}

#[test]
fn a_key_without_a_comment_is_found() {
    let text = "# One.\none = 1\ntwo = \"#\"\n[part]\n# List.\nlist = [\n  \"a=b\",\n]\nlast = 1 # Behind.\nbare = 2\n";
    assert_eq!(unexplained(text), ["line 3: two", "line 10: bare"]);
}
