//! What is shipped for running several processes can be started as it stands: command lines are ours, configurations are
//! read, what is referred to is there, and nothing listens beyond loopback.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;

use groundswell::commands::Cli;
use groundswell::config::Config;
use groundswell::folder::DataFolder;
use groundswell_tests::workspace_root;
use serde_json::Value;

use crate::workspace::{expect_none, read};

const COMPOSE: &str = "deploy/compose.yaml";
const KAFKA: &str = "deploy/kafka.toml";
const DATA: &str = "/var/lib/groundswell";

/// Reads YAML with its merged parts in their places.
fn yaml(path: &str) -> Value {
    let mut value: serde_yaml_ng::Value =
        serde_yaml_ng::from_str(&read(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
    value.apply_merge().unwrap_or_else(|error| panic!("{path}: {error}"));
    serde_json::to_value(value).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn words(value: &Value) -> Vec<String> {
    value.as_array().into_iter().flatten().map(|word| word.as_str().unwrap_or_default().to_owned()).collect()
}

fn services(compose: &Value) -> BTreeMap<&str, &Value> {
    let services = compose["services"].as_object().expect("a compose file has services");
    services.iter().map(|(name, service)| (name.as_str(), service)).collect()
}

/// The services that run our program.
fn ours(compose: &Value) -> BTreeMap<&str, &Value> {
    services(compose).into_iter().filter(|(_, service)| service["image"] == "groundswell").collect()
}

fn after(line: &[String], option: &str) -> Option<String> {
    line.iter().position(|word| word == option).and_then(|at| line.get(at + 1)).cloned()
}

/// Where a volume is mounted, by volume.
fn mounts(service: &Value) -> BTreeMap<String, String> {
    let pairs = words(&service["volumes"]);
    pairs
        .iter()
        .filter_map(|pair| pair.split_once(':'))
        .map(|(from, to)| (from.to_owned(), to.to_owned()))
        .collect()
}

#[test]
fn command_lines_of_the_containers_are_ours() {
    let compose = yaml(COMPOSE);
    let mut lines: Vec<(String, Vec<String>)> = Vec::new();
    for (name, service) in ours(&compose) {
        lines.push((name.to_owned(), words(&service["command"])));
        let test = words(&service["healthcheck"]["test"]);
        if service["healthcheck"]["disable"] != true {
            assert_eq!(test[..2], ["CMD", "groundswell"], "{name}");
            lines.push((format!("{name}, health"), test[2..].to_vec()));
        }
    }
    let unit = read("deploy/systemd/groundswell@.service");
    let start =
        unit.lines().find_map(|line| line.strip_prefix("ExecStart=")).expect("the unit starts something");
    let start = start
        .replace("%i", "ingest-1")
        .replace("${ROLES}", "analyse,serve")
        .replace("${LISTEN}", "127.0.0.1:1");
    lines.push(("systemd".to_owned(), start.split_whitespace().skip(1).map(str::to_owned).collect()));
    assert!(lines.len() >= 10, "{lines:?}");
    let faults: Vec<String> = lines
        .iter()
        .filter_map(|(name, line)| {
            let whole = ["groundswell".to_owned()].into_iter().chain(line.iter().cloned());
            Cli::understand(whole).err().map(|error| format!("{name}: {error}"))
        })
        .collect();
    expect_none("command lines", &faults);
}

#[test]
fn what_services_refer_to_is_there() {
    let compose = yaml(COMPOSE);
    let mut faults = Vec::new();
    let all = services(&compose);
    for (name, service) in &all {
        for volume in mounts(service).keys() {
            if compose["volumes"].get(volume).is_none() {
                faults.push(format!("{name}: no volume {volume}"));
            }
        }
        for kind in ["configs", "secrets"] {
            for used in service[kind].as_array().into_iter().flatten() {
                let source = used["source"].as_str().unwrap_or_default();
                let file = compose[kind][source]["file"].as_str();
                let Some(file) = file else {
                    faults.push(format!("{name}: {kind} has no {source}"));
                    continue;
                };
                // A secret is made by whoever runs it.
                let is_there = workspace_root().join("deploy").join(file).exists();
                if kind == "configs" && !is_there {
                    faults.push(format!("{name}: {file} does not exist"));
                }
            }
        }
        for needed in service["depends_on"].as_object().into_iter().flat_map(|needed| needed.keys()) {
            if !all.contains_key(needed.as_str()) {
                faults.push(format!("{name}: no service {needed}"));
            }
        }
    }
    expect_none(COMPOSE, &faults);
}

#[test]
fn nothing_listens_beyond_loopback() {
    let compose = yaml(COMPOSE);
    let mut faults = Vec::new();
    for (name, service) in services(&compose) {
        if service["network_mode"] != "host" || service.get("ports").is_some() {
            faults.push(format!("{name} is not on the host's network"));
        }
    }
    let environment = &compose["services"]["kafka"]["environment"];
    for key in ["KAFKA_LISTENERS", "KAFKA_ADVERTISED_LISTENERS"] {
        let listeners = environment[key].as_str().unwrap_or_default();
        for listener in listeners.split(',').filter(|listener| !listener.contains("://127.0.0.1:")) {
            faults.push(format!("kafka: {listener}"));
        }
    }
    let mut seen = BTreeSet::new();
    for (name, service) in ours(&compose).into_iter().filter(|(name, _)| *name != "topics") {
        let listen = after(&words(&service["command"]), "--listen").unwrap_or_default();
        let loopback = listen.parse::<SocketAddr>().is_ok_and(|address| address.ip().is_loopback());
        if !loopback || !seen.insert(listen.clone()) {
            faults.push(format!("{name}: {listen} is not loopback, or taken"));
        }
    }
    let prometheus = yaml("deploy/prometheus/prometheus.yml");
    let watched: BTreeSet<String> =
        words(&prometheus["scrape_configs"][0]["static_configs"][0]["targets"]).into_iter().collect();
    assert_eq!(watched, seen, "Prometheus watches every process");
    assert_eq!(prometheus["scrape_configs"][0]["job_name"], "groundswell", "the alerts name the job");
    expect_none("listeners", &faults);
}

#[test]
fn processes_have_folders_of_their_own_and_share_key_and_index() {
    let compose = yaml(COMPOSE);
    let path = workspace_root().join(KAFKA);
    let config = Config::load(Some(&path)).unwrap_or_else(|faults| panic!("{KAFKA}: {faults:?}"));
    let advertised = compose["services"]["kafka"]["environment"]["KAFKA_ADVERTISED_LISTENERS"].as_str();
    assert_eq!(advertised, Some(format!("PLAINTEXT://{}", config.kafka.brokers).as_str()));
    let (mut folders, mut roles) = (BTreeMap::new(), Vec::new());
    for (name, service) in ours(&compose) {
        let own = mounts(service).into_iter().find(|(_, to)| to == DATA).map(|(volume, _)| volume);
        let own = own.unwrap_or_else(|| panic!("{name} has no data folder"));
        assert!(folders.insert(own.clone(), name).is_none(), "{name} shares {own}");
        let line = words(&service["command"]);
        let file = after(&line, "--config").unwrap_or_default();
        let mounted = service["configs"].as_array().into_iter().flatten();
        assert!(
            mounted.into_iter().any(|used| used["target"] == file.as_str()),
            "{name}: {file} is not mounted"
        );
        let Some(role) = after(&line, "--roles") else { continue };
        let key = format!("{DATA}/respondent.key");
        let mut secrets = service["secrets"].as_array().into_iter().flatten();
        assert!(secrets.any(|secret| secret["target"] == key.as_str()), "{name} has no key");
        roles.push((role, own));
    }
    assert_eq!(roles.iter().filter(|(role, _)| role == "ingest").count(), 2);
    let writer = &roles.iter().find(|(role, _)| role == "index").expect("somebody writes the index").1;
    let answering = ours(&compose)["analyse"];
    let seen = &mounts(answering)[writer];
    assert_eq!(DataFolder::new(seen).index().to_string_lossy(), config.index.folder);
}

#[test]
fn the_container_is_built_with_our_toolchain() {
    let toolchain: toml::Table = toml::from_str(&read("rust-toolchain.toml")).unwrap();
    let channel = toolchain["toolchain"]["channel"].as_str().unwrap();
    let (minor, _) = channel.rsplit_once('.').unwrap();
    let file = read("deploy/Dockerfile");
    assert!(
        file.contains(&format!("FROM rust:{minor}-")),
        "deploy/Dockerfile is not built with Rust {minor}"
    );
    assert!(file.contains(&format!("ENV GROUNDSWELL_DATA={DATA}\n")));
}
