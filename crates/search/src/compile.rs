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
use crate::compiled::{Compiled, Condition};
use crate::enough::Enough;
use crate::facets::{facet_field, facet_term};
use crate::folds::Folds;
use crate::parse::{Atom, Clause, parse, short};
use crate::parts::{Part, any, constant, included, set, unscored};
use crate::pattern::{MOST_WORDS, Pattern};
use crate::query::{Filter, MAX_AMONG, MAX_CLAUSES, MAX_FILTERS, MAX_RANGES, MAX_VALUES, Query};
use crate::raise::{Raise, most_of};
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
/// What a feedback with all words of a phrase costs, in occurrences of a word.
const OF_PHRASE: u64 = 12;
/// Values of a filter of which it is looked up how many feedback have them.
const MOST_LOOKED_UP: usize = 64;
/// Of alternatives and exclusions those after the first that would look through more are left out.
const MOST_BESIDE: u64 = 12_000_000;

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
    let count = |filters: &mut dyn Iterator<Item = &Filter>| filters.map(|filter| filter.values.len()).sum();
    let ranges = query.filters.iter().filter(|filter| range_field(&filter.field).is_some());
    for (what, given, limit) in [
        ("filters", query.filters.len(), MAX_FILTERS),
        ("filter values", count(&mut query.filters.iter()), MAX_VALUES),
        ("ranges", count(&mut { ranges }), MAX_RANGES),
        ("ids", query.among.len(), MAX_AMONG),
    ] {
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
        all: ground.searcher.segment_readers().iter().map(|reader| u64::from(reader.max_doc())).sum(),
        spent: 0,
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
        let most = parts.iter().map(|(most, _)| most).sum();
        let parts = parts.into_iter().map(|(_, part)| part).collect();
        let part = Box::new(BooleanQuery::union(parts));
        compiler.out.filters.push(Condition { field: Some(field), part, most });
    }
    let (mut out, notes) = (compiler.out, compiler.notes);
    if out.words.is_empty() {
        out.words = out.common.drain(..).map(|(cost, raise)| (cost, raise.part)).collect();
    }
    let common = std::mem::take(&mut out.common).into_iter().map(|(_, raise)| raise);
    out.raises.splice(0..0, common);
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

/// Gives what looking for words one after the other in feedback costs, in occurrences of words.
fn looked_through(with: &[u64]) -> u64 {
    match with {
        [one] => *one,
        _ => with.iter().min().map_or(0, |rarest| rarest * OF_PHRASE),
    }
}

/// The stems of a text by position, once for each way in which a language of the index reads it.
type Stemmed = BTreeSet<Vec<(usize, String)>>;

