//! What a query was turned into: its parts, how much they may cost, and what runs.

use tantivy::query::{AllQuery, BooleanQuery, EmptyQuery, Occur};

use crate::highlight::Wanted;
use crate::parse::Parsed;
use crate::parts::{Part, unscored};
use crate::similar::shared;

/// Occurrences of words that are looked through for one query; the commonest words beyond are left out.
const MOST_OCCURRENCES: u64 = 8_000_000;
/// Likewise where more than so many words are told apart by how many of them occur, which takes five times as long.
const MOST_TOLD_APART: u64 = 500_000;
const MANY_WORDS: usize = 5;

/// A query, ready to run.
#[derive(Default)]
pub(crate) struct Compiled {
    /// With the number of feedback that each is in, as far as that is known before.
    pub words: Vec<(u64, Part)>,
    /// Likewise, words that say little.
    pub common: Vec<(u64, Part)>,
    pub boosts: Vec<Part>,
    pub required: Vec<Part>,
    /// By field of a facet where they are of one.
    pub filters: Vec<(Option<String>, Part)>,
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
        self.filters.iter().any(|(of, _)| of.as_deref() == Some(field))
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
        let cost = |words: &[(u64, Part)]| words.iter().map(|(cost, _)| cost).sum::<u64>();
        loop {
            let most = if self.words.len() > MANY_WORDS { MOST_TOLD_APART } else { MOST_OCCURRENCES };
            if cost(&self.words) + cost(&self.common) <= most {
                break;
            }
            if self.common.is_empty() && self.words.len() < 2 {
                break;
            }
            let words = if self.common.is_empty() { &mut self.words } else { &mut self.common };
            let commonest = words.iter().zip(0..).max_by_key(|((cost, _), _)| *cost).map(|(_, at)| at);
            let Some(commonest) = commonest else { break };
            words.remove(commonest);
            left_out += 1;
        }
        if left_out > 0 {
            self.parsed
                .ignored
                .push(format!("the {left_out} commonest words are left out: too much to look through"));
        }
    }

    /// Gives the query, without the filters on one field.
    pub(crate) fn run(&self, without: Option<&str>) -> Part {
        let boxed = |parts: &[Part], occur: Occur| -> Vec<(Occur, Part)> {
            parts.iter().map(|part| (occur, part.box_clone())).collect()
        };
        let mut all = boxed(&self.required, Occur::Must);
        let enough = (self.words.len() * 2).div_ceil(3);
        let needed = if self.wide { enough.min(1) } else { enough };
        if needed == self.words.len() {
            all.extend(self.words.iter().map(|(_, part)| (Occur::Must, part.box_clone())));
        } else {
            let words = self.words.iter().map(|(_, part)| part.box_clone()).collect();
            let words = BooleanQuery::union_with_minimum_required_clauses(words, needed);
            all.push((Occur::Must, Box::new(words)));
        }
        if let Some(like) = &self.like {
            let shared = if self.wide { 1 } else { shared(like.len()) };
            let like: Vec<Part> = like.iter().map(|part| part.box_clone()).collect();
            all.push((
                Occur::Must,
                match like.is_empty() {
                    true => Box::new(EmptyQuery),
                    false => Box::new(BooleanQuery::union_with_minimum_required_clauses(like, shared)),
                },
            ));
        }
        let filters = self.filters.iter().filter(|(field, _)| field.is_none() || field.as_deref() != without);
        all.extend(filters.map(|(_, filter)| (Occur::Must, unscored(filter.box_clone()))));
        if all.is_empty() {
            all.push((Occur::Must, unscored(Box::new(AllQuery))));
        }
        all.extend(boxed(&self.excluded, Occur::MustNot));
        let matching = BooleanQuery::new(all);
        let mut raises = boxed(&self.boosts, Occur::Should);
        raises.extend(self.common.iter().map(|(_, part)| (Occur::Should, part.box_clone())));
        if raises.is_empty() {
            return Box::new(matching);
        }
        raises.insert(0, (Occur::Must, Box::new(matching)));
        Box::new(BooleanQuery::new(raises))
    }
}
