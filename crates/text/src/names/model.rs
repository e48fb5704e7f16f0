//! The file of the name model, its check on loading, and the finding of names by it.

use crate::error::TextError;
use crate::exponent::exp;

use super::features::{self, SLOTS};
use super::lexicon::NameLexicon;
use super::tokens::{Gap, Shape, Token, read};

/// The first bytes of the file: a name and the version of its form.
const MAGIC: &[u8; 8] = b"gwnames1";
/// Magic, checksum, scale, threshold, length of the table of words.
const HEAD: usize = 8 + 8 + 4 + 4 + 4;

/// Finds persons' names in running text.
#[derive(Debug, Clone)]
pub struct NameModel {
    pub(super) lexicon: NameLexicon,
    weights: Vec<i8>,
    /// What one step of a weight is worth.
    scale: f32,
    /// The probability from which a word is part of a name.
    threshold: f32,
}

impl NameModel {
    pub(super) fn new(lexicon: NameLexicon, weights: &[f64], threshold: f32) -> Self {
        let most = weights.iter().fold(0.0_f64, |most, weight| most.max(weight.abs())).max(1e-9);
        let scale = most / 127.0;
        #[expect(clippy::cast_possible_truncation, reason = "the quotient is at most 127")]
        let weights = weights.iter().map(|weight| (weight / scale).round() as i8).collect();
        #[expect(clippy::cast_possible_truncation, reason = "a scale needs no more than a float's digits")]
        Self { lexicon, weights, scale: scale as f32, threshold }
    }

    /// Returns the same model with another threshold, from 0 to 1.
    #[must_use]
    pub fn with_threshold(self, threshold: f32) -> Self {
        Self { threshold, ..self }
    }

