//! Apache Kafka brokers on loopback: one, or three that replicate; with TLS, SASL and access rules where asked for.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, bail};

use super::certificates::{self, Certificates, Identity};
use super::jars::{self, Jar};
use super::process::{self, Plan, Process};
use super::program::{Archive, Program};
use super::properties::{self, Broker, Ports};
use super::{classes, java, metadata, place, ports};

/// The version that is fetched and started.
pub const VERSION: &str = "4.3.1";

const NAME: &str = "kafka-4.3.1";
const JARS: &[Jar] = &[("org.apache.kafka", "kafka_2.13", VERSION), ("org.slf4j", "slf4j-simple", "1.7.36")];

/// How long brokers may take until they answer; they need a few seconds on a machine that does little else.
const PATIENCE: Duration = Duration::from_secs(120);
const POLL: Duration = Duration::from_millis(20);

/// What to start.
#[derive(Clone, Debug)]
pub struct Settings {
    /// One or three.
    pub brokers: usize,
    /// Whether there are listeners with TLS and SASL, and access rules.
    pub secure: bool,
    /// Where records, settings, certificates and logs lie; it must be missing or empty.
    pub folder: PathBuf,
    /// Whether the folder is removed in the end, however this program ends.
    pub temporary: bool,
    /// Properties of the brokers that are set besides, or differently.
    pub extra: Vec<(String, String)>,
}

impl Settings {
    /// One broker without TLS in a folder that stays.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { brokers: 1, secure: false, folder: folder.into(), temporary: false, extra: Vec::new() }
    }

    /// One broker without TLS in a new folder that is removed in the end.
    ///
    /// # Errors
    /// When there is no place for the folder.
    pub fn temporary() -> Result<Self> {
        Ok(Self { temporary: true, ..Self::new(place::new_folder("kafka")?) })
    }
}

/// What a client needs to come in by TLS. With SASL (`PLAIN`, `SCRAM-SHA-256`, `SCRAM-SHA-512`) there are `alice` with
/// the password `alice-secret`, who may do everything, and `bob` with `bob-secret`, who may do what access rules say.
/// The client's certificate (`CN=client`) may do everything.
#[derive(Clone, Debug)]
pub struct Secure {
    /// Addresses for TLS with SASL.
    pub sasl_tls: String,
    /// Addresses for TLS with a client's certificate.
    pub mtls: String,
    /// The authority that signed the brokers' certificates.
    pub ca: PathBuf,
    /// A client that the brokers trust.
    pub client: Identity,
    /// An authority that signed none of them.
    pub wrong_ca: PathBuf,
    /// A client of that authority, of the same name.
    pub wrong_client: Identity,
}

/// Running brokers. They are killed when the value is dropped, and also when this program is killed.
#[derive(Debug)]
pub struct Brokers {
    nodes: Vec<Node>,
    secure: Option<Secure>,
    folder: PathBuf,
    temporary: bool,
    words: Vec<String>,
}

#[derive(Debug)]
struct Node {
    folder: PathBuf,
    ports: Ports,
    process: Option<Process>,
}

impl Node {
    fn log(&self) -> PathBuf {
        self.folder.join("broker.log")
    }

    fn settings(&self) -> PathBuf {
        self.folder.join("server.properties")
    }
}

impl Brokers {
    /// Fetches Kafka where it is missing, starts brokers and waits until each answers and knows the others.
    ///
    /// # Errors
    /// When Java, Maven or OpenSSL is missing, the folder is not empty, or a broker does not come up; the message ends
    /// with the last lines that it wrote.
    pub fn start(settings: &Settings) -> Result<Self> {
        if ![1, 3].contains(&settings.brokers) {
            bail!("there may be 1 or 3 brokers, not {}", settings.brokers);
        }
        let program = Program { jars: jars::folder(NAME, JARS)?, archive: Archive::None };
        let archive = classes::archive(NAME, &java::java()?, |file| train(&program, file))?;
        Self::run(settings, &Program { archive: archive.map_or(Archive::None, Archive::Read), ..program })
    }

    fn run(settings: &Settings, program: &Program) -> Result<Self> {
        let folder = prepared(&settings.folder)?;
        let mut brokers = Self {
            nodes: nodes(&folder, settings)?,
            secure: None,
            folder,
            temporary: settings.temporary,
            words: program.server(),
        };
        brokers.configure(settings)?;
        brokers.format(program)?;
        for index in 0..brokers.nodes.len() {
            brokers.launch(index)?;
        }
        brokers.wait()?;
        Ok(brokers)
    }

