//! The first hundred days: cohorts by month of purchase, what they missed in each phase, how many left early, and what those had
//! said before. Customers count, however often they spoke; a cohort counts only as far as its hundred days are over.

use std::collections::{BTreeMap, BTreeSet};

use groundswell_model::{Day, GapType, Phase};

use crate::closed_loop::{Curve, Span, survival};
use crate::matrix::SMALL_GROUP;
use crate::scores::{Interval, wilson};

/// Whoever leaves within so many days of the purchase is lost early.
pub const EARLY_DAYS: i32 = 100;

const HOURS_A_DAY: f64 = 24.0;

/// One customer, by the dates that the company knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Newcomer {
    /// A number that stands for the customer in what is [`Said`].
    pub customer: u32,
    /// The day of the purchase.
    pub purchased: Day,
    /// The day the customer left.
    pub left: Option<Day>,
}

/// One feedback of a customer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// Who said it.
    pub customer: u32,
    /// The day.
    pub day: Day,
    /// The phase the customer was in.
    pub phase: Option<Phase>,
    /// Unmet expectations, by type.
    pub gaps: Vec<GapType>,
}

/// The customers of one month of purchase.
#[derive(Clone, Debug, PartialEq)]
pub struct Cohort {
    /// The month, such as `2026-03`.
    pub month: String,
    /// Customers who bought in it.
    pub customers: u64,
    /// Of those, whose hundred days are over.
    pub over: u64,
    /// Of those, who left within them.
    pub lost: u64,
    /// Early-loss share in per cent, with Wilson's interval: the lost, of those whose hundred days are over. None as long as
    /// nobody's are.
    pub early_loss: Option<Interval>,
    /// How the share that stays falls, in hours since the purchase (Kaplan and Meier); those whose days are not over count as far
    /// as they go.
    pub staying: Curve,
    /// What was missed in each phase; phases in which nobody spoke are absent.
    pub phases: BTreeMap<Phase, PhaseCount>,
    /// Whether so few people stand behind the cohort that no single one may be described.
    pub small: bool,
}

/// What the customers of a cohort said in one phase, within the hundred days.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PhaseCount {
    /// Customers who spoke.
    pub customers: u64,
    /// Customers with an unmet expectation, by type.
    pub gaps: BTreeMap<GapType, u64>,
}

/// What the lost said before they left, beside what the others said in the same days.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LastWords {
    /// Customers lost early.
    pub lost: u64,
    /// Of those, who had said anything since the purchase.
    pub spoke: u64,
    /// Customers who were still there after their hundred days.
    pub stayed: u64,
    /// By gap type, the most frequent among the lost first.
    pub gaps: Vec<LastWord>,
}

/// One gap type among the last words.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LastWord {
    /// The gap type.
    pub gap: GapType,
    /// Lost customers who had named it.
    pub lost: u64,
    /// Their share of the lost, in per cent, with Wilson's interval.
    pub share: Interval,
    /// Customers who stayed and had named it within their hundred days.
    pub stayed: u64,
    /// Their share of those who stayed; none where nobody did.
    pub share_stayed: Option<Interval>,
}

/// What became of a newcomer by some day.
#[derive(Clone, Copy, PartialEq)]
enum Fate {
    /// The hundred days are not over.
    Open,
    Lost,
    Stayed,
}

impl Newcomer {
    /// Days from the purchase to the end; who left before the purchase left on its day.
    fn tenure(&self, as_of: Day) -> Option<i32> {
        let left = self.left.filter(|left| *left <= as_of)?;
        Some(left.number().saturating_sub(self.purchased.number()).max(0))
    }

    fn age(&self, as_of: Day) -> i32 {
        as_of.number().saturating_sub(self.purchased.number())
    }

    fn fate(&self, as_of: Day) -> Fate {
        match self.tenure(as_of) {
            _ if self.age(as_of) <= EARLY_DAYS => Fate::Open,
            Some(tenure) if tenure <= EARLY_DAYS => Fate::Lost,
            _ => Fate::Stayed,
        }
    }

    /// Whether a day lies within the hundred days and before the customer left.
    fn within(&self, day: Day, as_of: Day) -> bool {
        let age = self.age(day);
        day <= as_of && (0..=EARLY_DAYS).contains(&age) && self.left.is_none_or(|left| day <= left)
    }

    fn span(&self, as_of: Day) -> Span {
        let tenure = self.tenure(as_of);
        let days = tenure.unwrap_or(self.age(as_of));
        Span { hours: f64::from(days) * HOURS_A_DAY, ended: tenure.is_some() }
    }
}

