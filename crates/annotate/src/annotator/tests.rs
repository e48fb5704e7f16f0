//! Tests of the annotator.

use super::*;
use groundswell_model::{Outcome, SentimentLabel};

fn annotator() -> &'static Annotator {
    static SHARED: std::sync::OnceLock<Annotator> = std::sync::OnceLock::new();
    SHARED.get_or_init(|| Annotator::new().unwrap())
}

fn annotate(text: &str) -> Annotation {
    annotator().annotate(text, None)
}

#[test]
fn thanks_at_the_end_do_not_cancel_a_complaint() {
    let said = annotate(
        "The sofa has a broken leg. Your hotline hung up on me twice. Please send a new one. Thank you.",
    );
    assert!(said.unmet.probability > 0.9, "{said:?}");
    assert_eq!(said.unmet.kind, UnmetKind::Implied);
}

#[test]
fn a_bare_insult_is_no_unmet_expectation() {
    let said = annotate("You are idiots.");
    assert!(said.unmet.probability < 0.5, "{said:?}");
    assert_eq!(said.sentiment.label, SentimentLabel::Negative);
    assert!(said.expectations.is_empty());
}

#[test]
fn not_as_described_is_unmet_and_as_described_is_met() {
    let unmet = annotate("The jacket is not as described.");
    assert_eq!(unmet.expectations[0].outcome, Outcome::Unmet);
    assert!(unmet.unmet.probability > 0.5);
    let met = annotate("The jacket is exactly as described.");
    assert_eq!(met.expectations[0].outcome, Outcome::Met);
    assert_eq!(met.unmet.kind, UnmetKind::None);
    assert_eq!(annotate("It came sooner than promised.").expectations[0].outcome, Outcome::Exceeded);
}

#[test]
fn a_counter_cue_cancels_on_its_side_of_a_contrast_only() {
    let said = annotate("Delivery was faster than expected but the vase was cracked.");
    assert!(said.unmet.probability > 0.5, "{said:?}");
    assert_eq!(said.expectations.len(), 2);
}

#[test]
fn spans_are_of_the_original_text() {
    let said = annotate("You PROMISED a “sea view”, but we saw a CAR PARK — twice…");
    let first = &said.expectations[0];
    assert_eq!(first.expected.as_deref(), Some("PROMISED a “sea view"));
    assert!(first.happened.as_deref().unwrap().contains("CAR PARK"));
}

#[test]
fn other_languages_have_cues_too() {
    for (tag, text) in [
        ("de", "Ich warte immer noch auf meine Lieferung."),
        ("fr", "Toujours pas de nouvelles de ma commande."),
        ("es", "El paquete llegó roto y nadie contesta."),
        ("it", "Non riesco ad accedere, non funziona niente."),
        ("nl", "De bestelling is nog steeds niet geleverd."),
        ("pt", "O produto veio quebrado."),
    ] {
        let said = annotator().annotate(text, Some(tag.parse().unwrap()));
        assert!(said.unmet.probability > 0.5, "{text}: {said:?}");
    }
}
