//! What a process used: CPU seconds and anonymous memory, from /proc.

use std::process::Child;

/// Clock ticks a second, as Linux reports them to programs.
const TICKS: f64 = 100.0;

/// CPU seconds of this process so far, user and system.
pub fn own_cpu() -> f64 {
    cpu("self").expect("/proc/self/stat")
}

/// CPU seconds of a child so far; `None` once it is gone.
pub fn cpu_of(child: &Child) -> Option<f64> {
    cpu(&child.id().to_string())
}

fn cpu(process: &str) -> Option<f64> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    let fields: Vec<&str> = stat.rsplit(')').next()?.split_whitespace().collect();
    let ticks = |at: usize| fields.get(at).and_then(|field| field.parse::<f64>().ok());
    Some((ticks(11)? + ticks(12)?) / TICKS)
}

/// Anonymous resident memory of a child in MiB; `None` once it is gone.
pub fn anonymous_mib(child: &Child) -> Option<f64> {
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:"))?;
    let kib: f64 = line.trim().trim_end_matches(" kB").trim().parse().ok()?;
    Some(kib / 1024.0)
}

/// Bytes of all files below a folder.
pub fn bytes_below(folder: &std::path::Path) -> u64 {
    let Ok(entries) = std::fs::read_dir(folder) else { return 0 };
    entries
        .filter_map(Result::ok)
        .map(|entry| match entry.metadata() {
            Ok(metadata) if metadata.is_dir() => bytes_below(&entry.path()),
            Ok(metadata) => metadata.len(),
            Err(_) => 0,
        })
        .sum()
}
