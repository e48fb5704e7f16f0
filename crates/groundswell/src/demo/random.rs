//! A small seeded generator of random numbers (xoshiro256++ by Blackman and Vigna, seeded by SplitMix64), so that the
//! demo is the same bytes on every machine and with every version of every library.

/// A stream of random numbers.
#[derive(Clone, Debug)]
pub(super) struct Random {
    state: [u64; 4],
}

impl Random {
    /// Starts a stream from a seed.
    pub(super) fn new(seed: u64) -> Self {
        let mut mixed = seed;
        Self {
            state: [splitmix(&mut mixed), splitmix(&mut mixed), splitmix(&mut mixed), splitmix(&mut mixed)],
        }
    }

    /// Starts an independent stream with a name, so that a change in one room leaves the others as they are.
    pub(super) fn stream(seed: u64, name: &str) -> Self {
        let mut hash = 0xcbf2_9ce4_8422_2325_u64;
        for byte in name.bytes() {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
        Self::new(seed ^ hash)
    }

    fn next(&mut self) -> u64 {
        let [a, b, c, d] = self.state;
        let result = a.wrapping_add(d).rotate_left(23).wrapping_add(a);
        let shifted = b << 17;
        let (c, d) = (c ^ a, d ^ b);
        let (b, a) = (b ^ c, a ^ d);
        self.state = [a, b, c ^ shifted, d.rotate_left(45)];
        result
    }

    /// Gives a number in `0.0..1.0`.
    pub(super) fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Gives a number in `0..bound`; 0 for an empty range.
    pub(super) fn below(&mut self, bound: usize) -> usize {
        let wide = u128::from(self.next()) * bound as u128;
        usize::try_from(wide >> 64).unwrap_or(0)
    }

    /// Gives a number in `low..=high`.
    pub(super) fn between(&mut self, low: i64, high: i64) -> i64 {
        let width = usize::try_from(high.saturating_sub(low).saturating_add(1)).unwrap_or(1);
        low.saturating_add(i64::try_from(self.below(width)).unwrap_or(0))
    }

    /// Says yes with probability `p`.
    pub(super) fn chance(&mut self, p: f64) -> bool {
        self.unit() < p
    }

    /// Picks one of several.
    pub(super) fn pick<'a, T>(&mut self, from: &'a [T]) -> Option<&'a T> {
        from.get(self.below(from.len()))
    }

    /// Picks a word of a list that is not empty.
    pub(super) fn word<'a>(&mut self, from: &[&'a str]) -> &'a str {
        self.pick(from).copied().unwrap_or_default()
    }

    /// Picks a place of a list of weights.
    pub(super) fn weighted(&mut self, weights: &[f64]) -> usize {
        let mut left = self.unit() * weights.iter().sum::<f64>();
        for (place, weight) in weights.iter().enumerate() {
            left -= weight;
            if left < 0.0 {
                return place;
            }
        }
        weights.len().saturating_sub(1)
    }

    /// Draws a count with the given mean (Poisson; Knuth's product method, split for large means).
    pub(super) fn count(&mut self, mean: f64) -> u32 {
        let mut total = 0;
        let mut left = mean.max(0.0);
        while left > 0.0 {
            let share = left.min(20.0);
            left -= share;
            let limit = (-share).exp();
            let mut product = self.unit();
            while product > limit {
                total += 1;
                product *= self.unit();
            }
        }
        total
    }
}

fn splitmix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut mixed = *state;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splitmix_gives_its_published_first_values() {
        let mut state = 1_234_567;
        assert_eq!(splitmix(&mut state), 6_457_827_717_110_365_317);
        assert_eq!(splitmix(&mut state), 3_203_168_211_198_807_973);
    }

    #[test]
    fn counts_have_their_mean_and_ranges_hold() {
        let mut random = Random::new(7);
        let mean =
            |random: &mut Random, m: f64| (0..4000).map(|_| f64::from(random.count(m))).sum::<f64>() / 4000.0;
        assert!((mean(&mut random, 3.0) - 3.0).abs() < 0.15);
        assert!((mean(&mut random, 55.0) - 55.0).abs() < 0.8);
        assert!((0..1000).all(|_| (3..=9).contains(&random.between(3, 9))));
        assert_eq!(random.below(0), 0);
    }

    #[test]
    fn named_streams_differ_and_repeat() {
        let draw = |name| (0..4).map(|_| Random::stream(1, name).next()).collect::<Vec<_>>();
        assert_eq!(draw("a"), draw("a"));
        assert_ne!(draw("a"), draw("b"));
    }
}
