//! The report as one self-contained HTML page: no request leaves it, everything said by others is escaped.

use groundswell_model::JourneyMap;
use groundswell_steps::issues::IssueDetail;
use groundswell_steps::report::{MatrixCell, Quote, Report, ScoreRow};

use super::matrix::{Grid, gap_name, stage_name, strongest};
use crate::commands::grouped;

/// Gaps that are shown with quotes.
const SHOWN: usize = 12;

const STYLE: &str = "
:root { color-scheme: light dark; --ink: #1c2126; --soft: #5c6670; --line: #d9dee3; --paper: #fff; --hue: 210 75%; --cell: 44%; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6eaee; --soft: #9aa5b0; --line: #343c44; --paper: #14181c; --cell: 60%; } }
* { box-sizing: border-box; }
body { margin: 2rem auto; max-width: 76rem; padding: 0 1.25rem; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.7rem; margin: 0 0 .25rem; } h2 { font-size: 1.2rem; margin: 2.5rem 0 .75rem; } h3 { font-size: 1rem; margin: 0; }
p { margin: .25rem 0; } .soft { color: var(--soft); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: .35rem .5rem; text-align: right; border-bottom: 1px solid var(--line); font-weight: 400; }
th { color: var(--soft); font-size: .85rem; vertical-align: bottom; } th[scope=row], td:first-child, th:first-child { text-align: left; color: var(--ink); }
.heat td { min-width: 4.2rem; border: 2px solid var(--paper); } .heat td a { display: block; color: inherit; text-decoration: none; }
.heat td a:hover, .heat td a:focus-visible { text-decoration: underline; } .none { color: var(--soft); }
article { border-top: 1px solid var(--line); padding: 1rem 0; }
figure { margin: .75rem 0; } figure svg { display: block; width: 100%; max-width: 45rem; } .bars { fill: hsl(var(--hue) 55%); }
blockquote { margin: .5rem 0; padding-left: .9rem; border-left: 3px solid hsl(var(--hue) 55%); }
mark { background: hsl(var(--hue) 50% / .22); color: inherit; }
footer { margin: 3rem 0 1rem; font-size: .85rem; }
";

/// Writes the page; the issues come with their days.
pub fn html(report: &Report, map: &JourneyMap, issues: &[IssueDetail]) -> String {
    let body = [
        head(report),
        super::html_issues::section(issues, map),
        super::html_themes::section(report),
        matrix(report, map),
        gaps(report, map),
        outcomes(report),
        scores(report),
        super::html_scores::section(report),
        super::html_company::section(report),
        notes(report),
    ]
    .concat();
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <title>The journey: where expectations were not met</title>\n<style>{STYLE}</style>\n</head>\n<body>\n{body}</body>\n</html>\n"
    )
}

pub(super) fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
}

fn percent(share: f64) -> String {
    format!("{:.0}&nbsp;%", 100.0 * share)
}

fn head(report: &Report) -> String {
    let day = |day: &Option<String>| escape(day.as_deref().unwrap_or("…"));
    let kinds: Vec<_> = report
        .kinds
        .iter()
        .map(|(kind, heard)| format!("{} {}", escape(kind), grouped(heard.feedback)))
        .collect();
    format!(
        "<header>\n<h1>Where expectations were not met</h1>\n<p>{} to {}: {} people heard ({} feedback: {}).</p>\n\
         <p class=\"soft\">{} of the people are identified. The stage of {} of the feedback is unknown.</p>\n</header>\n",
        day(&report.window.since),
        day(&report.window.until),
        grouped(report.people),
        grouped(report.feedback),
        kinds.join(", "),
        percent(report.identified_share),
        percent(report.unknown_share)
    )
}

fn matrix(report: &Report, map: &JourneyMap) -> String {
    if report.feedback == 0 {
        return "<p>Nothing was heard in these days.</p>\n".to_owned();
    }
    let grid = Grid::of(report, map);
    let columns: String =
        grid.stages.iter().map(|(_, name)| format!("<th scope=\"col\">{}</th>", escape(name))).collect();
    let rows: String = grid
        .gaps
        .iter()
        .map(|(gap, name)| {
            let cells: String = grid
                .stages
                .iter()
                .map(|(stage, _)| heat(stage, grid.cell(stage, gap), grid.most()))
                .collect();
            format!("<tr><th scope=\"row\">{}</th>{cells}</tr>\n", escape(name))
        })
        .collect();
    format!(
        "<section>\n<h2>The journey</h2>\n<p class=\"soft\">Distinct people with an unmet expectation, by stage and gap type. \
         A darker cell holds more people.</p>\n<div class=\"scroll\"><table class=\"heat\">\n\
         <thead><tr><th></th>{columns}</tr></thead>\n<tbody>\n{rows}</tbody></table></div>\n</section>\n"
    )
}

