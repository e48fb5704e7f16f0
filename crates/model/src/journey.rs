//! The journey map: ordered stages, touchpoints, phases, gap norms and the evidence that speaks for a stage.
//! One TOML file; all faults are reported at once with their key path.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use crate::ModelError;
use crate::codes::{GapType, Phase, StageCode, TouchpointCode};

/// The default map, as shipped.
pub const DEFAULT: &str = include_str!("../../../pipelines/journeys/default.toml");

/// A journey map.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JourneyMap {
    /// Name, lower case.
    pub name: String,
    /// Version; raise it with every change.
    pub version: u32,
    /// A stage is named only from this probability on.
    pub threshold: f32,
    /// A second stage is named as `voiced_at` from this probability on.
    pub second: f32,
    /// Stages in the order of the journey.
    #[serde(rename = "stage")]
    pub stages: Vec<Stage>,
    /// Touchpoints.
    #[serde(rename = "touchpoint")]
    pub touchpoints: Vec<Touchpoint>,
    /// Phases of the first hundred days.
    #[serde(rename = "phase")]
    pub phases: Vec<PhaseWindow>,
    /// Gap types with their norms.
    #[serde(rename = "gap")]
    pub gaps: Vec<GapNorm>,
    /// Structured evidence.
    #[serde(rename = "evidence", default)]
    pub evidence: Vec<Evidence>,
    /// Sentences that a test maps.
    #[serde(rename = "example", default)]
    pub examples: Vec<StageExample>,
}

/// One stage.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stage {
    /// Code.
    pub code: StageCode,
    /// Name to show.
    pub name: String,
    /// Which of the three periods it belongs to.
    pub period: Period,
    /// What begins and ends it.
    pub description: String,
    /// Phrases that speak for it: 1.0 + 0.5 x (words - 1) each, at most 3.0 together.
    #[serde(default)]
    pub phrases: Vec<String>,
    /// Word beginnings that speak for it: 0.5 each, at most 1.0 together.
    #[serde(default)]
    pub stems: Vec<String>,
}

/// The three periods of a journey.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Period {
    /// Before the purchase.
    Before,
    /// The purchase.
    Purchase,
    /// After the purchase.
    After,
}

/// One touchpoint.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Touchpoint {
    /// Code.
    pub code: TouchpointCode,
    /// Name to show.
    pub name: String,
    /// Phrases that name it.
    pub phrases: Vec<String>,
}

/// The window of one phase, in days; which clock it counts from is the phase's own (Coleman's order).
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PhaseWindow {
    /// Which phase.
    pub code: Phase,
    /// Name to show.
    pub name: String,
    /// The customer's state.
    pub state: String,
    /// Last day of the window, counted from the clock of the phase; absent where an event ends it.
    #[serde(default)]
    pub until_day: Option<i32>,
}

/// A gap type with its norm: the expectation that is implied when none is said.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GapNorm {
    /// Which gap type.
    pub code: GapType,
    /// Name to show.
    pub name: String,
    /// The implied expectation.
    pub norm: String,
    /// Dimensions of SERVQUAL.
    #[serde(default)]
    pub servqual: Vec<String>,
    /// Class after Kano: `M` must-be, `O` one-dimensional, or `M/O`.
    pub kano: String,
    /// Default share of those with the problem who tell the front line.
    pub articulation: f32,
    /// Phrases that speak for it.
    #[serde(default)]
    pub phrases: Vec<String>,
    /// Word beginnings that speak for it, at half weight.
    #[serde(default)]
    pub stems: Vec<String>,
}

/// Structured evidence: a field of the context with one of these values speaks for these stages.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Evidence {
    /// Field of the context, or `channel`, `kind`, `tenure`, `term`.
    pub field: String,
    /// Values, lower case; for `tenure` and `term` ranges of days such as `0..30`.
    pub values: Vec<String>,
    /// Log-likelihood ratio by stage.
    pub weights: BTreeMap<StageCode, f32>,
}

