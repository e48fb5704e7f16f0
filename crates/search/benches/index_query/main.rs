//! Measures adding and committing feedback of about 340 characters, and queries on them.
#![expect(
    clippy::print_stderr,
    reason = "the bench reports CPU time and bytes that criterion does not measure"
)]
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a bench that cannot run may stop")]

use std::collections::BTreeMap;
use std::fs;
use std::hint::black_box;
use std::path::Path;
use std::time::Instant;

use criterion::{Criterion, criterion_group, criterion_main};
use groundswell_model::{Day, Mapped};
use groundswell_search::{Checkpoint, Filter, Index, IndexSettings, Query, Sort};

mod dear;
mod made;
mod million;

use made::corpus;

/// The allocator of the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// User and system time of the process, all threads, in microseconds.
fn cpu_micros() -> u64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    let ticks: u64 =
        after_name.split_whitespace().skip(11).take(2).filter_map(|field| field.parse::<u64>().ok()).sum();
    ticks * 10_000
}

fn bytes_by_ending(dir: &Path) -> BTreeMap<String, u64> {
    let mut sizes = BTreeMap::new();
    for file in fs::read_dir(dir).unwrap().flatten() {
        let ending =
            file.path().extension().map_or_else(String::new, |ending| ending.to_string_lossy().into_owned());
        *sizes.entry(ending).or_insert(0) += file.metadata().unwrap().len();
    }
    sizes
}

fn fill(dir: &Path, corpus: &[Mapped], from: u64) -> Index {
    let (index, _) = Index::open(dir, "bench", &IndexSettings::default()).unwrap();
    let mut writer = index.writer().unwrap();
    for mapped in corpus {
        let day = Day::from_number(20_254 + i32::try_from(mapped.version.sequence / 1_440).unwrap());
        let mut mapped = mapped.clone();
        mapped.version.sequence += from;
        writer.upsert(&mapped, day).unwrap();
    }
    writer.commit(&Checkpoint::start("bench")).unwrap();
    index
}

fn report(name: &str, corpus: &[Mapped], run: impl FnOnce()) {
    let (clock, cpu) = (Instant::now(), cpu_micros());
    run();
    let documents = corpus.len() as u64;
    let wall = u64::try_from(clock.elapsed().as_micros()).unwrap();
    eprintln!("{name}: {} CPU us, {} wall us a document", (cpu_micros() - cpu) / documents, wall / documents);
}

fn indexing(c: &mut Criterion) {
    let corpus = corpus();
    let length: usize =
        corpus.iter().flat_map(|m| &m.feedback.content.statements).map(|s| s.text.len()).sum();
    eprintln!("{} documents of {} characters", corpus.len(), length / corpus.len());
    report("cloning the documents (subtract it)", &corpus, || drop(black_box(corpus.clone())));
    let dir = tempfile::tempdir().unwrap();
    report("adding to an empty index", &corpus, || drop(fill(dir.path(), &corpus, 0)));
    for (ending, bytes) in bytes_by_ending(dir.path()) {
        eprintln!("  {ending}: {} bytes a document", bytes / corpus.len() as u64);
    }
    report("replacing all", &corpus, || drop(fill(dir.path(), &corpus, 1_000_000)));
    report("offering what is known", &corpus, || drop(fill(dir.path(), &corpus, 1_000_000)));
    let mut group = c.benchmark_group("index");
    group.sample_size(10);
    group.bench_function("add_and_commit_20k", |bencher| {
        bencher.iter_with_large_drop(|| {
            let dir = tempfile::tempdir().unwrap();
            fill(dir.path(), &corpus, 0)
        });
    });
    group.finish();
}

fn queries(c: &mut Criterion) {
    let corpus = corpus();
    let dir = tempfile::tempdir().unwrap();
    let index = fill(dir.path(), &corpus, 0);
    let words = |text: &str| Query { text: text.to_owned(), limit: 20, ..Query::default() };
    let facets = ["stage", "gap", "kind", "source", "sentiment", "theme"].map(str::to_owned).to_vec();
    let stage = vec![Filter { field: "stage".to_owned(), values: vec!["fulfilment".to_owned()] }];
    let asked = [
        ("rare word", words("ref77")),
        ("two words", words("late refund")),
        ("phrase", words("\"late parcel\"")),
        ("two words and six facets", Query { facets: facets.clone(), ..words("late refund") }),
        (
            "everything, six facets, days",
            Query { facets: facets.clone(), histogram: true, sort: Sort::Time, ..words("") },
        ),
        ("one stage, six facets, days", Query { facets, histogram: true, filters: stage, ..words("") }),
    ];
    for (name, query) in asked {
        let answer = index.search(&query).unwrap();
        eprintln!("{name}: {} feedback, {} people", answer.feedback, answer.people);
        c.bench_function(&format!("query/{name}"), |bencher| {
            bencher.iter(|| index.search(black_box(&query)).unwrap())
        });
    }
}

criterion_group!(benches, million::latency, indexing, queries);
criterion_main!(benches);
