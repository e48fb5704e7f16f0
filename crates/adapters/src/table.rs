//! The adapter `table`: one row of a CSV, JSON Lines or spreadsheet file becomes a feedback or a customer record, as the
//! pipeline's `[table]` says. A bad date or score refuses the row; an empty cell never does.

use std::collections::BTreeMap;

use groundswell_model::draft::DraftStatement;
use groundswell_model::feedback::{Clock, Subject};
use groundswell_model::submission::SubmittedAnswer;
use groundswell_model::{
    Answer, Delivery, Draft, Handling, Identity, Kind, KnownValue, RawRecord, Scale, Source, Speaker,
};
use groundswell_text::PersonalKind;
use jiff::tz::TimeZone;

use crate::adapter::{Adaptation, Adapted, Adapter};
use crate::dates::{DateFormat, read_any};
use crate::error::AdaptError;
use crate::mapping::{
    AnswerColumn, ConfirmedColumn, DateColumn, Field, HandlingMapping, IdentityAs, Other, SkipRule,
    StatementColumn, TableMapping,
};
use crate::pipeline::{Pipeline, RecordType};

mod customer;
mod row;

use row::Row;
pub(crate) use row::{Row as RowCells, encoding, row_encoding};

pub(crate) const ADAPTER: Adapter = Adapter::new(
    "table",
    "Rows of CSV, JSON Lines and spreadsheet files, mapped column by column in the pipeline file.",
    adapt,
);

/// What joins the columns of a record id.
const JOINT: &str = "/";

fn adapt(pipeline: &Pipeline, raw: &RawRecord<'_>) -> Vec<Adaptation> {
    let Some(table) = &pipeline.table else {
        return vec![Err(AdaptError::BadRow {
            row: raw.row.unwrap_or(0),
            reason: "the pipeline has no [table]".to_owned(),
        })];
    };
    vec![adapt_row(pipeline, table, raw)]
}

fn adapt_row(pipeline: &Pipeline, table: &TableMapping, raw: &RawRecord<'_>) -> Adaptation {
    let row = Row::read(table, raw)?;
    if row.is_empty() {
        return Ok(Adapted::Skip("empty_row"));
    }
    for rule in &table.skip_when {
        if matches(&row, rule)? {
            return Ok(Adapted::Skip("not_feedback"));
        }
    }
    let mapper = Mapper { pipeline, table, row, zone: pipeline.time_zone() };
    match pipeline.record {
        RecordType::Feedback => mapper.feedback(),
        RecordType::Customer => mapper.customer(),
    }
}

/// Gives the scale of a score: the declared one, filled up with the metric's own.
pub(crate) fn scale_of(answer: &AnswerColumn) -> Option<Scale> {
    let own = SubmittedAnswer { question: None, metric: answer.metric, scale: None, value: 0.0 }.scale();
    Some(Scale {
        min: answer.min.or(own.map(|scale| scale.min))?,
        max: answer.max.or(own.map(|scale| scale.max))?,
        high_is_good: answer.high_is_good.or(own.map(|scale| scale.high_is_good))?,
    })
}

fn same(cell: &str, word: &str) -> bool {
    cell.eq_ignore_ascii_case(word) || (!cell.is_ascii() && cell.to_lowercase() == word.to_lowercase())
}

fn matches(row: &Row<'_>, rule: &SkipRule) -> Result<bool, AdaptError> {
    let cell = row.get(&rule.column)?;
    let cell = cell.as_deref().unwrap_or_default();
    Ok(rule.equals.iter().any(|word| same(cell, word.trim())))
}

/// Applies a mapping to one row.
struct Mapper<'a> {
    pipeline: &'a Pipeline,
    table: &'a TableMapping,
    row: Row<'a>,
    zone: TimeZone,
}

