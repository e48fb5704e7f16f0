//! Spreadsheets: the rows of one sheet as JSON lists of strings, with dates in ISO form.

use std::io::{Cursor, Read};

use calamine::{DataRef, Reader, Xlsx};

use super::distinct;
use crate::error::RowsError;
use crate::mapping::TableMapping;

/// Longest spreadsheet file, in bytes.
const LONGEST_FILE: u64 = 256 << 20;
/// Longest unpacked content that a file may declare, and longest text of all rows, in bytes.
const LONGEST_CONTENT: u64 = 1 << 30;

/// The rows of a sheet.
pub(super) struct Sheet {
    pub(super) columns: Vec<String>,
    pub(super) rows: Vec<Vec<u8>>,
}

/// Reads the mapped sheet, or the first.
pub(super) fn read(reader: impl Read, table: &TableMapping) -> Result<Sheet, RowsError> {
    let mut bytes = Vec::new();
    reader.take(LONGEST_FILE + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LONGEST_FILE {
        return Err(fault(format!("file is over the limit of {LONGEST_FILE} bytes")));
    }
    if declared_content(&bytes) > LONGEST_CONTENT {
        return Err(fault(format!("content is over the limit of {LONGEST_CONTENT} bytes")));
    }
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(|error| fault(error.to_string()))?;
    let names = book.sheet_names();
    let name = match &table.sheet {
        Some(name) if names.contains(name) => name.clone(),
        Some(name) => {
            return Err(fault(format!("there is no sheet {name:?}; there are {}", names.join(", "))));
        }
        None => names.first().cloned().ok_or_else(|| fault("there is no sheet".to_owned()))?,
    };
    let mut cells = book.worksheet_cells_reader(&name).map_err(|error| fault(error.to_string()))?;
    let mut gatherer = Gatherer::new(table);
    while let Some(cell) = cells.next_cell().map_err(|error| fault(error.to_string()))? {
        gatherer.cell(cell.get_position(), cell.get_value())?;
    }
    gatherer.end_row()?;
    Ok(Sheet { columns: gatherer.columns, rows: gatherer.rows })
}

fn fault(reason: String) -> RowsError {
    RowsError::Spreadsheet { reason }
}

/// Adds up the unpacked sizes that the central directory of a ZIP file declares (APPNOTE 4.3.12).
fn declared_content(bytes: &[u8]) -> u64 {
    memchr::memmem::find_iter(bytes, b"PK\x01\x02")
        .filter_map(|at| bytes.get(at + 24..at + 28)?.try_into().ok().map(u32::from_le_bytes))
        .map(u64::from)
        .sum()
}

struct Gatherer<'a> {
    table: &'a TableMapping,
    columns: Vec<String>,
    has_header: bool,
    skip: u64,
    row: u32,
    cells: Vec<String>,
    rows: Vec<Vec<u8>>,
    total: u64,
}

impl<'a> Gatherer<'a> {
    fn new(table: &'a TableMapping) -> Self {
        let columns = if table.has_header() { Vec::new() } else { table.columns.clone() };
        let has_header = !table.has_header();
        Self {
            table,
            columns,
            has_header,
            skip: table.skip_lines,
            row: 0,
            cells: Vec::new(),
            rows: Vec::new(),
            total: 0,
        }
    }

    fn cell(&mut self, (row, column): (u32, u32), value: &DataRef<'_>) -> Result<(), RowsError> {
        if row < self.row {
            return Err(fault("rows are out of order".to_owned()));
        }
        if row > self.row {
            self.end_row()?;
            self.row = row;
        }
        // One cell beyond the header is enough to refuse the row.
        let widest = if self.has_header { self.columns.len() + 1 } else { usize::MAX };
        let at = (column as usize).min(widest.saturating_sub(1));
        let text = text(value);
        if text.is_empty() {
            return Ok(());
        }
        if self.cells.len() <= at {
            self.cells.resize(at + 1, String::new());
        }
        if let Some(cell) = self.cells.get_mut(at) {
            *cell = text;
        }
        Ok(())
    }

    fn end_row(&mut self) -> Result<(), RowsError> {
        if u64::from(self.row) < self.skip || self.cells.iter().all(String::is_empty) {
            self.cells.clear();
            return Ok(());
        }
        let mut cells = std::mem::take(&mut self.cells);
        if !self.has_header {
            self.has_header = true;
            let named = distinct(cells.into_iter().map(|cell| cell.trim().to_owned()));
            self.columns = if self.table.columns.is_empty() { named } else { self.table.columns.clone() };
            return Ok(());
        }
        if cells.len() < self.columns.len() {
            cells.resize(self.columns.len(), String::new());
        }
        let bytes = serde_json::to_vec(&cells).map_err(|error| fault(error.to_string()))?;
        self.total += bytes.len() as u64;
        if self.total > LONGEST_CONTENT {
            return Err(fault(format!("content is over the limit of {LONGEST_CONTENT} bytes")));
        }
        self.rows.push(bytes);
        Ok(())
    }
}

fn text(value: &DataRef<'_>) -> String {
    match value {
        DataRef::Int(number) => number.to_string(),
        DataRef::Float(number) => number.to_string(),
        DataRef::String(text) => text.clone(),
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::Bool(yes) => yes.to_string(),
        DataRef::DateTime(moment) if moment.is_duration() => moment.as_f64().to_string(),
        DataRef::DateTime(moment) => date_text(moment.to_ymd_hms_milli()),
        DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => text.clone(),
        DataRef::Error(_) | DataRef::Empty => String::new(),
    }
}

fn date_text((year, month, day, hour, minute, second, _): (u16, u8, u8, u8, u8, u8, u16)) -> String {
    let date = format!("{year:04}-{month:02}-{day:02}");
    if (hour, minute, second) == (0, 0, 0) {
        date
    } else {
        format!("{date}T{hour:02}:{minute:02}:{second:02}")
    }
}
