//! The assumptions behind a loss: each with its value, how sure it is, where it comes from, and whether it was measured.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::error::LossError;

/// Whether somebody measured a quantity here, or it was taken from elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Footing {
    /// Taken from a source or from a default.
    Assumed,
    /// Measured with this company's own customers.
    Measured,
}

impl Footing {
    /// Gives the word to show.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Assumed => "assumed",
            Self::Measured => "measured",
        }
    }
}

/// How unsure an assumption is.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Spread {
    /// Taken as it is.
    Exact,
    /// A share that is as sure as one seen on so many people: Beta(value × weight, (1 − value) × weight).
    Share {
        /// Prior sample size, in people.
        weight: f64,
    },
    /// A positive amount with this standard deviation of its logarithm; the value is its mean.
    Amount {
        /// Standard deviation of the natural logarithm.
        sigma: f64,
    },
}

/// One assumption.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Assumption {
    /// Its value: a share from 0 to 1, people told, or money.
    pub value: f64,
    /// How unsure it is.
    pub spread: Spread,
    /// Where it comes from, to be shown beside it.
    pub source: Cow<'static, str>,
    /// Whether it was measured.
    pub footing: Footing,
}

impl Assumption {
    /// Makes an assumed share that weighs as much as `weight` people asked.
    pub fn share(value: f64, weight: f64, source: &'static str) -> Self {
        let spread = Spread::Share { weight };
        Self { value, spread, source: Cow::Borrowed(source), footing: Footing::Assumed }
    }

    /// Makes an assumed value that is taken as it is.
    pub fn exact(value: f64, source: &'static str) -> Self {
        Self { value, spread: Spread::Exact, source: Cow::Borrowed(source), footing: Footing::Assumed }
    }

    /// Makes an assumed amount with this standard deviation of its logarithm.
    pub fn amount(value: f64, sigma: f64, source: &'static str) -> Self {
        let spread = Spread::Amount { sigma };
        Self { value, spread, source: Cow::Borrowed(source), footing: Footing::Assumed }
    }

    /// Gives the prior sample size of a share, in people; none for other values.
    pub fn weight(&self) -> Option<f64> {
        match self.spread {
            Spread::Share { weight } => Some(weight),
            Spread::Exact | Spread::Amount { .. } => None,
        }
    }

    /// Joins a share with what was seen: `hits` of `n` people, added to the people that it weighs already.
    /// What was taken as exact or is no share is replaced by what was seen. Nobody asked changes nothing.
    pub fn learn(&self, hits: u64, n: u64, source: impl Into<Cow<'static, str>>) -> Self {
        if n == 0 {
            return self.clone();
        }
        let (hits, n) = (hits.min(n) as f64, n as f64);
        let prior = self.weight().unwrap_or(0.0).max(0.0);
        let value = (self.value * prior + hits) / (prior + n);
        let spread = Spread::Share { weight: prior + n };
        Self { value, spread, source: source.into(), footing: Footing::Measured }
    }
}

/// What the model can be asked to vary: the number of complainants and every assumption.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Quantity {
    /// Distinct customers who complained (C); counted, not assumed.
    Complainants,
    /// Share of those with the problem who tell through a channel that is counted (a).
    Articulation,
    /// Share of complainants who are satisfied with the answer (s).
    Satisfied,
    /// Share of complainants who are appeased only (m).
    Mollified,
    /// Share of complainants who are dissatisfied with the answer (d).
    Dissatisfied,
    /// Share that stays without a problem (L0).
    StaysUnaffected,
    /// Share that stays with a problem and says nothing (Ln).
    StaysSilent,
    /// Share that stays after a satisfying answer (Ls).
    StaysSatisfied,
    /// Share that stays after an appeasing answer (Lm).
    StaysMollified,
    /// Share that stays after a bad answer (Ld).
    StaysDissatisfied,
    /// Value of a customer over the next three to five years (V).
    Value,
    /// Value of a customer who would have been won (V of a new one).
    NewValue,
    /// People told by one who says nothing to the company.
    ToldSilent,
    /// People told by one who was satisfied.
    ToldSatisfied,
    /// People told by one who was appeased.
    ToldMollified,
    /// People told by one who was dissatisfied.
    ToldDissatisfied,
    /// Share of those told who would have bought and now do not.
    Deterred,
}

