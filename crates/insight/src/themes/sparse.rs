//! TF-IDF over stems and pairs of stems: sublinear counts, smoothed inverse frequency, unit length.
//!
//! After Salton and Buckley 1988, in the variant of scikit-learn (`sublinear_tf`, `smooth_idf`): (1 + ln tf) × (1 + ln((1 + n) /
//! (1 + df))). Memory: 12 bytes a distinct term of a text, about 60 bytes a term of the vocabulary.

use std::collections::HashMap;

/// A term: a stem, or two that follow each other.
type Term = (u32, Option<u32>);

/// Texts as sparse rows of unit length.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sparse {
    /// How many columns there are.
    pub columns: usize,
    /// For each text its columns in ascending order, with their weights; empty where no term is known.
    pub rows: Vec<Vec<(u32, f32)>>,
}

/// Terms with their inverse frequencies, learnt from texts.
#[derive(Clone, Debug, PartialEq)]
pub struct TfIdf {
    columns: HashMap<Term, (u32, f32)>,
}

impl TfIdf {
    /// Learns terms of one and two stems that at least `least` texts have; of more than `most` the most frequent.
    pub fn learn(texts: &[Vec<u32>], least: usize, most: usize) -> Self {
        let mut counts: HashMap<Term, usize> = HashMap::new();
        for text in texts {
            for (term, _) in counted(text) {
                *counts.entry(term).or_default() += 1;
            }
        }
        let mut kept: Vec<(Term, usize)> =
            counts.into_iter().filter(|(_, count)| *count >= least.max(1)).collect();
        kept.sort_unstable_by_key(|(term, count)| (std::cmp::Reverse(*count), *term));
        kept.truncate(most.min(u32::MAX as usize));
        let n = texts.len() as f64;
        let columns = kept
            .into_iter()
            .zip(0_u32..)
            .map(|((term, count), column)| {
                (term, (column, ((1.0 + n) / (1.0 + count as f64)).ln() as f32 + 1.0))
            })
            .collect();
        Self { columns }
    }

    /// How many terms there are.
    pub fn len(&self) -> usize {
        self.columns.len()
    }

    /// Says whether there are none.
    pub fn is_empty(&self) -> bool {
        self.columns.is_empty()
    }

    /// Turns texts into rows.
    pub fn rows(&self, texts: &[Vec<u32>]) -> Sparse {
        Sparse { columns: self.len(), rows: texts.iter().map(|text| self.row(text)).collect() }
    }

    fn row(&self, text: &[u32]) -> Vec<(u32, f32)> {
        let mut row: Vec<(u32, f32)> = counted(text)
            .into_iter()
            .filter_map(|(term, count)| {
                let (column, idf) = self.columns.get(&term)?;
                Some((*column, (1.0 + (count as f32).ln()) * idf))
            })
            .collect();
        row.sort_unstable_by_key(|(column, _)| *column);
        let length = row.iter().map(|(_, value)| value * value).sum::<f32>().sqrt();
        row.iter_mut().for_each(|(_, value)| *value /= length);
        row
    }
}

/// Counts the terms of a text, each once, in the order of terms.
fn counted(text: &[u32]) -> Vec<(Term, usize)> {
    let pairs = text.iter().zip(text.iter().skip(1)).map(|(left, right)| (*left, Some(*right)));
    let mut terms: Vec<Term> = text.iter().map(|stem| (*stem, None)).chain(pairs).collect();
    terms.sort_unstable();
    let mut counted: Vec<(Term, usize)> = Vec::with_capacity(terms.len());
    for term in terms {
        match counted.last_mut() {
            Some((last, count)) if *last == term => *count += 1,
            _ => counted.push((term, 1)),
        }
    }
    counted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_are_those_of_the_formula() {
        let texts = vec![vec![0, 1, 0], vec![0, 1], vec![2]];
        let learnt = TfIdf::learn(&texts, 2, 100);
        assert_eq!(learnt.len(), 3, "0, 1 and the pair 0 1; the rest is in one text only");
        let sparse = learnt.rows(&texts);
        let idf = (4.0_f32 / 3.0).ln() + 1.0;
        let (twice, length) = (1.0 + 2.0_f32.ln(), ((1.0 + 2.0_f32.ln()).powi(2) + 2.0).sqrt());
        assert!((sparse.rows[0][0].1 - twice * idf / (idf * length)).abs() < 1e-6);
        assert!(sparse.rows[1].iter().all(|(_, value)| (value - 1.0 / 3.0_f32.sqrt()).abs() < 1e-6));
        assert_eq!(sparse.rows[2], []);
    }

    #[test]
    fn limits_keep_the_frequent_and_the_order_of_texts_does_not_matter() {
        let texts = vec![vec![0, 1], vec![1, 2], vec![1, 0]];
        let mut turned = texts.clone();
        turned.reverse();
        assert_eq!(TfIdf::learn(&texts, 1, 3), TfIdf::learn(&turned, 1, 3));
        assert_eq!(TfIdf::learn(&texts, 1, 1).rows(&[vec![1]]).rows, [[(0, 1.0)]]);
        assert!(TfIdf::learn(&[], 2, 10).is_empty() && TfIdf::learn(&[vec![], vec![4]], 2, 10).is_empty());
    }
}
