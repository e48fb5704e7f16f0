//! The interval of a loss: every assumption is drawn from what it may be, many times, from a seed that comes in.

use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;
use rand_distr::{Beta, Distribution, Gamma, LogNormal};

use super::assumptions::{Assumption, Assumptions, Quantity, Spread};
use super::error::LossError;
use super::formula::{Issue, Loss, Terms};
use super::levers::Lever;

/// How a loss is simulated.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Plan<'a> {
    /// Number of draws; 10,000 give ends that are right to a few per cent.
    pub draws: usize,
    /// The same seed gives the same figures.
    pub seed: u64,
    /// What else to price, from the same draws.
    pub levers: &'a [Lever],
}

impl Default for Plan<'_> {
    fn default() -> Self {
        Self { draws: 10_000, seed: 1, levers: &[] }
    }
}

/// What a figure may be.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Range {
    /// Mean of the draws; far above the median where few complain, so not to be shown alone.
    pub mean: f64,
    /// Half of the draws lie below.
    pub median: f64,
    /// One draw in twenty lies below.
    pub low: f64,
    /// One draw in twenty lies above.
    pub high: f64,
}

/// How much a quantity moves the result: what to measure first.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sensitivity {
    /// Which quantity.
    pub quantity: Quantity,
    /// Spearman's rank correlation with the result, -1 to 1.
    pub correlation: f64,
}

/// A loss with its interval.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Simulation {
    /// Customers with the problem.
    pub affected: Range,
    /// Customers lost.
    pub customers: Range,
    /// Revenue at risk, where the value of a customer is given.
    pub revenue: Option<Range>,
    /// Customers who never come because somebody told them.
    pub deterred: Range,
    /// What those would have brought.
    pub deterred_revenue: Option<Range>,
    /// What moves the revenue at risk, or the customers lost where there is no revenue; the strongest first.
    pub sensitivity: Vec<Sensitivity>,
    /// Customers kept by each lever of the plan, in its order.
    pub kept: Vec<Range>,
}

/// Draws what an issue may cost. Complainants are Gamma(count + 0.5, 1), shares beta, amounts lognormal; a plan without
/// draws gives zeros.
///
/// # Errors
/// As [`Assumptions::check`].
pub fn simulate(issue: &Issue, assumptions: &Assumptions, plan: &Plan<'_>) -> Result<Simulation, LossError> {
    assumptions.check()?;
    let mut draws = Draws::new(plan);
    let mut random = ChaCha8Rng::seed_from_u64(plan.seed);
    let sources = Sources::new(issue, assumptions);
    for _ in 0..plan.draws {
        let (terms, scale) = sources.draw(&mut random);
        let own_value = issue.own_value.map(|own| own * scale);
        draws.push(&Issue { own_value, ..*issue }, &terms, plan.levers);
    }
    Ok(draws.summary(assumptions))
}

/// One quantity to draw from.
enum Source {
    Exact(f64),
    Share(Beta<f64>),
    Amount(LogNormal<f64>),
    Count(Gamma<f64>),
}

impl Source {
    /// What cannot be drawn from, such as a share of exactly 0 or 1, stands as it is.
    fn of(assumption: &Assumption) -> Self {
        let value = assumption.value;
        let source = match assumption.spread {
            Spread::Exact => None,
            Spread::Share { weight } => {
                Beta::new(value * weight, (1.0 - value) * weight).ok().map(Self::Share)
            }
            Spread::Amount { sigma } if value > 0.0 => {
                LogNormal::new(value.ln() - sigma * sigma / 2.0, sigma).ok().map(Self::Amount)
            }
            Spread::Amount { .. } => None,
        };
        source.unwrap_or(Self::Exact(value))
    }

    fn draw(&self, random: &mut ChaCha8Rng) -> f64 {
        match self {
            Self::Exact(value) => *value,
            Self::Share(share) => share.sample(random),
            Self::Amount(amount) => amount.sample(random),
            Self::Count(count) => count.sample(random),
        }
    }
}

