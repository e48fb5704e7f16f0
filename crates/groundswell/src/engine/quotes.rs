//! Bodies of feedback, read from the log at the places that the state holds; and the quotes of a report made of them.

use anyhow::{Context, Result};

use groundswell_insight::PartPlace;
use groundswell_log::{LogError, Place};
use groundswell_model::union::unite;
use groundswell_model::{Feedback, FeedbackId, GapType, Part};
use groundswell_steps::report::{Plan, Report, merged, quote, shortened};

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

/// Reads feedback as it now stands, all in one pass over the log; `None` for what is not known or deleted.
///
/// # Errors
/// As [`fetch`].
pub fn feedback(shared: &Shared, ids: &[FeedbackId]) -> Result<Vec<Option<Feedback>>> {
    let scene = shared.scene();
    let mut places = Vec::new();
    let mut parts_of = Vec::with_capacity(ids.len());
    for id in ids {
        let holding = scene.holdings().map(|holdings| holdings.feedback(*id)).transpose()?.flatten();
        let before = places.len();
        if let Some(holding) = holding {
            places.extend(holding.standing.counting().into_iter().map(|(_, _, place)| *place));
        }
        parts_of.push(places.len() - before);
    }
    let mut parts = fetch(shared, &places)?.into_iter();
    Ok(parts_of.into_iter().map(|number| unite(parts.by_ref().take(number).collect())).collect())
}

/// Fills the quotes of a report in.
///
/// # Errors
/// As [`fetch`].
pub fn fill(shared: &Shared, plan: Plan) -> Result<Report> {
    let Plan { mut report, wanted, copied, .. } = plan;
    for (row, feedback) in report.copied_posts.iter_mut().zip(feedback(shared, &copied)?) {
        row.text = feedback.as_ref().and_then(longest_text);
    }
    report.copied_posts = merged(std::mem::take(&mut report.copied_posts));
    let mut wanted: Vec<_> = wanted.into_iter().map(Vec::into_iter).collect();
    loop {
        // Of every cell that lacks quotes its next candidates, as many as it lacks.
        let mut asked = Vec::new();
        for (at, (cell, ids)) in report.matrix.iter().zip(&mut wanted).enumerate() {
            let lacking = QUOTES.saturating_sub(cell.quotes.len());
            asked.extend(ids.by_ref().take(lacking).map(|id| (at, id)));
        }
        if asked.is_empty() {
            return Ok(report);
        }
        let ids: Vec<_> = asked.iter().map(|(_, id)| *id).collect();
        for ((at, _), feedback) in asked.into_iter().zip(feedback(shared, &ids)?) {
            // A feedback may change between the count and the quote; it is then simply not quoted.
            let (Some(cell), Some(feedback)) = (report.matrix.get_mut(at), feedback) else { continue };
            let gap: GapType = cell.gap.parse()?;
            cell.quotes.extend(quote(&feedback, gap, shared.folder.zone()));
        }
    }
}

/// The longest text of a feedback, cut to what is shown.
pub(super) fn longest_text(feedback: &Feedback) -> Option<String> {
    let texts = feedback.content.statements.iter().map(|statement| statement.text.as_str());
    texts.max_by_key(|text| text.len()).map(shortened)
}

/// Says what a fault of the log means for reading a body.
fn missing_body(place: &Place) -> LogError {
    LogError::Damaged {
        file: std::path::PathBuf::from(place.to_string()),
        detail: "a part that the state counts is no longer in the log; rebuild the state".to_owned(),
    }
}
