//! JSON of a source into private structs, with faults as JSON pointers that quote no value.

use groundswell_model::RawRecord;
use serde::Deserialize;
use serde_json::Value;
use serde_json::error::Category;
use serde_path_to_error::Segment;

use crate::error::AdaptError;

/// Reads the bytes of a raw record as UTF-8, without a byte order mark.
pub(crate) fn text<'a>(raw: &RawRecord<'a>) -> Result<&'a str, AdaptError> {
    let bytes = raw.bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(raw.bytes);
    std::str::from_utf8(bytes).map_err(|_| AdaptError::Encoding {
        encoding: "UTF-8",
        row: raw.row,
        column: None,
    })
}

/// Reads JSON text. A fault is found by reading once more, slowly, with the path.
pub(crate) fn read<'de, T: Deserialize<'de>>(text: &'de str) -> Result<T, AdaptError> {
    serde_json::from_str(text).map_err(|_| fault::<T>(text))
}

/// Reads JSON text and gives the JSON pointers of fields that the type does not know.
pub(crate) fn read_strictly<'de, T: Deserialize<'de>>(
    text: &'de str,
) -> Result<(T, Vec<String>), AdaptError> {
    let mut ignored = Vec::new();
    let mut reader = serde_json::Deserializer::from_str(text);
    let value = serde_ignored::deserialize(&mut reader, |path| ignored.push(ignored_pointer(&path)));
    match value {
        Ok(value) if reader.end().is_ok() => Ok((value, ignored)),
        _ => Err(fault::<T>(text)),
    }
}

/// Finds what is wrong with JSON text that does not fit a type.
fn fault<'de, T: Deserialize<'de>>(text: &'de str) -> AdaptError {
    let mut reader = serde_json::Deserializer::from_str(text);
    let (pointer, error) = match serde_path_to_error::deserialize::<_, T>(&mut reader) {
        Err(error) => (pointer(error.path()), error.into_inner()),
        Ok(_) => match reader.end() {
            Err(error) => (String::new(), error),
            Ok(()) => return AdaptError::NotJson { line: 1, column: 1 },
        },
    };
    match error.classify() {
        Category::Eof => AdaptError::Truncated,
        Category::Data => data_fault(pointer, &error.to_string()),
        _ if error.to_string().starts_with("recursion limit") => AdaptError::TooDeep,
        // A number where a code is due reads as a fault of syntax, though the text is JSON.
        _ if serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok() => {
            AdaptError::WrongType { pointer, expected: String::new() }
        }
        _ => AdaptError::NotJson { line: error.line(), column: error.column() },
    }
}

fn data_fault(pointer: String, message: &str) -> AdaptError {
    if let Some(field) = message.strip_prefix("missing field `").and_then(|rest| rest.split('`').next()) {
        return AdaptError::missing(format!("{pointer}/{}", escaped(field)));
    }
    if message.starts_with("not an RFC 3339 time") {
        return AdaptError::BadValue { pointer, expected: "an RFC 3339 time".to_owned() };
    }
    // What was expected stands last, after what was found; only the former may be shown.
    let without_place = message.rsplit_once(" at line ").map_or(message, |(text, _)| text);
    let expected = without_place.rsplit_once(", expected ").map_or("", |(_, expected)| expected).to_owned();
    if message.starts_with("invalid type: ") {
        AdaptError::WrongType { pointer, expected }
    } else {
        AdaptError::BadValue { pointer, expected }
    }
}

fn pointer(path: &serde_path_to_error::Path) -> String {
    let mut pointer = String::new();
    for segment in path {
        match segment {
            Segment::Seq { index } => pointer.push_str(&format!("/{index}")),
            Segment::Map { key } => {
                pointer.push('/');
                pointer.push_str(&escaped(key));
            }
            Segment::Enum { .. } | Segment::Unknown => {}
        }
    }
    pointer
}

fn ignored_pointer(path: &serde_ignored::Path<'_>) -> String {
    use serde_ignored::Path;
    match path {
        Path::Root => String::new(),
        Path::Seq { parent, index } => format!("{}/{index}", ignored_pointer(parent)),
        Path::Map { parent, key } => format!("{}/{}", ignored_pointer(parent), escaped(key)),
        Path::Some { parent } | Path::NewtypeStruct { parent } | Path::NewtypeVariant { parent } => {
            ignored_pointer(parent)
        }
    }
}

/// Escapes a key for a JSON pointer (RFC 6901).
pub(crate) fn escaped(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

/// Gives a scalar as text; nothing for null, objects and empty text. Scalars of a list are joined with `;`.
pub(crate) fn scalar(value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        Value::Bool(yes) => yes.to_string(),
        Value::Array(values) => {
            values.iter().filter(|v| !v.is_array()).filter_map(scalar).collect::<Vec<_>>().join(";")
        }
        Value::Null | Value::Object(_) => String::new(),
    };
    (!text.is_empty()).then_some(text)
}

/// Finds the fields that a pipeline lists as attributes: names of the object's own fields, or JSON pointers.
pub(crate) fn attributes(names: &[String], text: &str) -> Vec<(String, String)> {
    if names.is_empty() {
        return Vec::new();
    }
    let Ok(value) = serde_json::from_str::<Value>(text) else { return Vec::new() };
    let find = |name: &String| {
        let found = if name.starts_with('/') { value.pointer(name) } else { value.get(name) };
        Some((name.clone(), scalar(found?)?))
    };
    names.iter().filter_map(find).collect()
}

/// An id or code that sources write as text or as a number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Loose(pub(crate) String);

impl<'de> Deserialize<'de> for Loose {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(LooseVisitor)
    }
}

struct LooseVisitor;

impl serde::de::Visitor<'_> for LooseVisitor {
    type Value = Loose;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("text or a number")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Loose, E> {
        Ok(Loose(text.trim().to_owned()))
    }

    fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<Loose, E> {
        Ok(Loose(number.to_string()))
    }

    fn visit_i64<E: serde::de::Error>(self, number: i64) -> Result<Loose, E> {
        Ok(Loose(number.to_string()))
    }

    fn visit_f64<E: serde::de::Error>(self, number: f64) -> Result<Loose, E> {
        Ok(Loose(number.to_string()))
    }
}

/// Gives the text of an id, where there is one.
pub(crate) fn given(id: Option<Loose>) -> Option<String> {
    id.map(|id| id.0).filter(|id| !id.is_empty())
}
