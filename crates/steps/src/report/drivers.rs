//! What goes along with a bad score, and what becomes of newcomers: associations, never causes.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use groundswell_insight::drivers::{NpsCounts, nps_impact};
use groundswell_insight::hundred_days::{self, LastWord, Newcomer, Said};
use groundswell_insight::{Interval, Row, View, Window, is_nps_scale};
use groundswell_model::{Day, GapType, Kind, Metric, Phase, Zone};

/// What one sort of unmet expectation costs the NPS: answers that name it beside those that do not.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DriverRow {
    /// The gap type.
    pub gap: String,
    /// Answers that name it.
    pub n_with: u64,
    /// Answers that do not.
    pub n_without: u64,
    /// NPS of those that name it.
    pub with: f64,
    /// NPS of the others.
    pub without: f64,
    /// Points of NPS that go along with it: the share that names it times the difference.
    pub impact: f64,
    /// Lower end of the 95 % interval of the impact.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// Newcomers of one month of purchase.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CohortRow {
    /// The month, `YYYY-MM`.
    pub month: String,
    /// Customers who bought in it.
    pub customers: u64,
    /// Of them those whose hundred days are over.
    pub over: u64,
    /// Of those, who had left by then.
    pub lost: u64,
    /// Share lost in per cent; absent as long as nobody's hundred days are over.
    pub early_loss: Option<f64>,
    /// Lower end of its 95 % interval.
    pub low: Option<f64>,
    /// Upper end.
    pub high: Option<f64>,
}

/// What the lost said before they left, beside those who stayed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LastWordRow {
    /// The gap type.
    pub gap: String,
    /// Lost customers who had named it.
    pub lost: u64,
    /// Their share of the lost, in per cent.
    pub share: f64,
    /// Lower end of its 95 % interval.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// Share of those who stayed and had named it; absent where nobody stayed.
    pub share_stayed: Option<f64>,
}

/// Gives what goes along with a bad NPS, the costliest first; types with fewer than 30 answers on a side are left out.
pub(super) fn drivers(view: &View, window: &Window) -> Vec<DriverRow> {
    let mut answers: Vec<(f64, u16)> = Vec::new();
    for (_, row) in view.rows().filter(|(_, row)| window.holds(row) && row.kind != Kind::Employee) {
        answers.extend(nps_of(row).map(|value| (value, row.gaps)));
    }
    let counts = |names: &dyn Fn(u16) -> bool| {
        let mut counts = NpsCounts::default();
        for (value, _) in answers.iter().filter(|(_, gaps)| names(*gaps)) {
            match *value {
                value if value >= 9.0 => counts.promoters += 1,
                value if value <= 6.0 => counts.detractors += 1,
                _ => counts.passives += 1,
            }
        }
        counts
    };
    let mut rows: Vec<DriverRow> = GapType::ALL
        .iter()
        .enumerate()
        .filter_map(|(bit, gap)| {
            let names = |gaps: u16| gaps & (1 << bit) != 0;
            let (with, without) = (counts(&names), counts(&|gaps| !names(gaps)));
            let impact = nps_impact(&with, &without).ok()?;
            Some(DriverRow {
                gap: gap.to_string(),
                n_with: with.n(),
                n_without: without.n(),
                with: impact.with,
                without: impact.without,
                impact: impact.impact.value,
                low: impact.impact.low,
                high: impact.impact.high,
            })
        })
        .collect();
    rows.sort_by(|a, b| a.impact.total_cmp(&b.impact).then(a.gap.cmp(&b.gap)));
    rows
}

/// The NPS answers of a feedback.
pub(super) fn nps_of(row: &Row) -> impl Iterator<Item = f64> {
    let nps = row.answers.iter().filter(|answer| answer.metric == Metric::Nps && is_nps_scale(&answer.scale));
    nps.map(|answer| answer.value)
}

/// Gives newcomers by month of purchase as they stand on a day, and what the lost had said. Cohorts of fewer than five
/// customers are left out.
pub fn newcomers(view: &View, zone: &Zone, as_of: Day) -> (Vec<CohortRow>, Vec<LastWordRow>) {
    let mut newcomers = BTreeMap::new();
    for customer in view.people.customers() {
        let (Some(person), Some(purchased)) = (view.people.find(customer.key), customer.clock.purchased_at)
        else {
            continue;
        };
        let left = customer.ended_at.map(|at| zone.day(at));
        newcomers.entry(person).or_insert(Newcomer {
            customer: person,
            purchased: zone.day(purchased),
            left,
        });
    }
    let said: Vec<Said> = view
        .rows()
        .filter(|(seen, row)| !seen.unlinked && row.kind != Kind::Employee)
        .map(|(seen, row)| (view.people.canonical(seen.person), row))
        .filter(|(person, _)| newcomers.contains_key(person))
        .map(|(customer, row)| Said {
            customer,
            day: row.day,
            phase: phase(row),
            gaps: row.gap_types().collect(),
        })
        .collect();
    let newcomers: Vec<Newcomer> = newcomers.into_values().collect();
    let cohorts = hundred_days::cohorts(&newcomers, &said, as_of).into_iter().filter(|cohort| !cohort.small);
    let end = |interval: Option<Interval>, pick: fn(Interval) -> f64| interval.map(pick);
    let rows = cohorts.map(|cohort| CohortRow {
        month: cohort.month,
        customers: cohort.customers,
        over: cohort.over,
        lost: cohort.lost,
        early_loss: end(cohort.early_loss, |interval| interval.value),
        low: end(cohort.early_loss, |interval| interval.low),
        high: end(cohort.early_loss, |interval| interval.high),
    });
    let words = hundred_days::last_words(&newcomers, &said, as_of);
    (rows.collect(), words.gaps.iter().map(last_word).collect())
}

fn last_word(word: &LastWord) -> LastWordRow {
    LastWordRow {
        gap: word.gap.to_string(),
        lost: word.lost,
        share: word.share.value,
        low: word.share.low,
        high: word.share.high,
        share_stayed: word.share_stayed.map(|share| share.value),
    }
}

fn phase(row: &Row) -> Option<Phase> {
    Phase::ALL.get(usize::from(row.phase)).copied()
}
