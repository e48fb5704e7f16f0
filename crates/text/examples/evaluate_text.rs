//! Measures redaction and language identification on the public sets, prints a line a task, and fails under the floors.

mod support;

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;
use std::process::ExitCode;

use groundswell_text::{
    Format, NameExample, NameLexicon, Redactor, identify_with, normalise, train_language, train_names,
};
use support::figures::{Board, Share};
use support::sets::Marked;
use support::{Lists, THRESHOLD, corpora, sentences, sets, tongues};

/// Parts into which the templates are cut.
const FOLDS: usize = 5;
/// Forum posts that are searched for false alarms.
const POSTS: usize = 3_000;
/// Structured types, and the kinds that they are found as.
const TYPES: [(&str, &str); 6] = [
    ("EMAIL_ADDRESS", "email"),
    ("PHONE_NUMBER", "phone"),
    ("CREDIT_CARD", "card"),
    ("IBAN_CODE", "iban"),
    ("US_SSN", "national_id"),
    ("IP_ADDRESS", "ip"),
];

#[expect(clippy::print_stdout, clippy::print_stderr, reason = "a program for the terminal")]
fn main() -> ExitCode {
    let Some(data) = support::data() else {
        println!("the folder ../shared/data is missing beside the project: nothing is measured");
        return ExitCode::SUCCESS;
    };
    let mut board = Board::default();
    if let Err(error) = languages(&data, &mut board) {
        eprintln!("languages were not measured: {error}");
        return ExitCode::FAILURE;
    }
    let marked = sets::templates(&data.join("pii/presidio_templates_A.jsonl"));
    structured(&marked, &mut board);
    addresses(&marked, &mut board);
    false_alarms(&data, &mut board);
    if let Err(error) = names(&data, &marked, &mut board) {
        eprintln!("names were not measured: {error}");
        return ExitCode::FAILURE;
    }
    let floors = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/golden/floors_text.toml");
    let below = board.below(&std::fs::read_to_string(floors).unwrap_or_default());
    for fault in &below {
        eprintln!("{fault}");
    }
    if below.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Forum posts and their titles against the forum's locale, each by a model that has not seen its thread; an unknown counts
/// as wrong in `accuracy`. Many threads of other locales are in English: of 30 posts of other locales in which English function
/// words are at least an eighth of the words, drawn by chance and read, 29 were. `as_written` takes these posts for English;
/// `own` leaves them out.
fn languages(data: &Path, board: &mut Board) -> std::io::Result<()> {
    let lists = Lists::read()?;
    let half = |id: &str| id.bytes().last().unwrap_or(0) % 2;
    let models = [0, 1]
        .map(|part| train_language(&tongues::examples(data, &lists, &|id| half(id) != part, support::SEED)));
    for (task, column) in [("language_posts", "content"), ("language_titles", "title")] {
        let mut by_locale: BTreeMap<String, Share> = BTreeMap::new();
        let [mut all, mut written, mut own, mut answered, mut refused] = [Share::default(); 5];
        let mut worst = Vec::new();
        let known = |locale: &str| ["it", "nl", "es", "cs", "pt", "en", "de"].contains(&locale);
        for post in tongues::posts(data, column)
            .iter()
            .filter(|post| known(&post.locale) && post.text.chars().count() >= 20)
        {
            let Some(model) = models.get(usize::from(half(&post.id))) else { continue };
            let found = identify_with(&post.text, model).map(|language| language.primary().to_string());
            let right = found.as_deref() == Some(post.locale.as_str());
            all.add(right);
            let strange = post.locale != "en" && tongues::is_written_in_english(&post.text);
            written.add(if strange { found.as_deref() == Some("en") } else { right });
            if strange {
                continue;
            }
            own.add(right);
            refused.add(found.is_none());
            by_locale.entry(post.locale.clone()).or_default().add(right);
            if !right {
                shown(
                    &format!("{task}:{}>{}", post.locale, found.as_deref().unwrap_or("unknown")),
                    &post.text,
                    &(0..0),
                );
            }
            if let Some(found) = found {
                answered.add(right);
                if !right {
                    worst.push(format!("{}:{}>{found}", post.id, post.locale));
                }
            }
        }
        let mut shares = vec![
            ("accuracy", all),
            ("as_written", written),
            ("own", own),
            ("own_answered", answered),
            ("own_refused", refused),
        ];
        shares.extend(by_locale.iter().map(|(locale, share)| (locale.as_str(), *share)));
        board.line(task, all.all as usize, &shares, &worst);
    }
    Ok(())
}

/// Found spans of a text in bytes, with their kinds.
fn found(redactor: &Redactor, text: &str) -> Vec<(Range<usize>, &'static str)> {
    let places: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
    let byte = |scalar: usize| places.get(scalar).copied().unwrap_or(text.len());
    let spans = redactor.redact(text, &[]).spans;
    spans.iter().map(|span| (byte(span.start)..byte(span.end), span.kind.as_str())).collect()
}

fn touch(one: &Range<usize>, other: &Range<usize>) -> bool {
    one.start < other.end && other.start < one.end
}

/// A structured span is found when one of its kind covers it whole; what is found is right when it touches one of its type.
fn structured(marked: &[Marked], board: &mut Board) {
    let redactor = Redactor::new();
    let (mut recall, mut precision) = (Share::default(), Share::default());
    let mut lines = Vec::new();
    for (name, kind) in TYPES {
        let (mut own_recall, mut own_precision, mut worst) = (Share::default(), Share::default(), Vec::new());
        for (number, text) in marked.iter().enumerate() {
            let spans = found(&redactor, &text.text);
            for (range, _) in text.spans.iter().filter(|(_, wanted)| wanted == name) {
                let hit = spans
                    .iter()
                    .any(|(span, of)| *of == kind && span.start <= range.start && span.end >= range.end);
                own_recall.add(hit);
                if !hit {
                    worst.push(format!("{number}:missed"));
                }
            }
            for (span, _) in spans.iter().filter(|(_, of)| *of == kind) {
                let right = text.spans.iter().any(|(range, wanted)| wanted == name && touch(span, range));
                own_precision.add(right);
                if !right {
                    worst.push(format!("{number}:wrong"));
                }
            }
        }
        for (total, own) in [(&mut recall, own_recall), (&mut precision, own_precision)] {
            total.right += own.right;
            total.all += own.all;
        }
        lines.push((format!("redact_{kind}"), own_recall, own_precision, worst));
    }
    for (task, recall, precision, worst) in &lines {
        board.line(task, recall.all as usize, &[("recall", *recall), ("precision", *precision)], worst);
    }
    board.line(
        "redact_structured",
        recall.all as usize,
        &[("recall", recall), ("precision", precision)],
        &[],
    );
}

/// Addresses, by touch: their edges are a matter of taste.
fn addresses(marked: &[Marked], board: &mut Board) {
    let redactor = Redactor::new();
    let (mut recall, mut precision, mut worst) = (Share::default(), Share::default(), Vec::new());
    for (number, text) in marked.iter().enumerate() {
        let spans = found(&redactor, &text.text);
        for (range, _) in text.spans.iter().filter(|(_, kind)| kind == "ADDRESS") {
            let hit = spans.iter().any(|(span, kind)| *kind == "address" && touch(span, range));
            recall.add(hit);
            if !hit {
                worst.push(format!("{number}:missed"));
            }
        }
        for (span, _) in spans.iter().filter(|(_, kind)| *kind == "address") {
            let right = text
                .spans
                .iter()
                .any(|(range, kind)| matches!(kind.as_str(), "ADDRESS" | "LOCATION") && touch(span, range));
            precision.add(right);
            if !right {
                worst.push(format!("{number}:wrong"));
            }
        }
    }
    board.line(
        "redact_address",
        recall.all as usize,
        &[("recall", recall), ("precision", precision)],
        &worst,
    );
}

/// Forum posts hold hardly any cards, accounts and identity numbers; telephone numbers are listed for reading.
fn false_alarms(data: &Path, board: &mut Board) {
    let path = data.join("over_time/sumo_thunderbird_2023_en.csv");
    let redactor = Redactor::new();
    let mut by_kind: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    let posts: Vec<String> = corpora::column(&path, "content").into_iter().take(POSTS).collect();
    for (id, text) in corpora::column(&path, "id").iter().zip(&posts) {
        let text = normalise(text, Format::Html, 8_000).text;
        for (range, kind) in found(&redactor, &text) {
            by_kind.entry(kind).or_default().push(id.clone());
            shown(kind, &text, &range);
        }
    }
    for kind in ["card", "iban", "national_id"] {
        board.none(&format!("false_{kind}"), posts.len(), by_kind.get(kind).map_or(&[][..], Vec::as_slice));
    }
    for kind in ["phone", "address", "name"] {
        let ids = by_kind.get(kind).map_or(&[][..], Vec::as_slice);
        let share = Share {
            right: u32::try_from(ids.len()).unwrap_or(0),
            all: u32::try_from(posts.len()).unwrap_or(0),
        };
        board.line(&format!("found_{kind}"), posts.len(), &[("a_post", share)], ids);
    }
}

/// With a kind as an argument, prints what was found with what stands around it, for reading.
#[expect(clippy::print_stdout, reason = "a program for the terminal")]
fn shown(kind: &str, text: &str, range: &Range<usize>) {
    if !std::env::args().skip(1).any(|argument| kind.starts_with(&argument)) {
        return;
    }
    let before: String = text.get(..range.start).unwrap_or("").chars().rev().take(40).collect();
    let before: String = before.chars().rev().collect();
    let after: String = text.get(range.end..).unwrap_or("").chars().take(60).collect();
    println!("  {kind} {before:?} <{}> {after:?}", text.get(range.clone()).unwrap_or(""));
}

/// Names: templates left out by fifths, posts by the model of the other posts and of all templates.
fn names(data: &Path, marked: &[Marked], board: &mut Board) -> Result<(), Box<dyn std::error::Error>> {
    let lists = Lists::read()?;
    let texts = corpora::read(data);
    let lexicon = lists.lexicon(&corpora::counts(&texts))?;
    let posts = sets::posts(&data.join("pii/wnut17train.conll"));
    let mut common: Vec<NameExample> = posts.iter().map(Marked::example).collect();
    common.extend(sentences::filled(&lists, support::SEED));
    common.extend(corpora::examples(&texts, support::EVERY));
    let mut groups: Vec<&str> = marked.iter().map(|text| text.group.as_str()).collect();
    groups.sort_unstable();
    groups.dedup();
    let fold = |text: &Marked| groups.binary_search(&text.group.as_str()).unwrap_or(0) % FOLDS;
    let mut scored = Names::default();
    for part in 0..FOLDS {
        let mut examples: Vec<NameExample> =
            marked.iter().filter(|text| fold(text) != part).map(Marked::example).collect();
        examples.extend(common.iter().cloned());
        let redactor = trained(&lexicon, &examples);
        for (number, text) in marked.iter().enumerate().filter(|(_, text)| fold(text) == part) {
            scored.score(number, text, &redactor);
        }
    }
    scored.line("names_templates", board);
    let mut examples: Vec<NameExample> = marked.iter().map(Marked::example).collect();
    examples.extend(common);
    let redactor = trained(&lexicon, &examples);
    let mut scored = Names::default();
    for (number, text) in sets::posts(&data.join("pii/wnut17dev.conll")).iter().enumerate() {
        scored.score(number, text, &redactor);
    }
    scored.line("names_posts", board);
    Ok(())
}

fn trained(lexicon: &NameLexicon, examples: &[NameExample]) -> Redactor {
    Redactor::with_names(train_names(lexicon.clone(), examples, THRESHOLD))
}

/// A name is found when a found name touches it, and a found name is right when it touches a name; `exact` and
/// `characters` are stricter: the same edges, and the share of the names' characters that is covered by any kind.
#[derive(Default)]
struct Names {
    recall: Share,
    precision: Share,
    exact: Share,
    characters: Share,
    worst: Vec<String>,
}

impl Names {
    fn score(&mut self, number: usize, text: &Marked, redactor: &Redactor) {
        let wanted = text.names();
        let all = found(redactor, &text.text);
        let spans: Vec<_> =
            all.iter().filter(|(_, kind)| *kind == "name").map(|(span, _)| span.clone()).collect();
        for name in &wanted {
            let hit = spans.iter().any(|span| touch(span, name));
            self.recall.add(hit);
            self.exact.add(spans.contains(name));
            for at in name.clone() {
                self.characters.add(all.iter().any(|(span, _)| span.contains(&at)));
            }
            if !hit {
                shown("missed", &text.text, name);
                self.worst.push(format!("{number}:missed"));
            }
        }
        for span in &spans {
            let right = wanted.iter().any(|name| touch(span, name));
            self.precision.add(right);
            if !right {
                shown("wrong", &text.text, span);
                self.worst.push(format!("{number}:wrong"));
            }
        }
    }

    fn line(&self, task: &str, board: &mut Board) {
        let shares = [
            ("recall", self.recall),
            ("precision", self.precision),
            ("exact", self.exact),
            ("characters", self.characters),
        ];
        board.line(task, self.recall.all as usize, &shares, &self.worst);
    }
}
