//! What can be wrong with a pipeline beyond its shape.

use std::collections::BTreeMap;

use groundswell_model::{Kind, Metric, Scale, Zone};

use crate::faults::Fault;
use crate::mapping::{AnswerColumn, Column, Field, FileFormat, TableMapping};
use crate::pipeline::{Pipeline, RecordType};
use crate::table::scale_of;

const SUBJECT: [&str; 4] = ["product", "version", "region", "unit"];
const CLOCK: [&str; 4] = ["purchased_at", "activated_at", "goal_at", "term_ends_at"];

/// Finds every fault.
pub(super) fn faults(pipeline: &Pipeline) -> Vec<Fault> {
    let mut faults = Vec::new();
    named(pipeline, &mut faults);
    for (at, score) in pipeline.scores.iter().enumerate() {
        let scale = Scale { min: score.min, max: score.max, high_is_good: score.high_is_good };
        if !scale.holds(score.min) {
            faults.push(Fault::new(
                format!("score[{at}].max"),
                "the scale's highest value must be above its lowest",
            ));
        }
    }
    match &pipeline.table {
        Some(_) if pipeline.adapter != "table" => {
            faults.push(Fault::new("table", "only the adapter \"table\" reads a column mapping"));
        }
        None if pipeline.adapter == "table" => {
            faults.push(Fault::new("table", "missing: the columns' mapping"))
        }
        Some(table) => table_faults(pipeline, table, &mut faults),
        None => {}
    }
    if pipeline.record == RecordType::Customer && pipeline.adapter != "table" {
        faults.push(Fault::new("record", "customer records come through the adapter \"table\""));
    }
    faults
}

fn named(pipeline: &Pipeline, faults: &mut Vec<Fault>) {
    let word = |text: &str| {
        !text.is_empty()
            && text.len() <= 64
            && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
    };
    for (key, text) in
        [("name", &pipeline.name), ("source.system", &pipeline.source.system), ("channel", &pipeline.channel)]
    {
        if !word(text) {
            faults.push(Fault::new(key, "must be lower-case letters, digits and underscores, at most 64"));
        }
    }
    if pipeline.description.trim().is_empty() {
        faults.push(Fault::new("description", "missing: one sentence on what it is for"));
    }
    if !pipeline.adapter_is_known() {
        faults.push(Fault::new(
            "adapter",
            format!("unknown adapter {:?}; there are {}", pipeline.adapter, Pipeline::adapters()),
        ));
    }
    if let Err(error) = Zone::named(&pipeline.zone) {
        faults.push(Fault::new("zone", error.to_string()));
    }
    if let Some(language) = &pipeline.language {
        language_fault("language", language, faults);
    }
    if pipeline.limits.text_chars == 0 {
        faults.push(Fault::new("limits.text_chars", "must be at least 1"));
    }
}

fn language_fault(key: &str, language: &str, faults: &mut Vec<Fault>) {
    let mut parts = language.split('-');
    let primary = parts
        .next()
        .is_some_and(|p| (2..=3).contains(&p.len()) && p.bytes().all(|b| b.is_ascii_alphabetic()));
    if !primary
        || parts
            .any(|part| part.is_empty() || part.len() > 8 || !part.bytes().all(|b| b.is_ascii_alphanumeric()))
    {
        faults.push(Fault::new(key, "not a BCP 47 language such as \"de\" or \"en-GB\""));
    }
}

fn table_faults(pipeline: &Pipeline, table: &TableMapping, faults: &mut Vec<Fault>) {
    layout(table, faults);
    for (key, column) in table.mapped() {
        if Column::name(column).is_empty() {
            faults.push(Fault::new(key, "missing: the column's name"));
        }
    }
    if !table.columns.is_empty() {
        let missing = pipeline.missing_columns(&table.columns);
        faults.extend(
            missing
                .into_iter()
                .map(|what| Fault::new("table.columns", format!("lacks the column of {what}"))),
        );
    }
    for (at, answer) in table.answers.iter().enumerate() {
        answer_faults(&format!("table.answer[{at}]"), answer, faults);
    }
    for (at, statement) in table.statements.iter().enumerate() {
        if let Some(language) = &statement.language {
            language_fault(&format!("table.statement[{at}].language"), language, faults);
        }
    }
    fields(table, faults);
    match pipeline.record {
        RecordType::Feedback
            if table.statements.is_empty() && table.answers.is_empty() && table.deleted.is_none() =>
        {
            faults.push(Fault::new("table", "needs at least one [[table.statement]] or [[table.answer]]"));
        }
        RecordType::Customer if table.respondent.is_empty() => {
            faults.push(Fault::new("table.respondent", "missing: the column that says who the customer is"));
        }
        _ => {}
    }
    if table.customer.is_some() && pipeline.record == RecordType::Feedback {
        faults.push(Fault::new("table.customer", "only for record = \"customer\""));
    }
}

