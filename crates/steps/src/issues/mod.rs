//! Systemic issues as the actions tell them: judgements and ticks say what the counts showed, people say what was done.
//! Folding the same actions gives the same issues; nothing here is computed from feedback.

mod assumed;
mod exposure;
mod history;
mod judge;
mod merge;
mod price;
mod show;
#[cfg(test)]
mod tests;
mod verified;

use std::collections::{BTreeMap, BTreeSet};

use groundswell_model::{
    Action, Change, Day, Decision, Evidence, IssueId, IssueState, Pattern, Timestamp, Verdict, Zone,
};

pub use assumed::{Assumed, AssumptionRow, fault};
pub use exposure::{ExposureRow, Reported};
pub use history::{Happening, What};
pub use judge::{CLEAR, Judge};
pub use price::{AtRisk, LeverRow, Lists, Mover, Span, Worth, price};
pub use show::{Because, FixRow, IssueDetail, IssueRow, OriginRow, PlaceRow, TrendDay, detail, rows};

/// Feedback of days before the first tick that may come without asking for another judgement, beside a twentieth.
const FEW: u64 = 20;

/// All systemic issues, folded from the actions.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Issues {
    /// What the last judgement of history found, by issue, in order of days.
    judged: BTreeMap<IssueId, Vec<Change>>,
    /// The last judgement: its days, and what had asked for one by then.
    judgement: Option<Judgement>,
    /// What ticks found since.
    ticked: BTreeMap<IssueId, Vec<Change>>,
    /// The last tick.
    tick: Option<Tick>,
    /// What people did, in order.
    deeds: BTreeMap<IssueId, Vec<Deed>>,
    /// Imports finished and fixes declared: each asks for a judgement of the days before the first tick.
    asked: u64,
    /// When the installation was begun.
    begun: Option<Timestamp>,
    /// What the price of issues rests on.
    assumed: Assumed,
    /// Who could have spoken, as the company's operations count them.
    exposure: Reported,
    /// The journey map that the analyser maps with.
    journey: Option<String>,
}

/// The last judgement of history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Judgement {
    /// First day judged.
    pub from: Day,
    /// Last day judged.
    pub until: Day,
    asked: u64,
    feedback: u64,
}

/// The last tick.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tick {
    /// Its number.
    pub seq: u64,
    /// The day it closed.
    pub closes: Day,
}

/// What a person did about an issue.
#[derive(Clone, Debug, PartialEq)]
struct Deed {
    actor: String,
    at: Timestamp,
    reason: Option<String>,
    what: Done,
}

#[derive(Clone, Debug, PartialEq)]
enum Done {
    Assigned(String),
    Noted(String),
    Fixed(Fix),
    Told(u64),
    Closed,
    Reopened,
}

/// A declared fix.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// The first day with it.
    pub on: Day,
    /// What was done.
    pub what: String,
}

/// One systemic issue as it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Issue {
    /// Its identity.
    pub id: IssueId,
    /// Rising or standing, as it was last detected.
    pub pattern: Pattern,
    /// Since when it is there, as far as the counts tell.
    pub since: Day,
    /// Where it is in its life.
    pub state: IssueState,
    /// What it was last detected by.
    pub detected: Change,
    /// What looking at its fix found last.
    pub verified: Option<Change>,
    /// Who owns it.
    pub owner: Option<String>,
    /// The fix that was declared last.
    pub fix: Option<Fix>,
    /// How many people were told what was done.
    pub told: u64,
    /// Everything that happened, in order.
    pub history: Vec<Happening>,
}

