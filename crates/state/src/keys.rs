//! Keys of the one tree: a letter for the sort of value, then the id.

use groundswell_model::{FeedbackId, RespondentKey};

/// Prefix of feedback.
pub const FEEDBACK: u8 = b'f';
/// Prefix of customers.
pub const CUSTOMER: u8 = b'c';
/// Identity of the state: format, log and journey map.
pub const IDENTITY: &[u8] = b"m:identity";
/// There where the state was begun when its log held records already.
pub const BEGUN_LATE: &[u8] = b"m:begun-late";
/// Positions, pending ids and counters.
pub const PROGRESS: &[u8] = b"m:progress";

/// Gives the key of a feedback.
pub fn feedback(id: FeedbackId) -> [u8; 17] {
    prefixed(FEEDBACK, id.as_bytes())
}

/// Gives the key of a customer.
pub fn customer(key: RespondentKey) -> [u8; 17] {
    prefixed(CUSTOMER, key.as_bytes())
}

/// Reads sixteen bytes behind a prefix.
pub fn id_bytes(key: &[u8]) -> Option<[u8; 16]> {
    key.get(1..)?.try_into().ok()
}

fn prefixed(prefix: u8, bytes: &[u8; 16]) -> [u8; 17] {
    let mut key = [prefix; 17];
    key.split_at_mut(1).1.copy_from_slice(bytes);
    key
}