/// Gives the cohorts, by month of purchase, as they stand on a day. Purchases after that day do not count; of several records of one
/// customer the first holds.
pub fn cohorts(newcomers: &[Newcomer], said: &[Said], as_of: Day) -> Vec<Cohort> {
    let newcomers = known(newcomers, as_of);
    let mut months: BTreeMap<String, Vec<Newcomer>> = BTreeMap::new();
    for newcomer in newcomers.values() {
        let month = newcomer.purchased.to_string().chars().take(7).collect();
        months.entry(month).or_default().push(*newcomer);
    }
    let by_customer = by_customer(said);
    months.into_iter().map(|(month, members)| cohort(month, &members, &by_customer, as_of)).collect()
}

fn cohort(month: String, members: &[Newcomer], said: &BTreeMap<u32, Vec<&Said>>, as_of: Day) -> Cohort {
    let fates = || members.iter().map(|newcomer| newcomer.fate(as_of));
    let over = fates().filter(|fate| *fate != Fate::Open).count() as u64;
    let lost = fates().filter(|fate| *fate == Fate::Lost).count() as u64;
    let mut phases: BTreeMap<Phase, PhaseCount> = BTreeMap::new();
    for newcomer in members {
        let of = said.get(&newcomer.customer).map_or(&[][..], Vec::as_slice);
        let within = of.iter().filter(|said| newcomer.within(said.day, as_of));
        let mut gaps: BTreeMap<Phase, BTreeSet<GapType>> = BTreeMap::new();
        for said in within {
            if let Some(phase) = said.phase {
                gaps.entry(phase).or_default().extend(&said.gaps);
            }
        }
        for (phase, gaps) in gaps {
            let count = phases.entry(phase).or_default();
            count.customers += 1;
            gaps.into_iter().for_each(|gap| *count.gaps.entry(gap).or_default() += 1);
        }
    }
    let spans: Vec<Span> = members.iter().map(|newcomer| newcomer.span(as_of)).collect();
    Cohort {
        month,
        customers: members.len() as u64,
        over,
        lost,
        early_loss: (over > 0).then(|| wilson(lost, over)),
        staying: survival(&spans),
        phases,
        small: (members.len() as u64) < SMALL_GROUP,
    }
}

/// Gives what those who left early had said between the purchase and the day they left, beside what those who stayed said within their
/// hundred days.
pub fn last_words(newcomers: &[Newcomer], said: &[Said], as_of: Day) -> LastWords {
    let said = by_customer(said);
    let mut words = LastWords::default();
    let mut gaps: BTreeMap<GapType, (u64, u64)> = BTreeMap::new();
    for newcomer in known(newcomers, as_of).values() {
        let fate = newcomer.fate(as_of);
        let of = said.get(&newcomer.customer).map_or(&[][..], Vec::as_slice);
        let within: Vec<_> = of.iter().filter(|said| newcomer.within(said.day, as_of)).collect();
        let lost = match fate {
            Fate::Open => continue,
            Fate::Lost => true,
            Fate::Stayed => false,
        };
        words.lost += u64::from(lost);
        words.stayed += u64::from(!lost);
        words.spoke += u64::from(lost && !within.is_empty());
        for gap in within.iter().flat_map(|said| said.gaps.iter().copied()).collect::<BTreeSet<_>>() {
            let counts = gaps.entry(gap).or_default();
            if lost { counts.0 += 1 } else { counts.1 += 1 }
        }
    }
    let word = |(gap, (lost, stayed)): (GapType, (u64, u64))| LastWord {
        gap,
        lost,
        share: wilson(lost, words.lost),
        stayed,
        share_stayed: (words.stayed > 0).then(|| wilson(stayed, words.stayed)),
    };
    words.gaps = gaps.into_iter().filter(|(_, (lost, _))| *lost > 0).map(word).collect();
    words.gaps.sort_by_key(|word| (std::cmp::Reverse(word.lost), word.gap));
    words
}

fn known(newcomers: &[Newcomer], as_of: Day) -> BTreeMap<u32, Newcomer> {
    let mut known = BTreeMap::new();
    for newcomer in newcomers.iter().filter(|newcomer| newcomer.purchased <= as_of) {
        known.entry(newcomer.customer).or_insert(*newcomer);
    }
    known
}

