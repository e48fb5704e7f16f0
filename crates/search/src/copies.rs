//! Copied posts: feedback whose longest statement has the same near-duplicate signature.
//!
//! A page shows such feedback once, so that every query must know of each match whether it has copies. Most have none:
//! for each commit a bit is kept for each feedback that has some, and only these are brought together by a query.

use std::collections::{HashMap, HashSet};
use std::hash::BuildHasherDefault;
use std::sync::{Arc, Mutex, PoisonError};

use groundswell_model::{Feedback, Fingerprint};
use tantivy::columnar::Column;
use tantivy::index::SegmentId;
use tantivy::{Searcher, SegmentReader};

use crate::SearchError;
use crate::facets::spoken;
use crate::schema::COPY;
use crate::versions::AsIs;

/// Shorter texts are the same by chance, in bytes.
const SHORTEST: usize = 60;
/// Slots of the table for each feedback: of those without copies one in nine is compared in vain.
const SLOTS: usize = 8;

/// Gives the signature of the longest annotated statement of who gives the feedback; none where that is too short to be
/// called copied when others write it too.
pub(crate) fn copied_text(feedback: &Feedback) -> Option<Fingerprint> {
    let annotated = spoken(feedback).filter_map(|said| Some((said.text.len(), said.annotation.as_ref()?)));
    let (length, annotation) = annotated.max_by_key(|(length, _)| *length)?;
    annotation.near_duplicate.filter(|signature| length >= SHORTEST && *signature != Fingerprint(0))
}

/// Something for each text with copies, by its mixed signature.
pub(crate) type ByText<T> = HashMap<u64, T, BuildHasherDefault<AsIs>>;

/// Spreads a signature over all bits, one to one.
pub(crate) fn mixed(signature: u64) -> u64 {
    let half = (signature ^ (signature >> 32)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    let whole = (half ^ (half >> 32)).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    whole ^ (whole >> 32)
}

/// A set of numbers below a bound.
#[derive(Debug, Default)]
pub(crate) struct Bits(Box<[u64]>);

impl Bits {
    fn new(bound: usize) -> Self {
        Self(vec![0; bound.div_ceil(64)].into())
    }

    pub(crate) fn has(&self, number: usize) -> bool {
        self.0.get(number / 64).is_some_and(|word| word & (1 << (number % 64)) != 0)
    }

    /// Adds a number; says whether it was there.
    fn add(&mut self, number: usize) -> bool {
        let bit = 1 << (number % 64);
        let Some(word) = self.0.get_mut(number / 64) else { return false };
        let known = *word & bit != 0;
        *word |= bit;
        known
    }
}

/// By segment: the documents that have copies.
#[derive(Debug, Default)]
pub(crate) struct Copies(Vec<Arc<Bits>>);

/// The signatures of a segment, and its number of documents.
struct Texts(Option<Column<u64>>, u32);

impl Texts {
    /// Gives each document with its mixed signature.
    fn each(&self) -> impl Iterator<Item = (u32, u64)> {
        let text = |doc| Some((doc, mixed(self.0.as_ref()?.first(doc)?)));
        (0..self.1).filter_map(text)
    }
}

impl Copies {
    fn of(searcher: &Searcher) -> tantivy::Result<Self> {
        let segments: Vec<Texts> = searcher
            .segment_readers()
            .iter()
            .map(|reader| Ok(Texts(reader.fast_fields().column_opt::<u64>(COPY)?, reader.max_doc())))
            .collect::<tantivy::Result<_>>()?;
        let several = several(&segments);
        let bits = segments.iter().map(|texts| {
            let mut bits = Bits::new(texts.1 as usize);
            for (doc, _) in texts.each().filter(|(_, text)| several.contains(text)) {
                bits.add(doc as usize);
            }
            Arc::new(bits)
        });
        Ok(Self(bits.collect()))
    }

    pub(crate) fn segment(&self, ordinal: u32) -> Option<&Arc<Bits>> {
        self.0.get(ordinal as usize)
    }
}

/// Gives the signatures that several documents have. A table that few signatures share a slot of leaves most out before
/// they are compared.
fn several(segments: &[Texts]) -> HashSet<u64, BuildHasherDefault<AsIs>> {
    let docs: usize = segments.iter().map(|texts| texts.1 as usize).sum();
    let slots = (docs * SLOTS).next_power_of_two();
    let slot = |text: u64| usize::try_from(text & (slots as u64 - 1)).unwrap_or(0);
    let (mut once, mut again) = (Bits::new(slots), Bits::new(slots));
    for (_, text) in segments.iter().flat_map(Texts::each) {
        if once.add(slot(text)) {
            again.add(slot(text));
        }
    }
    let mut seen = HashSet::<u64, BuildHasherDefault<AsIs>>::default();
    let texts = segments.iter().flat_map(Texts::each).map(|(_, text)| text);
    texts.filter(|text| again.has(slot(*text)) && !seen.insert(*text)).collect()
}

/// What is known of the last commit that a query met.
#[derive(Default)]
pub(crate) struct KnownCopies {
    known: Mutex<(Vec<SegmentId>, Arc<Copies>)>,
}

impl KnownCopies {
    /// Gives which feedback of a searcher have copies.
    pub(crate) fn of(&self, searcher: &Searcher) -> Result<Arc<Copies>, SearchError> {
        let segments: Vec<SegmentId> =
            searcher.segment_readers().iter().map(SegmentReader::segment_id).collect();
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.0 != segments {
            let copies = Copies::of(searcher).map_err(SearchError::engine("look for copied posts"))?;
            *known = (segments, Arc::new(copies));
        }
        Ok(Arc::clone(&known.1))
    }
}