    /// Gives the addresses for plaintext, such as `127.0.0.1:20001`, separated by commas.
    pub fn bootstrap(&self) -> String {
        addresses(&self.nodes, |ports| Some(ports.plain))
    }

    /// Gives what a client needs for TLS, where it was asked for.
    pub fn secure(&self) -> Option<&Secure> {
        self.secure.as_ref()
    }

    /// Gives the file that a broker, counted from 1, writes its log to.
    pub fn log(&self, number: usize) -> Option<PathBuf> {
        Some(self.nodes.get(number.checked_sub(1)?)?.log())
    }

    /// Kills a broker, counted from 1, at once (SIGKILL), and waits until it is gone. One that does not run stays so.
    ///
    /// # Errors
    /// When there is no such broker.
    pub fn kill(&mut self, number: usize) -> Result<()> {
        let index = self.index(number)?;
        let process = self.nodes.get_mut(index).and_then(|node| node.process.take());
        process.map_or(Ok(()), Process::kill)
    }

    /// Starts a broker, counted from 1, on what it had, and waits until all that run know each other. One that runs is
    /// killed first.
    ///
    /// # Errors
    /// When there is no such broker, or it does not come up.
    pub fn restart(&mut self, number: usize) -> Result<()> {
        self.kill(number)?;
        self.launch(self.index(number)?)?;
        self.wait()
    }

    /// Says that every broker that was not killed still runs.
    ///
    /// # Errors
    /// When one has ended by itself; the message ends with its last lines.
    pub fn check(&mut self) -> Result<()> {
        for (node, number) in self.nodes.iter_mut().zip(1..) {
            let Some(process) = &mut node.process else { continue };
            if let Some(status) = process.ended()? {
                bail!("broker {number} ended ({status}); its last lines:\n{}", process.tail());
            }
        }
        Ok(())
    }

    /// Kills all brokers and removes the folder where it is temporary.
    ///
    /// # Errors
    /// When a broker cannot be killed or the folder cannot be removed.
    pub fn stop(mut self) -> Result<()> {
        self.end()
    }

    fn end(&mut self) -> Result<()> {
        for node in &mut self.nodes {
            node.process.take().map_or(Ok(()), Process::kill)?;
        }
        if self.temporary && self.folder.exists() {
            let folder = &self.folder;
            fs::remove_dir_all(folder).with_context(|| format!("cannot remove {}", folder.display()))?;
        }
        Ok(())
    }

    fn index(&self, number: usize) -> Result<usize> {
        let index = number.checked_sub(1).filter(|index| *index < self.nodes.len());
        index.with_context(|| format!("there is no broker {number}, they are 1 to {}", self.nodes.len()))
    }

    /// Writes certificates and properties.
    fn configure(&mut self, settings: &Settings) -> Result<()> {
        let made = settings.secure.then(|| certificates::make(&self.folder.join("certificates")));
        let made: Option<Certificates> = made.transpose()?;
        let ports: Vec<Ports> = self.nodes.iter().map(|node| node.ports).collect();
        for (node, id) in self.nodes.iter().zip(1..) {
            fs::create_dir_all(&node.folder)
                .with_context(|| format!("cannot make {}", node.folder.display()))?;
            let records = node.folder.join("records").display().to_string();
            let broker = Broker {
                id,
                ports: &ports,
                certificates: made.as_ref(),
                records: &records,
                extra: &settings.extra,
            };
            let path = node.settings();
            fs::write(&path, properties::text(&broker))
                .with_context(|| format!("cannot write {}", path.display()))?;
        }
        self.secure = made.map(|made| Secure {
            sasl_tls: addresses(&self.nodes, |ports| ports.secure.map(|(sasl_tls, _)| sasl_tls)),
            mtls: addresses(&self.nodes, |ports| ports.secure.map(|(_, mtls)| mtls)),
            ca: made.ca,
            client: made.client,
            wrong_ca: made.wrong_ca,
            wrong_client: made.wrong_client,
        });
        Ok(())
    }

    /// Formats the folders of all brokers, side by side.
    fn format(&self, program: &Program) -> Result<()> {
        let mut running = Vec::new();
        for node in &self.nodes {
            let words = program.formatter(self.nodes.len() == 1, self.secure.is_some());
            let Some((java, arguments)) = words.split_first() else { continue };
            let mut command = Command::new(java);
            command.args(arguments).arg("-c").arg(node.settings()).current_dir(&node.folder);
            command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
            running.push(command.spawn().context("cannot start java")?);
        }
        for child in running {
            let output = child.wait_with_output().context("cannot wait for java")?;
            if !output.status.success() {
                let says = [output.stdout, output.stderr].concat();
                let says = process::last_lines(&String::from_utf8_lossy(&says));
                bail!("a broker's folder cannot be formatted:\n{says}");
            }
        }
        Ok(())
    }

