//! Writes a JSON value as YAML in block style; the only YAML that is written is generated from tables in the code.

use serde_json::Value;

/// Writes a value as a YAML document.
pub(crate) fn write(value: &Value) -> String {
    let mut out = String::new();
    block(value, 0, &mut out);
    out
}

fn block(value: &Value, depth: usize, out: &mut String) {
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                indent(depth, out);
                out.push_str(&scalar(&Value::String(key.clone())));
                out.push(':');
                nested(value, depth, out);
            }
        }
        Value::Array(values) => {
            for value in values {
                indent(depth, out);
                out.push('-');
                nested(value, depth, out);
            }
        }
        other => {
            indent(depth, out);
            out.push_str(&scalar(other));
            out.push('\n');
        }
    }
}

fn nested(value: &Value, depth: usize, out: &mut String) {
    let empty = match value {
        Value::Object(fields) => fields.is_empty().then_some(" {}\n"),
        Value::Array(values) => values.is_empty().then_some(" []\n"),
        _ => None,
    };
    match (empty, value) {
        (Some(text), _) => out.push_str(text),
        (None, Value::Object(_) | Value::Array(_)) => {
            out.push('\n');
            block(value, depth + 1, out);
        }
        (None, other) => {
            out.push(' ');
            out.push_str(&scalar(other));
            out.push('\n');
        }
    }
}

fn indent(depth: usize, out: &mut String) {
    out.extend(std::iter::repeat_n("  ", depth));
}

/// A string stands bare only where no reader could take it for something else; otherwise it is written as in JSON,
/// which is YAML too.
fn scalar(value: &Value) -> String {
    let Value::String(text) = value else { return value.to_string() };
    let plain = text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-./ (),;".contains(&b))
        && !text.ends_with(' ')
        && !["true", "false", "null", "yes", "no", "on", "off", "y", "n"]
            .contains(&text.to_ascii_lowercase().as_str());
    if plain { text.clone() } else { value.to_string() }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn structure_is_by_indentation_and_doubtful_strings_are_quoted() {
        let value = json!({
            "a": {"b": [1, "two words", "no", {"$ref": "#/x"}], "empty": {}, "none": []},
            "c": null,
            "text": "say: \"so\"",
        });
        let expected = "a:\n  b:\n    - 1\n    - two words\n    - \"no\"\n    -\n      \"$ref\": \"#/x\"\n  empty: {}\n  none: []\nc: null\ntext: \"say: \\\"so\\\"\"\n";
        assert_eq!(write(&value), expected);
    }
}