impl Quantity {
    /// Every quantity, in the order in which they are shown.
    pub const ALL: [Self; 17] = [
        Self::Complainants,
        Self::Articulation,
        Self::Satisfied,
        Self::Mollified,
        Self::Dissatisfied,
        Self::StaysUnaffected,
        Self::StaysSilent,
        Self::StaysSatisfied,
        Self::StaysMollified,
        Self::StaysDissatisfied,
        Self::Value,
        Self::NewValue,
        Self::ToldSilent,
        Self::ToldSatisfied,
        Self::ToldMollified,
        Self::ToldDissatisfied,
        Self::Deterred,
    ];

    /// Gives the code, as written in JSON and in an action that changes the assumption.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Complainants => "complainants",
            Self::Articulation => "articulation",
            Self::Satisfied => "satisfied",
            Self::Mollified => "mollified",
            Self::Dissatisfied => "dissatisfied",
            Self::StaysUnaffected => "stays_unaffected",
            Self::StaysSilent => "stays_silent",
            Self::StaysSatisfied => "stays_satisfied",
            Self::StaysMollified => "stays_mollified",
            Self::StaysDissatisfied => "stays_dissatisfied",
            Self::Value => "value",
            Self::NewValue => "new_value",
            Self::ToldSilent => "told_silent",
            Self::ToldSatisfied => "told_satisfied",
            Self::ToldMollified => "told_mollified",
            Self::ToldDissatisfied => "told_dissatisfied",
            Self::Deterred => "deterred",
        }
    }

    /// Finds the quantity of a code.
    pub fn of_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|quantity| quantity.as_str() == code)
    }

    /// Says whether the quantity is money or a number of people, not a share.
    fn is_amount(self) -> bool {
        matches!(
            self,
            Self::Complainants
                | Self::Value
                | Self::NewValue
                | Self::ToldSilent
                | Self::ToldSatisfied
                | Self::ToldMollified
                | Self::ToldDissatisfied
        )
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Every assumption behind the loss of one issue. Shares lie between 0 and 1.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Assumptions {
    /// See [`Quantity::Articulation`].
    pub articulation: Assumption,
    /// See [`Quantity::Satisfied`].
    pub satisfied: Assumption,
    /// See [`Quantity::Mollified`].
    pub mollified: Assumption,
    /// See [`Quantity::Dissatisfied`].
    pub dissatisfied: Assumption,
    /// See [`Quantity::StaysUnaffected`].
    pub stays_unaffected: Assumption,
    /// See [`Quantity::StaysSilent`].
    pub stays_silent: Assumption,
    /// See [`Quantity::StaysSatisfied`].
    pub stays_satisfied: Assumption,
    /// See [`Quantity::StaysMollified`].
    pub stays_mollified: Assumption,
    /// See [`Quantity::StaysDissatisfied`].
    pub stays_dissatisfied: Assumption,
    /// See [`Quantity::Value`]; absent until finance gives it, and then there is no revenue at risk.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Assumption>,
    /// See [`Quantity::NewValue`]; the value of a customer where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub new_value: Option<Assumption>,
    /// See [`Quantity::ToldSilent`].
    pub told_silent: Assumption,
    /// See [`Quantity::ToldSatisfied`].
    pub told_satisfied: Assumption,
    /// See [`Quantity::ToldMollified`].
    pub told_mollified: Assumption,
    /// See [`Quantity::ToldDissatisfied`].
    pub told_dissatisfied: Assumption,
    /// See [`Quantity::Deterred`].
    pub deterred: Assumption,
}

impl Assumptions {
    /// Gives one assumption; none for the complainants, who are counted, and for a value that nobody gave.
    pub fn get(&self, quantity: Quantity) -> Option<&Assumption> {
        match quantity {
            Quantity::Complainants => None,
            Quantity::Articulation => Some(&self.articulation),
            Quantity::Satisfied => Some(&self.satisfied),
            Quantity::Mollified => Some(&self.mollified),
            Quantity::Dissatisfied => Some(&self.dissatisfied),
            Quantity::StaysUnaffected => Some(&self.stays_unaffected),
            Quantity::StaysSilent => Some(&self.stays_silent),
            Quantity::StaysSatisfied => Some(&self.stays_satisfied),
            Quantity::StaysMollified => Some(&self.stays_mollified),
            Quantity::StaysDissatisfied => Some(&self.stays_dissatisfied),
            Quantity::Value => self.value.as_ref(),
            Quantity::NewValue => self.new_value.as_ref(),
            Quantity::ToldSilent => Some(&self.told_silent),
            Quantity::ToldSatisfied => Some(&self.told_satisfied),
            Quantity::ToldMollified => Some(&self.told_mollified),
            Quantity::ToldDissatisfied => Some(&self.told_dissatisfied),
            Quantity::Deterred => Some(&self.deterred),
        }
    }

    /// Puts another assumption in place of one; says whether the quantity can be assumed at all.
    pub fn put(&mut self, quantity: Quantity, assumption: Assumption) -> bool {
        match quantity {
            Quantity::Complainants => return false,
            Quantity::Articulation => self.articulation = assumption,
            Quantity::Satisfied => self.satisfied = assumption,
            Quantity::Mollified => self.mollified = assumption,
            Quantity::Dissatisfied => self.dissatisfied = assumption,
            Quantity::StaysUnaffected => self.stays_unaffected = assumption,
            Quantity::StaysSilent => self.stays_silent = assumption,
            Quantity::StaysSatisfied => self.stays_satisfied = assumption,
            Quantity::StaysMollified => self.stays_mollified = assumption,
            Quantity::StaysDissatisfied => self.stays_dissatisfied = assumption,
            Quantity::Value => self.value = Some(assumption),
            Quantity::NewValue => self.new_value = Some(assumption),
            Quantity::ToldSilent => self.told_silent = assumption,
            Quantity::ToldSatisfied => self.told_satisfied = assumption,
            Quantity::ToldMollified => self.told_mollified = assumption,
            Quantity::ToldDissatisfied => self.told_dissatisfied = assumption,
            Quantity::Deterred => self.deterred = assumption,
        }
        true
    }

    /// Gives every assumption that there is, in order.
    pub fn all(&self) -> impl Iterator<Item = (Quantity, &Assumption)> {
        Quantity::ALL.into_iter().filter_map(|quantity| Some((quantity, self.get(quantity)?)))
    }

    /// Checks that every value can be what it says.
    ///
    /// # Errors
    /// [`LossError::OutOfRange`] for a share outside 0 to 1, an articulation of 0, a negative amount or a spread that is
    /// not positive; [`LossError::Shares`] when the three answers do not add up to one.
    pub fn check(&self) -> Result<(), LossError> {
        for (quantity, assumption) in self.all() {
            let fault = |value: f64, wanted| Err(LossError::OutOfRange { quantity, value, wanted });
            let value = assumption.value;
            if quantity.is_amount() && !(value.is_finite() && value >= 0.0) {
                return fault(value, "zero or more");
            }
            if !quantity.is_amount() && !(0.0..=1.0).contains(&value) {
                return fault(value, "a share between 0 and 1");
            }
            match assumption.spread {
                Spread::Share { weight } if quantity.is_amount() => return fault(weight, "an amount"),
                Spread::Share { weight } if !(weight.is_finite() && weight > 0.0) => {
                    return fault(weight, "a weight above zero");
                }
                Spread::Amount { sigma } if !quantity.is_amount() => return fault(sigma, "a share"),
                Spread::Amount { sigma } if !(0.0..=3.0).contains(&sigma) => {
                    return fault(sigma, "a spread between 0 and 3");
                }
                Spread::Exact | Spread::Share { .. } | Spread::Amount { .. } => {}
            }
        }
        if self.articulation.value <= 0.0 {
            let (quantity, value) = (Quantity::Articulation, self.articulation.value);
            return Err(LossError::OutOfRange { quantity, value, wanted: "above zero" });
        }
        let sum = self.satisfied.value + self.mollified.value + self.dissatisfied.value;
        if (sum - 1.0).abs() > 1e-6 { Err(LossError::Shares { sum }) } else { Ok(()) }
    }
}
