//! What a batch of `feedback` says: parts by the feedback that they belong to, and customers.

use std::collections::BTreeMap;

use anyhow::{Context, Result, anyhow};

use groundswell_insight::PartPlace;
use groundswell_log::{Batch as Records, Record};
use groundswell_model::{Customer, FeedbackId, Part};
use groundswell_steps::{Arrival, envelope};

use super::shared::header;

/// What one batch of records says, sorted out.
#[derive(Default)]
pub(super) struct Sorted {
    pub(super) arrivals: BTreeMap<FeedbackId, Vec<Arrival>>,
    pub(super) customers: Vec<Customer>,
    /// When the newest part of a feedback was taken in.
    pub(super) taken_in: BTreeMap<FeedbackId, i64>,
}

/// Reads the records of a batch. A record that no ingest worker writes stops the analyser: nothing is skipped over.
pub(super) fn sort(records: &Records) -> Result<Sorted> {
    let mut sorted = Sorted::default();
    for record in &records.records {
        let Some(bytes) = record.value.as_deref() else { continue };
        let place = || format!("{}", records.at.at(record.offset));
        match header(record, envelope::SCHEMA) {
            Some(envelope::PART_V1) => {
                let arrival =
                    arrival(records, record, bytes).with_context(|| format!("the record at {}", place()))?;
                let taken_in = sorted.taken_in.entry(arrival.part.id).or_insert(record.timestamp_ms);
                *taken_in = record.timestamp_ms.max(*taken_in);
                sorted.arrivals.entry(arrival.part.id).or_default().push(arrival);
            }
            Some(envelope::CUSTOMER_V1) => {
                let customer =
                    serde_json::from_slice(bytes).with_context(|| format!("the customer at {}", place()))?;
                sorted.customers.push(customer);
            }
            _ => return Err(anyhow!("the record at {} is neither a part nor a customer", place())),
        }
    }
    Ok(sorted)
}

fn arrival(records: &Records, record: &Record, bytes: &[u8]) -> Result<Arrival> {
    let (part, rank) = Part::decode(bytes)?;
    let reannotated = record.headers.iter().any(|header| header.name == envelope::REANNOTATED);
    let place = PartPlace { partition: records.at.partition, offset: record.offset };
    Ok(Arrival { place, part, rank, reannotated })
}
