//! Hits as Apache Parquet: typed columns, row group by row group, in bounded memory.

use std::io::Write;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use parquet::basic::{Compression, ZstdLevel};
use parquet::data_type::{ByteArray, ByteArrayType, DataType, DoubleType, Int64Type};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::parser::parse_message_type;
use serde_json::Value;

use groundswell_model::Timestamp;

use super::{COLUMNS, OCCURRED_AT, gaps, scores};

/// Most rows of a row group.
const GROUP_ROWS: usize = 10_000;
/// A row group is written before its values take more than this and one hit, in bytes.
const GROUP_BYTES: usize = 32 << 20;

/// The lists behind the plain columns: types of unmet expectations, and scores with their metric.
const LISTS: &str = "
    required group gaps (LIST) { repeated group list { required binary element (STRING); } }
    required group scores (LIST) { repeated group list { required group element {
        required binary metric (STRING); required double value; } } }";

/// A Parquet file that is being written. Nobody can read it before [`Columnar::finish`].
pub(super) struct Columnar<W: Write + Send> {
    writer: SerializedFileWriter<W>,
    open: Group,
}

impl<W: Write + Send> Columnar<W> {
    /// Begins a file.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(super) fn begin(out: W) -> Result<Self> {
        let plain = COLUMNS.iter().map(|name| match *name {
            OCCURRED_AT => format!("optional int64 {name} (TIMESTAMP(MILLIS,true));"),
            _ => format!("optional binary {name} (STRING);"),
        });
        let schema = format!("message feedback {{ {} {LISTS} }}", plain.collect::<String>());
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::default()))
            .set_max_row_group_row_count(Some(GROUP_ROWS))
            .build();
        let schema = Arc::new(parse_message_type(&schema)?);
        let writer = SerializedFileWriter::new(out, schema, Arc::new(properties))?;
        Ok(Self { writer, open: Group::new() })
    }

    /// Adds a hit; a full row group is written.
    ///
    /// # Errors
    /// When its time is none, or the group cannot be written.
    pub(super) fn add(&mut self, hit: &Value) -> Result<()> {
        self.open.add(hit)?;
        if self.open.rows >= GROUP_ROWS || self.open.bytes >= GROUP_BYTES {
            self.write_group()?;
        }
        Ok(())
    }

    /// Writes what is left and the footer; gives what the file was written to.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(super) fn finish(mut self) -> Result<W> {
        if self.open.rows > 0 {
            self.write_group()?;
        }
        Ok(self.writer.into_inner()?)
    }

    fn write_group(&mut self) -> Result<()> {
        let full = std::mem::replace(&mut self.open, Group::new());
        let mut group = self.writer.next_row_group()?;
        for cells in &full.plain {
            match cells {
                Cells::Texts(leaf) => write_column::<ByteArrayType, W>(&mut group, leaf)?,
                Cells::Moments(leaf) => write_column::<Int64Type, W>(&mut group, leaf)?,
            }
        }
        write_column::<ByteArrayType, W>(&mut group, &full.gaps)?;
        write_column::<ByteArrayType, W>(&mut group, &full.metrics)?;
        write_column::<DoubleType, W>(&mut group, &full.values)?;
        group.close()?;
        Ok(())
    }
}

/// The rows of the open row group, column by column in the order of the schema.
struct Group {
    plain: Vec<Cells>,
    gaps: Leaf<ByteArray>,
    metrics: Leaf<ByteArray>,
    values: Leaf<f64>,
    rows: usize,
    bytes: usize,
}

/// The cells of a plain column.
enum Cells {
    Texts(Leaf<ByteArray>),
    /// Milliseconds since 1970-01-01T00:00:00Z.
    Moments(Leaf<i64>),
}

/// The values of a column. For each row or element a definition level says whether there is a value (1) or none (0), and a
/// repetition level whether it goes on with the row before (1) or begins one (0).
#[derive(Default)]
struct Leaf<T> {
    values: Vec<T>,
    definition: Vec<i16>,
    repetition: Vec<i16>,
}

