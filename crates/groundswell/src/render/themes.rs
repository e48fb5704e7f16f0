//! Themes for a terminal: the list, one of them, edits, and how the last run differs.

use std::collections::BTreeMap;
use std::fmt::Write;

use groundswell_model::{ThemeChangeKind, ThemeId, ThemeOccasion};
use groundswell_server::{ThemeDetail, ThemeDiff, ThemeList};
use groundswell_steps::decided::themes::{RunChange, RunNote, ThemeEditRow, ThemeRise, ThemeRow};

use super::bars::bars;
use crate::commands::grouped;

/// Weeks of a trend that are drawn.
const WEEKS: usize = 26;

/// Writes the list, with at most `limit` themes; all of them where it is 0.
pub fn themes(list: &ThemeList, limit: usize) -> String {
    let mut out = String::new();
    // Writing to a String cannot fail.
    let _ = write_list(&mut out, list, if limit == 0 { usize::MAX } else { limit });
    out
}

fn write_list(out: &mut String, list: &ThemeList, limit: usize) -> std::fmt::Result {
    if list.themes.is_empty() {
        writeln!(
            out,
            "No themes are known of these days. They are looked for from 200 feedback with text on; `groundswell themes run` looks \
             now, `groundswell themes define` makes one of yours."
        )?;
        return state(out, list);
    }
    let without = share(list.without_theme, list.texts);
    writeln!(
        out,
        "{} themes of {} feedback with text; {without} % belong to none",
        list.themes.len(),
        grouped(list.texts)
    )?;
    for topic in &list.topics {
        let people = grouped(topic.people);
        writeln!(out, "  {:<34} {people:>7} people  {}", topic.name, topic.themes.join(" "))?;
    }
    for row in list.themes.iter().take(limit) {
        head(out, row)?;
        if let Some(example) = &row.example {
            writeln!(out, "       “{example}”")?;
        }
    }
    if list.themes.len() > limit {
        writeln!(out, "\n… and {} more: --limit 0 lists all", list.themes.len() - limit)?;
    }
    writeln!(
        out,
        "\nGo on with: groundswell themes show {}",
        list.themes.first().map_or("t1", |row| &row.id)
    )?;
    state(out, list)
}

/// The last run, and the search that is under way.
fn state(out: &mut String, list: &ThemeList) -> std::fmt::Result {
    if let Some(run) = &list.last_run {
        writeln!(out, "last looked for on {}, in feedback up to {}", day(run), run.until)?;
    }
    if list.search.running {
        let step = list.search.step.as_deref().unwrap_or("beginning");
        writeln!(out, "a search is under way: {step}, {:.0} %", 100.0 * list.search.share)?;
    }
    if let Some(fault) = &list.search.fault {
        writeln!(out, "the last search failed: {fault}")?;
    }
    Ok(())
}

fn day(run: &RunNote) -> String {
    run.at.to_string().chars().take(10).collect()
}

fn share(part: u64, all: u64) -> u64 {
    if all == 0 { 0 } else { (100.0 * part as f64 / all as f64).round() as u64 }
}

/// One theme on two or three lines.
pub(super) fn head(out: &mut String, row: &ThemeRow) -> std::fmt::Result {
    let mut marks = Vec::new();
    marks.extend(row.pinned.then_some("pinned"));
    marks.extend(row.hidden.then_some("hidden"));
    marks.extend(row.emerged.then_some("new"));
    marks.extend((row.edited && !row.pinned && !row.hidden).then_some("edited"));
    let marks = if marks.is_empty() { String::new() } else { format!("  [{}]", marks.join(", ")) };
    writeln!(out, "\n  {:<4} {}{marks}", row.id, row.name)?;
    let sentiment = row.sentiment.map(|value| format!(", sentiment {value:+.2}")).unwrap_or_default();
    writeln!(
        out,
        "       {} people ({} feedback), {} % let down{sentiment}",
        grouped(row.people),
        grouped(row.feedback),
        share(row.unmet, row.people)
    )?;
    let weeks = row.weeks.get(row.weeks.len().saturating_sub(WEEKS)..).unwrap_or_default();
    if weeks.len() > 1 {
        writeln!(out, "       by week {}", bars(weeks))?;
    }
    row.rise.as_ref().map_or(Ok(()), |rise| writeln!(out, "       {}", risen(rise)))
}

/// Says since when more people speak of a theme.
pub(super) fn risen(rise: &ThemeRise) -> String {
    let people = grouped(rise.people);
    match rise.until {
        None => format!("▲ {:.1} times as often as before since {}: {people} people", rise.times, rise.since),
        Some(until) => {
            format!("▲ {:.1} times as often from {} to {until}: {people} people", rise.times, rise.since)
        }
    }
}

/// Writes one theme.
pub fn theme(detail: &ThemeDetail) -> String {
    let mut out = String::new();
    // Writing to a String cannot fail.
    let _ = write_one(&mut out, detail);
    out
}

