//! Three ways to lose fewer customers, each with its price: prevent the problem, make complaining easier, answer better.

use super::assumptions::Assumptions;
use super::error::LossError;
use super::formula::{Issue, Loss, Terms};

/// Something that can be done about an issue.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Lever {
    /// This share of those with the problem no longer has it.
    Prevent {
        /// Share prevented.
        share: f64,
    },
    /// At least this share of those with the problem complains; as many have it as before.
    Hear {
        /// Articulation then; where more complain already, as many do.
        articulation: f64,
    },
    /// Complainants are answered so that these shares are satisfied, mollified, dissatisfied.
    Resolve {
        /// The shares then; they add up to one.
        answers: [f64; 3],
    },
}

impl Lever {
    /// Gives the loss once the lever is pulled.
    pub(super) fn pulled(self, issue: &Issue, terms: &Terms) -> Loss {
        let affected = terms.affected(issue);
        match self {
            Self::Prevent { share } => terms.loss(issue, affected * (1.0 - share.clamp(0.0, 1.0))),
            Self::Hear { articulation } => {
                let articulation = articulation.clamp(0.0, 1.0).max(terms.articulation);
                Terms { articulation, ..*terms }.loss(issue, affected)
            }
            Self::Resolve { answers } => Terms { answers, ..*terms }.loss(issue, affected),
        }
    }
}

/// A lever and what it saves.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Priced {
    /// What is done.
    pub lever: Lever,
    /// Customers lost then.
    pub customers: f64,
    /// Customers kept by it.
    pub kept: f64,
    /// Revenue kept by it, where the value of a customer is given.
    pub revenue_kept: Option<f64>,
}

/// Gives the levers to show unless somebody asks for others: a quarter prevented, 20 points more who complain, and a third of
/// those not satisfied now satisfied.
pub fn usual_levers(assumptions: &Assumptions) -> [Lever; 3] {
    let [s, m, d] =
        [&assumptions.satisfied, &assumptions.mollified, &assumptions.dissatisfied].map(|a| a.value);
    [
        Lever::Prevent { share: 0.25 },
        Lever::Hear { articulation: (assumptions.articulation.value + 0.2).min(1.0) },
        Lever::Resolve { answers: [s + (m + d) / 3.0, m * 2.0 / 3.0, d * 2.0 / 3.0] },
    ]
}

/// Prices levers, every assumption at its value.
///
/// # Errors
/// As [`Assumptions::check`].
pub fn levers(issue: &Issue, assumptions: &Assumptions, levers: &[Lever]) -> Result<Vec<Priced>, LossError> {
    assumptions.check()?;
    let terms = Terms::assumed(issue, assumptions);
    let now = terms.loss(issue, terms.affected(issue));
    let price = |lever: &Lever| {
        let then = lever.pulled(issue, &terms);
        let revenue_kept = now.revenue.zip(then.revenue).map(|(now, then)| now - then);
        Priced {
            lever: *lever,
            customers: then.customers,
            kept: now.customers - then.customers,
            revenue_kept,
        }
    };
    Ok(levers.iter().map(price).collect())
}
