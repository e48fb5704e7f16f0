//! The fields of the index. Lean on purpose: indexing is the dearest step of the pipeline.

use tantivy::schema::{
    BytesOptions, Field, IndexRecordOption, NumericOptions, Schema, TextFieldIndexing, TextOptions,
};
use tantivy::store::{Compressor, ZstdCompressor};
use tantivy::tokenizer::TokenizerManager;

use crate::numbers::NumberFields;
use crate::tokenise::{Reading, Statements};

/// The version of the index schema. Another version means that the index is rebuilt from the log.
pub const SCHEMA: u32 = 3;

pub(crate) const KEY: &str = "key";
pub(crate) const VERSION: &str = "version";
pub(crate) const PERSON: &str = "person";
pub(crate) const TIME: &str = "time";
pub(crate) const DAY: &str = "day";
pub(crate) const FACET: &str = "facet";
pub(crate) const COPY: &str = "copy";
const TEXT: &str = "text";
const FORM: &str = "form";
const STORED: &str = "stored";
const TOKENISER: &str = "statements";
const FORM_TOKENISER: &str = "forms";

/// The fields, in the order in which a document gives them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fields {
    /// 64 bits of the id: found by it, deleted by it, ranked by it when all else is equal.
    pub key: Field,
    /// The packed version of the publication.
    pub version: Field,
    /// 62 bits of who said it, and two flags; absent on the marker of a deletion.
    pub person: Field,
    /// Milliseconds since 1970.
    pub time: Field,
    /// The calendar day in the reporting zone.
    pub day: Field,
    /// `field:value`, several.
    pub facet: Field,
    /// The near-duplicate signature of the longest statement; absent where that is too short to be called copied.
    pub copy: Field,
    /// Stems and their positions.
    pub text: Field,
    /// Words as they were written, in lower case: for exact words, patterns and spelling.
    pub form: Field,
    /// Scores and severity, for ranges.
    pub numbers: NumberFields,
    /// What a hit shows, as JSON.
    pub stored: Field,
}

/// Makes the schema and names its fields.
pub(crate) fn schema() -> (Schema, Fields) {
    let mut builder = Schema::builder();
    let fast = || NumericOptions::default().set_fast();
    let stems = TextFieldIndexing::default()
        .set_tokenizer(TOKENISER)
        .set_fieldnorms(true)
        .set_index_option(IndexRecordOption::WithFreqsAndPositions);
    let forms = TextFieldIndexing::default()
        .set_tokenizer(FORM_TOKENISER)
        .set_fieldnorms(true)
        .set_index_option(IndexRecordOption::WithFreqs);
    let fields = Fields {
        key: builder.add_u64_field(KEY, fast().set_indexed()),
        version: builder.add_u64_field(VERSION, fast()),
        person: builder.add_u64_field(PERSON, fast()),
        time: builder.add_i64_field(TIME, fast()),
        day: builder.add_i64_field(DAY, fast()),
        facet: builder.add_bytes_field(FACET, BytesOptions::default().set_indexed().set_fast()),
        copy: builder.add_u64_field(COPY, fast()),
        text: builder.add_text_field(TEXT, TextOptions::default().set_indexing_options(stems)),
        form: builder.add_text_field(FORM, TextOptions::default().set_indexing_options(forms)),
        numbers: NumberFields::add_to(&mut builder),
        stored: builder.add_bytes_field(STORED, BytesOptions::default().set_stored()),
    };
    (builder.build(), fields)
}

/// Gives the library's settings: small zstd blocks, compressed by the thread that fills them.
pub(crate) fn storage() -> tantivy::IndexSettings {
    tantivy::IndexSettings {
        docstore_compression: Compressor::Zstd(ZstdCompressor { compression_level: Some(1) }),
        docstore_compress_dedicated_thread: false,
        docstore_blocksize: 32_768,
        ..tantivy::IndexSettings::default()
    }
}

/// Registers the tokenisers that the schema names.
pub(crate) fn tokenisers() -> TokenizerManager {
    let manager = TokenizerManager::default();
    manager.register(TOKENISER, Statements::of(Reading::Stems));
    manager.register(FORM_TOKENISER, Statements::of(Reading::Forms));
    manager
}
