//! The lines that run Kafka's Java classes.

use std::path::PathBuf;

use super::properties::USERS;

/// Any id will do, and a fixed one saves asking for one.
const CLUSTER: &str = "MkU3OEVBNTcwNTJENDM2Qg";

/// An archive of loaded classes, with which Java starts in half the time.
#[derive(Clone, Debug)]
pub(super) enum Archive {
    None,
    Read(PathBuf),
    /// Written when the broker ends in order.
    Write(PathBuf),
}

/// Kafka's jars and how they are run.
#[derive(Clone, Debug)]
pub(super) struct Program {
    pub(super) jars: PathBuf,
    pub(super) archive: Archive,
}

impl Program {
    /// Gives the line that runs a broker, less its properties.
    pub(super) fn server(&self) -> Vec<String> {
        let mut words = self.java(&["-Xms128m", "-Xmx384m"]);
        if let Archive::Write(file) = &self.archive {
            words.push(format!("-XX:ArchiveClassesAtExit={}", file.display()));
        }
        let logging = [
            "-Dorg.slf4j.simpleLogger.showDateTime=true",
            "-Dorg.slf4j.simpleLogger.dateTimeFormat=HH:mm:ss.SSS",
            "-Dorg.slf4j.simpleLogger.log.org.apache.kafka.common.config=warn",
        ];
        words.extend(logging.map(str::to_owned));
        words.extend(self.class("kafka.Kafka"));
        words
    }

    /// Gives the line that formats the folder of a broker, less its properties.
    pub(super) fn formatter(&self, alone: bool, secure: bool) -> Vec<String> {
        let mut words = self.java(&["-Xmx128m"]);
        words.push("-Dorg.slf4j.simpleLogger.defaultLogLevel=warn".to_owned());
        words.extend(self.class("kafka.tools.StorageTool"));
        words.extend(["format", "-t", CLUSTER].map(str::to_owned));
        if alone {
            words.push("--standalone".to_owned());
        }
        for (name, password) in USERS.iter().filter(|_| secure) {
            for mechanism in ["SCRAM-SHA-256", "SCRAM-SHA-512"] {
                words.push("--add-scram".to_owned());
                words.push(format!("{mechanism}=[name={name},password={password}]"));
            }
        }
        words
    }

    fn java(&self, memory: &[&str]) -> Vec<String> {
        let quick = ["java", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"];
        let mut words: Vec<String> = quick.iter().chain(memory).map(|word| (*word).to_owned()).collect();
        if let Archive::Read(file) = &self.archive {
            words.push(format!("-XX:SharedArchiveFile={}", file.display()));
        }
        words
    }

    fn class(&self, name: &str) -> [String; 3] {
        ["-cp".to_owned(), format!("{}/*", self.jars.display()), name.to_owned()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn program(archive: Archive) -> Program {
        Program { jars: PathBuf::from("/j"), archive }
    }

    #[test]
    fn only_one_alone_is_its_own_quorum_and_only_secure_ones_have_users() {
        let words = program(Archive::None).formatter(true, false).join(" ");
        assert!(words.contains("--standalone") && !words.contains("SCRAM"));
        let words = program(Archive::None).formatter(false, true).join(" ");
        assert!(!words.contains("--standalone"));
        assert!(words.contains("--add-scram SCRAM-SHA-256=[name=bob,password=bob-secret]"));
    }

    #[test]
    fn an_archive_is_read_by_both_and_written_by_the_broker() {
        let read = program(Archive::Read(PathBuf::from("/a")));
        for words in [read.server(), read.formatter(true, false)] {
            assert!(words.contains(&"-XX:SharedArchiveFile=/a".to_owned()));
        }
        let write = program(Archive::Write(PathBuf::from("/a")));
        assert!(write.server().contains(&"-XX:ArchiveClassesAtExit=/a".to_owned()));
        assert!(!write.formatter(true, false).join(" ").contains("/a"));
        assert_eq!(write.server().last().map(String::as_str), Some("kafka.Kafka"));
    }
}
