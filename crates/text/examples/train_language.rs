//! Trains the language model that ships: `cargo run --release -p groundswell-text --example train_language`.

#[expect(dead_code, reason = "each program uses its part of what they share")]
mod support;

use std::path::Path;

use groundswell_text::train_language;
use support::{Lists, SEED, tongues};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let data = support::data().ok_or("the folder ../shared/data is missing beside the project")?;
    let examples = tongues::examples(&data, &Lists::read()?, &|_| true, SEED);
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("models/language.bin");
    std::fs::write(path, train_language(&examples).to_bytes())?;
    Ok(())
}
