//! One vendor's bytes to drafts: a file per source, and a mapping for tables that needs no code. Pure: it reads no
//! clock, no network and no file; it does not normalise, redact or annotate.

mod adapter;
mod cells;
mod dates;
mod error;
mod examples;
mod faults;
mod guess;
mod json;
mod mapped;
mod mapping;
mod officevibe;
mod pipeline;
pub mod propose;
pub mod rows;
mod slack;
mod submission;
pub mod table;
mod typeform;
mod zendesk;

pub use adapter::{ADAPTERS, Adaptation, Adapted, Adapter, SKIPS, adapt, deletion};
pub use dates::DateFormat;
pub use error::{AdaptError, RowsError};
pub use examples::Example;
pub use faults::{Fault, PipelineFaults};
pub use mapping::{
    AnswerColumn, Column, ConfirmedColumn, CustomerMapping, DateColumn, Field, FileFormat, HandlingMapping,
    IdentityAs, IdentityColumn, Other, PersonalAs, PersonalColumn, SkipRule, StatementColumn, TableMapping,
    ValueMapping,
};
pub use pipeline::{ByteSize, Limits, NullValue, Pipeline, RecordType, Score, SourceName};
