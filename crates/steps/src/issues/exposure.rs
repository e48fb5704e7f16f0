//! Exposure that the company reports: people who could have spoken of a stage, by day. It takes the place of who was heard.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use groundswell_insight::Daily;
use groundswell_model::{Day, DayCount, StageCode};

use crate::row::Numbers;

/// What was reported, by stage.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reported {
    stages: BTreeMap<StageCode, Stage>,
}

#[derive(Clone, Debug, Default, PartialEq)]
struct Stage {
    what: String,
    days: BTreeMap<Day, u32>,
}

/// What was reported for one stage.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExposureRow {
    /// The stage.
    pub stage: String,
    /// What was counted, as it was said last.
    pub what: String,
    /// Days reported.
    pub days: u64,
    /// First day.
    pub from: String,
    /// Last day.
    pub until: String,
    /// Mean of a day.
    pub mean: f64,
}

impl Reported {
    pub(super) fn take(&mut self, stage: &StageCode, what: &str, days: &[DayCount]) {
        let known = self.stages.entry(stage.clone()).or_default();
        what.clone_into(&mut known.what);
        known.days.extend(days.iter().map(|day| (day.day, day.count)));
    }

    /// Gives it to the counts of days, as denominators of their stages.
    pub fn supply(&self, daily: &mut Daily, numbers: &Numbers) {
        for (stage, known) in &self.stages {
            let days = known.days.iter().map(|(day, count)| (*day, *count));
            daily.supply(numbers.stage_number(stage), days);
        }
    }

    /// Says whether nothing was reported.
    pub fn is_empty(&self) -> bool {
        self.stages.is_empty()
    }

    /// Gives what was reported for a stage, in words.
    pub fn what(&self, stage: &StageCode) -> Option<&str> {
        self.stages.get(stage).map(|known| known.what.as_str())
    }

    /// Gives what was reported, by stage.
    pub fn rows(&self) -> Vec<ExposureRow> {
        let row = |(stage, known): (&StageCode, &Stage)| {
            let (from, until) = (known.days.keys().next()?, known.days.keys().next_back()?);
            let sum: u64 = known.days.values().map(|count| u64::from(*count)).sum();
            Some(ExposureRow {
                stage: stage.to_string(),
                what: known.what.clone(),
                days: known.days.len() as u64,
                from: from.to_string(),
                until: until.to_string(),
                mean: sum as f64 / known.days.len() as f64,
            })
        };
        self.stages.iter().filter_map(row).collect()
    }
}
