//! More like this, by words: what of a feedback tells it from others.

use std::collections::HashMap;

use groundswell_text::{Analyser, Language};
use tantivy::{Searcher, Term};

use crate::SearchError;
use crate::schema::Fields;
use crate::tokenise::LONGEST_STEM;

/// Telling words of a feedback that are searched for.
const MOST_WORDS: usize = 16;
/// Stems of a long feedback that are weighed.
const MOST_WEIGHED: usize = 400;
/// A stem in more than one of so many feedback tells nothing.
const COMMONEST: u64 = 4;

/// Gives the stems of greatest tf-idf in statements (language and text), the most telling first; a stem of a single
/// feedback tells nothing about others.
pub(crate) fn telling<'t>(
    searcher: &Searcher,
    fields: &Fields,
    said: impl Iterator<Item = (Option<&'t str>, &'t str)>,
) -> Result<Vec<String>, SearchError> {
    let mut analyser = Analyser::new();
    let mut times: HashMap<String, f64> = HashMap::new();
    for (language, text) in said {
        let language = language.and_then(|tag| tag.parse::<Language>().ok());
        analyser.terms(text, language, &mut |term| {
            let room = times.len() < MOST_WEIGHED || times.contains_key(term.stem);
            if room && term.stem.len() <= LONGEST_STEM {
                *times.entry(term.stem.to_owned()).or_insert(0.0) += 1.0;
            }
        });
    }
    let all = searcher.num_docs();
    let mut ranked: Vec<(f64, String)> = Vec::new();
    for (stem, times) in times {
        let term = Term::from_field_text(fields.text, &stem);
        let with = searcher.doc_freq(&term).map_err(SearchError::engine("count a word"))?;
        // In a handful of feedback every word is frequent.
        if with >= 2 && (with <= all / COMMONEST || all < 100) {
            #[expect(clippy::cast_precision_loss, reason = "counts of feedback are far below 2^52")]
            let rarity = (1.0 + all as f64 / with as f64).ln();
            ranked.push(((1.0 + times.ln()) * rarity, stem));
        }
    }
    ranked.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    Ok(ranked.into_iter().take(MOST_WORDS).map(|(_, stem)| stem).collect())
}

/// Of so many telling words, how many another feedback must share; one where few share so many.
pub(crate) fn shared(words: usize) -> usize {
    match words {
        0..=3 => 1,
        _ => words.div_ceil(5).max(2),
    }
}
