//! Files of rows: splits CSV, JSON Lines and spreadsheets into raw records, one per row, without understanding them.
//! It reads from any reader as a stream; only a spreadsheet is held in memory as a whole, up to a limit.

use std::io::Read;

use crate::cells::Dialect;
use crate::error::{AdaptError, RowsError};
use crate::mapping::{FileFormat, TableMapping};
use crate::pipeline::Pipeline;

mod sheet;
mod split;
mod transcode;

use split::{Ending, Splitter};

/// One row of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Its number; the first after the header is 1. Blank lines have none.
    pub number: u64,
    /// Its bytes as they stand in the file, without the line end. Rows of a UTF-16 file are handed over in UTF-8, rows
    /// of a spreadsheet as a JSON list of strings.
    pub bytes: Vec<u8>,
}

/// The rows of a file.
pub struct Rows<'a> {
    columns: Vec<String>,
    number: u64,
    over: bool,
    inner: Inner<'a>,
}

enum Inner<'a> {
    Text(Box<Splitter<Box<dyn Read + Send + 'a>>>),
    Sheet(std::vec::IntoIter<Vec<u8>>, u64),
}

/// Opens a file of rows as the pipeline says, and checks that every mapped column is there. A pipeline without a table
/// reads JSON Lines: one raw record a line.
///
/// # Errors
/// [`RowsError`] when reading fails, the header cannot be read or lacks mapped columns, or a spreadsheet is none.
pub fn open<'a>(reader: impl Read + Send + 'a, pipeline: &Pipeline) -> Result<Rows<'a>, RowsError> {
    let rows = match &pipeline.table {
        Some(table) => open_table(Box::new(reader), table, pipeline.limits.record_bytes.get())?,
        None if pipeline.reads_rows() => return Err(RowsError::NoTable { pipeline: pipeline.name.clone() }),
        None => Rows::of_lines(Box::new(reader), pipeline.limits.record_bytes.get()),
    };
    if pipeline.table.is_some() && pipeline.file_format() != FileFormat::Jsonl {
        let columns = pipeline.missing_columns(&rows.columns);
        if !columns.is_empty() {
            return Err(RowsError::MissingColumns { columns });
        }
    }
    Ok(rows)
}

/// Opens a file of rows by a mapping alone, whether or not mapped columns are there.
///
/// # Errors
/// As [`open`], but for missing columns.
pub(crate) fn open_table<'a>(
    reader: Box<dyn Read + Send + 'a>,
    table: &TableMapping,
    limit: u64,
) -> Result<Rows<'a>, RowsError> {
    match table.format {
        FileFormat::Xlsx => {
            let sheet = sheet::read(reader, table)?;
            let inner = Inner::Sheet(sheet.rows.into_iter(), limit);
            Ok(Rows { columns: sheet.columns, number: 0, over: false, inner })
        }
        FileFormat::Jsonl => {
            let mut rows = Rows::of_lines(reader, limit);
            rows.columns.clone_from(&table.columns);
            Ok(rows)
        }
        FileFormat::Csv => separated(reader, table, limit),
    }
}

fn separated<'a>(
    reader: Box<dyn Read + Send + 'a>,
    table: &TableMapping,
    limit: u64,
) -> Result<Rows<'a>, RowsError> {
    let dialect = Dialect::of(table);
    let ending =
        Ending::Quoted { separator: dialect.separator().as_bytes().to_vec(), quote: dialect.quote() };
    let reader = transcode::reader(reader, crate::table::encoding(table))?;
    let mut splitter = Box::new(Splitter::new(reader, ending, limit));
    for _ in 0..table.skip_lines {
        splitter.skip_line()?;
    }
    let mut columns = table.columns.clone();
    if table.has_header() {
        let named = header(&mut splitter, table)?;
        if columns.is_empty() {
            columns = named;
        }
    }
    Ok(Rows { columns, number: 0, over: false, inner: Inner::Text(splitter) })
}

fn header<R: Read>(splitter: &mut Splitter<R>, table: &TableMapping) -> Result<Vec<String>, RowsError> {
    let bytes = loop {
        match splitter.next()? {
            Some(Ok(bytes)) if bytes.is_empty() => {}
            Some(Ok(bytes)) => break bytes,
            Some(Err(bad)) => return Err(RowsError::Header(bad.error(0))),
            None => return Ok(Vec::new()),
        }
    };
    let encoding = crate::table::row_encoding(table);
    let unreadable = || AdaptError::Encoding { encoding: encoding.name(), row: None, column: None };
    let text = encoding.decode_without_bom_handling_and_without_replacement(&bytes);
    let text = text.ok_or_else(|| RowsError::Header(unreadable()))?;
    let cells = Dialect::of(table).split(&text, 16);
    let unclosed = || AdaptError::BadRow { row: 0, reason: "has a quoted cell that does not end".to_owned() };
    let cells = cells.ok_or_else(|| RowsError::Header(unclosed()))?;
    Ok(distinct(cells.iter().map(|cell| cell.trim().to_owned())))
}

/// Makes the names of a header distinct: a nameless one becomes `column 3`, a repeated one `Name (2)`.
fn distinct(names: impl Iterator<Item = String>) -> Vec<String> {
    let mut seen = std::collections::BTreeMap::<String, usize>::new();
    let mut distinct = Vec::new();
    for (at, name) in names.enumerate() {
        let name = if name.is_empty() { format!("column {}", at + 1) } else { name };
        let count = seen.entry(name.clone()).and_modify(|count| *count += 1).or_insert(1);
        distinct.push(if *count == 1 { name } else { format!("{name} ({count})") });
    }
    distinct
}

impl<'a> Rows<'a> {
    fn of_lines(reader: Box<dyn Read + Send + 'a>, limit: u64) -> Self {
        // JSON is UTF-8; only its byte order mark has to go.
        let splitter = match transcode::reader(reader, encoding_rs::UTF_8) {
            Ok(reader) => Splitter::new(reader, Ending::Line, limit),
            Err(error) => Splitter::new(
                Box::new(transcode::Failing(Some(error))) as Box<dyn Read + Send>,
                Ending::Line,
                limit,
            ),
        };
        Self { columns: Vec::new(), number: 0, over: false, inner: Inner::Text(Box::new(splitter)) }
    }

    /// Gives the names of the columns, in order; none where rows name their own fields.
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    fn take(&mut self) -> Option<Result<Row, RowsError>> {
        loop {
            let taken = match &mut self.inner {
                Inner::Text(splitter) => match splitter.next() {
                    Ok(taken) => taken?,
                    Err(error) => return Some(Err(error.into())),
                },
                Inner::Sheet(rows, limit) => {
                    let bytes = rows.next()?;
                    if bytes.len() as u64 > *limit {
                        Err(split::Bad::too_large(bytes, *limit))
                    } else {
                        Ok(bytes)
                    }
                }
            };
            match taken {
                Ok(bytes) if bytes.is_empty() => {}
                Ok(bytes) => {
                    self.number += 1;
                    return Some(Ok(Row { number: self.number, bytes }));
                }
                Err(bad) => {
                    self.number += 1;
                    let error = bad.error(self.number);
                    return Some(Err(RowsError::Row { number: self.number, bytes: bad.bytes, error }));
                }
            }
        }
    }
}

impl Iterator for Rows<'_> {
    type Item = Result<Row, RowsError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.over {
            return None;
        }
        let row = self.take();
        self.over = row.as_ref().is_none_or(|row| row.as_ref().is_err_and(|error| !error.goes_on()));
        row
    }
}

#[cfg(test)]
mod tests;
