//! What stands beside the scores in the HTML page: what goes along with a bad NPS, and what became of newcomers.

use groundswell_steps::report::Report;

use super::html::escape;
use crate::commands::grouped;

/// Months of newcomers that are shown, the latest whose hundred days are over.
const COHORTS: usize = 12;

/// Writes the section; nothing where there is nothing to say.
pub(super) fn section(report: &Report) -> String {
    [drivers(report), newcomers(report)].concat()
}

fn drivers(report: &Report) -> String {
    if report.drivers.is_empty() {
        return String::new();
    }
    let rows: String = report
        .drivers
        .iter()
        .map(|row| {
            format!(
                "<tr><th scope=\"row\">{}</th><td>{:.1} ({:.1} to {:.1})</td><td>{:.0}</td><td>{}</td><td>{:.0}</td><td>{}</td></tr>\n",
                escape(&row.gap),
                row.impact,
                row.low,
                row.high,
                row.with,
                grouped(row.n_with),
                row.without,
                grouped(row.n_without)
            )
        })
        .collect();
    format!(
        "<section>\n<h2>What goes along with a bad NPS</h2>\n<p class=\"soft\">Points of NPS, with the 95&nbsp;% interval: the share of answers that \
         name it times the difference to those that do not. An association, no cause.</p>\n<table>\n<thead><tr><th></th><th>Impact</th><th>NPS with</th>\
         <th>Answers</th><th>NPS without</th><th>Answers</th></tr></thead>\n<tbody>\n{rows}</tbody></table>\n</section>\n"
    )
}

fn newcomers(report: &Report) -> String {
    let known: Vec<_> = report.newcomers.iter().filter(|cohort| cohort.over > 0).collect();
    let known = known.get(known.len().saturating_sub(COHORTS)..).unwrap_or_default();
    if known.is_empty() {
        return String::new();
    }
    let share = |value: Option<f64>| value.map_or_else(|| "?".to_owned(), |value| format!("{value:.1}"));
    let rows: String = known
        .iter()
        .map(|cohort| {
            format!(
                "<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td><td>{}&nbsp;% ({} to {})</td></tr>\n",
                escape(&cohort.month),
                grouped(cohort.over),
                grouped(cohort.lost),
                share(cohort.early_loss),
                share(cohort.low),
                share(cohort.high)
            )
        })
        .collect();
    let words: Vec<String> = report
        .last_words
        .iter()
        .map(|word| {
            let stayed = word
                .share_stayed
                .map_or_else(String::new, |share| format!(" ({share:.1}&nbsp;% of those who stayed)"));
            format!("{} {:.1}&nbsp;%{stayed}", escape(&word.gap), word.share)
        })
        .collect();
    format!(
        "<section>\n<h2>Newcomers</h2>\n<p class=\"soft\">Customers by month of purchase whose hundred days are over, and how many left within them.</p>\n\
         <table>\n<thead><tr><th>Month</th><th>Customers</th><th>Lost</th><th>Share</th></tr></thead>\n<tbody>\n{rows}</tbody></table>\n\
         <p>What the lost had said before they left: {}.</p>\n</section>\n",
        if words.is_empty() { "nothing".to_owned() } else { words.join("; ") }
    )
}
