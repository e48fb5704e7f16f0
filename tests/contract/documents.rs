//! The documents name only what exists: paths, tests and functions in backticks, links, crates and dependencies.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use groundswell_tests::workspace_root;

use crate::source::Source;
use crate::workspace::{TextFile, expect_none, files, folders, packages, read, sources};

const ARCHITECTURE: &str = "ARCHITECTURE.md";

/// Folders of the workspace: what begins with one of them in backticks is a path.
const FOLDERS: &[&str] =
    &["crates/", "tests/", "docs/", "deploy/", "pipelines/", "schemas/", ".ci/", ".cargo/"];

/// Places that are made at run time and so need not exist.
const MADE_AT_RUN_TIME: &[&str] = &["groundswell-data", "groundswell-demo", "target"];

fn documents() -> Vec<&'static TextFile> {
    files().iter().filter(|file| file.has_extension(&["md"])).collect()
}

/// A piece of a document with its line.
struct Span<'a> {
    line: usize,
    text: &'a str,
}

/// Gives what stands in backticks, outside code blocks.
fn spans(text: &str) -> Vec<Span<'_>> {
    let mut found = Vec::new();
    for (line, content) in prose_lines(text) {
        let pieces = content.split('`').skip(1).step_by(2);
        found.extend(pieces.map(|text| Span { line, text: text.trim() }));
    }
    found
}

fn prose_lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut in_block = false;
    text.lines().enumerate().filter_map(move |(number, line)| {
        let fence = line.trim_start().starts_with("```");
        in_block ^= fence;
        (!in_block && !fence).then_some((number + 1, line))
    })
}

/// Gives the path that a span names, without a function behind it; none where it is no path of the workspace.
fn path_in(span: &str) -> Option<&str> {
    let path = span.split("::").next()?.trim_end_matches('/');
    let plain = !path.is_empty() && path.chars().all(|c| c.is_ascii_alphanumeric() || "._-/*".contains(c));
    let below = FOLDERS.iter().any(|folder| format!("{path}/").starts_with(folder));
    let of_root = !path.contains(['/', '*'])
        && [".md", ".toml", ".lock"].iter().any(|end| path.len() > end.len() && path.ends_with(end))
        && path.starts_with(|c: char| c.is_ascii_alphanumeric());
    let is_root_file = of_root && (path.ends_with(".md") || path.starts_with(char::is_uppercase));
    let made = MADE_AT_RUN_TIME.iter().any(|name| path.starts_with(name));
    (plain && !made && (below || is_root_file)).then_some(path)
}

/// Says whether a path exists, seen from the root or from the document's own folder. An asterisk stands for a name.
fn exists(path: &str, document: &str) -> bool {
    let own = Path::new(document).parent().unwrap_or(Path::new(""));
    let root = workspace_root();
    if !path.contains('*') {
        return root.join(path).exists() || root.join(own).join(path).exists();
    }
    let pattern: Vec<&str> = path.split('/').collect();
    files().iter().any(|file| {
        let parts: Vec<&str> = file.path.split('/').collect();
        parts.len() >= pattern.len() && parts.iter().zip(&pattern).all(|(part, pattern)| fits(part, pattern))
    })
}

fn fits(name: &str, pattern: &str) -> bool {
    match pattern.split_once('*') {
        None => name == pattern,
        Some((start, end)) => {
            let end = end.trim_start_matches('*');
            name.len() >= start.len() + end.len() && name.starts_with(start) && name.ends_with(end)
        }
    }
}

#[test]
fn the_documents_of_the_root_are_there() {
    let names = ["README.md", ARCHITECTURE, "CONTRIBUTING.md", "CHANGELOG.md", "LICENSE", "NOTICE"];
    let faults: Vec<String> = names
        .iter()
        .filter(|name| !workspace_root().join(name).exists())
        .map(|name| (*name).to_owned())
        .collect();
    expect_none("missing documents", &faults);
}

#[test]
fn paths_in_backticks_exist() {
    let mut faults = Vec::new();
    for document in documents() {
        for span in spans(&document.text) {
            let Some(path) = path_in(span.text) else { continue };
            if !exists(path, &document.path) {
                faults.push(format!("{}:{} {path}", document.path, span.line));
            }
        }
    }
    expect_none("paths that do not exist", &faults);
}

