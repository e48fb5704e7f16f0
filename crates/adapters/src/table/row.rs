//! One row of a table: its cells by column, whatever the file's format.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};
use groundswell_model::RawRecord;
use serde_json::Value;

use crate::cells::Dialect;
use crate::error::AdaptError;
use crate::json;
use crate::mapping::{Column, FileFormat, TableMapping};

/// A row that has been split into cells.
pub(crate) struct Row<'a> {
    number: u64,
    empty: &'a [String],
    cells: Cells<'a>,
}

enum Cells<'a> {
    Listed(&'a [String], Vec<Cow<'a, str>>),
    Named(Value),
}

impl<'a> Row<'a> {
    /// Reads a row in the format that the mapping declares.
    ///
    /// # Errors
    /// Bytes that are not in the encoding, JSON that is none, a number of cells other than the header's.
    pub(crate) fn read(table: &'a TableMapping, raw: &RawRecord<'a>) -> Result<Self, AdaptError> {
        let number = raw.row.unwrap_or(0);
        let cells = match table.format {
            FileFormat::Jsonl => Cells::Named(object(raw)?),
            FileFormat::Xlsx => {
                let cells: Vec<String> = json::read(json::text(raw)?)?;
                listed(table, raw, cells.into_iter().map(Cow::Owned).collect())?
            }
            FileFormat::Csv => {
                let columns = columns(table, raw)?;
                listed(table, raw, separated(table, raw, columns)?)?
            }
        };
        Ok(Self { number, empty: &table.empty, cells })
    }

    /// Gives the row's number; the first after the header is 1.
    pub(super) fn number(&self) -> u64 {
        self.number
    }

    /// Gives the keys of a row that names its own fields.
    pub(crate) fn keys(&self) -> Vec<String> {
        match &self.cells {
            Cells::Listed(columns, _) => columns.to_vec(),
            Cells::Named(value) => {
                value.as_object().map(|object| object.keys().cloned().collect()).unwrap_or_default()
            }
        }
    }

    /// Says whether no cell holds anything.
    pub(super) fn is_empty(&self) -> bool {
        match &self.cells {
            Cells::Listed(_, cells) => cells.iter().all(|cell| cell.trim().is_empty()),
            Cells::Named(value) => value.as_object().is_none_or(serde_json::Map::is_empty),
        }
    }

    /// Gives the trimmed cell of a column, or nothing where it is empty or holds a word for empty.
    ///
    /// # Errors
    /// [`AdaptError::MissingColumn`] when the table has no such column.
    pub(crate) fn get(&self, column: &Column) -> Result<Option<Cow<'_, str>>, AdaptError> {
        match &self.cells {
            Cells::Listed(columns, cells) => self.listed(column.name(), column.place(columns), cells),
            Cells::Named(value) => Ok(self.of_object(value, column.name())),
        }
    }

    /// Gives the cell of a column by its bare name, as `get` does.
    ///
    /// # Errors
    /// [`AdaptError::MissingColumn`] when the table has no such column.
    pub(super) fn named(&self, name: &str) -> Result<Option<Cow<'_, str>>, AdaptError> {
        match &self.cells {
            Cells::Listed(columns, cells) => {
                self.listed(name, columns.iter().position(|column| column == name), cells)
            }
            Cells::Named(value) => Ok(self.of_object(value, name)),
        }
    }

    fn listed<'s>(
        &'s self,
        name: &str,
        place: Option<usize>,
        cells: &'s [Cow<'_, str>],
    ) -> Result<Option<Cow<'s, str>>, AdaptError> {
        let missing = || AdaptError::MissingColumn { column: name.to_owned(), row: Some(self.number) };
        let cell = place.and_then(|place| cells.get(place)).ok_or_else(missing)?.trim();
        Ok((!self.means_nothing(cell)).then_some(Cow::Borrowed(cell)))
    }

    fn of_object<'s>(&'s self, value: &'s Value, name: &str) -> Option<Cow<'s, str>> {
        let found = if name.starts_with('/') { value.pointer(name) } else { value.get(name) }?;
        let cell = match found {
            Value::String(text) => Cow::Borrowed(text.trim()),
            other => Cow::Owned(json::scalar(other)?),
        };
        (!self.means_nothing(&cell)).then_some(cell)
    }

    fn means_nothing(&self, cell: &str) -> bool {
        cell.is_empty() || self.empty.iter().any(|word| super::same(cell, word))
    }

    /// A date that cannot be read.
    pub(super) fn bad_date(&self, column: &Column) -> AdaptError {
        AdaptError::BadDate { row: self.number, column: column.name().to_owned() }
    }

    /// A cell that is not what it must be.
    pub(super) fn bad_cell(&self, column: &Column, expected: &'static str) -> AdaptError {
        AdaptError::BadCell { row: self.number, column: column.name().to_owned(), expected }
    }
}

