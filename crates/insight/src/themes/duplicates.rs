//! Near-duplicates: MinHash of character 5-grams, found by locality-sensitive hashing, verified, joined to groups.
//!
//! After Broder 1997 and Leskovec, Rajaraman and Ullman 2014, chapter 3. Exact copies up to numbers and names have the same
//! fingerprint already (`groundswell_text`); this finds those with other words between. Memory: 512 bytes a signature, and
//! 16 bytes a text while one band is looked at.

use std::collections::BTreeMap;

/// Hash functions of a signature.
pub const PERMUTATIONS: usize = 128;
/// Bands of a signature; texts that agree in a whole band are compared.
pub const BANDS: usize = 16;
/// Estimated Jaccard similarity from which texts are duplicates.
pub const DUPLICATE: f64 = 0.8;

const ROWS: usize = PERMUTATIONS / BANDS;
const SHINGLE: usize = 5;
/// Earlier signatures of the same bucket that one is compared with, so that no bucket costs the square of its size.
const COMPARED: usize = 64;

/// The smallest hashes of a text's 5-grams.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Signature([u32; PERMUTATIONS]);

impl Signature {
    /// Estimates the Jaccard similarity of the 5-grams of two texts, 0 to 1; its standard error is at most 0.045.
    pub fn similarity(&self, other: &Self) -> f64 {
        let same = self.0.iter().zip(&other.0).filter(|(left, right)| left == right).count();
        same as f64 / PERMUTATIONS as f64
    }
}

/// Gives the signature of a text: lower case, white space as one blank. A text shorter than five characters is one gram; none
/// for a text of white space alone.
pub fn signature(text: &str) -> Option<Signature> {
    let mut plain: Vec<char> = Vec::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !plain.is_empty() {
            plain.push(' ');
        }
        plain.extend(word.chars().flat_map(char::to_lowercase));
    }
    if plain.is_empty() {
        return None;
    }
    let mut least = [u32::MAX; PERMUTATIONS];
    let factors = factors();
    for gram in plain.windows(SHINGLE.min(plain.len())) {
        let hash =
            gram.iter().fold(0xcbf2_9ce4_8422_2325, |hash, character| mixed(hash ^ u64::from(*character)));
        for (least, (factor, summand)) in least.iter_mut().zip(&factors) {
            let value = (hash.wrapping_mul(*factor).wrapping_add(*summand) >> 32) as u32;
            *least = (*least).min(value);
        }
    }
    Some(Signature(least))
}

/// Multipliers (odd) and summands of the hash functions: the same on every machine and release.
fn factors() -> [(u64, u64); PERMUTATIONS] {
    let mut state = 0x6772_6f75_6e64_u64;
    [(); PERMUTATIONS].map(|()| {
        let mut next = || {
            state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            mixed(state)
        };
        (next() | 1, next())
    })
}

