//! The latency of queries on a million feedback, warm, one at a time, on one thread. The index is made once, in the
//! target folder, and used again as long as its schema and text analysis hold.

use std::hint::black_box;
use std::path::PathBuf;
use std::time::Instant;

use criterion::Criterion;
use groundswell_model::{Day, FeedbackId, RespondentHasher};
use groundswell_search::{Checkpoint, Filter, Index, IndexSettings, Opened, Query, Sort, Step};

use crate::dear;
use crate::made::{Numbers, long_tail, mapped};

const FEEDBACK: u64 = 1_000_000;
/// Made anew when the made feedback changes.
const LOG: &str = "bench-million-2";

fn folder() -> PathBuf {
    let exe = std::env::current_exe().unwrap();
    let target = exe.ancestors().find(|path| path.file_name().is_some_and(|name| name == "target"));
    target.unwrap().join("search-million")
}

/// Opens the million, and makes it where it is not there.
fn open() -> Index {
    let settings = IndexSettings { verify: false, ..IndexSettings::default() };
    let dir = folder();
    let (index, opened) = Index::open(&dir, LOG, &settings).unwrap();
    if opened != Opened::Ready {
        let aside = dir.with_extension("aside-1");
        let _ = std::fs::remove_dir_all(aside);
    }
    if index.count() != FEEDBACK {
        eprintln!("making {FEEDBACK} feedback in {}", dir.display());
        let clock = Instant::now();
        let hasher = RespondentHasher::new([7; 32]);
        let words = long_tail();
        let mut numbers = Numbers::new(2);
        let mut writer = index.writer().unwrap();
        for number in 0..FEEDBACK {
            let mut mapped = mapped(number, &mut numbers, &words, FEEDBACK / 2, &hasher);
            mapped.version.sequence = number;
            writer
                .upsert(&mapped, Day::from_number(19_900 + i32::try_from(number / 2_740).unwrap()))
                .unwrap();
            if number % 50_000 == 49_999 {
                writer.commit(&Checkpoint::start(LOG)).unwrap();
            }
        }
        writer.commit(&Checkpoint::start(LOG)).unwrap();
        eprintln!("made in {} s", clock.elapsed().as_secs());
    }
    index
}

/// Runs each query of a class once unmeasured and then nine times, and prints the least CPU time of the nine in
/// milliseconds: what else runs on the machine makes a run longer, never shorter.
fn measure(index: &Index, name: &str, wanted: Option<f64>, queries: &[Query]) {
    let mut times = Vec::new();
    let mut every = Vec::new();
    let mut most = 0;
    for query in queries {
        most = most.max(index.search(query).unwrap().feedback);
        let mut quickest = f64::INFINITY;
        for _ in 0..9 {
            let before = dear::cpu_millis();
            black_box(index.search(query).unwrap());
            let took = dear::cpu_millis() - before;
            every.push(took);
            quickest = quickest.min(took);
        }
        times.push(quickest);
    }
    times.sort_by(f64::total_cmp);
    every.sort_by(f64::total_cmp);
    let at = |times: &[f64], share: f64| times[((times.len() - 1) as f64 * share).round() as usize];
    let verdict = wanted.map_or(String::new(), |most| {
        format!("  (wanted {most}: {})", if at(&times, 0.99) <= most { "held" } else { "missed" })
    });
    eprintln!(
        "{name}: p50 {:.1} ms, p95 {:.1} ms, p99 {:.1} ms over {} queries, p99 of all runs {:.1} ms, most found {most}{verdict}",
        at(&times, 0.5),
        at(&times, 0.95),
        at(&times, 0.99),
        times.len(),
        at(&every, 0.99),
    );
}

/// Words of many frequencies, frequent ones more often.
fn asked(numbers: &mut Numbers, words: &[String], many: usize) -> Vec<String> {
    (0..many)
        .map(|_| {
            let power = numbers.below(1_000) as f64 / 1_000.0;
            let rank = 20.0 * (words.len() as f64 / 20.0).powf(power);
            words[(rank as usize).min(words.len() - 1)].clone()
        })
        .collect()
}

