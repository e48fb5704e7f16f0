//! Records that were read a moment ago, within a bound: a body is often needed again soon after it was folded.
use std::collections::{HashMap, VecDeque};

use super::reader::size;
use crate::record::{Place, Record};

/// How many bytes are kept.
const BOUND: usize = 32 << 20;

/// The records read last, the oldest given up first.
#[derive(Default)]
pub(crate) struct Recent {
    records: HashMap<Place, Record>,
    order: VecDeque<Place>,
    bytes: usize,
}

impl Recent {
    /// Keeps a copy of a record.
    pub(crate) fn keep(&mut self, place: Place, record: &Record) {
        if self.records.contains_key(&place) {
            return;
        }
        self.bytes += size(record);
        self.order.push_back(place.clone());
        self.records.insert(place, record.clone());
        while self.bytes > BOUND {
            let Some(oldest) = self.order.pop_front() else { break };
            if let Some(gone) = self.records.remove(&oldest) {
                self.bytes = self.bytes.saturating_sub(size(&gone));
            }
        }
    }

    /// Gives a copy of a record, if it is still kept.
    pub(crate) fn get(&self, place: &Place) -> Option<Record> {
        self.records.get(place).cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_go_when_the_bound_is_reached() {
        let topic: crate::Topic = "t".parse().unwrap();
        let record = |offset| Record {
            offset,
            timestamp_ms: 0,
            key: None,
            headers: Vec::new(),
            value: Some(vec![0; BOUND / 3]),
        };
        let mut recent = Recent::default();
        for offset in 0..5 {
            recent.keep(Place::new(&topic, 0, offset), &record(offset));
        }
        let kept: Vec<bool> = (0..5).map(|at| recent.get(&Place::new(&topic, 0, at)).is_some()).collect();
        assert_eq!(kept, [false, false, true, true, true]);
    }
}
