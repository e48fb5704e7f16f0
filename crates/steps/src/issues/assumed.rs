//! What the price of an issue rests on: a preset, and what people put in place of its values, for all gap types or for one.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use groundswell_insight::loss::{Assumption, Assumptions, Footing, Preset, Quantity, Spread};
use groundswell_model::{Decision, GapType};

/// The assumptions that people changed. A value for one gap type wins over one for all.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Assumed {
    preset: Option<Preset>,
    values: BTreeMap<(Quantity, Option<GapType>), Assumption>,
}

/// One assumption as it is shown.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AssumptionRow {
    /// Code of the quantity.
    pub quantity: String,
    /// A share from 0 to 1, a number of people, or money.
    pub value: f64,
    /// How many people's answers it weighs as much as; absent for amounts and exact values.
    pub weight: Option<f64>,
    /// `assumed` or `measured`.
    pub footing: String,
    /// Where it comes from.
    pub source: String,
    /// Whether somebody changed it.
    pub changed: bool,
}

impl Assumed {
    /// Takes in a decision; one that names no known quantity or preset changes nothing.
    pub(super) fn take(&mut self, decision: &Decision) {
        match decision {
            Decision::AssumptionSet { quantity, gap, value, weight, measured, source } => {
                if let Some(quantity) = Quantity::of_code(quantity) {
                    let spread = spread(quantity, *weight);
                    let footing = if *measured { Footing::Measured } else { Footing::Assumed };
                    let source = source.clone().into();
                    self.values
                        .insert((quantity, *gap), Assumption { value: *value, spread, source, footing });
                }
            }
            Decision::AssumptionReset { quantity, gap } => {
                if let Some(quantity) = Quantity::of_code(quantity) {
                    self.values.remove(&(quantity, *gap));
                }
            }
            Decision::PresetChosen { preset } => self.preset = Preset::named(preset).or(self.preset),
            _ => {}
        }
    }

    /// Gives the preset that holds.
    pub fn preset(&self) -> Preset {
        self.preset.unwrap_or(Preset::Usual)
    }

    /// Gives the assumptions of a gap type.
    pub fn of(&self, gap: GapType) -> Assumptions {
        let mut assumptions = self.preset().assumptions(gap);
        for quantity in Quantity::ALL {
            let own = self.values.get(&(quantity, Some(gap))).or_else(|| self.values.get(&(quantity, None)));
            if let Some(own) = own {
                assumptions.put(quantity, own.clone());
            }
        }
        assumptions
    }

    /// Says whether somebody changed a quantity, for a gap type or for all.
    pub fn has_set(&self, quantity: Quantity, gap: GapType) -> bool {
        self.values.contains_key(&(quantity, Some(gap))) || self.values.contains_key(&(quantity, None))
    }

    /// Gives the assumptions of a gap type as they are shown.
    pub fn rows(&self, gap: GapType) -> Vec<AssumptionRow> {
        rows(&self.of(gap), |quantity| self.has_set(quantity, gap))
    }
}

/// Gives assumptions as they are shown.
pub(super) fn rows(assumptions: &Assumptions, changed: impl Fn(Quantity) -> bool) -> Vec<AssumptionRow> {
    let row = |(quantity, assumption): (Quantity, &Assumption)| AssumptionRow {
        quantity: quantity.to_string(),
        value: assumption.value,
        weight: assumption.weight(),
        footing: assumption.footing.as_str().to_owned(),
        source: assumption.source.clone().into_owned(),
        changed: changed(quantity),
    };
    assumptions.all().map(row).collect()
}

/// Says what is wrong with a decision about assumptions; nothing where it can be taken.
pub fn fault(decision: &Decision) -> Option<String> {
    let unknown = |quantity: &str| {
        let all: Vec<&str> =
            Quantity::ALL.iter().filter(|q| **q != Quantity::Complainants).map(|q| q.as_str()).collect();
        format!("quantity: {quantity:?} is none of {}", all.join(", "))
    };
    match decision {
        Decision::AssumptionSet { quantity, gap, value, weight, .. } => {
            let Some(known) = Quantity::of_code(quantity) else { return Some(unknown(quantity)) };
            let mut tried = Preset::Usual.assumptions(gap.unwrap_or(GapType::Timeliness));
            let spread = spread(known, *weight);
            let tried_value =
                Assumption { value: *value, spread, source: "".into(), footing: Footing::Assumed };
            if !tried.put(known, tried_value) {
                return Some(unknown(quantity));
            }
            // The three answers add up to one only when all three are set; each alone is checked for its range.
            match tried.check() {
                Err(groundswell_insight::loss::LossError::Shares { .. }) | Ok(()) => None,
                Err(error) => Some(format!("value: {error}")),
            }
        }
        Decision::AssumptionReset { quantity, .. } => {
            Quantity::of_code(quantity).is_none().then(|| unknown(quantity))
        }
        Decision::PresetChosen { preset } => {
            let all: Vec<&str> = Preset::ALL.iter().map(|preset| preset.name()).collect();
            Preset::named(preset)
                .is_none()
                .then(|| format!("preset: {preset:?} is none of {}", all.join(", ")))
        }
        _ => Some("decision: it is not about assumptions".to_owned()),
    }
}

/// How sure a value is: shares weigh as much as twenty people unless somebody says otherwise, money varies by three tenths.
fn spread(quantity: Quantity, weight: Option<f64>) -> Spread {
    match (quantity, weight) {
        (Quantity::Value | Quantity::NewValue, _) => Spread::Amount { sigma: 0.3 },
        (
            Quantity::ToldSilent
            | Quantity::ToldSatisfied
            | Quantity::ToldMollified
            | Quantity::ToldDissatisfied,
            _,
        ) => Spread::Exact,
        (_, weight) => Spread::Share { weight: weight.unwrap_or(20.0) },
    }
}
