//! Processes of one installation on Kafka: each the real binary in a data folder of its own, with its roles.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use groundswell::clock::Clock;
use groundswell::config::Config;
use groundswell::engine::{Engine, Opening, Roles};
use groundswell::folder::DataFolder;
use groundswell::remote::Remote;
use groundswell_server::{CountsReport, Installation};

use crate::{binary, workspace_root};

/// Partitions of every topic that records are read from.
pub const PARTITIONS: u32 = 4;

/// How long a stop by SIGTERM may take.
const STOP: Duration = Duration::from_secs(20);

/// Where a cluster lives.
pub struct Cluster {
    /// Addresses of its brokers.
    pub bootstrap: String,
    /// Prefix of its topics.
    pub prefix: String,
    /// Copies of each topic.
    pub copies: u16,
}

impl Cluster {
    /// The configuration of a process of it.
    pub fn config(&self) -> Config {
        let mut config = Config::default();
        config.kafka.brokers.clone_from(&self.bootstrap);
        config.kafka.session_timeout = "6s".to_owned().try_into().unwrap();
        config.kafka.replication = self.copies;
        config.installation.topic_prefix.clone_from(&self.prefix);
        config.log.partitions = PARTITIONS;
        config.index.commit_after = "200ms".to_owned().try_into().unwrap();
        config.index.writer_memory = "32MiB".to_owned().try_into().unwrap();
        config
    }
}

/// One process, running or not.
pub struct Worker {
    name: &'static str,
    roles: &'static str,
    binary: PathBuf,
    data: DataFolder,
    config: Mutex<Config>,
    child: Mutex<Option<Child>>,
    restarts: AtomicU64,
}

impl Worker {
    /// Lays out a folder for a process with these roles.
    pub fn new(folder: &Path, name: &'static str, roles: &'static str, config: Config) -> Self {
        let data = DataFolder::new(folder.join(name));
        data.create().unwrap();
        let binary = binary().expect("the binary is built: cargo build --release --workspace --bins");
        let worker = Self {
            name,
            roles,
            binary,
            data,
            config: Mutex::new(config),
            child: Mutex::new(None),
            restarts: AtomicU64::new(0),
        };
        worker.set_config(|_| {});
        worker
    }

    /// Gives its data folder.
    pub fn data(&self) -> &DataFolder {
        &self.data
    }

    /// Says whether it was started.
    pub fn is_running(&self) -> bool {
        self.child.lock().unwrap().is_some()
    }

    /// Gives how often it ended by itself and was started again.
    pub fn restarts(&self) -> u64 {
        self.restarts.load(Ordering::SeqCst)
    }

    /// Gives the process id, while it runs.
    pub fn process(&self) -> Option<u32> {
        self.child.lock().unwrap().as_ref().map(Child::id)
    }

    /// Changes the configuration, from the next start on.
    pub fn set_config(&self, change: impl FnOnce(&mut Config)) {
        let mut config = self.config.lock().unwrap();
        change(&mut config);
        std::fs::write(self.data.root().join("config.toml"), toml::to_string(&*config).unwrap()).unwrap();
    }

    /// Lays out a folder beside this one for another process of the same installation.
    pub fn twin(&self, name: &'static str, roles: &'static str) -> Self {
        let folder = self.data.root().parent().unwrap();
        let twin = Self::new(folder, name, roles, self.config.lock().unwrap().clone());
        twin.take_key_of(self);
        std::fs::create_dir_all(twin.data.pipelines()).unwrap();
        for pipeline in std::fs::read_dir(self.data.pipelines()).unwrap() {
            let path = pipeline.unwrap().path();
            std::fs::copy(&path, twin.data.pipelines().join(path.file_name().unwrap())).unwrap();
        }
        twin
    }

    /// Adds a line to the top of a pipeline's file.
    pub fn add_to_pipeline(&self, pipeline: &str, line: &str) {
        let path = self.data.pipelines().join(format!("{pipeline}.toml"));
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::write(path, format!("{line}\n{text}")).unwrap();
    }

