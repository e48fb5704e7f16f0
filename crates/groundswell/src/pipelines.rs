//! The pipelines that are known: those shipped, those of the configured folder, and those that imports made. A name that
//! is there twice is taken from the later place.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use anyhow::{Context, Result};

use groundswell_adapters::Pipeline;

/// The shipped pipelines.
const SHIPPED: &[(&str, &str)] = &[
    ("cfpb", include_str!("../../../pipelines/cfpb.toml")),
    ("customers", include_str!("../../../pipelines/customers.toml")),
    ("nhs_fft", include_str!("../../../pipelines/nhs_fft.toml")),
    ("officevibe", include_str!("../../../pipelines/officevibe.toml")),
    ("slack", include_str!("../../../pipelines/slack.toml")),
    ("submission", include_str!("../../../pipelines/submission.toml")),
    ("thunderbird_forum", include_str!("../../../pipelines/thunderbird_forum.toml")),
    ("typeform", include_str!("../../../pipelines/typeform.toml")),
    ("viber_reviews", include_str!("../../../pipelines/viber_reviews.toml")),
    ("zendesk", include_str!("../../../pipelines/zendesk.toml")),
];

/// Pipelines by name.
#[derive(Debug)]
pub struct Registry {
    folders: Vec<PathBuf>,
    known: RwLock<BTreeMap<String, Arc<Pipeline>>>,
}

impl Registry {
    /// Loads all pipelines.
    ///
    /// # Errors
    /// Every fault of every file, with its key path.
    pub fn load(folders: Vec<PathBuf>) -> Result<Self> {
        let registry = Self { folders, known: RwLock::default() };
        registry.reload()?;
        Ok(registry)
    }

    /// Gives a pipeline; a name that is not known is looked for once more in the folders.
    pub fn get(&self, name: &str) -> Option<Arc<Pipeline>> {
        if let Some(pipeline) = self.read(name) {
            return Some(pipeline);
        }
        if let Err(error) = self.reload() {
            tracing::error!(%error, "pipelines cannot be read again");
        }
        self.read(name)
    }

    /// Gives the names of all pipelines.
    pub fn names(&self) -> Vec<String> {
        self.known.read().unwrap_or_else(PoisonError::into_inner).keys().cloned().collect()
    }

    /// Gives the pipeline of each topic that one names as its source.
    ///
    /// # Errors
    /// When two pipelines name the same topic.
    pub fn topics(&self) -> Result<BTreeMap<String, String>> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        let mut topics: BTreeMap<String, String> = BTreeMap::new();
        for (name, pipeline) in known.iter() {
            for topic in &pipeline.topics {
                if let Some(other) = topics.insert(topic.clone(), name.clone()) {
                    anyhow::bail!(
                        "the pipelines {other} and {name} both read topic {topic}: a topic has one pipeline"
                    );
                }
            }
        }
        Ok(topics)
    }

    /// Stores a pipeline in the last folder, so that its records can be read again later, and takes it over at once.
    /// A shipped pipeline that is unchanged is not stored.
    ///
    /// # Errors
    /// The pipeline's faults, or when the file cannot be written.
    pub fn store(&self, text: &str) -> Result<Arc<Pipeline>> {
        let pipeline = Pipeline::parse(text).map_err(|faults| anyhow::anyhow!("{faults}"))?;
        let name = pipeline.name.clone();
        if SHIPPED.iter().any(|(shipped, known)| *shipped == name && *known == text)
            && self.read(&name).is_some()
        {
            return Ok(Arc::new(pipeline));
        }
        let folder = self.folders.last().context("there is no folder for pipelines")?;
        std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
        let path = folder.join(format!("{name}.toml"));
        std::fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
        let pipeline = Arc::new(pipeline);
        self.known.write().unwrap_or_else(PoisonError::into_inner).insert(name, Arc::clone(&pipeline));
        Ok(pipeline)
    }

    /// Gives the text of a pipeline by its name or its path, for an import.
    ///
    /// # Errors
    /// When there is none, with the names that there are.
    pub fn text(&self, name: &str) -> Result<String> {
        let path = Path::new(name);
        if path.extension().is_some_and(|extension| extension == "toml") {
            return std::fs::read_to_string(path).with_context(|| format!("cannot read the pipeline {name}"));
        }
        if let Some((_, text)) = self.own(name)? {
            return Ok(text);
        }
        match SHIPPED.iter().find(|(shipped, _)| *shipped == name) {
            Some((_, text)) => Ok((*text).to_owned()),
            None => anyhow::bail!("there is no pipeline {name:?}; there are: {}", self.names().join(", ")),
        }
    }

    /// Gives the path and text of a pipeline that stands in one of the folders, not a shipped one.
    ///
    /// # Errors
    /// When its file cannot be read.
    pub fn own(&self, name: &str) -> Result<Option<(PathBuf, String)>> {
        for folder in self.folders.iter().rev() {
            let path = folder.join(format!("{name}.toml"));
            if path.exists() {
                let text = std::fs::read_to_string(&path)
                    .with_context(|| format!("cannot read {}", path.display()))?;
                return Ok(Some((path, text)));
            }
        }
        Ok(None)
    }

    fn read(&self, name: &str) -> Option<Arc<Pipeline>> {
        self.known.read().unwrap_or_else(PoisonError::into_inner).get(name).cloned()
    }

    fn reload(&self) -> Result<()> {
        let mut known = BTreeMap::new();
        let mut faults = Vec::new();
        for (name, text) in SHIPPED {
            take(&mut known, &mut faults, name, text);
        }
        for folder in &self.folders {
            for path in toml_files(folder)? {
                let text = std::fs::read_to_string(&path)
                    .with_context(|| format!("cannot read {}", path.display()))?;
                take(&mut known, &mut faults, &path.display().to_string(), &text);
            }
        }
        anyhow::ensure!(faults.is_empty(), "{}", faults.join("\n"));
        *self.known.write().unwrap_or_else(PoisonError::into_inner) = known;
        Ok(())
    }
}

fn take(known: &mut BTreeMap<String, Arc<Pipeline>>, faults: &mut Vec<String>, place: &str, text: &str) {
    match Pipeline::parse(text) {
        Ok(pipeline) => {
            known.insert(pipeline.name.clone(), Arc::new(pipeline));
        }
        Err(found) => faults.push(format!("{place}: {found}")),
    }
}

fn toml_files(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error).with_context(|| format!("cannot read {}", folder.display())),
    };
    let mut files = Vec::new();
    for entry in entries {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "toml") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}
