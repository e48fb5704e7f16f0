//! Systemic issues in the HTML page: what was expected and what happened, the numbers, and the days as a chart.

use groundswell_model::{JourneyMap, Pattern};
use groundswell_steps::issues::{IssueDetail, IssueRow, LeverRow, TrendDay};

use super::html::{escape, quote};
use super::issues::{about_lines, at_risk, found, listed, state};
use super::matrix::{gap_name, stage_name};
use crate::commands::grouped;

/// Width and height of a chart, in pixels.
const SIZE: (f64, f64) = (720.0, 120.0);

/// Writes the section of systemic issues; nothing where none is known.
pub(super) fn section(issues: &[IssueDetail], map: &JourneyMap) -> String {
    if issues.is_empty() {
        return String::new();
    }
    let articles: String = issues.iter().map(|issue| article(issue, map)).collect();
    format!(
        "<section>\n<h2>Systemic issues</h2>\n<p class=\"soft\">Gaps that depart from their baseline, or are always bad, and that \
         enough people on several days speak of. One loud customer or copied posts make none.</p>\n{articles}</section>\n"
    )
}

fn article(issue: &IssueDetail, map: &JourneyMap) -> String {
    let row = &issue.row;
    let (gap, norm) = gap_name(map, &row.gap);
    let quotes: String = row.quotes.iter().map(quote).collect();
    format!(
        "<article id=\"issue-{}\">\n<h3>{} × {}{}: {}</h3>\n<p><strong>{} people</strong> since {}, {:.1} ({:.1} to {:.1}) per 1,000 {} a day: {}. {}{}</p>\n\
         <p class=\"soft\">Expected: {}. {}</p>\n{}{}{}{}{quotes}<p class=\"soft\">Act on it: <code>groundswell issues show {}</code></p>\n</article>\n",
        escape(&row.id),
        escape(&stage_name(map, &row.stage)),
        escape(&gap),
        row.place.as_ref().map(|place| format!(" at {}", escape(place))).unwrap_or_default(),
        state(row.state),
        grouped(row.people),
        escape(&row.since),
        row.per_thousand,
        row.rate_interval[0],
        row.rate_interval[1],
        escape(&row.exposure),
        escape(&row.kinds.join(", ")),
        agreement(row),
        row.owner.as_ref().map(|owner| format!(" Owner: {}.", escape(owner))).unwrap_or_default(),
        escape(&norm),
        because(row),
        about(row),
        price(row),
        fix(row),
        chart(row, &issue.trend),
        escape(&row.id)
    )
}

fn agreement(row: &IssueRow) -> String {
    match (row.corroborated, row.agreeing.len()) {
        (true, _) => format!("No kind shows it alone; {} agree.", escape(&listed(&row.agreeing))),
        (false, 2..) => format!("Kinds that agree: {}.", escape(&listed(&row.agreeing))),
        _ => String::new(),
    }
}

fn because(row: &IssueRow) -> String {
    match row.pattern {
        Pattern::Rising => format!(
            "Found on {}: {} people in seven days where {:.1} were expected.",
            escape(&row.detected),
            grouped(row.because.people),
            row.because.expected
        ),
        Pattern::Standing => format!(
            "Found on {}: always above {:.1} per 1,000, where the worst tenth of its stage begins.",
            escape(&row.detected),
            row.because.threshold
        ),
    }
}

/// Who set the expectation, and where it is told more than elsewhere.
fn about(row: &IssueRow) -> String {
    about_lines(row).iter().map(|line| format!("<p>{}</p>\n", escape(line))).collect()
}

