//! Drafts: what an adapter makes of an item. A draft is not yet normalised and may carry personal data, so it is
//! never written anywhere and has no JSON.

use std::collections::BTreeMap;

use crate::codes::{Delivery, Kind, Speaker};
use crate::customer::Value;
use crate::feedback::{Answer, Clock, Handling, Source, Subject};
use crate::id::{RespondentHasher, RespondentKey};
use crate::time::Timestamp;

/// An adapted item, not yet normalised.
#[derive(Clone, Debug, PartialEq)]
pub struct Draft {
    /// Where it comes from; without a record id the row's own bytes give the id.
    pub source: Source,
    /// Name of the part.
    pub part: String,
    /// Whether this is all there is.
    pub delivery: Delivery,
    /// The source's revision: milliseconds since 1970 or a sequence.
    pub revision: Option<i64>,
    /// True when the source says that the record is gone.
    pub deleted: bool,
    /// What sort of voice it is.
    pub kind: Kind,
    /// How it arrived.
    pub channel: String,
    /// When it happened or was said.
    pub occurred_at: Option<Timestamp>,
    /// Who said it, the strongest identity first.
    pub respondent: Vec<Identity>,
    /// The account, as the source names it.
    pub account: Option<String>,
    /// The respondent's own clock.
    pub clock: Clock,
    /// Customer segments.
    pub segments: BTreeMap<String, String>,
    /// What it is about.
    pub subject: Subject,
    /// Structured evidence beside the text.
    pub context: BTreeMap<String, String>,
    /// Pieces of free text.
    pub statements: Vec<DraftStatement>,
    /// Scores.
    pub answers: Vec<Answer>,
    /// What the company did with it.
    pub handling: Handling,
    /// Extra fields that the pipeline lists.
    pub attributes: BTreeMap<String, String>,
    /// Values that the source knows to be personal; they are removed from every text exactly.
    pub personal: Vec<KnownValue>,
    /// Fields that the adapter does not know, as JSON pointers or column names, for the reply to a push.
    pub ignored: Vec<String>,
}

impl Draft {
    /// Makes an empty draft of one record.
    pub fn new(source: Source, kind: Kind, channel: &str) -> Self {
        Self {
            source,
            part: crate::part::MAIN.to_owned(),
            delivery: Delivery::Complete,
            revision: None,
            deleted: false,
            kind,
            channel: channel.to_owned(),
            occurred_at: None,
            respondent: Vec::new(),
            account: None,
            clock: Clock::default(),
            segments: BTreeMap::new(),
            subject: Subject::default(),
            context: BTreeMap::new(),
            statements: Vec::new(),
            answers: Vec::new(),
            handling: Handling::default(),
            attributes: BTreeMap::new(),
            personal: Vec::new(),
            ignored: Vec::new(),
        }
    }
}

/// One piece of free text of a draft.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DraftStatement {
    /// The question it answers.
    pub question: Option<String>,
    /// Who speaks.
    pub speaker: Speaker,
    /// The text as the source sent it.
    pub text: String,
    /// How the text is written.
    pub format: groundswell_text::Format,
    /// The language the source declares, BCP 47.
    pub language: Option<String>,
}

/// One identity of a respondent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Identity {
    /// The company's own customer number.
    Customer(String),
    /// An e-mail address.
    Email(String),
    /// A phone number.
    Phone(String),
    /// A user id of one source.
    User {
        /// The system.
        system: String,
        /// Its instance.
        instance: String,
        /// The user's id there.
        id: String,
    },
}

impl Identity {
    /// Hashes the identity, normalised so that the same person has the same key in two sources.
    /// Gives `None` for an identity that is empty once normalised.
    pub fn key(&self, hasher: &RespondentHasher) -> Option<RespondentKey> {
        let (namespace, value) = match self {
            Self::Customer(number) => ("customer", number.trim().to_owned()),
            Self::Email(address) => ("email", address.trim().to_lowercase()),
            Self::Phone(number) => ("phone", number.chars().filter(char::is_ascii_digit).collect()),
            Self::User { id, .. } if id.trim().is_empty() => return None,
            Self::User { system, instance, id } => {
                ("user", format!("{system}\u{1f}{instance}\u{1f}{}", id.trim()))
            }
        };
        (!value.is_empty()).then(|| hasher.respondent(namespace, &value))
    }

    /// Gives the order of strength: a customer number is the strongest.
    pub fn strength(&self) -> u8 {
        match self {
            Self::Customer(_) => 0,
            Self::Email(_) => 1,
            Self::Phone(_) => 2,
            Self::User { .. } => 3,
        }
    }
}

/// A value that the source knows to be personal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownValue {
    /// What it is.
    pub kind: groundswell_text::PersonalKind,
    /// The value.
    pub value: String,
}

/// A customer record of an adapter, not yet hashed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CustomerDraft {
    /// All identities of the person, the strongest first.
    pub identities: Vec<Identity>,
    /// The account, as the source names it.
    pub account: Option<String>,
    /// Purchase, first use, goal, end of term.
    pub clock: Clock,
    /// When the customer left.
    pub ended_at: Option<Timestamp>,
    /// What the customer is worth.
    pub value: Option<Value>,
    /// Segments.
    pub segments: BTreeMap<String, String>,
    /// The source's revision.
    pub revision: Option<i64>,
    /// True when the source deleted the record.
    pub deleted: bool,
    /// Fields that the adapter does not know.
    pub ignored: Vec<String>,
}
