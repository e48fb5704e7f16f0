//! What the rules are checked against: the files of the working tree and what cargo says of the packages.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;
use std::{env, fs};

use groundswell_tests::workspace_root;
use serde::Deserialize;

use crate::source::Source;

/// A text file of the working tree.
pub struct TextFile {
    /// Path within the workspace, with forward slashes.
    pub path: String,
    /// The whole text.
    pub text: String,
}

impl TextFile {
    pub fn has_extension(&self, extensions: &[&str]) -> bool {
        Path::new(&self.path)
            .extension()
            .is_some_and(|found| extensions.iter().any(|wanted| found == *wanted))
    }
}

/// Larger files are no sources.
const LARGEST_TEXT: u64 = 2 << 20;

static FILES: LazyLock<Vec<TextFile>> = LazyLock::new(|| {
    let root = workspace_root();
    let mut files = Vec::new();
    walk(&root, &root, &ignored(&root), &mut files);
    files.sort_by(|a, b| a.path.cmp(&b.path));
    files
});

static SOURCES: LazyLock<Vec<Source>> = LazyLock::new(|| {
    FILES
        .iter()
        .filter(|file| file.has_extension(&["rs"]))
        .map(|file| Source::read(&file.path, &file.text))
        .collect()
});

/// Gives every text file that git would not ignore.
pub fn files() -> &'static [TextFile] {
    &FILES
}

/// Gives every Rust source.
pub fn sources() -> &'static [Source] {
    &SOURCES
}

/// Reads a file that must exist.
pub fn read(path: &str) -> String {
    fs::read_to_string(workspace_root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Fails with all faults at once.
pub fn expect_none(rule: &str, faults: &[String]) {
    assert!(faults.is_empty(), "{rule}: {} fault(s)\n  {}", faults.len(), faults.join("\n  "));
}

fn ignored(root: &Path) -> Vec<String> {
    let rules = fs::read_to_string(root.join(".gitignore")).unwrap_or_default();
    rules.lines().filter_map(|line| line.trim().strip_prefix('/')).map(str::to_owned).collect()
}

fn walk(root: &Path, folder: &Path, ignored: &[String], files: &mut Vec<TextFile>) {
    for found in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = found.path();
        let name = found.file_name().to_string_lossy().into_owned();
        let Ok(kind) = found.file_type() else { continue };
        let hidden = name.starts_with('.') && ![".ci", ".cargo", ".github"].contains(&name.as_str());
        if hidden || name == "node_modules" || is_ignored(root, &path, ignored) {
            continue;
        }
        if kind.is_dir() {
            walk(root, &path, ignored, files);
        } else if kind.is_file() && found.metadata().is_ok_and(|metadata| metadata.len() <= LARGEST_TEXT) {
            let Ok(text) = fs::read_to_string(&path) else { continue };
            files.push(TextFile { path: relative(root, &path), text });
        }
    }
}

/// Follows the simple rules of our own `.gitignore`: a path from the root, which may end with an asterisk.
fn is_ignored(root: &Path, path: &Path, rules: &[String]) -> bool {
    let path = relative(root, path);
    rules.iter().any(|rule| match rule.strip_suffix('*') {
        Some(start) => path.starts_with(start),
        None => path == rule.trim_end_matches('/'),
    })
}

fn relative(root: &Path, path: &Path) -> String {
    let parts: Vec<_> =
        path.strip_prefix(root).unwrap_or(path).iter().map(|part| part.to_string_lossy()).collect();
    parts.join("/")
}

/// A package as cargo sees it.
#[derive(Deserialize)]
pub struct Package {
    pub name: String,
    pub manifest_path: PathBuf,
    pub dependencies: Vec<Dependency>,
}

/// A dependency of a package.
#[derive(Deserialize)]
pub struct Dependency {
    pub name: String,
    /// None, `dev` or `build`.
    pub kind: Option<String>,
}

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

impl Package {
    /// The folder below `crates/`, or `tests`.
    pub fn folder(&self) -> String {
        let folder = self.manifest_path.parent().and_then(Path::file_name);
        folder.map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
    }
}

static PACKAGES: LazyLock<Vec<Package>> = LazyLock::new(|| {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--offline", "--format-version", "1"])
        .current_dir(workspace_root())
        .output()
        .expect("cargo can be started");
    assert!(output.status.success(), "cargo metadata: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice::<Metadata>(&output.stdout).expect("cargo metadata gives JSON").packages
});

/// Gives the packages of the workspace.
pub fn packages() -> &'static [Package] {
    &PACKAGES
}

/// Gives folder by package name.
pub fn folders() -> BTreeMap<&'static str, String> {
    packages().iter().map(|package| (package.name.as_str(), package.folder())).collect()
}

#[test]
fn the_walk_finds_sources_and_skips_what_is_built() {
    let paths: Vec<&str> = files().iter().map(|file| file.path.as_str()).collect();
    assert!(paths.contains(&"Cargo.toml") && paths.contains(&"tests/contract/main.rs"));
    assert!(!paths.iter().any(|path| path.starts_with("target/") || path.starts_with(".git/")));
    assert_eq!(folders().get("groundswell-model").map(String::as_str), Some("model"));
}
