//! Cells of one record of separated text, after RFC 4180 with any separator; tolerant of quotes inside a cell.

use std::borrow::Cow;

use memchr::memmem::Finder;

use crate::mapping::TableMapping;

/// How separated text is written.
#[derive(Clone, Debug)]
pub(crate) struct Dialect<'a> {
    separator: &'a str,
    quote: Option<u8>,
}

impl<'a> Dialect<'a> {
    /// Gives the dialect of a mapping.
    pub(crate) fn of(table: &'a TableMapping) -> Self {
        let separator = table.separator();
        let default_quote = if separator.chars().count() == 1 { "\"" } else { "" };
        let quote = table.quote.as_deref().unwrap_or(default_quote).bytes().next();
        Self { separator, quote }
    }

    /// Gives the separator.
    pub(crate) fn separator(&self) -> &'a str {
        self.separator
    }

    /// Gives the character around cells.
    pub(crate) fn quote(&self) -> Option<u8> {
        self.quote
    }

    /// Splits a record into cells; gives `None` when a quoted cell does not end.
    pub(crate) fn split<'t>(&self, text: &'t str, capacity: usize) -> Option<Vec<Cow<'t, str>>> {
        let finder = (self.separator.len() > 1).then(|| Finder::new(self.separator));
        let mut cells = Vec::with_capacity(capacity);
        let mut rest = text;
        loop {
            let (cell, after) = self.cell(rest, finder.as_ref())?;
            cells.push(cell);
            match after {
                Some(after) => rest = after,
                None => return Some(cells),
            }
        }
    }

    fn cell<'t>(
        &self,
        text: &'t str,
        finder: Option<&Finder<'_>>,
    ) -> Option<(Cow<'t, str>, Option<&'t str>)> {
        if let Some(quote) = self.quote
            && text.as_bytes().first() == Some(&quote)
        {
            let (inside, behind) = quoted(text, quote)?;
            let (tail, after) = self.until_separator(behind, finder);
            let cell = if tail.is_empty() { inside } else { Cow::Owned(inside.into_owned() + tail) };
            return Some((cell, after));
        }
        let (cell, after) = self.until_separator(text, finder);
        Some((Cow::Borrowed(cell), after))
    }

    fn until_separator<'t>(&self, text: &'t str, finder: Option<&Finder<'_>>) -> (&'t str, Option<&'t str>) {
        let found = match (finder, self.separator.as_bytes().first()) {
            (Some(finder), _) => finder.find(text.as_bytes()),
            (None, Some(byte)) => memchr::memchr(*byte, text.as_bytes()),
            (None, None) => None,
        };
        let Some(at) = found else { return (text, None) };
        (text.get(..at).unwrap_or_default(), text.get(at + self.separator.len()..))
    }
}

/// Takes a quoted cell off the front: its text with doubled quotes undone, and what stands behind the closing quote.
fn quoted(text: &str, quote: u8) -> Option<(Cow<'_, str>, &str)> {
    let bytes = text.as_bytes();
    let mut at = 1;
    let mut doubled = false;
    loop {
        at += memchr::memchr(quote, bytes.get(at..)?)?;
        if bytes.get(at + 1) != Some(&quote) {
            break;
        }
        doubled = true;
        at += 2;
    }
    let inside = text.get(1..at)?;
    let behind = text.get(at + 1..)?;
    if !doubled {
        return Some((Cow::Borrowed(inside), behind));
    }
    let one = char::from(quote).to_string();
    Some((Cow::Owned(inside.replace(&one.repeat(2), &one)), behind))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(separator: &str, text: &str, expected: &[&str]) {
        let table = TableMapping { separator: Some(separator.to_owned()), ..TableMapping::default() };
        assert_eq!(Dialect::of(&table).split(text, 4).unwrap(), expected, "{text}");
    }

    #[test]
    fn cells_are_split_and_unquoted() {
        check(",", "", &[""]);
        check(",", "a,b,", &["a", "b", ""]);
        check(",", r#"a,"b,""c"" d",e"#, &["a", r#"b,"c" d"#, "e"]);
        check(",", "\"two\nlines\",x", &["two\nlines", "x"]);
        check(",", r#"5" screen,"5"" screen""#, &["5\" screen", "5\" screen"]);
        check(",", r#""a"b,c"#, &["ab", "c"]);
        check("\t", "a\tb", &["a", "b"]);
        check("¦", "ä¦\"ö¦\"¦ü", &["ä", "ö¦", "ü"]);
        check("******", "1.0******\"so***so******2015", &["1.0", "\"so***so", "2015"]);
    }

    #[test]
    fn an_unclosed_quote_is_noticed() {
        let table = TableMapping::default();
        for text in ["\"", "\"a,b", "a,\"b\"\""] {
            assert!(Dialect::of(&table).split(text, 0).is_none(), "{text}");
        }
    }
}
