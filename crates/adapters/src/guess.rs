//! Guesses from the words of a question or a column's name: what a score measures, and which way its scale runs.

use groundswell_model::Metric;

/// Words that speak for a metric, with the direction that they imply.
const WORDS: [(&str, Metric, Option<bool>); 22] = [
    ("nps", Metric::Nps, Some(true)),
    ("recommend", Metric::Nps, Some(true)),
    ("empfehl", Metric::Nps, Some(true)),
    ("recomend", Metric::Nps, Some(true)),
    ("resolved", Metric::Resolved, Some(true)),
    ("solved", Metric::Resolved, Some(true)),
    ("gelöst", Metric::Resolved, Some(true)),
    ("effort", Metric::Effort, Some(false)),
    ("aufwand", Metric::Effort, Some(false)),
    ("difficult", Metric::Effort, Some(false)),
    ("ease", Metric::Ces, Some(true)),
    ("easy", Metric::Ces, Some(true)),
    ("einfach", Metric::Ces, Some(true)),
    ("ces", Metric::Ces, None),
    ("star", Metric::Stars, Some(true)),
    ("sterne", Metric::Stars, Some(true)),
    ("csat", Metric::Csat, Some(true)),
    ("satisf", Metric::Csat, Some(true)),
    ("zufrieden", Metric::Csat, Some(true)),
    ("rating", Metric::Csat, None),
    ("score", Metric::Csat, None),
    ("note", Metric::Csat, None),
];

/// Words that must stand alone, as they also stand inside others.
const WHOLE: [&str; 5] = ["nps", "ces", "ease", "note", "star"];

/// Guesses the metric and, where the words say it, whether the highest value is the best.
pub(crate) fn metric(name: &str) -> Option<(Metric, Option<bool>)> {
    let name = name.to_lowercase();
    let found = WORDS.iter().find(|(word, ..)| {
        if WHOLE.contains(word) {
            words(&name).any(|other| other == *word || other.strip_suffix('s') == Some(word))
        } else {
            name.contains(word)
        }
    });
    found.map(|(_, metric, direction)| (*metric, *direction))
}

/// Gives the words of a name, at spaces, underscores and other marks.
pub(crate) fn words(name: &str) -> impl Iterator<Item = &str> {
    name.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_the_metric() {
        for (name, expected) in [
            ("How likely are you to recommend us?", Some((Metric::Nps, Some(true)))),
            ("NPS_score", Some((Metric::Nps, Some(true)))),
            ("How much effort did it take?", Some((Metric::Effort, Some(false)))),
            ("How easy was it?", Some((Metric::Ces, Some(true)))),
            ("Stars", Some((Metric::Stars, Some(true)))),
            ("rating", Some((Metric::Csat, None))),
            ("Please", None),
            ("Started at", None),
            ("Notes", Some((Metric::Csat, None))),
        ] {
            assert_eq!(metric(name), expected, "{name}");
        }
    }
}
