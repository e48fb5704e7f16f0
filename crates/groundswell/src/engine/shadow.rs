//! A new journey map is folded in a shadow: what was known under the old map is shown until the new state has read all that
//! there is, and is then swapped at once. A stop in between loses nothing: the next start goes on.
//!
//! In the data folder `journeys/current.toml` is the map that the state is folded with, and while a shadow is folded
//! `journeys/shown.toml` and `state.shown` are the map and the state that are shown.

use std::fs;
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLockReadGuard};

use anyhow::{Context, Result};

use groundswell_annotate::Mapper;
use groundswell_insight::View;
use groundswell_model::{JourneyMap, Zone};
use groundswell_state::{Identity, Opened, Reader, State};
use groundswell_steps::Folder;

use super::open::load;
use super::shared::Shared;
use crate::folder::DataFolder;

/// Cache of the old state, in bytes: only bodies to be quoted are looked up in it.
const CACHE: u64 = 8 << 20;

/// What is shown while a new map is folded.
pub struct Shown {
    folder: Folder,
    view: View,
    reader: Reader,
    /// Held open, and removed with its folder when nobody looks at it any more.
    state: Option<State>,
    path: PathBuf,
    /// Whether the new state has taken its place.
    over: AtomicBool,
}

impl Drop for Shown {
    fn drop(&mut self) {
        drop(self.state.take());
        if !self.over.load(Ordering::Relaxed) {
            return;
        }
        if let Err(error) = fs::remove_dir_all(&self.path) {
            tracing::warn!(%error, path = %self.path.display(), "the old state was not removed; the next start does");
        }
    }
}

/// Where the files of a shadow lie.
struct Places {
    state: PathBuf,
    shown: PathBuf,
    current: PathBuf,
    shown_map: PathBuf,
}

impl Places {
    fn of(data: &DataFolder) -> Self {
        let journeys = data.root().join("journeys");
        Self {
            state: data.state(),
            shown: data.root().join("state.shown"),
            current: journeys.join("current.toml"),
            shown_map: journeys.join("shown.toml"),
        }
    }

    fn is_under_way(&self) -> bool {
        self.shown_map.exists() && self.shown.exists()
    }
}

/// Moves an old map's state aside to be shown, where the configured map is another; gives what is to be shown meanwhile.
///
/// # Errors
/// When a file cannot be read, written or moved.
pub(super) fn prepare(
    data: &DataFolder,
    text: &str,
    map: &JourneyMap,
    identity: &Identity,
    zone: &Zone,
) -> Result<Option<Shown>> {
    let places = Places::of(data);
    if let Some(folder) = places.current.parent() {
        fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    }
    let same = |other: &JourneyMap| (&other.name, other.version) == (&map.name, map.version);
    let current = read(&places.current);
    let changed = current.as_ref().is_some_and(|current| !same(current));
    if places.is_under_way() && changed {
        remove(&places.state)?;
        if read(&places.shown_map).is_some_and(|shown| same(&shown)) {
            rename(&places.shown, &places.state)?;
            fs::remove_file(&places.shown_map)?;
        }
    } else if !places.is_under_way() {
        remove(&places.shown)?;
        if changed && places.state.exists() {
            fs::copy(&places.current, &places.shown_map)?;
            rename(&places.state, &places.shown)?;
        }
    }
    if changed || current.is_none() {
        fs::write(&places.current, text)
            .with_context(|| format!("cannot write {}", places.current.display()))?;
    }
    if places.is_under_way() { open(&places, identity, zone.clone()) } else { Ok(None) }
}

/// Opens what is shown; what cannot be used is not shown.
fn open(places: &Places, identity: &Identity, zone: Zone) -> Result<Option<Shown>> {
    let Some(map) = read(&places.shown_map) else { return Ok(None) };
    let old = Identity { journey: format!("{} {}", map.name, map.version), ..identity.clone() };
    let (state, opened) = State::open(&places.shown, &old, CACHE)?;
    let view = match opened {
        Opened::Ready => load(&state)?,
        Opened::Rebuild(reason) => {
            tracing::warn!(%reason, "the state of the old journey map cannot be shown");
            // Without it nothing is under way any more; the next start removes what is left.
            fs::remove_file(&places.shown_map)?;
            return Ok(None);
        }
    };
    tracing::info!(journey = %old.journey, "the old journey map is shown until the new one is folded");
    let folder = Folder::new(Mapper::new(map)?, zone);
    Ok(Some(Shown {
        folder,
        view,
        reader: state.reader(),
        state: Some(state),
        path: places.shown.clone(),
        over: AtomicBool::new(false),
    }))
}

fn read(path: &Path) -> Option<JourneyMap> {
    JourneyMap::parse(&fs::read_to_string(path).ok()?).ok()
}

fn remove(folder: &Path) -> Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot remove {}", folder.display()))
        }
        _ => Ok(()),
    }
}

fn rename(from: &Path, to: &Path) -> Result<()> {
    fs::rename(from, to).with_context(|| format!("cannot move {} to {}", from.display(), to.display()))
}

/// What whoever asks is shown: what was folded, or while a new map is folded what was known under the old one.
pub(super) struct Scene<'a> {
    shared: &'a Shared,
    shown: Option<Arc<Shown>>,
}

/// All feedback, as it is shown.
pub(super) enum Sight<'a> {
    Own(RwLockReadGuard<'a, View>),
    Old(&'a View),
}

impl Deref for Sight<'_> {
    type Target = View;

    fn deref(&self) -> &View {
        match self {
            Self::Own(view) => view,
            Self::Old(view) => view,
        }
    }
}

impl Scene<'_> {
    /// All feedback. While it is held nothing is folded: it is not to be held for long.
    pub(super) fn view(&self) -> Sight<'_> {
        match &self.shown {
            Some(shown) => Sight::Old(&shown.view),
            None => Sight::Own(self.shared.view()),
        }
    }

    /// The map with its numbers.
    pub(super) fn folder(&self) -> &Folder {
        self.shown.as_ref().map_or(&self.shared.folder, |shown| &shown.folder)
    }

    /// What is held of single feedback.
    pub(super) fn holdings(&self) -> Option<&Reader> {
        match &self.shown {
            Some(shown) => Some(&shown.reader),
            None => self.shared.holdings.as_ref(),
        }
    }
}

impl Shared {
    /// Gives what is shown now.
    pub(super) fn scene(&self) -> Scene<'_> {
        let shown = self.shown.read().unwrap_or_else(PoisonError::into_inner).clone();
        Scene { shared: self, shown }
    }

    /// Says whether a new journey map is being folded and not shown yet.
    pub fn is_shadowing(&self) -> bool {
        self.shown.read().unwrap_or_else(PoisonError::into_inner).is_some()
    }

    /// Shows what was folded from now on.
    pub(super) fn end_shadow(&self) -> Result<()> {
        if !self.is_shadowing() {
            return Ok(());
        }
        let places = Places::of(&self.data);
        fs::remove_file(&places.shown_map)
            .with_context(|| format!("cannot remove {}", places.shown_map.display()))?;
        if let Some(old) = self.shown.write().unwrap_or_else(PoisonError::into_inner).take() {
            old.over.store(true, Ordering::Relaxed);
        }
        tracing::info!("the new journey map is folded and shown");
        Ok(())
    }
}
