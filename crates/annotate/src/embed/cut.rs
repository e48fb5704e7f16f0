//! Cuts a text into the tokens of a table: words, their pieces, and pairs of adjacent words.

use super::table::{Kind, Table};

/// Longer words, in bytes, are cut into pieces only when the whole is known.
const MOST_WORD: usize = 40;
/// The most characters of a piece.
const MOST_PIECE: usize = 20;
/// The most bytes between the brackets of a placeholder such as `[name]`.
const MOST_PLACEHOLDER: usize = 24;

/// A text while it is cut.
pub(super) struct Cutter<'a> {
    table: &'a Table,
    /// The words so far, lower-cased, with one space between them.
    words: String,
    /// Where the word before begins, if there is one.
    before: Option<usize>,
    /// Where the word at hand begins.
    start: usize,
}

impl<'a> Cutter<'a> {
    pub(super) fn new(table: &'a Table) -> Self {
        Self { table, words: String::new(), before: None, start: 0 }
    }

    /// Calls back with every token of a text, in order.
    pub(super) fn cut(mut self, text: &str, mut found: impl FnMut(u32)) {
        self.words.reserve(text.len() + 1);
        let mut rest = text;
        while !rest.is_empty() {
            // Letters and digits of ASCII come in runs; what is no ASCII is looked at one by one.
            let run = rest.bytes().position(|byte| !byte.is_ascii_alphanumeric()).unwrap_or(rest.len());
            let (plain, after) = rest.split_at_checked(run).unwrap_or((rest, ""));
            let at = self.words.len();
            self.words.push_str(plain);
            if let Some(fresh) = self.words.get_mut(at..) {
                fresh.make_ascii_lowercase();
            }
            let mut chars = after.chars();
            let Some(char) = chars.next() else { break };
            rest = chars.as_str();
            if !char.is_ascii() && char.is_alphanumeric() {
                self.words.extend(char.to_lowercase().filter(|char| char.is_alphanumeric()));
                continue;
            }
            self.close(&mut found);
            if char == '[' {
                rest = after_placeholder(rest);
            }
        }
        self.close(&mut found);
    }

    /// Ends the word at hand, if there is one.
    fn close(&mut self, found: &mut impl FnMut(u32)) {
        let word = self.words.get(self.start..).unwrap_or("");
        if word.is_empty() {
            return;
        }
        match self.table.find(Kind::Word, word) {
            Some(token) => found(token),
            None => pieces(self.table, word, found),
        }
        let pair = self.before.and_then(|before| self.words.get(before..));
        if let Some(token) = pair.and_then(|pair| self.table.find(Kind::Word, pair)) {
            found(token);
        }
        self.before = Some(self.start);
        self.words.push(' ');
        self.start = self.words.len();
    }
}

/// Cuts an unknown word greedily into its longest known pieces; what is unknown is left out.
fn pieces(table: &Table, word: &str, found: &mut impl FnMut(u32)) {
    if word.len() > MOST_WORD {
        return;
    }
    let (mut rest, mut kind) = (word, Kind::Word);
    while !rest.is_empty() {
        let most = rest.char_indices().nth(MOST_PIECE).map_or(rest.len(), |(at, _)| at);
        let ends = (1..=most).rev().filter(|end| rest.is_char_boundary(*end));
        let hit = ends
            .filter_map(|end| rest.split_at_checked(end))
            .take_while(|_| table.begins(kind, rest))
            .find_map(|(piece, after)| Some((table.find(kind, piece)?, after)));
        if let Some((token, after)) = hit {
            found(token);
            rest = after;
        } else {
            let mut chars = rest.chars();
            chars.next();
            rest = chars.as_str();
        }
        kind = Kind::Piece;
    }
}

/// Gives what follows a placeholder whose bracket was read, or all of it when there is none.
fn after_placeholder(rest: &str) -> &str {
    let name =
        rest.bytes().take(MOST_PLACEHOLDER).take_while(|byte| byte.is_ascii_lowercase() || *byte == b'_');
    let length = name.count();
    match rest.split_at_checked(length) {
        Some((name, after)) if !name.is_empty() && after.starts_with(']') => after,
        _ => rest,
    }
}
