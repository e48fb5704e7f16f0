//! Files beside the repository, read through the pipelines of the product.

use std::path::{Path, PathBuf};

use groundswell_adapters::{Pipeline, rows};
use groundswell_model::{RawRecord, Timestamp};

/// When everything is taken to have been received, in milliseconds: the first of January 2024.
const RECEIVED: i64 = 1_704_067_200_000;

/// Where the repository lies.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The folder of the streams beside the repository, where it is there.
pub fn streams() -> Option<PathBuf> {
    let folder = root().join("../shared/data/over_time");
    folder.is_dir().then_some(folder)
}

/// Hands over every row of a file as a raw record, with the pipeline of this name.
pub fn each_row(pipeline: &str, file: &Path, mut take: impl FnMut(&Pipeline, &RawRecord<'_>)) {
    let path = root().join("pipelines").join(pipeline).with_extension("toml");
    let text = std::fs::read_to_string(path).expect("the pipeline is there");
    let pipeline = Pipeline::parse(&text).expect("the pipeline is well formed");
    let file = std::fs::File::open(file).expect("the file can be read");
    let mut table = rows::open(file, &pipeline).expect("the file has its columns");
    let columns = table.columns().to_vec();
    for row in &mut table {
        let row = row.expect("every row can be read");
        let raw = RawRecord {
            bytes: &row.bytes,
            key: None,
            received_at: Timestamp::from_millis(RECEIVED),
            columns: Some(&columns),
            row: Some(row.number),
        };
        take(&pipeline, &raw);
    }
}
