//! A hit as a row of CSV, for spreadsheets.

use serde_json::Value;

use super::{COLUMNS, gaps, scores};

/// Gives the names of the columns.
pub(super) fn header() -> String {
    format!("{},gaps,scores", COLUMNS.join(","))
}

/// Gives the row of a hit; its unmet expectations and its scores stand in one cell each, apart by a space.
pub(super) fn row(hit: &Value) -> String {
    let cell = |name: &&str| quoted(hit.get(*name).and_then(Value::as_str).unwrap_or_default());
    let gaps: Vec<&str> = gaps(hit).collect();
    let scores: Vec<String> = scores(hit).map(|(metric, value)| format!("{metric}={value}")).collect();
    let cells = COLUMNS.iter().map(cell).chain([quoted(&gaps.join(" ")), quoted(&scores.join(" "))]);
    cells.collect::<Vec<_>>().join(",")
}

/// A cell in quotation marks where it needs them (RFC 4180). What a spreadsheet would take for a formula begins with an
/// apostrophe.
fn quoted(text: &str) -> String {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let text = if formula { format!("'{text}") } else { text.to_owned() };
    if text.contains(['"', ',', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn cells_are_quoted_and_never_formulas() {
        assert_eq!(quoted("plain"), "plain");
        assert_eq!(quoted("one, \"two\"\nthree"), "\"one, \"\"two\"\"\nthree\"");
        assert_eq!(quoted("=1+1"), "'=1+1");
        assert_eq!(quoted("@SUM(A1),x"), "\"'@SUM(A1),x\"");
        let hit = json!({ "id": "fb_x", "kind": "survey", "text": "Late, again", "gaps": [{ "type": "timeliness" }],
            "scores": [{ "metric": "nps", "value": 3.0 }] });
        assert_eq!(row(&hit), "fb_x,,survey,,,,,,,,,\"Late, again\",timeliness,nps=3.0");
        assert_eq!(row(&hit).split(',').count(), COLUMNS.len() + 3, "a comma of the text, and two lists");
        assert_eq!(header().split(',').count(), COLUMNS.len() + 2);
    }
}
