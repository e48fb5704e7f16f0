//! The closed loop: how long customers wait for an answer and for a solution, whether it holds, and whether they come back.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use groundswell_insight::closed_loop::{Case, ClosedLoop, Curve, Share, closed_loop};
use groundswell_insight::{Handled, Row, View, Window};
use groundswell_model::Timestamp;

use super::drivers::nps_of;

/// Highest NPS answer of a detractor.
const DETRACTOR: f64 = 6.0;

/// The closed loop of a window. Times are hours; nights and weekends count.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClosedLoopRow {
    /// Cases whose source says what was done with them.
    pub cases: u64,
    /// Hours to the first answer by a human (Kaplan–Meier median, open cases included).
    pub response: WaitRow,
    /// Hours to a closing.
    pub resolution: WaitRow,
    /// Answered within a day and a half, of those that are answered or that old.
    pub within_target: CountedShare,
    /// Closed cases whose customer was asked and answered whether it was solved.
    pub verified: CountedShare,
    /// Of those who answered, said that it was solved.
    pub confirmed: CountedShare,
    /// Came back with the same gap within 7, 14 and 30 days of the closing.
    pub recontact: [CountedShare; 3],
    /// Detractors who gave 7 or more at their next survey.
    pub recovered: CountedShare,
}

/// A median wait.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct WaitRow {
    /// Cases that count.
    pub cases: u64,
    /// Hours by which half are over; absent where fewer than half are.
    pub median: Option<f64>,
    /// Lower end of its 95 % interval.
    pub low: Option<f64>,
    /// Upper end; absent where it lies beyond what was seen.
    pub high: Option<f64>,
}

/// A share of cases in per cent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CountedShare {
    /// Cases for which it holds.
    pub hits: u64,
    /// Cases that count.
    pub n: u64,
    /// In per cent; absent where none counts.
    pub value: Option<f64>,
    /// Lower end of its 95 % interval (Wilson).
    pub low: Option<f64>,
    /// Upper end.
    pub high: Option<f64>,
}

/// Gives the closed loop as it stands at `now`; nothing where no source says what was done.
pub fn handled(view: &View, window: &Window, now: Timestamp) -> Option<ClosedLoopRow> {
    let mut said: BTreeMap<u32, Vec<&Row>> = BTreeMap::new();
    for (seen, row) in view.rows().filter(|(seen, _)| !seen.unlinked) {
        said.entry(view.people.canonical(seen.person)).or_default().push(row);
    }
    for rows in said.values_mut() {
        rows.sort_by_key(|row| (row.minute, row.stage, row.gaps));
    }
    let cases: Vec<Case> = view
        .rows()
        .filter(|(_, row)| window.holds(row))
        .filter_map(|(seen, row)| {
            let person = said.get(&view.people.canonical(seen.person)).filter(|_| !seen.unlinked);
            Some(case(row, row.handled.as_deref()?, person.map_or(&[][..], Vec::as_slice)))
        })
        .collect();
    (!cases.is_empty()).then(|| row(&closed_loop(&cases, now), cases.len() as u64))
}

/// One case, with what the same person said before and after.
fn case(row: &Row, handled: &Handled, said: &[&Row]) -> Case {
    let moment = Timestamp::from_millis;
    let minute = |row: &Row| i64::from(row.minute) * 60_000;
    let same = |other: &&&Row| other.stage == row.stage && other.gaps & row.gaps != 0;
    let back = handled
        .closed
        .and_then(|closed| said.iter().filter(same).map(|row| minute(row)).find(|at| *at > closed));
    let told = handled.told;
    let before =
        said.iter().rev().filter(|other| minute(other) <= told).find_map(|other| nps_of(other).next());
    let after = said.iter().filter(|other| minute(other) > told).find_map(|other| nps_of(other).next());
    Case {
        told: moment(told),
        answered: handled.answered.map(moment),
        closed: handled.closed.map(moment),
        confirmed: handled.confirmed,
        back: back.map(moment),
        detractor: before.is_some_and(|score| score <= DETRACTOR),
        next_score: after,
    }
}

fn row(found: &ClosedLoop, cases: u64) -> ClosedLoopRow {
    let wait = |curve: &Curve| WaitRow {
        cases: curve.cases,
        median: curve.median,
        low: curve.median_low,
        high: curve.median_high,
    };
    let share = |share: &Share| CountedShare {
        hits: share.hits,
        n: share.n,
        value: share.interval.map(|interval| interval.value),
        low: share.interval.map(|interval| interval.low),
        high: share.interval.map(|interval| interval.high),
    };
    ClosedLoopRow {
        cases,
        response: wait(&found.response),
        resolution: wait(&found.resolution),
        within_target: share(&found.within_target),
        verified: share(&found.verified),
        confirmed: share(&found.confirmed),
        recontact: found.recontact.each_ref().map(share),
        recovered: share(&found.recovered),
    }
}
