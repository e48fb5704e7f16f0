//! The phrasebook: sentence frames with slots, read from the files under `texts/`, and their expansion.
//!
//! A rule is a line `[name]` and below it one frame per line. In a frame `{a|b}` is a choice (it may nest), `{3-9}` a
//! number, `{n3-9}` a number in figures or words, `{name}` another rule, and `{$name}` a value that stays the same
//! throughout one text: the scene's own, else one drawn from the rule `name`.

use std::collections::BTreeMap;

use super::random::Random;

/// Frames may refer to frames this deep.
const DEPTH: usize = 12;

/// All rules.
#[derive(Debug, Default)]
pub(super) struct Phrasebook {
    rules: BTreeMap<String, Vec<Vec<Piece>>>,
}

#[derive(Debug)]
enum Piece {
    Text(String),
    Choice(Vec<Vec<Piece>>),
    Rule(String),
    Kept(String),
    Number { low: i64, high: i64, words: bool },
}

/// What stays the same throughout one text: the product, the weekday, names and the like.
#[derive(Clone, Debug, Default)]
pub(super) struct Scene {
    values: BTreeMap<String, String>,
}

impl Scene {
    /// Sets a value.
    pub(super) fn set(&mut self, name: &str, value: impl Into<String>) {
        self.values.insert(name.to_owned(), value.into());
    }
}

impl Phrasebook {
    /// Reads rules from the texts of several files.
    pub(super) fn read(files: &[&str]) -> Self {
        let mut book = Self::default();
        for file in files {
            let mut name = String::new();
            for line in file.lines().map(str::trim) {
                if line.is_empty() || line.starts_with('#') {
                    continue;
                }
                if let Some(rule) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
                    rule.clone_into(&mut name);
                } else {
                    let line = line.replace("\\n", "\n");
                    book.rules.entry(name.clone()).or_default().push(pieces(&mut line.as_str(), false));
                }
            }
        }
        book
    }

    /// Says whether there is such a rule.
    pub(super) fn has(&self, rule: &str) -> bool {
        self.rules.contains_key(rule)
    }

    /// Gives the number of frames of a rule.
    pub(super) fn frames(&self, rule: &str) -> usize {
        self.rules.get(rule).map_or(0, Vec::len)
    }

    /// Names the rules that begin with a prefix, in order.
    pub(super) fn under<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = &'a str> {
        self.rules
            .range(prefix.to_owned()..)
            .map(|(name, _)| name.as_str())
            .take_while(move |n| n.starts_with(prefix))
    }

    /// Draws a text of a rule; empty where there is no such rule.
    pub(super) fn draw(&self, rule: &str, scene: &mut Scene, random: &mut Random) -> String {
        let mut out = String::new();
        self.rule(rule, scene, random, &mut out, DEPTH);
        out
    }

    fn rule(&self, rule: &str, scene: &mut Scene, random: &mut Random, out: &mut String, depth: usize) {
        let frame = self.rules.get(rule).and_then(|frames| random.pick(frames));
        if let (Some(frame), Some(depth)) = (frame, depth.checked_sub(1)) {
            self.frame(frame, scene, random, out, depth);
        }
    }

    fn frame(&self, frame: &[Piece], scene: &mut Scene, random: &mut Random, out: &mut String, depth: usize) {
        for piece in frame {
            match piece {
                Piece::Text(text) => out.push_str(text),
                Piece::Choice(choices) => {
                    if let Some(choice) = random.pick(choices) {
                        self.frame(choice, scene, random, out, depth);
                    }
                }
                Piece::Rule(name) => self.rule(name, scene, random, out, depth),
                Piece::Kept(name) => {
                    if !scene.values.contains_key(name) {
                        let mut drawn = String::new();
                        self.rule(name, scene, random, &mut drawn, depth);
                        scene.set(name, drawn);
                    }
                    out.push_str(scene.values.get(name).map_or("", String::as_str));
                }
                Piece::Number { low, high, words } => {
                    let number = random.between(*low, *high);
                    match spelled(number).filter(|_| *words && random.chance(0.55)) {
                        Some(word) => out.push_str(word),
                        None => out.push_str(&number.to_string()),
                    }
                }
            }
        }
    }
}

