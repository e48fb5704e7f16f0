//! How large a gap is: numbers of one dimension compared, else a level after Jin and Aletras (2021).

use groundswell_model::{GapType, Size};

use crate::numbers::{Dimension, Quantity, quantities};

/// Compares what was expected with what happened; nothing where they hold no numbers of one dimension.
pub(crate) fn compare(expected: &str, happened: &str) -> Option<Size> {
    let wanted = quantities(expected);
    if wanted.is_empty() {
        return None;
    }
    let got = quantities(happened);
    wanted
        .iter()
        .find_map(|wanted| {
            let got = got
                .iter()
                .find(|got| alike(wanted, got))
                .or_else(|| got.iter().find(|got| adopts(wanted, got)))?;
            measure(wanted, got, expected, happened)
        })
        .or_else(|| window(&wanted, &got))
}

/// Says whether two quantities measure the same thing; money of no named currency is like any.
pub(crate) fn alike(wanted: &Quantity, got: &Quantity) -> bool {
    match (wanted.dimension, got.dimension) {
        (Dimension::Money(one), Dimension::Money(other)) => one == other || one.is_none() || other.is_none(),
        (one, other) => one == other,
    }
}

/// A number without a unit takes the unit of the other side, where that is a time or money.
fn adopts(wanted: &Quantity, got: &Quantity) -> bool {
    matches!(
        (wanted.dimension, got.dimension),
        (Dimension::Bare, Dimension::Money(_)) | (Dimension::Money(_) | Dimension::Time, Dimension::Bare)
    )
}

fn measure(wanted: &Quantity, got: &Quantity, expected: &str, happened: &str) -> Option<Size> {
    if wanted.value <= 0.0 || wanted.dimension == Dimension::Clock {
        return None;
    }
    let actual = if wanted.dimension == Dimension::Time && got.dimension == Dimension::Bare {
        got.value * hours_of_unit(wanted.value)
    } else {
        got.value
    };
    let unit = match (wanted.dimension, got.dimension) {
        (Dimension::Time, _) => "hours",
        (Dimension::Money(Some(code)), _) | (_, Dimension::Money(Some(code))) => code,
        (Dimension::Money(None), _) => "money",
        _ if speaks_of_money(expected) || speaks_of_money(happened) => "money",
        _ => "pieces",
    };
    Some(Size {
        ratio: Some(round(actual / wanted.value)),
        delta: Some(round(actual - wanted.value)),
        unit: Some(unit.to_owned()),
        level: None,
    })
}

/// The unit that a number of hours was most likely said in.
fn hours_of_unit(hours: f64) -> f64 {
    [720.0, 168.0, 24.0, 1.0].into_iter().find(|unit| hours >= *unit && hours % unit == 0.0).unwrap_or(1.0)
}

/// A time of day against a window "between 8 and 12": hours after its end.
fn window(wanted: &[Quantity], got: &[Quantity]) -> Option<Size> {
    let clock = got.iter().find(|got| got.dimension == Dimension::Clock)?;
    let end = wanted
        .iter()
        .filter(|wanted| {
            matches!(wanted.dimension, Dimension::Bare | Dimension::Clock) && wanted.value <= 24.0
        })
        .map(|wanted| wanted.value)
        .reduce(f64::max)?;
    (clock.value != end).then(|| Size {
        ratio: None,
        delta: Some(round(clock.value - end)),
        unit: Some("hours".to_owned()),
        level: None,
    })
}

fn speaks_of_money(piece: &str) -> bool {
    ["quote", "invoice", "price", "bill", "charge", "cost", "pay", "paid", "fee"]
        .iter()
        .any(|word| piece.contains(word))
}

fn round(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}

/// Says whether a size means that the expectation was kept: no longer, no dearer, no fewer.
pub(crate) fn kept(size: &Size) -> Option<f64> {
    let ratio = size.ratio?;
    match size.unit.as_deref() {
        Some("pieces") => (ratio >= 1.0).then_some(if ratio > 1.0 { 2.0 } else { 1.0 }),
        _ => (ratio <= 1.0).then_some(if ratio < 1.0 { 2.0 } else { 1.0 }),
    }
}

/// Gives the level of a gap without numbers: 1 no reproach, 2 disapproval, 3 accusation, 4 blame.
pub(crate) fn level(negative: f32, accuses: bool, blames: bool) -> Size {
    let level = match (blames, accuses) {
        (true, _) => 4,
        (_, true) => 3,
        _ if negative <= -1.8 => 2,
        _ => 1,
    };
    Size { ratio: None, delta: None, unit: None, level: Some(level) }
}

/// Gives the gap type that the numbers alone suggest: later, fewer, dearer.
pub(crate) fn gap_of(size: &Size) -> Option<GapType> {
    let delta = size.delta?;
    match size.unit.as_deref()? {
        "hours" if delta > 0.0 => Some(GapType::Timeliness),
        "pieces" if delta < 0.0 => Some(GapType::Completeness),
        "hours" | "pieces" => None,
        _ => Some(GapType::AccuracyBilling),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_suggest_a_gap_type() {
        let gap = |expected, happened| compare(expected, happened).as_ref().and_then(gap_of);
        assert_eq!(gap("promised two days", "it took nine"), Some(GapType::Timeliness));
        assert_eq!(gap("six glasses", "i got four"), Some(GapType::Completeness));
        assert_eq!(gap("quoted 49", "the invoice says 61"), Some(GapType::AccuracyBilling));
        assert_eq!(gap("six glasses", "i got eight"), None);
    }

    #[test]
    fn the_vectors_of_the_method_hold() {
        let days = compare("promised two days", "it took nine").unwrap();
        assert_eq!((days.ratio, days.delta, days.unit.as_deref()), (Some(4.5), Some(168.0), Some("hours")));
        let money = compare("quoted 49 a month", "the invoice says 61").unwrap();
        assert_eq!(
            (money.ratio, money.delta, money.unit.as_deref()),
            (Some(1.245), Some(12.0), Some("money"))
        );
        let pieces = compare("should have contained six glasses", "i got four").unwrap();
        assert_eq!(
            (pieces.ratio, pieces.delta, pieces.unit.as_deref()),
            (Some(0.667), Some(-2.0), Some("pieces"))
        );
        let refund = compare("supposed to take five working days", "it has been a month").unwrap();
        assert_eq!(refund.ratio, Some(6.0));
        let window =
            compare("expected the engineer between 8 and 12", "he arrived at half past four").unwrap();
        assert_eq!((window.ratio, window.delta), (None, Some(4.5)));
    }

    #[test]
    fn unlike_dimensions_are_not_compared() {
        assert_eq!(compare("two days", "61 euros"), None);
        assert_eq!(compare("a sea view", "the car park"), None);
    }

    #[test]
    fn what_was_kept_is_no_gap() {
        assert_eq!(compare("promised two days", "it took two days").as_ref().and_then(kept), Some(1.0));
        assert_eq!(compare("promised two days", "it took one day").as_ref().and_then(kept), Some(2.0));
        assert_eq!(compare("promised two days", "it took nine").as_ref().and_then(kept), None);
    }

    #[test]
    fn levels_rise_with_the_reproach() {
        assert_eq!(level(0.0, false, false).level, Some(1));
        assert_eq!(level(-2.0, false, false).level, Some(2));
        assert_eq!(level(-1.0, true, false).level, Some(3));
        assert_eq!(level(-2.0, true, true).level, Some(4));
    }
}
