//! Push: records are adapted at the door, so that each gets its own answer, and appended raw in one durable call.

use groundswell_log::{Append, partition_for};
use groundswell_model::union::unite;
use groundswell_model::{Part, RawRecord};
use groundswell_server::{Fault, PushRequest, PushResult, PushStatus};
use groundswell_steps::envelope;
use groundswell_steps::{Known, Provenance, Ready, Refusal};

use super::counters::add;
use super::shared::{Shared, fault, headers};

/// Most records of one push.
const MAX_RECORDS: usize = 10_000;

impl Shared {
    /// Takes records in and answers item by item. A record of which an item is refused is not stored.
    pub(super) fn take_push(&self, request: PushRequest) -> Result<Vec<PushResult>, Fault> {
        if request.records.len() > MAX_RECORDS {
            return Err(Fault::invalid("api.too_many", format!("at most {MAX_RECORDS} records at a time")));
        }
        let Some(pipeline) = self.registry.get(&request.pipeline) else {
            let names = self.registry.names().join(", ");
            return Err(Fault::invalid(
                "api.unknown_pipeline",
                format!("there is no such pipeline; there are: {names}"),
            ));
        };
        let received_at = self.clock.now();
        let mut results = Vec::new();
        let mut appends = Vec::new();
        for (record, bytes) in request.records.into_iter().enumerate() {
            let raw = RawRecord { bytes: &bytes, key: None, received_at, columns: None, row: None };
            let items = self.ingester.items(&pipeline, &raw, Provenance::default());
            let usable = items.iter().all(Result::is_ok);
            let any = items.iter().any(|item| !matches!(item, Ok(Ready::Skip(_)) | Err(_)));
            results.extend(items.into_iter().map(|item| self.answer(record, item, usable, request.dry_run)));
            if usable && any && !request.dry_run {
                appends.push(Append {
                    topic: self.topics.raw.clone(),
                    partition: partition_for(&bytes, self.config.log.partitions),
                    timestamp_ms: received_at.millis(),
                    key: None,
                    headers: headers(&[(envelope::PIPELINE, &request.pipeline)]),
                    value: Some(bytes),
                });
            }
        }
        add(&self.counters.pushed, appends.len() as u64);
        self.log.append(appends).map_err(fault)?;
        Ok(results)
    }

    fn answer(&self, record: usize, item: Result<Ready, Refusal>, usable: bool, dry_run: bool) -> PushResult {
        let mut result = PushResult {
            record,
            status: if dry_run { PushStatus::WouldAccept } else { PushStatus::Accepted },
            id: None,
            code: None,
            message: None,
            ignored: Vec::new(),
            mapping: None,
        };
        match item {
            Ok(Ready::Part { part, ignored }) => {
                result.id = Some(part.id.to_string());
                result.ignored = ignored;
                if dry_run {
                    result.mapping = self.would_map(*part);
                }
            }
            Ok(Ready::Customer(customer)) => result.id = Some(customer.key.to_string()),
            Ok(Ready::Skip(reason)) => {
                result.status = PushStatus::Skipped;
                result.code = Some(reason.to_owned());
            }
            Err(refusal) => {
                result.code = Some(refusal.code.to_owned());
                result.message = Some(refusal.message);
            }
        }
        if result.message.is_some() {
            result.status = PushStatus::Refused;
            add(&self.counters.refused_pushes, 1);
        } else if !usable && result.status != PushStatus::Skipped {
            result.status = PushStatus::Refused;
            result.code = Some("api.record_refused".to_owned());
            result.message = Some("another item of the same record was refused".to_owned());
        }
        result
    }

    fn would_map(&self, part: Part) -> Option<groundswell_model::Mapping> {
        let feedback = unite(vec![part])?;
        let decided = self.decisions().ok()?.decided();
        let view = self.view();
        Some(self.folder.map(&feedback, &Known { people: &view.people, decided: &decided }))
    }
}
