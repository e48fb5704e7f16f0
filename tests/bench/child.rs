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
    cpu_of_process(child.id())
}

/// CPU seconds of a process so far; `None` once it is gone.
pub fn cpu_of_process(process: u32) -> Option<f64> {
    cpu(&process.to_string())
}

fn cpu(process: &str) -> Option<f64> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    let fields: Vec<&str> = stat.rsplit(')').next()?.split_whitespace().collect();
    let ticks = |at: usize| fields.get(at).and_then(|field| field.parse::<f64>().ok());
    Some((ticks(11)? + ticks(12)?) / TICKS)
}

/// Anonymous resident memory of a child in MiB; `None` once it is gone.
pub fn anonymous_mib(child: &Child) -> Option<f64> {
    anonymous_mib_of(child.id())
}

/// Anonymous resident memory of a process in MiB; `None` once it is gone.
pub fn anonymous_mib_of(process: u32) -> Option<f64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
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

/// Finds the Java process that was told of a file in a folder.
pub fn java_in(folder: &std::path::Path) -> Option<u32> {
    let folder = folder.to_str()?;
    let processes =
        std::fs::read_dir("/proc").ok()?.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    processes.into_iter().find(|process: &u32| {
        let words = std::fs::read(format!("/proc/{process}/cmdline")).unwrap_or_default();
        let words: Vec<&str> =
            words.split(|byte| *byte == 0).filter_map(|word| std::str::from_utf8(word).ok()).collect();
        words.first().is_some_and(|program| program.ends_with("java"))
            && words.iter().any(|word| word.starts_with(folder))
    })
}
