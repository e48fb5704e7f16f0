//! The assumptions that hold until somebody measures: by gap type, and the sets known by name with what to think of them.

use std::borrow::Cow;

use groundswell_model::GapType;

use super::assumptions::{Assumption, Assumptions};

const GOODMAN: &str = "our reading between Goodman's ranges: 50 to 75 % tell the front line where money was lost, \
    5 to 30 % where it was mistreatment, quality or incompetence";
const WORKED: &str = "our default, from no survey; TARP's stated intentions are lower (silent 9 % and 37 %)";
const LARGE: &str = "TARP, as reported by Fast Company: stated intention after a loss of more than 100 dollars, 1970s and 1980s";
const SMALL: &str = "TARP, as reported by Fast Company: stated intention after a loss of less than 5 dollars, 1970s and 1980s";
const SLOGAN: &str = "slogan: 96 % do not complain, 91 % of those leave";
const ANSWERS: &str = "our default until a closing survey asks";
const TOLD: &str = "between Goodman's 10 who hear the bad for 5 who hear the good (soft drinks)";

/// A set of assumptions known by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Preset {
    /// What holds until somebody measures.
    Usual,
    /// Loyalty as TARP reported it after a loss of more than 100 dollars.
    LargeLoss,
    /// Loyalty as TARP reported it after a loss of less than 5 dollars.
    SmallLoss,
    /// "96 % do not complain, 91 % of those leave": never a default, see [`Preset::warning`].
    TarpSlogan,
}

impl Preset {
    /// Every preset, the usual one first.
    pub const ALL: [Self; 4] = [Self::Usual, Self::LargeLoss, Self::SmallLoss, Self::TarpSlogan];

    /// Gives the name to show and to ask for.
    pub fn name(self) -> &'static str {
        match self {
            Self::Usual => "usual",
            Self::LargeLoss => "TARP large loss",
            Self::SmallLoss => "TARP small loss",
            Self::TarpSlogan => "TARP slogan",
        }
    }

    /// Finds a preset by its name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|preset| preset.name() == name)
    }

    /// Gives what has to be shown beside any figure made with the preset.
    pub fn warning(self) -> Option<&'static str> {
        match self {
            Self::Usual => None,
            Self::LargeLoss | Self::SmallLoss => {
                Some("Stated intentions from US surveys of the 1970s and 1980s, not what customers did.")
            }
            Self::TarpSlogan => Some(
                "The slogan joins two populations. 96 % comes from small-ticket goods and counts customers who complain \
                 only to the retailer as silent; 91 % is the share of silent customers with a loss of more than 100 \
                 dollars who said that they would not buy again (63 % for a loss of less than 5 dollars). Both are \
                 stated intentions from US surveys of the 1970s and 1980s; a later figure by the same author is 31 % \
                 silent at a loss of 142 dollars. On the same complaints it gives about twenty times the usual loss. \
                 It is a reminder that complaints undercount, not an estimate.",
            ),
        }
    }

    /// Gives the assumptions of the preset for a gap type. The value of a customer is never among them: finance gives it.
    pub fn assumptions(self, gap: GapType) -> Assumptions {
        let usual = usual(gap);
        match self {
            Self::Usual => usual,
            Self::LargeLoss => stays(usual, [0.09, 0.82, 0.54, 0.19], LARGE),
            Self::SmallLoss => stays(usual, [0.37, 0.95, 0.70, 0.46], SMALL),
            Self::TarpSlogan => Assumptions {
                articulation: Assumption::share(0.04, 20.0, SLOGAN),
                ..stays(usual, [0.09, 0.82, 0.54, 0.19], SLOGAN)
            },
        }
    }
}

/// Puts TARP's shares that stay (silent, satisfied quickly, satisfied, complained in vain) in place of the usual ones. Who was
/// satisfied, but not quickly, counts as mollified.
fn stays(
    mut usual: Assumptions,
    [silent, quickly, satisfied, in_vain]: [f64; 4],
    source: &'static str,
) -> Assumptions {
    let share = |assumption: &mut Assumption, value| {
        assumption.value = value;
        assumption.source = Cow::Borrowed(source);
    };
    share(&mut usual.stays_silent, silent);
    share(&mut usual.stays_satisfied, quickly);
    share(&mut usual.stays_mollified, satisfied);
    share(&mut usual.stays_dissatisfied, in_vain);
    usual
}

/// Gives the share of those with a gap who tell the front line, as assumed until it is measured.
/// Source: notes on Goodman's "Basic Facts" for the ranges; the values between them are ours.
pub fn articulation_of(gap: GapType) -> f64 {
    match gap {
        GapType::AccuracyBilling | GapType::SafetyPrivacy => 0.60,
        GapType::Completeness => 0.50,
        GapType::Timeliness => 0.35,
        GapType::HonestyPromise | GapType::PolicyFairness => 0.30,
        GapType::ResponsivenessFollowup | GapType::AvailabilityAccess => 0.25,
        GapType::QualityDefect => 0.20,
        GapType::EaseEffort
        | GapType::CourtesyEmpathy
        | GapType::ValuePrice
        | GapType::CompetenceAssurance => 0.15,
    }
}

fn usual(gap: GapType) -> Assumptions {
    Assumptions {
        articulation: Assumption::share(articulation_of(gap), 20.0, GOODMAN),
        satisfied: Assumption::exact(0.4, ANSWERS),
        mollified: Assumption::exact(0.3, ANSWERS),
        dissatisfied: Assumption::exact(0.3, ANSWERS),
        stays_unaffected: Assumption::share(0.90, 200.0, WORKED),
        stays_silent: Assumption::share(0.60, 30.0, WORKED),
        stays_satisfied: Assumption::share(0.85, 40.0, WORKED),
        stays_mollified: Assumption::share(0.70, 30.0, WORKED),
        stays_dissatisfied: Assumption::share(0.45, 30.0, WORKED),
        value: None,
        new_value: None,
        told_silent: Assumption::exact(6.0, TOLD),
        told_satisfied: Assumption::exact(5.0, TOLD),
        told_mollified: Assumption::exact(7.0, TOLD),
        told_dissatisfied: Assumption::exact(10.0, TOLD),
        deterred: Assumption::share(0.01, 100.0, "our default, the weakest number of all"),
    }
}
