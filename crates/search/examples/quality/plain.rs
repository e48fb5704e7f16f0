//! Plain BM25 to compare with: any of the words, k1 1.2 and b 0.75, ties by the order of the records.

use std::collections::{BTreeSet, HashMap};

use groundswell_text::{Analyser, Language};

use crate::Record;

const K1: f64 = 1.2;
const B: f64 = 0.75;

/// What is compared.
#[derive(Clone, Copy)]
pub enum Words {
    /// Words in lower case.
    Written,
    /// English stems.
    Stems,
}

/// Every record's words.
pub struct Plain {
    names: Vec<String>,
    lengths: Vec<f64>,
    postings: HashMap<String, HashMap<usize, f64>>,
    words: Words,
}

fn terms(text: &str, words: Words) -> Vec<String> {
    let mut out = Vec::new();
    Analyser::new().terms(text, Some(Language::EN), &mut |term| {
        out.push(match words {
            Words::Written => term.form.to_owned(),
            Words::Stems => term.stem.to_owned(),
        });
    });
    out
}

impl Plain {
    pub fn new(records: &[Record], words: Words) -> Self {
        let mut plain = Self { names: Vec::new(), lengths: Vec::new(), postings: HashMap::new(), words };
        for (at, (name, text)) in records.iter().enumerate() {
            let terms = terms(text, words);
            plain.names.push(name.clone());
            plain.lengths.push(terms.len() as f64);
            for term in terms {
                *plain.postings.entry(term).or_default().entry(at).or_insert(0.0) += 1.0;
            }
        }
        plain
    }

    /// Gives the best records of a query, best first.
    pub fn best(&self, query: &str, most: usize) -> Vec<String> {
        let all = self.names.len() as f64;
        let mean = self.lengths.iter().sum::<f64>() / all;
        let mut scores: HashMap<usize, f64> = HashMap::new();
        for term in terms(query, self.words).into_iter().collect::<BTreeSet<_>>() {
            let Some(postings) = self.postings.get(&term) else { continue };
            let with = postings.len() as f64;
            let idf = (1.0 + (all - with + 0.5) / (with + 0.5)).ln();
            for (&at, &times) in postings {
                let length = K1 * (1.0 - B + B * self.lengths[at] / mean);
                *scores.entry(at).or_insert(0.0) += idf * times * (K1 + 1.0) / (times + length);
            }
        }
        let mut ranked: Vec<(usize, f64)> = scores.into_iter().collect();
        ranked.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        ranked.into_iter().take(most).map(|(at, _)| self.names[at].clone()).collect()
    }
}
