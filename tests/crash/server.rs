//! The real binary as a child: started, killed, asked to stop, and asked what it counts.

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use groundswell::config::Config;
use groundswell::folder::DataFolder;
use groundswell::remote::Remote;
use groundswell_server::{CountsReport, Fault, Installation};
use groundswell_tests::PATIENCE;

/// A data folder, and the process that serves it.
pub struct Server {
    binary: PathBuf,
    data: DataFolder,
    config: PathBuf,
    child: Mutex<Option<Child>>,
}

impl Server {
    pub fn new(data: DataFolder, config: &Config) -> Self {
        let binary = groundswell_tests::binary()
            .expect("the binary is built: cargo build --release --workspace --bins");
        std::fs::create_dir_all(data.root()).unwrap();
        let path = data.root().join("config.toml");
        std::fs::write(&path, toml::to_string(config).unwrap()).unwrap();
        Self { binary, data, config: path, child: Mutex::new(None) }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.binary);
        command.arg("--data").arg(self.data.root()).arg("--config").arg(&self.config).args(arguments);
        command
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
            let mut command = self.command(&["run", "--listen", "127.0.0.1:0"]);
            *child = Some(command.stdout(Stdio::null()).stderr(log).spawn().unwrap());
        }
    }

    /// Starts another command on the same folder, whose output can be read.
    pub fn spawn(&self, arguments: &[&str]) -> Child {
        let mut command = self.command(arguments);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    }

    /// Kills the process with SIGKILL.
    pub fn kill(&self) {
        if let Some(mut child) = self.child.lock().unwrap().take() {
            if let Some(status) = child.try_wait().unwrap() {
                panic!("the process ended by itself with {status}: {}", self.said());
            }
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    /// Finds the process behind its note, waiting for one that is starting.
    pub fn remote(&self) -> Result<Remote, Fault> {
        let deadline = Instant::now() + PATIENCE;
        while Instant::now() < deadline {
            if let Ok(Some(remote)) = Remote::find(&self.data) {
                return Ok(remote);
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        panic!("no process answers: {}", self.said());
    }

    /// Waits until everything in the log is searchable and reported.
    pub fn catch_up(&self) {
        let deadline = Instant::now() + PATIENCE;
        let mut still = 0;
        while still < 3 {
            assert!(Instant::now() < deadline, "the loops do not catch up: {}", self.said());
            let status = self.remote().unwrap().status().unwrap();
            for (name, state) in &status.loops {
                assert_eq!(state.stopped, None, "{name} has stopped");
            }
            still = if status.loops.values().all(|state| state.lag == 0) { still + 1 } else { 0 };
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// Runs `check --counts --format json` beside the process.
    pub fn check(&self) -> CountsReport {
        let output = self.command(&["check", "--counts", "--format", "json"]).output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout);
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "check ended with {}: {told}", output.status);
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error} in {text:?}: {told}"))
    }

    /// Stops the process with SIGTERM, and says how long that took.
    pub fn terminate(&self) -> Duration {
        let mut child = self.child.lock().unwrap().take().expect("a process runs");
        let begun = Instant::now();
        let id = i32::try_from(child.id()).ok().and_then(rustix::process::Pid::from_raw).unwrap();
        rustix::process::kill_process(id, rustix::process::Signal::TERM).unwrap();
        let status = child.wait().unwrap();
        assert!(status.success(), "the process ended with {status}: {}", self.said());
        begun.elapsed()
    }

    /// Runs `rebuild`.
    pub fn rebuild(&self) {
        let output = self.command(&["rebuild"]).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    /// Gives the end of what the process said.
    fn said(&self) -> String {
        let said = std::fs::read_to_string(self.data.root().join("stderr.txt")).unwrap_or_default();
        let lines: Vec<&str> = said.lines().rev().take(20).collect();
        lines.into_iter().rev().collect::<Vec<_>>().join("\n")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take() {
            // The test has failed already; nothing more can be done about a process that does not end.
            drop(child.kill());
            drop(child.wait());
        }
    }
}
