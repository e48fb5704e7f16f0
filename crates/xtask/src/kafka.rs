//! `cargo xtask services kafka`: brokers on this machine for as long as the task runs.

use std::io::{Read, Write};
use std::os::unix::fs::FileTypeExt;
use std::path::PathBuf;
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use xtask::services::kafka::{Brokers, Settings, VERSION};

use crate::say::{duration, say};
use crate::{Fault, Outcome, Task, tools};

pub(crate) const TASK: Task = Task {
    name: "services",
    says: "run Apache Kafka on this machine",
    help: "Fetches Apache Kafka where it is missing, starts it on free ports of loopback and says where. It runs until\n\
           Ctrl-C or until what is piped in ends; then nothing of it is left, unless --folder names a folder to keep.\n\n  \
           --brokers 1|3   how many brokers (1); three replicate every topic\n  \
           --secure        listeners with TLS and SASL besides, and access rules\n  \
           --folder DIR    where records, settings and logs lie; missing or empty, and kept\n\n\
           Examples:\n  cargo xtask services kafka\n  cargo xtask services kafka --brokers 3\n  \
           cargo xtask services kafka --secure --folder my-kafka",
    run,
};

/// How often we look whether the brokers still run.
const LOOK: Duration = Duration::from_millis(500);

#[derive(Debug, PartialEq)]
struct Wanted {
    brokers: usize,
    secure: bool,
    folder: Option<PathBuf>,
}

fn run(arguments: &[String]) -> Outcome {
    let wanted = wanted(arguments).map_err(Fault::Usage)?;
    tools::check_services()?;
    Ok(serve(wanted)?)
}

fn wanted(arguments: &[String]) -> Result<Wanted, String> {
    let mut rest = arguments.iter();
    match rest.next().map(String::as_str) {
        Some("kafka") => {}
        Some(other) => return Err(format!("there is no service {other:?}, only kafka")),
        None => return Err("name a service: kafka".to_owned()),
    }
    let mut wanted = Wanted { brokers: 1, secure: false, folder: None };
    while let Some(argument) = rest.next() {
        let (name, joined) =
            argument.split_once('=').map_or((argument.as_str(), None), |(a, b)| (a, Some(b)));
        let mut value = || {
            let value = joined.or_else(|| rest.next().map(String::as_str)).filter(|value| !value.is_empty());
            value.ok_or_else(|| format!("{name} needs a value"))
        };
        match name {
            "--brokers" => {
                wanted.brokers = match value()? {
                    "1" => 1,
                    "3" => 3,
                    other => return Err(format!("--brokers is 1 or 3, not {other:?}")),
                }
            }
            "--folder" => wanted.folder = Some(PathBuf::from(value()?)),
            "--secure" if joined.is_none() => wanted.secure = true,
            _ => return Err(format!("services kafka does not know {argument:?}")),
        }
    }
    Ok(wanted)
}

fn serve(wanted: Wanted) -> Result<()> {
    let begun = Instant::now();
    let settings = match wanted.folder {
        Some(folder) => Settings::new(folder),
        None => Settings::temporary()?,
    };
    let settings = Settings { brokers: wanted.brokers, secure: wanted.secure, ..settings };
    say(&format!("starting Apache Kafka {VERSION}; the first time it is fetched"));
    let mut brokers = Brokers::start(&settings)?;
    show(&brokers, wanted.brokers)?;
    say(&format!("ready after {}; Ctrl-C stops it", duration(begun.elapsed())));
    wait(&mut brokers)?;
    brokers.stop()
}

/// Writes to standard output where the brokers are reached, a line each, for people and for scripts.
fn show(brokers: &Brokers, number: usize) -> Result<()> {
    let mut lines = vec![("bootstrap", brokers.bootstrap())];
    if let Some(secure) = brokers.secure() {
        lines.extend([
            ("sasl+tls", secure.sasl_tls.clone()),
            ("users", "alice/alice-secret (everything), bob/bob-secret (by access rules)".to_owned()),
            ("mechanisms", "PLAIN, SCRAM-SHA-256, SCRAM-SHA-512".to_owned()),
            ("mtls", secure.mtls.clone()),
            ("ca", secure.ca.display().to_string()),
            ("certificate", secure.client.certificate.display().to_string()),
            ("key", secure.client.key.display().to_string()),
        ]);
    }
    let logs = (1..=number).filter_map(|number| brokers.log(number));
    lines.extend(logs.map(|log| ("log", log.display().to_string())));
    let text: String = lines.iter().map(|(name, value)| format!("{name}: {value}\n")).collect();
    let mut output = std::io::stdout().lock();
    output.write_all(text.as_bytes()).and_then(|()| output.flush()).context("cannot write the addresses")
}

/// Waits for the end of what is piped in, where something is; otherwise for a signal, which ends us and with us the
/// brokers.
fn wait(brokers: &mut Brokers) -> Result<()> {
    let (over, ended) = sync_channel::<()>(1);
    let piped = std::fs::metadata("/dev/stdin").is_ok_and(|found| {
        let kind = found.file_type();
        kind.is_fifo() || kind.is_socket()
    });
    // Where nothing is piped in, the sender is kept and nothing is ever sent.
    let _kept = if piped {
        thread::spawn(move || {
            let mut input = std::io::stdin().lock();
            let mut some = [0; 1024];
            while matches!(input.read(&mut some), Ok(1..)) {}
            drop(over);
        });
        None
    } else {
        Some(over)
    };
    while let Err(RecvTimeoutError::Timeout) = ended.recv_timeout(LOOK) {
        brokers.check()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<String> {
        line.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn the_command_line_is_read_whole() {
        let plain = Wanted { brokers: 1, secure: false, folder: None };
        assert_eq!(wanted(&words("kafka")), Ok(plain));
        let all = Wanted { brokers: 3, secure: true, folder: Some(PathBuf::from("x")) };
        assert_eq!(wanted(&words("kafka --secure --folder x --brokers=3")), Ok(all));
    }

    #[test]
    fn what_is_not_understood_is_said() {
        for (line, says) in [
            ("", "name a service"),
            ("redis", "\"redis\""),
            ("kafka --brokers 2", "1 or 3, not \"2\""),
            ("kafka --brokers", "needs a value"),
            ("kafka --folder=", "needs a value"),
            ("kafka --secure=yes", "--secure=yes"),
            ("kafka 3", "\"3\""),
        ] {
            let error = wanted(&words(line)).unwrap_err();
            assert!(error.contains(says), "{line}: {error}");
        }
    }
}
