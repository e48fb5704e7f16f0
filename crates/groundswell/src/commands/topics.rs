//! `groundswell topics`: the topics on Kafka, what is missing or would lose records, the lag of each group, and the rights
//! that an administrator must give.

use anyhow::{Result, bail};
use clap::Args;

use groundswell_log::{Cleanup, KafkaLog, Log, LogError, Topic, TopicSpec, TopicState, configuration};

use super::brokers::{lag_table, lags, missing_rights, sources};
use super::output::{complain, grouped, print};
use super::{Context, Exit};
use crate::config::Config;
use crate::engine::{Topics as Names, kafka_settings};

/// Show the topics on Kafka with their lag, make what is missing, print the rights that are needed.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  groundswell topics --config kafka.toml\n  groundswell topics --config kafka.toml --create\n  \
    groundswell topics --config kafka.toml --acls User:groundswell"
)]
pub struct Topics {
    /// Make the topics that are missing; those that are there stay as they are.
    #[arg(long)]
    create: bool,
    /// Print the lines that give a principal the rights it needs, for an administrator to run; nothing is asked of Kafka.
    #[arg(long, value_name = "PRINCIPAL", conflicts_with = "create")]
    acls: Option<String>,
}

impl Topics {
    /// Runs the command; a fault found is exit code 1.
    pub(super) fn run(self, context: &Context) -> Result<Exit> {
        if !context.config.kafka.is_used() {
            bail!("no brokers are configured: name them in kafka.brokers (see deploy/default.toml)");
        }
        let names = Names::of(&context.config)?;
        if let Some(principal) = self.acls {
            print(&rights(&principal, &context.config, &names, &sources(context)?.0))?;
            return Ok(Exit::Done);
        }
        context.data.create()?;
        let kafka = KafkaLog::open(kafka_settings(&context.config, &context.data)?)?;
        if self.create {
            for (topic, spec) in names.specs(&context.config) {
                if kafka.describe(topic)?.is_none() {
                    kafka.create_topic(topic, &spec)?;
                    print(&format!("made {topic}\n"))?;
                }
            }
        }
        print(&table(&kafka, context, &names)?)?;
        let faults = faults(&kafka, context, &names)?;
        for fault in &faults {
            complain(&format!("fault: {fault}"));
        }
        Ok(if faults.is_empty() { Exit::Done } else { Exit::Fault })
    }
}

