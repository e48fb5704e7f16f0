//! The shipped lexicons: words and phrases with their tone, negators, intensifiers, turns, and cues of other languages.

use std::collections::BTreeMap;

use groundswell_text::Language;

use crate::AnnotateError;
use crate::counters::Counter;
use crate::cues::{Cues, Ways, plain};
use crate::families::{Family, by_code};

/// What a cue of a lexicon does.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Role {
    /// Tone, -4 to 4; 0 where it has none.
    pub(crate) tone: f32,
    /// Mean valence in VADER's lexicon, -4 to 4; 0 where it is not in it.
    pub(crate) valence: f32,
    /// It is an insult: tone without an event.
    pub(crate) insult: bool,
    /// It turns what follows round.
    pub(crate) negates: bool,
    /// Factor for what follows; 0 where it scales nothing.
    pub(crate) scale: f32,
    /// What follows weighs more than what went before.
    pub(crate) turns: bool,
    /// It is a cue of this family.
    pub(crate) family: Option<Family>,
    /// It says that an expectation was met (`C1`), exceeded (`C2`) or feared (`C4`), or is praise (`C5`).
    pub(crate) counter: Option<Counter>,
}

/// One language's lexicon.
pub(crate) struct Lexicon {
    pub(crate) language: Language,
    cues: Cues,
    roles: Vec<Role>,
}

/// The lexicons, English first.
const SOURCES: [(&str, Language, &str); 7] = [
    ("en", Language::EN, include_str!("../lexicon/en.txt")),
    ("de", Language::DE, include_str!("../lexicon/de.txt")),
    ("fr", Language::FR, include_str!("../lexicon/fr.txt")),
    ("es", Language::ES, include_str!("../lexicon/es.txt")),
    ("it", Language::IT, include_str!("../lexicon/it.txt")),
    ("nl", Language::NL, include_str!("../lexicon/nl.txt")),
    ("pt", Language::PT, include_str!("../lexicon/pt.txt")),
];

/// VADER's lexicon (Hutto and Gilbert 2014), the words alone.
const VALENCES: &str = include_str!("../lexicon/valence.txt");

/// Reads every shipped lexicon.
pub(crate) fn shipped() -> Result<Vec<Lexicon>, AnnotateError> {
    let valences = |language| if language == Language::EN { VALENCES } else { "" };
    SOURCES
        .iter()
        .map(|(name, language, text)| Lexicon::parse(name, *language, text, valences(*language)))
        .collect()
}

impl Lexicon {
    fn parse(
        name: &'static str,
        language: Language,
        text: &str,
        valences: &str,
    ) -> Result<Self, AnnotateError> {
        let mut cues = roles(name, text)?;
        let own = Self::of(language, cues.clone());
        for (index, line) in valences.lines().enumerate().filter(|(_, line)| !line.starts_with('#')) {
            let valence = line.split_once(' ').and_then(|(word, value)| Some((word, number(value)?)));
            let fault =
                AnnotateError::Lexicon { language: "valence", line: index + 1, what: "no word and number" };
            let (word, valence) = valence.ok_or(fault)?;
            let word = plain(word);
            // A word that hides a shorter cue of ours inside it does what that one does.
            let mut role = Role::default();
            own.find(format!(" {word} ").as_bytes(), |known, start, _| {
                if start == 0 {
                    role = known;
                }
            });
            let (ways, known) = cues.entry(word).or_insert((Ways::default(), role));
            ways.phrase = true;
            known.valence = valence;
        }
        Ok(Self::of(language, cues))
    }

    fn of(language: Language, cues: BTreeMap<String, (Ways, Role)>) -> Self {
        let ways = cues.iter().map(|(cue, (ways, _))| (cue.clone(), *ways)).collect();
        Self { language, cues: Cues::new(&ways), roles: cues.into_values().map(|(_, role)| role).collect() }
    }

    /// Calls `each` with the role and the folded range of every cue in order.
    pub(crate) fn find(&self, spaced: &[u8], mut each: impl FnMut(Role, usize, usize)) {
        self.cues.find(spaced, |found| {
            if let Some(role) = self.roles.get(found.cue) {
                each(*role, found.start, found.end);
            }
        });
    }
}

/// Reads the roles of a lexicon's own cues.
fn roles(name: &'static str, text: &str) -> Result<BTreeMap<String, (Ways, Role)>, AnnotateError> {
    let mut cues: BTreeMap<String, (Ways, Role)> = BTreeMap::new();
    for (index, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let fault = |what| AnnotateError::Lexicon { language: name, line: index + 1, what };
        let (head, words) = line.split_once(':').ok_or_else(|| fault("no colon"))?;
        let role = role_of(head).ok_or_else(|| fault("unknown role"))?;
        for word in words.split(',').map(str::trim).filter(|word| !word.is_empty()) {
            let stem = word.ends_with('*');
            let (ways, known) = cues.entry(plain(word)).or_default();
            ways.stem |= stem;
            ways.phrase |= !stem;
            known.join(role);
        }
    }
    Ok(cues)
}

fn number(text: &str) -> Option<f32> {
    text.trim().parse::<f32>().ok().filter(|value| value.abs() <= 4.0)
}

impl Role {
    fn join(&mut self, other: Self) {
        if self.tone.abs() < other.tone.abs() {
            self.tone = other.tone;
        }
        if other.scale > 0.0 {
            self.scale = other.scale;
        }
        self.insult |= other.insult;
        self.negates |= other.negates;
        self.turns |= other.turns;
        self.family = self.family.or(other.family);
        // What exceeds is met as well.
        self.counter = match other.counter {
            Some(Counter::Exceeded) => other.counter,
            _ => self.counter.or(other.counter),
        };
    }
}

fn role_of(head: &str) -> Option<Role> {
    let role = Role::default();
    Some(match head.trim() {
        "neg" => Role { negates: true, ..role },
        "but" => Role { turns: true, ..role },
        "C1" => Role { counter: Some(Counter::Met), ..role },
        "C2" => Role { counter: Some(Counter::Exceeded), ..role },
        "C4" => Role { counter: Some(Counter::Feared), ..role },
        "C5" => Role { counter: Some(Counter::Praise), ..role },
        head => {
            if let Some(value) = head.strip_prefix("scale") {
                Role { scale: number(value)?, ..role }
            } else if let Some(value) = head.strip_prefix("insult") {
                Role { tone: number(value)?, insult: true, ..role }
            } else if let Some(value) = number(head) {
                Role { tone: value, ..role }
            } else {
                Role { family: Some(by_code(head)?), ..role }
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_lexicons_are_well_formed_and_large_enough() {
        let lexicons = shipped().unwrap();
        assert_eq!(lexicons.len(), 7);
        for lexicon in &lexicons {
            let least = if lexicon.language == Language::EN { 500 } else { 150 };
            assert!(lexicon.roles.len() >= least, "{}: {}", lexicon.language.as_str(), lexicon.roles.len());
        }
    }

    #[test]
    fn a_malformed_line_is_named() {
        for text in ["+3 good", "colour: red", "+9: too much"] {
            let fault = Lexicon::parse("xx", Language::EN, &format!("# one\n{text}\n"), "");
            assert!(matches!(fault, Err(AnnotateError::Lexicon { line: 2, .. })), "{text}");
        }
    }
}
