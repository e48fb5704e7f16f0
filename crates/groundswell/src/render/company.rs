//! What the company does, for a terminal: its promises and who inside knows, how cases are closed, and copied posts.

use std::fmt::Write;

use groundswell_steps::report::{
    AlignmentRow, ClosedLoopRow, CopiedRow, CountedShare, PromiseRow, Report, WaitRow,
};

use crate::commands::grouped;

/// Cells whose alignment is shown.
const ALIGNED: usize = 8;

/// Writes the sections; nothing where there is nothing to say.
pub(super) fn sections(out: &mut String, report: &Report) -> std::fmt::Result {
    promises(out, &report.promises)?;
    alignment(out, &report.alignment)?;
    if let Some(row) = &report.closed_loop {
        closed_loop(out, row)?;
    }
    copied(out, report)
}

fn promises(out: &mut String, rows: &[PromiseRow]) -> std::fmt::Result {
    if !rows.is_empty() {
        writeln!(out, "\nPromises of the company\n")?;
    }
    for row in rows {
        writeln!(
            out,
            "  {}  “{}”: {} people say that it was broken{}; {}",
            row.id,
            row.text,
            grouped(row.people),
            kept(row).map(|kept| format!(", {kept}")).unwrap_or_default(),
            row.reading
        )?;
    }
    Ok(())
}

/// What operations say of a promise.
pub(super) fn kept(row: &PromiseRow) -> Option<String> {
    let ([kept, of], [from, until]) = (row.kept?, row.measured.as_ref()?);
    let share = 100.0 * kept as f64 / of as f64;
    Some(format!("operations kept it in {share:.1} % of {} cases, {from} to {until}", grouped(of)))
}

fn alignment(out: &mut String, rows: &[AlignmentRow]) -> std::fmt::Result {
    let told: Vec<_> = rows.iter().filter(|row| row.promised > 0).take(ALIGNED).collect();
    if !told.is_empty() {
        writeln!(
            out,
            "\nExpectations that the company itself had set, and the inside view (95 % interval)\n"
        )?;
    }
    for row in told {
        let share = &row.broken_promises;
        writeln!(
            out,
            "  {:<40} {:>3.0} % promised ({:.0} to {:.0}, {} of {}); {}; {}",
            format!("{}.{}", row.stage, row.gap),
            share.value,
            share.low,
            share.high,
            grouped(row.promised),
            grouped(row.unmet),
            inside(row),
            row.reading
        )?;
    }
    Ok(())
}

/// The share of a cell's feedback that comes from staff, in words.
pub(super) fn inside(row: &AlignmentRow) -> String {
    match row.inside_view {
        Some(inside) => {
            format!("{:.0} % said by staff ({:.0} to {:.0})", inside.value, inside.low, inside.high)
        }
        None => "too few staff to show".to_owned(),
    }
}

fn closed_loop(out: &mut String, row: &ClosedLoopRow) -> std::fmt::Result {
    writeln!(
        out,
        "\nThe closed loop: {} cases whose source says what was done (95 % interval)\n",
        grouped(row.cases)
    )?;
    for (what, value) in loop_rows(row) {
        writeln!(out, "  {what:<46}{value}")?;
    }
    Ok(())
}

/// The figures of the closed loop, in words.
pub(super) fn loop_rows(row: &ClosedLoopRow) -> Vec<(&'static str, String)> {
    let [week, fortnight, month] = &row.recontact;
    vec![
        ("half are answered within", wait(&row.response)),
        ("half are closed within", wait(&row.resolution)),
        ("answered within a day and a half", share(&row.within_target)),
        ("asked whether it was solved, of those closed", share(&row.verified)),
        ("said that it was", share(&row.confirmed)),
        ("came back with the same within 7 days", share(week)),
        ("within 14 days", share(fortnight)),
        ("within 30 days", share(month)),
        ("detractors who gave 7 or more the next time", share(&row.recovered)),
    ]
}

fn wait(row: &WaitRow) -> String {
    let Some(median) = row.median else { return format!("fewer than half of {} are", grouped(row.cases)) };
    let end = |value: Option<f64>| value.map_or_else(|| "?".to_owned(), |value| format!("{value:.1}"));
    format!("{median:.1} hours ({} to {}, n = {})", end(row.low), end(row.high), grouped(row.cases))
}

fn share(row: &CountedShare) -> String {
    match (row.value, row.low, row.high) {
        (Some(value), Some(low), Some(high)) => {
            format!("{value:.1} % ({low:.1} to {high:.1}, {} of {})", grouped(row.hits), grouped(row.n))
        }
        _ => "none counts yet".to_owned(),
    }
}

/// Says how many texts are nearly the same.
pub(super) fn variants(row: &CopiedRow) -> String {
    if row.variants == 0 { String::new() } else { format!(" in {} wordings", row.variants + 1) }
}

fn copied(out: &mut String, report: &Report) -> std::fmt::Result {
    if !report.copied_posts.is_empty() {
        writeln!(out, "\nCopied posts: one text from many within an hour; they make no issue\n")?;
    }
    for row in &report.copied_posts {
        writeln!(
            out,
            "  {} people within the hour from {}, {} copies in all{} ({}): “{}”",
            grouped(row.people),
            row.from,
            grouped(row.messages),
            variants(row),
            row.kind,
            row.text.as_deref().unwrap_or("…")
        )?;
    }
    Ok(())
}
