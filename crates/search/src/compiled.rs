//! What a query was turned into: its parts, how much they may cost, and what runs.

use tantivy::query::{AllQuery, BooleanQuery, EmptyQuery, Occur};

use crate::enough::Enough;
use crate::highlight::Wanted;
use crate::parse::Parsed;
use crate::parts::{Part, unscored};
use crate::raise::Raise;
use crate::similar::shared;

/// Occurrences of words that are looked through for one query; the commonest words beyond are left out. They are limits of
/// an index of a million feedback and of larger ones; in a small one no query comes near them.
const MOST_OCCURRENCES: u64 = 8_000_000;
/// Likewise where words are told apart by how many of them occur.
const MOST_TOLD_APART: u64 = 4_000_000;
/// Likewise where there are more than so many words, of which few feedback have enough, so that all are read again.
const MOST_OF_MANY: u64 = 1_000_000;
const MANY_WORDS: usize = 6;
/// Occurrences that are looked through while one feedback is counted.
const OF_COUNTING: u64 = 8;

/// A filter.
pub(crate) struct Condition {
    /// The field of a facet where it is of one.
    pub field: Option<String>,
    pub part: Part,
    /// The most feedback that it lets through.
    pub most: u64,
}

/// A query, ready to run.
#[derive(Default)]
pub(crate) struct Compiled {
    /// With the number of feedback that each is in, as far as that is known before.
    pub words: Vec<(u64, Part)>,
    /// Likewise, words that say little, with the most that they add to a score.
    pub common: Vec<(u64, Raise)>,
    /// What adds to the score of a match.
    pub raises: Vec<Raise>,
    pub required: Vec<Part>,
    pub filters: Vec<Condition>,
    pub excluded: Vec<Part>,
    /// Telling words of the feedback that others should be like.
    pub like: Option<Vec<Part>>,
    wide: bool,
    /// Whether anything in it gives a score.
    pub scores: bool,
    pub wanted: Wanted,
    pub parsed: Parsed,
}

impl Compiled {
    /// Says whether a facet's field is filtered by.
    pub(crate) fn filters_by(&self, field: &str) -> bool {
        self.filters.iter().any(|filter| filter.field.as_deref() == Some(field))
    }

    /// From now on one of the words is enough; says whether that is another query than before. The words that have a
    /// phrase or pattern beside them stay as they are.
    pub(crate) fn widen(&mut self, found: usize) -> bool {
        let told = self.like.as_ref().is_some_and(|parts| shared(parts.len()) > 1);
        if self.wide || (self.words.len() < 2 && !told) {
            return false;
        }
        self.wide = true;
        if self.words.len() < 2 {
            return true;
        }
        let found = if found == 0 { "none".to_owned() } else { format!("only {found}") };
        self.parsed.ignored.push(format!(
            "{found} of the feedback has enough of these words together; what has any of them is shown"
        ));
        true
    }

    /// Leaves the commonest words out of a query that would look through too much, and says so.
    pub(crate) fn bound(&mut self) {
        let mut left_out = 0;
        while self.words.len() > 1 {
            let most = match self.words.len() {
                ..=2 => MOST_OCCURRENCES,
                3..=MANY_WORDS => MOST_TOLD_APART,
                _ => MOST_OF_MANY,
            };
            if self.words.iter().map(|(cost, _)| cost).sum::<u64>() <= most {
                break;
            }
            let commonest = self.words.iter().zip(0..).max_by_key(|((cost, _), _)| *cost).map(|(_, at)| at);
            let Some(commonest) = commonest else { break };
            self.words.remove(commonest);
            left_out += 1;
        }
        if left_out > 0 {
            self.parsed
                .ignored
                .push(format!("the {left_out} commonest words are left out: too much to look through"));
        }
    }

    fn filters_without(&self, field: Option<&str>) -> impl Iterator<Item = &Condition> {
        self.filters.iter().filter(move |filter| field.is_none() || filter.field.as_deref() != field)
    }

    /// Gives what the query without the filters on one field costs at most, in feedback that are counted.
    pub(crate) fn most_without(&self, field: &str, all: u64) -> u64 {
        let rows = self.filters_without(Some(field)).map(|filter| filter.most).fold(all, u64::min);
        let looked_through: u64 = self.words.iter().map(|(cost, _)| cost).sum();
        let words = self.words.len() == 1 && self.required.is_empty();
        if words { rows.min(looked_through) } else { rows }.saturating_add(looked_through / OF_COUNTING)
    }

    /// Gives the query, without the filters on one field.
    pub(crate) fn run(&self, without: Option<&str>) -> Part {
        let mut all: Vec<(Occur, Part)> =
            self.required.iter().map(|part| (Occur::Must, part.box_clone())).collect();
        let enough = (self.words.len() * 2).div_ceil(3);
        let needed = if self.wide { enough.min(1) } else { enough };
        if needed == self.words.len() {
            all.extend(self.words.iter().map(|(_, part)| (Occur::Must, part.box_clone())));
        } else {
            let words = self.words.iter().map(|(_, part)| part.box_clone()).collect();
            let words: Part = match needed {
                1 => Box::new(BooleanQuery::union(words)),
                _ => Box::new(Enough::of(words, needed)),
            };
            all.push((Occur::Must, words));
        }
        if let Some(like) = &self.like {
            let shared = if self.wide { 1 } else { shared(like.len()) };
            let like: Vec<Part> = like.iter().map(|part| part.box_clone()).collect();
            all.push((
                Occur::Must,
                match like.is_empty() {
                    true => Box::new(EmptyQuery),
                    false => Box::new(Enough::of(like, shared)),
                },
            ));
        }
        let filters = self.filters_without(without);
        all.extend(filters.map(|filter| (Occur::Must, unscored(filter.part.box_clone()))));
        if all.is_empty() {
            all.push((Occur::Must, unscored(Box::new(AllQuery))));
        }
        if !self.excluded.is_empty() {
            let excluded = self.excluded.iter().map(|part| part.box_clone()).collect();
            all.push((Occur::MustNot, Box::new(BooleanQuery::union(excluded))));
        }
        Box::new(BooleanQuery::new(all))
    }
}