fn heat(stage: &str, cell: Option<&MatrixCell>, most: u64) -> String {
    let Some(cell) = cell else { return "<td class=\"none\">·</td>".to_owned() };
    if stage == "unknown" {
        return format!("<td class=\"none\"><a href=\"#{}\">{}</a></td>", anchor(cell), grouped(cell.people));
    }
    let depth = if most == 0 { 0.0 } else { (cell.people as f64 / most as f64).sqrt().min(1.0) };
    format!(
        "<td style=\"background: hsl(var(--hue) var(--cell) / {:.2})\" title=\"{:.1} per 1,000 heard ({:.1} to {:.1})\">\
         <a href=\"#{}\">{}</a></td>",
        0.62 * depth,
        cell.per_thousand,
        cell.low,
        cell.high,
        anchor(cell),
        grouped(cell.people)
    )
}

fn anchor(cell: &MatrixCell) -> String {
    escape(&format!("{}-{}", cell.stage, cell.gap))
}

fn gaps(report: &Report, map: &JourneyMap) -> String {
    let shown: Vec<_> = strongest(report).collect();
    let articles: String = shown.iter().take(SHOWN).map(|cell| article(cell, map)).collect();
    let rest: String = shown.iter().skip(SHOWN).map(|cell| article(cell, map)).collect();
    let unknown: String =
        report.matrix.iter().filter(|cell| cell.stage == "unknown").map(|cell| article(cell, map)).collect();
    if articles.is_empty() && unknown.is_empty() {
        return String::new();
    }
    format!(
        "<section>\n<h2>The strongest gaps, in the customers’ words</h2>\n{articles}\
         <details><summary>All others, and those of unknown stage</summary>\n{rest}{unknown}</details>\n</section>\n"
    )
}

fn article(cell: &MatrixCell, map: &JourneyMap) -> String {
    let (name, norm) = gap_name(map, &cell.gap);
    let kinds: Vec<_> =
        cell.kinds.iter().map(|(kind, people)| format!("{} {}", escape(kind), grouped(*people))).collect();
    let copied = match cell.copied_posts {
        0 => String::new(),
        copied => format!(" Of them {} are known only through copied posts.", grouped(copied)),
    };
    let quotes: String = cell.quotes.iter().map(quote).collect();
    format!(
        "<article id=\"{}\">\n<h3>{} × {}</h3>\n<p><strong>{} people</strong> ({} feedback), {:.1} per 1,000 heard ({:.1} to {:.1}): {}.{copied}</p>\n\
         <p class=\"soft\">Expected: {}.</p>\n{quotes}</article>\n",
        anchor(cell),
        escape(&stage_name(map, &cell.stage)),
        escape(&name),
        grouped(cell.people),
        grouped(cell.feedback),
        cell.per_thousand,
        cell.low,
        cell.high,
        kinds.join(", "),
        escape(&norm)
    )
}

pub(super) fn quote(quote: &Quote) -> String {
    let mut text = escape(&quote.text);
    for span in [&quote.expected, &quote.happened].into_iter().flatten() {
        let span = escape(span);
        if span.len() < text.len() && !span.contains("<") {
            text = text.replacen(&span, &format!("<mark>{span}</mark>"), 1);
        }
    }
    format!(
        "<blockquote>{text} <span class=\"soft\">({}, {})</span></blockquote>\n",
        escape(&quote.kind),
        escape(&quote.day)
    )
}

fn outcomes(report: &Report) -> String {
    let rows: String = report
        .stages
        .iter()
        .filter(|row| row.unmet + row.met + row.exceeded > 0)
        .map(|row| {
            format!(
                "<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td><td>{}</td></tr>\n",
                escape(&row.name),
                grouped(row.unmet),
                grouped(row.met),
                grouped(row.exceeded)
            )
        })
        .collect();
    if rows.is_empty() {
        return String::new();
    }
    let phases: Vec<_> =
        report.phases.iter().map(|row| format!("{} {}", escape(&row.phase), grouped(row.people))).collect();
    let phases = match phases.is_empty() {
        true => String::new(),
        false => format!(
            "<h2>The first hundred days</h2>\n<p>People with an unmet expectation by phase, where purchase dates are known: {}.</p>\n",
            phases.join(" · ")
        ),
    };
    format!(
        "<section>\n<h2>Unmet, met and exceeded</h2>\n<table>\n<thead><tr><th></th><th scope=\"col\">Unmet</th>\
         <th scope=\"col\">Met</th><th scope=\"col\">Exceeded</th></tr></thead>\n<tbody>\n{rows}</tbody></table>\n{phases}</section>\n"
    )
}

