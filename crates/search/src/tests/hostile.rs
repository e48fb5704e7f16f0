//! Queries that mean harm: each is answered or refused with a code, and none takes long.

use std::fs;
use std::sync::LazyLock;

use groundswell_model::Mapped;

use super::build::{Bed, But, counting, filter, said};
use super::find::mixed;
use crate::{Fold, Query, Sort, Step};

/// Most CPU time of a query, in milliseconds, with the optimisation that a test build lacks; and what it may take here.
const MOST_MILLIS: u64 = if cfg!(debug_assertions) { 1_500 } else { 200 };

/// Some thousand feedback with many words in many languages and scripts.
static BED: LazyLock<Bed> = LazyLock::new(|| {
    let mut all = mixed();
    let syllables = ["ab", "er", "lo", "ti", "ka", "su", "ne", "mor", "pa", "ri"];
    let word = |n: usize| -> String { (0..4).map(|at| syllables[n / 10usize.pow(at) % 10]).collect() };
    let languages = ["en", "de", "fr", "ar", "ru", "xx"];
    all.extend((0..2_000usize).map(|n| -> Mapped {
        let text = format!(
            "{} {} late \u{5d0}\u{5d9}\u{5d7}\u{5e8} e\u{301}te\u{301} {}",
            word(n),
            word(n * 7),
            word(n * 13)
        );
        said(&format!("h{n}"), &text).language(languages[n % 6]).by(&format!("p{}", n % 300))
    }));
    Bed::with(&all)
});

/// CPU time of this thread in milliseconds; of no use where the system does not tell.
fn cpu_millis() -> u64 {
    let told = fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    told.split(' ').next().and_then(|nanos| nanos.parse::<u64>().ok()).unwrap_or(0) / 1_000_000
}

fn try_out(text: &str) {
    for sort in [Sort::Relevance, Sort::Severity] {
        let query = Query { text: text.to_owned(), sort, histogram: true, ..counting(&["stage", "kind"]) };
        let before = cpu_millis();
        let answer = BED.index.search(&query);
        let took = cpu_millis() - before;
        let shown: String = text.chars().take(60).collect();
        assert!(took <= MOST_MILLIS, "{shown:?}: {took} ms");
        match answer {
            Ok(answer) => {
                for hit in &answer.hits {
                    assert!(hit.highlights.iter().all(|&(start, end)| hit.text.get(start..end).is_some()));
                    assert_eq!(hit.pieces().iter().map(|(piece, _)| *piece).collect::<String>(), hit.text);
                }
            }
            Err(error) => assert!(error.is_query(), "{shown:?}: {error}"),
        }
    }
}

#[test]
fn walls_of_signs_are_refused_or_answered_quickly() {
    let signs = [
        "(",
        "\"",
        "-",
        ":",
        "OR ",
        "\u{1f600}",
        "-\"",
        "\u{0}",
        "\u{202e}",
        "stage:",
        "\\",
        "*",
        "a* ",
        "ab* ",
        "ab?c*d ",
        "a*b*",
        "-ab* ",
        "score:0.. ",
        "score:",
        "time:2026 ",
        "..",
        ">=",
        "\u{301}",
        "e\u{301} ",
        "\u{5d0}",
        "\u{5d0} ",
        "(a+)+",
        "[a-z]{9999}",
        "NOT ",
        "\"a\" ",
        "x OR ",
        "late~ ",
        "stage:a* ",
        "segment.x:",
        "\u{feff}",
        "\u{fffd}",
    ];
    for sign in signs {
        for times in [1, 20, 300, 100_000] {
            try_out(&sign.repeat(times));
        }
    }
    try_out(&format!("{}late{}", "(".repeat(400), ")".repeat(400)));
    try_out(&format!("({}", "a*".repeat(490)));
    try_out(&format!("aa{}b", "*a".repeat(48)));
}

#[test]
fn the_dearest_queries_within_the_limits_are_answered_quickly() {
    for text in [
        "ab* er* lo* ti*",
        &"late ".repeat(64),
        &"er OR ".repeat(63),
        &format!("\"{}\"", "late ".repeat(64)),
        &"-late -\"late late\" ".repeat(21),
        &"time:2026 ".repeat(16),
        &(0..60).map(|n| format!("qwertz{n}uiop ")).collect::<String>(),
        "abereloti lotikasu tikasune nesukati abererer",
    ] {
        try_out(text);
    }
    let long = "x".repeat(100_000);
    let groups = (0..10_000).map(|n| (format!("{n}"), Some(format!("{}", n % 7)))).collect();
    let query = Query {
        filters: [filter("stage", &[&long]), filter("kind", &vec!["complaint"; 990])].concat(),
        folds: vec![Fold { field: "kind".to_owned(), groups, ..Fold::default() }],
        step: Step::Month,
        histogram: true,
        ..counting(&["kind", "stage", "language", "segment.plan"])
    };
    let before = cpu_millis();
    BED.index.search(&query).unwrap();
    assert!(cpu_millis() - before <= MOST_MILLIS);
    for query in [
        Query { facets: vec![long.clone()], ..Query::default() },
        Query { filters: filter(&long, &["x"]), ..Query::default() },
        Query { folds: vec![Fold { field: long, ..Fold::default() }], ..Query::default() },
    ] {
        assert_eq!(BED.index.search(&query).unwrap_err().code(), "search.unknown_field");
    }
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]
    #[test]
    fn no_query_is_too_hostile(
        text in "[-\"():*?| lateOR\u{201c}\u{1f600}\u{5d0}\u{301}]{0,120}|\\PC{0,120}|(score|time|since|stage|x):[<>=.0-9*-]{0,12}.{0,20}"
    ) {
        try_out(&text);
    }

    #[test]
    fn pieces_of_queries_are_not_too_hostile(
        pieces in proptest::collection::vec(
            proptest::sample::select(vec![
                "late", "\"", "\"late again\"", "-", "OR", "ab*", "score:1..", "time:2026", "stage:use", "(", ")", "NOT", ":",
                "\u{0}", "\u{202e}", "*", "erlo?i", "lat", "the", "since:", "-\"late", "kind:sur*",
            ]),
            0..20,
        ),
    ) {
        try_out(&pieces.join(" "));
        try_out(&pieces.concat());
    }
}