    fn launch(&mut self, index: usize) -> Result<()> {
        let remove = self.temporary.then_some(self.folder.as_path());
        let Some(node) = self.nodes.get_mut(index) else { return Ok(()) };
        let mut words = self.words.clone();
        words.push(node.settings().display().to_string());
        let plan = Plan { words: &words, folder: &node.folder, log: node.log(), remove };
        node.process = Some(Process::start(plan)?);
        Ok(())
    }

    /// Waits until every broker that runs knows every other that does.
    fn wait(&mut self) -> Result<()> {
        let end = Instant::now() + PATIENCE;
        let running: Vec<(usize, u16)> = (1..)
            .zip(&self.nodes)
            .filter(|(_, node)| node.process.is_some())
            .map(|(number, node)| (number, node.ports.plain))
            .collect();
        for (number, port) in &running {
            loop {
                self.check()?;
                let why = match metadata::brokers(*port) {
                    Ok(found) if running.iter().all(|(one, _)| knows(&found, *one)) => break,
                    Ok(found) => anyhow!("it knows only the brokers {found:?}"),
                    Err(error) => anyhow!(error),
                };
                if Instant::now() > end {
                    return Err(self.late(*number, &why));
                }
                thread::sleep(POLL);
            }
        }
        Ok(())
    }

    fn late(&self, number: usize, why: &anyhow::Error) -> anyhow::Error {
        let process = number.checked_sub(1).and_then(|index| self.nodes.get(index)?.process.as_ref());
        let tail = process.map(Process::tail).unwrap_or_default();
        let seconds = PATIENCE.as_secs();
        anyhow!("broker {number} is not ready after {seconds} s: {why}; its last lines:\n{tail}")
    }
}

impl Drop for Brokers {
    fn drop(&mut self) {
        // There is nobody to tell; what could not be removed lies in the target folder.
        drop(self.end());
    }
}

fn knows(found: &[i32], number: usize) -> bool {
    found.iter().any(|id| usize::try_from(*id) == Ok(number))
}

/// Makes the folder and gives its whole path.
fn prepared(folder: &Path) -> Result<PathBuf> {
    let name = || folder.display();
    fs::create_dir_all(folder).with_context(|| format!("cannot make {}", name()))?;
    if fs::read_dir(folder).with_context(|| format!("cannot read {}", name()))?.next().is_some() {
        bail!("the folder {} is not empty; name another", name());
    }
    folder.canonicalize().with_context(|| format!("cannot find {}", name()))
}

fn nodes(folder: &Path, settings: &Settings) -> Result<Vec<Node>> {
    let each = if settings.secure { 4 } else { 2 };
    let free = ports::free(each * settings.brokers)?;
    let nodes = free.chunks_exact(each).zip(1..).filter_map(|(chosen, number)| {
        let ports = match chosen {
            [plain, controller] => Ports { plain: *plain, controller: *controller, secure: None },
            [plain, controller, sasl_tls, mtls] => {
                Ports { plain: *plain, controller: *controller, secure: Some((*sasl_tls, *mtls)) }
            }
            _ => return None,
        };
        Some(Node { folder: folder.join(format!("broker-{number}")), ports, process: None })
    });
    Ok(nodes.collect())
}

fn addresses(nodes: &[Node], port: impl Fn(Ports) -> Option<u16>) -> String {
    let ports = nodes.iter().filter_map(|node| port(node.ports));
    ports.map(|port| format!("127.0.0.1:{port}")).collect::<Vec<_>>().join(",")
}

/// Has a broker run once, so that Java writes down the classes that it loaded.
fn train(program: &Program, file: &Path) -> Result<()> {
    let program = Program { jars: program.jars.clone(), archive: Archive::Write(file.to_owned()) };
    let mut brokers = Brokers::run(&Settings::temporary()?, &program)?;
    for node in &mut brokers.nodes {
        if let Some(process) = node.process.take() {
            process.terminate()?;
        }
    }
    brokers.stop()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_brokers_and_a_used_folder_are_refused() {
        let used = Settings::new(env!("CARGO_MANIFEST_DIR"));
        let error = Brokers::start(&Settings { brokers: 2, ..used.clone() }).unwrap_err().to_string();
        assert_eq!(error, "there may be 1 or 3 brokers, not 2");
        assert!(prepared(&used.folder).unwrap_err().to_string().ends_with("is not empty; name another"));
        assert!(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml").exists());
    }
}
