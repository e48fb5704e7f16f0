//! A query turned into what the search library runs, and into what a highlight looks for.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

use groundswell_text::{Analyser, Language};
use tantivy::query::{
    AllQuery, BooleanQuery, BoostQuery, EmptyQuery, PhraseQuery, RangeQuery, TermQuery, TermSetQuery,
};
use tantivy::schema::IndexRecordOption;
use tantivy::{Searcher, Term};

use crate::SearchError;
use crate::common::is_common;
use crate::compiled::Compiled;
use crate::facets::{facet_field, facet_term};
use crate::folds::Folds;
use crate::parse::{Atom, Clause, parse, short};
use crate::parts::{Part, any, constant, included, set, unscored};
use crate::pattern::{MOST_WORDS, Pattern};
use crate::query::{MAX_AMONG, MAX_CLAUSES, MAX_VALUES, Query};
use crate::range::{Range, range, range_field};
use crate::schema::Fields;
use crate::tokenise::LONGEST_STEM;
use crate::versions::key_of;

/// What a word in the very form that was asked for adds to its stem, as a share of its own weight.
const FORM_BOOST: f32 = 0.1;
/// What two words close together add, as a share of their weight.
const NEAR_BOOST: f32 = 0.3;
/// Words that may stand between two that are close.
const NEAR: u32 = 3;
/// Words whose form and nearness are looked at.
const MOST_RAISED: usize = 8;
/// What a query is compiled against.
pub(crate) struct Ground<'a> {
    pub searcher: &'a Searcher,
    pub fields: &'a Fields,
    /// The languages that the index holds.
    pub languages: &'a [Option<Language>],
    /// Telling stems of the feedback that others should be like.
    pub like: Vec<String>,
}

/// Compiles a query.
pub(crate) fn compile<'a>(query: &'a Query, ground: &'a Ground<'a>) -> Result<Compiled, SearchError> {
    let parsed = parse(&query.text)?;
    let values: usize = query.filters.iter().map(|filter| filter.values.len()).sum();
    for (what, given, limit) in [("filter values", values, MAX_VALUES), ("ids", query.among.len(), MAX_AMONG)]
    {
        if given > limit {
            return Err(SearchError::OverLimit { what, given, limit });
        }
    }
    let asked = query.language.as_deref().and_then(|tag| tag.parse::<Language>().ok());
    let asked = asked.map(|language| vec![Some(language)]);
    let mut compiler = Compiler {
        ground,
        folds: Folds::of(query)?,
        languages: asked.as_deref().unwrap_or(ground.languages),
        analyser: Analyser::new(),
        out: Compiled::default(),
        chosen: BTreeMap::new(),
        last_word: None,
        notes: Vec::new(),
    };
    compiler.beside(query)?;
    for clause in &parsed.clauses {
        compiler.clause(clause)?;
    }
    for (field, parts) in std::mem::take(&mut compiler.chosen) {
        compiler.out.filters.push((Some(field), Box::new(BooleanQuery::union(parts))));
    }
    let (mut out, notes) = (compiler.out, compiler.notes);
    if out.words.is_empty() {
        out.words = std::mem::take(&mut out.common);
    }
    out.parsed = parsed;
    out.parsed.ignored.extend(notes);
    out.bound();
    out.scores = !out.words.is_empty() || !out.required.is_empty() || out.like.is_some();
    Ok(out)
}

fn is_one_word(atom: &Atom) -> bool {
    match atom {
        Atom::Word(text, _) => groundswell_text::words(text).nth(1).is_none(),
        Atom::Pattern(_) => true,
        _ => false,
    }
}

/// The stems of a text by position, once for each way in which a language of the index reads it.
type Stemmed = BTreeSet<Vec<(usize, String)>>;

struct Compiler<'a> {
    ground: &'a Ground<'a>,
    folds: Folds<'a>,
    languages: &'a [Option<Language>],
    analyser: Analyser,
    out: Compiled,
    /// Facets that were chosen in the text, by field.
    chosen: BTreeMap<String, Vec<Part>>,
    last_word: Option<Stemmed>,
    notes: Vec<String>,
}

