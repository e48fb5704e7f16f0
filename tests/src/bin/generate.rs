//! Writes the generated documents, or with `--check` says which are out of date. `cargo xtask gen` calls it.

use std::process::ExitCode;
use std::{env, fs};

use groundswell_tests::{generated, stale, workspace_root};

fn main() -> ExitCode {
    let root = workspace_root();
    match env::args().nth(1).as_deref() {
        None => {
            for document in generated() {
                let path = root.join(&document.path);
                if fs::read_to_string(&path).ok().as_ref() == Some(&document.text) {
                    continue;
                }
                if let Err(error) = fs::write(&path, &document.text) {
                    eprintln!("cannot write {}: {error}", document.path);
                    return ExitCode::FAILURE;
                }
                println!("wrote {}", document.path);
            }
            ExitCode::SUCCESS
        }
        Some("--check") => {
            let faults = stale(&root);
            for fault in &faults {
                println!("out of date: {fault}");
            }
            if faults.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Some(other) => {
            eprintln!("unknown argument {other:?}: nothing, or --check");
            ExitCode::from(2)
        }
    }
}
