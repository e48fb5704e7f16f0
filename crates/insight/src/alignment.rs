//! The triangle of expectation, promise and culture: which of the five gaps a breach is, and who inside knows of it.

use groundswell_model::Origin;

use crate::scores::{Interval, wilson};

/// From so many distinct customers in 90 days on, an expectation that no target answers is one that nobody listened to.
const NOBODY_LISTENED: u64 = 20;

/// The five gaps of Parasuraman, Zeithaml and Berry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum GapNumber {
    /// What management believes is expected, against what is.
    Listening,
    /// The standard, against what is expected.
    Standard,
    /// What is delivered, against the standard.
    Delivery,
    /// What is said outside, against what is delivered.
    Promise,
    /// What is experienced, against what was expected: the sum that the customer feels.
    Experience,
}

impl GapNumber {
    /// Gives the number, 1 to 5.
    pub fn number(self) -> u8 {
        match self {
            Self::Listening => 1,
            Self::Standard => 2,
            Self::Delivery => 3,
            Self::Promise => 4,
            Self::Experience => 5,
        }
    }

    /// Gives what the gap says.
    pub fn words(self) -> &'static str {
        match self {
            Self::Listening => "nobody inside knows that this is expected",
            Self::Standard => "the standard was kept, and it is too low",
            Self::Delivery => "there is a standard, and it was missed",
            Self::Promise => "the company promised what it does not deliver",
            Self::Experience => "the customer expected more than was experienced",
        }
    }
}

/// Whether a registered target for what was expected was met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// None is registered.
    None,
    /// One is registered, and nothing says whether it was met.
    Unknown,
    /// Operations data show that it was met.
    Met,
    /// Operations data show that it was missed.
    Missed,
}

/// Tells which gap a breach is, from who set the expectation, what became of a registered target, and how many distinct
/// customers held the same expectation in 90 days.
pub fn gap_number(origin: Origin, target: Target, holders: u64) -> GapNumber {
    match target {
        _ if origin == Origin::CompanyPromise => GapNumber::Promise,
        Target::Missed => GapNumber::Delivery,
        Target::Met => GapNumber::Standard,
        Target::None if holders >= NOBODY_LISTENED => GapNumber::Listening,
        Target::None | Target::Unknown => GapNumber::Experience,
    }
}

/// What was counted of one cell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Unmet expectations.
    pub unmet: u64,
    /// Those that the company itself had set.
    pub promised: u64,
    /// Feedback of any kind.
    pub feedback: u64,
    /// Feedback by those who work for the company.
    pub employees: u64,
}

/// From which share on something counts as high, in per cent. A share is high or low only when its whole interval is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Marks {
    /// For broken promises.
    pub promises: f64,
    /// For the inside view.
    pub inside: f64,
}

impl Default for Marks {
    /// A quarter of the expectations, a tenth of the feedback; where the whole map is counted, its own shares serve better.
    fn default() -> Self {
        Self { promises: 25.0, inside: 10.0 }
    }
}

/// What the two shares say together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reading {
    /// Many broken promises, few inside speak of it.
    OverPromised,
    /// Many broken promises, and those inside know.
    CannotDeliver,
    /// Few promises, few inside: nobody there has seen it.
    Unseen,
    /// Few promises, but those inside speak of it.
    KnownInside,
    /// Too few to say.
    Unclear,
}

impl Reading {
    /// Gives the sentence to show.
    pub fn words(self) -> &'static str {
        match self {
            Self::OverPromised => "marketing promises more than is delivered, and few inside notice",
            Self::CannotDeliver => "the process cannot deliver what is promised, and staff know",
            Self::Unseen => "customers expect what nobody inside has seen",
            Self::KnownInside => "staff see it, though nobody promised it",
            Self::Unclear => "too few to say",
        }
    }
}

/// How one cell stands in the triangle.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Alignment {
    /// Share of the unmet expectations that the company itself had set, in per cent; none where none was unmet.
    pub broken_promises: Option<Interval>,
    /// Share of the feedback that comes from those who work there, in per cent; none without feedback.
    pub inside_view: Option<Interval>,
    /// What both say together.
    pub reading: Reading,
}

/// Reads one cell, stage and gap type, with Wilson's intervals. Counts that contradict each other are cut to what they can be.
pub fn alignment(counts: &Counts, marks: &Marks) -> Alignment {
    let share = |hits: u64, n: u64| (n > 0).then(|| wilson(hits.min(n), n));
    let broken_promises = share(counts.promised, counts.unmet);
    let inside_view = share(counts.employees, counts.feedback);
    let promises = broken_promises.and_then(|share| high(&share, marks.promises));
    let inside = inside_view.and_then(|share| high(&share, marks.inside));
    let reading = match (promises, inside) {
        (Some(true), Some(false)) => Reading::OverPromised,
        (Some(true), Some(true)) => Reading::CannotDeliver,
        (Some(false), Some(false)) => Reading::Unseen,
        (Some(false), Some(true)) => Reading::KnownInside,
        _ => Reading::Unclear,
    };
    Alignment { broken_promises, inside_view, reading }
}

/// Says on which side of the mark the whole interval lies.
fn high(share: &Interval, mark: f64) -> Option<bool> {
    if share.low > mark {
        Some(true)
    } else if share.high < mark {
        Some(false)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gap_numbers_follow_the_origin_and_the_target() {
        for (origin, target, holders, number) in [
            (Origin::CompanyPromise, Target::Missed, 0, 4),
            (Origin::ContractPolicy, Target::Missed, 50, 3),
            (Origin::PastExperience, Target::Met, 50, 2),
            (Origin::Norm, Target::None, 20, 1),
            (Origin::Norm, Target::None, 19, 5),
            (Origin::WordOfMouth, Target::Unknown, 90, 5),
        ] {
            assert_eq!(gap_number(origin, target, holders).number(), number, "{origin} {target:?} {holders}");
        }
    }

    fn read(promised: u64, unmet: u64, employees: u64, feedback: u64) -> Alignment {
        alignment(&Counts { unmet, promised, feedback, employees }, &Marks::default())
    }

    #[test]
    fn shares_match_the_vectors() {
        let found = read(8, 20, 0, 12);
        let (promises, inside) = (found.broken_promises.unwrap(), found.inside_view.unwrap());
        assert!((promises.low - 21.88).abs() < 0.01 && (promises.high - 61.34).abs() < 0.01, "{promises:?}");
        assert!(inside.low == 0.0 && (inside.high - 24.25).abs() < 0.01, "{inside:?}");
        assert_eq!(found.reading, Reading::Unclear);
    }

    #[test]
    fn the_triangle_is_read_in_words() {
        assert_eq!(read(120, 200, 2, 300).reading, Reading::OverPromised);
        assert_eq!(read(120, 200, 90, 300).reading, Reading::CannotDeliver);
        assert_eq!(read(10, 200, 2, 300).reading, Reading::Unseen);
        assert_eq!(read(10, 200, 90, 300).reading, Reading::KnownInside);
        assert!(Reading::Unseen.words().contains("nobody inside"));
    }

    #[test]
    fn nothing_counted_and_three_people_are_unclear() {
        let none = read(0, 0, 0, 0);
        assert_eq!((none.broken_promises, none.inside_view, none.reading), (None, None, Reading::Unclear));
        assert_eq!(read(3, 3, 0, 3).reading, Reading::Unclear);
        assert_eq!(read(9, 3, 9, 3).broken_promises.unwrap().value, 100.0, "more promises than breaches");
    }
}