/// Finds the source files that a module path may mean, such as `contract::tidy` or `adapters::zendesk`.
fn meant(segments: &[&str], source: &Source) -> bool {
    let path = source.path.trim_end_matches(".rs").replace('-', "_");
    segments.iter().all(|segment| {
        let name = segment.trim_start_matches("groundswell_");
        *segment == "crate"
            || path.split('/').any(|part| part == name || part == *segment)
            || source.declared().iter().any(|(_, declared)| declared == segment)
    })
}

/// Splits `module::name`, where its parts look like Rust names; a call or generics end it.
fn code_path(span: &str) -> Option<Vec<&str>> {
    let span = span.split(['(', '<', '!']).next()?.trim();
    let segments: Vec<&str> = span.split("::").collect();
    let word = |text: &&str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    (segments.len() >= 2 && segments.iter().all(word)).then_some(segments)
}

fn names_of(source: &Source) -> BTreeSet<&str> {
    source.words().map(|(_, word)| word).collect()
}

#[test]
fn tests_and_functions_in_backticks_exist() {
    let names: Vec<BTreeSet<&str>> = sources().iter().map(names_of).collect();
    let external = external_crates();
    let mut faults = Vec::new();
    for document in documents() {
        for span in spans(&document.text) {
            let Some(segments) = code_path(span.text) else { continue };
            let (last, modules) = (segments[segments.len() - 1], &segments[..segments.len() - 1]);
            if external.contains(segments[0]) {
                continue;
            }
            let found = sources().iter().zip(&names).any(|(source, names)| {
                let is_module = source.path.ends_with(&format!("/{last}.rs"));
                meant(modules, source) && (names.contains(last) || is_module)
            });
            if !found {
                faults.push(format!("{}:{} {}", document.path, span.line, span.text));
            }
        }
    }
    expect_none("tests and functions that do not exist", &faults);
}

/// A path with a function behind it, `crates/log/src/lib.rs::open`, names a function of that very file.
#[test]
fn functions_behind_paths_stand_in_their_files() {
    let mut faults = Vec::new();
    for document in documents() {
        for span in spans(&document.text) {
            let Some((path, rest)) = span.text.split_once("::").filter(|(path, _)| path.ends_with(".rs"))
            else {
                continue;
            };
            let source = sources().iter().find(|source| source.path == path);
            let known = source.map(names_of).unwrap_or_default();
            let missing =
                rest.split("::").map(|name| name.trim_end_matches("()")).find(|name| !known.contains(name));
            if let Some(name) = missing {
                faults.push(format!("{}:{} {path} has no {name}", document.path, span.line));
            }
        }
    }
    expect_none("functions behind paths", &faults);
}

fn external_crates() -> BTreeSet<String> {
    let ours = folders();
    let mut found: BTreeSet<String> =
        ["std", "core", "alloc", "clippy"].iter().map(|name| (*name).to_owned()).collect();
    for dependency in packages().iter().flat_map(|package| &package.dependencies) {
        if !ours.contains_key(dependency.name.as_str()) {
            found.insert(dependency.name.replace('-', "_"));
        }
    }
    found
}

/// The rows of tables under a heading that contains a word, as cells.
fn rows_below(text: &str, heading: &str) -> Vec<Vec<String>> {
    let mut inside = false;
    let mut rows = Vec::new();
    for (_, line) in prose_lines(text) {
        if line.starts_with('#') {
            inside = line.to_lowercase().contains(heading);
        } else if inside && line.trim_start().starts_with('|') {
            let cells = line.trim().trim_matches('|').split('|');
            rows.push(cells.map(|cell| cell.trim().to_owned()).collect());
        }
    }
    rows
}

/// Under a heading with the word "crates" stands a table `crate | in one sentence | ours it uses | …`, whose first
/// column is the folder and whose third column names exactly the crates of ours that it depends on, or `–`.
#[test]
fn the_table_of_crates_equals_the_manifests() {
    let folders = folders();
    let mut stated: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let quoted = |cell: &str| -> BTreeSet<String> {
        cell.split('`')
            .skip(1)
            .step_by(2)
            .map(|name| name.trim_start_matches("groundswell-").to_owned())
            .collect()
    };
    for row in rows_below(&read(ARCHITECTURE), "crates") {
        if let Some(name) = row.first().and_then(|cell| quoted(cell).into_iter().next()) {
            stated.insert(name, row.get(2).map(|cell| quoted(cell)).unwrap_or_default());
        }
    }
    let mut faults = Vec::new();
    for package in packages().iter().filter(|package| package.folder() != "tests") {
        let normal = package.dependencies.iter().filter(|dependency| dependency.kind.is_none());
        let uses: BTreeSet<String> =
            normal.filter_map(|dependency| folders.get(dependency.name.as_str()).cloned()).collect();
        let name = package.folder();
        match stated.remove(&name) {
            None => faults.push(format!("{name} is not in the table")),
            Some(said) if said != uses => {
                faults.push(format!("{name}: uses {uses:?}, the table says {said:?}"))
            }
            Some(_) => {}
        }
    }
    stated.remove("tests");
    faults.extend(stated.keys().map(|name| format!("{name} is in the table, but is no crate")));
    expect_none("table of crates", &faults);
}

