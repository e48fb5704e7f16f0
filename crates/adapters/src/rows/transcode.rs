//! Byte order marks and UTF-16: such a file is read as UTF-8; every other encoding is left to the adapter, row by row.

use std::io::{self, Read};

use encoding_rs::{CoderResult, Decoder, Encoding, UTF_8, UTF_16BE, UTF_16LE};

/// Bytes decoded at once.
const CHUNK: usize = 64 << 10;

/// Gives a reader without byte order mark, in UTF-8 if the file is UTF-16. A mark counts where UTF-8 or UTF-16 is
/// declared.
pub(super) fn reader<'a>(
    mut inner: Box<dyn Read + Send + 'a>,
    declared: &'static Encoding,
) -> io::Result<Box<dyn Read + Send + 'a>> {
    let mut head = Vec::with_capacity(3);
    inner.by_ref().take(3).read_to_end(&mut head)?;
    let unicode = declared == UTF_8 || is_utf16(declared);
    let (encoding, mark) = match Encoding::for_bom(&head) {
        Some((marked, length)) if unicode => (marked, length),
        _ => (declared, 0),
    };
    let rest = head.split_off(mark.min(head.len()));
    let whole = Box::new(io::Cursor::new(rest).chain(inner));
    if is_utf16(encoding) {
        let decoder = encoding.new_decoder_without_bom_handling();
        return Ok(Box::new(Transcoded { inner: whole, decoder, ready: Vec::new(), at: 0, ended: false }));
    }
    Ok(whole)
}

pub(super) fn is_utf16(encoding: &'static Encoding) -> bool {
    encoding == UTF_16LE || encoding == UTF_16BE
}

struct Transcoded<R> {
    inner: R,
    decoder: Decoder,
    ready: Vec<u8>,
    at: usize,
    ended: bool,
}

impl<R: Read> Transcoded<R> {
    fn decode(&mut self) -> io::Result<()> {
        let mut raw = vec![0; CHUNK];
        let read = self.inner.read(&mut raw)?;
        self.ended = read == 0;
        let raw = raw.get(..read).unwrap_or_default();
        // Each unit of two bytes becomes at most three, and a broken one a replacement character of three.
        self.ready.resize(CHUNK * 2 + 16, 0);
        let (result, _, written, _) = self.decoder.decode_to_utf8(raw, &mut self.ready, self.ended);
        debug_assert_eq!(result, CoderResult::InputEmpty);
        self.ready.truncate(written);
        self.at = 0;
        Ok(())
    }
}

impl<R: Read> Read for Transcoded<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while self.at >= self.ready.len() && !self.ended {
            self.decode()?;
        }
        let ready = self.ready.get(self.at..).unwrap_or_default();
        let count = ready.len().min(into.len());
        if let (Some(to), Some(from)) = (into.get_mut(..count), ready.get(..count)) {
            to.copy_from_slice(from);
        }
        self.at += count;
        Ok(count)
    }
}

/// A reader that fails once, so that an error of opening shows at the first row.
pub(super) struct Failing(pub(super) Option<io::Error>);

impl Read for Failing {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        self.0.take().map_or(Ok(0), Err)
    }
}
