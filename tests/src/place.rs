//! Where the workspace, its binary and the shared real data lie.

use std::path::{Path, PathBuf};

/// Gives the root of the workspace.
pub fn workspace_root() -> PathBuf {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package.parent().unwrap_or(package).to_path_buf()
}

/// Finds a file of the real data beside the workspace (`../shared/data`). A test passes where there is none, and says
/// that it was not run.
pub fn shared_data(path: &str) -> Option<PathBuf> {
    let found = workspace_root().join("../shared/data").join(path);
    found.exists().then_some(found)
}

/// Finds the binary `groundswell` that was built in the same profile as the running test.
pub fn binary() -> Option<PathBuf> {
    let test = std::env::current_exe().ok()?;
    let profile = test.parent()?.parent()?;
    let found = profile.join(format!("groundswell{}", std::env::consts::EXE_SUFFIX));
    found.exists().then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_root_holds_the_workspace() {
        let manifest = std::fs::read_to_string(workspace_root().join("Cargo.toml")).unwrap();
        assert!(manifest.contains("[workspace]"));
        assert_eq!(shared_data("no such file"), None);
    }
}