/// Finds what is missing, and what would lose records.
///
/// # Errors
/// When the brokers do not answer.
pub fn faults(kafka: &KafkaLog, context: &Context, names: &Names) -> Result<Vec<String>> {
    let mut faults = Vec::new();
    for (topic, spec) in names.specs(&context.config) {
        match kafka.describe(topic) {
            Ok(None) => {
                faults.push(format!("topic {topic} does not exist: `groundswell topics --create` makes it"));
            }
            Ok(Some(state)) => faults.extend(judge(topic, &spec, &state)),
            // A line per topic, and not the first alone.
            Err(LogError::Refused { detail }) => faults.push(detail),
            Err(error) => return Err(error.into()),
        }
    }
    for topic in sources(context)?.0 {
        match kafka.extents(&topic) {
            Err(LogError::UnknownTopic { .. }) => {
                faults.push(format!("topic {topic}, which a pipeline reads, does not exist"));
            }
            Ok(_) | Err(LogError::Refused { .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    faults.extend(missing_rights(kafka, context, names)?);
    Ok(faults)
}

/// Holds a topic against what the installation needs of it.
fn judge(topic: &Topic, spec: &TopicSpec, state: &TopicState) -> Vec<String> {
    let mut faults = Vec::new();
    let of = |name: &str| state.configuration.get(name).map(String::as_str).unwrap_or_default();
    if state.partitions != spec.partitions {
        faults.push(format!(
            "topic {topic} has {} partitions, the configuration says {}",
            state.partitions, spec.partitions
        ));
    }
    let policy = of("cleanup.policy");
    let set = |name: &str, value: &str| {
        format!(
            "kafka-configs.sh --alter --entity-type topics --entity-name {topic} --add-config {name}={value}"
        )
    };
    match spec.cleanup {
        Cleanup::Compact { .. } if policy != "compact" => faults.push(format!(
            "topic {topic} would expire (cleanup.policy is {policy:?}): {}",
            set("cleanup.policy", "compact")
        )),
        Cleanup::Forever => {
            let kept = |name: &str| of(name) == "-1";
            if policy != "delete" || !kept("retention.ms") || !kept("retention.bytes") {
                faults.push(format!(
                    "topic {topic} would expire or be compacted: {}",
                    set("cleanup.policy", "delete,retention.ms=-1,retention.bytes=-1")
                ));
            }
        }
        _ => {}
    }
    if of("message.timestamp.type") == "LogAppendTime" {
        faults.push(format!(
            "topic {topic} replaces the records' own time: {}",
            set("message.timestamp.type", "CreateTime")
        ));
    }
    faults
}

fn table(kafka: &KafkaLog, context: &Context, names: &Names) -> Result<String> {
    let mut text =
        format!("{:<36} {:>10} {:>6} {:>14} {:<10}\n", "topic", "partitions", "copies", "records", "kept");
    let all = names.specs(&context.config).map(|(topic, _)| topic.clone());
    for topic in all.into_iter().chain(sources(context)?.0) {
        let state = match kafka.describe(&topic) {
            Ok(Some(state)) => state,
            Ok(None) => {
                text.push_str(&format!("{:<36} {:>10}\n", topic.as_str(), "missing"));
                continue;
            }
            Err(LogError::Refused { .. }) => {
                text.push_str(&format!("{:<36} {:>10}\n", topic.as_str(), "no right"));
                continue;
            }
            Err(error) => return Err(error.into()),
        };
        let extents = kafka.extents(&topic)?;
        let offsets: u64 = extents.iter().map(|extent| extent.end - extent.start).sum();
        text.push_str(&format!(
            "{:<36} {:>10} {:>6} {:>14} {:<10}\n",
            topic.as_str(),
            state.partitions,
            state.replication,
            format!("up to {}", grouped(offsets)),
            kept(&state)
        ));
    }
    text.push('\n');
    text.push_str(&lag_table(&lags(kafka, context, names)?));
    Ok(text)
}

fn kept(state: &TopicState) -> String {
    let of = |name: &str| state.configuration.get(name).map(String::as_str).unwrap_or_default();
    match (of("cleanup.policy"), of("retention.ms").parse::<i64>()) {
        ("compact", _) => "compacted".to_owned(),
        (_, Ok(-1)) => "for ever".to_owned(),
        (_, Ok(millis)) => format!("{} h", millis / 3_600_000),
        (policy, Err(_)) => policy.to_owned(),
    }
}

/// The lines that give a principal its rights, and those that make the topics.
fn rights(principal: &str, config: &Config, names: &Names, sources: &[Topic]) -> String {
    let mut text =
        String::from("# Run by an administrator of Kafka; add --bootstrap-server and --command-config.\n");
    for (topic, spec) in names.specs(config) {
        let settings = configuration(spec.cleanup);
        let settings: Vec<String> =
            settings.iter().map(|(name, value)| format!("--config {name}={value}")).collect();
        text.push_str(&format!(
            "kafka-topics.sh --create --if-not-exists --topic {topic} --partitions {} {}\n",
            spec.partitions,
            settings.join(" ")
        ));
    }
    let allow = format!("kafka-acls.sh --add --allow-principal {principal}");
    for (topic, _) in names.specs(config) {
        let operations =
            "--operation Read --operation Write --operation Describe --operation DescribeConfigs";
        text.push_str(&format!("{allow} {operations} --topic {topic}\n"));
    }
    for topic in sources {
        text.push_str(&format!(
            "{allow} --operation Read --operation Describe --operation DescribeConfigs --topic {topic}\n"
        ));
    }
    let stem = names.raw.as_str().trim_end_matches("raw").trim_end_matches(['.', '-', '_']);
    let prefixed = "--resource-pattern-type prefixed";
    text.push_str(&format!("{allow} --operation Read --operation Describe {prefixed} --group {stem}\n"));
    text.push_str(&format!(
        "{allow} --operation Write --operation Describe {prefixed} --transactional-id {stem}\n"
    ));
    text
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::time::Duration;

    use super::*;

    fn state(pairs: &[(&str, &str)]) -> TopicState {
        let configuration: BTreeMap<_, _> =
            pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        TopicState { partitions: 1, replication: 1, configuration }
    }

    #[test]
    fn a_broker_that_would_expire_what_must_stay_is_refused() {
        let topic: Topic = "g.feedback".parse().unwrap();
        let compact = TopicSpec::new(1, Cleanup::Compact { tombstones: Duration::from_secs(1) });
        let forever = TopicSpec::new(1, Cleanup::Forever);
        let good = state(&[("cleanup.policy", "compact")]);
        assert!(judge(&topic, &compact, &good).is_empty());
        let expiring =
            state(&[("cleanup.policy", "delete"), ("retention.ms", "604800000"), ("retention.bytes", "-1")]);
        assert!(judge(&topic, &compact, &expiring)[0].contains("would expire"));
        assert!(judge(&topic, &forever, &expiring)[0].contains("retention.ms=-1"));
        let kept = state(&[("cleanup.policy", "delete"), ("retention.ms", "-1"), ("retention.bytes", "-1")]);
        assert!(judge(&topic, &forever, &kept).is_empty());
        assert!(judge(&topic, &TopicSpec::new(4, Cleanup::Forever), &kept)[0].contains("4"));
    }

    #[test]
    fn the_rights_cover_topics_groups_and_writers() {
        let config = Config::default();
        let names = Names::of(&config).unwrap();
        let text = rights("User:g", &config, &names, &["tickets".parse().unwrap()]);
        for part in [
            "--topic groundswell.actions",
            "--topic tickets",
            "--group groundswell",
            "--transactional-id groundswell",
        ] {
            assert!(text.contains(part), "{part} is missing from:\n{text}");
        }
    }
}
