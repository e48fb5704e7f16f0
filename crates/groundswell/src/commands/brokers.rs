//! What the brokers say of an installation: how far each group is behind, and which rights are missing.

use std::collections::BTreeSet;

use anyhow::Result;
use serde::Serialize;

use groundswell_log::{Group, KafkaLog, Log, LogError, Place, ReadLimit, Topic};

use super::Context;
use super::output::grouped;
use crate::engine::{Topics as Names, pipeline_folders};
use crate::pipelines::Registry;

/// How far a group is behind in a topic.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct GroupLag {
    /// The group.
    pub group: String,
    /// The topic.
    pub topic: String,
    /// Records behind the end; a group that has never read is behind by all of them.
    pub behind: u64,
}

/// Gives the topics that pipelines of one's own name, which must be there, and those of shipped pipelines, which are read
/// where they are there.
///
/// # Errors
/// When pipelines cannot be read.
pub fn sources(context: &Context) -> Result<(Vec<Topic>, Vec<Topic>)> {
    let registry = Registry::load(pipeline_folders(&context.config, &context.data))?;
    let (mut own, mut shipped) = (Vec::new(), Vec::new());
    for (topic, pipeline) in registry.topics()? {
        let kind = if registry.own(&pipeline)?.is_some() { &mut own } else { &mut shipped };
        kind.push(topic.parse()?);
    }
    Ok((own, shipped))
}

/// Gives the lag of every group of the installation; what is missing or may not be asked is left out.
///
/// # Errors
/// When the brokers do not answer.
pub fn lags(kafka: &KafkaLog, context: &Context, names: &Names) -> Result<Vec<GroupLag>> {
    let ingest = names.group("ingest")?;
    let (own, shipped) = sources(context)?;
    let mut read = vec![(ingest.clone(), names.raw.clone())];
    read.extend(own.into_iter().chain(shipped).map(|topic| (ingest.clone(), topic)));
    read.push((names.group("analyse")?, names.feedback.clone()));
    // Each process with an index shows its position in a group of its own.
    let index = names.group("index")?;
    let indexes = kafka.groups(&format!("{index}-"))?;
    read.extend(indexes.into_iter().map(|group| (group, names.mapped.clone())));
    let mut lags = Vec::new();
    for (group, topic) in read {
        match behind(kafka, &group, &topic) {
            Ok(behind) => {
                let (group, topic) = (group.as_str().to_owned(), topic.as_str().to_owned());
                lags.push(GroupLag { group, topic, behind });
            }
            Err(LogError::UnknownTopic { .. } | LogError::Refused { .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(lags)
}

fn behind(kafka: &KafkaLog, group: &Group, topic: &Topic) -> Result<u64, LogError> {
    let extents = kafka.extents(topic)?;
    let committed = kafka.committed(group, topic)?;
    let partitions = committed.iter().zip(&extents);
    Ok(partitions.map(|(at, extent)| extent.end.saturating_sub(at.unwrap_or(extent.start))).sum())
}

/// Writes the lag as a table.
pub fn lag_table(lags: &[GroupLag]) -> String {
    let mut text = format!("{:<32} {:<32} {:>10}\n", "group", "topic", "behind");
    for lag in lags {
        text.push_str(&format!("{:<32} {:<32} {:>10}\n", lag.group, lag.topic, grouped(lag.behind)));
    }
    text
}

/// Finds rights that are missing, a line each: to read each topic, to look at the groups, to write with our ids. The
/// right to write into a topic shows only when something is written.
///
/// # Errors
/// When the brokers do not answer.
pub fn missing_rights(kafka: &KafkaLog, context: &Context, names: &Names) -> Result<Vec<String>> {
    let mut missing = BTreeSet::new();
    let (own, _) = sources(context)?;
    let ours = names.specs(&context.config).map(|(topic, _)| topic.clone());
    for topic in ours.into_iter().chain(own) {
        note(&mut missing, read_once(kafka, &topic))?;
    }
    for (group, topic) in [("ingest", &names.raw), ("analyse", &names.feedback)] {
        note(&mut missing, kafka.committed(&names.group(group)?, topic))?;
    }
    note(&mut missing, kafka.writer(&names.writer("check")?))?;
    Ok(missing
        .into_iter()
        .map(|reason| format!("{reason}; `groundswell topics --acls` prints the rights"))
        .collect())
}

fn read_once(kafka: &KafkaLog, topic: &Topic) -> Result<(), LogError> {
    if let Some(extent) = kafka.extents(topic)?.first() {
        kafka.read(&Place::new(topic, 0, extent.start), ReadLimit { records: 1, bytes: 1 })?;
    }
    Ok(())
}

fn note<T>(missing: &mut BTreeSet<String>, asked: Result<T, LogError>) -> Result<(), LogError> {
    match asked {
        Err(LogError::Refused { detail }) => {
            missing.insert(detail);
            Ok(())
        }
        // That a topic is missing is told elsewhere; records that expired between two questions are no matter of rights.
        Ok(_) | Err(LogError::UnknownTopic { .. } | LogError::OutOfRange { .. }) => Ok(()),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_names_group_topic_and_lag() {
        let lag =
            |group: &str, topic: &str, behind| GroupLag { group: group.into(), topic: topic.into(), behind };
        let text = lag_table(&[lag("g-ingest", "tickets", 1_234), lag("g-index-1f", "g.mapped", 0)]);
        let lines: Vec<Vec<&str>> = text.lines().map(|line| line.split_whitespace().collect()).collect();
        assert_eq!(lines[1], ["g-ingest", "tickets", "1,234"]);
        assert_eq!(lines[2], ["g-index-1f", "g.mapped", "0"]);
    }
}
