//! Trains the name model that ships: `cargo run --release -p groundswell-text --example train_names`.

#[expect(dead_code, reason = "each program uses its part of what they share")]
mod support;

use std::path::Path;

use groundswell_text::{NameExample, train_names};
use support::{Lists, THRESHOLD, corpora, sentences, sets};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let data = support::data().ok_or("the folder ../shared/data is missing beside the project")?;
    let lists = Lists::read()?;
    let texts = corpora::read(&data);
    let lexicon = lists.lexicon(&corpora::counts(&texts))?;
    let marked = sets::templates(&data.join("pii/presidio_templates_A.jsonl"))
        .into_iter()
        .chain(sets::posts(&data.join("pii/wnut17train.conll")));
    let mut examples: Vec<NameExample> = marked.map(|marked| marked.example()).collect();
    examples.extend(sentences::filled(&lists, support::SEED));
    examples.extend(corpora::examples(&texts, support::EVERY));
    let model = train_names(lexicon, &examples, THRESHOLD);
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("models/names.bin");
    std::fs::write(path, model.to_bytes())?;
    Ok(())
}
