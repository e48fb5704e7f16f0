//! The closed vocabularies (kinds, metrics, gap types, phases) and the codes that a journey map defines.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::ModelError;

macro_rules! vocabulary {
    ($(#[$doc:meta])* $name:ident, $what:literal { $($(#[$vdoc:meta])* $variant:ident = $code:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
        pub enum $name {
            $($(#[$vdoc])* #[serde(rename = $code)] $variant),+
        }

        impl $name {
            /// Every value, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// Gives the code, as written in JSON.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $code),+ }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl FromStr for $name {
            type Err = ModelError;

            fn from_str(code: &str) -> Result<Self, ModelError> {
                match code {
                    $($code => Ok(Self::$variant),)+
                    _ => Err(ModelError::Code { what: $what, code: code.chars().take(64).collect() }),
                }
            }
        }
    };
}

vocabulary! {
    /// What sort of voice a feedback is.
    Kind, "kind" {
        /// A customer's complaint or request, usually from a help desk.
        Complaint = "complaint",
        /// An answer to a survey.
        Survey = "survey",
        /// Somebody who works for the company.
        Employee = "employee",
        /// Word of mouth: reviews, social media, forums.
        Public = "public",
    }
}

vocabulary! {
    /// Who speaks in a statement.
    Speaker, "speaker" {
        /// The respondent; only these statements are annotated.
        Customer = "customer",
        /// Staff who gives feedback; annotated like a customer's.
        Employee = "employee",
        /// Staff who answers; context only.
        Agent = "agent",
    }
}

vocabulary! {
    /// What a score measures.
    Metric, "metric" {
        /// Likelihood to recommend, 0 to 10.
        Nps = "nps",
        /// Satisfaction.
        Csat = "csat",
        /// Effort or ease, by its scale's direction.
        Ces = "ces",
        /// Stars of a review.
        Stars = "stars",
        /// Effort in the older form, low is good.
        Effort = "effort",
        /// Was it resolved: 1 or 0.
        Resolved = "resolved",
        /// Did you have a problem: 1 or 0.
        HadProblem = "had_problem",
        /// Did you tell us: 1 or 0.
        ToldUs = "told_us",
        /// Any other score.
        Other = "other",
    }
}

vocabulary! {
    /// How an expectation ended.
    Outcome, "outcome" {
        /// Less than expected: a gap.
        Unmet = "unmet",
        /// As expected.
        Met = "met",
        /// More than expected.
        Exceeded = "exceeded",
    }
}

vocabulary! {
    /// How an unmet expectation was said.
    UnmetKind, "unmet kind" {
        /// The expectation stands in the words.
        Explicit = "explicit",
        /// Only what happened stands in the words; the norm of the gap type is the expectation.
        Implied = "implied",
        /// No unmet expectation.
        None = "none",
    }
}

vocabulary! {
    /// The tone of a statement.
    SentimentLabel, "sentiment" {
        /// Negative.
        Negative = "negative",
        /// Neutral or mixed.
        Neutral = "neutral",
        /// Positive.
        Positive = "positive",
    }
}

vocabulary! {
    /// What kind of expectation was not met: thirteen types after the dimensions of SERVQUAL.
    GapType, "gap type" {
        /// It comes when promised, or in the usual time.
        Timeliness = "timeliness",
        /// Everything ordered is there.
        Completeness = "completeness",
        /// The right thing, the right amount.
        AccuracyBilling = "accuracy_billing",
        /// It works and lasts.
        QualityDefect = "quality_defect",
        /// What is said is true.
        HonestyPromise = "honesty_promise",
        /// It takes little effort.
        EaseEffort = "ease_effort",
        /// One is treated with respect.
        CourtesyEmpathy = "courtesy_empathy",
        /// One gets an answer, and the promised call.
        ResponsivenessFollowup = "responsiveness_followup",
        /// It is there when needed, for everybody.
        AvailabilityAccess = "availability_access",
        /// No harm, no leak.
        SafetyPrivacy = "safety_privacy",
        /// It is worth its price.
        ValuePrice = "value_price",
        /// Rules are fair and announced.
        PolicyFairness = "policy_fairness",
        /// Staff know their job.
        CompetenceAssurance = "competence_assurance",
    }
}

vocabulary! {
    /// Who or what set an expectation.
    Origin, "origin" {
        /// The company said so.
        CompanyPromise = "company_promise",
        /// Terms, warranty, contract or law.
        ContractPolicy = "contract_policy",
        /// What it used to be.
        PastExperience = "past_experience",
        /// What others say.
        WordOfMouth = "word_of_mouth",
        /// What the price suggests.
        PriceSignal = "price_signal",
        /// What anybody would expect.
        Norm = "norm",
    }
}

vocabulary! {
    /// Coleman's eight phases of the first hundred days.
    Phase, "phase" {
        /// Before the purchase: will they fit me?
        Assess = "assess",
        /// The day of the purchase.
        Admit = "admit",
        /// Between purchase and first use: doubt.
        Affirm = "affirm",
        /// The first real use.
        Activate = "activate",
        /// Learns how it works here.
        Acclimate = "acclimate",
        /// Works towards the goal bought for.
        Accomplish = "accomplish",
        /// Makes it a habit.
        Adopt = "adopt",
        /// Refers others; only on evidence.
        Advocate = "advocate",
    }
}

vocabulary! {
    /// Whether a delivery holds all there is of a record, or one part of it.
    Delivery, "delivery" {
        /// All there is: parts below its revision no longer count.
        Complete = "complete",
        /// One part; others stay.
        Partial = "partial",
    }
}

vocabulary! {
    /// What was noticed about a part and kept with it.
    Mark, "mark" {
        /// The time lies after the record was received; the day received counts.
        TimeInFuture = "time_in_future",
        /// The time lies before 1970; the day received counts.
        TimeBefore1970 = "time_before_1970",
        /// The source gave no time; the time received stands in.
        TimeMissing = "time_missing",
        /// A text was over the length limit and was cut.
        TextCut = "text_cut",
        /// Broken encoding was repaired.
        EncodingRepaired = "encoding_repaired",
        /// The language could not be told.
        LanguageUnknown = "language_unknown",
        /// A list or map was over its bound and was cut.
        FieldsCut = "fields_cut",
    }
}

vocabulary! {
    /// How an issue shows.
    Pattern, "pattern" {
        /// It departs from its baseline.
        Rising = "rising",
        /// It is always bad, and never departs from a baseline.
        Standing = "standing",
    }
}

vocabulary! {
    /// Where a systemic issue is in its life.
    IssueState, "issue state" {
        /// A detector saw it; too few voices to call it systemic yet.
        Detected = "detected",
        /// Enough people, days and voices say it.
        Confirmed = "confirmed",
        /// Somebody owns it.
        Assigned = "assigned",
        /// A fix was declared for a day to come, or its transition still runs.
        FixShipped = "fix_shipped",
        /// The days after the fix are being looked at.
        Verifying = "verifying",
        /// The rate fell below half and is near what it was before.
        Resolved = "resolved",
        /// The rate fell, and not enough.
        Improved = "improved",
        /// The fix did not help.
        NotResolved = "not_resolved",
        /// It was resolved and came back.
        Regressed = "regressed",
        /// A person closed it.
        Closed = "closed",
    }
}

vocabulary! {
    /// What looking at a declared fix found.
    Verdict, "verdict" {
        /// Too few days, or too few people expected, to say.
        TooEarly = "too_early",
        /// The rate fell below half of what it was, and is near what it was before the issue.
        Resolved = "resolved",
        /// The rate fell, and not enough to call it resolved.
        Improved = "improved",
        /// The rate did not fall.
        NotResolved = "not_resolved",
        /// Neither can be said yet.
        Undecided = "undecided",
        /// It was resolved and came back.
        Regressed = "regressed",
        /// People went quiet altogether, so that fewer complaints say nothing.
        ChannelQuiet = "channel_quiet",
    }
}

macro_rules! map_code {
    ($name:ident, $what:literal, $doc:literal) => {
        #[doc = $doc]
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
        #[serde(try_from = "String", into = "String")]
        #[schemars(with = "String")]
        pub struct $name(String);

        impl $name {
            /// Gives the code.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }

        impl FromStr for $name {
            type Err = ModelError;

            fn from_str(code: &str) -> Result<Self, ModelError> {
                let fits = !code.is_empty()
                    && code.len() <= 64
                    && code.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
                if fits {
                    Ok(Self(code.to_owned()))
                } else {
                    Err(ModelError::Code { what: $what, code: code.chars().take(64).collect() })
                }
            }
        }

        impl TryFrom<String> for $name {
            type Error = ModelError;

            fn try_from(code: String) -> Result<Self, ModelError> {
                code.parse()
            }
        }

        impl From<$name> for String {
            fn from(code: $name) -> String {
                code.0
            }
        }
    };
}

map_code!(
    StageCode,
    "stage",
    "A stage of the journey map: where on the journey the expectation broke. `unknown` is an answer."
);
map_code!(TouchpointCode, "touchpoint", "A touchpoint of the journey map: through what the company was met.");

impl StageCode {
    /// The answer when the evidence does not suffice.
    pub fn unknown() -> Self {
        Self("unknown".to_owned())
    }

    /// Says whether this is the answer `unknown`.
    pub fn is_unknown(&self) -> bool {
        self.0 == "unknown"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_and_names_agree_with_json() {
        for gap in GapType::ALL {
            assert_eq!(gap.as_str().parse::<GapType>().unwrap(), *gap);
            assert_eq!(serde_json::to_string(gap).unwrap(), format!("\"{gap}\""));
        }
        assert_eq!(GapType::ALL.len(), 13);
        assert_eq!(Phase::ALL.len(), 8);
    }

    #[test]
    fn a_stage_code_is_lowercase_with_underscores() {
        assert!("after_sales".parse::<StageCode>().is_ok());
        for code in ["", "Use", "a b", "überall"] {
            assert!(code.parse::<StageCode>().is_err());
        }
        assert!(StageCode::unknown().is_unknown());
    }
}