impl Mapper<'_> {
    fn feedback(&self) -> Adaptation {
        let table = self.table;
        let kind = self.kind()?;
        let channel = self.maybe(table.channel.as_ref())?.unwrap_or_else(|| self.pipeline.channel.clone());
        let mut draft = Draft::new(self.source()?, kind, &channel);
        draft.revision = self.revision()?;
        if let Some(column) = &table.part
            && let Some(part) = self.row.get(column)?
        {
            draft.part = part.into_owned();
            draft.delivery = Delivery::Partial;
        }
        if self.deleted()? {
            draft.deleted = true;
            return Ok(Adapted::Feedback(Box::new(draft)));
        }
        draft.statements = self.statements(kind)?;
        draft.answers = self.answers()?;
        if draft.statements.is_empty() && draft.answers.is_empty() {
            return Ok(Adapted::Skip("empty"));
        }
        draft.occurred_at = self.date(table.occurred_at.as_ref())?;
        (draft.respondent, draft.personal) = self.identities()?;
        draft.account = self.cell(table.account.as_ref())?;
        draft.clock = self.clock()?;
        draft.segments = self.fields(&table.segments)?;
        draft.subject = self.subject()?;
        draft.context = self.fields(&table.context)?;
        draft.attributes = self.attributes()?;
        if let Some(handling) = &table.handling {
            draft.handling = self.handling(handling)?;
        }
        Ok(Adapted::Feedback(Box::new(draft)))
    }

    fn source(&self) -> Result<Source, AdaptError> {
        let name = &self.pipeline.source;
        Ok(Source {
            system: name.system.clone(),
            instance: name.instance.clone(),
            record: self.record_id()?,
            url: self.cell(self.table.url.as_ref())?,
        })
    }

    fn record_id(&self) -> Result<Option<String>, AdaptError> {
        let Some((first, more)) = self.table.record.split_first() else { return Ok(None) };
        let needed = |column: &crate::mapping::Column| {
            self.row.get(column)?.ok_or_else(|| self.row.bad_cell(column, "a record id: it is empty"))
        };
        let mut id = needed(first)?.into_owned();
        for column in more {
            id.push_str(JOINT);
            id.push_str(&needed(column)?);
        }
        Ok(Some(id))
    }

    fn kind(&self) -> Result<Kind, AdaptError> {
        let Some(field) = &self.table.kind else { return Ok(self.pipeline.kind) };
        match (self.field(field)?, &field.column) {
            (None, _) => Ok(self.pipeline.kind),
            (Some(code), Some(column)) => {
                code.parse().map_err(|_| self.row.bad_cell(column, "a kind of feedback"))
            }
            (Some(code), None) => Ok(code.parse().unwrap_or(self.pipeline.kind)),
        }
    }

    fn revision(&self) -> Result<Option<i64>, AdaptError> {
        let Some(date) = &self.table.revision else { return Ok(None) };
        let Some(cell) = self.row.get(&date.column)? else { return Ok(None) };
        match crate::dates::revision(&cell, formats(date), &self.zone) {
            Some(revision) => Ok(Some(revision)),
            None => Err(self.row.bad_date(&date.column)),
        }
    }

    fn deleted(&self) -> Result<bool, AdaptError> {
        self.table.deleted.as_ref().map_or(Ok(false), |rule| matches(&self.row, rule))
    }

    fn statements(&self, kind: Kind) -> Result<Vec<DraftStatement>, AdaptError> {
        let mut statements = Vec::with_capacity(self.table.statements.len());
        for mapped in &self.table.statements {
            if let Some(text) = self.row.get(&mapped.column)? {
                statements.push(self.statement(mapped, kind, text.into_owned())?);
            }
        }
        Ok(statements)
    }

    fn statement(
        &self,
        mapped: &StatementColumn,
        kind: Kind,
        text: String,
    ) -> Result<DraftStatement, AdaptError> {
        let speaker = if kind == Kind::Employee { Speaker::Employee } else { Speaker::Customer };
        let declared = || mapped.language.clone().or_else(|| self.pipeline.language.clone());
        Ok(DraftStatement {
            question: self.cell(mapped.question_column.as_ref())?.or_else(|| mapped.question.clone()),
            speaker: mapped.speaker.unwrap_or(speaker),
            text,
            format: mapped.format.unwrap_or_default().into(),
            language: self.cell(mapped.language_column.as_ref())?.or_else(declared),
        })
    }

    fn answers(&self) -> Result<Vec<Answer>, AdaptError> {
        let mut answers = Vec::with_capacity(self.table.answers.len());
        for mapped in &self.table.answers {
            let Some(cell) = self.row.get(&mapped.column)? else { continue };
            if mapped.none.iter().any(|word| same(&cell, word)) {
                continue;
            }
            let (scale, value) = self.score(mapped, &cell)?;
            let question = self.cell(mapped.question_column.as_ref())?.or_else(|| mapped.question.clone());
            answers.push(Answer { question, metric: mapped.metric, scale, value });
        }
        Ok(answers)
    }

    fn score(&self, mapped: &AnswerColumn, cell: &str) -> Result<(Scale, f64), AdaptError> {
        let (row, column) = (self.row.number(), mapped.column.name().to_owned());
        let scale =
            scale_of(mapped).ok_or_else(|| self.row.bad_cell(&mapped.column, "on a declared scale"))?;
        let by_word = mapped.values.iter().find(|(word, _)| same(cell, word)).map(|(_, value)| *value);
        match by_word.or_else(|| number(cell)) {
            None => Err(AdaptError::BadScore { row, column }),
            Some(value) if scale.holds(value) => Ok((scale, value)),
            Some(_) => Err(AdaptError::OutOfScale {
                row,
                column,
                min: scale.min.to_string(),
                max: scale.max.to_string(),
            }),
        }
    }

    fn identities(&self) -> Result<(Vec<Identity>, Vec<KnownValue>), AdaptError> {
        let mut identities = Vec::new();
        let mut personal = Vec::new();
        for mapped in &self.table.respondent {
            let Some(value) = self.cell(Some(&mapped.column))? else { continue };
            let known = match mapped.identity {
                IdentityAs::Email => Some(PersonalKind::Email),
                IdentityAs::Phone => Some(PersonalKind::Phone),
                IdentityAs::Customer | IdentityAs::User => None,
            };
            personal.extend(known.map(|kind| KnownValue { kind, value: value.clone() }));
            identities.push(self.identity(mapped.identity, value));
        }
        for mapped in &self.table.personal {
            if let Some(value) = self.cell(Some(&mapped.column))? {
                personal.push(KnownValue { kind: mapped.personal.into(), value });
            }
        }
        identities.sort_by_key(Identity::strength);
        Ok((identities, personal))
    }

    fn identity(&self, identity: IdentityAs, value: String) -> Identity {
        let name = &self.pipeline.source;
        match identity {
            IdentityAs::Customer => Identity::Customer(value),
            IdentityAs::Email => Identity::Email(value),
            IdentityAs::Phone => Identity::Phone(value),
            IdentityAs::User => {
                Identity::User { system: name.system.clone(), instance: name.instance.clone(), id: value }
            }
        }
    }

    fn clock(&self) -> Result<Clock, AdaptError> {
        let date = |name: &str| self.date(self.table.clock.get(name));
        Ok(Clock {
            purchased_at: date("purchased_at")?,
            activated_at: date("activated_at")?,
            goal_at: date("goal_at")?,
            term_ends_at: date("term_ends_at")?,
        })
    }

    fn subject(&self) -> Result<Subject, AdaptError> {
        let field = |name: &str| self.maybe(self.table.subject.get(name));
        Ok(Subject {
            product: field("product")?,
            version: field("version")?,
            region: field("region")?,
            unit: field("unit")?,
        })
    }

    fn handling(&self, mapped: &HandlingMapping) -> Result<Handling, AdaptError> {
        Ok(Handling {
            status: self.maybe(mapped.status.as_ref())?.map(|status| status.to_lowercase()),
            first_response_at: self.date(mapped.first_response_at.as_ref())?,
            closed_at: self.date(mapped.closed_at.as_ref())?,
            confirmed_by_customer: mapped
                .confirmed_by_customer
                .as_ref()
                .map_or(Ok(None), |column| self.confirmed(column))?,
        })
    }

    fn confirmed(&self, mapped: &ConfirmedColumn) -> Result<Option<bool>, AdaptError> {
        let Some(cell) = self.row.get(&mapped.column)? else { return Ok(None) };
        let says = |words: &[String]| words.iter().any(|word| same(&cell, word));
        Ok(says(&mapped.yes).then_some(true).or(says(&mapped.no).then_some(false)))
    }

    fn attributes(&self) -> Result<BTreeMap<String, String>, AdaptError> {
        let mut attributes = self.fields(&self.table.attributes)?;
        for name in &self.pipeline.attributes {
            if let Some(cell) = self.row.named(name)? {
                attributes.insert(name.clone(), cell.into_owned());
            }
        }
        Ok(attributes)
    }

    fn fields(&self, mapped: &BTreeMap<String, Field>) -> Result<BTreeMap<String, String>, AdaptError> {
        let mut fields = BTreeMap::new();
        for (name, field) in mapped {
            if let Some(value) = self.field(field)? {
                fields.insert(name.clone(), value);
            }
        }
        Ok(fields)
    }

    fn maybe(&self, field: Option<&Field>) -> Result<Option<String>, AdaptError> {
        field.map_or(Ok(None), |field| self.field(field))
    }

    fn field(&self, field: &Field) -> Result<Option<String>, AdaptError> {
        let Some(column) = &field.column else { return Ok(field.value.clone()) };
        let Some(cell) = self.row.get(column)? else { return Ok(None) };
        let translated = match field.map.iter().find(|(word, _)| same(&cell, word)) {
            Some((_, meaning)) => meaning.clone(),
            None if field.other == Other::Drop => return Ok(None),
            None => cell.into_owned(),
        };
        Ok((!translated.is_empty()).then_some(translated))
    }

    fn cell(&self, column: Option<&crate::mapping::Column>) -> Result<Option<String>, AdaptError> {
        let Some(column) = column else { return Ok(None) };
        Ok(self.row.get(column)?.map(std::borrow::Cow::into_owned))
    }

    fn date(&self, mapped: Option<&DateColumn>) -> Result<Option<groundswell_model::Timestamp>, AdaptError> {
        let Some(mapped) = mapped else { return Ok(None) };
        let Some(cell) = self.row.get(&mapped.column)? else { return Ok(None) };
        match read_any(&cell, formats(mapped), &self.zone) {
            Some(moment) => Ok(Some(moment)),
            None => Err(self.row.bad_date(&mapped.column)),
        }
    }
}

/// Formats of a date column that declares none.
fn formats(date: &DateColumn) -> &[DateFormat] {
    static USUAL: std::sync::LazyLock<[DateFormat; 4]> = std::sync::LazyLock::new(|| {
        let pattern = |text: &str| DateFormat::Pattern(text.to_owned());
        [DateFormat::Rfc3339, pattern("%Y-%m-%d"), pattern("%Y-%m-%d %H:%M:%S"), pattern("%Y-%m-%dT%H:%M:%S")]
    });
    if date.formats.is_empty() { USUAL.as_slice() } else { &date.formats }
}

/// Reads a number, with a point or, where there is no point, one comma.
pub(crate) fn number(cell: &str) -> Option<f64> {
    let plain = cell.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b',' | b'-' | b'+'));
    if !plain {
        return None;
    }
    let value: f64 = match cell.split_once(',') {
        Some((whole, part)) if !cell.contains('.') && !part.contains(',') => {
            format!("{whole}.{part}").parse().ok()?
        }
        _ => cell.parse().ok()?,
    };
    value.is_finite().then_some(value)
}

#[cfg(test)]
mod tests;
