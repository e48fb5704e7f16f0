//! What can be wrong with a raw record or a file of rows. Messages say where, and never quote a value.

use thiserror::Error;

/// Why a raw record, or one item of it, could not be used.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum AdaptError {
    /// The bytes are not JSON.
    #[error("not JSON at line {line}, column {column}")]
    NotJson {
        /// Line, from 1.
        line: usize,
        /// Column in bytes, from 1.
        column: usize,
    },
    /// The JSON ends too early.
    #[error("record ends too early: JSON is cut off")]
    Truncated,
    /// The bytes are not in the declared encoding.
    #[error("bytes are not valid {encoding}{}", place(*row, column.as_deref()))]
    Encoding {
        /// The declared encoding.
        encoding: &'static str,
        /// The row of a table.
        row: Option<u64>,
        /// The column of a table.
        column: Option<String>,
    },
    /// A field that must be there is not.
    #[error("missing field {pointer}")]
    MissingField {
        /// JSON pointer.
        pointer: String,
    },
    /// A field has another type than it must have.
    #[error("wrong type at {pointer}{}", expected_text(expected))]
    WrongType {
        /// JSON pointer.
        pointer: String,
        /// What was expected, where it is known.
        expected: String,
    },
    /// A field has a value that is not allowed.
    #[error("value not allowed at {pointer}{}", expected_text(expected))]
    BadValue {
        /// JSON pointer.
        pointer: String,
        /// What was expected, where it is known.
        expected: String,
    },
    /// The record is over the pipeline's limit.
    #[error("record of {bytes} bytes is over the limit of {limit}")]
    TooLarge {
        /// Length of the record in bytes.
        bytes: u64,
        /// The limit in bytes.
        limit: u64,
    },
    /// JSON is nested too deeply.
    #[error("JSON is nested too deeply")]
    TooDeep,
    /// A row of a table does not have the shape that the header says.
    #[error("row {row}: {reason}")]
    BadRow {
        /// Row number; the first after the header is 1.
        row: u64,
        /// What is wrong, without quoting cells.
        reason: String,
    },
    /// A mapped column is not in the table.
    #[error("missing column {column:?}{}", place(*row, None))]
    MissingColumn {
        /// Name of the column.
        column: String,
        /// The row.
        row: Option<u64>,
    },
    /// A date cannot be read in any of the declared formats.
    #[error("unreadable date{}", place(Some(*row), Some(column)))]
    BadDate {
        /// Row number.
        row: u64,
        /// Name of the column.
        column: String,
    },
    /// A score is neither a number nor one of the declared words.
    #[error("score is neither a number nor a declared word{}", place(Some(*row), Some(column)))]
    BadScore {
        /// Row number.
        row: u64,
        /// Name of the column.
        column: String,
    },
    /// A score lies outside its declared scale.
    #[error("score is outside its scale of {min} to {max}{}", place(Some(*row), Some(column)))]
    OutOfScale {
        /// Row number.
        row: u64,
        /// Name of the column.
        column: String,
        /// Lowest value.
        min: String,
        /// Highest value.
        max: String,
    },
    /// A cell has a value that is not allowed.
    #[error("cell is not {expected}{}", place(Some(*row), Some(column)))]
    BadCell {
        /// Row number.
        row: u64,
        /// Name of the column.
        column: String,
        /// What was expected.
        expected: &'static str,
    },
}

fn place(row: Option<u64>, column: Option<&str>) -> String {
    match (row, column) {
        (Some(row), Some(column)) => format!(" in row {row}, column {column:?}"),
        (Some(row), None) => format!(" in row {row}"),
        (None, Some(column)) => format!(" in column {column:?}"),
        (None, None) => String::new(),
    }
}

fn expected_text(expected: &str) -> String {
    if expected.is_empty() { String::new() } else { format!(": expected {expected}") }
}

