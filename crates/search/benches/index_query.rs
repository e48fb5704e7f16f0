//! Measures adding and committing feedback of about 340 characters, and queries on them.
#![expect(
    clippy::print_stderr,
    reason = "the bench reports CPU time and bytes that criterion does not measure"
)]
#![expect(clippy::unwrap_used, reason = "a bench that cannot run may stop")]

use std::collections::BTreeMap;
use std::fs;
use std::hint::black_box;
use std::path::Path;
use std::time::Instant;

use criterion::{Criterion, criterion_group, criterion_main};
use groundswell_model::{
    Annotation, Day, Expectation, Feedback, FeedbackId, Gap, GapType, Mapped, Mapping, Origin, Outcome,
    RespondentHasher, Sentiment, SentimentLabel, Speaker, Statement, Timestamp, Unmet, UnmetKind, Version,
};
use groundswell_search::{Checkpoint, Filter, Index, IndexSettings, Query, Sort};

const DOCUMENTS: u64 = 20_000;
const WORDS: &str = "order delivery late parcel refund the a was not arrived support waited answer app crashed login price \
    charged twice invoice wrong address driver promised yesterday week email phone chat agent polite rude helpful account \
    cancel renewal contract broken screen battery replacement warranty missing item box damaged returned store shop website \
    checkout payment card declined slow fast good bad never always again still because after before their our my your we they";

/// Numbers that are the same in every run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }

    fn of<'t, T>(&mut self, choices: &'t [T]) -> &'t T {
        choices.get(usize::try_from(self.below(choices.len() as u64)).unwrap()).unwrap()
    }
}

fn text(numbers: &mut Numbers, words: &[&str]) -> String {
    let mut text = String::new();
    while text.len() < 335 {
        // Frequent words come often, and one in twenty is rare.
        let place = numbers.below(words.len() as u64).min(numbers.below(words.len() as u64));
        match numbers.below(20) {
            0 => text.push_str(&format!("ref{} ", numbers.below(5_000))),
            _ => {
                text.push_str(words.get(usize::try_from(place).unwrap()).unwrap());
                text.push(if numbers.below(9) == 0 { ',' } else { ' ' });
            }
        }
    }
    text
}

fn annotation() -> Annotation {
    Annotation {
        sentiment: Sentiment { label: SentimentLabel::Negative, score: -0.6 },
        unmet: Unmet { probability: 0.9, kind: UnmetKind::Explicit },
        expectations: vec![Expectation {
            outcome: Outcome::Unmet,
            expected: None,
            happened: None,
            gap: Some(GapType::Timeliness),
            origin: Origin::Norm,
            size: None,
        }],
        embedding: None,
        near_duplicate: None,
    }
}

fn mapped(number: u64, numbers: &mut Numbers, words: &[&str], hasher: &RespondentHasher) -> Mapped {
    let record = number.to_string();
    let content = serde_json::json!({
        "source": {"system": numbers.of(&["zendesk", "qualtrics", "trustpilot"]), "record": record,
                   "url": format!("https://support.example.com/tickets/{record}")},
        "kind": numbers.of(&["complaint", "survey", "public"]),
        "channel": numbers.of(&["email", "phone", "chat", "web"]),
        "occurred_at": Timestamp::from_millis(1_750_000_000_000 + i64::try_from(number).unwrap() * 60_000),
        "respondent": {"key": hasher.respondent("email", &numbers.below(DOCUMENTS / 2).to_string())},
        "segments": {"plan": numbers.of(&["free", "premium", "team"])},
        "subject": {"product": format!("product {}", numbers.below(200)), "region": numbers.of(&["eu", "us", "apac"])},
    });
    let mut feedback = Feedback {
        id: FeedbackId::of_record("bench", "", &record),
        parts: vec!["main".to_owned()],
        deleted: false,
        content: serde_json::from_value(content).unwrap(),
        received_at: Timestamp::from_millis(1_750_000_000_000),
    };
    feedback.content.statements.push(Statement {
        question: None,
        speaker: Speaker::Customer,
        text: text(numbers, words),
        language: Some("en".to_owned()),
        annotation: Some(annotation()),
    });
    let gap = Gap { gap: *numbers.of(GapType::ALL), cause: None, origin: Origin::Norm, promise: None };
    let mapping = Mapping {
        stage: numbers.of(&["fulfilment", "support", "purchase", "use", "unknown"]).parse().unwrap(),
        probability: 0.8,
        voiced_at: None,
        because: Vec::new(),
        touchpoint: Some("parcel_carrier".parse().unwrap()),
        phase: None,
        tenure_days: None,
        gaps: vec![gap],
        theme: Some(format!("t{}", numbers.below(40))),
        issue: None,
        corrected_by: None,
        versions: BTreeMap::new(),
    };
    Mapped { feedback, mapping: Some(mapping), version: Version { epoch: 1, sequence: number } }
}

fn corpus() -> Vec<Mapped> {
    let words: Vec<&str> = WORDS.split_whitespace().collect();
    let hasher = RespondentHasher::new([7; 32]);
    let mut numbers = Numbers(1);
    (0..DOCUMENTS).map(|number| mapped(number, &mut numbers, &words, &hasher)).collect()
}

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

criterion_group!(benches, indexing, queries);
criterion_main!(benches);
