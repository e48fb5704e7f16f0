//! The index is a function of what was written, not of order, repetition or batching.

use std::collections::BTreeMap;

use groundswell_model::{Kind, Mapped};
use proptest::prelude::*;

use super::build::{Bed, But, add, at, said};
use crate::{Answer, Query};

/// Versions of few feedback: which, its version, what it says, and whether it is a deletion.
fn publication() -> impl Strategy<Value = Mapped> {
    let text = prop_oneof![Just("late parcel"), Just("refund"), Just("late refund again")];
    let stage = prop_oneof![Just("use"), Just("support")];
    (0..6u8, 0..3u64, 0..4u64, text, stage, prop::bool::weighted(0.2)).prop_map(
        |(record, epoch, sequence, text, stage, deleted)| {
            // One version has one content, as in a log.
            let text = if (u64::from(record) + epoch + sequence) % 2 == 0 { text } else { "late" };
            let mapped =
                said(&record.to_string(), text).stage(stage).kind(Kind::Public).by(&(record % 3).to_string());
            let mapped = mapped.version(epoch, sequence);
            if deleted { mapped.deleted() } else { mapped }
        },
    )
}

/// Keeps the first content that was drawn for a version.
fn as_published(drawn: Vec<Mapped>) -> Vec<Mapped> {
    let mut by_version = BTreeMap::new();
    for mapped in drawn {
        by_version.entry((mapped.feedback.id, mapped.version)).or_insert(mapped);
    }
    by_version.into_values().collect()
}

fn answers(bed: &Bed) -> Vec<(u64, u64, Vec<String>, String)> {
    ["", "late", "refund OR parcel", "stage:use -again"]
        .iter()
        .map(|text| {
            let facets = ["stage", "kind"].map(str::to_owned).to_vec();
            let query =
                Query { text: (*text).to_owned(), limit: 50, facets, histogram: true, ..Query::default() };
            let Answer { people, feedback, hits, facets, .. } = bed.index.search(&query).unwrap();
            let mut ids: Vec<String> = hits.iter().map(|hit| format!("{} {}", hit.id, hit.text)).collect();
            ids.sort();
            (people, feedback, ids, format!("{facets:?}"))
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]
    #[test]
    fn order_repetition_and_batching_change_nothing(
        drawn in prop::collection::vec(publication(), 1..20),
        order in prop::collection::vec(any::<prop::sample::Index>(), 0..30),
        commits in prop::collection::vec(prop::bool::weighted(0.1), 60),
        reopen in any::<bool>(),
    ) {
        let log = as_published(drawn);
        let once = Bed::with(&log);
        let mut shuffled: Vec<Mapped> = order.iter().map(|index| index.get(&log).clone()).collect();
        shuffled.extend(log.iter().rev().cloned());
        let mut bed = Bed::new();
        let mut writer = bed.index.writer().unwrap();
        for (mapped, commit) in shuffled.iter().zip(commits.iter().cycle()) {
            add(&mut writer, std::slice::from_ref(mapped));
            if *commit {
                writer.commit(&at(1)).unwrap();
                if reopen {
                    drop(writer);
                    bed = bed.again();
                    writer = bed.index.writer().unwrap();
                }
            }
        }
        writer.commit(&at(log.len() as u64)).unwrap();
        prop_assert_eq!(bed.dump(), once.dump());
        prop_assert_eq!(bed.index.count(), once.index.count());
        prop_assert_eq!(answers(&bed), answers(&once));
        prop_assert_eq!(bed.index.checkpoint(), once.index.checkpoint());
    }
}