/// Every quantity to draw from, always drawn in the same order.
struct Sources {
    complainants: Source,
    articulation: Source,
    answers: [Source; 3],
    stays: Source,
    stays_silent: Source,
    stays_answered: [Source; 3],
    value: Option<(Source, f64)>,
    new_value: Option<Source>,
    told_silent: Source,
    told_answered: [Source; 3],
    deterred: Source,
}

impl Sources {
    fn new(issue: &Issue, a: &Assumptions) -> Self {
        let count = issue.complainants as f64;
        Self {
            complainants: Gamma::new(count + 0.5, 1.0).map_or(Source::Exact(count), Source::Count),
            articulation: Source::of(&a.articulation),
            answers: [&a.satisfied, &a.mollified, &a.dissatisfied].map(Source::of),
            stays: Source::of(&a.stays_unaffected),
            stays_silent: Source::of(&a.stays_silent),
            stays_answered: [&a.stays_satisfied, &a.stays_mollified, &a.stays_dissatisfied].map(Source::of),
            value: a.value.as_ref().map(|value| (Source::of(value), value.value)),
            new_value: a.new_value.as_ref().map(Source::of),
            told_silent: Source::of(&a.told_silent),
            told_answered: [&a.told_satisfied, &a.told_mollified, &a.told_dissatisfied].map(Source::of),
            deterred: Source::of(&a.deterred),
        }
    }

    /// Draws every quantity once. Also gives by how much the drawn value of a customer differs from the assumed one, as a
    /// factor.
    fn draw(&self, random: &mut ChaCha8Rng) -> (Terms, f64) {
        let value = self.value.as_ref().map(|(source, mean)| (source.draw(random), *mean));
        let scale = value.map_or(1.0, |(value, mean)| if mean > 0.0 { value / mean } else { 1.0 });
        let value = value.map(|(value, _)| value);
        let terms = Terms {
            complainants: self.complainants.draw(random),
            articulation: self.articulation.draw(random),
            answers: shares(draw_each(&self.answers, random)),
            stays: self.stays.draw(random),
            stays_silent: self.stays_silent.draw(random),
            stays_answered: draw_each(&self.stays_answered, random),
            value,
            new_value: self.new_value.as_ref().map(|source| source.draw(random)).or(value),
            told_silent: self.told_silent.draw(random),
            told_answered: draw_each(&self.told_answered, random),
            deterred: self.deterred.draw(random),
        };
        (terms, scale)
    }
}

fn draw_each(sources: &[Source; 3], random: &mut ChaCha8Rng) -> [f64; 3] {
    sources.each_ref().map(|source| source.draw(random))
}

/// Makes three drawn shares add up to one.
fn shares(drawn: [f64; 3]) -> [f64; 3] {
    let sum: f64 = drawn.iter().sum();
    if sum > 0.0 { drawn.map(|share| share / sum) } else { drawn }
}

type Read = fn(&Terms) -> f64;

/// Quantities that can move a result, and how to read them off the terms.
const MOVING: [(Quantity, Read); 10] = [
    (Quantity::Complainants, |terms| terms.complainants),
    (Quantity::Articulation, |terms| terms.articulation),
    (Quantity::StaysUnaffected, |terms| terms.stays),
    (Quantity::StaysSilent, |terms| terms.stays_silent),
    (Quantity::StaysSatisfied, |terms| terms.stays_answered[0]),
    (Quantity::StaysMollified, |terms| terms.stays_answered[1]),
    (Quantity::StaysDissatisfied, |terms| terms.stays_answered[2]),
    (Quantity::Satisfied, |terms| terms.answers[0]),
    (Quantity::Dissatisfied, |terms| terms.answers[2]),
    (Quantity::Value, |terms| terms.value.unwrap_or(0.0)),
];

/// Everything drawn, by column.
struct Draws {
    losses: Vec<Loss>,
    moving: [Vec<f64>; MOVING.len()],
    kept: Vec<Vec<f64>>,
}

