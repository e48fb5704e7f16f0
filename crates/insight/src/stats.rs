//! The distributions that the methods ask for, from `statrs`, in the parameters that we use.
//! Counts vary as a negative binomial in mean and dispersion: variance = dispersion × mean, 1 = Poisson.

use statrs::function::beta::beta_reg;
use statrs::function::erf::{erfc, erfc_inv};
use statrs::function::gamma::{gamma_lr, gamma_ur, ln_gamma};

/// Probability that a standard normal value is at most `z`.
pub fn normal_cdf(z: f64) -> f64 {
    0.5 * erfc(-z / std::f64::consts::SQRT_2)
}

/// The standard normal value that lies above a share `p` of all; infinite at 0 and 1.
pub fn normal_quantile(p: f64) -> f64 {
    -std::f64::consts::SQRT_2 * erfc_inv(2.0 * p)
}

/// Probability that a gamma value of this shape and scale 1 is at most `x`.
pub fn gamma_cdf(shape: f64, x: f64) -> f64 {
    if x <= 0.0 {
        0.0
    } else if x.is_infinite() {
        1.0
    } else {
        gamma_lr(shape, x)
    }
}

/// The value below which a gamma value of this shape and scale 1 lies with probability `p`.
pub fn gamma_quantile(shape: f64, p: f64) -> f64 {
    let mut high = shape + 1.0;
    while gamma_cdf(shape, high) < p {
        high *= 2.0;
    }
    quantile(|x| gamma_cdf(shape, x), p, 0.0, high)
}

/// Probability that a beta value is at most `x`.
pub fn beta_cdf(a: f64, b: f64, x: f64) -> f64 {
    if x <= 0.0 {
        0.0
    } else if x >= 1.0 {
        1.0
    } else {
        beta_reg(a, b, x)
    }
}

/// The value below which a beta value lies with probability `p`.
pub fn beta_quantile(a: f64, b: f64, p: f64) -> f64 {
    quantile(|x| beta_cdf(a, b, x), p, 0.0, 1.0)
}

/// Probability that a value of Fisher's F with these degrees of freedom is at most `x`.
pub fn f_cdf(above: f64, below: f64, x: f64) -> f64 {
    beta_cdf(above / 2.0, below / 2.0, above * x / (above * x + below))
}

/// The value of Student's t with these degrees of freedom that lies above a share `p` (over one half) of all.
pub fn t_quantile(freedom: f64, p: f64) -> f64 {
    let share = beta_quantile(freedom / 2.0, 0.5, 2.0 * (1.0 - p));
    (freedom * (1.0 - share) / share).sqrt()
}

/// Probability of at least `y` events where `mean` are expected with this dispersion (1 and below: Poisson).
pub fn at_least(y: u64, mean: f64, dispersion: f64) -> f64 {
    if y == 0 {
        return 1.0;
    }
    if mean <= 0.0 {
        return 0.0;
    }
    if dispersion <= NEARLY_POISSON {
        return gamma_lr(y as f64, mean);
    }
    beta_cdf(y as f64, mean / (dispersion - 1.0), 1.0 - 1.0 / dispersion)
}

/// Probability of exactly `y` events, see [`at_least`].
pub fn exactly(y: u64, mean: f64, dispersion: f64) -> f64 {
    if mean <= 0.0 {
        return if y == 0 { 1.0 } else { 0.0 };
    }
    let count = y as f64;
    if dispersion <= NEARLY_POISSON {
        return (count * mean.ln() - mean - ln_gamma(count + 1.0)).exp();
    }
    let size = mean / (dispersion - 1.0);
    let ways = ln_gamma(count + size) - ln_gamma(size) - ln_gamma(count + 1.0);
    (ways - size * dispersion.ln() + count * (1.0 - 1.0 / dispersion).ln()).exp()
}

/// How surprising at least `y` events are, the event itself counted half ("mid-p"), so that it is right on average.
pub fn mid_p(y: u64, mean: f64, dispersion: f64) -> f64 {
    (at_least(y, mean, dispersion) - 0.5 * exactly(y, mean, dispersion)).clamp(0.0, 1.0)
}

/// Limits of a Poisson mean of which `x` events were seen, at confidence 1 − `outside` (Garwood 1936).
pub fn poisson_limits(x: u64, outside: f64) -> (f64, f64) {
    let low = if x == 0 { 0.0 } else { gamma_quantile(x as f64, outside / 2.0) };
    (low, gamma_quantile(x as f64 + 1.0, 1.0 - outside / 2.0))
}

