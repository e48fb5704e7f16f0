//! The `[table]` part of a pipeline file: which column of a table becomes which field. Plain data; `table` applies it.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, Ordering};

use groundswell_model::submission::TextFormat;
use groundswell_model::{Metric, Speaker};
use groundswell_text::PersonalKind;
use serde::{Deserialize, Serialize};

use crate::dates::DateFormat;

/// How a table is laid out and what its columns mean. Every key has its comment here; unknown keys are refused.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TableMapping {
    /// `csv` (any separated text), `jsonl` (one JSON object a line) or `xlsx`.
    pub format: FileFormat,
    /// What stands between cells: one character such as `,` or `\t`, or several such as `||`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub separator: Option<String>,
    /// The character around cells that hold separators or line ends; `"` by default, `""` (none) for a separator of
    /// several characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quote: Option<String>,
    /// Label of the text's encoding (WHATWG), `utf-8` by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encoding: Option<String>,
    /// Whether the first row names the columns; true by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub header: Option<bool>,
    /// Names of the columns where the file has no header.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub columns: Vec<String>,
    /// Lines above the header that are no rows.
    #[serde(skip_serializing_if = "is_zero")]
    pub skip_lines: u64,
    /// Name of the sheet of a spreadsheet; the first by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sheet: Option<String>,
    /// Words that stand for an empty cell, such as `N/A`; compared without case.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub empty: Vec<String>,
    /// Columns that together make the source's record id. Without any, the row's own bytes give the id.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub record: Vec<Column>,
    /// Column that names the part, where one record comes in several rows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub part: Option<Column>,
    /// Column with a link to the record.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<Column>,
    /// When the source changed the record, or a sequence: the greater wins.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revision: Option<DateColumn>,
    /// Rows that say that the record was deleted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deleted: Option<SkipRule>,
    /// When it happened or was said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub occurred_at: Option<DateColumn>,
    /// Who said it, or for customer records who it is; the strongest identity first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub respondent: Vec<IdentityColumn>,
    /// Column with the account or company of the respondent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<Column>,
    /// Columns with personal values: they are removed from every text and never stored.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub personal: Vec<PersonalColumn>,
    /// Rows that are not feedback.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub skip_when: Vec<SkipRule>,
    /// How it arrived; the pipeline's channel by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel: Option<Field>,
    /// What sort of voice it is (`complaint`, `survey`, `employee`, `public`); the pipeline's kind by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<Field>,
    /// Free texts.
    #[serde(rename = "statement", skip_serializing_if = "Vec::is_empty")]
    pub statements: Vec<StatementColumn>,
    /// Scores.
    #[serde(rename = "answer", skip_serializing_if = "Vec::is_empty")]
    pub answers: Vec<AnswerColumn>,
    /// Structured evidence such as `order_status`, `survey_type`, `ticket_category`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub context: BTreeMap<String, Field>,
    /// Customer segments such as `plan`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub segments: BTreeMap<String, Field>,
    /// What it is about: `product`, `version`, `region`, `unit`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub subject: BTreeMap<String, Field>,
    /// The respondent's own clock: `purchased_at`, `activated_at`, `goal_at`, `term_ends_at`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub clock: BTreeMap<String, DateColumn>,
    /// What the company did with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub handling: Option<HandlingMapping>,
    /// Extra fields to keep, by name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub attributes: BTreeMap<String, Field>,
    /// Further fields of customer records.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customer: Option<CustomerMapping>,
}

fn is_zero(value: &u64) -> bool {
    *value == 0
}

/// What a file of rows is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FileFormat {
    /// Separated text.
    #[default]
    Csv,
    /// One JSON object a line. A column is a key, or a JSON pointer such as `/user/id`.
    Jsonl,
    /// A sheet of a spreadsheet.
    Xlsx,
}

/// A column by its name in the header. It remembers where it last stood, so that rows need no search.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct Column {
    name: String,
    hint: AtomicU32,
}

impl Column {
    /// Gives the name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Finds the column's place in a header.
    pub fn place(&self, columns: &[String]) -> Option<usize> {
        // ORDER: relaxed, as the hint is checked against the header and any value is safe.
        let hint = self.hint.load(Ordering::Relaxed) as usize;
        if columns.get(hint).is_some_and(|name| *name == self.name) {
            return Some(hint);
        }
        let place = columns.iter().position(|name| *name == self.name)?;
        self.hint.store(u32::try_from(place).unwrap_or(u32::MAX), Ordering::Relaxed);
        Some(place)
    }
}

impl From<String> for Column {
    fn from(name: String) -> Self {
        Self { name, hint: AtomicU32::new(0) }
    }
}

impl From<&str> for Column {
    fn from(name: &str) -> Self {
        name.to_owned().into()
    }
}

impl From<Column> for String {
    fn from(column: Column) -> Self {
        column.name
    }
}

impl Clone for Column {
    fn clone(&self) -> Self {
        self.name.clone().into()
    }
}

