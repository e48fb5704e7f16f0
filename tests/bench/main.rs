//! The end-to-end measurement: the whole way of a record, as multiples of a floor measured in the same run.
//! `cargo xtask bench` calls it; `docs/performance.md` shows its figures.

mod child;
mod floor;
mod import;
mod kafka;
mod push;
mod records;
mod share;
mod themes;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// What is measured.
struct Settings {
    /// Records of the floor and of the import.
    records: u64,
    /// Records stored when memory, disk and start are measured; 0 leaves that out.
    stored: u64,
    /// Seconds of each push measurement; 0 leaves them out.
    push_seconds: u64,
    /// Records streamed through Kafka; 0 leaves that out.
    kafka: u64,
    /// Feedback in each of two themes that are merged and split; 0 leaves that out.
    themes: u64,
    /// The release program.
    program: PathBuf,
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let number = |name: &str, default: u64| -> u64 {
        let at = arguments.iter().position(|argument| argument == name);
        at.and_then(|at| arguments.get(at + 1)).map_or(default, |text| text.parse().expect("a number"))
    };
    if arguments.iter().any(|argument| argument == "--help") {
        println!(
            "cargo xtask bench -- [--records 200000] [--stored 1000000] [--push-seconds 20] [--kafka 200000] [--themes 50000]\n\
                  CPU seconds are user + system, from /proc. Run it on a quiet machine."
        );
        return ExitCode::SUCCESS;
    }
    let settings = Settings {
        records: number("--records", 200_000),
        stored: number("--stored", 1_000_000),
        push_seconds: number("--push-seconds", 20),
        kafka: number("--kafka", 200_000),
        themes: number("--themes", 50_000),
        program: program(),
    };
    let folder = tempfile::tempdir().expect("a folder");
    measure(&settings, folder.path());
    ExitCode::SUCCESS
}

fn program() -> PathBuf {
    let own = std::env::current_exe().expect("the path of this program");
    let release = own.ancestors().nth(2).expect("target/release");
    let program = release.join("groundswell");
    assert!(program.exists(), "build it first: cargo build --release --workspace");
    program
}

fn measure(settings: &Settings, folder: &Path) {
    let file = folder.join("records.jsonl");
    if settings.themes > 0 {
        themes::measure(settings.themes);
    }
    if settings.records == 0 {
        return;
    }
    records::write(&file, 0, settings.records);
    let floor = floor::measure(&file, &folder.join("floor"));
    println!("floor: parse + tantivy add + redb append: {:.1} CPU s a million", floor.cpu_per_million);
    println!("  parse {:.1}, tantivy {:.1}, redb {:.1}", floor.parse, floor.tantivy, floor.redb);
    let run = import::measure(settings, &file, &folder.join("import"), settings.records);
    println!(
        "raw to searchable and reported: {:.1} CPU s a million = {:.2} x the floor, {:.0} records/s",
        run.cpu_per_million,
        run.cpu_per_million / floor.cpu_per_million,
        run.records_per_second
    );
    print!("{}", run.spans);
    if settings.kafka > 0 {
        let file = folder.join("streamed.jsonl");
        records::write(&file, 0, settings.kafka);
        kafka::measure(&file, &folder.join("kafka"), &floor);
    }
    if settings.push_seconds > 0 {
        push::measure(settings, &folder.join("push"));
    }
    if settings.stored > 0 {
        import::at_scale(settings, folder);
    }
}
