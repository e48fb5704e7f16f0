//! Folders of jars, fetched by Maven once and kept in the target folder.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use super::place;

/// The Maven plugin that copies what a project depends on.
const COPY: &str = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies";

/// Group, name and version of a jar.
pub(super) type Jar = (&'static str, &'static str, &'static str);

/// Gives the folder that holds jars and all that they need; fetches them where it does not exist. The folder appears
/// whole or not at all, and of several processes one fetches while the others wait.
pub(super) fn folder(name: &str, jars: &[Jar]) -> Result<PathBuf> {
    let folder = place::services().join(name);
    if folder.is_dir() {
        return Ok(folder);
    }
    let _lock = lock(name)?;
    if !folder.is_dir() {
        fetch(&folder, jars).with_context(|| format!("cannot fetch {name}"))?;
    }
    Ok(folder)
}

/// Locks a name among all processes until the file is closed.
pub(super) fn lock(name: &str) -> Result<File> {
    let around = place::services();
    fs::create_dir_all(&around).with_context(|| format!("cannot make {}", around.display()))?;
    let path = around.join(format!("{name}.lock"));
    let file = File::create(&path).with_context(|| format!("cannot write {}", path.display()))?;
    file.lock().with_context(|| format!("cannot lock {}", path.display()))?;
    Ok(file)
}

fn fetch(folder: &Path, jars: &[Jar]) -> Result<()> {
    let partial = folder.with_extension("partial");
    if partial.exists() {
        fs::remove_dir_all(&partial).with_context(|| format!("cannot remove {}", partial.display()))?;
    }
    let fetched = partial.join("jars");
    fs::create_dir_all(&fetched).with_context(|| format!("cannot make {}", fetched.display()))?;
    let project = partial.join("pom.xml");
    fs::write(&project, project_of(jars)).with_context(|| format!("cannot write {}", project.display()))?;
    let output = Command::new("mvn")
        .args(["-q", "-B", "-ntp", "-f"])
        .arg(&project)
        .args([COPY, "-DincludeScope=runtime"])
        .arg(format!("-DoutputDirectory={}", fetched.display()))
        .stdin(Stdio::null())
        .output()
        .context("cannot start mvn, which fetches Java libraries; install Maven")?;
    if !output.status.success() {
        bail!("mvn failed ({}):\n{}", output.status, String::from_utf8_lossy(&output.stdout).trim());
    }
    fs::rename(&fetched, folder).with_context(|| format!("cannot make {}", folder.display()))?;
    fs::remove_dir_all(&partial).with_context(|| format!("cannot remove {}", partial.display()))
}

/// Writes a Maven project that depends on jars.
fn project_of(jars: &[Jar]) -> String {
    let mut text = "<project><modelVersion>4.0.0</modelVersion><groupId>groundswell</groupId>\
                    <artifactId>services</artifactId><version>1</version><packaging>pom</packaging><dependencies>"
        .to_owned();
    for (group, name, version) in jars {
        text.push_str(&format!(
            "<dependency><groupId>{group}</groupId><artifactId>{name}</artifactId><version>{version}</version>\
             </dependency>"
        ));
    }
    text.push_str("</dependencies></project>\n");
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_project_names_every_jar() {
        let text = project_of(&[("a.b", "c_2.13", "4.3.1"), ("d", "e", "1")]);
        assert_eq!(text.matches("<dependency>").count(), 2);
        assert!(
            text.contains("<groupId>a.b</groupId><artifactId>c_2.13</artifactId><version>4.3.1</version>")
        );
    }
}