fn object(raw: &RawRecord<'_>) -> Result<Value, AdaptError> {
    let value: Value = json::read(json::text(raw)?)?;
    if value.is_object() {
        Ok(value)
    } else {
        Err(AdaptError::WrongType { pointer: String::new(), expected: "an object".to_owned() })
    }
}

fn columns<'a>(table: &'a TableMapping, raw: &RawRecord<'a>) -> Result<&'a [String], AdaptError> {
    let columns = raw.columns.unwrap_or(&table.columns);
    if columns.is_empty() {
        return Err(AdaptError::BadRow {
            row: raw.row.unwrap_or(0),
            reason: "comes without names of columns".to_owned(),
        });
    }
    Ok(columns)
}

fn listed<'a>(
    table: &'a TableMapping,
    raw: &RawRecord<'a>,
    cells: Vec<Cow<'a, str>>,
) -> Result<Cells<'a>, AdaptError> {
    let columns = columns(table, raw)?;
    if cells.len() != columns.len() {
        let reason = format!("has {} cell(s), the header {}", cells.len(), columns.len());
        return Err(AdaptError::BadRow { row: raw.row.unwrap_or(0), reason });
    }
    Ok(Cells::Listed(columns, cells))
}

fn separated<'a>(
    table: &TableMapping,
    raw: &RawRecord<'a>,
    columns: &[String],
) -> Result<Vec<Cow<'a, str>>, AdaptError> {
    let dialect = Dialect::of(table);
    let unclosed = || AdaptError::BadRow {
        row: raw.row.unwrap_or(0),
        reason: "has a quoted cell that does not end".to_owned(),
    };
    match decoded(table, raw, columns)? {
        Cow::Borrowed(text) => dialect.split(text, columns.len()).ok_or_else(unclosed),
        Cow::Owned(text) => {
            let cells = dialect.split(&text, columns.len()).ok_or_else(unclosed)?;
            Ok(cells.into_iter().map(|cell| Cow::Owned(cell.into_owned())).collect())
        }
    }
}

/// Gives the encoding that a mapping declares; UTF-8 where it declares none.
pub(crate) fn encoding(table: &TableMapping) -> &'static Encoding {
    let label = table.encoding.as_deref();
    label.and_then(|label| Encoding::for_label(label.as_bytes())).unwrap_or(UTF_8)
}

/// Gives the encoding of a mapping's rows: a UTF-16 file is split into rows of UTF-8.
pub(crate) fn row_encoding(table: &TableMapping) -> &'static Encoding {
    match encoding(table) {
        encoding if encoding == UTF_16LE || encoding == UTF_16BE => UTF_8,
        encoding => encoding,
    }
}

fn decoded<'a>(
    table: &TableMapping,
    raw: &RawRecord<'a>,
    columns: &[String],
) -> Result<Cow<'a, str>, AdaptError> {
    let encoding = row_encoding(table);
    if encoding == UTF_8
        && let Ok(text) = std::str::from_utf8(raw.bytes)
    {
        return Ok(Cow::Borrowed(text));
    }
    encoding.decode_without_bom_handling_and_without_replacement(raw.bytes).ok_or_else(|| {
        let (lossy, _) = encoding.decode_without_bom_handling(raw.bytes);
        let before = lossy.split('\u{fffd}').next().unwrap_or_default();
        let place =
            Dialect::of(table).split(before, columns.len()).map_or(columns.len(), |cells| cells.len());
        let column = place.checked_sub(1).and_then(|place| columns.get(place)).cloned();
        AdaptError::Encoding { encoding: encoding.name(), row: raw.row, column }
    })
}