impl PartialEq for Column {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

/// A field that comes from a column, or is the same in every row.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Field {
    /// The column.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<Column>,
    /// The value of every row, where there is no column.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// Translation of cells, compared without case; an empty result leaves the field out.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub map: BTreeMap<String, String>,
    /// What becomes of a cell that `map` does not name.
    #[serde(skip_serializing_if = "Other::is_default")]
    pub other: Other,
}

impl Field {
    /// Makes a field of a column.
    pub fn of(column: &str) -> Self {
        Self { column: Some(column.into()), ..Self::default() }
    }

    /// Makes a field with one value for every row.
    pub fn fixed(value: &str) -> Self {
        Self { value: Some(value.to_owned()), ..Self::default() }
    }
}

/// What becomes of a cell that a map does not name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Other {
    /// It is kept as it is.
    #[default]
    Keep,
    /// It is left out.
    Drop,
}

impl Other {
    fn is_default(&self) -> bool {
        *self == Self::Keep
    }
}

/// A column of dates.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DateColumn {
    /// The column.
    pub column: Column,
    /// Formats, tried in order; RFC 3339 and year-month-day by default.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub formats: Vec<DateFormat>,
}

/// A column that says who it is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IdentityColumn {
    /// The column.
    pub column: Column,
    /// What its cells are.
    #[serde(rename = "as")]
    pub identity: IdentityAs,
}

/// What identifies a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IdentityAs {
    /// The company's own customer number.
    Customer,
    /// An e-mail address; it is also removed from the texts.
    Email,
    /// A phone number; it is also removed from the texts.
    Phone,
    /// A user id of this source.
    User,
}

/// A column of personal values.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PersonalColumn {
    /// The column.
    pub column: Column,
    /// What its cells are.
    #[serde(rename = "as")]
    pub personal: PersonalAs,
}

/// What sort of personal value a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PersonalAs {
    /// A person's name.
    Name,
    /// An e-mail address.
    Email,
    /// A phone number.
    Phone,
    /// A street address.
    Address,
    /// An account, policy or card number.
    Number,
    /// Anything else.
    Other,
}

impl From<PersonalAs> for PersonalKind {
    fn from(personal: PersonalAs) -> Self {
        match personal {
            PersonalAs::Name => Self::Name,
            PersonalAs::Email => Self::Email,
            PersonalAs::Phone => Self::Phone,
            PersonalAs::Address => Self::Address,
            PersonalAs::Number | PersonalAs::Other => Self::Other,
        }
    }
}

/// Rows with one of these values in this column.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SkipRule {
    /// The column.
    pub column: Column,
    /// Values, compared without case; an empty string stands for an empty cell.
    pub equals: Vec<String>,
}

/// A column of free text.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct StatementColumn {
    /// The column.
    pub column: Column,
    /// The question it answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub question: Option<String>,
    /// Column with the question it answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub question_column: Option<Column>,
    /// Who speaks: `customer` (the default), `employee` or `agent`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub speaker: Option<Speaker>,
    /// How the text is written: `plain` (the default), `html`, `mail` or `html_mail`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub format: Option<TextFormat>,
    /// Language of the text, BCP 47; the pipeline's by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// Column with the language, BCP 47.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language_column: Option<Column>,
}

/// A column of scores.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnswerColumn {
    /// The column.
    pub column: Column,
    /// What it measures.
    pub metric: Metric,
    /// The question asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub question: Option<String>,
    /// Column with the question asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub question_column: Option<Column>,
    /// Lowest value of the scale; by default the metric's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<f64>,
    /// Highest value of the scale; by default the metric's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<f64>,
    /// Whether the highest value is the best; by default the metric's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub high_is_good: Option<bool>,
    /// Words that stand for a value, compared without case.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub values: BTreeMap<String, f64>,
    /// Cells that are no answer, such as `Don't know`; compared without case.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub none: Vec<String>,
}

/// Columns that say what the company did.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct HandlingMapping {
    /// The source's status.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<Field>,
    /// First human answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_response_at: Option<DateColumn>,
    /// Closing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub closed_at: Option<DateColumn>,
    /// Whether the customer says that it is solved.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confirmed_by_customer: Option<ConfirmedColumn>,
}

/// A column with the customer's yes or no.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ConfirmedColumn {
    /// The column.
    pub column: Column,
    /// Cells that mean yes, compared without case.
    pub yes: Vec<String>,
    /// Cells that mean no, compared without case; any other cell says nothing.
    pub no: Vec<String>,
}

/// Further fields of customer records.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CustomerMapping {
    /// When the customer left.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<DateColumn>,
    /// What the customer is worth.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<ValueMapping>,
}

/// What a customer is worth: expected revenue over a number of years.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ValueMapping {
    /// Column with the amount, a decimal number.
    pub amount: Column,
    /// ISO 4217 code, from a column or the same for all.
    pub currency: Field,
    /// The years that the amount covers, from a column or the same for all; 1 by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub years: Option<Field>,
}

impl TableMapping {
    /// Gives the separator: the declared one, else a comma.
    pub fn separator(&self) -> &str {
        self.separator.as_deref().unwrap_or(",")
    }

    /// Says whether the first row names the columns.
    pub fn has_header(&self) -> bool {
        self.header.unwrap_or(true) && self.format != FileFormat::Jsonl
    }
}
