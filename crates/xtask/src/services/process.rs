//! A child that dies with us, however we end: a shell between us and it waits for the end of a pipe that we hold.

use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom, Write};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};

use anyhow::{Context, Result};

/// Runs the program (from the third argument on) with its output in the first argument. A line on the pipe is the
/// name of a signal to end it with. When the pipe ends without one, we are gone: it is killed and the folder named by
/// the second argument, if any, removed. The shell ends after the program, with its status.
const WATCH: &str = r#"
log=$1 folder=$2
shift 2
gone=
exec 3<&0
"$@" </dev/null >>"$log" 2>&1 3<&- &
program=$!
trap 'gone=1; kill -KILL $program' TERM
{
  if read -r signal <&3; then kill -"$signal" $program; else kill -TERM $$; fi
} 2>/dev/null &
watch=$!
wait $program
status=$?
if [ -n "$gone" ]; then
  wait $program
  [ -z "$folder" ] || rm -rf -- "$folder"
fi
kill $watch 2>/dev/null
exit $status
"#;

/// What of a log is told of a failure.
const TAIL_BYTES: u64 = 4096;
const TAIL_LINES: usize = 20;

/// What to run and where.
pub(super) struct Plan<'a> {
    pub(super) words: &'a [String],
    /// Where it runs.
    pub(super) folder: &'a Path,
    /// Where its output is appended.
    pub(super) log: PathBuf,
    /// A folder to remove when we end without having ended the program.
    pub(super) remove: Option<&'a Path>,
}

/// A running program.
#[derive(Debug)]
pub(super) struct Process {
    shell: Child,
    pipe: Option<ChildStdin>,
    log: PathBuf,
}

impl Process {
    /// Starts a program, in a process group of its own: an interrupt from the keyboard reaches us alone.
    pub(super) fn start(plan: Plan<'_>) -> Result<Self> {
        let mut shell = Command::new("/bin/sh")
            .args(["-c", WATCH, "sh"])
            .arg(&plan.log)
            .arg(plan.remove.unwrap_or(Path::new("")))
            .args(plan.words)
            .current_dir(plan.folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .context("cannot start /bin/sh")?;
        let pipe = shell.stdin.take();
        Ok(Self { shell, pipe, log: plan.log })
    }

    /// Says how the program ended, where it has.
    pub(super) fn ended(&mut self) -> Result<Option<ExitStatus>> {
        self.shell.try_wait().context("cannot tell whether a child runs")
    }

    /// Kills the program and waits until it is gone.
    pub(super) fn kill(mut self) -> Result<()> {
        self.end("KILL").map(drop)
    }

    /// Asks the program to end and waits until it has.
    pub(super) fn terminate(mut self) -> Result<ExitStatus> {
        self.end("TERM")
    }

    fn end(&mut self, signal: &str) -> Result<ExitStatus> {
        if let Some(mut pipe) = self.pipe.take() {
            // Where the program has ended by itself nobody reads the line.
            drop(writeln!(pipe, "{signal}"));
            // The pipe stays open until the shell has ended, lest it take its end for ours.
            let status = self.shell.wait();
            drop(pipe);
            return status.context("cannot wait for a child");
        }
        self.shell.wait().context("cannot wait for a child")
    }

    /// Gives the last lines that the program wrote.
    pub(super) fn tail(&self) -> String {
        tail(&self.log).unwrap_or_else(|error| format!("({}: {error})", self.log.display()))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        drop(self.end("KILL"));
    }
}

fn tail(path: &Path) -> std::io::Result<String> {
    let mut file = File::open(path)?;
    let length = fs::metadata(path)?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(TAIL_BYTES)))?;
    let mut bytes = Vec::new();
    file.take(TAIL_BYTES).read_to_end(&mut bytes)?;
    Ok(last_lines(&String::from_utf8_lossy(&bytes)))
}

/// Gives as many of the last lines of a text as are told of a failure.
pub(super) fn last_lines(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    lines.get(lines.len().saturating_sub(TAIL_LINES)..).unwrap_or_default().join("\n")
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;

    fn folder(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("groundswell-xtask-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        folder
    }

    fn start(folder: &Path, script: &str, remove: bool) -> Process {
        let words: Vec<String> = ["sh", "-c", script].map(str::to_owned).to_vec();
        let log = folder.join("log");
        Process::start(Plan { words: &words, folder, log, remove: remove.then_some(folder) }).unwrap()
    }

    fn until(what: &str, mut holds: impl FnMut() -> bool) {
        let end = Instant::now() + Duration::from_secs(30);
        while !holds() {
            assert!(Instant::now() < end, "{what}");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    #[test]
    fn a_program_that_ends_by_itself_is_noticed_with_its_last_words() {
        let folder = folder("ends");
        let mut process = start(&folder, "echo first; echo last; exit 3", false);
        until("it ends", || process.ended().unwrap().is_some());
        assert_eq!(process.ended().unwrap().unwrap().code(), Some(3));
        assert_eq!(process.tail(), "first\nlast");
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_killed_program_is_gone_and_its_folder_stays() {
        let folder = folder("kill");
        let process = start(&folder, "trap 'echo no' TERM; echo up; while :; do sleep 0.05; done", true);
        until("it runs", || process.tail() == "up");
        process.kill().unwrap();
        assert!(folder.exists());
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_program_may_be_asked_to_end() {
        let folder = folder("term");
        let process =
            start(&folder, "trap 'echo bye; exit 4' TERM; echo up; while :; do sleep 0.05; done", true);
        until("it runs", || process.tail() == "up");
        assert_eq!(process.terminate().unwrap().code(), Some(4));
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn what_is_left_behind_is_killed_and_its_folder_removed() {
        let folder = folder("left");
        let mut process = start(&folder, "echo up; while :; do sleep 0.05; date > beat; done", true);
        until("it runs", || process.tail() == "up");
        // As when we are killed: the pipe ends without a word.
        drop(process.pipe.take());
        until("the shell ends", || process.ended().unwrap().is_some());
        assert!(!folder.exists());
    }
}
