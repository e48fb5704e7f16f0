//! Rows of a customer table: identities, dates, value and segments of the people whom the company knows.

use groundswell_model::{CustomerDraft, Value};

use super::{Mapper, number};
use crate::adapter::{Adaptation, Adapted};
use crate::error::AdaptError;
use crate::mapping::ValueMapping;

impl Mapper<'_> {
    pub(super) fn customer(&self) -> Adaptation {
        let (identities, _) = self.identities()?;
        let Some(first) = self.table.respondent.first() else { return Ok(Adapted::Skip("empty")) };
        if identities.is_empty() {
            return Err(self.row.bad_cell(&first.column, "an identity of the customer: it is empty"));
        }
        let mut draft = CustomerDraft {
            identities,
            account: self.cell(self.table.account.as_ref())?,
            revision: self.revision()?,
            deleted: self.deleted()?,
            ..CustomerDraft::default()
        };
        if !draft.deleted {
            draft.clock = self.clock()?;
            draft.segments = self.fields(&self.table.segments)?;
            if let Some(mapped) = &self.table.customer {
                draft.ended_at = self.date(mapped.ended_at.as_ref())?;
                draft.value = mapped.value.as_ref().map_or(Ok(None), |value| self.value(value))?;
            }
        }
        Ok(Adapted::Customer(Box::new(draft)))
    }

    fn value(&self, mapped: &ValueMapping) -> Result<Option<Value>, AdaptError> {
        let Some(cell) = self.row.get(&mapped.amount)? else { return Ok(None) };
        let Some(amount) = decimal(&cell) else {
            return Err(self.row.bad_cell(&mapped.amount, "a decimal amount"));
        };
        let currency = self.field(&mapped.currency)?.map(|code| code.to_uppercase());
        let currency = match currency {
            Some(code) if code.len() == 3 && code.bytes().all(|b| b.is_ascii_uppercase()) => code,
            _ => {
                return Err(self.row.bad_cell(
                    mapped.currency.column.as_ref().unwrap_or(&mapped.amount),
                    "a currency code (ISO 4217)",
                ));
            }
        };
        let years = match self.maybe(mapped.years.as_ref())? {
            None => 1.0,
            Some(text) => match number(&text) {
                Some(years) if years > 0.0 && years <= 100.0 => years,
                _ => {
                    let column = mapped
                        .years
                        .as_ref()
                        .and_then(|field| field.column.as_ref())
                        .unwrap_or(&mapped.amount);
                    return Err(self.row.bad_cell(column, "a number of years above 0 and at most 100"));
                }
            },
        };
        Ok(Some(Value { amount, currency, years }))
    }
}

/// Gives an amount as a plain decimal string: `1,234.50` and `1.234,50` are both 1234.50.
fn decimal(cell: &str) -> Option<String> {
    let compact: String = cell.chars().filter(|c| !matches!(c, ' ' | '\u{a0}' | '\u{202f}' | '\'')).collect();
    let digits = compact.strip_prefix('-').unwrap_or(&compact);
    if !digits.starts_with(|c: char| c.is_ascii_digit())
        || !digits.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | ','))
    {
        return None;
    }
    let last = digits.rfind(['.', ',']);
    let (whole, part) = match last {
        Some(at) if is_decimal_mark(digits, at) => (digits.get(..at)?, digits.get(at + 1..)?),
        _ => (digits, ""),
    };
    let whole: String = whole.chars().filter(char::is_ascii_digit).collect();
    let sign = if compact.starts_with('-') { "-" } else { "" };
    let part = part.trim_end_matches(['.', ',']);
    Some(if part.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{part}") })
}

/// The last mark is a decimal one unless it recurs, or is a lone comma before exactly three digits.
fn is_decimal_mark(digits: &str, at: usize) -> bool {
    let mark = digits.get(at..=at).unwrap_or_default();
    let behind = digits.len() - at - 1;
    digits.matches(mark).count() == 1 && !(mark == "," && behind == 3 && !digits.contains('.'))
}

#[cfg(test)]
mod tests {
    use super::decimal;

    #[test]
    fn amounts_are_plain_decimals() {
        for (cell, expected) in [
            ("1200", Some("1200")),
            ("1,234.50", Some("1234.50")),
            ("1.234,50", Some("1234.50")),
            ("1,234", Some("1234")),
            ("1.234", Some("1.234")),
            ("1'234.5", Some("1234.5")),
            ("1,234,567", Some("1234567")),
            ("-12,5", Some("-12.5")),
            ("12 €", None),
            ("", None),
            (".", None),
            ("-", None),
        ] {
            assert_eq!(decimal(cell).as_deref(), expected, "{cell}");
        }
    }
}
