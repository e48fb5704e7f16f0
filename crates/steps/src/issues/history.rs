//! What happened to an issue, in order, with the numbers that caused it.

use serde::{Deserialize, Serialize};

use groundswell_model::{Change, Evidence, IssueState, Pattern, Verdict};

use super::{Deed, Done};

/// One entry of an issue's history.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// The day, `YYYY-MM-DD`: the day that was judged, or on which somebody acted (UTC).
    pub day: String,
    /// Who: `judgement`, or a person.
    pub actor: String,
    /// What happened.
    pub what: What,
    /// Why, in the actor's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// What happened to an issue.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum What {
    /// A detector saw it.
    Detected {
        /// The state it came to.
        state: IssueState,
        /// Rising or standing.
        pattern: Pattern,
        /// People in seven days.
        people: u64,
        /// People expected in seven days.
        expected: f64,
    },
    /// Its fix was looked at.
    Verified {
        /// What was found.
        verdict: Verdict,
    },
    /// Somebody owns it.
    Assigned {
        /// Who.
        owner: String,
    },
    /// Something was noted.
    Noted {
        /// What.
        note: String,
    },
    /// A fix was declared.
    FixDeclared {
        /// Its first day.
        on: String,
        /// What was done.
        what: String,
    },
    /// People were told.
    Told {
        /// How many.
        people: u64,
    },
    /// A person closed it.
    Closed,
    /// A person opened it again.
    Reopened,
}

/// Joins what was found and what was done, in order of days; on one day what was found comes first.
pub(super) fn of(changes: &[Change], deeds: &[Deed]) -> Vec<Entry> {
    let found = changes.iter().map(|change| {
        let what = match &change.evidence {
            Evidence::Detected { pattern, numbers, .. } => What::Detected {
                state: change.state,
                pattern: *pattern,
                people: numbers.people,
                expected: numbers.expected,
            },
            Evidence::Verified { verdict, .. } => What::Verified { verdict: *verdict },
        };
        Entry { day: change.day.to_string(), actor: "judgement".to_owned(), what, reason: None }
    });
    let done = deeds.iter().map(|deed| Entry {
        day: deed.at.to_string().chars().take(10).collect(),
        actor: deed.actor.clone(),
        what: match &deed.what {
            Done::Assigned(owner) => What::Assigned { owner: owner.clone() },
            Done::Noted(note) => What::Noted { note: note.clone() },
            Done::Fixed(fix) => What::FixDeclared { on: fix.on.to_string(), what: fix.what.clone() },
            Done::Told(people) => What::Told { people: *people },
            Done::Closed => What::Closed,
            Done::Reopened => What::Reopened,
        },
        reason: deed.reason.clone(),
    });
    let mut all: Vec<Entry> = found.chain(done).collect();
    all.sort_by(|a, b| a.day.cmp(&b.day));
    all
}
