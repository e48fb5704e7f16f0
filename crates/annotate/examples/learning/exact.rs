//! Exponential and logarithm from basic operations alone, so that a training gives the same bits on every machine.

const LN_2: f64 = std::f64::consts::LN_2;

/// Gives e to the power of a value, which is cut to -700 to 700.
pub fn exp(value: f64) -> f64 {
    let value = value.clamp(-700.0, 700.0);
    let whole = (value / LN_2).round();
    let rest = value - whole * LN_2;
    let (mut term, mut sum) = (1.0, 1.0);
    for step in 1..16 {
        term *= rest / f64::from(step);
        sum += term;
    }
    sum * power(whole as i64)
}

/// Gives the natural logarithm of a positive value.
pub fn ln(value: f64) -> f64 {
    let bits = value.max(f64::MIN_POSITIVE).to_bits();
    let exponent = ((bits >> 52) as i64) - 1023;
    let mantissa = f64::from_bits((bits & 0x000f_ffff_ffff_ffff) | 0x3ff0_0000_0000_0000);
    let (mantissa, exponent) = if mantissa > std::f64::consts::SQRT_2 {
        (mantissa / 2.0, exponent + 1)
    } else {
        (mantissa, exponent)
    };
    let ratio = (mantissa - 1.0) / (mantissa + 1.0);
    let (square, mut term, mut sum) = (ratio * ratio, ratio, 0.0);
    for step in 0..14 {
        sum += term / f64::from(2 * step + 1);
        term *= square;
    }
    2.0 * sum + exponent as f64 * LN_2
}

fn power(exponent: i64) -> f64 {
    f64::from_bits(((exponent + 1023).clamp(1, 2046) as u64) << 52)
}
