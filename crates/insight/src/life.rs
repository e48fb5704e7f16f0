//! The life of an issue: which state follows which, why, and with what numbers. A step that may not be is told with those
//! that may.

use groundswell_model::{Day, IssueState, Verdict};
use serde::{Deserialize, Serialize};

use crate::verify::Finding;

/// Gives the steps that may be taken from a state.
pub fn allowed(state: IssueState) -> &'static [StepKind] {
    use StepKind::{Assign, Close, Confirm, Reopen, ShipFix, Verdict, Verify};
    match state {
        IssueState::Detected => &[Confirm, Close],
        IssueState::Confirmed | IssueState::Regressed => &[Assign, Close],
        IssueState::Assigned => &[Assign, ShipFix, Close],
        IssueState::FixShipped => &[Assign, ShipFix, Verify, Close],
        IssueState::Verifying => &[Assign, ShipFix, Verdict, Close],
        IssueState::Improved | IssueState::NotResolved => &[Assign, ShipFix, Verdict, Reopen, Close],
        IssueState::Resolved => &[Verdict, Reopen, Close],
        IssueState::Closed => &[Reopen],
    }
}

/// What can happen to an issue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepKind {
    /// The gates are passed.
    Confirm,
    /// Somebody takes it.
    Assign,
    /// A fix is declared.
    ShipFix,
    /// The transition is over.
    Verify,
    /// The rates were judged.
    Verdict,
    /// It is taken up again.
    Reopen,
    /// It is let go.
    Close,
}

impl StepKind {
    /// Gives the words for what may be done.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Confirm => "confirm",
            Self::Assign => "assign",
            Self::ShipFix => "declare a fix",
            Self::Verify => "begin to verify",
            Self::Verdict => "judge",
            Self::Reopen => "reopen",
            Self::Close => "close",
        }
    }
}

/// Something that happens to an issue.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// The gates are passed.
    Confirm {
        /// Distinct people behind it.
        people: u64,
        /// Days on which they spoke.
        days: u64,
        /// Sources in which they did.
        sources: u64,
    },
    /// Somebody takes it, or takes it over.
    Assign {
        /// Who.
        owner: String,
    },
    /// A fix is declared, for a day that may lie ahead.
    ShipFix {
        /// The day.
        shipped: Day,
    },
    /// The transition is over on this day.
    Verify {
        /// The day.
        on: Day,
    },
    /// The rates were judged.
    Verdict(Box<Finding>),
    /// It is taken up again.
    Reopen {
        /// Why.
        reason: String,
        /// Whether it still has an owner.
        owned: bool,
    },
    /// It is let go.
    Close {
        /// Why.
        reason: String,
    },
}

impl Step {
    /// Gives what kind of step it is.
    pub fn kind(&self) -> StepKind {
        match self {
            Self::Confirm { .. } => StepKind::Confirm,
            Self::Assign { .. } => StepKind::Assign,
            Self::ShipFix { .. } => StepKind::ShipFix,
            Self::Verify { .. } => StepKind::Verify,
            Self::Verdict(_) => StepKind::Verdict,
            Self::Reopen { .. } => StepKind::Reopen,
            Self::Close { .. } => StepKind::Close,
        }
    }
}

/// A step that was taken, to be kept with the issue.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Transition {
    /// State before.
    pub from: IssueState,
    /// State after; the same where the step changes nothing but its numbers.
    pub to: IssueState,
    /// Why, in words.
    pub reason: String,
    /// The numbers that caused it, by name.
    pub numbers: Vec<(String, f64)>,
}

/// A step that may not be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an issue that is {state} cannot {}; it can {}", .step.as_str(), allowed_words(*.state))]
pub struct NotAllowed {
    /// Where the issue stands.
    pub state: IssueState,
    /// What was asked.
    pub step: StepKind,
}

fn allowed_words(state: IssueState) -> String {
    allowed(state).iter().map(|step| step.as_str()).collect::<Vec<_>>().join(", ")
}

/// Takes a step. It changes nothing by itself: the caller records the transition.
///
/// # Errors
/// [`NotAllowed`] when the state does not allow the step; [`allowed`] gives those that it does.
pub fn step(state: IssueState, step: &Step) -> Result<Transition, NotAllowed> {
    let refused = NotAllowed { state, step: step.kind() };
    if !allowed(state).contains(&step.kind()) {
        return Err(refused);
    }
    let (to, reason, numbers) = match step {
        Step::Confirm { people, days, sources } => (
            IssueState::Confirmed,
            "passed the gates".to_owned(),
            vec![("people", *people as f64), ("days", *days as f64), ("sources", *sources as f64)],
        ),
        Step::Assign { owner } => (assigned(state), format!("assigned to {owner}"), Vec::new()),
        Step::ShipFix { shipped } => (IssueState::FixShipped, format!("fix ships on {shipped}"), Vec::new()),
        Step::Verify { on } => {
            (IssueState::Verifying, format!("the transition was over on {on}"), Vec::new())
        }
        Step::Verdict(finding) => {
            let to = judged(state, finding.verdict).ok_or(refused)?;
            (to, finding.words().to_owned(), numbers(finding))
        }
        Step::Reopen { reason, owned } => {
            let to = if *owned { IssueState::Assigned } else { IssueState::Confirmed };
            (to, format!("reopened: {reason}"), Vec::new())
        }
        Step::Close { reason } => (IssueState::Closed, format!("closed: {reason}"), Vec::new()),
    };
    let numbers = numbers.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    Ok(Transition { from: state, to, reason, numbers })
}

