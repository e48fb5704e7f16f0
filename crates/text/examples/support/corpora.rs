//! Running text without marks: how words are written there, and sentences in which most capitals are no names.

use std::collections::BTreeMap;
use std::path::Path;

use groundswell_text::{Format, NameExample, WordCounts, normalise, words};

/// How often each word, in lower case, is written in which way.
pub type Counts = BTreeMap<String, WordCounts>;

/// Reads one column of a table; nothing where the file is missing.
pub fn column(path: &Path, name: &str) -> Vec<String> {
    let Ok(mut table) = csv::Reader::from_path(path) else { return Vec::new() };
    let Some(place) = table.headers().ok().and_then(|heads| heads.iter().position(|head| head == name))
    else {
        return Vec::new();
    };
    table.into_records().filter_map(Result::ok).filter_map(|row| row.get(place).map(str::to_owned)).collect()
}

/// Texts of the sets, each set with whether its texts may hold names.
pub struct Texts {
    /// Texts in which hardly any name stands.
    pub nameless: Vec<String>,
    /// Texts in which names stand now and then.
    pub mixed: Vec<String>,
}

/// Reads all running text, cleaned.
pub fn read(data: &Path) -> Texts {
    let html = |text: String| normalise(&text, Format::Html, 4_000).text;
    let nameless = [
        column(&data.join("themes_stage/banking77_train.csv"), "text"),
        column(&data.join("gaps/cfpb_narratives_early.csv"), "Consumer complaint narrative"),
    ];
    let snippets =
        std::fs::read_to_string(data.join("sentiment/vader_amazon_snippets.tsv")).unwrap_or_default();
    let snippets = snippets.lines().filter_map(|line| line.split('\t').nth(2)).map(str::to_owned);
    let mixed = column(&data.join("over_time/sumo_thunderbird_2023_en.csv"), "content")
        .into_iter()
        .chain(column(&data.join("multilingual/sumo_thunderbird_other_locales.csv"), "content"))
        .map(html)
        .chain(column(&data.join("survey/nhs_fft_NHFT.csv"), "FFT answer"));
    Texts { nameless: nameless.into_iter().flatten().chain(snippets).collect(), mixed: mixed.collect() }
}

/// Counts how words are written.
pub fn counts(texts: &Texts) -> Counts {
    let mut counts = Counts::new();
    for text in texts.nameless.iter().chain(&texts.mixed) {
        let mut last = 0;
        for word in words(text) {
            let between = text.get(last..word.start).unwrap_or("");
            let inside = last > 0 && between.chars().all(|sign| matches!(sign, ' ' | ','));
            last = word.end;
            let mut letters = word.text.chars();
            let first = letters.next();
            let rest_lower = letters.all(char::is_lowercase);
            let lower = first.is_some_and(char::is_lowercase) && rest_lower;
            let capital = inside && first.is_some_and(char::is_uppercase) && rest_lower;
            if lower || capital {
                let count = counts.entry(word.text.to_lowercase()).or_default();
                count.lower += u32::from(lower);
                count.capital += u32::from(capital);
            }
        }
    }
    counts
}

/// Examples from running text: every `step`th text, where a listed name may be a name or not.
pub fn examples(texts: &Texts, step: usize) -> Vec<NameExample> {
    let sure = texts.nameless.iter().step_by(step.max(1)).map(|text| (text, false));
    let unsure = texts.mixed.iter().step_by(step.max(1)).map(|text| (text, true));
    sure.chain(unsure)
        .map(|(text, unsure)| NameExample {
            text: text.chars().take(1_200).collect(),
            unsure,
            ..NameExample::default()
        })
        .collect()
}