impl Draws {
    fn new(plan: &Plan<'_>) -> Self {
        Self {
            losses: Vec::with_capacity(plan.draws),
            moving: std::array::from_fn(|_| Vec::with_capacity(plan.draws)),
            kept: vec![Vec::with_capacity(plan.draws); plan.levers.len()],
        }
    }

    fn push(&mut self, issue: &Issue, terms: &Terms, levers: &[Lever]) {
        let loss = terms.loss(issue, terms.affected(issue));
        self.losses.push(loss);
        for (column, (_, read)) in self.moving.iter_mut().zip(MOVING) {
            column.push(read(terms));
        }
        for (column, lever) in self.kept.iter_mut().zip(levers) {
            column.push(loss.customers - lever.pulled(issue, terms).customers);
        }
    }

    fn summary(self, assumptions: &Assumptions) -> Simulation {
        let of = |read: fn(&Loss) -> f64| range(self.losses.iter().map(read).collect());
        let valued = assumptions.value.is_some();
        let newly_valued = valued || assumptions.new_value.is_some();
        let result =
            self.losses.iter().map(|loss| loss.revenue.unwrap_or(loss.customers)).collect::<Vec<_>>();
        Simulation {
            affected: of(|loss| loss.affected),
            customers: of(|loss| loss.customers),
            revenue: valued.then(|| of(|loss| loss.revenue.unwrap_or(0.0))),
            deterred: of(|loss| loss.deterred),
            deterred_revenue: newly_valued.then(|| of(|loss| loss.deterred_revenue.unwrap_or(0.0))),
            sensitivity: sensitivity(&self.moving, &result),
            kept: self.kept.into_iter().map(range).collect(),
        }
    }
}

fn range(mut values: Vec<f64>) -> Range {
    let n = values.len();
    if n == 0 {
        return Range::default();
    }
    values.sort_by(f64::total_cmp);
    let at = |share: f64| {
        let place = share * (n - 1) as f64;
        let value = |place: f64| values.get(place as usize).copied().unwrap_or(0.0);
        let (below, above) = (value(place.floor()), value(place.ceil()));
        below + (above - below) * place.fract()
    };
    let mean = values.iter().sum::<f64>() / n as f64;
    Range { mean, median: at(0.5), low: at(0.05), high: at(0.95) }
}

/// Gives the rank correlation of every quantity that varies with the result, the strongest first.
fn sensitivity(moving: &[Vec<f64>], result: &[f64]) -> Vec<Sensitivity> {
    let wanted = ranks(result);
    let mut found: Vec<_> = moving
        .iter()
        .zip(MOVING)
        .filter(|(column, _)| column.windows(2).any(|pair| pair.first() != pair.last()))
        .map(|(column, (quantity, _))| Sensitivity {
            quantity,
            correlation: pearson(&ranks(column), &wanted),
        })
        .collect();
    found.sort_by(|a, b| b.correlation.abs().total_cmp(&a.correlation.abs()));
    found
}

/// Gives each value's place in order of size; equal values share the mean of their places.
fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<(f64, usize)> = values.iter().copied().zip(0..).collect();
    order.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut ranks = vec![0.0; values.len()];
    let mut first = 0;
    for tied in order.chunk_by(|a, b| a.0 == b.0) {
        let rank = first as f64 + (tied.len() - 1) as f64 / 2.0;
        for (_, number) in tied {
            if let Some(place) = ranks.get_mut(*number) {
                *place = rank;
            }
        }
        first += tied.len();
    }
    ranks
}

fn pearson(x: &[f64], y: &[f64]) -> f64 {
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let (mx, my) = (mean(x), mean(y));
    let (mut xy, mut xx, mut yy) = (0.0, 0.0, 0.0);
    for (x, y) in x.iter().zip(y) {
        xy += (x - mx) * (y - my);
        xx += (x - mx).powi(2);
        yy += (y - my).powi(2);
    }
    if xx > 0.0 && yy > 0.0 { xy / (xx * yy).sqrt() } else { 0.0 }
}
