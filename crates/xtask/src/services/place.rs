//! Where fetched programs are kept, and new folders for what runs only for a while.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::{fs, process};

use anyhow::{Context, Result};

static NEXT: AtomicU32 = AtomicU32::new(0);

/// Gives the folder of the services inside the target folder, which cargo marks; it need not exist.
pub(super) fn services() -> PathBuf {
    let this = std::env::current_exe().unwrap_or_default();
    let target = this.ancestors().find(|folder| folder.join("CACHEDIR.TAG").is_file());
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target");
    target.map_or_else(beside, Path::to_path_buf).join("services")
}

/// Names a folder that does not exist yet, inside the target folder, so that nothing that may be left behind lies
/// outside it.
///
/// # Errors
/// When the folder around it cannot be made.
pub fn new_folder(name: &str) -> Result<PathBuf> {
    let around = services().join("run");
    fs::create_dir_all(&around).with_context(|| format!("cannot make {}", around.display()))?;
    loop {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let folder = around.join(format!("{name}-{}-{number}", process::id()));
        if !folder.exists() {
            return Ok(folder);
        }
    }
}
