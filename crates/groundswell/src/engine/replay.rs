//! Replay: dead letters are fed back with their original bytes, key, headers and time of receipt. Each is fed back once: the
//! group's position is behind it, in the same transaction.

use std::collections::{BTreeMap, BTreeSet};

use groundswell_log::{
    Advance, Append, Group, LogError, Place, ReadLimit, Record, Transaction, partition_for,
};
use groundswell_server::Fault;
use groundswell_steps::envelope;

use super::shared::{Shared, fault, header};

impl Shared {
    /// Feeds dead letters back that were not fed back before; with a code only those, the others stay.
    pub(super) fn feed_back(&self, code: Option<&str>) -> Result<u64, Fault> {
        let group = self.replay_group(code).map_err(fault)?;
        let mut writer = self.log.writer(&self.topics.writer("replay").map_err(fault)?).map_err(fault)?;
        let mut replayed = 0;
        let mut seen = BTreeSet::new();
        let mut at = self.replay_start(&group).map_err(fault)?;
        if code.is_some() {
            // Letters that a replay of all codes fed back are behind us too.
            let all = self.replay_start(&self.replay_group(None).map_err(fault)?).map_err(fault)?;
            at.offset = at.offset.max(all.offset);
        }
        let mut alone = BTreeMap::new();
        loop {
            let batch = self.log.read(&at, ReadLimit::default()).map_err(fault)?;
            if batch.next == at.offset {
                return Ok(replayed);
            }
            let mut appends = Vec::new();
            for record in &batch.records {
                let own = header(record, envelope::CODE).unwrap_or_default();
                let wanted = match code {
                    Some(code) => code == own,
                    None => record.offset >= self.fed_alone(own, &mut alone)?,
                };
                if wanted && seen.insert(origin(record)) {
                    appends.push(self.original(record));
                }
            }
            replayed += appends.len() as u64;
            at = batch.next_place();
            let advance = Advance { group: group.clone(), member: None, positions: vec![at.clone()] };
            writer.commit(Transaction { appends, advance: Some(advance) }).map_err(fault)?;
        }
    }

    /// Gives the position up to which letters of one code were fed back by themselves.
    fn fed_alone(&self, code: &str, known: &mut BTreeMap<String, u64>) -> Result<u64, Fault> {
        if let Some(position) = known.get(code) {
            return Ok(*position);
        }
        let start =
            self.replay_group(Some(code)).and_then(|group| self.replay_start(&group)).map_err(fault)?;
        known.insert(code.to_owned(), start.offset);
        Ok(start.offset)
    }

    /// The group that feeds back letters of one code, or of all.
    fn replay_group(&self, code: Option<&str>) -> Result<Group, LogError> {
        code.map_or_else(|| self.topics.group("replay"), |code| self.topics.group(&format!("replay-{code}")))
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