impl Compiler<'_> {
    /// Takes the conditions beside the text.
    fn beside(&mut self, query: &Query) -> Result<(), SearchError> {
        for filter in query.filters.iter().filter(|filter| !filter.values.is_empty()) {
            if let Some(field) = range_field(&filter.field) {
                let parts: Result<Vec<Part>, SearchError> =
                    filter.values.iter().map(|value| self.filter_range(field, value)).collect();
                self.out.filters.push((None, Box::new(BooleanQuery::union(parts?))));
                continue;
            }
            let field = facet_field(&filter.field)?;
            let part = self.facets(&field, filter.values.iter().map(String::as_str));
            self.out.filters.push((Some(field), part));
        }
        if !query.among.is_empty() {
            let keys = query.among.iter().map(|(id, _)| key_of(*id));
            let terms = keys.map(|key| Term::from_field_u64(self.ground.fields.key, key));
            self.out.filters.push((None, Box::new(TermSetQuery::new(terms))));
        }
        if let Some(id) = query.like {
            let own = Term::from_field_u64(self.ground.fields.key, key_of(id));
            self.out.excluded.push(Box::new(TermQuery::new(own, IndexRecordOption::Basic)));
            let stems = &self.ground.like;
            self.out.like = Some(stems.iter().map(|stem| self.stem(stem)).collect());
            self.out.wanted.extend(stems.iter().map(|stem| vec![(0, stem.clone())]));
        }
        Ok(())
    }

    fn filter_range(&self, field: &'static str, value: &str) -> Result<Part, SearchError> {
        let ranges =
            range(field, value).ok_or_else(|| SearchError::BadRange { field, value: short(value) })?;
        Ok(self.ranges(&ranges))
    }

    fn clause(&mut self, clause: &Clause) -> Result<(), SearchError> {
        let lone = clause.alternatives.as_slice();
        match (lone, clause.excluded) {
            ([Atom::Facet(field, value)], false) => {
                let part = self.facets(field, std::iter::once(value.as_str()));
                self.chosen.entry(field.clone()).or_default().push(part);
                return Ok(());
            }
            ([Atom::FacetPattern(field, pattern)], false) => {
                let part = self.facet_pattern(field, pattern)?;
                self.chosen.entry(field.clone()).or_default().push(part);
                return Ok(());
            }
            ([Atom::Ranges(ranges)], false) => {
                let part = self.ranges(ranges);
                self.out.filters.push((None, part));
                return Ok(());
            }
            ([Atom::Word(text, _)], false) if lone.iter().all(is_one_word) => {
                return self.word(text);
            }
            _ => {}
        }
        self.last_word = None;
        let mut alternatives = Vec::new();
        for atom in lone {
            alternatives.push(self.atom(atom, !clause.excluded)?);
        }
        let part = any(alternatives);
        let strict = !lone.iter().all(is_one_word);
        match (clause.excluded, strict) {
            (true, false) => self.out.excluded.push(part),
            // tantivy 0.27 asks an excluded phrase for a document that it has passed, which the phrase does not bear
            // (a debug assertion in its scorer); a union does.
            (true, true) => {
                self.out.excluded.push(Box::new(BooleanQuery::union(vec![part.box_clone(), part])));
            }
            (false, true) => self.out.required.push(part),
            (false, false) => self.out.words.push((0, part)),
        }
        Ok(())
    }

    /// Takes a word that should occur: by its stems, more where it stands in its form or close to the word before.
    fn word(&mut self, text: &str) -> Result<(), SearchError> {
        let (stemmed, forms) = self.stems(text);
        let part = any(stemmed.iter().map(|stems| self.sequence(stems)).collect());
        self.out.wanted.extend(stemmed.iter().cloned());
        let boosts = forms.iter().map(|form| -> Part {
            let term = Term::from_field_text(self.ground.fields.form, form);
            Box::new(BoostQuery::new(
                Box::new(TermQuery::new(term, IndexRecordOption::WithFreqs)),
                FORM_BOOST,
            ))
        });
        let mut cost = 0;
        for (_, stem) in stemmed.iter().flatten() {
            let term = Term::from_field_text(self.ground.fields.text, stem);
            cost += self.ground.searcher.doc_freq(&term).map_err(SearchError::engine("count a word"))?;
        }
        if forms.iter().any(|form| is_common(form, self.languages)) {
            self.out.common.push((cost, part));
            return Ok(());
        }
        self.out.words.push((cost, part));
        if self.out.words.len() > MOST_RAISED {
            return Ok(());
        }
        self.out.boosts.extend(boosts);
        if let Some(before) = self.last_word.replace(stemmed) {
            self.pair(&before);
        }
        Ok(())
    }

    /// Raises what has the last word close to the one before, in the first reading of both.
    fn pair(&mut self, before: &Stemmed) {
        let Some(last) = &self.last_word else { return };
        let mut pairs = BTreeSet::new();
        for (one, other) in before.iter().zip(last) {
            if let ([(_, one)], [(_, other)]) = (one.as_slice(), other.as_slice())
                && one != other
            {
                pairs.insert((one.clone(), other.clone()));
            }
        }
        for (one, other) in pairs.into_iter().take(2) {
            let term = |stem: &str| Term::from_field_text(self.ground.fields.text, stem);
            let near = PhraseQuery::new_with_offset_and_slop(vec![(0, term(&one)), (1, term(&other))], NEAR);
            self.out.boosts.push(Box::new(BoostQuery::new(Box::new(near), NEAR_BOOST)));
        }
    }

    fn atom(&mut self, atom: &Atom, wanted: bool) -> Result<Part, SearchError> {
        Ok(match atom {
            Atom::Word(text, _) | Atom::Phrase(text) => {
                let (stemmed, _) = self.stems(text);
                let parts = stemmed.iter().map(|stems| self.sequence(stems)).collect();
                if wanted {
                    self.out.wanted.extend(stemmed);
                }
                any(parts)
            }
            Atom::Exact(text) => {
                let (_, forms) = self.stems(text);
                if wanted {
                    self.out.wanted.forms(forms.iter().cloned());
                }
                any(forms.iter().map(|form| self.form(form)).collect())
            }
            Atom::Pattern(pattern) => {
                let fields = self.ground.fields;
                let (words, cut) = pattern.words(self.ground.searcher, fields.form, "")?;
                self.note_cut(cut, pattern);
                let terms = words.iter().map(|word| Term::from_field_text(fields.form, word));
                let part = constant(set(terms.collect()));
                if wanted {
                    self.out.wanted.forms(words);
                }
                part
            }
            Atom::Facet(field, value) => unscored(self.facets(field, std::iter::once(value.as_str()))),
            Atom::FacetPattern(field, pattern) => unscored(self.facet_pattern(field, pattern)?),
            Atom::Ranges(ranges) => unscored(self.ranges(ranges)),
        })
    }

    /// Gives the stems of a text in every language that is searched, and the forms of its words.
    fn stems(&mut self, text: &str) -> (Stemmed, BTreeSet<String>) {
        let (mut stemmed, mut forms) = (Stemmed::new(), BTreeSet::new());
        for language in self.languages {
            let mut stems = Vec::new();
            self.analyser.terms(text, *language, &mut |term| {
                if term.stem.len() <= LONGEST_STEM {
                    stems.push((term.position, term.stem.to_owned()));
                }
                if term.form.len() <= LONGEST_STEM {
                    forms.insert(term.form.to_owned());
                }
            });
            if !stems.is_empty() {
                stemmed.insert(stems);
            }
        }
        (stemmed, forms)
    }

    fn stem(&self, stem: &str) -> Part {
        let term = Term::from_field_text(self.ground.fields.text, stem);
        Box::new(TermQuery::new(term, IndexRecordOption::WithFreqs))
    }

    fn form(&self, form: &str) -> Part {
        let term = Term::from_field_text(self.ground.fields.form, form);
        Box::new(TermQuery::new(term, IndexRecordOption::WithFreqs))
    }

    fn sequence(&self, stems: &[(usize, String)]) -> Part {
        let term = |stem: &String| Term::from_field_text(self.ground.fields.text, stem);
        match stems {
            [(_, stem)] => self.stem(stem),
            _ => Box::new(PhraseQuery::new_with_offset(
                stems.iter().map(|(at, stem)| (*at, term(stem))).collect(),
            )),
        }
    }

    fn facets<'v>(&'v self, field: &str, values: impl Iterator<Item = &'v str>) -> Part {
        let leaves = self.folds.leaves(field, values);
        let terms: BTreeSet<String> = leaves.iter().filter_map(|value| facet_term(field, value)).collect();
        let fields = self.ground.fields;
        set(terms.iter().map(|term| Term::from_field_bytes(fields.facet, term.as_bytes())).collect())
    }

    fn facet_pattern(&mut self, field: &str, pattern: &Pattern) -> Result<Part, SearchError> {
        let fields = self.ground.fields;
        let (mut values, cut) = pattern.words(self.ground.searcher, fields.facet, &format!("{field}:"))?;
        self.note_cut(cut, pattern);
        values.extend(self.folds.fitting(field, pattern));
        Ok(self.facets(field, values.iter().map(String::as_str)))
    }

    fn note_cut(&mut self, cut: bool, pattern: &Pattern) {
        if cut && self.notes.len() < MAX_CLAUSES {
            self.notes.push(format!(
                "{}: only the {MOST_WORDS} commonest of its words are searched",
                short(&pattern.written())
            ));
        }
    }

    fn ranges(&self, ranges: &[Range]) -> Part {
        let fields = self.ground.fields;
        let day = |day: i64| Term::from_field_i64(fields.day, day);
        let moment = |at: i64| Term::from_field_i64(fields.time, at);
        let parts = ranges.iter().map(|range| -> Part {
            let (low, high) = match range {
                Range::Numbers(name, low, high) => {
                    let Some(field) = fields.numbers.get(name) else { return Box::new(EmptyQuery) };
                    let term = |number: f64| Term::from_field_f64(field, number);
                    (low.map(term), high.map(term))
                }
                Range::Days(from, to) => (included(from.map(day)), included(to.map(day))),
                Range::Moments(from, to) => (
                    included(from.map(moment)),
                    to.map_or(Bound::Unbounded, |to| Bound::Excluded(moment(to))),
                ),
            };
            match (&low, &high) {
                (Bound::Unbounded, Bound::Unbounded) => Box::new(AllQuery),
                _ => Box::new(RangeQuery::new(low, high)),
            }
        });
        Box::new(BooleanQuery::intersection(parts.collect()))
    }
}
