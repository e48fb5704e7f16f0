//! The partition of a key: the hash of Apache Kafka's default partitioner.

/// Gives the partition for `key` among `partitions`: `(murmur2(key) & 0x7fffffff) % partitions`, as the default
/// partitioner of Apache Kafka's Java client (`BuiltInPartitioner.partitionForKey`, `Utils.murmur2`), so that records
/// of other producers with the same key share a partition with ours. Zero partitions count as one.
#[must_use]
pub fn partition_for(key: &[u8], partitions: u32) -> u32 {
    (murmur2(key) & 0x7fff_ffff) % partitions.max(1)
}

const SEED: u32 = 0x9747_b28c;
const MULTIPLIER: u32 = 0x5bd1_e995;

/// `MurmurHash2` by Austin Appleby, 32 bits, with Apache Kafka's seed. Lengths beyond 32 bits wrap.
fn murmur2(bytes: &[u8]) -> u32 {
    #[expect(clippy::cast_possible_truncation, reason = "the hash is defined on a 32-bit length")]
    let mut hash = SEED ^ (bytes.len() as u32);
    let mut words = bytes.chunks_exact(4);
    for word in &mut words {
        let mut value = word.iter().rev().fold(0_u32, |value, byte| (value << 8) | u32::from(*byte));
        value = value.wrapping_mul(MULTIPLIER);
        value ^= value >> 24;
        value = value.wrapping_mul(MULTIPLIER);
        hash = hash.wrapping_mul(MULTIPLIER) ^ value;
    }
    let rest = words.remainder();
    if !rest.is_empty() {
        let value = rest.iter().rev().fold(0_u32, |value, byte| (value << 8) | u32::from(*byte));
        hash = (hash ^ value).wrapping_mul(MULTIPLIER);
    }
    hash ^= hash >> 13;
    hash = hash.wrapping_mul(MULTIPLIER);
    hash ^ (hash >> 15)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_equal_those_of_kafka() {
        // The cases of Apache Kafka's own UtilsTest.testMurmur2.
        let cases: [(&str, i32); 6] = [
            ("21", -973_932_308),
            ("foobar", -790_332_482),
            ("a-little-bit-long-string", -985_981_536),
            ("a-little-bit-longer-string", -1_486_304_829),
            ("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58_897_971),
            ("abc", 479_470_107),
        ];
        for (key, expected) in cases {
            assert_eq!(murmur2(key.as_bytes()), expected.cast_unsigned(), "{key}");
        }
    }

    #[test]
    fn partitions_are_in_range_and_all_used() {
        let mut used = [false; 8];
        for number in 0..200_u32 {
            used[partition_for(&number.to_le_bytes(), 8) as usize] = true;
        }
        assert_eq!(used, [true; 8]);
        assert_eq!(partition_for(b"x", 0), 0);
        assert_eq!(partition_for(b"", 1), 0);
    }
}
