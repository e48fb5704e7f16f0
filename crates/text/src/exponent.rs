//! The exponential function, the same on every platform, so that models train and answer alike everywhere.

/// e to the power of a number within -40 and 40, the same on every platform.
pub(crate) fn exp(power: f64) -> f64 {
    let power = power.clamp(-40.0, 40.0);
    let twos = (power * std::f64::consts::LOG2_E).round();
    let rest = power - twos * std::f64::consts::LN_2;
    let series = (1..=13).rev().fold(1.0, |sum, step| 1.0 + sum * rest / f64::from(step));
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 965 and 1081")]
    let exponent = (twos + 1023.0) as u64;
    series * f64::from_bits(exponent << 52)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_as_near_as_doubles_are() {
        for step in -400..=400 {
            let power = f64::from(step) / 10.0;
            assert!((exp(power) / power.exp() - 1.0).abs() < 1e-12, "{power}");
        }
        assert!(exp(1e9) > 1e17 && exp(f64::NEG_INFINITY) < 1e-17);
    }
}
