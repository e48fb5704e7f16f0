//! Our figures beside those of the survey tool: the same answers, and the same number once it is rounded as the tool does.

use super::promoters::NpsCounts;

/// What the survey tool shows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reported {
    /// Responses that it counts.
    pub responses: u64,
    /// NPS that it shows, in points.
    pub nps: f64,
}

/// How a tool rounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Rounding {
    /// Not at all, or further than the last digit shown.
    None,
    /// NPS to a tenth of a point.
    Tenth,
    /// NPS to whole points.
    Whole,
    /// The shares of promoters and detractors to whole per cent first, NPS as their difference.
    Shares,
    /// NPS to whole points, cut towards zero.
    Cut,
}

/// Whether both agree.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Reconciled {
    /// The same answers, and the same number rounded so.
    Same(Rounding),
    /// We hold so many answers fewer than the tool (or more, if negative).
    Missing(i64),
    /// The same number of answers, but NPS differs by so many points: ours less theirs.
    Differs(f64),
    /// Neither has an answer.
    Nothing,
}

/// Compares our counts with what the tool shows. The number of responses is compared first: without the same answers the scores
/// need not agree.
pub fn reconcile(ours: &NpsCounts, theirs: &Reported) -> Reconciled {
    let n = ours.n();
    if n != theirs.responses {
        let wide = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
        return Reconciled::Missing(wide(theirs.responses).saturating_sub(wide(n)));
    }
    let Some(value) = ours.value() else { return Reconciled::Nothing };
    let share = |count: u64| (100.0 * count as f64 / n as f64).round();
    let rounded = [
        (Rounding::None, value),
        (Rounding::Tenth, (10.0 * value).round() / 10.0),
        (Rounding::Whole, value.round()),
        (Rounding::Shares, share(ours.promoters) - share(ours.detractors)),
        (Rounding::Cut, value.trunc()),
    ];
    let same = rounded.into_iter().find(|(_, rounded)| (rounded - theirs.nps).abs() < 1e-6);
    same.map_or(Reconciled::Differs(value - theirs.nps), |(rounding, _)| Reconciled::Same(rounding))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_agree_once_they_are_rounded_alike() {
        let ours = NpsCounts { promoters: 17, passives: 3, detractors: 9 };
        let told = |nps| reconcile(&ours, &Reported { responses: 29, nps });
        assert_eq!(told(100.0 * 8.0 / 29.0), Reconciled::Same(Rounding::None));
        assert_eq!(told(27.6), Reconciled::Same(Rounding::Tenth));
        assert_eq!(told(28.0), Reconciled::Same(Rounding::Whole));
        assert_eq!(told(27.0), Reconciled::Same(Rounding::Cut));
        let other = NpsCounts { promoters: 5, passives: 3, detractors: 1 };
        assert_eq!(
            reconcile(&other, &Reported { responses: 9, nps: 45.0 }),
            Reconciled::Same(Rounding::Shares)
        );
        assert!(matches!(told(31.0), Reconciled::Differs(by) if (by + 3.413_8).abs() < 1e-3));
    }

    #[test]
    fn missing_answers_are_told_first() {
        let ours = NpsCounts { promoters: 10, passives: 0, detractors: 0 };
        assert_eq!(reconcile(&ours, &Reported { responses: 12, nps: 100.0 }), Reconciled::Missing(2));
        assert_eq!(reconcile(&ours, &Reported { responses: 9, nps: 100.0 }), Reconciled::Missing(-1));
        assert_eq!(
            reconcile(&NpsCounts::default(), &Reported { responses: 0, nps: 0.0 }),
            Reconciled::Nothing
        );
    }
}
