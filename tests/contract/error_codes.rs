//! Error codes are part of the interface: unique, of one crate, and each explained in `docs/errors.md`.

use std::collections::{BTreeMap, BTreeSet};

use crate::source::Source;
use crate::workspace::{expect_none, read, sources};

const DOCUMENT: &str = "docs/errors.md";

/// Areas whose codes are given where the fault is met, without a list: every literal of theirs is a code.
const IN_PLACE: &[&str] = &["api.", "filter."];

/// Gives the codes in the functions `code` of a source, in order.
fn codes(source: &Source) -> Vec<String> {
    let bodies: Vec<_> = source.functions().into_iter().filter(|function| function.name == "code").collect();
    source
        .strings
        .iter()
        .filter(|(line, _)| bodies.iter().any(|body| (body.line..=body.last_line).contains(line)))
        .map(|(_, literal)| literal.trim_matches('"').to_owned())
        .filter(|literal| is_code(literal))
        .collect()
}

/// `<area>.<name>`, in small letters with underscores.
fn is_code(text: &str) -> bool {
    let plain = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
    text.split_once('.').is_some_and(|(area, name)| {
        plain(area)
            && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
            && !name.is_empty()
    })
}

fn crate_of(path: &str) -> Option<&str> {
    path.strip_prefix("crates/")?.split('/').next()
}

/// Gives the codes in the constants `CODES` of a source.
fn listed(source: &Source) -> Vec<String> {
    let mut found = Vec::new();
    for start in source.find(&["const", "CODES"]) {
        // The type of the constant holds no semicolon, so that the first one ends it.
        let length = source.code.lines().skip(start - 1).position(|line| line.contains(';')).unwrap_or(0);
        let lines = start..=start + length;
        let literals = source.strings.iter().filter(|(line, _)| lines.contains(line));
        found.extend(literals.map(|(_, literal)| literal.trim_matches('"').to_owned()));
    }
    found
}

fn product_sources() -> impl Iterator<Item = (&'static str, &'static Source)> {
    let sources = sources().iter().filter(|source| !source.is_test_file());
    sources.filter_map(|source| Some((crate_of(&source.path)?, source)))
}

/// Gives crates by code.
fn all() -> BTreeMap<String, BTreeSet<&'static str>> {
    let mut all: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for (name, source) in product_sources() {
        let in_place = literals(source).filter(|text| IN_PLACE.iter().any(|area| text.starts_with(area)));
        for code in codes(source).into_iter().chain(listed(source)) {
            all.entry(code).or_default().insert(name);
        }
        for code in in_place {
            all.entry(code.to_owned()).or_default();
        }
    }
    all
}

#[test]
fn a_code_and_its_area_belong_to_one_crate() {
    let mut faults = Vec::new();
    let mut areas: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for (code, crates) in all() {
        if crates.len() > 1 {
            faults.push(format!("{code} is given by {crates:?}"));
        }
        let area = code.split('.').next().unwrap_or_default().to_owned();
        areas.entry(area).or_default().extend(crates);
    }
    let shared = areas.iter().filter(|(_, crates)| crates.len() > 1);
    faults.extend(shared.map(|(area, crates)| format!("area {area} is used by {crates:?}")));
    expect_none("error codes", &faults);
}

/// The literals outside tests that look like a code.
fn literals(source: &Source) -> impl Iterator<Item = &str> {
    let outside = source.strings.iter().filter(|(line, _)| !source.in_tests(*line));
    outside.map(|(_, literal)| literal.trim_matches('"')).filter(|text| is_code(text))
}

/// A list beside a function `code` equals what the function gives. Of a list without one, whose codes are given where
/// the fault is met, each is given somewhere, and its own crate gives no other of that area.
#[test]
fn a_list_of_codes_is_complete() {
    let mut faults = Vec::new();
    for (name, source) in product_sources() {
        let listed: BTreeSet<String> = listed(source).into_iter().collect();
        let Some(area) = listed.first().and_then(|code| code.split_inclusive('.').next()) else { continue };
        let mut given: BTreeSet<String> = codes(source).into_iter().collect();
        if given.is_empty() {
            let others = product_sources().filter(|(_, other)| other.path != source.path);
            let found = others.flat_map(|(own, other)| literals(other).map(move |text| (own, text)));
            let counts =
                |own: &str, text: &str| listed.contains(text) || (own == name && text.starts_with(area));
            given = found.filter(|(own, text)| counts(own, text)).map(|(_, text)| text.to_owned()).collect();
        }
        let differs: Vec<_> = listed.symmetric_difference(&given).cloned().collect();
        if !differs.is_empty() {
            faults.push(format!("{}: {}", source.path, differs.join(", ")));
        }
    }
    expect_none("CODES equals the codes that are given", &faults);
}

#[test]
fn every_code_is_explained() {
    let document = read(DOCUMENT);
    let mut explained = BTreeSet::new();
    let mut faults = Vec::new();
    for line in document.lines() {
        let cells: Vec<&str> = line.trim().trim_matches('|').split('|').map(str::trim).collect();
        let Some(code) = cells.first().and_then(|cell| cell.strip_prefix('`')?.strip_suffix('`')) else {
            continue;
        };
        if !is_code(code) {
            continue;
        }
        if cells.len() != 3 || cells.iter().any(|cell| cell.is_empty()) {
            faults.push(format!("{code}: a row is code | means | what to do"));
        }
        if !explained.insert(code.to_owned()) {
            faults.push(format!("{code}: explained twice"));
        }
    }
    let given: BTreeSet<String> = all().into_keys().collect();
    faults.extend(given.difference(&explained).map(|code| format!("{code}: not explained")));
    faults.extend(explained.difference(&given).map(|code| format!("{code}: no source gives it")));
    expect_none(DOCUMENT, &faults);
}

#[test]
fn codes_are_read_from_the_function_alone() {
    let text = "impl E { fn code(&self) -> &str { match self { A => \"area.name\", B(e) => e.code() } } }\n\
                fn other() -> &str { \"other.name\" }";
    assert_eq!(codes(&Source::read("crates/x/src/error.rs", text)), ["area.name"]);
    assert!(is_code("log.not_found") && !is_code("a.b.c") && !is_code("Log.x") && !is_code("log."));
}
