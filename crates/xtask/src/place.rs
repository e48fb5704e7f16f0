//! Where the workspace and the built programs lie.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// Gives the root of the workspace.
pub(crate) fn root() -> &'static Path {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package.ancestors().nth(2).unwrap_or(package)
}

/// Reads a file of the workspace.
pub(crate) fn read(path: &str) -> Result<String> {
    std::fs::read_to_string(root().join(path)).with_context(|| format!("cannot read {path}"))
}

/// Gives the path of the release build of `groundswell`: beside the folder that this program was built into, so that
/// any setting of the target folder holds for both.
pub(crate) fn release_binary() -> Result<PathBuf> {
    let this = std::env::current_exe().context("cannot tell where this program lies")?;
    let target = this.ancestors().nth(2).context("this program lies outside a target folder")?;
    Ok(target.join("release").join(format!("groundswell{}", std::env::consts::EXE_SUFFIX)))
}
