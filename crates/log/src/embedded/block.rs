//! Blocks: up to 64 records of one partition, packed together and compressed with zstd at level 1.
//!
//! Layout, little-endian: version (1 byte), number of records (4), last offset (8), latest timestamp (8), unpacked
//! length (4), then a zstd frame with a content checksum. Unpacked, a record is: offset less the block's first (varint),
//! timestamp (8 bytes), flags (1), key, number of headers, headers and value, each length a varint.
use zstd::bulk::{Compressor, Decompressor};
use zstd::zstd_safe::CParameter;

use crate::record::{Append, Header, Record};

/// The most records of a block.
pub(super) const BLOCK_RECORDS: u32 = 64;
/// The unpacked size at which a block is closed, in bytes; a single larger record makes a block of its own.
pub(super) const BLOCK_BYTES: usize = 64 << 10;

const VERSION: u8 = 1;
const HEADER: usize = 25;
const LEVEL: i32 = 1;
const KEY: u8 = 1;
const VALUE: u8 = 2;

/// What a block says about itself without being unpacked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct BlockHead {
    /// The number of records.
    pub(super) count: u32,
    /// The offset of its last record.
    pub(super) last: u64,
    /// The latest timestamp in it.
    pub(super) latest_ms: i64,
    /// The unpacked length.
    raw_len: u32,
}

impl BlockHead {
    /// Reads the head of a stored block; the error says what is wrong with it.
    pub(super) fn parse(stored: &[u8]) -> Result<Self, &'static str> {
        let mut cursor = Cursor(stored);
        let short = "a block is shorter than its head";
        match cursor.byte() {
            Some(VERSION) => {}
            Some(_) => return Err("a block has an unknown version"),
            None => return Err(short),
        }
        Ok(Self {
            count: cursor.u32().ok_or(short)?,
            last: cursor.u64().ok_or(short)?,
            latest_ms: cursor.u64().ok_or(short)?.cast_signed(),
            raw_len: cursor.u32().ok_or(short)?,
        })
    }

    /// Says whether a block is large enough to be left as it is when its segment is rewritten.
    pub(super) fn is_well_filled(self) -> bool {
        self.count >= BLOCK_RECORDS / 2 || self.raw_len as usize >= BLOCK_BYTES / 2
    }
}

/// Unpacks a stored block.
pub(super) fn unpack(stored: &[u8]) -> Result<Vec<u8>, String> {
    let head = BlockHead::parse(stored)?;
    let frame = stored.get(HEADER..).unwrap_or_default();
    let length = head.raw_len as usize;
    let mut unpacker = Decompressor::new().map_err(|error| error.to_string())?;
    let raw =
        unpacker.decompress(frame, length).map_err(|error| format!("a block does not unpack: {error}"))?;
    if raw.len() == length {
        Ok(raw)
    } else {
        Err("a block unpacks to another length than its head says".to_owned())
    }
}

/// Packs records of one partition, in the order of their offsets, into blocks.
pub(super) struct Packer {
    compressor: Compressor<'static>,
    raw: Vec<u8>,
    first: u64,
    last: u64,
    latest_ms: i64,
    count: u32,
}

impl Packer {
    /// Makes an empty packer.
    pub(super) fn new() -> std::io::Result<Self> {
        let mut compressor = Compressor::new(LEVEL)?;
        compressor.set_parameter(CParameter::ChecksumFlag(true))?;
        Ok(Self { compressor, raw: Vec::new(), first: 0, last: 0, latest_ms: i64::MIN, count: 0 })
    }

    /// Says whether no record waits in the packer.
    pub(super) fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Says whether a record of this size should begin the next block.
    pub(super) fn is_full_for(&self, size: usize) -> bool {
        self.count >= BLOCK_RECORDS || (self.count > 0 && self.raw.len() + size > BLOCK_BYTES)
    }

    /// Adds an append under the offset it was given.
    pub(super) fn push_append(&mut self, offset: u64, append: &Append) {
        self.begin(offset, append.timestamp_ms);
        self.payload(
            append.key.as_deref(),
            append.headers.iter().map(|header| (header.name.as_bytes(), header.value.as_slice())),
            append.value.as_deref(),
        );
    }

    /// Adds a record that already lies in a block.
    pub(super) fn push_view(&mut self, view: &View<'_>) {
        self.begin(view.offset, view.timestamp_ms);
        let headers = view.headers.iter().map(|(name, value)| (name.as_bytes(), *value));
        self.payload(view.key, headers, view.value);
    }

    fn begin(&mut self, offset: u64, timestamp_ms: i64) {
        if self.count == 0 {
            self.first = offset;
        }
        self.last = offset;
        self.latest_ms = self.latest_ms.max(timestamp_ms);
        self.count += 1;
        put_varint(&mut self.raw, offset.saturating_sub(self.first));
        self.raw.extend_from_slice(&timestamp_ms.to_le_bytes());
    }

