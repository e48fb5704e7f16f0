//! Short fields beside the text: cleaned, redacted and bounded like it.

use std::collections::BTreeMap;

use groundswell_text::{Format, Known, Redactor, normalise};

/// Most entries of a map.
pub const MAX_ENTRIES: usize = 50;
/// Longest name of a map's entry, in characters.
pub const MAX_NAME: usize = 64;
/// Longest short field, in characters.
pub const MAX_VALUE: usize = 1_000;

/// Cleans and redacts the short fields of one draft, and counts what it removed.
pub struct Cleaner<'a> {
    redactor: &'a Redactor,
    known: Vec<Known<'a>>,
    /// How many spans were removed, by type.
    pub redactions: BTreeMap<String, u32>,
    /// Whether anything was over its bound and was cut.
    pub cut: bool,
}

impl<'a> Cleaner<'a> {
    /// Makes a cleaner that also removes the values known to be personal.
    pub fn new(redactor: &'a Redactor, known: Vec<Known<'a>>) -> Self {
        Self { redactor, known, redactions: BTreeMap::new(), cut: false }
    }

    /// Redacts a normalised text.
    pub fn redact(&mut self, text: &str) -> String {
        let redacted = self.redactor.redact(text, &self.known);
        for span in &redacted.spans {
            *self.redactions.entry(span.kind.as_str().to_owned()).or_default() += 1;
        }
        redacted.text
    }

    /// Cleans one short field; an empty one is none.
    pub fn field(&mut self, value: &str) -> Option<String> {
        let clean = normalise(value, Format::Plain, MAX_VALUE);
        self.cut |= clean.truncated;
        let redacted = self.redact(&clean.text);
        (!redacted.is_empty()).then_some(redacted)
    }

    /// Cleans an optional short field.
    pub fn optional(&mut self, value: Option<String>) -> Option<String> {
        value.and_then(|value| self.field(&value))
    }

    /// Cleans a map: names to lower case with underscores, empty values left out, bounded.
    pub fn map(&mut self, map: BTreeMap<String, String>) -> BTreeMap<String, String> {
        self.cut |= map.len() > MAX_ENTRIES;
        let mut clean = BTreeMap::new();
        for (name, value) in map.into_iter().take(MAX_ENTRIES) {
            if let (Some(name), Some(value)) = (field_name(&name), self.field(&value)) {
                clean.insert(name, value);
            }
        }
        clean
    }
}

/// Writes a field's name in lower case with underscores; a name without letters or digits is none.
pub fn field_name(name: &str) -> Option<String> {
    let mut clean = String::with_capacity(name.len().min(MAX_NAME));
    for c in name.chars().flat_map(char::to_lowercase).take(MAX_NAME) {
        if c.is_alphanumeric() {
            clean.push(c);
        } else if !clean.ends_with('_') && !clean.is_empty() {
            clean.push('_');
        }
    }
    let clean = clean.trim_end_matches('_');
    (!clean.is_empty()).then(|| clean.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_lower_case_with_underscores() {
        assert_eq!(field_name("Order Status").as_deref(), Some("order_status"));
        assert_eq!(field_name("  -- ").as_deref(), None);
        assert_eq!(field_name("Größe (cm)").as_deref(), Some("größe_cm"));
    }

    #[test]
    fn values_are_redacted_and_counted() {
        let redactor = Redactor::new();
        let mut cleaner = Cleaner::new(&redactor, Vec::new());
        let map = BTreeMap::from([("Contact".to_owned(), "write to anna@example.com".to_owned())]);
        assert_eq!(cleaner.map(map).get("contact").unwrap(), "write to [email]");
        assert_eq!(cleaner.redactions.get("email"), Some(&1));
    }
}
