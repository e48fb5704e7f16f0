//! How a pattern can begin: its literals, so that a walk through the words of a text finds where it is worth trying.

use regex_syntax::hir::{Class, Hir, HirKind, Look, Repetition};

/// What a match of a pattern begins with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Beginning {
    pub(crate) bytes: Vec<u8>,
    pub(crate) end: End,
    /// It stands at the opening of a sentence, which belongs to the match.
    pub(crate) opens: bool,
}

/// What follows a beginning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// Nothing.
    Whole,
    /// The end of a word, and nothing more.
    Word,
    /// More, which only the pattern tells.
    More,
}

/// The most beginnings of one pattern before longer ones are cut.
const MOST: usize = 2000;
/// The most bytes of a class and repeats that are written out.
const MOST_WIDE: u32 = 10;

/// Gives the beginnings of a pattern over bytes, preferred ones first; nothing where a branch begins neither at a word
/// boundary nor at an opening that ends in a repeated class, or begins with a sign other than an apostrophe.
pub(crate) fn beginnings(pattern: &Hir) -> Option<Vec<Beginning>> {
    let branches = match pattern.kind() {
        HirKind::Alternation(branches) => branches.as_slice(),
        _ => std::slice::from_ref(pattern),
    };
    let mut out = Vec::new();
    for branch in branches {
        let HirKind::Concat(parts) = branch.kind() else { return None };
        let (opens, rest) = match parts.as_slice() {
            [first, rest @ ..] if matches!(first.kind(), HirKind::Look(Look::WordAscii)) => (false, rest),
            [_, second, rest @ ..] if matches!(second.kind(), HirKind::Repetition(_)) => (true, rest),
            _ => return None,
        };
        let all = sequence(rest.iter());
        out.extend(all.into_iter().map(|one| Beginning { opens, ..one }));
    }
    let fits = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'\'');
    out.iter().all(|one| one.bytes.first().is_some_and(fits)).then_some(out)
}

fn one(bytes: &[u8], end: End) -> Vec<Beginning> {
    vec![Beginning { bytes: bytes.to_vec(), end, opens: false }]
}

fn expand(part: &Hir) -> Vec<Beginning> {
    match part.kind() {
        HirKind::Empty => one(b"", End::Whole),
        HirKind::Literal(literal) => one(&literal.0, End::Whole),
        HirKind::Class(class) => of_class(class),
        HirKind::Look(Look::WordAscii) => one(b"", End::Word),
        HirKind::Look(_) => one(b"", End::More),
        HirKind::Repetition(repetition) => repeated(repetition),
        HirKind::Capture(capture) => expand(&capture.sub),
        HirKind::Concat(parts) => sequence(parts.iter()),
        HirKind::Alternation(branches) => branches.iter().flat_map(expand).collect(),
    }
}

fn of_class(class: &Class) -> Vec<Beginning> {
    let Class::Bytes(class) = class else { return one(b"", End::More) };
    let bytes: Vec<u8> = class.iter().flat_map(|range| range.start()..=range.end()).collect();
    if bytes.len() > MOST_WIDE as usize {
        return one(b"", End::More);
    }
    bytes.into_iter().flat_map(|byte| one(&[byte], End::Whole)).collect()
}

fn repeated(repetition: &Repetition) -> Vec<Beginning> {
    let times = |count: u32| sequence((0..count).map(|_| &*repetition.sub));
    match (repetition.min, repetition.max) {
        (0, Some(1)) if repetition.greedy => [times(1), times(0)].concat(),
        (0, Some(1)) => [times(0), times(1)].concat(),
        (least, Some(most)) if least == most && most <= MOST_WIDE => times(most),
        _ => {
            let mut out = times(repetition.min.min(MOST_WIDE));
            out.iter_mut().for_each(|one| one.end = End::More);
            out
        }
    }
}

/// Joins parts that stand one after the other.
fn sequence<'a>(parts: impl Iterator<Item = &'a Hir>) -> Vec<Beginning> {
    let mut out = one(b"", End::Whole);
    for part in parts {
        let next = expand(part);
        if out.len() * next.len() > MOST {
            out.iter_mut().for_each(|one| one.end = End::More);
            return out;
        }
        out = out.iter().flat_map(|head| next.iter().map(move |tail| join(head, tail))).collect();
    }
    out
}

fn join(head: &Beginning, tail: &Beginning) -> Beginning {
    let mut out = head.clone();
    match head.end {
        End::Whole => {
            out.bytes.extend_from_slice(&tail.bytes);
            out.end = tail.end;
            // At the very beginning a word boundary is asked for anyway.
            if tail.end == End::Word && out.bytes.is_empty() {
                out.end = End::Whole;
            }
        }
        End::Word if tail.bytes.is_empty() && tail.end != End::More => {}
        End::Word | End::More => out.end = End::More,
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(pattern: &str) -> Option<Vec<(String, End)>> {
        let parser = regex_syntax::ParserBuilder::new().unicode(false).utf8(false).build().parse(pattern);
        let text = |one: &Beginning| String::from_utf8(one.bytes.clone()).unwrap();
        Some(beginnings(&parser.unwrap())?.iter().map(|one| (text(one), one.end)).collect())
    }

    #[test]
    fn finite_patterns_are_written_out_in_their_order() {
        let own =
            |all: &[(&str, End)]| Some(all.iter().map(|(text, end)| ((*text).to_owned(), *end)).collect());
        assert_eq!(of(r"\bminutes?\b"), own(&[("minutes", End::Word), ("minute", End::Word)]));
        assert_eq!(of(r"\bhad \w+ing\b|\bso\b"), own(&[("had ", End::More), ("so", End::Word)]));
        assert_eq!(of(r"\bpaid (?:x )??for"), own(&[("paid for", End::Whole), ("paid x for", End::Whole)]));
        assert_eq!(of(r"\bchose\b[^.]{3,60}?\bgot\b"), own(&[("chose", End::More)]));
        assert_eq!(of(r"(?:^|[.] )\W*more"), own(&[("more", End::Whole)]));
    }

    #[test]
    fn a_pattern_that_may_begin_anywhere_is_refused() {
        assert_eq!(of("late|slow"), None);
        assert_eq!(of(r"\b\w+ing"), None);
    }
}
