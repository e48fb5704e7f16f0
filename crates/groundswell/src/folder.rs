//! The data folder: where log, state and index lie, and the secrets beside them.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};

use groundswell_model::RespondentHasher;

/// The data folder of an installation.
#[derive(Clone, Debug)]
pub struct DataFolder {
    root: PathBuf,
}

/// How a running server is reached.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ServerNote {
    /// Address and port.
    pub address: String,
    /// The token of the API.
    pub token: String,
    /// Its process.
    pub process: u32,
}

/// How often loops of this folder's processes stopped with a fault.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Stops {
    /// Stops for any reason.
    pub loops: u64,
    /// Because a newer process took the writer's id.
    pub fenced: u64,
    /// Because the log does not hold a position.
    pub out_of_range: u64,
}

impl DataFolder {
    /// Names a data folder; nothing is made yet.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// Gives the folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Gives the log's folder.
    pub fn log(&self) -> PathBuf {
        self.root.join("log")
    }

    /// Gives the state's folder.
    pub fn state(&self) -> PathBuf {
        self.root.join("state")
    }

    /// Gives the index's folder.
    pub fn index(&self) -> PathBuf {
        self.root.join("index")
    }

    /// Gives the folder of pipelines that imports have made.
    pub fn pipelines(&self) -> PathBuf {
        self.root.join("pipelines")
    }

    /// Says whether anything was ever stored here.
    pub fn exists(&self) -> bool {
        self.log().exists() || self.instance_file().exists()
    }

    /// Gives the name of this process on a log that several share; it is made once.
    ///
    /// # Errors
    /// When the file cannot be read or written.
    pub fn instance(&self) -> Result<String> {
        let path = self.instance_file();
        if !path.exists() {
            write_private(&path, hex(&random::<4>()?).as_bytes())?;
        }
        fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))
    }

    fn instance_file(&self) -> PathBuf {
        self.root.join("instance")
    }

    /// Holds the folder for this process until the lock is dropped. The embedded log has a lock of its own.
    ///
    /// # Errors
    /// When another process holds it.
    pub fn lock(&self) -> Result<fs::File> {
        let path = self.root.join("lock");
        let file = fs::File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .with_context(|| format!("cannot open {}", path.display()))?;
        file.try_lock().ok().with_context(|| {
            format!("the data folder {} is in use by another process", self.root.display())
        })?;
        Ok(file)
    }

    /// Makes the folder, readable by its owner only.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn create(&self) -> Result<()> {
        fs::create_dir_all(&self.root)
            .with_context(|| format!("cannot make the data folder {}", self.root.display()))?;
        private(&self.root, 0o700)
    }

    /// Reads the secret that respondents are hashed with; it is made at the first start and never changed.
    ///
    /// # Errors
    /// When a log is there but its key is not: another key would make every person a stranger.
    pub fn hasher(&self) -> Result<RespondentHasher> {
        let path = self.root.join("respondent.key");
        if !path.exists() {
            if self.log().exists() {
                bail!(
                    "the key {} is missing: put it back from your backup, or every person would count as new",
                    path.display()
                );
            }
            write_private(&path, &random::<32>()?)?;
        }
        let bytes = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let key =
            bytes.try_into().ok().with_context(|| format!("{} does not hold 32 bytes", path.display()))?;
        Ok(RespondentHasher::new(key))
    }

    /// Reads the identity of the log, which its views carry; it is made with the log.
    ///
    /// # Errors
    /// When the file cannot be read or written.
    pub fn log_id(&self) -> Result<String> {
        let path = self.log().join("id");
        if !path.exists() {
            fs::create_dir_all(self.log())
                .with_context(|| format!("cannot make {}", self.log().display()))?;
            write_private(&path, hex(&random::<8>()?).as_bytes())?;
        }
        fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))
    }

    /// Notes how the running server is reached.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn note_server(&self, address: String) -> Result<ServerNote> {
        let note = ServerNote { address, token: hex(&random::<32>()?), process: std::process::id() };
        write_private(&self.server_note(), &serde_json::to_vec_pretty(&note)?)?;
        Ok(note)
    }

    /// Removes the note when the server stops.
    pub fn forget_server(&self) {
        if let Err(error) = fs::remove_file(self.server_note()) {
            tracing::debug!(%error, "no server note to remove");
        }
    }

    /// Reads how a running server is reached; `None` where none has left a note.
    ///
    /// # Errors
    /// When the note is there but cannot be read.
    pub fn server(&self) -> Result<Option<ServerNote>> {
        let path = self.server_note();
        match fs::read(&path) {
            Ok(bytes) => Ok(Some(
                serde_json::from_slice(&bytes).with_context(|| format!("cannot read {}", path.display()))?,
            )),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
        }
    }

    /// Reads how often loops have stopped; what cannot be read counts as never.
    pub fn stops(&self) -> Stops {
        let read = fs::read(self.root.join("stops.json")).ok();
        read.and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default()
    }

    /// Notes how often loops have stopped, for the process that comes after this one.
    pub fn note_stops(&self, stops: &Stops) {
        let written = serde_json::to_vec(stops)
            .map_err(anyhow::Error::from)
            .and_then(|bytes| write_private(&self.root.join("stops.json"), &bytes));
        if let Err(error) = written {
            tracing::debug!(error = %format!("{error:#}"), "the stop is not noted in the data folder");
        }
    }

    fn server_note(&self) -> PathBuf {
        self.root.join("server.json")
    }
}

fn random<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| anyhow::anyhow!("no random numbers: {error}"))?;
    Ok(bytes)
}

fn hex(bytes: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(bytes)
}

/// Writes a file that only its owner can read, all or nothing.
fn write_private(path: &Path, bytes: &[u8]) -> Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder)
        .with_context(|| format!("cannot write into {}", folder.display()))?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(path).with_context(|| format!("cannot write {}", path.display()))?;
    private(path, 0o600)
}

#[cfg(unix)]
fn private(path: &Path, mode: u32) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let wanted = if path.is_dir() { mode | 0o700 } else { mode };
    fs::set_permissions(path, fs::Permissions::from_mode(wanted))
        .with_context(|| format!("cannot protect {}", path.display()))
}

#[cfg(not(unix))]
fn private(_: &Path, _: u32) -> Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stops_are_counted_over_restarts() {
        let folder = tempfile::tempdir().unwrap();
        let data = DataFolder::new(folder.path().join("data"));
        assert_eq!(data.stops(), Stops::default());
        data.create().unwrap();
        let stops = Stops { loops: 3, fenced: 1, out_of_range: 2 };
        data.note_stops(&stops);
        assert_eq!(data.stops(), stops);
    }

    #[test]
    fn the_key_stays_and_a_missing_one_is_never_made_beside_a_log() {
        let folder = tempfile::tempdir().unwrap();
        let data = DataFolder::new(folder.path().join("data"));
        data.create().unwrap();
        let key = data.hasher().unwrap().respondent("email", "a@example.com");
        assert_eq!(data.hasher().unwrap().respondent("email", "a@example.com"), key);
        data.log_id().unwrap();
        fs::remove_file(data.root().join("respondent.key")).unwrap();
        let message = data.hasher().unwrap_err().to_string();
        assert!(message.contains("put it back from your backup"), "{message}");
    }

    #[test]
    fn a_log_keeps_its_identity() {
        let folder = tempfile::tempdir().unwrap();
        let data = DataFolder::new(folder.path());
        let id = data.log_id().unwrap();
        assert_eq!(id.len(), 16);
        assert_eq!(data.log_id().unwrap(), id);
    }
}
