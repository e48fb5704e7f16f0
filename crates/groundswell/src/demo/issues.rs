//! What is hidden in the demo: the planted gaps with their days and volumes, and the other tests of judgement.

/// Feedback a day by kind, in the order complaint, survey, employee, public.
pub(super) type Volumes = [f64; 4];

/// One planted gap or exceeded expectation.
#[derive(Debug)]
pub(super) struct Issue {
    /// Prefix of its rules in the phrasebook.
    pub(super) key: &'static str,
    /// Short name.
    pub(super) name: &'static str,
    /// Stage where the expectation breaks.
    pub(super) stage: &'static str,
    /// Gap type.
    pub(super) gap: &'static str,
    /// `rising`, `standing`, `fixed` or `none`.
    pub(super) pattern: &'static str,
    /// First and last day, counted from 1.
    pub(super) days: (u32, u32),
    /// Days until the full volume is reached, and over which it dies away.
    pub(super) ramp: f64,
    /// Feedback a day outside the days.
    pub(super) outside: Volumes,
    /// Feedback a day within the days.
    pub(super) within: Volumes,
    /// What happened at the company.
    pub(super) note: &'static str,
}

impl Issue {
    /// Gives the feedback to be expected on a day, before weekday and promotion.
    pub(super) fn volume(&self, day: u32, kind: usize) -> f64 {
        let share = if day < self.days.0 {
            0.0
        } else if day <= self.days.1 {
            (f64::from(day - self.days.0 + 1) / self.ramp).min(1.0)
        } else {
            (1.0 - f64::from(day - self.days.1) / self.ramp).max(0.0)
        };
        let at = |volumes: &Volumes| volumes.get(kind).copied().unwrap_or(0.0);
        at(&self.outside) + (at(&self.within) - at(&self.outside)) * share
    }

    /// Says whether expectations were exceeded.
    pub(super) fn exceeds(&self) -> bool {
        self.pattern == "none"
    }
}

/// The last day there is: patterns without an end run until it.
const END: u32 = 3650;

/// The planted gaps, then the exceeded expectations.
pub(super) const ISSUES: [Issue; 6] = [
    Issue {
        key: "late",
        name: "courier change",
        stage: "fulfilment",
        gap: "timeliness",
        pattern: "rising",
        days: (45, END),
        ramp: 5.0,
        outside: [0.9, 0.7, 0.15, 0.3],
        within: [3.8, 3.5, 1.1, 1.8],
        note: "parcels went from Parcelwick to Hopline, who need days longer; each kind alone says little",
    },
    Issue {
        key: "discount",
        name: "discount unknown to the tills",
        stage: "purchase",
        gap: "honesty_promise",
        pattern: "rising",
        days: (60, END),
        ramp: 3.0,
        outside: [0.1, 0.1, 0.02, 0.05],
        within: [3.9, 4.0, 2.9, 3.0],
        note: "leaflets promise twenty percent off in the shops; the tills were never told",
    },
    Issue {
        key: "twice",
        name: "charged twice at renewal",
        stage: "renewal",
        gap: "accuracy_billing",
        pattern: "fixed",
        days: (15, 39),
        ramp: 2.0,
        outside: [0.05, 0.05, 0.0, 0.02],
        within: [8.5, 4.0, 0.9, 1.8],
        note: "the new payment provider takes the renewal fee a second time",
    },
    Issue {
        key: "callback",
        name: "support never calls back",
        stage: "support",
        gap: "responsiveness_followup",
        pattern: "standing",
        days: (1, END),
        ramp: 1.0,
        outside: [0.0, 0.0, 0.0, 0.0],
        within: [3.5, 3.8, 0.9, 1.3],
        note: "promised calls are noted in a list that nobody owns",
    },
    Issue {
        key: "repair",
        name: "repairs faster than promised",
        stage: "support",
        gap: "timeliness",
        pattern: "none",
        days: (1, END),
        ramp: 1.0,
        outside: [0.0, 0.0, 0.0, 0.0],
        within: [0.4, 1.9, 0.2, 1.2],
        note: "the workshop returns machines within days although two weeks are promised",
    },
    Issue {
        key: "welcome",
        name: "a friendly call to new customers",
        stage: "onboarding",
        gap: "courtesy_empathy",
        pattern: "none",
        days: (1, END),
        ramp: 1.0,
        outside: [0.0, 0.0, 0.0, 0.0],
        within: [0.2, 1.7, 0.2, 0.9],
        note: "somebody rings new customers and makes the first cup with them",
    },
];

/// First and last day of the promotion, counted from 1; all volume is doubled.
pub(super) const PROMOTION: (u32, u32) = (28, 34);
/// What the promotion multiplies volume by.
pub(super) const PROMOTION_FACTOR: f64 = 2.0;

/// First and last day, stage and gap type of the loud customer, and the number of complaints.
pub(super) const LOUD: (u32, u32, &str, &str, f64) = (20, 84, "use", "value_price", 175.0);
/// Day, stage and gap type of the copy-paste campaign, and the number of accounts.
pub(super) const CAMPAIGN: (u32, &str, &str, f64) = (52, "use", "safety_privacy", 126.0);
/// The first day without the billing fault, and what was done.
pub(super) const FIX: (&str, u32, &str) = (
    "charged twice at renewal",
    40,
    "the provider's repeat call was switched off and all second charges were returned",
);

/// What else is said: feedback a day by family.
pub(super) struct Everyday;

impl Everyday {
    /// Small complaints over all stages and gap types.
    pub(super) const BACKGROUND: Volumes = [16.0, 9.0, 5.5, 3.6];
    /// Praise and plain satisfaction.
    pub(super) const PRAISE: Volumes = [5.5, 14.0, 6.5, 10.0];
    /// Questions and requests.
    pub(super) const QUESTION: Volumes = [27.0, 2.0, 1.5, 1.0];
    /// A score and nothing else.
    pub(super) const SILENT: Volumes = [0.0, 37.0, 0.0, 3.0];
}

/// Share of the usual volume by weekday, Monday first.
pub(super) fn weekday(day_number: i32, kind: usize) -> f64 {
    const CUSTOMERS: [f64; 7] = [1.22, 1.12, 1.06, 1.02, 1.0, 0.82, 0.76];
    const STAFF: [f64; 7] = [1.15, 1.15, 1.15, 1.15, 1.15, 0.75, 0.5];
    // 1970-01-01 was a Thursday.
    let place = usize::try_from((day_number + 3).rem_euclid(7)).unwrap_or(0);
    let week = if kind == 2 { STAFF } else { CUSTOMERS };
    week.get(place).copied().unwrap_or(1.0)
}
