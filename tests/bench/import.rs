//! Imports by the release program: CPU, speed, time per span; and memory, disk and start with many stored.

use std::io::Read;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::child::{anonymous_mib, bytes_below, cpu_of};
use crate::{Settings, records};

/// What an import used.
pub struct Run {
    pub cpu_per_million: f64,
    pub records_per_second: f64,
    pub peak_mib: f64,
    pub spans: String,
}

/// Imports a file and measures the program that does it, all roles in one process.
pub fn measure(settings: &Settings, file: &Path, data: &Path, count: u64) -> Run {
    let begun = Instant::now();
    let mut child = Command::new(&settings.program)
        .args(["--spans", "--data"])
        .arg(data)
        .args(["import", "submission"])
        .arg(file)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let (cpu, peak_mib) = watch(&mut child);
    let seconds = begun.elapsed().as_secs_f64();
    let mut said = String::new();
    child.stderr.take().expect("piped").read_to_string(&mut said).expect("text");
    assert!(child.wait().expect("ended").success(), "the import failed: {said}");
    let spans = said.lines().filter(|line| line.starts_with("span ")).fold(String::new(), |all, line| {
        let seconds: f64 =
            line.split_whitespace().rev().nth(1).and_then(|text| text.parse().ok()).unwrap_or(0.0);
        format!("{all}  {line} = {:.1} s a million\n", seconds * 1e6 / count as f64)
    });
    Run {
        cpu_per_million: cpu * 1e6 / count as f64,
        records_per_second: count as f64 / seconds,
        peak_mib,
        spans,
    }
}

/// Follows a child to its end: CPU seconds and the peak of its anonymous memory.
fn watch(child: &mut Child) -> (f64, f64) {
    let (mut cpu, mut peak) = (0.0_f64, 0.0_f64);
    loop {
        let ended = child.try_wait().expect("a child");
        cpu = cpu_of(child).map_or(cpu, |now| cpu.max(now));
        peak = anonymous_mib(child).map_or(peak, |now| peak.max(now));
        if ended.is_some() {
            return (cpu, peak);
        }
        // A sample, not a wait for an event: the figures of a process that ends are gone with it.
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Stores many feedback, then measures memory while importing more, disk and start.
pub fn at_scale(settings: &Settings, folder: &Path) {
    let data = folder.join("scale");
    let (first, more) = (folder.join("first.jsonl"), folder.join("more.jsonl"));
    records::write(&first, 0, settings.stored);
    let run = measure(settings, &first, &data, settings.stored);
    println!(
        "{} records: {:.1} CPU s a million, {:.0} records/s, peak {:.0} MiB anonymous",
        settings.stored, run.cpu_per_million, run.records_per_second, run.peak_mib
    );
    let disk = bytes_below(&data);
    for part in ["log", "state", "index"] {
        println!(
            "  {part}: {:.0} bytes a feedback",
            bytes_below(&data.join(part)) as f64 / settings.stored as f64
        );
    }
    println!("on disk for a feedback: {:.2} KiB", disk as f64 / settings.stored as f64 / 1024.0);
    println!("start with {} stored: {:.1} s to ready", settings.stored, start(settings, &data));
    std::fs::remove_file(&first).expect("removed");
    records::write(&more, settings.stored, settings.stored + settings.stored / 10);
    let run = measure(settings, &more, &data, settings.stored / 10);
    println!(
        "memory with {} stored, while importing: {:.0} MiB anonymous at most",
        settings.stored, run.peak_mib
    );
}

/// Seconds from the start of a server to its answer that it is ready.
fn start(settings: &Settings, data: &Path) -> f64 {
    let mut server = crate::push::Server::start(settings, data, Instant::now());
    let seconds = server.ready_after.as_secs_f64();
    server.stop();
    seconds
}
