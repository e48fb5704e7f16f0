//! The layout of a file: format, encoding, separator, header.

use std::collections::BTreeMap;

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};

use crate::cells::Dialect;
use crate::mapping::{FileFormat, TableMapping};

/// Records that the separator is judged by.
const RECORDS: usize = 100;

/// Finds the layout.
pub(super) fn table(head: &[u8], notes: &mut Vec<String>) -> TableMapping {
    let mut table = TableMapping::default();
    if head.starts_with(b"PK\x03\x04") {
        table.format = FileFormat::Xlsx;
        notes.push("The file is a spreadsheet; its first sheet is read.".to_owned());
        return table;
    }
    let encoding = encoding(head);
    let (text, _) = encoding.decode_with_bom_removal(head);
    if text.trim_start().starts_with('{') {
        table.format = FileFormat::Jsonl;
        notes.push("Each line is a JSON object.".to_owned());
        return table;
    }
    if encoding != UTF_8 {
        table.encoding = Some(encoding.name().to_lowercase());
        notes.push(format!("The text is not UTF-8; it is read as {}.", encoding.name()));
    }
    separate(&mut table, &text);
    let shown = table.separator().replace('\t', "\\t");
    notes.push(format!("Cells are separated by {shown:?}."));
    table
}

fn encoding(head: &[u8]) -> &'static Encoding {
    if let Some((encoding, _)) = Encoding::for_bom(head) {
        return encoding;
    }
    match std::str::from_utf8(head) {
        Ok(_) => UTF_8,
        // The head of a file may end inside a character.
        Err(error) if error.error_len().is_none() => UTF_8,
        Err(_) => WINDOWS_1252,
    }
}

fn separate(table: &mut TableMapping, text: &str) {
    let mut candidates: Vec<String> = ["\t", ";", ",", "|"].map(str::to_owned).to_vec();
    candidates.extend(runs(text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default()));
    let mut best = (0.0, String::from(","));
    for candidate in candidates {
        let score = evenness(text, &candidate);
        if score > best.0 {
            best = (score, candidate);
        }
    }
    if best.1 != "," {
        table.separator = Some(best.1);
    }
    let lines = records(text, table);
    let Some((first, below)) = lines.split_first() else { return };
    if !is_header(first, below) {
        table.header = Some(false);
        table.columns = (1..=first.len()).map(|number| format!("column {number}")).collect();
    }
}

/// Finds runs of one mark in a line: separators of several characters.
fn runs(line: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut run = String::new();
    for c in line.chars().chain(std::iter::once(' ')) {
        if !run.is_empty() && !run.ends_with(c) {
            if run.len() > 1 && !found.contains(&run) {
                found.push(run.clone());
            }
            run.clear();
        }
        if c.is_ascii_punctuation() && !matches!(c, '"' | '.' | '-' | '!' | '?') {
            run.push(c);
        }
    }
    found.truncate(8);
    found
}

/// Gives how evenly a separator cuts the records: the share of the most frequent width, more for wider ones.
fn evenness(text: &str, separator: &str) -> f64 {
    let table = TableMapping { separator: Some(separator.to_owned()), ..TableMapping::default() };
    let mut widths = BTreeMap::<usize, usize>::new();
    let records = records(text, &table);
    for record in &records {
        *widths.entry(record.len()).or_default() += 1;
    }
    let Some((width, count)) = widths.iter().max_by_key(|(width, count)| (**count, **width)) else {
        return 0.0;
    };
    if *width < 2 {
        return 0.0;
    }
    // A longer separator goes before one that is a part of it.
    *count as f64 / records.len() as f64 + *width as f64 / 1000.0 + separator.len() as f64 / 100.0
}

fn records(text: &str, table: &TableMapping) -> Vec<Vec<String>> {
    let dialect = Dialect::of(table);
    let mut records = Vec::new();
    let mut pending = String::new();
    let mut lines = 0;
    for line in text.lines().filter(|line| !line.is_empty()) {
        pending.push_str(line);
        lines += 1;
        match dialect.split(&pending, 8) {
            Some(cells) => records.push(cells.iter().map(|cell| cell.trim().to_owned()).collect()),
            // A quoted cell goes over some lines, but an unclosed quote must not swallow all.
            None if lines < 50 => {
                pending.push('\n');
                continue;
            }
            None => {}
        }
        pending.clear();
        lines = 0;
        if records.len() == RECORDS {
            break;
        }
    }
    records
}

/// The first record is a header if its cells are distinct names: short, no numbers, and not values of the rows below.
fn is_header(first: &[String], below: &[Vec<String>]) -> bool {
    let named = first.iter().filter(|cell| !cell.is_empty());
    let plain = named.clone().all(|cell| {
        cell.chars().count() <= 120
            && crate::table::number(cell).is_none()
            && !cell.contains('@')
            && !is_date(cell)
    });
    let mut distinct: Vec<&String> = named.clone().collect();
    distinct.sort();
    distinct.dedup();
    let repeated = first
        .iter()
        .enumerate()
        .any(|(at, cell)| !cell.is_empty() && below.iter().any(|row| row.get(at) == Some(cell)));
    plain && !repeated && distinct.len() == named.count() && !distinct.is_empty()
}

fn is_date(cell: &str) -> bool {
    cell.len() >= 8
        && cell.starts_with(|c: char| c.is_ascii_digit())
        && cell.bytes().filter(u8::is_ascii_digit).count() >= 6
        && cell.bytes().all(|b| b.is_ascii_digit() || b"-/.:TZ +".contains(&b))
}
