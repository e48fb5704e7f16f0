//! Proposes a pipeline for a file of rows that has none: layout, encoding, what each column is, and the questions that
//! the data alone cannot answer. Every guess is a default that a person can change in the file.

use groundswell_model::Kind;

use crate::dates::DateFormat;
use crate::error::RowsError;
use crate::mapping::{Field, TableMapping};
use crate::pipeline::Pipeline;
use crate::rows;

mod layout;
mod profile;
mod roles;
mod words;
mod write;

use profile::Profile;

/// Rows that are looked at.
const ROWS: usize = 1000;

/// A proposed pipeline and what is still open.
#[derive(Clone, Debug, PartialEq)]
pub struct Proposal {
    /// The pipeline, with the default of each question taken.
    pub pipeline: Pipeline,
    /// What only a person knows, most important first.
    pub questions: Vec<Question>,
    /// What was found and what is left out, one sentence each.
    pub notes: Vec<String>,
    /// The names of the columns, in order.
    pub columns: Vec<String>,
}

/// One question on a proposal.
#[derive(Clone, Debug, PartialEq)]
pub struct Question {
    /// Its stable key, such as `moment`, `kind`, `occurred_at`, `date:Created`, `direction:Rating`.
    pub key: String,
    /// The question, as a person reads it.
    pub text: String,
    /// Label and effect of each answer.
    pub options: Vec<(String, Effect)>,
    /// Number of the option that holds unless another is chosen.
    pub default: usize,
}

/// What an answer changes in the pipeline.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// The moment that a survey is about goes into the context as `survey_type`; nothing takes it out.
    SurveyType(Option<&'static str>),
    /// The kind of all rows.
    Kind(Kind),
    /// The column of the time.
    OccurredAt(crate::mapping::DateColumn),
    /// The formats of a column of dates, wherever it is mapped.
    DateFormats {
        /// The column.
        column: String,
        /// Its formats.
        formats: Vec<DateFormat>,
    },
    /// Which end of a column's scale is the best.
    Direction {
        /// The column.
        column: String,
        /// Whether it is the highest value.
        high_is_good: bool,
    },
}

/// Looks at the head of a file (at least some dozens of rows; a whole spreadsheet) and proposes a pipeline.
///
/// # Errors
/// [`RowsError`] when the bytes are no spreadsheet though they begin as one, or hold no header that can be read.
pub fn propose(file_name: &str, head: &[u8]) -> Result<Proposal, RowsError> {
    let mut pipeline = Pipeline { adapter: "table".to_owned(), ..Pipeline::default() };
    pipeline.name = words::pipeline_name(file_name);
    pipeline.source.system.clone_from(&pipeline.name);
    let mut notes = Vec::new();
    let table = layout::table(head, &mut notes);
    let limit = pipeline.limits.record_bytes.get();
    let (columns, sample) = sample(head, &table, limit)?;
    let profiles = Profile::of(&table, &columns, &sample);
    let mut proposal = Proposal { pipeline, questions: Vec::new(), notes, columns };
    roles::assign(&mut proposal, table, &profiles, sample.len(), file_name);
    Ok(proposal)
}

fn sample(head: &[u8], table: &TableMapping, limit: u64) -> Result<(Vec<String>, Vec<rows::Row>), RowsError> {
    let mut rows = rows::open_table(Box::new(std::io::Cursor::new(head.to_vec())), table, limit)?;
    let mut sample: Vec<rows::Row> = Vec::new();
    for row in &mut rows {
        match row {
            Ok(row) => sample.push(row),
            Err(error) if error.goes_on() => {}
            Err(error) => return Err(error),
        }
        if sample.len() == ROWS {
            break;
        }
    }
    Ok((rows.columns().to_vec(), sample))
}

impl Proposal {
    /// Takes an answer to a question: the number of an option. Says whether there is such a question and option.
    pub fn answer(&mut self, key: &str, option: usize) -> bool {
        let question = self.questions.iter_mut().find(|question| question.key == key);
        let Some(question) = question else { return false };
        let Some((_, effect)) = question.options.get(option).cloned() else { return false };
        question.default = option;
        if let Some(table) = &mut self.pipeline.table {
            match effect {
                Effect::Kind(kind) => self.pipeline.kind = kind,
                effect => apply(table, effect),
            }
        }
        true
    }

    /// Writes the pipeline as a TOML file with comments.
    pub fn to_toml(&self) -> String {
        write::with_comments(self)
    }
}

fn apply(table: &mut TableMapping, effect: Effect) {
    match effect {
        Effect::SurveyType(None) => {
            table.context.remove("survey_type");
        }
        Effect::SurveyType(Some(moment)) => {
            table.context.insert("survey_type".to_owned(), Field::fixed(moment));
        }
        Effect::OccurredAt(date) => table.occurred_at = Some(date),
        Effect::DateFormats { column, formats } => {
            let dates =
                table.occurred_at.iter_mut().chain(table.revision.iter_mut()).chain(table.clock.values_mut());
            for date in dates.filter(|date| date.column.name() == column) {
                date.formats.clone_from(&formats);
            }
        }
        Effect::Direction { column, high_is_good } => {
            for answer in table.answers.iter_mut().filter(|answer| answer.column.name() == column) {
                answer.high_is_good = Some(high_is_good);
            }
        }
        Effect::Kind(_) => {}
    }
}

#[cfg(test)]
mod tests;
