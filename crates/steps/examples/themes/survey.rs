//! Comments of a hospital trust's survey, each with any of about 47 themes that people gave it.

use groundswell_insight::themes::{Count, mutual_information};

use super::bank::{clusters, grouped};
use super::read::{Texts, columns, shared, texts};
use super::rows::{Row, Wanted};

/// The column before the first theme, and the two last ones, which are moods and not subjects.
const BEFORE: &str = "Not assigned";
const MOODS: [&str; 2] = ["Negative experience & dissatisfaction", "Positive experience & gratitude"];

/// The comments with their themes.
pub struct Survey {
    /// The comments.
    pub texts: Texts,
    /// The themes of each.
    pub labels: Vec<Vec<String>>,
    /// Themes that stand in any.
    pub themes: usize,
}

/// Reads the comments; none where they are not there.
pub fn read() -> Option<Survey> {
    let path = shared("survey/nhs_fft_NHFT.csv")?;
    let mut reader = csv::Reader::from_path(&path).expect("the file can be read");
    let header: Vec<String> = reader.headers().expect("a header").iter().map(str::to_owned).collect();
    let first = header.iter().position(|name| name == BEFORE).expect("the themes are there") + 1;
    let names: Vec<&str> = header.iter().skip(first).map(String::as_str).collect();
    let mut wanted = vec!["FFT answer"];
    wanted.extend(&names);
    let (mut answers, mut labels) = (Vec::new(), Vec::new());
    for mut row in columns(&path, &wanted) {
        let given = row.split_off(1);
        let own = names.iter().zip(given).filter(|(_, cell)| !cell.is_empty() && cell != "0");
        labels.push(own.map(|(name, _)| (*name).to_owned()).collect::<Vec<String>>());
        answers.extend(row);
    }
    let mut all: Vec<&String> = labels.iter().flatten().collect();
    all.sort_unstable();
    all.dedup();
    let themes = all.len();
    Some(Survey { texts: texts(&answers), labels, themes })
}

/// Measures the number found, and the agreement over comments with one subject.
pub fn rows(survey: &Survey) -> Vec<Row> {
    let found = clusters(&survey.texts.vectors, Count::Found, 0);
    let groups = grouped(&found);
    let (mut left, mut right) = (Vec::new(), Vec::new());
    for (labels, group) in survey.labels.iter().zip(&groups) {
        let subjects: Vec<&String> = labels.iter().filter(|label| !MOODS.contains(&label.as_str())).collect();
        if let [subject] = subjects.as_slice() {
            left.push(*group);
            right.push(survey.labels.iter().position(|labels| labels.contains(subject)).unwrap_or(0) as u32);
        }
    }
    let number = found.extents.len() as f64;
    let says = format!("number of themes found; people used {}", survey.themes);
    vec![
        Row::new("nhft", says, number, Wanted::Beside),
        Row::new("nhft", "NMI, comments with one subject", mutual_information(&left, &right), Wanted::Beside),
    ]
}
