//! What an issue costs: customers lost, and money where the value of a customer is known, with their interval, every
//! assumption, what moves the result most, and what could be done.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use groundswell_insight::People;
use groundswell_insight::loss::{
    Assumption, Footing, Issue as Counted, Lever, Plan, Quantity, Range, Spread, capture_recapture, simulate,
    usual_levers,
};
use groundswell_model::{GapType, Timestamp};

use super::assumed::{Assumed, AssumptionRow, rows};

/// Draws of a simulation: the ends are right to a few per cent.
const DRAWS: usize = 4_000;

/// Seed of every simulation: the same counts and assumptions give the same figures.
const SEED: u64 = 1;

/// Quantities shown as those that move the result.
const MOVERS: usize = 3;

/// Decimal digits after the point of money and customers.
const CENTS: f64 = 10.0;

/// The customers with a value on record, and how many customers there are.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Worth {
    /// The currency that most values have; others are left out.
    pub currency: Option<String>,
    /// Mean value in that currency.
    pub mean: f64,
    /// Standard deviation of a value over the mean.
    pub spread: f64,
    /// Customers with a value.
    pub valued: u64,
    /// Mean number of years that a value covers.
    pub years: f64,
    /// Customers on record.
    pub customers: u64,
    /// When they bought, in order; those of whom it is not known come first.
    bought: Vec<Timestamp>,
    /// When those left who did, in order.
    left: Vec<Timestamp>,
}

/// What an issue costs. Ranges hold nine of ten draws; the point alone says nothing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AtRisk {
    /// Distinct people who said it.
    pub complainants: u64,
    /// Customers who have the problem, those who say nothing included.
    pub affected: Span,
    /// Customers lost because of it, beyond those who would leave anyway.
    pub customers_lost: Span,
    /// Money lost with them; absent where no customer has a value.
    pub revenue: Option<Span>,
    /// Currency of the money.
    pub currency: Option<String>,
    /// Years that the value of a customer covers.
    pub years: Option<f64>,
    /// Customers who never come because somebody told them.
    pub deterred: Span,
    /// What moves the result most, strongest first: measure this first.
    pub sensitivity: Vec<Mover>,
    /// What could be done, and how many customers that keeps.
    pub levers: Vec<LeverRow>,
    /// Everything it rests on.
    pub assumptions: Vec<AssumptionRow>,
    /// Name of the preset.
    pub preset: String,
    /// What has to be said beside figures of this preset.
    pub warning: Option<String>,
}

/// A figure with the span that holds nine of ten draws.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Span {
    /// Half of the draws lie below.
    pub median: f64,
    /// One of twenty lies below.
    pub low: f64,
    /// One of twenty lies above.
    pub high: f64,
}

/// A quantity that moves the result.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Mover {
    /// Its code.
    pub quantity: String,
    /// Rank correlation with the result, -1 to 1.
    pub correlation: f64,
}

/// Something that could be done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LeverRow {
    /// In words.
    pub what: String,
    /// Customers kept.
    pub kept: Span,
}

impl Worth {
    /// Takes the values of all customers on record.
    pub fn of(people: &People) -> Self {
        let mut by_currency: BTreeMap<&str, Vec<(f64, f64)>> = BTreeMap::new();
        let (mut bought, mut left) = (Vec::new(), Vec::new());
        for customer in people.customers() {
            bought.push(customer.clock.purchased_at.unwrap_or(Timestamp::from_millis(i64::MIN)));
            left.extend(customer.ended_at);
            let Some(value) = &customer.value else { continue };
            if let Some(amount) =
                value.amount.parse::<f64>().ok().filter(|amount| amount.is_finite() && *amount > 0.0)
            {
                by_currency.entry(&value.currency).or_default().push((amount, value.years));
            }
        }
        let most = by_currency.into_iter().max_by(|a, b| a.1.len().cmp(&b.1.len()).then(b.0.cmp(a.0)));
        bought.sort_unstable();
        left.sort_unstable();
        let on_record = Self { customers: bought.len() as u64, bought, left, ..Self::default() };
        let Some((currency, mut values)) = most else { return on_record };
        values.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
        let n = values.len() as f64;
        let mean = values.iter().map(|value| value.0).sum::<f64>() / n;
        let variance = values.iter().map(|value| (value.0 - mean).powi(2)).sum::<f64>() / n;
        Self {
            currency: Some(currency.to_owned()),
            mean,
            spread: variance.sqrt() / mean,
            valued: values.len() as u64,
            years: values.iter().map(|value| value.1).sum::<f64>() / n,
            ..on_record
        }
    }

    /// Customers on record who were customers at any time between two moments, both included.
    pub fn active(&self, from: Timestamp, until: Timestamp) -> u64 {
        let bought = self.bought.partition_point(|at| *at <= until);
        let left = self.left.partition_point(|at| *at < from);
        bought.saturating_sub(left) as u64
    }