/// A sentence and where it belongs.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StageExample {
    /// The sentence.
    pub text: String,
    /// Its context.
    #[serde(default)]
    pub context: BTreeMap<String, String>,
    /// The stage, or `unknown`.
    pub stage: StageCode,
    /// The gap type of its first unmet expectation, where there is one.
    #[serde(default)]
    pub gap: Option<GapType>,
}

impl JourneyMap {
    /// Reads a map and checks it.
    ///
    /// # Errors
    /// [`ModelError::Journey`] with every fault and its key path.
    pub fn parse(text: &str) -> Result<Self, ModelError> {
        let map: Self = toml::from_str(text)
            .map_err(|error| ModelError::Journey { faults: vec![one_line(&error.to_string())] })?;
        let faults = map.faults();
        if faults.is_empty() { Ok(map) } else { Err(ModelError::Journey { faults }) }
    }

    /// Gives the shipped map.
    ///
    /// # Errors
    /// [`ModelError::Journey`], which a test rules out.
    pub fn shipped() -> Result<Self, ModelError> {
        Self::parse(DEFAULT)
    }

    /// Gives the norm of a gap type.
    pub fn gap(&self, gap: GapType) -> Option<&GapNorm> {
        self.gaps.iter().find(|norm| norm.code == gap)
    }

    fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        let stages: BTreeSet<_> = self.stages.iter().map(|stage| &stage.code).collect();
        if stages.len() != self.stages.len() || self.stages.is_empty() {
            faults.push("stage: codes must be there and be unique".to_owned());
        }
        if stages.iter().any(|code| code.is_unknown()) {
            faults.push("stage: `unknown` is an answer, not a stage".to_owned());
        }
        for (name, value) in [("threshold", self.threshold), ("second", self.second)] {
            if !(0.0..=1.0).contains(&value) {
                faults.push(format!("{name}: must lie between 0 and 1"));
            }
        }
        let touchpoints: BTreeSet<_> = self.touchpoints.iter().map(|touchpoint| &touchpoint.code).collect();
        if touchpoints.len() != self.touchpoints.len() {
            faults.push("touchpoint: codes must be unique".to_owned());
        }
        for gap in GapType::ALL {
            if self.gap(*gap).is_none() {
                faults.push(format!("gap: {gap} is missing"));
            }
        }
        for (index, evidence) in self.evidence.iter().enumerate() {
            for stage in evidence.weights.keys().filter(|stage| !stages.contains(stage)) {
                faults.push(format!("evidence[{index}].weights: no stage {stage}"));
            }
        }
        for (index, example) in self.examples.iter().enumerate() {
            if !example.stage.is_unknown() && !stages.contains(&example.stage) {
                faults.push(format!("example[{index}].stage: no stage {}", example.stage));
            }
        }
        faults
    }
}

fn one_line(message: &str) -> String {
    message.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_map_has_ten_stages_twenty_touchpoints_eight_phases_and_thirteen_gap_types() {
        let map = JourneyMap::shipped().unwrap();
        assert_eq!(map.stages.len(), 10);
        assert_eq!(map.touchpoints.len(), 20);
        assert_eq!(map.phases.len(), 8);
        assert_eq!(map.gaps.len(), 13);
    }

    #[test]
    fn every_fault_of_a_map_is_reported_at_once() {
        let broken = DEFAULT.replacen("threshold = 0.55", "threshold = 1.55", 1).replacen(
            "code = \"exit\"",
            "code = \"unknown\"",
            1,
        );
        let Err(ModelError::Journey { faults }) = JourneyMap::parse(&broken) else {
            panic!("a broken map was accepted")
        };
        assert!(faults.len() >= 2, "{faults:?}");
    }

    #[test]
    fn an_unknown_key_is_refused() {
        let broken = format!("colour = 1\n{DEFAULT}");
        assert!(matches!(JourneyMap::parse(&broken), Err(ModelError::Journey { .. })));
    }
}
