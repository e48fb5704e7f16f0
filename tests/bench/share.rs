//! A share of a core for a process, by control groups, so that two can be compared on a machine that has no cores to spare.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

/// Microseconds over which a share is counted.
const PERIOD: u32 = 20_000;

/// A control group with a bound on processor time; removed when it is dropped and empty.
pub struct Share {
    folder: PathBuf,
}

impl Share {
    /// Makes a group that gets this part of a core; `None` where control groups are not ours to make.
    pub fn of_a_core(part: f64) -> Option<Self> {
        static MADE: AtomicU32 = AtomicU32::new(0);
        let name =
            format!("groundswell-bench-{}-{}", std::process::id(), MADE.fetch_add(1, Ordering::Relaxed));
        let quota = (f64::from(PERIOD) * part) as u32;
        let (old, new) = (Path::new("/sys/fs/cgroup/cpu"), Path::new("/sys/fs/cgroup"));
        let root = if old.is_dir() { old } else { new };
        let share = Self { folder: root.join(name) };
        std::fs::create_dir(&share.folder).ok()?;
        let put = |file: &str, text: String| std::fs::write(share.folder.join(file), text).ok();
        if root == old {
            put("cpu.cfs_period_us", PERIOD.to_string())?;
            put("cpu.cfs_quota_us", quota.to_string())?;
        } else {
            put("cpu.max", format!("{quota} {PERIOD}"))?;
        }
        Some(share)
    }

    /// Puts a process and all its threads under the bound.
    pub fn take(&self, process: u32) {
        std::fs::write(self.folder.join("cgroup.procs"), process.to_string())
            .expect("a group takes a process");
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        // One that still has a process stays until the machine ends; nothing of ours hangs on it.
        drop(std::fs::remove_dir(&self.folder));
    }
}
