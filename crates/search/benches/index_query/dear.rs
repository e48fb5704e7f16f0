//! Queries that are made to be dear, within the limits: none may take more than 200 ms of CPU on a million feedback.

use std::fs;
use std::hint::black_box;

use groundswell_model::FeedbackId;
use groundswell_search::{FACET_FIELDS, Filter, Index, Query, Sort};

/// Most CPU time of a query, in milliseconds.
const MOST: f64 = 200.0;

/// CPU time of this thread in milliseconds. Linux brings the figure up to date when a thread yields.
pub fn cpu_millis() -> f64 {
    std::thread::yield_now();
    let told = fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    told.split(' ').next().and_then(|nanos| nanos.parse::<f64>().ok()).unwrap_or(0.0) / 1e6
}

/// Runs a query once unmeasured and fifteen times, and prints the least CPU time and the one in the middle: what else runs
/// on the machine makes a run longer, never shorter.
fn measure(index: &Index, name: &str, query: &Query) {
    let only = std::env::args().find_map(|argument| Some(argument.strip_prefix("dear:")?.to_owned()));
    if only.is_some_and(|only| !name.contains(&only)) {
        return;
    }
    let answer = index.search(query).unwrap();
    let mut times: Vec<f64> = (0..15)
        .map(|_| {
            let before = cpu_millis();
            black_box(index.search(query).unwrap());
            cpu_millis() - before
        })
        .collect();
    times.sort_by(f64::total_cmp);
    let verdict = if times[0] <= MOST { "" } else { "  MISSED" };
    eprintln!(
        "dear: {name}: {:.0} ms CPU, in the middle {:.0}, {} found, {} hits, {:?}{verdict}",
        times[0],
        times[7],
        answer.feedback,
        answer.hits.len(),
        answer.ignored
    );
}

fn texts(words: &[String]) -> Vec<(&'static str, String)> {
    let phrases = |many: usize, before: &str, between: &str| {
        let phrase = |pair: &[String]| format!("{before}\"{}\"", pair.join(" "));
        words[..many * 2].chunks(2).map(phrase).collect::<Vec<_>>().join(between)
    };
    let starts = |many: usize| {
        let start = |word: &String| format!("{}*", word.get(..2).unwrap_or("th"));
        words[..many].iter().map(start).collect::<Vec<_>>()
    };
    vec![
        ("everything", String::new()),
        ("60 alternatives", words[..60].join(" OR ")),
        ("60 words", words[..60].join(" ")),
        ("60 less frequent words", words[60..120].join(" ")),
        ("60 less frequent alternatives", words[60..120].join(" OR ")),
        (
            "30 pairs of alternatives",
            words[..60].chunks(2).map(|pair| pair.join(" OR ")).collect::<Vec<_>>().join(" "),
        ),
        ("five words", words[..5].join(" ")),
        ("six words", words[..6].join(" ")),
        ("eight words that say something", words[4..12].join(" ")),
        ("two words of two letters", starts(2).join(" ")),
        ("4 patterns", starts(4).join(" ")),
        ("4 patterns as alternatives", starts(4).join(" OR ")),
        ("60 exclusions", words[..60].join(" -")),
        ("nothing but 60 exclusions of rarer words", format!("-{}", words[1_000..1_060].join(" -"))),
        (
            "60 words, one in quotation marks each",
            words[..60].iter().map(|word| format!("\"{word}\" ")).collect(),
        ),
        ("a phrase of two", phrases(1, "", " ")),
        ("a phrase of ten", format!("\"{}\"", words[..10].join(" "))),
        ("a phrase of one word ten times", format!("\"{}\"", [words[0].as_str(); 10].join(" "))),
        ("32 phrases", phrases(32, "", " ")),
        ("32 phrases as alternatives", phrases(32, "", " OR ")),
        ("32 excluded phrases", phrases(32, "-", " ")),
        ("60 mistyped words", words[..60].iter().map(|word| format!("{word}qz ")).collect()),
        ("8 ranges", "time:2020..2030 ".repeat(8)),
        ("8 ranges as alternatives", ["time:2024", "time:2025"].repeat(4).join(" OR ")),
    ]
}

pub fn all(index: &Index, words: &[String]) {
    let six = ["stage", "gap", "kind", "source", "sentiment", "theme"].map(str::to_owned).to_vec();
    for (name, text) in texts(words) {
        let query = Query { text, limit: 20, ..Query::default() };
        measure(index, name, &query);
        let full = Query { facets: six.clone(), histogram: true, ..query };
        measure(index, &format!("{name}, six facets, days"), &full);
    }
    let values = |field: &str, values: &[&str]| Filter {
        field: field.to_owned(),
        values: values.iter().map(|value| (*value).to_owned()).collect(),
    };
    let filters = vec![
        values("stage", &["fulfilment", "support", "purchase", "use", "unknown"]),
        values("kind", &["complaint", "survey", "public"]),
        values("source", &["zendesk", "qualtrics", "trustpilot"]),
        values("sentiment", &["negative"]),
        values("channel", &["email", "phone", "chat", "web"]),
        values("region", &["eu", "us", "apac"]),
    ];
    let chosen: Vec<String> = filters.iter().map(|filter| filter.field.clone()).collect();
    let every: Vec<String> = FACET_FIELDS.iter().map(|field| (*field).to_owned()).collect();
    let among: Vec<(FeedbackId, f32)> =
        (0..10_000u64).map(|n| (FeedbackId::of_record("bench", "", &(n * 97).to_string()), 0.5)).collect();
    let plain = Query { limit: 20, ..Query::default() };
    let page = Query { text: words[..12].join(" OR "), limit: 1_000, ..Query::default() };
    for (name, query) in [
        (
            "one filter of all values, counted",
            Query { filters: filters[..1].to_vec(), facets: six.clone(), ..plain.clone() },
        ),
        (
            "one stage, six facets, days",
            Query {
                filters: vec![values("stage", &["use"])],
                facets: six.clone(),
                histogram: true,
                ..plain.clone()
            },
        ),
        (
            "two filters of all values, counted",
            Query { filters: filters[..2].to_vec(), facets: six.clone(), ..plain.clone() },
        ),
        ("six filters of all values, counted", Query { filters, facets: chosen, ..plain.clone() }),
        ("every facet", Query { facets: every, histogram: true, ..plain.clone() }),
        ("ten thousand ids", Query { among, facets: six, ..plain.clone() }),
        ("a page of a thousand hits", page),
        ("everything in order of severity", Query { sort: Sort::Severity, ..plain }),
    ] {
        measure(index, name, &query);
    }
}