fn layout(table: &TableMapping, faults: &mut Vec<Fault>) {
    let separator = table.separator();
    if separator.is_empty() || separator.contains(['\n', '\r', '"']) {
        faults.push(Fault::new(
            "table.separator",
            "must be one or more characters, without line ends and quotes",
        ));
    }
    if table
        .quote
        .as_ref()
        .is_some_and(|quote| quote.len() > 1 || quote.bytes().any(|b| !b.is_ascii_graphic()))
    {
        faults.push(Fault::new("table.quote", "must be one ASCII character, or empty for none"));
    }
    if let Some(label) = &table.encoding
        && encoding_rs::Encoding::for_label(label.as_bytes()).is_none()
    {
        faults.push(Fault::new("table.encoding", format!("unknown encoding {label:?}")));
    }
    if table.format != FileFormat::Jsonl && !table.has_header() && table.columns.is_empty() {
        faults.push(Fault::new("table.columns", "missing: names of the columns, as the file has no header"));
    }
}

fn answer_faults(key: &str, answer: &AnswerColumn, faults: &mut Vec<Fault>) {
    let Some(scale) = scale_of(answer) else {
        let message = format!("a score of metric {} needs min, max and high_is_good", answer.metric);
        faults.push(Fault::new(key, message));
        return;
    };
    if !scale.holds(scale.min) {
        faults.push(Fault::new(format!("{key}.max"), "the scale's highest value must be above its lowest"));
        return;
    }
    if answer.metric == Metric::Nps && (scale.min != 0.0 || scale.max != 10.0) {
        faults.push(Fault::new(format!("{key}.max"), "nps is from 0 to 10"));
    }
    for (word, value) in &answer.values {
        if !scale.holds(*value) {
            faults.push(Fault::new(format!("{key}.values.{word}"), "lies outside the scale"));
        }
    }
}

fn fields(table: &TableMapping, faults: &mut Vec<Fault>) {
    for (section, map) in [
        ("context", &table.context),
        ("segments", &table.segments),
        ("subject", &table.subject),
        ("attributes", &table.attributes),
    ] {
        for (name, field) in map {
            field_faults(&format!("table.{section}.{name}"), field, faults);
        }
    }
    allowed("table.subject", &table.subject, &SUBJECT, faults);
    allowed("table.clock", &table.clock, &CLOCK, faults);
    for (key, field) in [("table.channel", &table.channel), ("table.kind", &table.kind)] {
        if let Some(field) = field {
            field_faults(key, field, faults);
        }
    }
    if let Some(kind) = &table.kind {
        for code in kind.map.values().chain(&kind.value) {
            if code.parse::<Kind>().is_err() {
                faults.push(Fault::new("table.kind", format!("unknown kind {code:?}")));
            }
        }
    }
    if let Some(value) = table.customer.as_ref().and_then(|customer| customer.value.as_ref()) {
        field_faults("table.customer.value.currency", &value.currency, faults);
    }
}

fn allowed<T>(key: &str, map: &BTreeMap<String, T>, names: &[&str], faults: &mut Vec<Fault>) {
    for name in map.keys().filter(|name| !names.contains(&name.as_str())) {
        faults.push(Fault::new(format!("{key}.{name}"), format!("unknown; there are {}", names.join(", "))));
    }
}

fn field_faults(key: &str, field: &Field, faults: &mut Vec<Fault>) {
    if field.column.is_some() == field.value.is_some() {
        faults.push(Fault::new(key, "needs either a column or a value"));
    }
}