    /// Waits until the process says something, started now where it does not run.
    pub fn says(&self, words: &str, within: Duration) {
        self.start();
        let deadline = Instant::now() + within;
        while !self.all_said().contains(words) {
            assert!(Instant::now() < deadline, "it does not say {words:?}: {}", self.said());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn all_said(&self) -> String {
        std::fs::read_to_string(self.data.root().join("stderr.txt")).unwrap_or_default()
    }

    /// Waits until the process ends by itself, which must be with a fault, started now where it does not run; gives what
    /// it said.
    pub fn ends_with_fault(&self, within: Duration) -> String {
        if !self.is_running() {
            std::fs::write(self.data.root().join("stderr.txt"), "").unwrap();
        }
        self.start();
        let deadline = Instant::now() + within;
        loop {
            let ended = self.child.lock().unwrap().as_mut().unwrap().try_wait().unwrap();
            if let Some(status) = ended {
                *self.child.lock().unwrap() = None;
                assert_eq!(status.code(), Some(1), "{}", self.said());
                return self.all_said();
            }
            assert!(Instant::now() < deadline, "it goes on: {:?}\n{}", self.counts(), self.said());
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    fn signal(&self, signal: rustix::process::Signal) {
        let child = self.child.lock().unwrap();
        let child = child.as_ref().unwrap();
        let id = i32::try_from(child.id()).ok().and_then(rustix::process::Pid::from_raw).unwrap();
        rustix::process::kill_process(id, signal).unwrap();
    }

    /// Stops the process from running on, as a machine does that is suspended.
    pub fn pause(&self) {
        self.signal(rustix::process::Signal::STOP);
    }

    /// Lets a paused process run on.
    pub fn resume(&self) {
        self.signal(rustix::process::Signal::CONT);
    }

    /// Takes the key of respondents that another has, so that both hash alike.
    pub fn take_key_of(&self, other: &Self) {
        other.data.hasher().unwrap();
        if self.data.root() == other.data.root() {
            return;
        }
        std::fs::copy(other.data.root().join("respondent.key"), self.data.root().join("respondent.key"))
            .unwrap();
    }

    /// Lets shipped pipelines read these topics.
    pub fn read_from(&self, sources: &[(&'static str, String)]) {
        std::fs::create_dir_all(self.data.pipelines()).unwrap();
        for (pipeline, topic) in sources {
            let shipped = workspace_root().join(format!("pipelines/{pipeline}.toml"));
            let shipped = std::fs::read_to_string(shipped).unwrap();
            let others = shipped.lines().filter(|line| !line.starts_with("topics"));
            let text = format!("topics = [\"{topic}\"]\n{}", others.collect::<Vec<_>>().join("\n"));
            std::fs::write(self.data.pipelines().join(format!("{pipeline}.toml")), text).unwrap();
        }
    }

    /// Asks the process for its account; nothing while it is starting.
    pub fn counts(&self) -> Option<CountsReport> {
        Remote::find(&self.data).ok().flatten()?.counts().ok()
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.binary);
        command.arg("--data").arg(self.data.root());
        command.arg("--config").arg(self.data.root().join("config.toml")).args(arguments);
        command
    }

    /// Runs a command in the worker's folder, and gives what it printed.
    pub fn run(&self, arguments: &[&str]) -> String {
        let output = self.command(arguments).output().unwrap();
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{}: {arguments:?} ended with {}: {told}", self.name, output.status);
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// Starts the process; does not wait until it is ready.
    pub fn start(&self) {
        let mut child = self.child.lock().unwrap();
        if child.is_none() {
            let log = std::fs::File::options()
                .create(true)
                .append(true)
                .open(self.data.root().join("stderr.txt"))
                .unwrap();
            let mut command = self.command(&["run", "--listen", "127.0.0.1:0", "--roles", self.roles]);
            *child = Some(command.stdout(Stdio::null()).stderr(log).spawn().unwrap());
        }
    }

    /// Kills the process with SIGKILL.
    pub fn kill(&self) {
        if let Some(mut child) = self.child.lock().unwrap().take() {
            drop(child.kill());
            child.wait().unwrap();
        }
    }

    /// Starts the process again where it has ended by itself, as a supervisor does.
    pub fn revive(&self) {
        let ended = {
            let mut child = self.child.lock().unwrap();
            let ended = child.as_mut().is_some_and(|child| child.try_wait().unwrap().is_some());
            if ended {
                *child = None;
            }
            ended
        };
        if ended {
            self.restarts.fetch_add(1, Ordering::SeqCst);
            self.start();
        }
    }

    /// Stops the process by SIGTERM.
    pub fn stop(&self) {
        let Some(mut child) = self.child.lock().unwrap().take() else { return };
        let begun = Instant::now();
        let id = i32::try_from(child.id()).ok().and_then(rustix::process::Pid::from_raw).unwrap();
        if rustix::process::kill_process(id, rustix::process::Signal::TERM).is_ok() {
            let status = child.wait().unwrap();
            assert!(status.success(), "{} ended with {status}: {}", self.name, self.said());
        }
        assert!(begun.elapsed() < STOP, "{} took {:?} to stop", self.name, begun.elapsed());
    }

    /// Dumps the views of these roles; nothing else may have the folder open.
    pub fn dump(&self, roles: Roles) -> Vec<String> {
        let mut lines = Vec::new();
        let opening = Opening {
            config: self.config.lock().unwrap().clone(),
            data: self.data.clone(),
            clock: Clock::system(),
            roles,
        };
        let engine = Engine::open(opening).unwrap_or_else(|error| panic!("{}: {error:#}", self.name));
        engine.dump(|line| lines.push(line.to_owned())).unwrap();
        lines
    }

    /// Gives the end of what the process said.
    pub fn said(&self) -> String {
        let said = self.all_said();
        let lines: Vec<&str> = said.lines().rev().take(12).collect();
        format!("{}:\n{}", self.name, lines.into_iter().rev().collect::<Vec<_>>().join("\n"))
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.kill();
    }
}
