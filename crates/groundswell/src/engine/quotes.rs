//! Bodies of feedback, read from the log at the places that the state holds; and the quotes of a report made of them.

use anyhow::{Context, Result};

use groundswell_insight::PartPlace;
use groundswell_log::Place;
use groundswell_model::union::unite;
use groundswell_model::{Feedback, FeedbackId, GapType, Part};
use groundswell_steps::report::{Plan, Report, quote};

use super::analyse::missing_body;
use super::shared::Shared;

/// Quotes shown for each cell.
const QUOTES: usize = 3;

/// Reads parts at their places.
///
/// # Errors
/// When a part is no longer in the log, or cannot be read.
pub fn fetch(shared: &Shared, places: &[PartPlace]) -> Result<Vec<Part>> {
    let places: Vec<_> = places
        .iter()
        .map(|place| Place::new(&shared.topics.feedback, place.partition, place.offset))
        .collect();
    let records = shared.log.read_at(&places)?;
    let mut parts = Vec::with_capacity(places.len());
    for (place, record) in places.iter().zip(records) {
        let bytes = record.and_then(|record| record.value).ok_or_else(|| missing_body(place))?;
        parts.push(Part::decode(&bytes).with_context(|| format!("the part at {place}"))?.0);
    }
    Ok(parts)
}

/// Reads a feedback as it now stands; `None` when it is not known or deleted.
///
/// # Errors
/// As [`fetch`].
pub fn feedback(shared: &Shared, id: FeedbackId) -> Result<Option<Feedback>> {
    let Some(holdings) = &shared.holdings else { return Ok(None) };
    let Some(holding) = holdings.feedback(id)? else { return Ok(None) };
    let places: Vec<_> = holding.standing.counting().into_iter().map(|(_, _, place)| *place).collect();
    Ok(unite(fetch(shared, &places)?))
}

/// Fills the quotes of a report in.
///
/// # Errors
/// As [`fetch`].
pub fn fill(shared: &Shared, plan: Plan) -> Result<Report> {
    let Plan { mut report, wanted } = plan;
    for (cell, ids) in report.matrix.iter_mut().zip(wanted) {
        let gap: GapType = cell.gap.parse()?;
        for id in ids {
            if cell.quotes.len() >= QUOTES {
                break;
            }
            // A feedback may change between the count and the quote; it is then simply not quoted.
            if let Some(feedback) = feedback(shared, id)? {
                cell.quotes.extend(quote(&feedback, gap, shared.folder.zone()));
            }
        }
    }
    Ok(report)
}
