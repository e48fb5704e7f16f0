//! The examples at the end of the shipped journey map, through the real annotator and mapper.

use std::collections::{BTreeMap, BTreeSet};

use groundswell_annotate::{Annotator, Evidence, Mapper};
use groundswell_model::{Clock, GapType, JourneyMap, Outcome};

#[test]
fn every_example_of_the_shipped_map_is_mapped_as_it_says() {
    let (annotator, mapper) =
        (Annotator::new().unwrap(), Mapper::new(JourneyMap::shipped().unwrap()).unwrap());
    let mut faults = Vec::new();
    for example in &mapper.map().examples {
        let said = annotator.annotate(&example.text, None);
        let clock = Clock::default();
        let evidence =
            Evidence { kind: None, channel: "", context: &example.context, clock, occurred_at: None };
        let mapping = mapper.place(&[(&example.text, &said)], &evidence);
        let gap = said
            .expectations
            .iter()
            .find(|expectation| expectation.outcome == Outcome::Unmet)
            .and_then(|first| first.gap);
        if mapping.stage != example.stage || gap != example.gap {
            let because: Vec<_> = mapping
                .because
                .iter()
                .map(|why| format!("{}={} {:.1}", why.evidence, why.stage, why.weight))
                .collect();
            faults.push(format!(
                "{}\n  stage {} ({:.2}), wanted {}; gap {gap:?}, wanted {:?}; {because:?}",
                example.text, mapping.stage, mapping.probability, example.stage, example.gap
            ));
        }
    }
    assert!(faults.is_empty(), "{} of {}:\n{}", faults.len(), mapper.map().examples.len(), faults.join("\n"));
}

#[test]
fn every_stage_and_gap_type_has_two_examples() {
    let map = JourneyMap::shipped().unwrap();
    let mut stages: BTreeMap<&str, usize> = BTreeMap::new();
    let mut gaps: BTreeMap<GapType, usize> = BTreeMap::new();
    for example in &map.examples {
        *stages.entry(example.stage.as_str()).or_default() += 1;
        if let Some(gap) = example.gap {
            *gaps.entry(gap).or_default() += 1;
        }
    }
    for stage in map.stages.iter().map(|stage| stage.code.as_str()).chain(["unknown"]) {
        assert!(stages.get(stage).is_some_and(|count| *count >= 2), "{stage}");
    }
    assert_eq!(gaps.values().filter(|count| **count >= 2).count(), GapType::ALL.len(), "{gaps:?}");
    let texts: BTreeSet<_> = map.examples.iter().map(|example| &example.text).collect();
    assert_eq!(texts.len(), map.examples.len());
}
