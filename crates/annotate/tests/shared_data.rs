//! Measures on public data beside the repository, where it is there: ranking of unmet expectations and of tone.
//! The floors are below what was measured, so that only a real loss fails.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test may fail loudly"
)]

use std::path::PathBuf;
use std::sync::OnceLock;

use groundswell_annotate::Annotator;
use groundswell_model::{Annotation, Outcome};

fn annotator() -> &'static Annotator {
    static SHARED: OnceLock<Annotator> = OnceLock::new();
    SHARED.get_or_init(|| Annotator::new().unwrap())
}

fn read(name: &str) -> Option<String> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data").join(name);
    let bytes = std::fs::read(path).ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

/// Rows of a table as the columns asked for.
fn rows(text: &str, separator: u8, columns: &[&str]) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(separator)
        .quoting(separator == b',')
        .flexible(true)
        .from_reader(text.as_bytes());
    let heads = reader.headers().unwrap().clone();
    let places: Vec<usize> =
        columns.iter().map(|column| heads.iter().position(|head| head == *column).unwrap()).collect();
    let rows = reader.records().map(|row| {
        let row = row.unwrap();
        places.iter().map(|place| row.get(*place).unwrap_or("").to_owned()).collect()
    });
    rows.collect()
}

/// Area under the curve: how often a positive ranks before a negative.
fn auc(mut scored: Vec<(f32, bool)>) -> f64 {
    scored.sort_by(|one, other| one.0.total_cmp(&other.0));
    let (mut rank, mut at) = (0.0, 0);
    while at < scored.len() {
        let end = at + scored[at..].iter().take_while(|one| one.0 == scored[at].0).count();
        let middle = (at + end + 1) as f64 / 2.0;
        rank += scored[at..end].iter().filter(|one| one.1).count() as f64 * middle;
        at = end;
    }
    let positive = scored.iter().filter(|one| one.1).count() as f64;
    (rank - positive * (positive + 1.0) / 2.0) / (positive * (scored.len() as f64 - positive))
}

fn correlation(pairs: &[(f64, f64)]) -> f64 {
    let n = pairs.len() as f64;
    let (mean_x, mean_y) =
        (pairs.iter().map(|pair| pair.0).sum::<f64>() / n, pairs.iter().map(|pair| pair.1).sum::<f64>() / n);
    let sum = |f: &dyn Fn(&(f64, f64)) -> f64| pairs.iter().map(f).sum::<f64>();
    let cross = sum(&|(x, y)| (x - mean_x) * (y - mean_y));
    cross / (sum(&|(x, _)| (x - mean_x).powi(2)) * sum(&|(_, y)| (y - mean_y).powi(2))).sqrt()
}

/// Writes what was said of each text, which the test harness shows with `--nocapture` only.
fn show(truth: &str, text: &str, said: &Annotation) {
    let unmet: Vec<_> = said
        .expectations
        .iter()
        .filter(|one| one.outcome == Outcome::Unmet)
        .filter_map(|one| one.gap)
        .collect();
    println!(
        "ROW\t{truth}\t{:.3}\t{:.3}\t{unmet:?}\t{}",
        said.unmet.probability,
        said.sentiment.score,
        text.replace(['\n', '\t', '\r'], " ")
    );
}

#[test]
fn survey_answers_are_ranked_by_their_question() {
    let Some(text) = read("survey/nhs_fft_NHFT.csv") else { return };
    let rows = rows(&text, b',', &["FFT question", "FFT answer", "Comment sentiment"]);
    let (mut unmet, mut critical, mut tone, mut mood, mut right, mut all) =
        (Vec::new(), Vec::new(), Vec::new(), Vec::new(), 0, 0);
    for row in rows.iter().filter(|row| !row[1].trim().is_empty()) {
        let said = annotator().annotate(&row[1], None);
        let better = row[0] == "What could we do better?";
        show(if better { "nhs+" } else { "nhs-" }, &row[1], &said);
        unmet.push((said.unmet.probability, better));
        tone.push((-said.sentiment.score, better));
        if let Ok(code) = row[2].parse::<f64>() {
            mood.push((f64::from(said.sentiment.score), -code));
        }
        if !better || row[2].parse::<f64>().is_ok_and(|code| code >= 4.0) {
            critical.push((said.unmet.probability, better));
        }
        right += u32::from((said.unmet.probability >= 0.5) == better);
        all += 1;
    }
    let (unmet, tone) = (auc(unmet), auc(tone));
    println!("nhs: unmet auc where people rated the comment as critical {:.3}", auc(critical));
    println!(
        "nhs: n {all}, unmet auc {unmet:.3}, accuracy {:.3}, tone auc {tone:.3}, tone r {:.3}",
        f64::from(right) / f64::from(all),
        correlation(&mood)
    );
    assert!(unmet > 0.7 && tone > 0.7);
}

#[test]
fn the_tone_of_snippets_goes_with_that_of_people() {
    let Some(text) = read("sentiment/vader_amazon_snippets.tsv") else { return };
    let mut pairs = Vec::new();
    for row in rows(&text, b'\t', &["sentiment", "text"]) {
        let said = annotator().annotate(&row[1], None);
        show(&format!("amz {}", row[0]), &row[1], &said);
        pairs.push((f64::from(said.sentiment.score), row[0].parse::<f64>().unwrap()));
    }
    let r = correlation(&pairs);
    println!("amazon: n {}, r {r:.3}", pairs.len());
    assert!(r > 0.45);
}

#[test]
fn reviews_are_ranked_by_their_stars() {
    let Some(text) = read("over_time/app_viber/total_info.txt") else { return };
    let (mut pairs, mut unmet, mut tone) = (Vec::new(), Vec::new(), Vec::new());
    for line in text.lines().step_by(4) {
        let parts: Vec<&str> = line.split("******").collect();
        let (Some(Ok(stars)), Some(text)) = (parts.first().map(|stars| stars.parse::<f64>()), parts.get(1))
        else {
            continue;
        };
        let said = annotator().annotate(text, None);
        show(&format!("vib {stars}"), text, &said);
        pairs.push((f64::from(said.sentiment.score), stars));
        if stars != 3.0 {
            unmet.push((said.unmet.probability, stars < 3.0));
            tone.push((-said.sentiment.score, stars < 3.0));
        }
    }
    let (unmet, tone) = (auc(unmet), auc(tone));
    println!(
        "viber: n {}, r {:.3}, unmet auc {unmet:.3}, tone auc {tone:.3}",
        pairs.len(),
        correlation(&pairs)
    );
    assert!(unmet > 0.7 && tone > 0.75);
}

#[test]
fn complaints_hold_an_unmet_expectation() {
    let Some(text) = read("gaps/cfpb_narratives_early.csv") else { return };
    let rows = rows(&text, b',', &["Consumer complaint narrative", "Issue"]);
    let (mut unmet, mut negative, mut all) = (0, 0, 0);
    for row in rows.iter().filter(|row| !row[0].is_empty()) {
        let said = annotator().annotate(&row[0], None);
        show(&format!("cfpb {}", row[1]), &row[0], &said);
        unmet += u32::from(said.unmet.probability >= 0.5);
        negative += u32::from(said.sentiment.score < 0.0);
        all += 1;
    }
    let share = f64::from(unmet) / f64::from(all);
    println!("cfpb: n {all}, unmet {share:.3}, negative {:.3}", f64::from(negative) / f64::from(all));
    assert!(share > 0.85);
}