impl Issues {
    /// Takes in one action. Actions come in the order of their log.
    pub fn take(&mut self, action: &Action) {
        let mut deed = |issue: &IssueId, what: Done| {
            let deed =
                Deed { actor: action.actor.clone(), at: action.at, reason: action.reason.clone(), what };
            self.deeds.entry(issue.clone()).or_default().push(deed);
        };
        match &action.decision {
            Decision::Founded { .. } => {
                self.begun.get_or_insert(action.at);
            }
            Decision::Started { journey, .. } => {
                self.begun.get_or_insert(action.at);
                // Another map gives other cells: history is judged anew.
                let before = self.journey.replace(journey.clone());
                self.asked += u64::from(before.is_some_and(|before| before != *journey));
            }
            Decision::ImportStarted { .. } => {}
            Decision::ImportFinished { .. } => self.asked += 1,
            Decision::Judged { from, until, asked, feedback, changes } => {
                let (from, until, asked, feedback) = (*from, *until, *asked, *feedback);
                self.judgement = Some(Judgement { from, until, asked, feedback });
                self.judged = by_issue(changes);
            }
            Decision::Ticked { seq, closes, changes, .. } => {
                self.tick = Some(Tick { seq: *seq, closes: *closes });
                for (issue, changes) in by_issue(changes) {
                    self.ticked.entry(issue).or_default().extend(changes);
                }
            }
            Decision::IssueAssigned { issue, owner } => deed(issue, Done::Assigned(owner.clone())),
            Decision::IssueNoted { issue, note } => deed(issue, Done::Noted(note.clone())),
            Decision::FixDeclared { issue, on, what } => {
                deed(issue, Done::Fixed(Fix { on: *on, what: what.clone() }));
                self.asked += 1;
            }
            Decision::PeopleTold { issue, people } => deed(issue, Done::Told(*people)),
            Decision::IssueClosed { issue } => deed(issue, Done::Closed),
            Decision::IssueReopened { issue } => deed(issue, Done::Reopened),
            Decision::AssumptionSet { .. }
            | Decision::AssumptionReset { .. }
            | Decision::PresetChosen { .. } => self.assumed.take(&action.decision),
            Decision::ExposureReported { stage, what, days } => self.exposure.take(stage, what, days),
            // What concerns single feedback is folded elsewhere.
            Decision::MappingCorrected { .. }
            | Decision::CorrectionUndone { .. }
            | Decision::MappingReviewed { .. }
            | Decision::PromiseRegistered { .. }
            | Decision::PromiseWithdrawn { .. }
            | Decision::PromiseMeasured { .. }
            | Decision::ThemesFound { .. }
            | Decision::ThemesEdited { .. }
            | Decision::ThemeEditUndone { .. }
            | Decision::SearchSaved { .. }
            | Decision::SearchForgotten { .. } => {}
        }
    }

    /// What the price of issues rests on.
    pub fn assumed(&self) -> &Assumed {
        &self.assumed
    }

    /// Who could have spoken, as the company's operations count them.
    pub fn exposure(&self) -> &Reported {
        &self.exposure
    }

    /// The first day that a tick closes: the one on which the installation was begun. Days before it are history.
    pub fn first_live(&self, zone: &Zone) -> Option<Day> {
        self.begun.map(|at| zone.day(at))
    }

    /// Says whether a judgement of history is due, given how many feedback of those days are known: something was imported
    /// or declared since, or their number has changed by more than a twentieth. A few that come late change nothing.
    pub fn asks_for_judgement(&self, feedback: u64) -> bool {
        match self.judgement {
            None => feedback > 0,
            Some(known) => {
                (known.asked != self.asked && feedback > 0)
                    || known.feedback.abs_diff(feedback) > known.feedback / 20 + FEW
            }
        }
    }

    /// What has asked for a judgement so far.
    pub fn asked(&self) -> u64 {
        self.asked
    }

    /// The last judgement of history.
    pub fn judgement(&self) -> Option<Judgement> {
        self.judgement
    }

    /// The last tick.
    pub fn tick(&self) -> Option<Tick> {
        self.tick
    }

    /// The last day that was judged.
    pub fn judged_until(&self) -> Option<Day> {
        self.tick.map(|tick| tick.closes).max(self.judgement.map(|judgement| judgement.until))
    }

    /// Fixes that were declared, in the order in which they were.
    pub fn fixes(&self) -> BTreeMap<IssueId, Vec<Fix>> {
        let fixes = |deeds: &Vec<Deed>| -> Vec<Fix> {
            let fixed = deeds.iter().filter_map(|deed| match &deed.what {
                Done::Fixed(fix) => Some(fix.clone()),
                _ => None,
            });
            fixed.collect()
        };
        self.deeds.iter().map(|(issue, deeds)| (issue.clone(), fixes(deeds))).collect()
    }

