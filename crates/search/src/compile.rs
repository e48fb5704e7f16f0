//! A query turned into what the search library runs, and into what a highlight looks for.

use std::collections::{BTreeMap, BTreeSet};

use groundswell_text::{Analyser, Language};
use tantivy::Term;
use tantivy::query::{
    AllQuery, BooleanQuery, ConstScoreQuery, DisjunctionMaxQuery, Occur, PhraseQuery, TermQuery,
};
use tantivy::schema::IndexRecordOption;

use crate::SearchError;
use crate::facets::{facet_field, facet_term};
use crate::highlight::Wanted;
use crate::parse::{Atom, Clause, parse};
use crate::query::{MAX_CLAUSES, Query};
use crate::schema::Fields;
use crate::tokenise::LONGEST_STEM;

type Part = Box<dyn tantivy::query::Query>;

/// A query, ready to run.
pub(crate) struct Compiled {
    pub run: Part,
    /// Whether anything in it gives a score.
    pub scores: bool,
    pub wanted: Wanted,
    pub ignored: Vec<String>,
}

/// Compiles a query against the languages that the index holds.
pub(crate) fn compile(
    query: &Query,
    fields: &Fields,
    languages: &[Option<Language>],
) -> Result<Compiled, SearchError> {
    let parsed = parse(&query.text)?;
    let values: usize = query.filters.iter().map(|filter| filter.values.len()).sum();
    if parsed.atoms + values > MAX_CLAUSES {
        return Err(SearchError::TooManyClauses { limit: MAX_CLAUSES });
    }
    let mut compiler = Compiler { fields, languages, analyser: Analyser::new(), wanted: Wanted::default() };
    let mut parts = Parts::default();
    for filter in query.filters.iter().filter(|filter| !filter.values.is_empty()) {
        let field = facet_field(&filter.field)?;
        parts.filters.push(compiler.facets(&field, filter.values.iter().map(String::as_str)));
    }
    for clause in &parsed.clauses {
        compiler.clause(clause, &mut parts);
    }
    for (field, values) in std::mem::take(&mut parts.chosen) {
        parts.filters.push(compiler.facets(&field, values.iter().map(String::as_str)));
    }
    let scores = !parts.words.is_empty() || !parts.phrases.is_empty();
    Ok(Compiled { run: parts.join(), scores, wanted: compiler.wanted, ignored: parsed.ignored })
}

/// Gives the query of one facet term.
pub(crate) fn facet_query(fields: &Fields, term: &str) -> Part {
    Box::new(TermQuery::new(Term::from_field_bytes(fields.facet, term.as_bytes()), IndexRecordOption::Basic))
}

/// The conditions by how they count.
#[derive(Default)]
struct Parts {
    words: Vec<Part>,
    phrases: Vec<Part>,
    filters: Vec<Part>,
    excluded: Vec<Part>,
    chosen: BTreeMap<String, BTreeSet<String>>,
}

impl Parts {
    fn join(self) -> Part {
        let mut all: Vec<(Occur, Part)> = Vec::new();
        let needed = (self.words.len() * 2).div_ceil(3);
        match self.words.len() {
            0 => {}
            1 => all.extend(self.words.into_iter().map(|word| (Occur::Must, word))),
            _ => {
                let words = BooleanQuery::union_with_minimum_required_clauses(self.words, needed);
                all.push((Occur::Must, Box::new(words)));
            }
        }
        all.extend(self.phrases.into_iter().map(|phrase| (Occur::Must, phrase)));
        all.extend(self.filters.into_iter().map(|filter| (Occur::Must, unscored(filter))));
        if all.is_empty() {
            all.push((Occur::Must, unscored(Box::new(AllQuery))));
        }
        all.extend(self.excluded.into_iter().map(|part| (Occur::MustNot, part)));
        Box::new(BooleanQuery::new(all))
    }
}

fn is_one_word(atom: &Atom) -> bool {
    matches!(atom, Atom::Word(text) if groundswell_text::words(text).nth(1).is_none())
}

fn unscored(part: Part) -> Part {
    Box::new(ConstScoreQuery::new(part, 0.0))
}

fn any(mut parts: Vec<Part>) -> Option<Part> {
    match parts.len() {
        0 | 1 => parts.pop(),
        _ => Some(Box::new(DisjunctionMaxQuery::new(parts))),
    }
}

struct Compiler<'a> {
    fields: &'a Fields,
    languages: &'a [Option<Language>],
    analyser: Analyser,
    wanted: Wanted,
}

impl Compiler<'_> {
    fn clause(&mut self, clause: &Clause, parts: &mut Parts) {
        if let ([Atom::Facet(field, value)], false) = (clause.alternatives.as_slice(), clause.excluded) {
            parts.chosen.entry(field.clone()).or_default().insert(value.clone());
            return;
        }
        let alternatives =
            clause.alternatives.iter().filter_map(|atom| self.atom(atom, !clause.excluded)).collect();
        let Some(part) = any(alternatives) else { return };
        let strict = clause.alternatives.iter().any(|atom| !is_one_word(atom));
        match (clause.excluded, strict) {
            (true, false) => parts.excluded.push(part),
            // tantivy 0.27 asks an excluded phrase for a document that it has passed, which the phrase does not bear
            // (a debug assertion in its scorer); a union does.
            (true, true) => parts.excluded.push(Box::new(BooleanQuery::union(vec![part.box_clone(), part]))),
            (false, true) => parts.phrases.push(part),
            (false, false) => parts.words.push(part),
        }
    }

    fn atom(&mut self, atom: &Atom, wanted: bool) -> Option<Part> {
        match atom {
            Atom::Word(text) | Atom::Phrase(text) => self.text(text, wanted),
            Atom::Facet(field, value) => Some(unscored(facet_query(self.fields, &facet_term(field, value)?))),
        }
    }

    /// Stems a text in every language of the index and searches for any of the results.
    fn text(&mut self, text: &str, wanted: bool) -> Option<Part> {
        let mut stemmed: BTreeSet<Vec<(usize, String)>> = BTreeSet::new();
        for language in self.languages {
            let mut stems = Vec::new();
            self.analyser.terms(text, *language, &mut |term| {
                if term.stem.len() <= LONGEST_STEM {
                    stems.push((term.position, term.stem.to_owned()));
                }
            });
            if !stems.is_empty() {
                stemmed.insert(stems);
            }
        }
        let parts = stemmed.iter().map(|stems| self.sequence(stems)).collect();
        if wanted {
            self.wanted.extend(stemmed);
        }
        any(parts)
    }

    fn sequence(&self, stems: &[(usize, String)]) -> Part {
        let term = |stem: &String| Term::from_field_text(self.fields.text, stem);
        match stems {
            [(_, stem)] => Box::new(TermQuery::new(term(stem), IndexRecordOption::WithFreqs)),
            _ => Box::new(PhraseQuery::new_with_offset(
                stems.iter().map(|(at, stem)| (*at, term(stem))).collect(),
            )),
        }
    }

    fn facets<'v>(&self, field: &str, values: impl Iterator<Item = &'v str>) -> Part {
        let terms: BTreeSet<String> = values.filter_map(|value| facet_term(field, value)).collect();
        let parts: Vec<Part> = terms.iter().map(|term| facet_query(self.fields, term)).collect();
        Box::new(BooleanQuery::union(parts))
    }
}
