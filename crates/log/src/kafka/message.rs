//! Records as the client library gives and takes them.
use std::panic::{AssertUnwindSafe, catch_unwind};

use rdkafka::message::{BorrowedMessage, Header as Carried, Headers as _, Message as _, OwnedHeaders};

use crate::error::LogError;
use crate::names::Topic;
use crate::record::{Header, Place, Record};

/// Name given to a header whose own name is not UTF-8; its value cannot be read either.
pub const UNREADABLE_HEADER: &str = "unreadable-header";

/// Reads a message.
pub(crate) fn record(message: &BorrowedMessage<'_>) -> Record {
    Record {
        offset: u64::try_from(message.offset()).unwrap_or(0),
        timestamp_ms: message.timestamp().to_millis().unwrap_or(0),
        key: message.key().map(<[u8]>::to_vec),
        headers: headers(message),
        value: message.payload().map(<[u8]>::to_vec),
    }
}

fn headers(message: &BorrowedMessage<'_>) -> Vec<Header> {
    let Some(carried) = message.headers() else { return Vec::new() };
    let mut headers = Vec::with_capacity(carried.count());
    for at in 0..carried.count() {
        // The library panics at a name that is not UTF-8, and gives no other way to the value.
        let read = catch_unwind(AssertUnwindSafe(|| {
            let header = carried.get(at);
            Header { name: header.key.to_owned(), value: header.value.unwrap_or_default().to_vec() }
        }));
        headers
            .push(read.unwrap_or_else(|_| Header { name: UNREADABLE_HEADER.to_owned(), value: Vec::new() }));
    }
    headers
}

/// Writes headers.
pub(crate) fn carried(headers: &[Header]) -> OwnedHeaders {
    headers.iter().fold(OwnedHeaders::new_with_capacity(headers.len()), |all, header| {
        all.insert(Carried { key: &header.name, value: Some(&header.value) })
    })
}

/// Gives a partition as the library counts it.
///
/// # Errors
/// `Invalid` for one that Kafka cannot have.
pub(crate) fn partition_number(partition: u32) -> Result<i32, LogError> {
    i32::try_from(partition)
        .map_err(|_| LogError::Invalid { what: format!("partition {partition} is beyond what Kafka counts") })
}

/// Gives an offset as the library counts it.
///
/// # Errors
/// `Invalid` for one that Kafka cannot have.
pub(crate) fn offset_number(place: &Place) -> Result<i64, LogError> {
    i64::try_from(place.offset)
        .map_err(|_| LogError::Invalid { what: format!("{place} is beyond what Kafka counts") })
}

/// Reads a topic's name that came from a broker.
///
/// # Errors
/// `Invalid` when it breaks the rules of names.
pub(crate) fn topic(name: &str) -> Result<Topic, LogError> {
    name.parse()
}