fn by_customer(said: &[Said]) -> BTreeMap<u32, Vec<&Said>> {
    let mut by_customer: BTreeMap<u32, Vec<&Said>> = BTreeMap::new();
    for said in said {
        by_customer.entry(said.customer).or_default().push(said);
    }
    by_customer
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    fn newcomer(customer: u32, purchased: &str, stayed: Option<i32>) -> Newcomer {
        let purchased = day(purchased);
        Newcomer { customer, purchased, left: stayed.map(|days| purchased.plus(days)) }
    }

    fn said(customer: u32, on: &str, phase: Phase, gaps: &[GapType]) -> Said {
        Said { customer, day: day(on), phase: Some(phase), gaps: gaps.to_vec() }
    }

    /// Twenty buy in March, of whom eight leave within the hundred days; three in June.
    fn newcomers() -> Vec<Newcomer> {
        let march = (0..20_u32).map(|customer| {
            let stayed = match customer {
                0..8 => Some(20 + 10 * customer.cast_signed()),
                8 => Some(101),
                _ => None,
            };
            newcomer(customer, "2026-03-01", stayed)
        });
        march.chain((20..23).map(|customer| newcomer(customer, "2026-06-15", None))).collect()
    }

    #[test]
    fn a_cohort_counts_who_left_within_a_hundred_days() {
        let found = cohorts(&newcomers(), &[], day("2026-07-01"));
        let [march, june] = found.as_slice() else { panic!("two months") };
        assert_eq!((march.month.as_str(), march.customers, march.over, march.lost), ("2026-03", 20, 20, 8));
        let share = march.early_loss.unwrap();
        assert!((share.low - 21.88).abs() < 0.01 && (share.high - 61.34).abs() < 0.01, "{share:?}");
        assert!((march.staying.open_at(100.0 * 24.0) - 0.6).abs() < 1e-12);
        assert_eq!((june.customers, june.over, june.early_loss, june.small), (3, 0, None, true));
        assert!(!march.small);
    }

    #[test]
    fn an_open_cohort_shows_how_far_it_goes() {
        let found = cohorts(&newcomers(), &[], day("2026-04-10"));
        let march = &found[0];
        assert_eq!((march.over, march.early_loss), (0, None));
        assert!((march.staying.open_at(960.0) - 17.0 / 20.0).abs() < 1e-12);
        assert_eq!(found.len(), 1, "June has not come");
    }

    #[test]
    fn phases_count_customers_once() {
        let gaps = [GapType::Timeliness];
        let said = [
            said(1, "2026-03-05", Phase::Affirm, &gaps),
            said(1, "2026-03-06", Phase::Affirm, &gaps),
            said(2, "2026-03-05", Phase::Affirm, &[]),
            said(2, "2026-02-01", Phase::Assess, &gaps),
            said(9, "2026-06-20", Phase::Adopt, &gaps),
            said(99, "2026-03-05", Phase::Affirm, &gaps),
        ];
        let found = cohorts(&newcomers(), &said, day("2026-07-01"));
        let affirm = &found[0].phases[&Phase::Affirm];
        assert_eq!((affirm.customers, affirm.gaps[&GapType::Timeliness]), (2, 1));
        assert_eq!(found[0].phases.len(), 1, "before the purchase and after a hundred days do not count");
    }

    #[test]
    fn the_lost_are_heard_before_they_left() {
        let late = [GapType::Timeliness];
        let rude = [GapType::CourtesyEmpathy, GapType::Timeliness];
        let said = [
            said(0, "2026-03-10", Phase::Activate, &late),
            said(0, "2026-04-20", Phase::Acclimate, &rude),
            said(1, "2026-03-10", Phase::Activate, &late),
            said(2, "2026-03-10", Phase::Activate, &rude),
            said(12, "2026-03-10", Phase::Activate, &late),
        ];
        let found = last_words(&newcomers(), &said, day("2026-07-01"));
        assert_eq!((found.lost, found.spoke, found.stayed), (8, 3, 12));
        let [first, second] = found.gaps.as_slice() else { panic!("two gap types") };
        assert_eq!((first.gap, first.lost, first.stayed), (GapType::Timeliness, 3, 1));
        assert_eq!(
            (second.gap, second.lost),
            (GapType::CourtesyEmpathy, 1),
            "not what was said after leaving"
        );
        assert_eq!(first.share.value, 37.5);
    }

    #[test]
    fn nobody_and_odd_dates_give_an_answer() {
        assert!(cohorts(&[], &[], day("2026-07-01")).is_empty());
        assert_eq!(last_words(&[], &[], day("2026-07-01")), LastWords::default());
        let before = newcomer(1, "2026-03-01", Some(-5));
        let twice = newcomer(1, "2026-03-01", None);
        let found = cohorts(&[before, twice], &[], day("2026-07-01"));
        assert_eq!((found[0].customers, found[0].lost), (1, 1));
    }
}