/// The finaliser of SplitMix64 (Steele, Lea and Flood 2014).
fn mixed(mut value: u64) -> u64 {
    value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

/// The probability that two texts of this Jaccard similarity are compared: 1 − (1 − s^r)^b.
pub fn candidate_probability(similarity: f64, bands: u32, rows: u32) -> f64 {
    1.0 - (1.0 - similarity.powf(f64::from(rows))).powf(f64::from(bands))
}

/// The similarity around which pairs begin to be compared: (1/b)^(1/r).
pub fn threshold(bands: u32, rows: u32) -> f64 {
    (1.0 / f64::from(bands)).powf(1.0 / f64::from(rows))
}

/// Groups texts whose signatures are at least [`DUPLICATE`] alike, or joined by a chain of such. Gives for each text the first
/// text of its group; a text that is like no other, or has no signature, is its own. The groups do not depend on the order.
pub fn duplicates(signatures: &[Option<Signature>]) -> Vec<usize> {
    let mut groups = Groups((0..signatures.len()).collect());
    let mut distinct: BTreeMap<&Signature, usize> = BTreeMap::new();
    for (at, signature) in signatures.iter().enumerate() {
        if let Some(signature) = signature {
            groups.join(*distinct.entry(signature).or_insert(at), at);
        }
    }
    // In the order of the signatures, not of the texts.
    let distinct: Vec<(&Signature, usize)> = distinct.into_iter().collect();
    for band in 0..BANDS {
        let mut buckets: Vec<(u64, usize)> = distinct
            .iter()
            .enumerate()
            .map(|(place, (signature, _))| {
                let rows = signature.0.iter().skip(band * ROWS).take(ROWS);
                (rows.fold(band as u64, |hash, row| mixed(hash ^ u64::from(*row))), place)
            })
            .collect();
        buckets.sort_unstable();
        for bucket in buckets.chunk_by(|left, right| left.0 == right.0) {
            verify(bucket, &distinct, &mut groups);
        }
    }
    (0..signatures.len()).map(|at| groups.root(at)).collect()
}

fn verify(bucket: &[(u64, usize)], distinct: &[(&Signature, usize)], groups: &mut Groups) {
    for (number, (_, place)) in bucket.iter().enumerate() {
        let Some((signature, at)) = distinct.get(*place) else { continue };
        for (_, earlier) in bucket.iter().take(number).rev().take(COMPARED) {
            let Some((other, earlier)) = distinct.get(*earlier) else { continue };
            if groups.root(*at) != groups.root(*earlier) && signature.similarity(other) >= DUPLICATE {
                groups.join(*at, *earlier);
            }
        }
    }
}

/// Union-find in which the smallest number stands for its group.
struct Groups(Vec<usize>);

impl Groups {
    fn root(&mut self, mut at: usize) -> usize {
        let mut path = Vec::new();
        while let Some(parent) = self.0.get(at).copied().filter(|parent| *parent != at) {
            path.push(at);
            at = parent;
        }
        for passed in path {
            self.0.get_mut(passed).into_iter().for_each(|parent| *parent = at);
        }
        at
    }

    fn join(&mut self, left: usize, right: usize) {
        let (left, right) = (self.root(left), self.root(right));
        self.0.get_mut(left.max(right)).into_iter().for_each(|parent| *parent = left.min(right));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(found: f64, wanted: f64) -> bool {
        (found - wanted).abs() < 5e-5
    }

    #[test]
    fn probabilities_are_those_of_the_methods() {
        let similarities = [0.5, 0.6, 0.7, 0.8, 0.9];
        let wanted = [0.0607, 0.2374, 0.6133, 0.9470, 0.9999];
        let (bands, rows) = (BANDS as u32, ROWS as u32);
        assert!(
            similarities
                .iter()
                .zip(wanted)
                .all(|(s, wanted)| near(candidate_probability(*s, bands, rows), wanted))
        );
        assert!(near(threshold(bands, rows), 0.5_f64.sqrt()));
        let wanted = [0.4701, 0.8019, 0.9748, 0.9996, 1.0];
        assert!(
            similarities.iter().zip(wanted).all(|(s, wanted)| near(candidate_probability(*s, 20, 5), wanted))
        );
        assert!(near(threshold(20, 5), 0.5493));
    }

    #[test]
    fn similarity_is_estimated() {
        let (left, right) = ("abcdefghijklmnopqrstuvwxyz", "abcdefghijklmnopqrstuvw123");
        // 19 of 25 grams are the same: 22 grams each, 19 in both.
        let (left, right) = (signature(left).unwrap(), signature(right).unwrap());
        assert!((left.similarity(&right) - 19.0 / 25.0).abs() < 0.12, "{}", left.similarity(&right));
        assert_eq!(left.similarity(&left), 1.0);
    }

    const LONG: &str = "The parcel was left in the rain beside the wrong door and nobody rang the bell, so everything inside is wet";

    #[test]
    fn copies_with_small_changes_are_one_group_in_any_order() {
        let texts = [
            LONG.to_owned(),
            "A wholly different matter: the app asks for my code again and again".to_owned(),
            format!("{LONG}!!"),
            LONG.to_uppercase(),
            LONG.replace("parcel", "packet"),
            "   ".to_owned(),
            "ok".to_owned(),
            "OK".to_owned(),
        ];
        let signed: Vec<Option<Signature>> = texts.iter().map(|text| signature(text)).collect();
        assert_eq!(duplicates(&signed), [0, 1, 0, 0, 0, 5, 6, 6]);
        let turned: Vec<Option<Signature>> = signed.iter().rev().cloned().collect();
        assert_eq!(duplicates(&turned), [0, 0, 2, 3, 3, 3, 6, 3]);
        assert_eq!(duplicates(&[]), Vec::<usize>::new());
    }

    #[test]
    fn thousands_of_copies_are_joined_quickly() {
        let mut signed: Vec<Option<Signature>> = vec![signature(LONG); 3_000];
        signed.extend((0..1_000).map(|at| signature(&format!("{LONG} {at}"))));
        assert!(duplicates(&signed).iter().all(|group| *group == 0));
    }

    #[test]
    fn any_text_has_a_signature_or_none() {
        assert_eq!(signature(""), None);
        for text in ["a", "👍", "İ", "配送が遅い", "\u{301}", "日本"] {
            assert_eq!(signature(text).unwrap().similarity(&signature(text).unwrap()), 1.0);
        }
    }
}