    /// The mean value as something measured: it is as unsure as the mean of so many.
    fn assumption(&self) -> Assumption {
        let sigma = (self.spread / (self.valued as f64).sqrt()).clamp(0.01, 3.0);
        let source = format!("mean of the {} customers on record with a value", self.valued);
        Assumption {
            value: self.mean,
            spread: Spread::Amount { sigma },
            source: source.into(),
            footing: Footing::Measured,
        }
    }
}

/// How many known customers told of an issue by complaint, how many in surveys, and how many in both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lists {
    /// By complaint.
    pub complained: u64,
    /// In a survey.
    pub surveyed: u64,
    /// In both.
    pub both: u64,
}

/// Prices an issue of so many people; nothing where the assumptions contradict one another. Where enough customers are on
/// both lists and nobody has said otherwise, the share that complains is measured by capture and recapture.
pub fn price(gap: GapType, people: u64, worth: &Worth, assumed: &Assumed, lists: Lists) -> Option<AtRisk> {
    let mut assumptions = assumed.of(gap);
    if !assumed.has_set(Quantity::Articulation, gap)
        && let Ok(captured) = capture_recapture(lists.complained, lists.surveyed, lists.both)
        && let Some(measured) = captured.assumption()
    {
        assumptions.articulation = measured;
    }
    if assumptions.value.is_none() && worth.currency.is_some() {
        assumptions.value = Some(worth.assumption());
    }
    let base = Some(worth.customers).filter(|customers| *customers >= people);
    let counted = Counted { complainants: people, own_value: None, base };
    let levers = usual_levers(&assumptions);
    let plan = Plan { draws: DRAWS, seed: SEED, levers: &levers };
    let drawn = simulate(&counted, &assumptions, &plan).ok()?;
    let movers = drawn.sensitivity.iter().take(MOVERS).map(|mover| Mover {
        quantity: mover.quantity.to_string(),
        correlation: (mover.correlation * 100.0).round() / 100.0,
    });
    let kept = levers.iter().zip(&drawn.kept);
    let preset = assumed.preset();
    let changed = assumed.rows(gap).into_iter().filter(|row| row.changed).map(|row| row.quantity);
    let changed: Vec<String> = changed.collect();
    Some(AtRisk {
        complainants: people,
        affected: span(drawn.affected),
        customers_lost: span(drawn.customers),
        revenue: drawn.revenue.map(span),
        currency: drawn.revenue.and(worth.currency.clone()),
        years: drawn.revenue.and(worth.currency.as_ref().map(|_| worth.years)),
        deterred: span(drawn.deterred),
        sensitivity: movers.collect(),
        levers: kept.map(|(lever, kept)| LeverRow { what: words(*lever), kept: span(*kept) }).collect(),
        assumptions: rows(&assumptions, |quantity| changed.iter().any(|name| *name == quantity.to_string())),
        preset: preset.name().to_owned(),
        warning: preset.warning().map(str::to_owned),
    })
}

fn span(range: Range) -> Span {
    let round = |value: f64| (value * CENTS).round() / CENTS;
    Span { median: round(range.median), low: round(range.low), high: round(range.high) }
}

