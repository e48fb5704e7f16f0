//! A small cache of unpacked blocks, bounded in bytes, for readers that come back to the same block.
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Which block: segment handle, topic id, partition, first offset.
pub(super) type BlockKey = (u64, u32, u32, u64);

/// The cache; the block unused for longest goes first.
pub(super) struct BlockCache {
    limit: usize,
    held: Mutex<Held>,
}

#[derive(Default)]
struct Held {
    blocks: HashMap<BlockKey, (u64, Arc<[u8]>)>,
    bytes: usize,
    clock: u64,
}

impl BlockCache {
    /// Makes a cache of at most `limit` bytes.
    pub(super) fn new(limit: usize) -> Self {
        Self { limit, held: Mutex::new(Held::default()) }
    }

    /// Gives a block if it is held.
    pub(super) fn get(&self, key: BlockKey) -> Option<Arc<[u8]>> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.clock += 1;
        let clock = held.clock;
        let (used, block) = held.blocks.get_mut(&key)?;
        *used = clock;
        Some(Arc::clone(block))
    }

    /// Forgets all blocks.
    pub(super) fn clear(&self) {
        *self.held.lock().unwrap_or_else(PoisonError::into_inner) = Held::default();
    }

    /// Holds a block, unless it alone would fill a quarter of the cache.
    pub(super) fn put(&self, key: BlockKey, block: &Arc<[u8]>) {
        if block.len() > self.limit / 4 {
            return;
        }
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.clock += 1;
        let clock = held.clock;
        held.bytes += block.len();
        if let Some((_, old)) = held.blocks.insert(key, (clock, Arc::clone(block))) {
            held.bytes -= old.len();
        }
        while held.bytes > self.limit {
            let oldest = held.blocks.iter().min_by_key(|(_, (used, _))| *used);
            let Some(oldest) = oldest.map(|(key, _)| *key) else {
                return;
            };
            if let Some((_, gone)) = held.blocks.remove(&oldest) {
                held.bytes -= gone.len();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_block_unused_for_longest_goes_first() {
        let cache = BlockCache::new(400);
        let block: Arc<[u8]> = Arc::from(vec![0; 100]);
        let key = |first| (1, 1, 0, first);
        (0..4).for_each(|first| cache.put(key(first), &block));
        assert!(cache.get(key(0)).is_some());
        cache.put(key(4), &block);
        assert!(cache.get(key(0)).is_some() && cache.get(key(4)).is_some());
        assert!(cache.get(key(1)).is_none());
        cache.put(key(9), &Arc::from(vec![0; 101]));
        assert!(cache.get(key(9)).is_none(), "too large to be worth it");
        cache.put(key(4), &block);
        assert_eq!(cache.held.lock().unwrap().bytes, 400);
    }
}
