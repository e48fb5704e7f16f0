//! Which columns a mapping reads, each with its key path in the pipeline file.

use crate::mapping::{Column, Field, TableMapping};

impl TableMapping {
    /// Gives every mapped column with its key path.
    pub fn mapped(&self) -> Vec<(String, &Column)> {
        let mut found = Mapped(Vec::new());
        found.all("table.record", &self.record);
        for (key, column) in
            [("table.part", &self.part), ("table.url", &self.url), ("table.account", &self.account)]
        {
            found.maybe(key.to_owned(), column.as_ref());
        }
        found.maybe("table.revision.column".to_owned(), self.revision.as_ref().map(|date| &date.column));
        found
            .maybe("table.occurred_at.column".to_owned(), self.occurred_at.as_ref().map(|date| &date.column));
        found.maybe("table.deleted.column".to_owned(), self.deleted.as_ref().map(|rule| &rule.column));
        found.rows("table.respondent", self.respondent.iter().map(|identity| &identity.column));
        found.rows("table.personal", self.personal.iter().map(|personal| &personal.column));
        found.rows("table.skip_when", self.skip_when.iter().map(|rule| &rule.column));
        found.field("table.channel", self.channel.as_ref());
        found.field("table.kind", self.kind.as_ref());
        found.words(self);
        for (section, fields) in [
            ("context", &self.context),
            ("segments", &self.segments),
            ("subject", &self.subject),
            ("attributes", &self.attributes),
        ] {
            for (name, field) in fields {
                found.field(&format!("table.{section}.{name}"), Some(field));
            }
        }
        for (name, date) in &self.clock {
            found.maybe(format!("table.clock.{name}.column"), Some(&date.column));
        }
        found.rest(self);
        found.0
    }
}

struct Mapped<'a>(Vec<(String, &'a Column)>);

impl<'a> Mapped<'a> {
    fn maybe(&mut self, key: String, column: Option<&'a Column>) {
        self.0.extend(column.map(|column| (key, column)));
    }

    fn all(&mut self, key: &str, columns: &'a [Column]) {
        self.0.extend(columns.iter().enumerate().map(|(at, column)| (format!("{key}[{at}]"), column)));
    }

    fn rows(&mut self, key: &str, columns: impl Iterator<Item = &'a Column>) {
        self.0.extend(columns.enumerate().map(|(at, column)| (format!("{key}[{at}].column"), column)));
    }

    fn field(&mut self, key: &str, field: Option<&'a Field>) {
        self.maybe(format!("{key}.column"), field.and_then(|field| field.column.as_ref()));
    }

    fn words(&mut self, table: &'a TableMapping) {
        for (at, statement) in table.statements.iter().enumerate() {
            self.maybe(format!("table.statement[{at}].column"), Some(&statement.column));
            self.maybe(format!("table.statement[{at}].question_column"), statement.question_column.as_ref());
            self.maybe(format!("table.statement[{at}].language_column"), statement.language_column.as_ref());
        }
        for (at, answer) in table.answers.iter().enumerate() {
            self.maybe(format!("table.answer[{at}].column"), Some(&answer.column));
            self.maybe(format!("table.answer[{at}].question_column"), answer.question_column.as_ref());
        }
    }

    fn rest(&mut self, table: &'a TableMapping) {
        if let Some(handling) = &table.handling {
            self.field("table.handling.status", handling.status.as_ref());
            let dates =
                [("first_response_at", &handling.first_response_at), ("closed_at", &handling.closed_at)];
            for (name, date) in dates {
                self.maybe(format!("table.handling.{name}.column"), date.as_ref().map(|date| &date.column));
            }
            let confirmed = handling.confirmed_by_customer.as_ref().map(|confirmed| &confirmed.column);
            self.maybe("table.handling.confirmed_by_customer.column".to_owned(), confirmed);
        }
        if let Some(customer) = &table.customer {
            self.maybe(
                "table.customer.ended_at.column".to_owned(),
                customer.ended_at.as_ref().map(|date| &date.column),
            );
            if let Some(value) = &customer.value {
                self.maybe("table.customer.value.amount".to_owned(), Some(&value.amount));
                self.field("table.customer.value.currency", Some(&value.currency));
                self.field("table.customer.value.years", value.years.as_ref());
            }
        }
    }
}
