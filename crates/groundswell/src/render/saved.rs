//! Saved searches for a terminal.

use std::fmt::Write;

use groundswell_server::SavedRow;

use super::bars::bars;
use crate::commands::grouped;

/// Writes the list.
pub fn saved(rows: &[SavedRow]) -> String {
    if rows.is_empty() {
        return "No search is saved yet. `groundswell search 'refund' --save Refunds --alert 20` saves one.\n".to_owned();
    }
    let mut out = String::new();
    for row in rows {
        // Writing to a String cannot fail.
        let _ = write_row(&mut out, row);
    }
    out
}

fn write_row(out: &mut String, row: &SavedRow) -> std::fmt::Result {
    let search = &row.search;
    let asked = format!("{} {}", search.q, search.filter);
    writeln!(out, "\n  {}  (by {})\n       {}", search.name, row.actor, asked.trim())?;
    if let Some(fault) = &row.fault {
        return writeln!(out, "       cannot be asked any more: {fault}");
    }
    let (people, feedback) = (grouped(row.people), grouped(row.feedback));
    writeln!(out, "       {people} people ({feedback} feedback)")?;
    if row.weeks.len() > 1 {
        let weeks: Vec<u32> =
            row.weeks.iter().map(|(_, people)| u32::try_from(*people).unwrap_or(u32::MAX)).collect();
        writeln!(out, "       by week {}", bars(&weeks))?;
    }
    let recent = grouped(row.last_seven_days);
    match search.alert {
        Some(alert) if row.alerts => {
            writeln!(out, "       ALERT: {recent} people in the last seven days, from {alert} on")
        }
        Some(alert) => writeln!(out, "       {recent} people in the last seven days; alert from {alert} on"),
        None => writeln!(out, "       {recent} people in the last seven days"),
    }
}
