//! Hits and facets for a terminal, from the JSON shape of an answer.

use std::fmt::Write;
use std::io::IsTerminal;

use serde_json::Value;

use crate::commands::grouped;

/// Longest bar, in signs.
const BAR: u64 = 40;

/// Most bytes shown around the first highlight.
const AROUND: usize = 160;

/// Shows an answer. Highlights are bold on a terminal, else in asterisks.
pub fn hits(answer: &Value) -> String {
    let mut out = String::new();
    // Writing to a String cannot fail.
    let _ = write_answer(&mut out, answer);
    out
}

fn write_answer(out: &mut String, answer: &Value) -> std::fmt::Result {
    writeln!(out, "{} people ({} feedback)", number(answer, "people"), number(answer, "feedback"))?;
    for (key, said) in
        [("ignored", "not understood"), ("withheld", "left out, as the group of staff is too small")]
    {
        let listed: Vec<_> = list(answer, key).iter().filter_map(Value::as_str).collect();
        if !listed.is_empty() {
            writeln!(out, "{said}: {}", listed.join("; "))?;
        }
    }
    if let Some(suggestion) = answer.get("suggestion").and_then(Value::as_str) {
        writeln!(out, "did you mean: {suggestion}")?;
    }
    for hit in list(answer, "hits") {
        write_hit(out, hit)?;
    }
    write_bars(out, list(answer, "histogram"))?;
    if let Some(next) = answer.get("next").and_then(Value::as_str) {
        writeln!(out, "\nmore: --after {next}")?;
    }
    if let Some(facets) = answer.get("facets").and_then(Value::as_object) {
        writeln!(out)?;
        for (field, values) in facets {
            let counts: Vec<_> = values
                .as_array()
                .into_iter()
                .flatten()
                .take(8)
                .map(|count| {
                    let name = count.get("name").and_then(Value::as_str);
                    let name = name.map(|name| format!(" {name}")).unwrap_or_default();
                    format!("{}{name} {}", text(count, "value"), number(count, "people"))
                })
                .collect();
            if !counts.is_empty() {
                writeln!(out, "{field:<10} {}", counts.join(" · "))?;
            }
        }
    }
    Ok(())
}

/// People by day, week or month, as bars.
fn write_bars(out: &mut String, days: &[Value]) -> std::fmt::Result {
    let people = |day: &Value| day.get("people").and_then(Value::as_u64).unwrap_or(0);
    let most = days.iter().map(people).max().unwrap_or(0).max(1);
    if !days.is_empty() {
        writeln!(out, "\npeople from each date on")?;
    }
    for day in days {
        let bar = "█".repeat(usize::try_from((BAR * people(day)).div_ceil(most)).unwrap_or(0));
        writeln!(out, "{}  {:>7}  {bar}", text(day, "day"), grouped(people(day)))?;
    }
    Ok(())
}

fn write_hit(out: &mut String, hit: &Value) -> std::fmt::Result {
    let day: String = text(hit, "occurred_at").chars().take(10).collect();
    let stage = hit.get("stage").and_then(Value::as_str).unwrap_or("unknown");
    let gaps: Vec<_> = list(hit, "gaps").iter().map(|gap| text(gap, "type").to_owned()).collect();
    writeln!(
        out,
        "\n{day}  {} · {} · {stage} · {}",
        text(hit, "kind"),
        text(hit, "source"),
        gaps.join(", ")
    )?;
    writeln!(out, "  {}", excerpt(text(hit, "text"), &spans(hit)))?;
    let copies = hit.get("copies").and_then(Value::as_u64).unwrap_or(0);
    let copies =
        if copies > 0 { format!("  (and {} with the same text)", grouped(copies)) } else { String::new() };
    writeln!(out, "  {}{copies}", text(hit, "id"))
}

fn excerpt(text: &str, spans: &[(usize, usize)]) -> String {
    let first = spans.first().map_or(0, |span| span.0);
    let from = boundary(text, first.saturating_sub(AROUND));
    let to = boundary(text, (first + AROUND).min(text.len()));
    let (on, off) = if std::io::stdout().is_terminal() { ("\u{1b}[1m", "\u{1b}[0m") } else { ("*", "*") };
    let mut shown = if from > 0 { "…".to_owned() } else { String::new() };
    let mut at = from;
    for (start, end) in spans.iter().filter(|(start, end)| *start >= from && *end <= to) {
        shown.push_str(text.get(at..*start).unwrap_or_default());
        shown.push_str(on);
        shown.push_str(text.get(*start..*end).unwrap_or_default());
        shown.push_str(off);
        at = *end;
    }
    shown.push_str(text.get(at..to).unwrap_or_default());
    if to < text.len() {
        shown.push('…');
    }
    shown.replace('\n', " ")
}

fn boundary(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

fn spans(hit: &Value) -> Vec<(usize, usize)> {
    let pair = |span: &Value| {
        let end = |at: usize| span.get(at)?.as_u64().and_then(|value| usize::try_from(value).ok());
        Some((end(0)?, end(1)?))
    };
    list(hit, "highlights").iter().filter_map(pair).collect()
}

fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

fn number(value: &Value, key: &str) -> String {
    grouped(value.get(key).and_then(Value::as_u64).unwrap_or(0))
}