#[test]
fn every_dependency_is_explained() {
    let manifest: toml::Table = toml::from_str(&read("Cargo.toml")).expect("Cargo.toml is TOML");
    let architecture = read(ARCHITECTURE);
    let explained: BTreeSet<&str> = spans(&architecture).into_iter().map(|span| span.text).collect();
    let dependencies = manifest["workspace"]["dependencies"].as_table().expect("a table of dependencies");
    let faults: Vec<String> = dependencies
        .keys()
        .filter(|name| !name.starts_with("groundswell-") && !explained.contains(name.as_str()))
        .cloned()
        .collect();
    expect_none("dependencies without a line in ARCHITECTURE.md", &faults);
}

#[test]
fn a_dependency_of_the_workspace_is_used() {
    let manifest: toml::Table = toml::from_str(&read("Cargo.toml")).expect("Cargo.toml is TOML");
    let used: BTreeSet<&str> = packages()
        .iter()
        .flat_map(|package| &package.dependencies)
        .map(|found| found.name.as_str())
        .collect();
    let dependencies = manifest["workspace"]["dependencies"].as_table().expect("a table of dependencies");
    let faults: Vec<String> =
        dependencies.keys().filter(|name| !used.contains(name.as_str())).cloned().collect();
    expect_none("dependencies that no crate uses", &faults);
}

#[test]
fn links_lead_somewhere() {
    let mut faults = Vec::new();
    for document in documents() {
        for (line, content) in prose_lines(&document.text) {
            for target in links(content) {
                if !leads(target, document) {
                    faults.push(format!("{}:{line} {target}", document.path));
                }
            }
        }
    }
    expect_none("links", &faults);
}

fn links(line: &str) -> Vec<&str> {
    line.split("](").skip(1).filter_map(|tail| tail.split([')', ' ']).next()).collect()
}

fn leads(target: &str, document: &TextFile) -> bool {
    if target.contains("://") || target.starts_with("mailto:") {
        return true;
    }
    let (path, anchor) = target.split_once('#').map_or((target, None), |(path, anchor)| (path, Some(anchor)));
    let folder = Path::new(&document.path).parent().unwrap_or(Path::new(""));
    let full = workspace_root().join(folder).join(path);
    let Some(anchor) = anchor else { return full.exists() };
    let text = if path.is_empty() { Ok(document.text.clone()) } else { std::fs::read_to_string(full) };
    text.is_ok_and(|text| {
        prose_lines(&text).any(|(_, line)| line.starts_with('#') && anchor_of(line) == anchor)
    })
}

/// The anchor of a heading: small letters, hyphens for spaces, no marks.
fn anchor_of(heading: &str) -> String {
    let title = heading.trim_start_matches('#').trim().to_lowercase();
    let kept = title.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.map(|c| if c == ' ' { '-' } else { c }).collect()
}

#[test]
fn paths_and_names_are_told_from_other_words() {
    assert_eq!(path_in("crates/log/src/lib.rs::open"), Some("crates/log/src/lib.rs"));
    assert_eq!(path_in("crates/"), Some("crates"));
    assert_eq!(path_in("Cargo.toml"), Some("Cargo.toml"));
    for other in
        ["text/plain", "application/json", "./groundswell-data", "and/or", "--config FILE", "adapt.toml"]
    {
        assert_eq!(path_in(other), None, "{other}");
    }
    assert!(exists("crates/*/Cargo.toml", "README.md") && !exists("crates/*/nothing.txt", "README.md"));
    assert_eq!(
        code_path("contract::tidy::spelling_is_british"),
        Some(vec!["contract", "tidy", "spelling_is_british"])
    );
    assert_eq!(code_path("Part::encode()"), Some(vec!["Part", "encode"]));
    assert_eq!(code_path("a: b"), None);
    assert_eq!(anchor_of("## 3. What it does, briefly"), "3-what-it-does-briefly");
    assert_eq!(links("see [one](a.md#b) and [two](c.md \"t\")"), ["a.md#b", "c.md"]);
}
