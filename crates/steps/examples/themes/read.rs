//! The data sets, their vectors and their stems.

use std::path::{Path, PathBuf};

use groundswell_annotate::{DIMENSIONS, Embedder};
use groundswell_insight::themes::{Rows, Vocabulary};
use groundswell_steps::themes::stems as stemmed;
use groundswell_text::{Analyser, Language};

/// Texts with what the themes need of them.
pub struct Texts {
    /// Their embeddings.
    pub vectors: Rows<f32>,
    /// Their stems by number.
    pub stems: Vec<Vec<u32>>,
    /// Stems and how they are written.
    pub vocabulary: Vocabulary,
}

/// Gives a file of the data sets beside the project; none where it is not there.
pub fn shared(name: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data").join(name);
    path.exists().then_some(path)
}

/// Reads the columns of a file with these names, row by row.
pub fn columns(path: &Path, names: &[&str]) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_path(path).expect("the file can be read");
    let header = reader.headers().expect("the file has a header").clone();
    let places: Vec<usize> = names
        .iter()
        .map(|name| header.iter().position(|column| column == *name).expect("the column is there"))
        .collect();
    reader
        .byte_records()
        .map(|record| {
            let record = record.expect("a row");
            let cell = |at: &usize| String::from_utf8_lossy(record.get(*at).unwrap_or_default()).into_owned();
            places.iter().map(cell).collect()
        })
        .collect()
}

/// Embeds and stems texts.
pub fn texts(texts: &[String]) -> Texts {
    let embedder = Embedder::shipped().expect("the shipped table is well formed");
    let (mut analyser, mut vocabulary) = (Analyser::new(), Vocabulary::new(200_000));
    let mut vectors = Rows::new(DIMENSIONS, Vec::with_capacity(texts.len() * DIMENSIONS)).expect("no rows");
    let mut stems = Vec::with_capacity(texts.len());
    for text in texts {
        vectors.push(embedder.embed(text).as_slice()).expect("as many dimensions");
        stems.push(stemmed(text, Language::EN, &mut analyser, &mut vocabulary));
    }
    Texts { vectors, stems, vocabulary }
}

/// Takes the marks out of HTML.
pub fn without_tags(html: &str) -> String {
    let mut plain = String::with_capacity(html.len());
    let mut inside = false;
    for character in html.chars() {
        match character {
            '<' => inside = true,
            '>' if inside => {
                inside = false;
                plain.push(' ');
            }
            _ if !inside => plain.push(character),
            _ => {}
        }
    }
    plain.replace("&nbsp;", " ").replace("&amp;", "&").replace("&gt;", ">").replace("&lt;", "<")
}