fn words(lever: Lever) -> String {
    let percent = |share: f64| format!("{:.0} %", 100.0 * share);
    match lever {
        Lever::Prevent { share } => format!("prevent {} of it", percent(share)),
        Lever::Hear { articulation } => {
            format!("make it easier to complain, so that {} do", percent(articulation))
        }
        Lever::Resolve { answers: [satisfied, ..] } => {
            format!("answer better, so that {} are satisfied", percent(satisfied))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use groundswell_model::Decision;

    fn worth() -> Worth {
        Worth {
            currency: Some("GBP".to_owned()),
            mean: 500.0,
            spread: 1.0,
            valued: 400,
            years: 3.0,
            customers: 5_000,
            ..Worth::default()
        }
    }

    fn set(quantity: &str, gap: Option<GapType>, value: f64) -> Decision {
        Decision::AssumptionSet {
            quantity: quantity.to_owned(),
            gap,
            value,
            weight: Some(200.0),
            measured: true,
            source: "a survey of ours".to_owned(),
        }
    }

    #[test]
    fn customers_count_from_their_purchase_until_they_leave() {
        let day = |day: i64| Timestamp::from_millis(day * 86_400_000);
        let worth = Worth {
            customers: 4,
            bought: vec![Timestamp::from_millis(i64::MIN), day(1), day(10), day(20)],
            left: vec![day(15)],
            ..Worth::default()
        };
        assert_eq!(worth.active(day(0), day(5)), 2, "one whose purchase is not known is one all along");
        assert_eq!(worth.active(day(12), day(14)), 3);
        assert_eq!((worth.active(day(15), day(19)), worth.active(day(16), day(30))), (3, 3));
        assert_eq!(Worth::default().active(day(0), day(9)), 0);
    }

    #[test]
    fn there_is_no_money_without_the_value_of_a_customer() {
        let priced =
            price(GapType::Timeliness, 200, &Worth::default(), &Assumed::default(), Lists::default())
                .unwrap();
        assert_eq!((priced.revenue, priced.currency), (None, None));
        assert!(priced.customers_lost.low > 0.0 && priced.customers_lost.low < priced.customers_lost.high);
        let priced =
            price(GapType::Timeliness, 200, &worth(), &Assumed::default(), Lists::default()).unwrap();
        let revenue = priced.revenue.unwrap();
        assert!(revenue.low < revenue.median && revenue.median < revenue.high);
        assert_eq!(priced.currency.as_deref(), Some("GBP"));
        assert!(priced.assumptions.iter().any(|row| row.quantity == "value" && row.footing == "measured"));
        assert_eq!(
            priced,
            price(GapType::Timeliness, 200, &worth(), &Assumed::default(), Lists::default()).unwrap()
        );
    }

    #[test]
    fn more_who_complain_mean_fewer_who_have_it() {
        let mut assumed = Assumed::default();
        let before = price(GapType::Timeliness, 200, &worth(), &assumed, Lists::default()).unwrap();
        assumed.take(&set("articulation", None, 0.8));
        let after = price(GapType::Timeliness, 200, &worth(), &assumed, Lists::default()).unwrap();
        assert!(after.affected.median < before.affected.median / 1.5, "{after:?}");
        let row = after.assumptions.iter().find(|row| row.quantity == "articulation").unwrap();
        assert!(row.changed && row.footing == "measured" && row.source == "a survey of ours");
        assumed.take(&set("articulation", Some(GapType::Timeliness), 0.1));
        assert_eq!(assumed.of(GapType::Timeliness).articulation.value, 0.1);
        assert_eq!(assumed.of(GapType::ValuePrice).articulation.value, 0.8);
        let reset =
            Decision::AssumptionReset { quantity: "articulation".to_owned(), gap: Some(GapType::Timeliness) };
        assumed.take(&reset);
        assert_eq!(assumed.of(GapType::Timeliness).articulation.value, 0.8);
    }

    #[test]
    fn two_lists_measure_the_share_that_complains() {
        let lists = Lists { complained: 60, surveyed: 50, both: 30 };
        let priced =
            |assumed: &Assumed, lists| price(GapType::Timeliness, 60, &worth(), assumed, lists).unwrap();
        let articulation = |priced: &AtRisk| {
            priced.assumptions.iter().find(|row| row.quantity == "articulation").unwrap().clone()
        };
        let found = articulation(&priced(&Assumed::default(), lists));
        assert!(found.footing == "measured" && (found.value - 0.6).abs() < 0.03, "{found:?}");
        let few = articulation(&priced(&Assumed::default(), Lists { both: 3, ..lists }));
        assert_eq!(few.footing, "assumed");
        let mut assumed = Assumed::default();
        assumed.take(&set("articulation", None, 0.8));
        assert_eq!(articulation(&priced(&assumed, lists)).value, 0.8, "a person's word holds");
    }

    #[test]
    fn the_slogan_warns() {
        let mut assumed = Assumed::default();
        assumed.take(&Decision::PresetChosen { preset: "TARP slogan".to_owned() });
        let priced = price(GapType::Timeliness, 200, &worth(), &assumed, Lists::default()).unwrap();
        assert!(priced.warning.is_some_and(|warning| warning.contains("two populations")));
    }

    #[test]
    fn decisions_that_say_nonsense_are_refused() {
        use super::super::assumed::fault;
        assert_eq!(fault(&set("articulation", None, 0.4)), None);
        assert_eq!(fault(&set("satisfied", None, 0.4)), None);
        for (decision, word) in [
            (set("articulation", None, 1.4), "value"),
            (set("articulation", None, f64::NAN), "value"),
            (set("value", None, -1.0), "value"),
            (set("complainants", None, 3.0), "quantity"),
            (set("luck", None, 0.5), "quantity"),
            (Decision::PresetChosen { preset: "none".to_owned() }, "preset"),
        ] {
            let told = fault(&decision).unwrap_or_else(|| panic!("{decision:?} is taken"));
            assert!(told.starts_with(word), "{told}");
        }
    }

    #[test]
    fn answers_that_do_not_add_up_price_nothing() {
        let mut assumed = Assumed::default();
        assumed.take(&set("satisfied", None, 0.9));
        assert_eq!(price(GapType::Timeliness, 10, &worth(), &assumed, Lists::default()), None);
    }
}