    fn payload<'a>(
        &mut self,
        key: Option<&[u8]>,
        headers: impl ExactSizeIterator<Item = (&'a [u8], &'a [u8])>,
        value: Option<&[u8]>,
    ) {
        let key_flag = if key.is_some() { KEY } else { 0 };
        let value_flag = if value.is_some() { VALUE } else { 0 };
        self.raw.push(key_flag | value_flag);
        if let Some(key) = key {
            put_bytes(&mut self.raw, key);
        }
        put_varint(&mut self.raw, headers.len() as u64);
        for (name, value) in headers {
            put_bytes(&mut self.raw, name);
            put_bytes(&mut self.raw, value);
        }
        if let Some(value) = value {
            put_bytes(&mut self.raw, value);
        }
    }

    /// Closes the block: gives its first offset, its number of records and its stored form, and begins an empty one.
    pub(super) fn finish(&mut self) -> std::io::Result<(u64, u32, Vec<u8>)> {
        let frame = self.compressor.compress(&self.raw)?;
        let raw_len = u32::try_from(self.raw.len())
            .map_err(|_| std::io::Error::other("a block is longer than 4 GiB"))?;
        let mut stored = Vec::with_capacity(HEADER + frame.len());
        stored.push(VERSION);
        stored.extend_from_slice(&self.count.to_le_bytes());
        stored.extend_from_slice(&self.last.to_le_bytes());
        stored.extend_from_slice(&self.latest_ms.to_le_bytes());
        stored.extend_from_slice(&raw_len.to_le_bytes());
        stored.extend_from_slice(&frame);
        let closed = (self.first, self.count, stored);
        self.raw.clear();
        self.raw.shrink_to(4 * BLOCK_BYTES);
        self.count = 0;
        self.latest_ms = i64::MIN;
        Ok(closed)
    }
}

/// One record inside an unpacked block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct View<'a> {
    /// The offset.
    pub(super) offset: u64,
    /// The append time.
    pub(super) timestamp_ms: i64,
    /// The key.
    pub(super) key: Option<&'a [u8]>,
    /// The headers.
    pub(super) headers: Vec<(&'a str, &'a [u8])>,
    /// The value.
    pub(super) value: Option<&'a [u8]>,
}

impl View<'_> {
    /// Copies the record out of the block.
    pub(super) fn to_record(&self) -> Record {
        Record {
            offset: self.offset,
            timestamp_ms: self.timestamp_ms,
            key: self.key.map(<[u8]>::to_vec),
            headers: self
                .headers
                .iter()
                .map(|(name, value)| Header { name: (*name).to_owned(), value: value.to_vec() })
                .collect(),
            value: self.value.map(<[u8]>::to_vec),
        }
    }

    /// Gives about how many bytes the record takes: key, value and headers.
    pub(super) fn size(&self) -> usize {
        let headers: usize = self.headers.iter().map(|(name, value)| name.len() + value.len()).sum();
        self.key.map_or(0, <[u8]>::len) + self.value.map_or(0, <[u8]>::len) + headers
    }
}

/// Walks over the records of an unpacked block; ends with an error where the block is damaged.
pub(super) struct Views<'a> {
    cursor: Cursor<'a>,
    first: u64,
}

impl<'a> Views<'a> {
    /// Begins at the first record; `first` is its offset.
    pub(super) fn new(first: u64, raw: &'a [u8]) -> Self {
        Self { cursor: Cursor(raw), first }
    }

    fn parse(&mut self) -> Option<View<'a>> {
        let offset = self.first.checked_add(self.cursor.varint()?)?;
        let timestamp_ms = self.cursor.u64()?.cast_signed();
        let flags = self.cursor.byte()?;
        let key = if flags & KEY == 0 { None } else { Some(self.cursor.bytes()?) };
        let mut headers = Vec::new();
        for _ in 0..self.cursor.varint()? {
            let name = std::str::from_utf8(self.cursor.bytes()?).ok()?;
            headers.push((name, self.cursor.bytes()?));
        }
        let value = if flags & VALUE == 0 { None } else { Some(self.cursor.bytes()?) };
        Some(View { offset, timestamp_ms, key, headers, value })
    }
}

impl<'a> Iterator for Views<'a> {
    type Item = Result<View<'a>, &'static str>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.cursor.0.is_empty() {
            return None;
        }
        let view = self.parse();
        if view.is_none() {
            self.cursor = Cursor(&[]);
        }
        Some(view.ok_or("a record in a block is cut off"))
    }
}

fn put_varint(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push((number & 0x7f) as u8 | 0x80);
        number >>= 7;
    }
    out.push((number & 0x7f) as u8);
}

fn put_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    put_varint(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

struct Cursor<'a>(&'a [u8]);

impl<'a> Cursor<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    fn byte(&mut self) -> Option<u8> {
        self.take(1)?.first().copied()
    }

    fn u32(&mut self) -> Option<u32> {
        Some(u32::from_le_bytes(self.take(4)?.try_into().ok()?))
    }

    fn u64(&mut self) -> Option<u64> {
        Some(u64::from_le_bytes(self.take(8)?.try_into().ok()?))
    }

    fn varint(&mut self) -> Option<u64> {
        let mut number = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(number);
            }
        }
        None
    }

    fn bytes(&mut self) -> Option<&'a [u8]> {
        let length = usize::try_from(self.varint()?).ok()?;
        self.take(length)
    }
}

#[cfg(test)]
mod tests;