/// What is at risk, with everything it rests on one step away.
fn price(row: &IssueRow) -> String {
    let Some(price) = &row.revenue_at_risk else { return String::new() };
    let assumptions: String = price
        .assumptions
        .iter()
        .map(|row| {
            format!(
                "<tr><th scope=\"row\">{}</th><td>{:.3}</td><td>{}</td><td>{}</td></tr>",
                escape(&row.quantity),
                row.value,
                escape(&row.footing),
                escape(&row.source)
            )
        })
        .collect();
    let lever = |lever: &LeverRow| {
        format!("{}: keeps {:.0} to {:.0} customers", escape(&lever.what), lever.kept.low, lever.kept.high)
    };
    let levers: Vec<String> = price.levers.iter().map(lever).collect();
    let movers: Vec<&str> = price.sensitivity.iter().map(|mover| mover.quantity.as_str()).collect();
    format!(
        "<p><strong>At risk:</strong> {}.</p>\n<details><summary>What it rests on, and what could be done</summary>\n\
         <p>{} people said it, {:.0} to {:.0} customers have the problem. {}. Measure first: {}.</p>\n<p>{}</p>\n\
         <table><thead><tr><th>Quantity</th><th>Value</th><th></th><th>From</th></tr></thead><tbody>{assumptions}</tbody></table></details>\n",
        escape(&at_risk(price)),
        grouped(price.complainants),
        price.affected.low,
        price.affected.high,
        levers.join("; "),
        escape(&movers.join(", ")),
        escape(price.warning.as_deref().unwrap_or_default())
    )
}

fn fix(row: &IssueRow) -> String {
    let Some(fix) = &row.fix else { return String::new() };
    let verdict = fix.verdict.map_or("it was not looked at yet", found);
    let rates = fix.counts.map(|counts| {
        let rate = |[people, heard]: [u64; 2]| match heard {
            0 => "nothing heard".to_owned(),
            heard => format!("{:.1}", 1000.0 * people as f64 / heard as f64),
        };
        let [before, during, after] = counts.map(rate);
        format!(" Per 1,000 heard a day: {before} before, {during} while it lasted, {after} after the fix.")
    });
    format!(
        "<p><strong>Fix of {}:</strong> {}: {verdict}.{}</p>\n",
        escape(&fix.on),
        escape(&fix.what),
        rates.unwrap_or_default()
    )
}

/// Days as bars, what was expected as a line, the beginning and the fix as marks.
fn chart(row: &IssueRow, trend: &[TrendDay]) -> String {
    let (width, height) = SIZE;
    let highest = |day: &TrendDay| f64::from(day.people).max(day.expected.unwrap_or(0.0));
    let most = trend.iter().map(highest).fold(1.0, f64::max);
    let step = width / trend.len().max(1) as f64;
    let y = |value: f64| height - (height - 14.0) * value / most;
    let bar = |(at, day): (usize, &TrendDay)| {
        let (top, x) = (y(f64::from(day.people)), at as f64 * step);
        format!(
            "<rect x=\"{x:.1}\" y=\"{top:.1}\" width=\"{:.1}\" height=\"{:.1}\"><title>{}: {} people, {} heard</title></rect>",
            (step - 0.6).max(0.4),
            height - top,
            escape(&day.day),
            day.people,
            day.heard
        )
    };
    let bars: String = trend.iter().enumerate().filter(|(_, day)| day.people > 0).map(bar).collect();
    let point = |(at, day): (usize, &TrendDay)| {
        day.expected.map(|expected| format!("{:.1},{:.1}", (at as f64 + 0.5) * step, y(expected)))
    };
    let line: Vec<String> = trend.iter().enumerate().filter_map(point).collect();
    let mark = |day: &str, what: &str| {
        let Some(at) = trend.iter().position(|other| other.day == day) else { return String::new() };
        let x = at as f64 * step;
        format!(
            "<line x1=\"{x:.1}\" y1=\"0\" x2=\"{x:.1}\" y2=\"{height}\" stroke=\"currentColor\" stroke-dasharray=\"3 3\"/>\
             <text x=\"{:.1}\" y=\"10\" font-size=\"11\" fill=\"currentColor\">{what}</text>",
            x + 4.0
        )
    };
    let marks =
        mark(&row.since, "since") + &row.fix.as_ref().map(|fix| mark(&fix.on, "fix")).unwrap_or_default();
    let ends = [trend.first(), trend.last()].map(|day| day.map(|day| escape(&day.day)).unwrap_or_default());
    format!(
        "<figure><svg viewBox=\"0 0 {width} {height}\" role=\"img\" aria-label=\"People a day, and as many as were expected\">\
         <g class=\"bars\">{bars}</g><polyline points=\"{}\" fill=\"none\" stroke=\"currentColor\" stroke-width=\"1.5\"/>{marks}</svg>\
         <figcaption class=\"soft\">{} to {}: people a day as bars (at most {most:.0}), as many as were expected as a line.</figcaption></figure>\n",
        line.join(" "),
        ends[0],
        ends[1]
    )
}