/// Says what the first query and the first counts after opening take.
fn first(index: &Index) {
    let days = Query { histogram: true, ..Query::default() };
    for (name, query) in [("query", Query::default()), ("counts", days)] {
        let clock = Instant::now();
        black_box(index.search(&query).unwrap());
        eprintln!("first {name} after opening: {:.0} ms", clock.elapsed().as_secs_f64() * 1e3);
    }
}

fn export(index: &Index, words: &[String]) {
    for asked in ["", words[40].as_str()] {
        let query = Query { text: asked.to_owned(), ..Query::default() };
        let clock = Instant::now();
        let hits = index.export(&query).unwrap().take(200_000).filter(|hit| hit.is_ok()).count();
        eprintln!(
            "export of {asked:?}: {hits} hits, {:.0} a second",
            hits as f64 / clock.elapsed().as_secs_f64()
        );
    }
}

/// Measures all; with `dear` as an argument the dear queries only, with `dear:phrase` those of that name.
pub fn latency(_: &mut Criterion) {
    let index = open();
    first(&index);
    let words = long_tail().list();
    if std::env::args().any(|argument| argument.starts_with("dear")) {
        return dear::all(&index, &words);
    }
    let mut numbers = Numbers::new(5);
    let text = |text: String| Query { text, limit: 20, ..Query::default() };
    let facets = ["stage", "gap", "kind", "source", "sentiment", "theme"].map(str::to_owned).to_vec();
    let stages = ["fulfilment", "support", "purchase", "use", "unknown"];
    let stage = |stage: &str| vec![Filter { field: "stage".to_owned(), values: vec![stage.to_owned()] }];
    let full = |query: Query| Query { facets: facets.clone(), histogram: true, ..query };

    let terms: Vec<Query> = asked(&mut numbers, &words, 200).into_iter().map(text).collect();
    measure(&index, "term", Some(20.0), &terms);
    let pairs: Vec<Query> =
        asked(&mut numbers, &words, 400).chunks(2).map(|pair| text(pair.join(" "))).collect();
    measure(&index, "two words", None, &pairs);
    let phrases: Vec<Query> = asked(&mut numbers, &words[..2_000], 400)
        .chunks(2)
        .map(|pair| text(format!("\"{}\"", pair.join(" "))))
        .collect();
    measure(&index, "phrase", Some(50.0), &phrases);
    let filtered: Vec<Query> = stages
        .iter()
        .flat_map(|name| {
            let query = full(Query { filters: stage(name), limit: 20, ..Query::default() });
            [query.clone(), Query { sort: Sort::Time, ..query }]
        })
        .collect();
    measure(&index, "one filter, six facets, days", Some(150.0), &filtered);
    let with_words: Vec<Query> = asked(&mut numbers, &words, 100)
        .into_iter()
        .zip(stages.iter().cycle())
        .map(|(word, name)| full(Query { filters: stage(name), ..text(word) }))
        .collect();
    measure(&index, "word, filter, six facets, days", Some(150.0), &with_words);
    measure(&index, "everything, six facets, days", None, &[full(text(String::new()))]);
    let months = Query { step: Step::Month, ..full(text("time:2025 score:>=1 OR late".to_owned())) };
    measure(&index, "a range, six facets, months", None, &[months]);
    let patterns = asked(&mut numbers, &words, 50).into_iter().map(|word| {
        let beginning: String = word.chars().take(3).collect();
        text(format!("{beginning}*"))
    });
    measure(&index, "a pattern of three letters", None, &patterns.collect::<Vec<_>>());
    let mistyped = asked(&mut numbers, &words, 50).into_iter().map(|word| text(format!("{word}q")));
    measure(&index, "a mistyped word, with a suggestion", None, &mistyped.collect::<Vec<_>>());
    let alike = (0..50).map(|_| {
        let id = FeedbackId::of_record("bench", "", &numbers.below(FEEDBACK).to_string());
        Query { like: Some(id), limit: 20, ..Query::default() }
    });
    measure(&index, "more like this", None, &alike.collect::<Vec<_>>());
    export(&index, &words);
    measure(&index, "the most frequent word", None, &[text(words[0].clone())]);
    measure(&index, "the two most frequent words", None, &[text(words[..2].join(" "))]);
    let phrase = text(format!("\"{}\"", words[..2].join(" ")));
    measure(&index, "the two most frequent words as a phrase", None, &[phrase]);
    dear::all(&index, &words);
}
