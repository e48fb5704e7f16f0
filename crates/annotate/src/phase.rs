//! Coleman's eight phases of the first hundred days, told from the customer's own clock.

use groundswell_model::journey::PhaseWindow;
use groundswell_model::{Clock, Phase, Timestamp};

const DAY_MS: i64 = 86_400_000;

/// Gives the phase at a moment: Advocate on evidence, else the one row whose window holds the day. Days are counted in UTC.
/// Without a purchase or a first use there is no answer.
///
/// Order and names after Coleman, "Never Lose a Customer Again"; the windows are the journey map's.
pub fn phase(clock: &Clock, at: Timestamp, advocate: bool, windows: &[PhaseWindow]) -> Option<Phase> {
    if advocate {
        return Some(Phase::Advocate);
    }
    let today = day(at);
    let until = |phase: Phase, default: i64| {
        windows
            .iter()
            .find(|window| window.code == phase)
            .and_then(|window| window.until_day)
            .map_or(default, i64::from)
    };
    let bought = clock.purchased_at.map(day);
    if bought.is_some_and(|bought| today < bought) {
        return Some(Phase::Assess);
    }
    let first_use = match (clock.activated_at.map(day), bought) {
        (Some(first_use), _) => first_use,
        (None, Some(bought)) => bought + until(Phase::Affirm, 14) + 1,
        (None, None) => return None,
    };
    if today < first_use {
        let admitted = bought.is_some_and(|bought| today <= bought + until(Phase::Admit, 0));
        return Some(if admitted { Phase::Admit } else { Phase::Affirm });
    }
    if clock.goal_at.map(day).is_some_and(|goal| today > goal) {
        return Some(Phase::Adopt);
    }
    let used = today - first_use;
    Some(if used <= until(Phase::Activate, 1) {
        Phase::Activate
    } else if used <= until(Phase::Acclimate, 30) {
        Phase::Acclimate
    } else if clock.goal_at.is_some() || used <= until(Phase::Accomplish, 60) {
        Phase::Accomplish
    } else {
        Phase::Adopt
    })
}

/// Gives the number of a moment's day since 1970-01-01, in UTC.
pub(crate) fn day(at: Timestamp) -> i64 {
    at.millis().div_euclid(DAY_MS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use groundswell_model::JourneyMap;

    fn at(text: &str) -> Timestamp {
        format!("{text}T12:00:00Z").parse().unwrap()
    }

    fn clock() -> Clock {
        Clock {
            purchased_at: Some(at("2026-03-01")),
            activated_at: Some(at("2026-03-09")),
            ..Clock::default()
        }
    }

    fn told(clock: &Clock, day: &str) -> Option<Phase> {
        phase(clock, at(day), false, &JourneyMap::shipped().unwrap().phases)
    }

    #[test]
    fn the_vector_of_the_method_holds() {
        for (day, expected) in [
            ("2026-02-20", Phase::Assess),
            ("2026-03-01", Phase::Admit),
            ("2026-03-05", Phase::Affirm),
            ("2026-03-09", Phase::Activate),
            ("2026-03-25", Phase::Acclimate),
            ("2026-04-20", Phase::Accomplish),
            ("2026-06-20", Phase::Adopt),
        ] {
            assert_eq!(told(&clock(), day), Some(expected), "{day}");
        }
        assert_eq!(phase(&clock(), at("2026-06-20"), true, &[]), Some(Phase::Advocate));
    }

    #[test]
    fn a_goal_ends_accomplish_and_no_clock_gives_no_phase() {
        let reached = Clock { goal_at: Some(at("2026-04-01")), ..clock() };
        assert_eq!(told(&reached, "2026-04-20"), Some(Phase::Adopt));
        let later = Clock { goal_at: Some(at("2026-09-01")), ..clock() };
        assert_eq!(told(&later, "2026-06-20"), Some(Phase::Accomplish));
        assert_eq!(told(&Clock::default(), "2026-06-20"), None);
    }

    #[test]
    fn without_a_first_use_affirm_ends_at_its_cap() {
        let unused = Clock { purchased_at: Some(at("2026-03-01")), ..Clock::default() };
        assert_eq!(told(&unused, "2026-03-15"), Some(Phase::Affirm));
        assert_eq!(told(&unused, "2026-03-16"), Some(Phase::Activate));
    }
}
