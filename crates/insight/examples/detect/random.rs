//! Seeded random numbers for the simulations (xoshiro256++ by Blackman and Vigna, seeded by SplitMix64), so that every
//! machine draws the same: uniform, normal, gamma, Poisson, negative binomial.

/// A stream of random numbers.
pub struct Random {
    state: [u64; 4],
}

impl Random {
    /// Starts the stream with this name.
    pub fn stream(name: &str, number: usize) -> Self {
        let mut mixed = 0xcbf2_9ce4_8422_2325_u64 ^ (number as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        for byte in name.bytes() {
            mixed = (mixed ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
        Self { state: [0; 4].map(|_: u64| splitmix(&mut mixed)) }
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

    /// A number in 0 to 1, both left out.
    pub fn unit(&mut self) -> f64 {
        ((self.next() >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
    }

    /// A number in `low` to `high`, the end left out.
    pub fn between(&mut self, low: usize, high: usize) -> usize {
        low + (self.unit() * (high - low) as f64) as usize
    }

    /// A standard normal number (Box and Muller).
    pub fn normal(&mut self) -> f64 {
        (-2.0 * self.unit().ln()).sqrt() * (std::f64::consts::TAU * self.unit()).cos()
    }

    /// A number whose logarithm is normal around 0.
    pub fn lognormal(&mut self, spread: f64) -> f64 {
        (spread * self.normal()).exp()
    }

    /// A gamma number of scale 1 (Marsaglia and Tsang 2000).
    pub fn gamma(&mut self, shape: f64) -> f64 {
        if shape < 1.0 {
            let root = self.unit().powf(1.0 / shape);
            return self.gamma(shape + 1.0) * root;
        }
        let d = shape - 1.0 / 3.0;
        let c = 1.0 / (9.0 * d).sqrt();
        loop {
            let x = self.normal();
            let v = (1.0 + c * x).powi(3);
            if v > 0.0 && self.unit().ln() < 0.5 * x * x + d - d * v + d * v.ln() {
                return d * v;
            }
        }
    }

    /// A Poisson count (Knuth's product method, split for large means).
    pub fn poisson(&mut self, mean: f64) -> u32 {
        let mut total = 0;
        let mut left = mean;
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

    /// A count whose variance is `dispersion` times its mean: negative binomial, Poisson at 1.
    pub fn count(&mut self, mean: f64, dispersion: f64) -> u32 {
        if dispersion <= 1.0 {
            return self.poisson(mean);
        }
        let around = self.gamma(mean / (dispersion - 1.0)) * (dispersion - 1.0);
        self.poisson(around)
    }
}

fn splitmix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut mixed = *state;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}
