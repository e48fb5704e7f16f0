//! The report for a terminal.

use std::fmt::Write;

use groundswell_model::JourneyMap;
use groundswell_steps::report::{MatrixCell, Report, ScoreRow};

use super::matrix::{Grid, gap_name, stage_name, strongest};
use crate::commands::grouped;

/// Gaps that are shown with quotes.
const SHOWN: usize = 10;

/// Touchpoints that are named.
const TOUCHPOINTS: usize = 8;

/// Months of newcomers that are shown, the latest whose hundred days are over.
const COHORTS: usize = 6;

/// Writes the report for a terminal of at least a hundred columns.
pub fn text(report: &Report, map: &JourneyMap) -> String {
    let mut out = String::new();
    // Writing to a String cannot fail.
    let _ = head(&mut out, report);
    if report.feedback == 0 {
        out.push_str("\nNothing was heard in these days. Import a file, or widen --since and --until.\n");
        return out;
    }
    let _ = alerts(&mut out, report);
    let _ = systemic(&mut out, report);
    let _ = themes(&mut out, report);
    let _ = matrix(&mut out, report, map);
    let _ = gaps(&mut out, report, map);
    let _ = exceeded(&mut out, report);
    let _ = phases(&mut out, report);
    let _ = newcomers(&mut out, report);
    let _ = scores(&mut out, report);
    let _ = drivers(&mut out, report);
    let _ = super::company::sections(&mut out, report);
    let _ = closing(&mut out, report);
    out
}

fn head(out: &mut String, report: &Report) -> std::fmt::Result {
    let day = |day: &Option<String>| day.clone().unwrap_or_else(|| "…".to_owned());
    writeln!(out, "The journey, {} to {}", day(&report.window.since), day(&report.window.until))?;
    writeln!(
        out,
        "{} people heard ({} feedback); {} of them identified; the stage of {} of the feedback is unknown",
        grouped(report.people),
        grouped(report.feedback),
        percent(report.identified_share),
        percent(report.unknown_share)
    )?;
    let kinds: Vec<_> =
        report.kinds.iter().map(|(kind, heard)| format!("{kind} {}", grouped(heard.feedback))).collect();
    writeln!(out, "Feedback by kind: {}", kinds.join(", "))
}

fn systemic(out: &mut String, report: &Report) -> std::fmt::Result {
    if report.issues.is_empty() {
        return Ok(());
    }
    writeln!(out, "\nSystemic issues (`groundswell issues show ID` tells all that is known of one)")?;
    super::issues::list(out, &report.issues)
}

fn alerts(out: &mut String, report: &Report) -> std::fmt::Result {
    for row in &report.alerts {
        let (people, threshold) = (grouped(row.people), grouped(row.threshold));
        writeln!(
            out,
            "! saved search \"{}\": {people} people in the last seven days (alert from {threshold} on)",
            row.name
        )?;
    }
    Ok(())
}

fn themes(out: &mut String, report: &Report) -> std::fmt::Result {
    if report.themes.is_empty() {
        return Ok(());
    }
    writeln!(
        out,
        "\nWhat people speak of (`groundswell themes` lists all, `groundswell themes show ID` tells more)"
    )?;
    report.themes.iter().try_for_each(|row| super::themes::head(out, row))
}

fn percent(share: f64) -> String {
    format!("{:.0} %", 100.0 * share)
}

fn matrix(out: &mut String, report: &Report, map: &JourneyMap) -> std::fmt::Result {
    let grid = Grid::of(report, map);
    writeln!(out, "\nWhere expectations were not met: distinct people by stage and gap type\n")?;
    write!(out, "{:<16}", "")?;
    for (_, name) in &grid.stages {
        write!(out, "{:>8}", name.chars().take(7).collect::<String>())?;
    }
    writeln!(out)?;
    for (gap, name) in &grid.gaps {
        write!(out, "{:<16}", name.chars().take(15).collect::<String>())?;
        for (stage, _) in &grid.stages {
            let cell = grid.cell(stage, gap).map_or_else(|| "·".to_owned(), |cell| grouped(cell.people));
            write!(out, "{cell:>8}")?;
        }
        writeln!(out)?;
    }
    Ok(())
}

fn gaps(out: &mut String, report: &Report, map: &JourneyMap) -> std::fmt::Result {
    writeln!(out, "\nThe strongest gaps")?;
    for (at, cell) in strongest(report).take(SHOWN).enumerate() {
        gap(out, at + 1, cell, map)?;
    }
    Ok(())
}

fn gap(out: &mut String, number: usize, cell: &MatrixCell, map: &JourneyMap) -> std::fmt::Result {
    let (name, norm) = gap_name(map, &cell.gap);
    let kinds: Vec<_> =
        cell.kinds.iter().map(|(kind, people)| format!("{kind} {}", grouped(*people))).collect();
    writeln!(
        out,
        "\n{number:>2}. {} × {name}: {} people ({} feedback), {:.1} per 1,000 heard ({:.1} to {:.1}) [{}]",
        stage_name(map, &cell.stage),
        grouped(cell.people),
        grouped(cell.feedback),
        cell.per_thousand,
        cell.low,
        cell.high,
        kinds.join(", ")
    )?;
    if cell.copied_posts > 0 {
        writeln!(out, "    of them {} known only through copied posts", grouped(cell.copied_posts))?;
    }
    writeln!(out, "    expected: {norm}")?;
    for quote in &cell.quotes {
        writeln!(out, "    “{}” ({}, {})", quote.text, quote.kind, quote.day)?;
    }
    Ok(())
}

