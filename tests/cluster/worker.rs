//! The processes of a cluster: each the real binary in a data folder of its own, with its roles.

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
use groundswell_tests::TempFolder;

/// How long a stop by SIGTERM may take.
const STOP: Duration = Duration::from_secs(20);

/// One process, running or not.
pub struct Worker {
    name: &'static str,
    roles: &'static str,
    binary: PathBuf,
    data: DataFolder,
    config: Config,
    child: Mutex<Option<Child>>,
    restarts: AtomicU64,
}

impl Worker {
    fn new(folder: &Path, name: &'static str, roles: &'static str, config: Config) -> Self {
        let data = DataFolder::new(folder.join(name));
        data.create().unwrap();
        std::fs::write(data.root().join("config.toml"), toml::to_string(&config).unwrap()).unwrap();
        let binary = groundswell_tests::binary()
            .expect("the binary is built: cargo build --release --workspace --bins");
        Self { name, roles, binary, data, config, child: Mutex::new(None), restarts: AtomicU64::new(0) }
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
    fn revive(&self) {
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

    fn stop(&self) {
        let Some(mut child) = self.child.lock().unwrap().take() else { return };
        let begun = Instant::now();
        let id = i32::try_from(child.id()).ok().and_then(rustix::process::Pid::from_raw).unwrap();
        if rustix::process::kill_process(id, rustix::process::Signal::TERM).is_ok() {
            let status = child.wait().unwrap();
            assert!(status.success(), "{} ended with {status}: {}", self.name, self.said());
        }
        assert!(begun.elapsed() < STOP, "{} took {:?} to stop", self.name, begun.elapsed());
    }

    fn dump(&self, roles: Roles) -> Vec<String> {
        let mut lines = Vec::new();
        let opening =
            Opening { config: self.config.clone(), data: self.data.clone(), clock: Clock::system(), roles };
        let engine = Engine::open(opening).unwrap_or_else(|error| panic!("{}: {error:#}", self.name));
        engine.dump(|line| lines.push(line.to_owned())).unwrap();
        lines
    }

    fn said(&self) -> String {
        let said = std::fs::read_to_string(self.data.root().join("stderr.txt")).unwrap_or_default();
        let lines: Vec<&str> = said.lines().rev().take(12).collect();
        format!("{}:\n{}", self.name, lines.into_iter().rev().collect::<Vec<_>>().join("\n"))
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.kill();
    }
}

/// All processes.
pub struct Fleet {
    pub analyser: Worker,
    pub second: Worker,
    pub index: Worker,
    workers: [Worker; 2],
}

impl Fleet {
    /// Lays the folders out: all have the same key and the same pipelines.
    pub fn new(
        folder: &TempFolder,
        bootstrap: &str,
        prefix: &str,
        partitions: u32,
        sources: &[(&'static str, String)],
    ) -> Self {
        let root = folder.join("");
        let mut config = Config::default();
        config.kafka.brokers = bootstrap.to_owned();
        config.kafka.session_timeout = "6s".to_owned().try_into().unwrap();
        config.installation.topic_prefix = prefix.to_owned();
        config.log.partitions = partitions;
        config.index.commit_after = "200ms".to_owned().try_into().unwrap();
        config.index.writer_memory = "32MiB".to_owned().try_into().unwrap();
        let mut serving = config.clone();
        serving.index.folder = root.join("index/index").display().to_string();
        let fleet = Self {
            analyser: Worker::new(&root, "analyser", "analyse,serve", serving),
            second: Worker::new(&root, "second", "analyse", config.clone()),
            index: Worker::new(&root, "index", "index", config.clone()),
            workers: [
                Worker::new(&root, "ingest-1", "ingest", config.clone()),
                Worker::new(&root, "ingest-2", "ingest", config),
            ],
        };
        fleet.analyser.data.hasher().unwrap();
        let key = fleet.analyser.data.root().join("respondent.key");
        for worker in fleet.all() {
            let own = worker.data.root();
            if worker.name != "analyser" {
                std::fs::copy(&key, own.join("respondent.key")).unwrap();
            }
            std::fs::create_dir_all(worker.data.pipelines()).unwrap();
            for (pipeline, topic) in sources {
                let shipped = groundswell_tests::workspace_root().join(format!("pipelines/{pipeline}.toml"));
                let shipped = std::fs::read_to_string(shipped).unwrap();
                let others = shipped.lines().filter(|line| !line.starts_with("topics"));
                let text = format!("topics = [\"{topic}\"]\n{}", others.collect::<Vec<_>>().join("\n"));
                std::fs::write(worker.data.pipelines().join(format!("{pipeline}.toml")), text).unwrap();
            }
        }
        fleet
    }

    fn all(&self) -> Vec<&Worker> {
        [&self.analyser, &self.second, &self.index].into_iter().chain(&self.workers).collect()
    }

    /// Starts everything but the second analyser; the one that serves waits for the index that it reads.
    pub fn start_all(&self) {
        self.index.start();
        self.workers.iter().for_each(Worker::start);
        let there = self.index.data.index().join("meta.json");
        let deadline = Instant::now() + Duration::from_secs(60);
        while !there.exists() {
            assert!(Instant::now() < deadline, "no index: {}", self.index.said());
            std::thread::sleep(Duration::from_millis(20));
        }
        self.analyser.start();
    }

    /// Gives the processes that were started.
    pub fn running(&self) -> Vec<&Worker> {
        self.all().into_iter().filter(|worker| worker.child.lock().unwrap().is_some()).collect()
    }

    /// Starts again what has ended by itself.
    pub fn revive(&self) {
        self.all().into_iter().for_each(Worker::revive);
    }

    /// How many processes ended by themselves and were started again.
    pub fn restarts(&self) -> u64 {
        self.all().into_iter().map(|worker| worker.restarts.load(Ordering::SeqCst)).sum()
    }

    /// Asks the analyser that serves for its account; nothing while it is starting.
    pub fn counts(&self) -> Option<CountsReport> {
        Remote::find(&self.analyser.data).ok().flatten()?.counts().ok()
    }

    /// Stops everything by SIGTERM.
    pub fn stop(&self) {
        self.all().into_iter().for_each(Worker::stop);
    }

    /// Dumps the state of the analyser and the index.
    pub fn dump(&self) -> Vec<String> {
        let mut lines = self.analyser.dump("analyse".parse().unwrap());
        lines.extend(self.index.dump("index".parse().unwrap()));
        lines
    }

    /// Gives the end of what every process said.
    pub fn said(&self) -> String {
        self.all().into_iter().map(Worker::said).collect::<Vec<_>>().join("\n")
    }
}