/// Reads the pieces of a frame up to the end or, inside braces, up to `|` or `}`.
fn pieces(rest: &mut &str, inside: bool) -> Vec<Piece> {
    let mut found = Vec::new();
    while !rest.is_empty() {
        let stop = rest.find(|c| c == '{' || (inside && (c == '|' || c == '}'))).unwrap_or(rest.len());
        let (text, tail) = rest.split_at(stop);
        if !text.is_empty() {
            found.push(Piece::Text(text.to_owned()));
        }
        *rest = tail;
        let Some(inner) = tail.strip_prefix('{') else { break };
        *rest = inner;
        found.push(braces(rest));
    }
    found
}

/// Reads what stands in braces, after the opening one.
fn braces(rest: &mut &str) -> Piece {
    if let Some((name, tail)) = rest.split_once('}')
        && let Some(piece) = named(name)
    {
        *rest = tail;
        return piece;
    }
    let mut choices = Vec::new();
    loop {
        choices.push(pieces(rest, true));
        match rest.strip_prefix('|') {
            Some(tail) => *rest = tail,
            None => break,
        }
    }
    *rest = rest.strip_prefix('}').unwrap_or(rest);
    Piece::Choice(choices)
}

/// Tells a number, a kept value or a rule by its spelling; a choice is none of them.
fn named(name: &str) -> Option<Piece> {
    let (words, range) = name.strip_prefix('n').map_or((false, name), |range| (true, range));
    if let Some((low, high)) = range.split_once('-')
        && let (Ok(low), Ok(high)) = (low.parse(), high.parse())
    {
        return Some(Piece::Number { low, high, words });
    }
    let (kept, rule) = name.strip_prefix('$').map_or((false, name), |rule| (true, rule));
    let fits = !rule.is_empty() && rule.bytes().all(|b| b.is_ascii_lowercase() || matches!(b, b'.' | b'_'));
    fits.then(|| if kept { Piece::Kept(rule.to_owned()) } else { Piece::Rule(rule.to_owned()) })
}

fn spelled(number: i64) -> Option<&'static str> {
    const WORDS: [&str; 13] = [
        "no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
        "twelve",
    ];
    usize::try_from(number).ok().and_then(|place| WORDS.get(place)).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn references<'a>(frame: &'a [Piece], found: &mut Vec<&'a str>) {
        for piece in frame {
            match piece {
                Piece::Choice(choices) => choices.iter().for_each(|choice| references(choice, found)),
                Piece::Rule(name) | Piece::Kept(name) => found.push(name),
                Piece::Text(text) => assert!(!text.contains(['}', '|']), "stray brace in {text:?}"),
                Piece::Number { low, high, .. } => assert!(low <= high),
            }
        }
    }

    #[test]
    fn every_slot_of_the_shipped_texts_has_a_rule_or_a_value() {
        let book = super::super::writer::phrasebook();
        let mut found = Vec::new();
        for frame in book.rules.values().flatten() {
            references(frame, &mut found);
        }
        let known = super::super::writer::SCENE_VALUES;
        let lost: Vec<_> =
            found.into_iter().filter(|name| !book.has(name) && !known.contains(name)).collect();
        assert!(lost.is_empty(), "no rule for {lost:?}");
    }

    #[test]
    fn choices_nest_numbers_count_and_kept_values_stay() {
        let book = Phrasebook::read(&["[a]\n{$b} {x|{y|z} {3-4}} {$b}\n[b]\none\ntwo"]);
        for seed in 0..50 {
            let text = book.draw("a", &mut Scene::default(), &mut Random::new(seed));
            let first = text.split(' ').next().unwrap();
            assert!(text.ends_with(first) && !text.contains(['{', '|']), "{text}");
        }
    }

    #[test]
    fn a_rule_that_names_itself_ends() {
        let book = Phrasebook::read(&["[a]\nx{a}"]);
        assert_eq!(book.draw("a", &mut Scene::default(), &mut Random::new(1)), "x".repeat(DEPTH));
    }
}