    /// Reads a model from the bytes of its file.
    ///
    /// # Errors
    /// `text.name_model` when the bytes are no such file, cut short, or changed.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, TextError> {
        let refused = |reason| TextError::NameModel { reason };
        let head = bytes.get(..HEAD).ok_or(refused("it is too short"))?;
        if head.get(..8) != Some(MAGIC) {
            return Err(refused("it begins with other bytes"));
        }
        let body = bytes.get(16..).unwrap_or_default();
        if head.get(8..16) != Some(checksum(body).to_le_bytes().as_slice()) {
            return Err(refused("its checksum is another"));
        }
        let number = |at: usize| {
            head.get(at..at + 4).and_then(|four| <[u8; 4]>::try_from(four).ok()).unwrap_or_default()
        };
        let (scale, threshold) = (f32::from_le_bytes(number(16)), f32::from_le_bytes(number(20)));
        let words = u32::from_le_bytes(number(24)) as usize;
        if !(scale.is_finite() && scale > 0.0 && (0.0..=1.0).contains(&threshold)) {
            return Err(refused("its scale or threshold is no number in range"));
        }
        let rest = bytes.get(HEAD..).unwrap_or_default();
        let (table, weights) =
            rest.split_at_checked(words.saturating_mul(4)).ok_or(refused("it is too short"))?;
        if weights.len() != SLOTS as usize {
            return Err(refused("it holds another number of weights"));
        }
        let slots = table
            .chunks_exact(4)
            .map(|four| <[u8; 4]>::try_from(four).map_or(0, u32::from_le_bytes))
            .collect();
        let weights = weights.iter().map(|byte| i8::from_le_bytes([*byte])).collect();
        Ok(Self { lexicon: NameLexicon::from_slots(slots)?, weights, scale, threshold })
    }

    /// Writes the model as the bytes of its file.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut body = Vec::new();
        body.extend(self.scale.to_le_bytes());
        body.extend(self.threshold.to_le_bytes());
        body.extend(u32::try_from(self.lexicon.slots().len()).unwrap_or(u32::MAX).to_le_bytes());
        body.extend(self.lexicon.slots().iter().flat_map(|slot| slot.to_le_bytes()));
        body.extend(self.weights.iter().flat_map(|weight| weight.to_le_bytes()));
        let mut out = MAGIC.to_vec();
        out.extend(checksum(&body).to_le_bytes());
        out.extend(body);
        out
    }

    /// Finds names outside the masked stretches (sorted, in bytes); gives the first byte of each and the byte after.
    pub(crate) fn find(&self, text: &str, masked: &[(usize, usize)], each: &mut dyn FnMut(usize, usize)) {
        let mut tokens = Vec::with_capacity(text.len() / 5);
        read(text, masked, &self.lexicon, &mut tokens);
        let case = features::case_of(&tokens);
        let mut at = 0;
        let mut chain = Vec::new();
        let mut found: Vec<(usize, usize)> = Vec::new();
        while at < tokens.len() {
            if !features::is_candidate(&tokens, at, case) {
                at += 1;
                continue;
            }
            let start = at;
            while at < tokens.len() && (at == start || features::is_candidate(&tokens, at, case)) {
                at += 1;
            }
            self.chain(&tokens, start..at, case, &mut chain);
            spans(tokens.get(start..at).unwrap_or_default(), &chain, f64::from(self.threshold), &mut found);
        }
        if !found.is_empty() {
            repeated(&tokens, &mut found);
        }
        for (start, end) in joined(text, &found) {
            each(start, end);
        }
    }

    /// Writes the probability of each word of a run of candidates to be part of a name.
    fn chain(&self, tokens: &[Token], run: std::ops::Range<usize>, case: u32, out: &mut Vec<f64>) {
        let scores: Vec<Score> = run
            .clone()
            .map(|at| Score {
                own: self.sum(features::of(tokens, at, case).as_slice()),
                link: match (at.checked_sub(1).and_then(|before| tokens.get(before)), tokens.get(at)) {
                    (Some(before), Some(token)) if at > run.start => {
                        self.sum(features::link(before, token).as_slice())
                    }
                    _ => 0.0,
                },
            })
            .collect();
        out.clear();
        out.extend(marginals(&scores, &[]).into_iter().map(|(own, _)| own));
    }

    fn sum(&self, slots: &[u32]) -> f64 {
        let sum: i32 = slots
            .iter()
            .map(|slot| self.weights.get(*slot as usize).map_or(0, |weight| i32::from(*weight)))
            .sum();
        f64::from(sum) * f64::from(self.scale)
    }
}

/// What speaks for a word, and for a name to go on from the word before.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Score {
    pub own: f64,
    pub link: f64,
}

/// Gives for each word the probability of being in a name, and of that together with the word before: forward and
/// backward through a chain of two states (Lafferty, McCallum and Pereira 2001). `allowed` limits the states, where given.
pub(super) fn marginals(scores: &[Score], allowed: &[(bool, bool)]) -> Vec<(f64, f64)> {
    let may = |at: usize| allowed.get(at).copied().unwrap_or((true, true));
    let weight = |may: bool, value: f64| if may { value } else { 0.0 };
    let mut forward: Vec<(f64, f64)> = Vec::with_capacity(scores.len());
    for (at, score) in scores.iter().enumerate() {
        let own = exp(score.own);
        let (out, inside) = match forward.last() {
            Some((out, inside)) => (out + inside, (out + inside * exp(score.link)) * own),
            None => (1.0, own),
        };
        let (out, inside) = (weight(may(at).0, out), weight(may(at).1, inside));
        let total = (out + inside).max(f64::MIN_POSITIVE);
        forward.push((out / total, inside / total));
    }
    let mut result = vec![(0.0, 0.0); scores.len()];
    let (mut out, mut inside) = (1.0, 1.0);
    for at in (0..scores.len()).rev() {
        let (Some(&(f_out, f_in)), Some(slot), Some(score)) =
            (forward.get(at), result.get_mut(at), scores.get(at))
        else {
            break;
        };
        let total = (f_out * out + f_in * inside).max(f64::MIN_POSITIVE);
        slot.0 = f_in * inside / total;
        let Some(&(p_out, p_in)) = at.checked_sub(1).and_then(|before| forward.get(before)) else { break };
        let (own, link) = (exp(score.own), exp(score.link));
        let (here_out, here_in) = (weight(may(at).0, out), weight(may(at).1, inside * own));
        let both = p_in * link * here_in;
        let all = (p_out + p_in) * here_out + p_out * here_in + both;
        slot.1 = both / all.max(f64::MIN_POSITIVE);
        (out, inside) = (here_out + here_in, here_out + here_in * link);
        let most = out.max(inside).max(f64::MIN_POSITIVE);
        (out, inside) = (out / most, inside / most);
    }
    result
}