impl AdaptError {
    /// Every code that this crate can give for a record, for the documentation test.
    pub const CODES: &'static [&'static str] = &[
        "adapt.not_json",
        "adapt.truncated",
        "adapt.encoding",
        "adapt.missing_field",
        "adapt.wrong_type",
        "adapt.bad_value",
        "adapt.too_large",
        "adapt.too_deep",
        "adapt.bad_row",
        "adapt.missing_column",
        "adapt.bad_date",
        "adapt.bad_score",
        "adapt.out_of_scale",
        "adapt.bad_cell",
    ];

    /// Gives the stable code for dead letters, the API and the documentation.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotJson { .. } => "adapt.not_json",
            Self::Truncated => "adapt.truncated",
            Self::Encoding { .. } => "adapt.encoding",
            Self::MissingField { .. } => "adapt.missing_field",
            Self::WrongType { .. } => "adapt.wrong_type",
            Self::BadValue { .. } => "adapt.bad_value",
            Self::TooLarge { .. } => "adapt.too_large",
            Self::TooDeep => "adapt.too_deep",
            Self::BadRow { .. } => "adapt.bad_row",
            Self::MissingColumn { .. } => "adapt.missing_column",
            Self::BadDate { .. } => "adapt.bad_date",
            Self::BadScore { .. } => "adapt.bad_score",
            Self::OutOfScale { .. } => "adapt.out_of_scale",
            Self::BadCell { .. } => "adapt.bad_cell",
        }
    }

    /// Gives the JSON pointer of the fault, where it has one.
    pub fn pointer(&self) -> Option<&str> {
        match self {
            Self::MissingField { pointer }
            | Self::WrongType { pointer, .. }
            | Self::BadValue { pointer, .. } => Some(pointer),
            _ => None,
        }
    }

    /// Puts the pointer of the enclosing value in front of the fault's own.
    pub(crate) fn under(mut self, prefix: &str) -> Self {
        if let Self::MissingField { pointer }
        | Self::WrongType { pointer, .. }
        | Self::BadValue { pointer, .. } = &mut self
        {
            pointer.insert_str(0, prefix);
        }
        self
    }

    /// A value that is not allowed.
    pub(crate) fn bad_value(pointer: impl Into<String>, expected: impl Into<String>) -> Self {
        Self::BadValue { pointer: pointer.into(), expected: expected.into() }
    }

    /// A field that is not there.
    pub(crate) fn missing(pointer: impl Into<String>) -> Self {
        Self::MissingField { pointer: pointer.into() }
    }
}

/// Why a file, or a row of it, could not be read.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum RowsError {
    /// Reading failed.
    #[error("reading failed: {0}")]
    Io(#[from] std::io::Error),
    /// A spreadsheet cannot be opened or read.
    #[error("spreadsheet: {reason}")]
    Spreadsheet {
        /// What is wrong.
        reason: String,
    },
    /// The pipeline maps columns that the file does not have.
    #[error("file lacks columns that the pipeline maps: {}", columns.join(", "))]
    MissingColumns {
        /// Key path and name of each.
        columns: Vec<String>,
    },
    /// The pipeline has no table mapping, so that a file cannot be split into rows.
    #[error("pipeline {pipeline:?} has no [table]")]
    NoTable {
        /// The pipeline's name.
        pipeline: String,
    },
    /// The header cannot be read.
    #[error("header: {0}")]
    Header(#[source] AdaptError),
    /// One row cannot be used; the rows after it go on.
    #[error("{error}")]
    Row {
        /// Row number; the first after the header is 1.
        number: u64,
        /// The row's bytes, at most the limit of a record.
        bytes: Vec<u8>,
        /// Why.
        #[source]
        error: AdaptError,
    },
}

impl RowsError {
    /// Every code that reading a file can give.
    pub const CODES: &'static [&'static str] =
        &["rows.io", "rows.spreadsheet", "rows.missing_columns", "rows.no_table", "rows.header", "rows.row"];

    /// Gives the stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Io(_) => "rows.io",
            Self::Spreadsheet { .. } => "rows.spreadsheet",
            Self::MissingColumns { .. } => "rows.missing_columns",
            Self::NoTable { .. } => "rows.no_table",
            Self::Header(_) => "rows.header",
            Self::Row { .. } => "rows.row",
        }
    }

    /// Says whether reading can go on with the next row.
    pub fn goes_on(&self) -> bool {
        matches!(self, Self::Row { .. })
    }
}
