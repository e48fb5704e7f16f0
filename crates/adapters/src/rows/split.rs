//! Finds where records of a text file end, in a stream of bytes. A record that is too long or has an open quote is given
//! back as bad, and the next line goes on.

use std::io::{self, Read};

use crate::error::AdaptError;

/// Bytes read at once; few in tests, so that every record goes over a border.
const CHUNK: usize = if cfg!(test) { 7 } else { 256 << 10 };

/// What ends a record.
pub(super) enum Ending {
    /// A line end.
    Line,
    /// A line end outside quoted cells.
    Quoted {
        /// What stands between cells.
        separator: Vec<u8>,
        /// The character around cells.
        quote: Option<u8>,
    },
}

/// A record that cannot be used.
pub(super) struct Bad {
    /// Its bytes, at most the limit.
    pub(super) bytes: Vec<u8>,
    length: u64,
    /// The limit, where it is over it; else it has an open quote.
    limit: Option<u64>,
}

impl Bad {
    pub(super) fn too_large(mut bytes: Vec<u8>, limit: u64) -> Self {
        let length = bytes.len() as u64;
        bytes.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        Self { bytes, length, limit: Some(limit) }
    }

    /// Gives the error for the row of this number.
    pub(super) fn error(&self, row: u64) -> AdaptError {
        match self.limit {
            Some(limit) => AdaptError::TooLarge { bytes: self.length, limit },
            None => AdaptError::BadRow { row, reason: "has a quoted cell that does not end".to_owned() },
        }
    }
}

enum Scan {
    /// A record of this length, and the place of the next.
    Record(usize, usize),
    /// No end yet; whether a quote is open.
    Open(bool),
}

/// Splits a stream into records.
pub(super) struct Splitter<R> {
    reader: R,
    ending: Ending,
    limit: usize,
    buffer: Vec<u8>,
    start: usize,
    ended: bool,
}

impl<R: Read> Splitter<R> {
    pub(super) fn new(reader: R, ending: Ending, limit: u64) -> Self {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        Self { reader, ending, limit, buffer: Vec::new(), start: 0, ended: false }
    }

    /// Leaves out one line.
    pub(super) fn skip_line(&mut self) -> io::Result<()> {
        self.discard_line().map(|_| ())
    }

    /// Gives the next record, or nothing at the end.
    pub(super) fn next(&mut self) -> io::Result<Option<Result<Vec<u8>, Bad>>> {
        loop {
            let rest = self.rest();
            if self.ended && rest.is_empty() {
                return Ok(None);
            }
            match self.ending.scan(rest, self.ended) {
                Scan::Record(length, next) if length <= self.limit => {
                    let bytes = rest.get(..length).unwrap_or_default().to_vec();
                    self.start += next;
                    return Ok(Some(Ok(bytes)));
                }
                Scan::Record(length, next) => {
                    let bytes = rest.get(..length).unwrap_or_default().to_vec();
                    self.start += next;
                    return Ok(Some(Err(Bad::too_large(bytes, self.limit as u64))));
                }
                Scan::Open(quoted) if self.ended || rest.len() > self.limit => {
                    return self.give_up(quoted).map(Some);
                }
                Scan::Open(_) => self.fill()?,
            }
        }
    }

    fn rest(&self) -> &[u8] {
        self.buffer.get(self.start..).unwrap_or_default()
    }

    /// Gives back the line that a hopeless record begins with, so that one open quote does not swallow what follows.
    fn give_up(&mut self, quoted: bool) -> io::Result<Result<Vec<u8>, Bad>> {
        if !quoted && self.ended {
            let bytes = without_return(self.rest()).to_vec();
            self.start = self.buffer.len();
            return Ok(Ok(bytes));
        }
        let limit = self.limit;
        let kept = self.rest().get(..limit.min(self.rest().len())).unwrap_or_default();
        let mut bytes = kept.to_vec();
        if let Some(end) = memchr::memchr(b'\n', &bytes) {
            bytes.truncate(end);
        }
        let (length, over) = self.discard_line()?;
        let limit = (over || !quoted).then_some(limit as u64);
        Ok(Err(Bad { bytes: without_return(&bytes).to_vec(), length, limit }))
    }

    /// Passes over the rest of the line; gives its length, and whether it was over the limit.
    fn discard_line(&mut self) -> io::Result<(u64, bool)> {
        let mut length = 0_u64;
        loop {
            let rest = self.rest();
            if let Some(end) = memchr::memchr(b'\n', rest) {
                length += end as u64;
                self.start += end + 1;
                break;
            }
            length += rest.len() as u64;
            self.start = self.buffer.len();
            if self.ended {
                break;
            }
            self.fill()?;
        }
        Ok((length, length > self.limit as u64))
    }

    fn fill(&mut self) -> io::Result<()> {
        self.buffer.drain(..self.start.min(self.buffer.len()));
        self.start = 0;
        let held = self.buffer.len();
        // The buffer doubles, so that a long record is scanned a few times and not once per chunk.
        let more = CHUNK.max(held);
        let read = self.reader.by_ref().take(more as u64).read_to_end(&mut self.buffer)?;
        self.ended = read < more;
        Ok(())
    }
}

fn without_return(line: &[u8]) -> &[u8] {
    line.strip_suffix(b"\r").unwrap_or(line)
}

impl Ending {
    fn scan(&self, bytes: &[u8], ended: bool) -> Scan {
        match self {
            Self::Line | Self::Quoted { quote: None, .. } => match memchr::memchr(b'\n', bytes) {
                Some(end) => ended_at(bytes, end),
                None => Scan::Open(false),
            },
            Self::Quoted { separator, quote: Some(quote) } => match memchr::memchr2(*quote, b'\n', bytes) {
                None => Scan::Open(false),
                Some(at) if bytes.get(at) == Some(&b'\n') => ended_at(bytes, at),
                Some(_) => cells(bytes, separator, *quote, ended),
            },
        }
    }
}

fn ended_at(bytes: &[u8], end: usize) -> Scan {
    Scan::Record(without_return(bytes.get(..end).unwrap_or_default()).len(), end + 1)
}

/// Goes from cell to cell: a quote opens only at the start of a cell.
fn cells(bytes: &[u8], separator: &[u8], quote: u8, ended: bool) -> Scan {
    let first = separator.first().copied().unwrap_or(b',');
    let mut at = 0;
    loop {
        if bytes.get(at) == Some(&quote) {
            match closing(bytes, at + 1, quote, ended) {
                Some(behind) => at = behind,
                None => return Scan::Open(true),
            }
        }
        loop {
            let Some(found) = memchr::memchr2(first, b'\n', bytes.get(at..).unwrap_or_default()) else {
                return Scan::Open(false);
            };
            at += found;
            if bytes.get(at) == Some(&b'\n') {
                return ended_at(bytes, at);
            }
            if bytes.get(at..).is_some_and(|rest| rest.starts_with(separator)) {
                at += separator.len();
                break;
            }
            at += 1;
        }
    }
}

/// Finds the place behind the closing quote.
fn closing(bytes: &[u8], mut at: usize, quote: u8, ended: bool) -> Option<usize> {
    loop {
        at += memchr::memchr(quote, bytes.get(at..)?)? + 1;
        match bytes.get(at) {
            Some(byte) if *byte == quote => at += 1,
            // Whether the quote closes shows only with the next byte.
            None if !ended => return None,
            _ => return Some(at),
        }
    }
}