    /// What was found by ticks and the last judgement, in order of days, of each issue.
    pub fn changes(&self) -> BTreeMap<IssueId, Vec<Change>> {
        let mut all = self.judged.clone();
        for (issue, changes) in &self.ticked {
            all.entry(issue.clone()).or_default().extend(changes.iter().cloned());
        }
        all
    }

    /// Gives one issue.
    pub fn get(&self, id: &IssueId) -> Option<Issue> {
        let found = self.judged.get(id).into_iter().chain(self.ticked.get(id)).flatten();
        let deeds = self.deeds.get(id).map_or(&[][..], Vec::as_slice);
        Issue::of(id, &found.cloned().collect::<Vec<_>>(), deeds, self.judged_until()?)
    }

    /// Gives all issues, in order of identity.
    pub fn all(&self) -> Vec<Issue> {
        let ids: BTreeSet<&IssueId> = self.judged.keys().chain(self.ticked.keys()).collect();
        ids.into_iter().filter_map(|id| self.get(id)).collect()
    }
}

impl Issue {
    fn of(id: &IssueId, changes: &[Change], deeds: &[Deed], today: Day) -> Option<Self> {
        let detected = changes.iter().rev().find(|change| is_detection(change))?;
        let Evidence::Detected { pattern, since, .. } = &detected.evidence else { return None };
        let verified =
            changes.iter().rev().find(|change| !is_detection(change) && change.day >= detected.day);
        let last = |pick: fn(&Done) -> bool| deeds.iter().rev().find(|deed| pick(&deed.what));
        let fix = last(|done| matches!(done, Done::Fixed(_))).and_then(|deed| match &deed.what {
            Done::Fixed(fix) => Some(fix.clone()),
            _ => None,
        });
        let owner = last(|done| matches!(done, Done::Assigned(_))).and_then(|deed| match &deed.what {
            Done::Assigned(owner) => Some(owner.clone()),
            _ => None,
        });
        let told = deeds.iter().map(|deed| if let Done::Told(people) = deed.what { people } else { 0 }).sum();
        let closed = matches!(
            last(|done| matches!(done, Done::Closed | Done::Reopened)).map(|deed| &deed.what),
            Some(Done::Closed)
        );
        let state = match verified {
            _ if closed => IssueState::Closed,
            Some(change) => change.state,
            None => unverified(detected.state, fix.as_ref(), owner.as_ref(), today),
        };
        Some(Self {
            id: id.clone(),
            pattern: *pattern,
            since: *since,
            state,
            detected: detected.clone(),
            verified: verified.cloned(),
            owner,
            fix,
            told,
            history: history::of(changes, deeds),
        })
    }

    /// Says whether nothing is left to do about it.
    pub fn is_over(&self) -> bool {
        matches!(self.state, IssueState::Closed | IssueState::Resolved)
    }
}

/// The state of an issue whose fix nothing is known of yet.
fn unverified(found: IssueState, fix: Option<&Fix>, owner: Option<&String>, today: Day) -> IssueState {
    match (fix, owner) {
        (Some(fix), _) if fix.on > today => IssueState::FixShipped,
        (Some(_), _) => IssueState::Verifying,
        (None, Some(_)) => IssueState::Assigned,
        (None, None) => found,
    }
}

fn is_detection(change: &Change) -> bool {
    matches!(change.evidence, Evidence::Detected { .. })
}

/// The state that a verdict brings an issue to.
pub fn state_of(verdict: Verdict) -> IssueState {
    match verdict {
        Verdict::TooEarly | Verdict::Undecided | Verdict::ChannelQuiet => IssueState::Verifying,
        Verdict::Resolved => IssueState::Resolved,
        Verdict::Improved => IssueState::Improved,
        Verdict::NotResolved => IssueState::NotResolved,
        Verdict::Regressed => IssueState::Regressed,
    }
}

fn by_issue(changes: &[Change]) -> BTreeMap<IssueId, Vec<Change>> {
    let mut all: BTreeMap<IssueId, Vec<Change>> = BTreeMap::new();
    for change in changes {
        all.entry(change.issue.clone()).or_default().push(change.clone());
    }
    all
}
