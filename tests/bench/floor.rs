//! The floor: `parse + tantivy add (the fields our index has) + one redb append` of the same records, and nothing else.
//! The list of fields is frozen here; it does not follow the index.

use std::io::{BufRead, BufReader};
use std::path::Path;

use groundswell_model::Submission;
use redb::{Database, TableDefinition};
use tantivy::schema::{
    BytesOptions, IndexRecordOption, NumericOptions, Schema, TextFieldIndexing, TextOptions,
};
use tantivy::tokenizer::{
    LowerCaser, SimpleTokenizer, TextAnalyzer, Token, TokenFilter, TokenStream, Tokenizer,
};
use tantivy::{Index, TantivyDocument};

use crate::child::own_cpu;

const RAW: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("raw");
/// Documents of one commit.
const COMMIT: usize = 10_000;
/// Records of one redb transaction.
const TRANSACTION: usize = 1_000;

/// CPU seconds of the floor and its three steps, a million records.
pub struct Floor {
    pub cpu_per_million: f64,
    pub parse: f64,
    pub tantivy: f64,
    pub redb: f64,
}

/// Measures the floor over the records of a file.
pub fn measure(file: &Path, folder: &Path) -> Floor {
    std::fs::create_dir_all(folder).expect("a folder");
    let lines: Vec<Vec<u8>> = BufReader::new(std::fs::File::open(file).expect("records"))
        .split(b'\n')
        .map(|line| line.expect("a line"))
        .collect();
    let begun = own_cpu();
    let records: Vec<Submission> =
        lines.iter().map(|line| serde_json::from_slice(line).expect("a submission")).collect();
    let parsed = own_cpu();
    add(&records, folder);
    let added = own_cpu();
    append(&lines, folder);
    let appended = own_cpu();
    let million = |seconds: f64| seconds * 1e6 / lines.len() as f64;
    Floor {
        cpu_per_million: million(appended - begun),
        parse: million(parsed - begun),
        tantivy: million(added - parsed),
        redb: million(appended - added),
    }
}

fn add(records: &[Submission], folder: &Path) {
    let fast = || NumericOptions::default().set_fast();
    let stems = TextFieldIndexing::default()
        .set_tokenizer("stems")
        .set_index_option(IndexRecordOption::WithFreqsAndPositions);
    let mut schema = Schema::builder();
    let key = schema.add_u64_field("key", fast().set_indexed());
    let numbers = ["version", "person", "time", "day"].map(|name| schema.add_u64_field(name, fast()));
    let facet = schema.add_bytes_field("facet", BytesOptions::default().set_indexed().set_fast());
    let text = schema.add_text_field("text", TextOptions::default().set_indexing_options(stems));
    let stored = schema.add_bytes_field("stored", BytesOptions::default().set_stored());
    let path = folder.join("index");
    std::fs::create_dir_all(&path).expect("a folder");
    let index = Index::create_in_dir(&path, schema.build()).expect("an index");
    let analyser = TextAnalyzer::builder(SimpleTokenizer::default()).filter(LowerCaser).filter(Stems).build();
    index.tokenizers().register("stems", analyser);
    let mut writer = index.writer_with_num_threads::<TantivyDocument>(1, 96 << 20).expect("a writer");
    for (at, record) in records.iter().enumerate() {
        let mut document = TantivyDocument::new();
        document.add_u64(key, at as u64);
        for field in numbers {
            document.add_u64(field, (at as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 20);
        }
        for value in facets(record) {
            document.add_bytes(facet, value.as_bytes());
        }
        let words = record.statements.first().map_or("", |statement| statement.text.as_str());
        document.add_text(text, words);
        document.add_bytes(stored, serde_json::to_string(&record.statements).expect("JSON").as_bytes());
        writer.add_document(document).expect("added");
        if (at + 1) % COMMIT == 0 {
            writer.commit().expect("committed");
        }
    }
    writer.commit().expect("committed");
    writer.wait_merging_threads().expect("merged");
}

/// Thirteen values, as a mapped feedback has.
fn facets(record: &Submission) -> [String; 13] {
    let product = record.subject.product.as_deref().unwrap_or_default();
    let region = record.subject.region.as_deref().unwrap_or_default();
    let kind = record.kind.map_or("", |kind| kind.as_str());
    let turn = record.record.len() % 5;
    [
        format!("kind:{kind}"),
        format!("product:{product}"),
        format!("region:{region}"),
        "source:submission".to_owned(),
        "channel:web".to_owned(),
        "language:en".to_owned(),
        format!("stage:{turn}"),
        format!("gap:{turn}"),
        format!("touchpoint:{turn}"),
        format!("phase:{turn}"),
        "sentiment:negative".to_owned(),
        "outcome:unmet".to_owned(),
        format!("voiced_at:{turn}"),
    ]
}

fn append(lines: &[Vec<u8>], folder: &Path) {
    let database = Database::create(folder.join("raw.redb")).expect("a database");
    for (chunk, records) in lines.chunks(TRANSACTION).enumerate() {
        let transaction = database.begin_write().expect("a transaction");
        {
            let mut table = transaction.open_table(RAW).expect("a table");
            for (at, record) in records.iter().enumerate() {
                table.insert((chunk * TRANSACTION + at) as u64, record.as_slice()).expect("inserted");
            }
        }
        transaction.commit().expect("committed");
    }
}

/// English stems by rust-stemmers, without a cache, as anybody would write it first.
#[derive(Clone)]
struct Stems;

impl TokenFilter for Stems {
    type Tokenizer<T: Tokenizer> = Stemming<T>;

    fn transform<T: Tokenizer>(self, tokenizer: T) -> Stemming<T> {
        Stemming(tokenizer)
    }
}

#[derive(Clone)]
struct Stemming<T>(T);

struct StemStream<T> {
    inner: T,
    stemmer: rust_stemmers::Stemmer,
}

impl<T: Tokenizer> Tokenizer for Stemming<T> {
    type TokenStream<'a> = StemStream<T::TokenStream<'a>>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> Self::TokenStream<'a> {
        let stemmer = rust_stemmers::Stemmer::create(rust_stemmers::Algorithm::English);
        StemStream { inner: self.0.token_stream(text), stemmer }
    }
}

impl<T: TokenStream> TokenStream for StemStream<T> {
    fn advance(&mut self) -> bool {
        if !self.inner.advance() {
            return false;
        }
        let token = self.inner.token_mut();
        token.text = self.stemmer.stem(&token.text).into_owned();
        true
    }

    fn token(&self) -> &Token {
        self.inner.token()
    }

    fn token_mut(&mut self) -> &mut Token {
        self.inner.token_mut()
    }
}
