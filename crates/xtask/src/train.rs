//! `cargo xtask train`: makes the shipped models anew from the data sets beside the project, all or those that are named.

use std::path::Path;
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result};

use crate::command::{self, command};
use crate::say::{duration, say};
use crate::{Fault, Outcome, Task, place, python, tools};

pub(crate) const TASK: Task = Task {
    name: "train",
    says: "train the shipped models anew",
    help: "Reads the data sets beside the project (../shared/data) and our own sentences, trains what is named, or everything,\n\
           with fixed seeds, and says of each file whether its bytes are the same as before. The same data give the same bytes.\n\n\
           \x20 names      crates/text/models/names.bin        seconds\n\
           \x20 languages  crates/text/models/language.bin     seconds\n\
           \x20 embedding  crates/annotate/models/embedding.gsem  25 minutes of one core, or 5 where target/teacher holds the\n\
           \x20            teachers' vectors; needs python3 and makes an environment for it in target/train-python\n\
           \x20 heads      crates/annotate/models/heads.bin    minutes; they read the embedding\n\n\
           They are made in this order, however they are named. docs/models says what each is and learnt from.\n\n\
           Examples:\n  cargo xtask train\n  cargo xtask train names heads",
    run,
};

/// A part of the models: its name, the file that it writes, and how.
struct Part {
    name: &'static str,
    file: &'static str,
    make: fn() -> Result<Command>,
}

/// The parts in the order in which they are made: the heads read the embedding.
const PARTS: &[Part] = &[
    Part {
        name: "names",
        file: "crates/text/models/names.bin",
        make: || Ok(example("groundswell-text", "train_names")),
    },
    Part {
        name: "languages",
        file: "crates/text/models/language.bin",
        make: || Ok(example("groundswell-text", "train_language")),
    },
    Part { name: "embedding", file: "crates/annotate/models/embedding.gsem", make: embedding },
    Part {
        name: "heads",
        file: "crates/annotate/models/heads.bin",
        make: || Ok(example("groundswell-annotate", "train")),
    },
];

const DATA: &str = "../shared/data";
/// Where the teachers' vectors are kept from run to run.
const TEACHER: &str = "target/teacher";

fn run(arguments: &[String]) -> Outcome {
    let parts = chosen(arguments)?;
    tools::check_build()?;
    if !place::root().join(DATA).is_dir() {
        return Err(Fault::Found(anyhow::anyhow!(
            "the data sets are not beside the project ({DATA}); nothing can be trained without them"
        )));
    }
    let mut said = Vec::new();
    for part in parts {
        let before = bytes(part)?;
        let begun = Instant::now();
        command::run((part.make)()?)?;
        let after = bytes(part)?;
        if after.is_empty() {
            return Err(Fault::Found(anyhow::anyhow!("{} was not written", part.file)));
        }
        let verdict = if after == before { "the same bytes as before" } else { "changed" };
        said.push(format!("{}: {verdict} ({})", part.file, duration(begun.elapsed())));
    }
    say(&format!("\n{}", said.join("\n")));
    Ok(())
}

/// Gives the named parts, or all, in the order in which they are made.
fn chosen(arguments: &[String]) -> Result<Vec<&'static Part>, Fault> {
    for argument in arguments {
        if !PARTS.iter().any(|part| part.name == argument) {
            let names: Vec<&str> = PARTS.iter().map(|part| part.name).collect();
            return Err(Fault::Usage(format!(
                "there is no model {argument:?}; name some of {}, or none for all",
                names.join(", ")
            )));
        }
    }
    let wanted = |part: &&Part| arguments.is_empty() || arguments.iter().any(|name| name == part.name);
    Ok(PARTS.iter().filter(wanted).collect())
}

fn example(package: &str, example: &str) -> Command {
    command("cargo", &["run", "--release", "--locked", "-p", package, "--example", example])
}

/// What the arithmetic of the embedding's training is held to, so that it ends in the same bits on every x86-64 processor
/// with AVX2: one thread, the same kernels of OpenBLAS, and none of numpy's for newer processors.
const ARITHMETIC: &[(&str, &str)] = &[
    ("OMP_NUM_THREADS", "1"),
    ("OPENBLAS_NUM_THREADS", "1"),
    ("OPENBLAS_CORETYPE", "Haswell"),
    ("NPY_DISABLE_CPU_FEATURES", "X86_V4 AVX512_ICL AVX512_SPR"),
];

fn embedding() -> Result<Command> {
    let output = "crates/annotate/models/embedding.gsem";
    let mut build = Command::new(python::interpreter()?);
    build.args(["crates/annotate/train/build.py", DATA, TEACHER, output]).current_dir(place::root());
    build.envs(ARITHMETIC.iter().copied());
    Ok(build)
}

/// Reads the file of a part; nothing where there is none yet.
fn bytes(part: &Part) -> Result<Vec<u8>> {
    let path: &Path = &place::root().join(part.file);
    match std::fs::read(path) {
        Ok(bytes) => Ok(bytes),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(error).with_context(|| format!("cannot read {}", part.file)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(arguments: &[&str]) -> Option<Vec<&'static str>> {
        let arguments: Vec<String> = arguments.iter().map(|word| (*word).to_owned()).collect();
        chosen(&arguments).ok().map(|parts| parts.iter().map(|part| part.name).collect())
    }

    #[test]
    fn parts_are_made_in_the_order_in_which_they_need_each_other() {
        assert_eq!(names(&[]).unwrap(), ["names", "languages", "embedding", "heads"]);
        assert_eq!(names(&["heads", "embedding"]).unwrap(), ["embedding", "heads"]);
        assert_eq!(names(&["head"]), None);
    }

    #[test]
    fn every_part_is_in_the_help_and_its_file_is_shipped() {
        for part in PARTS {
            assert!(TASK.help.contains(part.name) && TASK.help.contains(part.file), "{}", part.name);
            assert!(!bytes(part).unwrap().is_empty(), "{}", part.file);
        }
    }

    #[test]
    fn no_other_model_is_shipped() {
        for folder in ["crates/text/models", "crates/annotate/models"] {
            for entry in std::fs::read_dir(place::root().join(folder)).unwrap() {
                let path = entry.unwrap().path();
                let model = path.extension().is_some_and(|kind| kind == "bin" || kind == "gsem");
                let name = path.file_name().unwrap().to_string_lossy().into_owned();
                assert!(!model || PARTS.iter().any(|part| part.file == format!("{folder}/{name}")), "{name}");
            }
        }
    }
}
