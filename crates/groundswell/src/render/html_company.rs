//! What the company does, in the HTML page: promises and the inside view, the closed loop, copied posts.

use groundswell_steps::report::Report;

use super::company::{inside, kept, loop_rows, variants};
use super::html::escape;
use crate::commands::grouped;

/// Writes the sections; nothing where there is nothing to say.
pub(super) fn section(report: &Report) -> String {
    [promises(report), alignment(report), closed_loop(report), copied(report)].concat()
}

fn promises(report: &Report) -> String {
    let row = |row: &groundswell_steps::report::PromiseRow| {
        format!(
            "<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td><td>{}</td></tr>\n",
            escape(&row.text),
            grouped(row.people),
            escape(&kept(row).unwrap_or_else(|| "not measured".to_owned())),
            escape(&row.reading)
        )
    };
    if report.promises.is_empty() {
        return String::new();
    }
    let rows: String = report.promises.iter().map(row).collect();
    format!(
        "<section>\n<h2>Promises</h2>\n<div class=\"scroll\"><table>\n<thead><tr><th>Promise</th><th>People who say it was broken</th>\
         <th>Operations</th><th>Reading</th></tr></thead>\n<tbody>\n{rows}</tbody></table></div>\n</section>\n"
    )
}

fn alignment(report: &Report) -> String {
    let row = |row: &groundswell_steps::report::AlignmentRow| {
        let share = &row.broken_promises;
        format!(
            "<tr><th scope=\"row\">{}.{}</th><td>{:.0}&nbsp;% ({:.0} to {:.0}), {} of {}</td><td>{}</td><td>{}: {}</td><td>{}</td></tr>\n",
            escape(&row.stage),
            escape(&row.gap),
            share.value,
            share.low,
            share.high,
            grouped(row.promised),
            grouped(row.unmet),
            escape(&inside(row)),
            row.gap_number,
            escape(&row.gap_words),
            escape(&row.reading)
        )
    };
    let rows: String = report.alignment.iter().map(row).collect();
    if rows.is_empty() {
        return String::new();
    }
    format!(
        "<section>\n<h2>Expectation, promise and inside view</h2>\n<p class=\"soft\">Of the unmet expectations of a cell, those that the company \
         itself had set; and of its feedback, what staff say. 95&nbsp;% intervals. The number is that of the five gaps of service quality.</p>\n\
         <details><summary>By stage and gap type</summary>\n<div class=\"scroll\"><table>\n<thead><tr><th></th><th>Promised</th><th>Inside</th>\
         <th>Gap</th><th>Reading</th></tr></thead>\n<tbody>\n{rows}</tbody></table></div></details>\n</section>\n"
    )
}

fn closed_loop(report: &Report) -> String {
    let Some(row) = &report.closed_loop else { return String::new() };
    let rows: String = loop_rows(row)
        .into_iter()
        .map(|(what, value)| format!("<tr><th scope=\"row\">{what}</th><td>{}</td></tr>\n", escape(&value)))
        .collect();
    format!(
        "<section>\n<h2>The closed loop</h2>\n<p class=\"soft\">{} cases whose source says what was done. Medians count cases that are still \
         open (Kaplan–Meier); nights and weekends count. 95&nbsp;% intervals.</p>\n<table><tbody>\n{rows}</tbody></table>\n</section>\n",
        grouped(row.cases)
    )
}

fn copied(report: &Report) -> String {
    let row = |row: &groundswell_steps::report::CopiedRow| {
        format!(
            "<blockquote>{} <span class=\"soft\">({} people within the hour from {}, {} copies in all{}, {})</span></blockquote>\n",
            escape(row.text.as_deref().unwrap_or("…")),
            grouped(row.people),
            row.from,
            grouped(row.messages),
            variants(row),
            escape(&row.kind)
        )
    };
    let rows: String = report.copied_posts.iter().map(row).collect();
    if rows.is_empty() {
        return String::new();
    }
    format!(
        "<section>\n<h2>Copied posts</h2>\n<p class=\"soft\">One text that many post within an hour. It makes no issue and lifts no cell.</p>\n{rows}</section>\n"
    )
}
