//! Themes in the HTML page: who speaks of what, its weeks as a line of bars, and what stands for it.

use groundswell_steps::decided::themes::ThemeRow;
use groundswell_steps::report::Report;

use super::html::escape;
use super::themes::risen;
use crate::commands::grouped;

/// Width and height of a line of bars, in pixels.
const SIZE: (f64, f64) = (160.0, 28.0);

/// Weeks that are drawn at most.
const WEEKS: usize = 26;

/// Writes the section; nothing where no theme is known.
pub(super) fn section(report: &Report) -> String {
    let rows: String = report.themes.iter().map(row).collect();
    if rows.is_empty() {
        return String::new();
    }
    format!(
        "<section>\n<h2>What people speak of</h2>\n<p class=\"soft\">Themes in the customers’ words, by distinct people; the bars are \
         people by week. <code>groundswell themes</code> lists all.</p>\n<div class=\"scroll\"><table>\n\
         <thead><tr><th scope=\"col\">Theme</th><th scope=\"col\">People</th><th scope=\"col\">Let down</th><th scope=\"col\">Sentiment</th>\
         <th scope=\"col\">By week</th></tr></thead>\n<tbody>\n{rows}</tbody></table></div>\n</section>\n"
    )
}

fn row(row: &ThemeRow) -> String {
    let rise = row.rise.as_ref().map(|rise| format!("<br><strong>{}</strong>", escape(&risen(rise))));
    let example =
        row.example.as_ref().map(|text| format!("<br><span class=\"soft\">“{}”</span>", escape(text)));
    let down = if row.people == 0 { 0.0 } else { 100.0 * row.unmet as f64 / row.people as f64 };
    format!(
        "<tr id=\"theme-{}\"><th scope=\"row\">{}{}{}</th><td>{}</td><td>{down:.0}&nbsp;%</td><td>{}</td><td>{}</td></tr>\n",
        escape(&row.id),
        escape(&row.name),
        rise.unwrap_or_default(),
        example.unwrap_or_default(),
        grouped(row.people),
        row.sentiment.map(|value| format!("{value:+.2}")).unwrap_or_default(),
        bars(&row.weeks)
    )
}

fn bars(weeks: &[u32]) -> String {
    let shown = weeks.get(weeks.len().saturating_sub(WEEKS)..).unwrap_or_default();
    let most = f64::from(shown.iter().copied().max().unwrap_or(0).max(1));
    let step = SIZE.0 / WEEKS as f64;
    let bar = |(at, people): (usize, &u32)| {
        let height = (SIZE.1 * f64::from(*people) / most).max(1.0);
        format!(
            "<rect x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{height:.1}\"/>",
            step * at as f64,
            SIZE.1 - height,
            step - 1.0
        )
    };
    let drawn: String = shown.iter().enumerate().map(bar).collect();
    let last = shown.last().copied().unwrap_or(0);
    format!(
        "<svg class=\"bars\" width=\"{}\" height=\"{}\" role=\"img\" aria-label=\"{} weeks, {last} people in the last\">{drawn}</svg>",
        SIZE.0,
        SIZE.1,
        shown.len()
    )
}