fn scores(report: &Report) -> String {
    if report.scores.is_empty() {
        return String::new();
    }
    let rows: String = report.scores.iter().map(score).collect();
    format!(
        "<section>\n<h2>Scores</h2>\n<p class=\"soft\">They count answers. NPS in points; the others as the share that chose \
         the best answers. Whiskers show the 95&nbsp;% interval.</p>\n<table>\n<thead><tr><th>Score</th><th>Scale</th>\
         <th>Value</th><th></th><th>Mean</th><th>Answers</th></tr></thead>\n<tbody>\n{rows}</tbody></table>\n</section>\n"
    )
}

fn score(row: &ScoreRow) -> String {
    let (value, drawing) = match (row.value, row.low, row.high) {
        (Some(value), Some(low), Some(high)) => {
            (format!("{value:.1} ({low:.1} to {high:.1})"), whisker(row, value, low, high))
        }
        _ => ("too few to say".to_owned(), String::new()),
    };
    format!(
        "<tr><th scope=\"row\">{}</th><td>{}</td><td>{value}</td><td>{drawing}</td><td>{:.2}</td><td>{}</td></tr>\n",
        escape(&row.metric),
        escape(&row.scale),
        row.mean,
        grouped(row.n)
    )
}

fn whisker(row: &ScoreRow, value: f64, low: f64, high: f64) -> String {
    let (from, to) = if row.metric == "nps" { (-100.0, 100.0) } else { (0.0, 100.0) };
    let x = |value: f64| 160.0 * (value - from) / (to - from);
    format!(
        "<svg width=\"160\" height=\"14\" aria-hidden=\"true\"><line x1=\"0\" y1=\"7\" x2=\"160\" y2=\"7\" stroke=\"currentColor\" opacity=\".2\"/>\
         <line x1=\"{:.1}\" y1=\"7\" x2=\"{:.1}\" y2=\"7\" stroke=\"currentColor\" stroke-width=\"3\" opacity=\".5\"/>\
         <circle cx=\"{:.1}\" cy=\"7\" r=\"4\" fill=\"currentColor\"/></svg>",
        x(low),
        x(high),
        x(value)
    )
}

fn notes(report: &Report) -> String {
    let mut notes = Vec::new();
    if let Some(earlier) = &report.broke_earlier {
        notes.push(format!(
            "Of what support hears, {} broke earlier ({} of {} feedback).",
            percent(earlier.share),
            grouped(earlier.feedback),
            grouped(earlier.of)
        ));
    }
    if !report.silent_touchpoints.is_empty() {
        notes.push(format!("Nobody spoke about: {}.", escape(&report.silent_touchpoints.join(", "))));
    }
    if let Some(agreement) = &report.agreement {
        notes.push(format!(
            "Reviewers agreed with {:.0}&nbsp;% ({:.0} to {:.0}) of {} mappings drawn at random.",
            agreement.value,
            agreement.low,
            agreement.high,
            grouped(agreement.n)
        ));
    }
    if report.corrected > 0 {
        notes.push(format!("People corrected the mapping of {} feedback.", grouped(report.corrected)));
    }
    if !report.touchpoints.is_empty() {
        let rows = report.touchpoints.iter();
        let rows: Vec<_> =
            rows.map(|row| format!("{} {}", escape(&row.touchpoint), grouped(row.people))).collect();
        notes.push(format!("Touchpoints of unmet expectations, in people: {}.", rows.join(", ")));
    }
    if report.withheld > 0 {
        notes.push(format!(
            "{} employee feedback are left out, because their group is too small to show.",
            grouped(report.withheld)
        ));
    }
    let notes: String = notes.iter().map(|note| format!("<p>{note}</p>\n")).collect();
    format!(
        "<footer class=\"soft\">\n{notes}<p>People are counted once however often they speak; “unlinked” feedback counts as its own person.</p>\n</footer>\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_others_say_is_escaped() {
        let quoted = Quote {
            id: "fb_x".to_owned(),
            kind: "public".to_owned(),
            day: "2026-01-01".to_owned(),
            text: "<script>alert('x')</script> came & went".to_owned(),
            expected: Some("<script>".to_owned()),
            happened: None,
        };
        let page = quote(&quoted);
        assert!(!page.contains("<script>"), "{page}");
        assert!(page.contains("<mark>&lt;script&gt;</mark>"), "{page}");
    }
}