/// Limits of a share of which `x` of `n` were seen, at confidence 1 − `outside` (Clopper and Pearson 1934).
pub fn share_limits(x: u64, n: u64, outside: f64) -> (f64, f64) {
    let (hits, rest) = (x as f64, n.saturating_sub(x) as f64);
    let low = if x == 0 { 0.0 } else { beta_quantile(hits, rest + 1.0, outside / 2.0) };
    let high = if x >= n { 1.0 } else { beta_quantile(hits + 1.0, rest, 1.0 - outside / 2.0) };
    (low, high)
}

/// Probability that a chi-squared value with these degrees of freedom is above `x`.
pub fn chi_squared_above(freedom: f64, x: f64) -> f64 {
    if x <= 0.0 { 1.0 } else { gamma_ur(freedom / 2.0, x / 2.0) }
}

/// Below this dispersion the negative binomial is a Poisson to more digits than its own formula would give.
const NEARLY_POISSON: f64 = 1.0 + 1e-9;

/// Finds where a growing function reaches `p`, by halving.
fn quantile(cdf: impl Fn(f64) -> f64, p: f64, mut low: f64, mut high: f64) -> f64 {
    for _ in 0..200 {
        let middle = 0.5 * (low + high);
        if middle <= low || middle >= high {
            break;
        }
        if cdf(middle) < p { low = middle } else { high = middle }
    }
    0.5 * (low + high)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn close(found: f64, wanted: f64, relative: f64) {
        assert!((found - wanted).abs() <= relative * wanted.abs(), "{found} instead of {wanted}");
    }

    #[test]
    fn tails_of_counts() {
        for (y, mean, dispersion, tail, middle) in [
            (12, 4.0, 1.0, 9.152291e-4, 5.944730e-4),
            (12, 4.0, 1.5, 7.424060e-3, 5.574315e-3),
            (12, 4.0, 2.5, 0.02837784, 0.02367031),
            (30, 18.2, 1.4, 0.01986884, 0.01662693),
            (3, 0.4, 1.0, 7.926332e-3, 4.351292e-3),
        ] {
            close(at_least(y, mean, dispersion), tail, 1e-6);
            close(mid_p(y, mean, dispersion), middle, 1e-6);
        }
    }

    #[test]
    fn probabilities_of_counts_add_up() {
        for dispersion in [1.0, 1.0 + 1e-6, 3.0] {
            let sum: f64 = (0..5).map(|y| exactly(y, 4.0, dispersion)).sum();
            close(sum, 1.0 - at_least(5, 4.0, dispersion), 1e-5);
        }
        assert_eq!((at_least(0, 0.0, 1.0), at_least(1, 0.0, 1.0), exactly(0, 0.0, 2.0)), (1.0, 0.0, 1.0));
    }

    #[test]
    fn limits_of_a_poisson_mean() {
        for (x, low, high) in [
            (0, 0.0, 3.688879),
            (3, 0.618672, 8.767273),
            (10, 4.795389, 18.390356),
            (27, 17.793170, 39.283582),
        ] {
            let found = poisson_limits(x, 0.05);
            close(found.0, low, 1e-6);
            close(found.1, high, 1e-6);
        }
    }

    #[test]
    fn limits_of_a_share() {
        let (low, high) = share_limits(54, 180, 0.05);
        close(low, 0.2341, 3e-4);
        close(high, 0.3726, 3e-4);
        assert_eq!((share_limits(0, 5, 0.05).0, share_limits(5, 5, 0.05).1), (0.0, 1.0));
    }

    #[test]
    fn quantiles_undo_their_distribution() {
        for p in [1e-6, 0.025, 0.5, 0.975, 1.0 - 1e-6] {
            close(normal_cdf(normal_quantile(p)), p, 1e-9);
            close(gamma_cdf(7.5, gamma_quantile(7.5, p)), p, 1e-9);
            close(beta_cdf(2.5, 9.0, beta_quantile(2.5, 9.0, p)), p, 1e-9);
        }
        close(normal_quantile(0.975), 1.959_963_985, 1e-9);
        close(t_quantile(17.79966, 0.975), 2.102_7, 1e-4);
        close(chi_squared_above(6.0, 17.872392), 0.0065591, 1e-5);
        close(f_cdf(4.0, 10.0, 3.478_049_69), 0.95, 1e-8);
    }
}
