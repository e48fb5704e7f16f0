//! Measures the quality of annotations: `cargo xtask eval`. Prints a table, writes it to docs/quality.md and fails where a
//! figure is under its floor in tests/golden/floors.toml. Without the data sets it measures what the repository holds.
#![expect(
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::panic,
    clippy::expect_used,
    reason = "a program for developers, which may fail loudly"
)]

mod figures;
mod folds;
#[path = "../learning/mod.rs"]
mod learning;
mod page;
mod rows;
mod sentences;
mod sets;
mod speed;
mod stages;

use std::process::ExitCode;
use std::sync::Arc;

use groundswell_annotate::heads::{Head, Weights};
use groundswell_annotate::{Annotator, Heads};
use learning::build::Learning;
use learning::corpus;
use learning::read::{self, cases, seventy, shared};
use rows::Row;
use sentences::Names;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let has = |word: &str| arguments.iter().any(|argument| argument == word);
    let Ok(annotator) = Annotator::with_heads(Arc::new(Heads::new(&Weights::empty()))) else {
        println!("the shipped files cannot be read");
        return ExitCode::FAILURE;
    };
    let samples = corpus::all(&annotator);
    let learning = Learning::new(samples.iter().collect());
    let there = shared("survey/nhs_fft_NHFT.csv").is_some();
    let mut rows = Vec::new();
    // `--fresh` measures heads learnt now, not those shipped: for work on the training.
    let shipped = if has("--fresh") && there {
        let heads = if has("--ours") { &sets::OWN_HEADS[..] } else { &Head::ALL };
        folds::learn(&learning, heads, &|_| true)
    } else {
        // Read from the file, so that a training needs no new build to be measured.
        let bytes = std::fs::read(read::root().join("crates/annotate/models/heads.bin"));
        let bytes = bytes.expect("the shipped heads are there");
        Arc::new(Heads::read(&bytes).expect("the shipped heads are well formed"))
    };
    rows.extend(own_sentences(shipped.clone(), has("--held-out")));
    let only_ours = has("--ours");
    if has("--shipped") {
        println!("only what is shipped is measured, on the sentences that no training saw");
    } else if only_ours {
        rows.extend(sets::rows(&learning, true));
    } else if there {
        rows.extend(sets::rows(&learning, false));
        if !has("--quick") {
            rows.extend(sets::transfer(&learning));
        }
        rows.extend(stages::rows(&learning, has("--each-intent")));
    } else {
        println!(
            "the data sets are not beside the repository (../shared/data); only our own sentences are measured"
        );
    }
    page::print(&rows, has("--worst"));
    if let Some((annotate, place)) = speed::microseconds(&shipped) {
        println!("CPU for 340 characters: annotate {annotate:.1} µs, place {place:.1} µs");
    }
    let complete =
        there && !only_ours && !has("--shipped") && !has("--quick") && !has("--fresh") && has("--held-out");
    if complete {
        page::write(&rows);
    }
    let fallen = page::fallen(&rows);
    for line in &fallen {
        println!("{line}");
    }
    if fallen.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Measures the sentences that we wrote and that no training saw.
fn own_sentences(shipped: Arc<Heads>, held_out: bool) -> Vec<Row> {
    let ours = folds::annotator(shipped);
    let seventy = seventy();
    let mut out = sentences::rows(
        &sentences::tell(&seventy, &ours),
        &Names {
            measured_on: "the 70 sentences of the method".to_owned(),
            kind: "seventy_kind",
            expected: "seventy_expected",
            happened: "seventy_happened",
            gap: "seventy_gap",
            outcome: None,
        },
    );
    if held_out {
        let cases = cases("held_out.jsonl");
        let told = sentences::tell(&cases, &ours);
        let measured_on = "150 sentences held out".to_owned();
        out.extend(sentences::rows(
            &told,
            &Names {
                measured_on: measured_on.clone(),
                kind: "held_out_kind",
                expected: "held_out_expected",
                happened: "held_out_happened",
                gap: "held_out_gap",
                outcome: Some("held_out_outcome"),
            },
        ));
        out.push(sentences::origins(&told, "held_out_origin", &measured_on));
    }
    out
}
