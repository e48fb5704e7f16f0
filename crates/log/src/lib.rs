//! The log: read from a position, read at positions, a transaction that appends and advances. Payloads are opaque bytes.
#[cfg(feature = "conformance")]
pub mod conformance;
mod contract;
mod embedded;
mod error;
mod kafka;
mod names;
mod partition;
mod record;

pub use contract::{Advance, Cleanup, Event, Log, Member, Subscription, TopicSpec, Transaction, Writer};
pub use embedded::{Disk, DiskStep, EmbeddedConfig, EmbeddedLog, RealDisk, Retained};
pub use error::{Disposition, LogError};
pub use kafka::{KafkaLog, KafkaSettings, TopicState, UNREADABLE_HEADER, configuration};
pub use names::{Group, Topic, WriterId};
pub use partition::partition_for;
pub use record::{Append, Batch, Extent, Header, Place, ReadLimit, Record, TopicPartition};
