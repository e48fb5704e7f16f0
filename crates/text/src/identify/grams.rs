//! A small linear model over letter groups and words, for texts in Latin script that hold few frequent words.

use std::sync::LazyLock;

use crate::error::TextError;
use crate::language::Language;
use crate::lexicon::LATIN;

/// Rows of the table; a power of two.
const ROWS: usize = 1 << 13;
/// One column for each language of `LATIN`, and one for all else: other languages, and no language.
pub(super) const COLUMNS: usize = LATIN.len() + 1;
const MAGIC: &[u8; 8] = b"gwlangs1";
const HEAD: usize = 8 + 8 + 4;
/// No more letter groups are looked at: it keeps the time bounded, and more would tell nothing new.
const MOST: usize = 320;

static SHIPPED: LazyLock<Option<LanguageModel>> =
    LazyLock::new(|| LanguageModel::from_bytes(include_bytes!("../../models/language.bin")).ok());

/// Tells languages in Latin script by groups of two to four letters.
#[derive(Debug, Clone)]
pub struct LanguageModel {
    weights: Vec<i8>,
    scale: f32,
}

impl LanguageModel {
    /// Returns the model that ships.
    pub(super) fn shipped() -> Option<&'static Self> {
        SHIPPED.as_ref()
    }

    /// Reads a model from the bytes of its file.
    ///
    /// # Errors
    /// `text.language_model` when the bytes are no such file, cut short, or changed.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, TextError> {
        let refused = |reason| TextError::LanguageModel { reason };
        let head = bytes.get(..HEAD).ok_or(refused("it is too short"))?;
        let body = bytes.get(16..).unwrap_or_default();
        if head.get(..8) != Some(MAGIC) {
            return Err(refused("it begins with other bytes"));
        }
        if head.get(8..16) != Some(checksum(body).to_le_bytes().as_slice()) {
            return Err(refused("its checksum is another"));
        }
        let scale =
            head.get(16..20).and_then(|four| <[u8; 4]>::try_from(four).ok()).map_or(0.0, f32::from_le_bytes);
        let weights: Vec<i8> =
            bytes.get(HEAD..).unwrap_or_default().iter().map(|byte| i8::from_le_bytes([*byte])).collect();
        if weights.len() != ROWS * COLUMNS || !(scale.is_finite() && scale > 0.0) {
            return Err(refused("its scale or the number of its weights is out of range"));
        }
        Ok(Self { weights, scale })
    }

    /// Writes the model as the bytes of its file.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut body = self.scale.to_le_bytes().to_vec();
        body.extend(self.weights.iter().flat_map(|weight| weight.to_le_bytes()));
        let mut out = MAGIC.to_vec();
        out.extend(checksum(&body).to_le_bytes());
        out.extend(body);
        out
    }

    /// Returns what speaks for each column, on the scale of logarithms of odds.
    pub(super) fn scores(&self, text: &str) -> [f32; COLUMNS] {
        let mut sums = [0i32; COLUMNS];
        let mut count = 0u16;
        grams(text, &mut |row| {
            count = count.saturating_add(1);
            let start = row * COLUMNS;
            for (sum, weight) in
                sums.iter_mut().zip(self.weights.get(start..start + COLUMNS).unwrap_or_default())
            {
                *sum += i32::from(*weight);
            }
        });
        let factor = self.scale / f32::from(count.max(1)).sqrt();
        #[expect(clippy::cast_precision_loss, reason = "320 times 127 is small")]
        sums.map(|sum| sum as f32 * factor)
    }
}

