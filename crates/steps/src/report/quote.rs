//! The sentence behind a number: the one that holds the gap, in the customer's words.

use groundswell_model::{Expectation, Feedback, GapType, Outcome, Speaker, Statement, Zone};

use super::Quote;

/// Longest quote, in characters; a longer sentence is cut at a word.
const MAX_CHARS: usize = 280;

/// Bytes below which a sentence is shown with the one before it.
const SHORT: usize = 30;

/// Gives the sentence of a feedback that says the gap; `None` when no statement of it does.
pub fn quote(feedback: &Feedback, gap: GapType, zone: &Zone) -> Option<Quote> {
    let told = |wanted: Option<GapType>| {
        let statements = feedback.content.statements.iter();
        let own = statements.filter(|statement| statement.speaker != Speaker::Agent);
        own.filter_map(move |statement| Some((statement, said(statement, wanted)?))).next()
    };
    // Where a person corrected the type of gap, the text says another one.
    let (statement, expectation) = told(Some(gap)).or_else(|| told(None))?;
    Some(Quote {
        id: feedback.id.to_string(),
        kind: feedback.content.kind.to_string(),
        day: zone.day(feedback.content.occurred_at).to_string(),
        text: shortened(sentence(&statement.text, expectation)),
        expected: expectation.expected.clone(),
        happened: expectation.happened.clone(),
    })
}

fn said(statement: &Statement, gap: Option<GapType>) -> Option<&Expectation> {
    let annotation = statement.annotation.as_ref()?;
    annotation.expectations.iter().find(|e| e.outcome == Outcome::Unmet && (gap.is_none() || e.gap == gap))
}

/// The sentences from the one that holds the expectation to the one that holds what happened.
fn sentence<'a>(text: &'a str, expectation: &Expectation) -> &'a str {
    let spans: Vec<_> = [&expectation.expected, &expectation.happened]
        .into_iter()
        .flatten()
        .filter_map(|span| text.find(span.as_str()).map(|start| (start, start + span.len())))
        .collect();
    let (Some(start), Some(end)) =
        (spans.iter().map(|span| span.0).min(), spans.iter().map(|span| span.1).max())
    else {
        return text;
    };
    let sentences = groundswell_text::sentences(text);
    let first = sentences.iter().rposition(|range| range.start <= start).unwrap_or(0);
    let last =
        sentences.iter().position(|range| range.end >= end).unwrap_or(sentences.len().saturating_sub(1));
    let range = |first: usize, last: usize| {
        let from = sentences.get(first).map_or(0, |range| range.start);
        let to = sentences.get(last).map_or(text.len(), |range| range.end);
        text.get(from..to).unwrap_or(text).trim()
    };
    let said = range(first, last);
    // A single word says little by itself: it is shown with the sentence before it.
    if said.len() < SHORT { range(first.saturating_sub(1), last) } else { said }
}

/// Gives a text in one line, cut at a word to what is shown.
pub fn shortened(sentence: &str) -> String {
    let flat = sentence.split_whitespace().collect::<Vec<_>>().join(" ");
    let Some((limit, _)) = flat.char_indices().nth(MAX_CHARS) else { return flat };
    let head = flat.get(..limit).unwrap_or(&flat);
    let end = head.rfind(' ').unwrap_or(head.len());
    format!("{}…", head.get(..end).unwrap_or(head))
}

#[cfg(test)]
mod tests {
    use super::*;
    use groundswell_model::Origin;

    #[test]
    fn the_quote_spans_expectation_and_reality() {
        let text = "Hello. You promised two days. It took nine! Bye.";
        let expectation = Expectation {
            outcome: Outcome::Unmet,
            expected: Some("promised two days".to_owned()),
            happened: Some("took nine".to_owned()),
            gap: Some(GapType::Timeliness),
            origin: Origin::CompanyPromise,
            size: None,
        };
        assert_eq!(sentence(text, &expectation), "You promised two days. It took nine!");
    }

    #[test]
    fn a_long_sentence_is_cut_at_a_word() {
        let long = "word ".repeat(200);
        let cut = shortened(&long);
        assert!(cut.ends_with("word…") && cut.chars().count() <= MAX_CHARS + 1);
    }
}