fn exceeded(out: &mut String, report: &Report) -> std::fmt::Result {
    let rows: Vec<_> = report.stages.iter().filter(|row| row.met + row.exceeded > 0).collect();
    if rows.is_empty() {
        return Ok(());
    }
    writeln!(out, "\nExpectations met and exceeded: distinct people by stage\n")?;
    writeln!(out, "{:<16}{:>8}{:>8}{:>10}", "", "unmet", "met", "exceeded")?;
    for row in rows {
        writeln!(
            out,
            "{:<16}{:>8}{:>8}{:>10}",
            row.name,
            grouped(row.unmet),
            grouped(row.met),
            grouped(row.exceeded)
        )?;
    }
    Ok(())
}

fn phases(out: &mut String, report: &Report) -> std::fmt::Result {
    if report.phases.is_empty() {
        return Ok(());
    }
    writeln!(
        out,
        "\nThe first hundred days: people with an unmet expectation by phase, where purchase dates are known"
    )?;
    let rows: Vec<_> =
        report.phases.iter().map(|row| format!("{} {}", row.phase, grouped(row.people))).collect();
    writeln!(out, "  {}", rows.join(" · "))
}

fn scores(out: &mut String, report: &Report) -> std::fmt::Result {
    if report.scores.is_empty() {
        return Ok(());
    }
    writeln!(out, "\nScores (they count answers; 95 % interval)\n")?;
    for row in &report.scores {
        writeln!(out, "{:<12}{:<18}{}", row.metric, row.scale, score(row))?;
    }
    Ok(())
}

fn newcomers(out: &mut String, report: &Report) -> std::fmt::Result {
    let known: Vec<_> = report.newcomers.iter().filter(|cohort| cohort.over > 0).collect();
    let known = known.get(known.len().saturating_sub(COHORTS)..).unwrap_or_default();
    if known.is_empty() {
        return Ok(());
    }
    writeln!(out, "\nNewcomers by month of purchase: who left within a hundred days (95 % interval)\n")?;
    for cohort in known {
        let share = |value: Option<f64>| value.map_or_else(|| "?".to_owned(), |value| format!("{value:.1}"));
        writeln!(
            out,
            "  {}  {} of {} customers, {} % ({} to {})",
            cohort.month,
            grouped(cohort.lost),
            grouped(cohort.over),
            share(cohort.early_loss),
            share(cohort.low),
            share(cohort.high)
        )?;
    }
    let words: Vec<_> = report
        .last_words
        .iter()
        .take(3)
        .map(|word| {
            let stayed =
                word.share_stayed.map_or_else(String::new, |share| format!(", {share:.1} % of who stayed"));
            format!("{} {:.1} % of the lost{stayed}", word.gap, word.share)
        })
        .collect();
    if words.is_empty() { Ok(()) } else { writeln!(out, "  They had said: {}", words.join("; ")) }
}

fn drivers(out: &mut String, report: &Report) -> std::fmt::Result {
    if report.drivers.is_empty() {
        return Ok(());
    }
    writeln!(out, "\nWhat goes along with a bad NPS: points, with the 95 % interval; no cause is proven\n")?;
    for row in &report.drivers {
        writeln!(
            out,
            "  {:<26}{:>6.1} ({:.1} to {:.1}): {} answers name it with NPS {:.0}, the others have {:.0}",
            row.gap,
            row.impact,
            row.low,
            row.high,
            grouped(row.n_with),
            row.with,
            row.without
        )?;
    }
    Ok(())
}

fn score(row: &ScoreRow) -> String {
    let (Some(value), Some(low), Some(high)) = (row.value, row.low, row.high) else {
        return format!("too few to say, n = {}", grouped(row.n));
    };
    let what = if row.metric == "nps" { "points" } else { "% chose the best answers" };
    format!("{value:.1} {what} ({low:.1} to {high:.1}), mean {:.2}, n = {}", row.mean, grouped(row.n))
}

fn closing(out: &mut String, report: &Report) -> std::fmt::Result {
    writeln!(out)?;
    if let Some(earlier) = &report.broke_earlier {
        writeln!(
            out,
            "Of what support hears, {} broke earlier ({} of {} feedback).",
            percent(earlier.share),
            grouped(earlier.feedback),
            grouped(earlier.of)
        )?;
    }
    if !report.touchpoints.is_empty() {
        let rows = report.touchpoints.iter().take(TOUCHPOINTS);
        let rows: Vec<_> = rows.map(|row| format!("{} {}", row.touchpoint, grouped(row.people))).collect();
        writeln!(out, "Touchpoints with most unmet expectations, in people: {}.", rows.join(", "))?;
    }
    if !report.silent_touchpoints.is_empty() {
        writeln!(out, "Touchpoints about which nobody spoke: {}.", report.silent_touchpoints.join(", "))?;
    }
    if let Some(agreement) = &report.agreement {
        writeln!(
            out,
            "Reviewers agreed with {:.0} % ({:.0} to {:.0} %) of {} mappings drawn at random.",
            agreement.value,
            agreement.low,
            agreement.high,
            grouped(agreement.n)
        )?;
    }
    if report.corrected > 0 {
        writeln!(out, "People corrected the mapping of {} feedback.", grouped(report.corrected))?;
    }
    if report.withheld > 0 {
        writeln!(
            out,
            "{} employee feedback are left out: their group is too small to show.",
            grouped(report.withheld)
        )?;
    }
    Ok(())
}