fn write_one(out: &mut String, detail: &ThemeDetail) -> std::fmt::Result {
    let row = &detail.theme;
    head(out, row)?;
    if !row.topic.is_empty() {
        writeln!(out, "       topic: {}", row.topic)?;
    }
    if !row.words.is_empty() {
        writeln!(out, "       words: {}", row.words.join(", "))?;
    }
    if let Some(query) = &row.query {
        writeln!(out, "       the hits of: {query}")?;
    }
    if !row.leaves.is_empty() {
        writeln!(out, "       made of: {}", row.leaves.join(", "))?;
    }
    if row.withheld {
        writeln!(out, "       feedback of staff is left out, as the group is too small")?;
    }
    for quote in &detail.quotes {
        let copies = if quote.copies > 0 { format!(", and {} like it", quote.copies) } else { String::new() };
        writeln!(out, "\n  “{}”\n      {} · {} · {}{copies}", quote.text, quote.day, quote.kind, quote.id)?;
    }
    for (at, part) in detail.parts.iter().enumerate() {
        let what = if at == 0 { "would stay" } else { "would come off" };
        writeln!(out, "\n  {what}: {} ({} people)", part.words.join(", "), grouped(part.people))?;
        if let Some(example) = &part.example {
            writeln!(out, "      “{example}”")?;
        }
    }
    if !detail.edits.is_empty() {
        writeln!(out)?;
    }
    detail.edits.iter().try_for_each(|edit| write_edit(out, edit))
}

/// Writes edits.
pub fn theme_edits(edits: &[ThemeEditRow]) -> String {
    if edits.is_empty() {
        return "Nobody edited a theme yet. `groundswell themes rename t1 'A better name'` is a beginning.\n"
            .to_owned();
    }
    let mut out = String::new();
    for edit in edits {
        // Writing to a String cannot fail.
        let _ = write_edit(&mut out, edit);
    }
    out
}

fn write_edit(out: &mut String, edit: &ThemeEditRow) -> std::fmt::Result {
    let day: String = edit.at.to_string().chars().take(10).collect();
    write!(out, "  edit {:>4}  {day}  {}: {}", edit.number, edit.actor, edit.what)?;
    if let Some(reason) = &edit.reason {
        write!(out, " ({reason})")?;
    }
    match &edit.undone {
        Some((actor, _)) => writeln!(out, "; undone by {actor}"),
        None => writeln!(out),
    }
}

/// Writes how the last run differs from the one before.
pub fn theme_diff(diff: &ThemeDiff) -> String {
    let mut out = String::new();
    // Writing to a String cannot fail.
    let _ = write_diff(&mut out, diff);
    out
}

fn write_diff(out: &mut String, diff: &ThemeDiff) -> std::fmt::Result {
    let Some(run) = &diff.run else {
        return writeln!(out, "Themes were not looked for yet: `groundswell themes run` does.");
    };
    let names: BTreeMap<ThemeId, &String> = diff.names.iter().map(|(id, name)| (*id, name)).collect();
    let why = match run.occasion {
        ThemeOccasion::Asked => "asked for",
        ThemeOccasion::Due | ThemeOccasion::Emerged => "due",
    };
    writeln!(
        out,
        "Looked for on {} ({why}), in {} feedback with text up to {}",
        day(run),
        grouped(run.feedback),
        run.until
    )?;
    if run.changes.is_empty() {
        writeln!(out, "Nothing differs from the run before.")?;
    }
    for kind in ORDER {
        let of_kind: Vec<&RunChange> = run.changes.iter().filter(|change| change.kind == kind).collect();
        if of_kind.is_empty() {
            continue;
        }
        writeln!(out, "\n{kind}")?;
        of_kind.into_iter().try_for_each(|change| write_change(out, change, &names))?;
    }
    if !diff.emerged.is_empty() {
        writeln!(out, "\nemerged since: {}", told(&diff.emerged, &names))?;
    }
    Ok(())
}

const ORDER: [ThemeChangeKind; 6] = [
    ThemeChangeKind::New,
    ThemeChangeKind::Grown,
    ThemeChangeKind::Shrunk,
    ThemeChangeKind::Split,
    ThemeChangeKind::Merged,
    ThemeChangeKind::Gone,
];

fn write_change(
    out: &mut String,
    change: &RunChange,
    names: &BTreeMap<ThemeId, &String>,
) -> std::fmt::Result {
    let (known, found) = (told(&change.known, names), told(&change.found, names));
    let left = if change.applied { "" } else { "  — left to you, as somebody edited it" };
    match change.kind {
        ThemeChangeKind::New => writeln!(out, "  {found}: {} people{left}", grouped(change.now)),
        ThemeChangeKind::Gone => writeln!(out, "  {known}: {} people before{left}", grouped(change.before)),
        ThemeChangeKind::Split | ThemeChangeKind::Merged => writeln!(out, "  {known} → {found}{left}"),
        ThemeChangeKind::Grown | ThemeChangeKind::Shrunk => {
            writeln!(out, "  {known}: {} → {} people{left}", grouped(change.before), grouped(change.now))
        }
    }
}

fn told(ids: &[ThemeId], names: &BTreeMap<ThemeId, &String>) -> String {
    let one = |id: &ThemeId| names.get(id).map_or_else(|| id.to_string(), |name| format!("{id} {name}"));
    ids.iter().map(one).collect::<Vec<_>>().join("; ")
}
