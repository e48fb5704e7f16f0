//! A raw record: the bytes a source sent, with where and when. Adapters read it; nothing in it is redacted yet.

use crate::time::Timestamp;

/// The bytes a source sent. It holds one or more items.
#[derive(Clone, Copy, Debug)]
pub struct RawRecord<'a> {
    /// The bytes as they came.
    pub bytes: &'a [u8],
    /// The record's key in its topic, where it has one.
    pub key: Option<&'a [u8]>,
    /// Original append time.
    pub received_at: Timestamp,
    /// Column names of a table, in order; absent where the record names its own fields.
    pub columns: Option<&'a [String]>,
    /// Row number in the file, for messages; the first row after the header is 1.
    pub row: Option<u64>,
}