fn checksum(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

/// Gives the row of each group of two to four letters and of each word; words with digits or signs of addresses are
/// passed over.
fn grams(text: &str, each: &mut dyn FnMut(usize)) {
    let mut left = MOST;
    for word in text.split(|sign: char| sign.is_whitespace()) {
        if left == 0
            || word.contains(|sign: char| {
                sign.is_ascii_digit() || matches!(sign, '@' | '/' | '_' | '=' | '\\' | '<' | '>')
            })
        {
            continue;
        }
        for part in
            word.split(|sign: char| !(sign.is_alphabetic() || sign == '\'')).filter(|part| !part.is_empty())
        {
            left = left.saturating_sub(of_word(part, left, each));
        }
    }
}

/// The letters are taken between two spaces, so that beginnings and ends count.
fn of_word(word: &str, most: usize, each: &mut dyn FnMut(usize)) -> usize {
    let mut last = [0u32, 0, 0, u32::from(b' ')];
    let (mut given, mut hash) = (0, 0x811c_9dc5_u32);
    for letter in word.chars().map(Some).chain([None]) {
        let letter =
            letter.map_or(u32::from(b' '), |letter| letter.to_lowercase().next().unwrap_or(letter) as u32);
        let [_, second, third, fourth] = last;
        last = [second, third, fourth, letter];
        let two = mix(mix(2, letter), fourth);
        let three = mix(two, third);
        let four = mix(three, second);
        hash = mix(hash, letter);
        for (row, full) in [(two, fourth != 0), (three, third != 0), (four, second != 0)] {
            if full && given < most {
                each(row_of(row));
                given += 1;
            }
        }
    }
    if given < most {
        each(row_of(hash));
        given += 1;
    }
    given
}

fn mix(hash: u32, value: u32) -> u32 {
    let mixed = (hash ^ value).wrapping_mul(0x0100_0193);
    mixed ^ (mixed >> 15)
}

fn row_of(hash: u32) -> usize {
    (hash.wrapping_mul(0x9e37_79b1) >> 19) as usize % ROWS
}

/// A text of a known language, or of none that the model tells.
pub type LanguageExample = (String, Option<Language>);

/// Trains a model by stochastic gradient (AdaGrad) on the softmax; the same examples in the same order give the same model.
/// A language outside of those in Latin script counts as none.
#[must_use]
pub fn train_language(examples: &[LanguageExample]) -> LanguageModel {
    let mut weights = vec![0.0_f64; ROWS * COLUMNS];
    let mut squares = vec![1e-4_f64; ROWS * COLUMNS];
    for round in 0..3 {
        for (text, language) in examples {
            let wanted = language
                .and_then(|language| LATIN.iter().position(|known| *known == language))
                .unwrap_or(COLUMNS - 1);
            let mut rows = Vec::new();
            grams(text, &mut |row| rows.push(row));
            step(&rows, wanted, &mut weights, &mut squares, 0.12 / f64::from(round + 1));
        }
    }
    let most = weights.iter().fold(1e-9_f64, |most, weight| most.max(weight.abs())).min(3.0);
    let scale = most / 127.0;
    #[expect(clippy::cast_possible_truncation, reason = "clamped to a byte")]
    let quantised =
        weights.iter().map(|weight| (weight / scale).round().clamp(-127.0, 127.0) as i8).collect();
    #[expect(clippy::cast_possible_truncation, reason = "a scale needs no more than a float's digits")]
    LanguageModel { weights: quantised, scale: scale as f32 }
}

fn step(rows: &[usize], wanted: usize, weights: &mut [f64], squares: &mut [f64], rate: f64) {
    let factor = f64::from(u16::try_from(rows.len().max(1)).unwrap_or(u16::MAX)).sqrt().recip();
    let mut scores = [0.0_f64; COLUMNS];
    for row in rows {
        for (score, weight) in scores.iter_mut().zip(weights.get(row * COLUMNS..).unwrap_or_default()) {
            *score += weight * factor;
        }
    }
    let chances = softmax(&scores);
    for row in rows {
        let cells = weights.iter_mut().zip(squares.iter_mut()).skip(row * COLUMNS).take(COLUMNS);
        for (column, ((weight, square), chance)) in cells.zip(&chances).enumerate() {
            let slope = (f64::from(u8::from(column == wanted)) - chance) * factor - 1e-5 * *weight;
            *square += slope * slope;
            *weight += rate * slope / square.sqrt();
        }
    }
}

/// Chances from scores.
pub(super) fn softmax(scores: &[f64; COLUMNS]) -> [f64; COLUMNS] {
    let most = scores.iter().fold(f64::MIN, |most, score| most.max(*score));
    let powers = scores.map(|score| crate::exponent::exp(score - most));
    let total: f64 = powers.iter().sum();
    powers.map(|power| power / total)
}
