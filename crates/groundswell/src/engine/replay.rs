//! Replay: dead letters are fed back with their original bytes, key, headers and time of receipt. Each is fed back once: the
//! group's position is behind it, in the same transaction.

use std::collections::BTreeSet;

use groundswell_log::{
    Advance, Append, Group, LogError, Place, ReadLimit, Record, Transaction, partition_for,
};
use groundswell_server::Fault;
use groundswell_steps::envelope;

use super::shared::{Shared, fault, header};

impl Shared {
    /// Feeds dead letters back that were not fed back before; with a code only those, the others stay.
    pub(super) fn feed_back(&self, code: Option<&str>) -> Result<u64, Fault> {
        let group: Group = match code {
            None => "groundswell-replay".to_owned(),
            Some(code) => format!("groundswell-replay-{code}"),
        }
        .parse()
        .map_err(fault)?;
        let mut writer = self.log.writer(&"groundswell-replay".parse().map_err(fault)?).map_err(fault)?;
        let mut replayed = 0;
        let mut seen = BTreeSet::new();
        let mut at = self.replay_start(&group).map_err(fault)?;
        loop {
            let batch = self.log.read(&at, ReadLimit::default()).map_err(fault)?;
            if batch.next == at.offset {
                return Ok(replayed);
            }
            let appends: Vec<_> = batch
                .records
                .iter()
                .filter(|record| code.is_none_or(|code| header(record, envelope::CODE) == Some(code)))
                .filter(|record| seen.insert(origin(record)))
                .map(|record| self.original(record))
                .collect();
            replayed += appends.len() as u64;
            at = batch.next_place();
            let advance = Advance { group: group.clone(), member: None, positions: vec![at.clone()] };
            writer.commit(Transaction { appends, advance: Some(advance) }).map_err(fault)?;
        }
    }

    fn replay_start(&self, group: &Group) -> Result<Place, LogError> {
        let topic = &self.topics.dead_letters;
        let committed = self.log.committed(group, topic)?.first().copied().flatten().unwrap_or(0);
        let start = self.log.extents(topic)?.first().map_or(0, |extent| extent.start);
        Ok(Place::new(topic, 0, committed.max(start)))
    }

    fn original(&self, record: &Record) -> Append {
        let bytes = record.value.as_deref().unwrap_or_default();
        let headers = record.headers.iter().filter(|header| !envelope::DEAD.contains(&header.name.as_str()));
        Append {
            topic: self.topics.raw.clone(),
            partition: partition_for(bytes, self.config.log.partitions),
            timestamp_ms: self.clock.now().millis(),
            key: record.key.clone(),
            // An import has accounted for its row; what is fed back is accounted for by its pipeline.
            headers: headers.filter(|header| header.name != envelope::IMPORT).cloned().collect(),
            value: record.value.clone(),
        }
    }
}

/// Several items of one raw record may be dead letters; the record is fed back once.
fn origin(record: &Record) -> String {
    header(record, envelope::ORIGIN).unwrap_or_default().to_owned()
}
