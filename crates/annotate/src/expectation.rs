//! What was expected and what happened: the two spans of an unmet expectation.

use std::ops::Range;

use crate::clauses::{Clause, trim};
use crate::families::Family;
use crate::patterns::Hit;

/// The spans of one expectation, as folded ranges.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Spans {
    pub(crate) expected: Option<Range<usize>>,
    pub(crate) happened: Option<Range<usize>>,
    /// Both sides stand in one sentence, divided by a contrast or another clause.
    pub(crate) contrast: bool,
}

/// The order in which explicit families are asked for the expectation.
const ORDER: [Family; 11] = [
    Family::Unlike,
    Family::OrderedGot,
    Family::SoldAs,
    Family::Supposed,
    Family::ExpectVerb,
    Family::CompanySaid,
    Family::Should,
    Family::Instead,
    Family::PaidFor,
    Family::AtLeast,
    Family::ForPrice,
];

/// Words after which the company's own words follow: they belong to the expectation.
const DOCUMENTS: [&str; 9] =
    ["listing", "terms", "term", "contract", "policy", "label", "email", "ad", "website"];

/// Finds the spans of an explicit expectation; `next` is the sentence behind, where what happened may stand.
pub(crate) fn explicit(
    text: &str,
    clauses: &[Clause],
    hits: &[Hit],
    next: Option<Range<usize>>,
) -> Option<Spans> {
    let hit = ORDER.iter().find_map(|family| hits.iter().find(|hit| hit.family == *family))?;
    let at = clauses.partition_point(|clause| clause.range.start <= hit.start).saturating_sub(1);
    let clause = clauses.get(at)?;
    if hit.family == Family::Unlike {
        let subject = trim(text, without_verb(text, clause.range.start..hit.start));
        let happened = trim(text, hit.start..clause.range.end.max(hit.end));
        return Some(Spans {
            expected: Some(subject).filter(|range| !range.is_empty()),
            happened: Some(happened),
            contrast: true,
        });
    }
    if hit.family == Family::Instead {
        return Some(instead(text, clauses, at, hit));
    }
    let cue = cue_start(text, hit);
    // "Unlimited, they said": the expectation stands before the cue.
    let at_cue = clauses.partition_point(|clause| clause.range.start <= cue).saturating_sub(1);
    let clause = clauses.get(at_cue).unwrap_or(clause);
    let inverted = clause.range.end <= hit.end && at_cue > 0 && hit.family == Family::CompanySaid;
    let start = if inverted { clauses.get(at_cue - 1)?.range.start } else { cue };
    let expected = trim(text, start..clause.range.end.max(hit.end.min(clause.range.end)));
    let behind = clauses.get(at_cue + 1..).unwrap_or_default();
    let turn = behind.iter().position(|clause| clause.contrast).unwrap_or(0);
    let happened = behind.get(turn).map(|clause| clause.range.clone());
    let contrast = happened.is_some()
        || (next.is_some()
            && text.get(..clauses.last()?.range.end + 1).is_some_and(|head| head.ends_with(';')));
    let before =
        || clauses.get(at_cue.checked_sub(1 + usize::from(inverted))?).map(|clause| clause.range.clone());
    let happened = happened.or_else(before).or(next).map(|range| trim(text, without_opening(text, range)));
    Some(Spans { expected: Some(expected).filter(|range| !range.is_empty()), happened, contrast })
}

/// Gives the clause in which an implied expectation broke.
pub(crate) fn implied(text: &str, clauses: &[Clause], hits: &[Hit]) -> Option<Range<usize>> {
    let strongest = hits
        .iter()
        .filter(|hit| !hit.family.is_explicit())
        .reduce(|best, hit| if hit.family.weight() > best.family.weight() { hit } else { best })?;
    let from = clauses.partition_point(|clause| clause.range.start <= strongest.start).saturating_sub(1);
    let to = clauses.partition_point(|clause| clause.range.start < strongest.end).saturating_sub(1).max(from);
    let start = if opens_at_cue(strongest.family) { strongest.start } else { clauses.get(from)?.range.start };
    let range = start..clauses.get(to)?.range.end.max(strongest.end);
    Some(trim(text, without_opening(text, range)))
}

/// Says whether what happened begins at the cue itself, not at the subject before it.
fn opens_at_cue(family: Family) -> bool {
    matches!(
        family,
        Family::StillNot
            | Family::Missing
            | Family::Cannot
            | Family::Effort
            | Family::Treatment
            | Family::Negated
    )
}