impl Group {
    fn new() -> Self {
        let cells = |name: &&str| match *name {
            OCCURRED_AT => Cells::Moments(Leaf::default()),
            _ => Cells::Texts(Leaf::default()),
        };
        Self {
            plain: COLUMNS.iter().map(cells).collect(),
            gaps: Leaf::default(),
            metrics: Leaf::default(),
            values: Leaf::default(),
            rows: 0,
            bytes: 0,
        }
    }

    fn add(&mut self, hit: &Value) -> Result<()> {
        for (name, cells) in COLUMNS.iter().zip(&mut self.plain) {
            let cell = hit.get(*name).and_then(Value::as_str);
            self.bytes += cell.map_or(0, str::len) + size_of::<ByteArray>();
            match cells {
                Cells::Texts(leaf) => leaf.put(cell.map(ByteArray::from)),
                Cells::Moments(leaf) => leaf.put(cell.map(millis).transpose()?),
            }
        }
        self.gaps.put_list(gaps(hit).map(ByteArray::from));
        let scores: Vec<(&str, f64)> =
            scores(hit).filter_map(|(metric, value)| Some((metric, value.as_f64()?))).collect();
        self.metrics.put_list(scores.iter().map(|(metric, _)| ByteArray::from(*metric)));
        self.values.put_list(scores.iter().map(|(_, value)| *value));
        self.rows += 1;
        Ok(())
    }
}

impl<T> Leaf<T> {
    /// Adds a row with a value or none.
    fn put(&mut self, value: Option<T>) {
        self.put_list(value.into_iter());
    }

    /// Adds a row with a list.
    fn put_list(&mut self, values: impl Iterator<Item = T>) {
        let before = self.values.len();
        self.values.extend(values);
        let added = self.values.len() - before;
        let levels = added.max(1);
        self.definition.extend(std::iter::repeat_n(i16::from(added > 0), levels));
        self.repetition.extend((0..levels).map(|at| i16::from(at > 0)));
    }
}

fn millis(text: &str) -> Result<i64> {
    let moment: Timestamp = text.parse().with_context(|| format!("{OCCURRED_AT} of a hit"))?;
    Ok(moment.millis())
}

