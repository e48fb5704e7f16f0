//! Which feedback the index holds, and at which version: eight bytes of key and eight of version each.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use groundswell_model::{FeedbackId, Version};

use crate::SearchError;

/// Gives the 64 bits of an id that the index knows it by. Two of ten million feedback share them with a probability of
/// 3 in a million; then one of the two is missing from search.
pub(crate) fn key_of(id: FeedbackId) -> u64 {
    let (head, _) = id.as_bytes().split_at(8);
    head.iter().fold(0, |key, &byte| (key << 8) | u64::from(byte))
}

/// A version in one number that orders like it: 31 bits of epoch, 32 of sequence, and whether it is a deletion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Packed(pub u64);

impl Packed {
    pub(crate) fn new(version: Version, deleted: bool) -> Result<Self, SearchError> {
        let out_of_range = SearchError::VersionRange { epoch: version.epoch, sequence: version.sequence };
        if version.epoch >= 1 << 31 || version.sequence >= 1 << 32 {
            return Err(out_of_range);
        }
        Ok(Self((version.epoch << 33) | (version.sequence << 1) | u64::from(deleted)))
    }

    pub(crate) fn is_deletion(self) -> bool {
        self.0 & 1 == 1
    }

    /// Says whether a publication with this version replaces one with the other.
    pub(crate) fn is_after(self, other: Self) -> bool {
        self.0 >> 1 > other.0 >> 1
    }
}

/// Keys are hashes already.
#[derive(Default)]
pub(crate) struct AsIs(u64);

impl Hasher for AsIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0 = bytes.iter().fold(self.0, |state, &byte| state.rotate_left(8) ^ u64::from(byte));
    }

    fn write_u64(&mut self, key: u64) {
        self.0 = key;
    }
}

/// The versions by key.
#[derive(Default)]
pub(crate) struct Versions {
    known: HashMap<u64, u64, BuildHasherDefault<AsIs>>,
    live: u64,
}

impl Versions {
    pub(crate) fn with_capacity(capacity: usize) -> Self {
        Self { known: HashMap::with_capacity_and_hasher(capacity, BuildHasherDefault::default()), live: 0 }
    }

    pub(crate) fn get(&self, key: u64) -> Option<Packed> {
        self.known.get(&key).copied().map(Packed)
    }

    pub(crate) fn set(&mut self, key: u64, version: Packed) {
        self.remove(key);
        self.known.insert(key, version.0);
        self.live += u64::from(!version.is_deletion());
    }

    /// Forgets a key; says whether it was known.
    pub(crate) fn remove(&mut self, key: u64) -> bool {
        let removed = self.known.remove(&key).map(Packed);
        self.live -= u64::from(removed.is_some_and(|version| !version.is_deletion()));
        removed.is_some()
    }

    /// Gives the number of feedback that are not deleted.
    pub(crate) fn live(&self) -> u64 {
        self.live
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packed_versions_order_like_versions() {
        let version = |epoch, sequence| Version { epoch, sequence };
        let mut last = Packed::new(version(0, 0), false).unwrap();
        for (epoch, sequence) in [(0, 1), (0, 4_294_967_295), (1, 0), (1, 7), (2_147_483_647, 0)] {
            for deleted in [true, false] {
                let next = Packed::new(version(epoch, sequence), deleted).unwrap();
                assert!(next.is_after(last) && !last.is_after(next) && !next.is_after(next));
                assert_eq!(next.is_deletion(), deleted);
            }
            last = Packed::new(version(epoch, sequence), true).unwrap();
        }
        assert_eq!(Packed::new(version(1 << 31, 0), false).unwrap_err().code(), "search.version_range");
        assert_eq!(Packed::new(version(0, 1 << 32), false).unwrap_err().code(), "search.version_range");
    }

    #[test]
    fn live_counts_what_is_not_deleted() {
        let mut versions = Versions::default();
        versions.set(1, Packed(2));
        versions.set(1, Packed(4));
        versions.set(2, Packed(7));
        assert_eq!(versions.live(), 1);
        assert!(versions.remove(1) && !versions.remove(1) && versions.remove(2));
        assert_eq!(versions.live(), 0);
    }
}
