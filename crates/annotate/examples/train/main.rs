//! Trains the shipped heads from the data sets beside the repository and our own development sentences:
//! `cargo xtask train`. The same data give the same bytes.
#![expect(
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::panic,
    clippy::expect_used,
    reason = "a program for developers, which may fail loudly"
)]

#[expect(dead_code, reason = "the evaluation uses the rest")]
#[path = "../learning/mod.rs"]
mod learning;

use std::process::ExitCode;
use std::sync::Arc;

use groundswell_annotate::heads::{Head, Weights};
use groundswell_annotate::{Annotator, Heads};
use learning::build::Learning;
use learning::{corpus, read, tags};

fn main() -> ExitCode {
    // What the heads see does not depend on heads.
    let Ok(annotator) = Annotator::with_heads(Arc::new(Heads::new(&Weights::empty()))) else {
        println!("the shipped files cannot be read");
        return ExitCode::FAILURE;
    };
    if read::shared("survey/nhs_fft_NHFT.csv").is_none() {
        println!("the data sets are not beside the repository (../shared/data); nothing can be trained");
        return ExitCode::FAILURE;
    }
    let samples = corpus::all(&annotator);
    let learning = Learning::new(samples.iter().collect());
    println!("{} samples, {} n-grams", learning.samples.len(), learning.design.vocabulary);
    let solved: Vec<(Head, Vec<f32>)> = Head::ALL
        .into_iter()
        .map(|head| {
            let weights = learning.solve(head, |_| true);
            println!("{head:?}: {} weights", weights.len());
            (head, weights)
        })
        .collect();
    let spans = tags::learn(&learning.samples, |_| true);
    println!("{} signs of spans", spans.rows.len());
    let bytes = learning.weights(&solved, spans).write();
    let path = read::root().join("crates/annotate/models/heads.bin");
    println!("{} bytes", bytes.len());
    match std::fs::write(&path, bytes) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("{}: {error}", path.display());
            ExitCode::FAILURE
        }
    }
}
