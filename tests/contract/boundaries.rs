//! Who may use whom: the edges between our crates, the heavy libraries, and what the pure crates must not touch.

use std::collections::BTreeSet;

use crate::workspace::{expect_none, folders, packages, sources};

/// Crate, and ours that it may use. The table in `ARCHITECTURE.md` says the same.
const EDGES: &[(&str, &[&str])] = &[
    ("text", &[]),
    ("model", &["text"]),
    ("adapters", &["model", "text"]),
    ("annotate", &["text", "model"]),
    ("insight", &["model"]),
    ("steps", &["text", "model", "adapters", "annotate", "insight"]),
    ("log", &[]),
    ("state", &["model", "insight"]),
    ("search", &["text", "model"]),
    ("server", &["text", "model", "steps", "log", "state", "search"]),
    (
        "groundswell",
        &["text", "model", "adapters", "annotate", "insight", "steps", "log", "state", "search", "server"],
    ),
    ("xtask", &[]),
    (
        "tests",
        &[
            "text",
            "model",
            "adapters",
            "annotate",
            "insight",
            "steps",
            "log",
            "state",
            "search",
            "server",
            "groundswell",
            "xtask",
        ],
    ),
];

/// Heavy library, and the crates that may name it.
const HEAVY: &[(&str, &[&str])] = &[
    ("rust-stemmers", &["text"]),
    ("whichlang", &["text"]),
    ("csv", &["adapters"]),
    ("calamine", &["adapters"]),
    ("model2vec-rs", &["annotate"]),
    ("roaring", &["insight", "search"]),
    ("redb", &["log"]),
    ("rdkafka", &["log"]),
    ("sled", &["state"]),
    ("tantivy", &["search"]),
    ("reqwest", &["search"]),
    ("axum", &["server"]),
    ("utoipa", &["server"]),
    ("clap", &["groundswell", "xtask"]),
    ("anyhow", &["groundswell", "xtask"]),
    ("tracing-subscriber", &["groundswell", "xtask"]),
    ("indicatif", &["groundswell", "xtask"]),
    ("parquet", &["groundswell"]),
];

/// Crates that do no IO, read no clock and know no runtime.
const PURE: &[&str] = &["text", "model", "adapters", "annotate", "insight", "steps"];

const IMPURE: &[&[&str]] = &[
    &["std", ":", ":", "fs"],
    &["TcpStream"],
    &["TcpListener"],
    &["UdpSocket"],
    &["std", ":", ":", "env"],
    &["std", ":", ":", "process"],
    &["std", ":", ":", "thread"],
    &["SystemTime", ":", ":", "now"],
    &["Instant", ":", ":", "now"],
    &["Timestamp", ":", ":", "now", "("],
    &["Zoned", ":", ":", "now"],
    &["tokio"],
];

#[test]
fn every_crate_stands_in_the_table() {
    let listed: BTreeSet<&str> = EDGES.iter().map(|(name, _)| *name).collect();
    let found: BTreeSet<String> = folders().into_values().collect();
    let found: BTreeSet<&str> = found.iter().map(String::as_str).collect();
    assert_eq!(found, listed);
}

#[test]
fn a_package_is_named_after_its_folder() {
    let faults: Vec<String> = folders()
        .into_iter()
        .filter(|(name, folder)| name != folder && **name != format!("groundswell-{folder}"))
        .map(|(name, folder)| format!("{folder} holds {name}"))
        .collect();
    expect_none("folder = crate", &faults);
}

#[test]
fn crates_use_only_the_crates_below_them() {
    let folders = folders();
    let mut faults = Vec::new();
    for package in packages() {
        let own = package.folder();
        let allowed = EDGES.iter().find(|(name, _)| *name == own).map_or(&[][..], |(_, allowed)| allowed);
        for dependency in &package.dependencies {
            let Some(other) = folders.get(dependency.name.as_str()) else { continue };
            if *other != own && !allowed.contains(&other.as_str()) {
                faults.push(format!("{own} uses {other}"));
            }
        }
    }
    expect_none("edges between crates", &faults);
}

#[test]
fn heavy_libraries_are_named_in_one_place() {
    let mut faults = Vec::new();
    for package in packages() {
        let own = package.folder();
        // The tests package measures against the libraries themselves, and tests of a crate may read files with them.
        for dependency in
            package.dependencies.iter().filter(|_| own != "tests").filter(|one| one.kind.is_none())
        {
            let Some((_, allowed)) = HEAVY.iter().find(|(name, _)| *name == dependency.name) else {
                continue;
            };
            if !allowed.contains(&own.as_str()) {
                faults.push(format!("{own} names {}", dependency.name));
            }
        }
    }
    expect_none("heavy libraries", &faults);
}

#[test]
fn pure_crates_touch_neither_files_nor_clock() {
    let mut faults = Vec::new();
    for source in sources() {
        let pure = PURE.iter().any(|name| source.path.starts_with(&format!("crates/{name}/src/")));
        if !pure || source.is_test_file() {
            continue;
        }
        for sequence in IMPURE {
            let lines = source.find(sequence);
            let outside = lines.iter().filter(|line| !source.in_tests(**line));
            faults.extend(outside.map(|line| format!("{}:{line} uses {}", source.path, sequence.concat())));
        }
    }
    expect_none("pure crates", &faults);
}