fn instead(text: &str, clauses: &[Clause], at: usize, hit: &Hit) -> Spans {
    let cue = text.get(hit.start..hit.end).unwrap_or("");
    let clause = clauses.get(at).map_or(hit.start..hit.end, |clause| clause.range.clone());
    if cue.ends_with("of") || cue.ends_with("than") {
        let expected = trim(text, hit.end..clause.end.max(hit.end));
        let happened = trim(text, clause.start.min(hit.start)..hit.start);
        let happened = if happened.is_empty() {
            clauses.get(at + 1).map(|clause| clause.range.clone())
        } else {
            Some(happened)
        };
        return Spans {
            expected: Some(expected).filter(|range| !range.is_empty()),
            happened,
            contrast: true,
        };
    }
    // "Instead" opens a clause of its own: what stands before it was wanted, what stands behind it happened.
    let behind =
        clauses.iter().find(|clause| clause.range.start >= hit.end).map(|clause| clause.range.clone());
    let before =
        clauses.iter().rev().find(|clause| clause.range.end <= hit.start).map(|clause| clause.range.clone());
    match behind {
        Some(behind) => Spans { expected: before, happened: Some(behind), contrast: true },
        None => Spans { expected: None, happened: Some(trim(text, clause)), contrast: false },
    }
}

/// Where the expectation begins: at the verb of the cue, or at the document that speaks.
fn cue_start(text: &str, hit: &Hit) -> usize {
    let words = text.get(hit.start..hit.end).unwrap_or("");
    match hit.family {
        Family::CompanySaid | Family::ExpectVerb | Family::Supposed => {
            let first = words.split(' ').next().unwrap_or("");
            if words.ends_with("give me") {
                return hit.start;
            }
            if hit.family == Family::CompanySaid
                && DOCUMENTS.contains(&first)
                && words.split(' ').count() <= 3
            {
                return hit.start;
            }
            words.rfind(' ').map_or(hit.start, |space| hit.start + space + 1)
        }
        _ => hit.start,
    }
}

fn without_verb(text: &str, range: Range<usize>) -> Range<usize> {
    let part = text.get(range.clone()).unwrap_or("").trim_end();
    let cut = [" is", " are", " was", " were", " looks", " looked", " it's"]
        .iter()
        .find_map(|verb| part.strip_suffix(verb));
    range.start..range.start + cut.unwrap_or(part).len()
}

fn without_opening(text: &str, range: Range<usize>) -> Range<usize> {
    let part = text.get(range.clone()).unwrap_or("");
    let cut = ["and ", "so ", "the ", "then ", "he ", "she ", "they "]
        .iter()
        .find_map(|word| part.strip_prefix(word))
        .unwrap_or(part);
    range.end - cut.len()..range.end
}
#[cfg(test)]
mod tests {
    use super::*;
    use crate::clauses::clauses;
    use crate::patterns::Patterns;

    fn spans(text: &str) -> (Option<&str>, Option<&str>) {
        let found = Patterns::new().unwrap().find(text);
        let parts = clauses(text, 0..text.len());
        let spans = explicit(text, &parts, &found.hits, None).unwrap();
        (spans.expected.and_then(|range| text.get(range)), spans.happened.and_then(|range| text.get(range)))
    }

    #[test]
    fn both_sides_are_found() {
        assert_eq!(
            spans("you promised a window seat but we sat in the aisle."),
            (Some("promised a window seat"), Some("we sat in the aisle"))
        );
        assert_eq!(
            spans("sold as new, the lid was scratched."),
            (Some("sold as new"), Some("lid was scratched"))
        );
        assert_eq!(
            spans("no fees, they said, and it is full of fees."),
            (Some("no fees, they said"), Some("it is full of fees"))
        );
        assert_eq!(
            spans("the colours are nothing like the picture."),
            (Some("the colours"), Some("nothing like the picture"))
        );
        assert_eq!(spans("we got a voucher instead of cash."), (Some("cash"), Some("we got a voucher")));
        assert_eq!(spans("i ordered two and received one."), (Some("ordered two"), Some("received one")));
    }

    #[test]
    fn an_implied_expectation_has_the_clause_where_it_broke() {
        let text = "we called, and the line was dead.";
        let found = Patterns::new().unwrap().find(text);
        let range = implied(text, &clauses(text, 0..text.len()), &found.hits).unwrap();
        assert_eq!(&text[range], "line was dead");
    }
}
