//! The formula: customers with the problem, those who leave because of it, and those who never come because they were told.

use super::assumptions::{Assumption, Assumptions};
use super::error::LossError;

/// What was counted of one issue over a period.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Issue {
    /// Distinct customers who complained.
    pub complainants: u64,
    /// Mean value of the complainants whose own value is known; the silent count with the assumed value.
    pub own_value: Option<f64>,
    /// Number of customers who could have the problem; nobody beyond it can have it.
    pub base: Option<u64>,
}

/// What one issue costs over a period. Customers are expected numbers, so they are no whole numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Loss {
    /// Customers who had the problem (N).
    pub affected: f64,
    /// Customers lost among those who said nothing.
    pub silent: f64,
    /// Customers lost among those who complained.
    pub complained: f64,
    /// All customers lost because of the issue, beyond those who would have left anyway.
    pub customers: f64,
    /// Revenue at risk, in the currency of the value; absent where nobody gave the value of a customer.
    pub revenue: Option<f64>,
    /// Customers who never come because somebody told them.
    pub deterred: f64,
    /// What those would have brought; absent where nobody gave a value.
    pub deterred_revenue: Option<f64>,
    /// How many have the problem for each one who complains (1/a).
    pub multiplier: f64,
}

/// The numbers of the formula, as assumed or as drawn once from what is assumed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Terms {
    /// Distinct customers who complained; drawn values are no whole numbers.
    pub complainants: f64,
    /// Share that complains.
    pub articulation: f64,
    /// Shares of complainants satisfied, mollified, dissatisfied.
    pub answers: [f64; 3],
    /// Share that stays without a problem.
    pub stays: f64,
    /// Share of the silent that stays.
    pub stays_silent: f64,
    /// Share that stays of the satisfied, mollified, dissatisfied.
    pub stays_answered: [f64; 3],
    /// Value of a customer.
    pub value: Option<f64>,
    /// Value of a customer who would have been won.
    pub new_value: Option<f64>,
    /// People told by one who is silent.
    pub told_silent: f64,
    /// People told by one satisfied, mollified, dissatisfied.
    pub told_answered: [f64; 3],
    /// Share of those told who would have bought and now do not.
    pub deterred: f64,
}

impl Terms {
    /// Takes every assumption at its value.
    pub fn assumed(issue: &Issue, assumptions: &Assumptions) -> Self {
        let given = |assumption: &Option<Assumption>| assumption.as_ref().map(|assumption| assumption.value);
        let of = |all: [&Assumption; 3]| all.map(|assumption| assumption.value);
        let a = assumptions;
        Self {
            complainants: issue.complainants as f64,
            articulation: a.articulation.value,
            answers: of([&a.satisfied, &a.mollified, &a.dissatisfied]),
            stays: a.stays_unaffected.value,
            stays_silent: a.stays_silent.value,
            stays_answered: of([&a.stays_satisfied, &a.stays_mollified, &a.stays_dissatisfied]),
            value: given(&a.value),
            new_value: given(&a.new_value).or(given(&a.value)),
            told_silent: a.told_silent.value,
            told_answered: of([&a.told_satisfied, &a.told_mollified, &a.told_dissatisfied]),
            deterred: a.deterred.value,
        }
    }

    /// Gives the customers with the problem: complainants by articulation, never beyond the base.
    pub fn affected(&self, issue: &Issue) -> f64 {
        let affected = self.complainants / self.articulation.max(f64::MIN_POSITIVE);
        issue.base.map_or(affected, |base| affected.min((base as f64).max(self.complainants)))
    }

    /// Computes the loss where so many customers have the problem.
    pub fn loss(&self, issue: &Issue, affected: f64) -> Loss {
        let heard = affected * self.articulation;
        let unheard = affected - heard;
        let silent = unheard * (self.stays - self.stays_silent).max(0.0);
        let drops = self.stays_answered.map(|stays| (self.stays - stays).max(0.0));
        let complained = heard * dot(self.answers, drops);
        let told = unheard * self.told_silent + heard * dot(self.answers, self.told_answered);
        let deterred = told * self.deterred;
        let own = |value: f64| issue.own_value.unwrap_or(value);
        Loss {
            affected,
            silent,
            complained,
            customers: silent + complained,
            revenue: self.value.map(|value| silent * value + complained * own(value)),
            deterred,
            deterred_revenue: self.new_value.map(|value| deterred * value),
            multiplier: 1.0 / self.articulation.max(f64::MIN_POSITIVE),
        }
    }
}

fn dot(a: [f64; 3], b: [f64; 3]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// Computes what an issue costs, every assumption at its value. To be shown only with the interval of
/// [`simulate`](super::simulate()).
///
/// Source: Goodman and Newman 2003 for the split into silent and heard; the incremental form, in which customers who would
/// have left anyway are not charged to the issue, is ours.
///
/// # Errors
/// As [`Assumptions::check`].
pub fn loss(issue: &Issue, assumptions: &Assumptions) -> Result<Loss, LossError> {
    assumptions.check()?;
    let terms = Terms::assumed(issue, assumptions);
    Ok(terms.loss(issue, terms.affected(issue)))
}

/// Gives the share of all customers that a problem puts at risk: the share that has it, times the share of those who will
/// not stay. None where either is no share.
pub fn market_at_risk(incidence: f64, leave: f64) -> Option<f64> {
    let share = 0.0..=1.0;
    (share.contains(&incidence) && share.contains(&leave)).then_some(incidence * leave)
}