/// Writes the group's next column. The levels that its place in the schema has no use for are passed over.
fn write_column<D: DataType, W: Write + Send>(
    group: &mut SerializedRowGroupWriter<'_, W>,
    leaf: &Leaf<D::T>,
) -> Result<()> {
    let mut column = group.next_column()?.context("the schema has fewer columns than a hit")?;
    column.typed::<D>().write_batch(&leaf.values, Some(&leaf.definition), Some(&leaf.repetition))?;
    Ok(column.close()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::File;

    use parquet::file::reader::{FileReader, SerializedFileReader};
    use parquet::record::Field;
    use serde_json::json;

    fn file(hits: impl Iterator<Item = Value>) -> SerializedFileReader<File> {
        let mut columnar = Columnar::begin(tempfile::tempfile().unwrap()).unwrap();
        for hit in hits {
            columnar.add(&hit).unwrap();
        }
        SerializedFileReader::new(columnar.finish().unwrap()).unwrap()
    }

    fn value(field: &Field) -> Value {
        match field {
            Field::Null => Value::Null,
            Field::Str(text) => json!(text),
            Field::TimestampMillis(millis) => json!(millis),
            Field::Double(value) => json!(value),
            Field::Group(row) => {
                row.get_column_iter().map(|(name, field)| (name.clone(), value(field))).collect()
            }
            Field::ListInternal(list) => list.elements().iter().map(value).collect(),
            other => panic!("a column of another type: {other:?}"),
        }
    }

    fn rows(reader: &SerializedFileReader<File>) -> Vec<Value> {
        let rows = reader.get_row_iter(None).unwrap();
        rows.map(|row| value(&Field::Group(row.unwrap()))).collect()
    }

    fn sizes(reader: &SerializedFileReader<File>) -> Vec<i64> {
        reader.metadata().row_groups().iter().map(|group| group.num_rows()).collect()
    }

    #[test]
    fn every_column_is_read_back_with_its_type() {
        let scores = json!([{ "metric": "nps", "value": 3.0, "scale": { "min": 0, "max": 10 } },
            { "metric": "csat", "value": 4.5 }, { "metric": "nps", "value": 9 }, { "metric": "odd" }]);
        let full = json!({ "id": "fb_1", "score": 0.5, "occurred_at": "2026-05-01T10:00:00.250Z", "kind": "survey",
            "channel": "web", "source": "typeform", "record": "R-1", "link": "https://example.com/1",
            "stage": "fulfilment", "touchpoint": "parcel", "phase": "use", "theme": "th_1",
            "text": "=1+1, \"late\"\n\u{0} Gr\u{fc}\u{df}e \u{1f600} \u{5e9}\u{5dc}",
            "gaps": [{ "type": "timeliness" }, { "type": "price" }], "scores": scores });
        let read = rows(&file([full.clone()].into_iter()));
        let mut expected = full;
        expected["occurred_at"] = json!(1_777_629_600_250_i64);
        expected["gaps"] = json!(["timeliness", "price"]);
        expected["scores"] = json!([{ "metric": "nps", "value": 3.0 }, { "metric": "csat", "value": 4.5 },
            { "metric": "nps", "value": 9.0 }]);
        expected.as_object_mut().unwrap().remove("score");
        assert_eq!(read, [expected]);
    }

    #[test]
    fn what_is_missing_is_null_or_an_empty_list() {
        let hits = [
            json!({ "id": "fb_1", "text": "" }),
            json!({ "id": "fb_2", "gaps": [{ "type": "price" }] }),
            json!({ "scores": [] }),
        ];
        let read = rows(&file(hits.into_iter()));
        assert_eq!(
            (&read[0]["text"], &read[0]["stage"], &read[0]["occurred_at"]),
            (&json!(""), &Value::Null, &Value::Null)
        );
        assert_eq!(
            (&read[0]["gaps"], &read[1]["gaps"], &read[2]["gaps"]),
            (&json!([]), &json!(["price"]), &json!([]))
        );
        assert_eq!(
            (&read[1]["text"], &read[2]["id"], &read[2]["scores"]),
            (&Value::Null, &Value::Null, &json!([]))
        );
        assert_eq!(read[0].as_object().unwrap().len(), COLUMNS.len() + 2);
    }

    #[test]
    fn an_empty_result_is_a_file_with_columns() {
        let reader = file(std::iter::empty());
        assert_eq!((rows(&reader).len(), sizes(&reader).len()), (0, 0));
        let schema = reader.metadata().file_metadata().schema().get_fields().iter();
        let names: Vec<&str> = schema.map(|field| field.name()).collect();
        assert_eq!(names, [&COLUMNS[..], &["gaps", "scores"]].concat());
    }

    #[test]
    fn row_groups_are_bounded_by_rows_and_by_bytes() {
        let reader =
            file((0..25_000).map(|at| json!({ "id": at.to_string(), "gaps": [{ "type": "price" }] })));
        assert_eq!(sizes(&reader), [10_000, 10_000, 5_000]);
        let read = rows(&reader);
        assert!(read.iter().enumerate().all(|(at, row)| row["id"] == json!(at.to_string())), "all, in order");
        let long = "late ".repeat(1 << 18);
        let reader = file((0..30).map(|_| json!({ "text": long })));
        assert_eq!(sizes(&reader), [26, 4], "texts of 1.25 MiB");
    }

    #[test]
    fn a_time_that_is_none_is_a_fault() {
        let mut columnar = Columnar::begin(Vec::new()).unwrap();
        let fault = columnar.add(&json!({ "occurred_at": "yesterday" })).unwrap_err();
        assert!(format!("{fault:#}").starts_with("occurred_at of a hit: "), "{fault:#}");
    }
}