/// Joins words of a run that are likely enough into names.
fn spans(tokens: &[Token], chain: &[f64], threshold: f64, out: &mut Vec<(usize, usize)>) {
    let mut open: Option<(usize, usize, bool)> = None;
    let close = |open: &mut Option<(usize, usize, bool)>, out: &mut Vec<(usize, usize)>| {
        if let Some((start, end, _)) = open.take().filter(|(.., whole)| *whole) {
            out.push((start, end));
        }
    };
    for (token, chance) in tokens.iter().zip(chain) {
        if *chance < threshold {
            close(&mut open, out);
            continue;
        }
        let whole = token.shape != Shape::Initial;
        match &mut open {
            Some((_, end, already)) if matches!(token.gap, Gap::Space | Gap::Hyphen | Gap::Initial) => {
                *end = token.end;
                *already |= whole;
            }
            _ => {
                close(&mut open, out);
                open = Some((token.start, token.end, whole));
            }
        }
    }
    close(&mut open, out);
}

/// Joins names with only a particle between them: "Ana", "de la", "Cruz".
fn joined(text: &str, found: &[(usize, usize)]) -> Vec<(usize, usize)> {
    const PARTICLES: [&str; 20] = [
        "de", "van", "von", "del", "della", "di", "da", "do", "dos", "du", "ten", "ter", "bin", "ibn", "af",
        "zu", "van der", "van den", "van de", "de la",
    ];
    let mut out: Vec<(usize, usize)> = Vec::with_capacity(found.len());
    for &(start, end) in found {
        match out.last_mut() {
            Some((_, last))
                if text
                    .get(*last..start)
                    .is_some_and(|between| PARTICLES.contains(&between.trim_matches(' '))) =>
            {
                *last = end;
            }
            _ => out.push((start, end)),
        }
    }
    out
}

/// A name that was found once is one wherever it stands again with a capital, unless it is an ordinary word too.
fn repeated(tokens: &[Token], found: &mut Vec<(usize, usize)>) {
    let mut known: Vec<u32> = Vec::new();
    let mut names = found.iter().peekable();
    for token in tokens {
        while names.next_if(|(_, end)| *end <= token.start).is_some() {}
        let inside = names.peek().is_some_and(|(start, _)| *start <= token.start);
        if inside && is_telling(token) {
            known.push(token.hash);
        }
    }
    known.sort_unstable();
    let mut more = Vec::new();
    let mut names = found.iter().peekable();
    for token in tokens {
        while names.next_if(|(_, end)| *end <= token.start).is_some() {}
        let inside = names.peek().is_some_and(|(start, _)| *start <= token.start);
        if !inside && is_telling(token) && known.binary_search(&token.hash).is_ok() {
            more.push((token.start, token.end));
        }
    }
    if !more.is_empty() {
        found.extend(more);
        found.sort_unstable();
    }
}

fn is_telling(token: &Token) -> bool {
    matches!(token.shape, Shape::Capital | Shape::Mixed)
        && token.end - token.start >= 3
        && token.class.ordinary() <= 2
        && !matches!(token.gap, Gap::At | Gap::Hash | Gap::Technical)
}

/// FNV-1a over the bytes.
fn checksum(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}