/// A new owner does not take an issue out of its verification.
fn assigned(state: IssueState) -> IssueState {
    match state {
        IssueState::FixShipped | IssueState::Verifying | IssueState::Improved | IssueState::NotResolved => {
            state
        }
        _ => IssueState::Assigned,
    }
}

/// Gives the state after a verdict. What is resolved stays so until it comes back; a verdict that says nothing yet leaves an
/// issue where it is.
fn judged(state: IssueState, verdict: Verdict) -> Option<IssueState> {
    match (state, verdict) {
        (IssueState::Resolved, Verdict::Regressed) => Some(IssueState::Regressed),
        (IssueState::Resolved, _) => Some(IssueState::Resolved),
        (_, Verdict::Resolved) => Some(IssueState::Resolved),
        (_, Verdict::Improved) => Some(IssueState::Improved),
        (_, Verdict::NotResolved) => Some(IssueState::NotResolved),
        (_, Verdict::Regressed) => None,
        (state, Verdict::TooEarly | Verdict::Undecided | Verdict::ChannelQuiet) => Some(state),
    }
}

fn numbers(finding: &Finding) -> Vec<(&'static str, f64)> {
    let Some(grounds) = &finding.grounds else { return Vec::new() };
    let known = [
        ("issue_people", Some(grounds.issue.people as f64)),
        ("issue_exposure", Some(grounds.issue.exposure)),
        ("after_people", Some(grounds.after.people as f64)),
        ("after_exposure", Some(grounds.after.exposure)),
        ("expected", Some(grounds.expected)),
        ("days_after", Some(f64::from(grounds.days_after))),
        ("ratio", grounds.ratio.ratio),
        ("ratio_low", Some(grounds.ratio.low)),
        ("ratio_high", grounds.ratio.high),
        ("below_half", Some(grounds.below_half)),
        ("below_issue", Some(grounds.below_issue)),
        ("above_four_fifths", Some(grounds.above_four_fifths)),
        ("near_normal", grounds.near_normal),
        ("nearly_gone", Some(grounds.nearly_gone)),
        ("silenced", grounds.silenced),
    ];
    known.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verify::{Count, Trial, verdict};

    fn found(people: u64) -> Step {
        let trial = Trial {
            issue: Count::new(84, 12_000.0),
            after: Count::new(people, 9_000.0),
            dispersion: 1.0,
            days_since_fix: 29,
            days_after: 22,
            ..Trial::default()
        };
        Step::Verdict(Box::new(verdict(&trial)))
    }

    fn said(verdict: Verdict) -> Step {
        Step::Verdict(Box::new(Finding { verdict, grounds: None, caveats: Vec::new() }))
    }

    fn assign() -> Step {
        Step::Assign { owner: "logistics".to_owned() }
    }

    fn live(steps: &[Step]) -> Vec<IssueState> {
        let mut state = IssueState::Detected;
        steps
            .iter()
            .map(|taken| {
                state = step(state, taken).unwrap().to;
                state
            })
            .collect()
    }

    #[test]
    fn a_life_goes_through_its_states() {
        let day = Day::from_number(20_000);
        let states = live(&[
            Step::Confirm { people: 12, days: 5, sources: 2 },
            assign(),
            Step::ShipFix { shipped: day },
            Step::Verify { on: day.plus(8) },
            said(Verdict::TooEarly),
            found(16),
            said(Verdict::Regressed),
            assign(),
            Step::ShipFix { shipped: day.plus(60) },
            Step::Verify { on: day.plus(68) },
            found(90),
            found(40),
            Step::Close { reason: "product withdrawn".to_owned() },
            Step::Reopen { reason: "back on sale".to_owned(), owned: false },
        ]);
        use IssueState::*;
        assert_eq!(
            states,
            [
                Confirmed,
                Assigned,
                FixShipped,
                Verifying,
                Verifying,
                Resolved,
                Regressed,
                Assigned,
                FixShipped,
                Verifying,
                NotResolved,
                Improved,
                Closed,
                Confirmed
            ]
        );
    }

    #[test]
    fn a_transition_keeps_its_numbers() {
        let taken = step(IssueState::Verifying, &found(16)).unwrap();
        assert_eq!((taken.to, taken.reason.as_str()), (IssueState::Resolved, "resolved"));
        let of = |name| taken.numbers.iter().find(|(named, _)| named == name).unwrap().1;
        assert_eq!((of("after_people"), of("issue_people")), (16.0, 84.0));
        assert!((of("below_half") - 0.9960).abs() < 6e-5);
        assert!(taken.numbers.iter().all(|(_, value)| value.is_finite()));
    }

    #[test]
    fn what_is_not_allowed_says_what_is() {
        let fix = Step::ShipFix { shipped: Day::from_number(1) };
        let refused = step(IssueState::Confirmed, &fix).unwrap_err();
        assert_eq!(
            refused.to_string(),
            "an issue that is confirmed cannot declare a fix; it can assign, close"
        );
        assert!(step(IssueState::Closed, &assign()).is_err());
        assert!(
            step(IssueState::Verifying, &said(Verdict::Regressed)).is_err(),
            "only what was resolved regresses"
        );
        assert!(step(IssueState::Resolved, &assign()).is_err());
    }

    #[test]
    fn a_verdict_of_nothing_moves_nothing() {
        for verdict in [Verdict::TooEarly, Verdict::Undecided, Verdict::ChannelQuiet] {
            assert_eq!(step(IssueState::Verifying, &said(verdict)).unwrap().to, IssueState::Verifying);
            assert_eq!(step(IssueState::Resolved, &said(verdict)).unwrap().to, IssueState::Resolved);
        }
        assert!(IssueState::ALL.iter().all(|state| !allowed(*state).is_empty()));
    }
}
