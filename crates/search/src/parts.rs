//! Small queries of the search library that others are made of.

use std::ops::Bound;

use tantivy::Term;
use tantivy::query::{
    BooleanQuery, ConstScoreQuery, DisjunctionMaxQuery, EmptyQuery, Query, TermQuery, TermSetQuery,
};
use tantivy::schema::IndexRecordOption;

use crate::schema::Fields;

/// A query that another holds.
pub(crate) type Part = Box<dyn Query>;

/// Gives the query of one facet term.
pub(crate) fn facet_query(fields: &Fields, term: &str) -> Part {
    Box::new(TermQuery::new(Term::from_field_bytes(fields.facet, term.as_bytes()), IndexRecordOption::Basic))
}

/// Lets a query match without adding to the score.
pub(crate) fn unscored(part: Part) -> Part {
    Box::new(ConstScoreQuery::new(part, 0.0))
}

/// Gives the query for any of some others, with the best of their scores.
pub(crate) fn any(mut parts: Vec<Part>) -> Part {
    match parts.len() {
        0 => Box::new(EmptyQuery),
        1 => parts.pop().unwrap_or_else(|| Box::new(EmptyQuery)),
        _ => Box::new(DisjunctionMaxQuery::new(parts)),
    }
}

/// Makes an included bound.
pub(crate) fn included(term: Option<Term>) -> Bound<Term> {
    term.map_or(Bound::Unbounded, Bound::Included)
}

/// Gives every match of a query the same score.
pub(crate) fn constant(part: Part) -> Part {
    Box::new(ConstScoreQuery::new(part, 1.0))
}

/// Gives the query for any of some terms of one field.
pub(crate) fn set(terms: Vec<Term>) -> Part {
    match terms.len() {
        0 => Box::new(EmptyQuery),
        1 => {
            let one = |term| -> Part { Box::new(TermQuery::new(term, IndexRecordOption::Basic)) };
            Box::new(BooleanQuery::union(terms.into_iter().map(one).collect()))
        }
        _ => Box::new(TermSetQuery::new(terms)),
    }
}
