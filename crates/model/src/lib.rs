//! The vocabulary of Groundswell: records, ids, the journey map and actions, their canonical JSON and schemas.
//! It does no IO, reads no clock and knows neither log nor store.

pub mod action;
pub mod annotation;
pub mod codes;
pub mod correction;
pub mod customer;
pub mod draft;
pub mod error;
pub mod feedback;
pub mod id;
pub mod issue;
pub mod journey;
pub mod ledger;
pub mod mapping;
pub mod part;
pub mod promise;
pub mod raw;
pub mod saved;
pub mod schema;
pub mod submission;
pub mod theme;
pub mod time;
pub mod topics;
pub mod union;

pub use action::{Action, DayCount, Decision, ImportId, Version};
pub use annotation::{Annotation, Expectation, Sentiment, Size, Unmet};
pub use codes::{
    Delivery, GapType, IssueState, Kind, Mark, Metric, Origin, Outcome, Pattern, Phase, SentimentLabel,
    Speaker, StageCode, TouchpointCode, UnmetKind, Verdict,
};
pub use correction::Correction;
pub use customer::{Customer, Value};
pub use draft::{CustomerDraft, Draft, DraftStatement, Identity, KnownValue};
pub use error::ModelError;
pub use feedback::{Answer, Clock, Feedback, Handling, Respondent, Scale, Source, Statement, Subject};
pub use id::{FeedbackId, Fingerprint, RespondentHasher, RespondentKey};
pub use issue::{Change, Evidence, IssueId, IssuePlace, KindNumbers, Numbers};
pub use journey::JourneyMap;
pub use ledger::{Counts, Ledger};
pub use mapping::{Gap, Mapped, Mapping, Reason};
pub use part::{Part, ProcessingVersion, Rank, Revision};
pub use promise::{Promise, PromiseId};
pub use raw::RawRecord;
pub use saved::SavedSearch;
pub use submission::Submission;
pub use theme::{
    Centroid, FoundTheme, JoinedTheme, ThemeChange, ThemeChangeKind, ThemeEdit, ThemeId, ThemeOccasion,
    ThemePart, ThemeRun,
};
pub use time::{Day, Timestamp, Zone};