struct Compiler<'a> {
    ground: &'a Ground<'a>,
    folds: Folds<'a>,
    languages: &'a [Option<Language>],
    /// The number of all feedback.
    all: u64,
    /// What alternatives and exclusions cost.
    spent: u64,
    analyser: Analyser,
    out: Compiled,
    /// Facets that were chosen in the text, by field.
    chosen: BTreeMap<String, Vec<(u64, Part)>>,
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
                self.out.filters.push(self.any_of(Box::new(BooleanQuery::union(parts?))));
                continue;
            }
            let field = facet_field(&filter.field)?;
            let (most, part) = self.facets(&field, filter.values.iter().map(String::as_str))?;
            self.out.filters.push(Condition { field: Some(field), part, most });
        }
        if !query.among.is_empty() {
            let keys = query.among.iter().map(|(id, _)| key_of(*id));
            let terms = keys.map(|key| Term::from_field_u64(self.ground.fields.key, key));
            let part = Box::new(TermSetQuery::new(terms));
            self.out.filters.push(Condition { field: None, part, most: query.among.len() as u64 });
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
                let part = self.facets(field, std::iter::once(value.as_str()))?;
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
                self.out.filters.push(self.any_of(part));
                return Ok(());
            }
            ([Atom::Word(text, _)], false) if lone.iter().all(is_one_word) => {
                return self.word(text);
            }
            _ => {}
        }
        self.last_word = None;
        let mut alternatives = Vec::new();
        let must = lone.len() == 1 && !clause.excluded;
        let before = self.spent;
        for atom in lone {
            if must || self.affords(atom, clause.excluded)? {
                alternatives.push(self.atom(atom, !clause.excluded)?);
            }
        }
        if alternatives.is_empty() {
            return Ok(());
        }
        let part = any(alternatives);
        let strict = !lone.iter().all(is_one_word);
        match (clause.excluded, strict) {
            (true, false) => self.out.excluded.push(part),
            // tantivy 0.27 asks an excluded phrase for a document that it has passed, which the phrase does not bear
            // (a debug assertion in its scorer); this does.
            (true, true) => self.out.excluded.push(Box::new(Enough::of(vec![part], 1))),
            (false, true) => self.out.required.push(part),
            (false, false) => self.out.words.push((self.spent - before, part)),
        }
        Ok(())
    }

    /// Takes a word that should occur: by its stems, more where it stands in its form or close to the word before.
    fn word(&mut self, text: &str) -> Result<(), SearchError> {
        let (stemmed, forms) = self.stems(text);
        let part = any(stemmed.iter().map(|stems| self.sequence(stems)).collect());
        self.out.wanted.extend(stemmed.iter().cloned());
        let (mut cost, mut most) = (0, 0.0f32);
        for stems in &stemmed {
            let with = self.with_all(stems)?;
            cost += looked_through(&with);
            most = most.max(most_of(self.all, &with));
        }
        if forms.iter().any(|form| is_common(form, self.languages)) {
            self.out.common.push((cost, Raise { part, most }));
            return Ok(());
        }
        self.out.words.push((cost, part));
        if self.out.words.len() > MOST_RAISED {
            return Ok(());
        }
        for form in &forms {
            let term = Term::from_field_text(self.ground.fields.form, form);
            let most = most_of(self.all, &[self.with(&term)?]) * FORM_BOOST;
            let part = Box::new(TermQuery::new(term, IndexRecordOption::WithFreqs));
            self.out.raises.push(Raise { part: Box::new(BoostQuery::new(part, FORM_BOOST)), most });
        }
        if let Some(before) = self.last_word.replace(stemmed) {
            self.pair(&before)?;
        }
        Ok(())
    }

    /// Says whether an alternative or an exclusion may be looked for as well, as the first always is; notes it where not.
    fn affords(&mut self, atom: &Atom, excluded: bool) -> Result<bool, SearchError> {
        let (mut cost, text) = match atom {
            Atom::Facet(field, value) => (self.facets(field, std::iter::once(value.as_str()))?.0, value),
            Atom::Word(text, _) | Atom::Phrase(text) => (0, text),
            _ => return Ok(true),
        };
        if !matches!(atom, Atom::Facet(..)) {
            for stems in self.stems(text).0 {
                cost += looked_through(&self.with_all(&stems)?);
            }
        }
        // An excluded phrase is looked for where the rest of the query does not match, too.
        if excluded && matches!(atom, Atom::Phrase(_)) {
            cost *= 2;
        }
        if self.spent > 0 && self.spent + cost > MOST_BESIDE {
            self.note(format!("{}: left out, too much to look through", short(text)));
            return Ok(false);
        }
        self.spent += cost;
        Ok(true)
    }

    fn with_all(&self, stems: &[(usize, String)]) -> Result<Vec<u64>, SearchError> {
        stems.iter().map(|(_, stem)| self.with(&self.text(stem))).collect()
    }

    fn text(&self, stem: &str) -> Term {
        Term::from_field_text(self.ground.fields.text, stem)
    }

    /// Gives the number of feedback with a word.
    fn with(&self, term: &Term) -> Result<u64, SearchError> {
        self.ground.searcher.doc_freq(term).map_err(SearchError::engine("count a word"))
    }

    /// Raises what has the last word close to the one before, in the first reading of both.
    fn pair(&mut self, before: &Stemmed) -> Result<(), SearchError> {
        let Some(last) = &self.last_word else { return Ok(()) };
        let mut pairs = BTreeSet::new();
        for (one, other) in before.iter().zip(last) {
            if let ([(_, one)], [(_, other)]) = (one.as_slice(), other.as_slice())
                && one != other
            {
                pairs.insert((one.clone(), other.clone()));
            }
        }
        for (one, other) in pairs.into_iter().take(2) {
            let (one, other) = (self.text(&one), self.text(&other));
            let most = most_of(self.all, &[self.with(&one)?, self.with(&other)?]) * NEAR_BOOST;
            let near = PhraseQuery::new_with_offset_and_slop(vec![(0, one), (1, other)], NEAR);
            self.out.raises.push(Raise { part: Box::new(BoostQuery::new(Box::new(near), NEAR_BOOST)), most });
        }
        Ok(())
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
            Atom::Facet(field, value) => unscored(self.facets(field, std::iter::once(value.as_str()))?.1),
            Atom::FacetPattern(field, pattern) => unscored(self.facet_pattern(field, pattern)?.1),
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

    /// Gives the query for any of some values, and how many feedback it finds at most.
    fn facets<'v>(
        &'v self,
        field: &str,
        values: impl Iterator<Item = &'v str>,
    ) -> Result<(u64, Part), SearchError> {
        let leaves = self.folds.leaves(field, values);
        let terms: BTreeSet<String> = leaves.iter().filter_map(|value| facet_term(field, value)).collect();
        let fields = self.ground.fields;
        let terms: Vec<Term> =
            terms.iter().map(|term| Term::from_field_bytes(fields.facet, term.as_bytes())).collect();
        let mut most = 0;
        for term in terms.iter().take(MOST_LOOKED_UP) {
            most += self.with(term)?;
        }
        let most = if terms.len() > MOST_LOOKED_UP { self.all } else { most.min(self.all) };
        Ok((most, set(terms)))
    }

    /// Makes a filter of which nothing is known.
    fn any_of(&self, part: Part) -> Condition {
        Condition { field: None, part, most: self.all }
    }

    fn facet_pattern(&mut self, field: &str, pattern: &Pattern) -> Result<(u64, Part), SearchError> {
        let fields = self.ground.fields;
        let (mut values, cut) = pattern.words(self.ground.searcher, fields.facet, &format!("{field}:"))?;
        self.note_cut(cut, pattern);
        values.extend(self.folds.fitting(field, pattern));
        self.facets(field, values.iter().map(String::as_str))
    }

    fn note_cut(&mut self, cut: bool, pattern: &Pattern) {
        if cut {
            let written = short(&pattern.written());
            self.note(format!("{written}: only the {MOST_WORDS} commonest of its words are searched"));
        }
    }

    fn note(&mut self, note: String) {
        if self.notes.len() < MAX_CLAUSES && !self.notes.contains(&note) {
            self.notes.push(note);
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
