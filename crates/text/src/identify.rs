//! The language of a text, or "unknown": scripts first, then frequent words, then groups of letters where those are thin.

mod grams;

use whichlang::Lang;

use grams::COLUMNS;
pub use grams::{LanguageExample, LanguageModel, train_language};

use crate::language::Language;
use crate::lexicon::{LATIN, START, languages_of, languages_of_letter, step};

/// No more of a text is looked at, in bytes.
const LOOKED_AT: usize = 400;
/// No more of a text is shown to whichlang, in bytes: it costs 30 ns a byte.
const SHOWN: usize = 96;
/// What one word of a single language weighs; a word of two languages weighs half of it for each.
const WHOLE: u32 = 12;
/// What frequent words weigh beside groups of letters: so much is worth one logarithm of odds, and no more counts.
const WORTH: f64 = 10.0;
const MOST_WEIGHT: u32 = 60;
/// From this chance on the answer is given; from the lower one if whichlang says the same.
const SURE: f64 = 0.75;
const LIKELY: f64 = 0.5;
/// Fewer letters or words are no evidence.
const FEWEST_LETTERS: u32 = 10;
const FEWEST_WORDS: u32 = 3;

/// Returns the language of a text, or nothing where it is too short, mixed, or no language at all. Looks at the first
/// 400 bytes.
#[must_use]
pub fn identify(text: &str) -> Option<Language> {
    within(text, LanguageModel::shipped())
}

/// Returns the same by another model.
#[must_use]
pub fn identify_with(text: &str, model: &LanguageModel) -> Option<Language> {
    within(text, Some(model))
}

fn within(text: &str, model: Option<&LanguageModel>) -> Option<Language> {
    let head = head_of(text, LOOKED_AT);
    let scripts = Scripts::of(head);
    let letters = scripts.latin + scripts.other();
    if letters == 0 || letters < scripts.signs {
        return None;
    }
    if scripts.latin * 10 >= letters * 8 {
        return latin(head, model);
    }
    scripts.dominant(letters).and_then(|script| non_latin(head, script, &scripts))
}

fn head_of(text: &str, bytes: usize) -> &str {
    let mut end = bytes.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or("")
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Script {
    Cyrillic,
    Arabic,
    Greek,
    Hebrew,
    Devanagari,
    Tamil,
    Thai,
    Hangul,
    Han,
}

const SCRIPTS: [Script; 9] = [
    Script::Cyrillic,
    Script::Arabic,
    Script::Greek,
    Script::Hebrew,
    Script::Devanagari,
    Script::Tamil,
    Script::Thai,
    Script::Hangul,
    Script::Han,
];

/// How many letters of each script; `signs` are neither letters nor spaces.
#[derive(Default)]
struct Scripts {
    latin: u32,
    kana: u32,
    unknown: u32,
    signs: u32,
    by_script: [u32; 9],
}

impl Scripts {
    fn of(text: &str) -> Self {
        let mut found = Self::default();
        if text.is_ascii() {
            for byte in text.bytes() {
                found.latin += u32::from(byte.is_ascii_alphabetic());
                found.signs += u32::from(byte.is_ascii_graphic() && !byte.is_ascii_alphabetic());
            }
            return found;
        }
        for character in text.chars() {
            found.count(character);
        }
        found
    }

    fn count(&mut self, character: char) {
        let script = match character {
            'a'..='z' | 'A'..='Z' | '\u{c0}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}' => {
                self.latin += 1;
                return;
            }
            '\u{3040}'..='\u{30ff}' => {
                self.kana += 1;
                Script::Han
            }
            '\u{370}'..='\u{3ff}' | '\u{1f00}'..='\u{1fff}' => Script::Greek,
            '\u{400}'..='\u{52f}' => Script::Cyrillic,
            '\u{590}'..='\u{5ff}' => Script::Hebrew,
            '\u{600}'..='\u{6ff}' | '\u{750}'..='\u{77f}' | '\u{fb50}'..='\u{fdff}' => Script::Arabic,
            '\u{900}'..='\u{97f}' => Script::Devanagari,
            '\u{b80}'..='\u{bff}' => Script::Tamil,
            '\u{e00}'..='\u{e7f}' => Script::Thai,
            '\u{1100}'..='\u{11ff}' | '\u{ac00}'..='\u{d7af}' => Script::Hangul,
            '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' => Script::Han,
            _ if character.is_whitespace() || is_typographic(character) => return,
            _ if character.is_alphabetic() => {
                self.unknown += 1;
                return;
            }
            _ => {
                self.signs += 1;
                return;
            }
        };
        if let Some(count) = self.by_script.get_mut(script as usize) {
            *count += 1;
        }
    }

    fn other(&self) -> u32 {
        self.unknown + self.by_script.iter().sum::<u32>()
    }

    fn dominant(&self, letters: u32) -> Option<Script> {
        SCRIPTS
            .into_iter()
            .zip(self.by_script)
            .find(|(_, count)| count * 10 >= letters * 7)
            .map(|(script, _)| script)
    }
}

/// Emoji, quotes and full-width signs say nothing against a language.
fn is_typographic(character: char) -> bool {
    matches!(character, '\u{2000}'..='\u{27bf}' | '\u{3000}'..='\u{303f}' | '\u{fe00}'..='\u{fe0f}' | '\u{ff00}'..='\u{ff0f}' | '\u{1f000}'..='\u{1faff}')
}

fn non_latin(text: &str, script: Script, scripts: &Scripts) -> Option<Language> {
    let count = scripts.by_script.get(script as usize).copied().unwrap_or(0);
    let fewest =
        if matches!(script, Script::Han | Script::Hangul | Script::Thai) { 4 } else { FEWEST_LETTERS };
    if count < fewest {
        return None;
    }
    match script {
        Script::Greek => Some(Language::EL),
        Script::Hebrew => Some(Language::HE),
        Script::Tamil => Some(Language::TA),
        Script::Thai => Some(Language::TH),
        Script::Hangul => Some(Language::KO),
        Script::Devanagari => Some(Language::HI),
        Script::Han if scripts.kana * 10 >= count => Some(Language::JA),
        Script::Han => (scripts.kana == 0).then_some(Language::ZH),
        Script::Cyrillic => cyrillic(text),
        Script::Arabic => Some(arabic(text)),
    }
}

/// Tells Russian and Ukrainian by letters that the other does not have; others stay unknown.
fn cyrillic(text: &str) -> Option<Language> {
    let (mut russian, mut ukrainian, mut foreign) = (0u32, 0u32, 0u32);
    for letter in text.chars() {
        match letter {
            'ы' | 'э' | 'ё' | 'Ы' | 'Э' | 'Ё' => russian += 1,
            'і' | 'ї' | 'є' | 'ґ' | 'І' | 'Ї' | 'Є' | 'Ґ' => ukrainian += 1,
            'ў' | 'ђ' | 'ћ' | 'џ' | 'љ' | 'њ' | 'ј' | 'ѓ' | 'ќ' | 'ә' | 'қ' | 'ң' | 'ө' | 'ү' | 'һ' => {
                foreign += 1
            }
            'ъ' | 'Ъ' => foreign += 1,
            _ => {}
        }
    }
    const RUSSIAN: [&str; 12] =
        ["и", "не", "что", "это", "как", "очень", "но", "я", "после", "мне", "только", "уже"];
    let words = || text.split(|letter: char| !letter.is_alphabetic()).filter(|word| !word.is_empty());
    if ukrainian > russian && ukrainian > foreign {
        return Some(Language::UK);
    }
    let familiar = words().take(64).any(|word| RUSSIAN.contains(&word));
    (ukrainian == 0 && foreign <= russian && (russian > 0 || (familiar && words().count() >= 3)))
        .then_some(Language::RU)
}

fn arabic(text: &str) -> Language {
    if text.chars().any(|letter| matches!(letter, 'ٹ' | 'ڈ' | 'ڑ' | 'ے')) {
        Language::UR
    } else if text.chars().any(|letter| matches!(letter, 'پ' | 'چ' | 'ژ' | 'گ' | 'ک' | 'ی')) {
        Language::FA
    } else {
        Language::AR
    }
}

/// What the words of a text, or of a half of it, say for each language.
#[derive(Default)]
struct Evidence {
    words: u32,
    letters: u32,
    weights: [u32; 18],
}

impl Evidence {
    fn add(&mut self, mask: u32, weight: u32) {
        if mask == 0 {
            return;
        }
        let share = weight / mask.count_ones();
        let mut rest = mask;
        while rest != 0 {
            if let Some(total) = self.weights.get_mut(rest.trailing_zeros() as usize) {
                *total += share;
            }
            rest &= rest - 1;
        }
    }

    /// The two heaviest languages with their weights.
    fn best(&self) -> ((usize, u32), (usize, u32)) {
        let (mut first, mut second) = ((0, 0), (0, 0));
        for (bit, &weight) in self.weights.iter().enumerate() {
            if weight > first.1 {
                second = first;
                first = (bit, weight);
            } else if weight > second.1 {
                second = (bit, weight);
            }
        }
        (first, second)
    }
}

fn latin(text: &str, model: Option<&LanguageModel>) -> Option<Language> {
    let middle = head_of(text, text.len() / 2).len();
    let mut halves = [Evidence::default(), Evidence::default()];
    gather(text, middle, &mut halves);
    let [head, tail] = &halves;
    let mut whole = Evidence {
        words: head.words + tail.words,
        letters: head.letters + tail.letters,
        ..Evidence::default()
    };
    for (total, (one, other)) in whole.weights.iter_mut().zip(head.weights.iter().zip(&tail.weights)) {
        *total = one + other;
    }
    if whole.words < FEWEST_WORDS || whole.letters < FEWEST_LETTERS {
        return None;
    }
    if disagree(head, tail) {
        return None;
    }
    let ((best, weight), (_, second)) = whole.best();
    let enough = (WHOLE * 3 / 2).max(whole.words * WHOLE / 7);
    if weight >= enough && weight * 2 >= second * 3 {
        return LATIN.get(best).copied();
    }
    thin(text, &whole, model?)
}

/// Says whether the halves speak clearly for different languages.
fn disagree(head: &Evidence, tail: &Evidence) -> bool {
    let ((one, first), _) = head.best();
    let ((other, second), _) = tail.best();
    let clear = |evidence: &Evidence, best: usize, rival: usize, weight: u32| {
        best != rival
            && weight >= 2 * WHOLE
            && evidence.weights.get(rival).is_some_and(|rival| weight >= rival * 2 + WHOLE)
    };
    clear(head, one, other, first) && clear(tail, other, one, second)
}

/// Few frequent words: groups of letters decide together with those there are; where they are unsure, whichlang must agree.
fn thin(text: &str, whole: &Evidence, model: &LanguageModel) -> Option<Language> {
    let shown = head_of(text, SHOWN);
    let mut scores = model.scores(shown).map(f64::from);
    for (score, weight) in scores.iter_mut().zip(&whole.weights) {
        *score += f64::from((*weight).min(MOST_WEIGHT)) / WORTH;
    }
    let chances = grams::softmax(&scores);
    let (best, chance) = chances.iter().enumerate().max_by(|one, other| one.1.total_cmp(other.1))?;
    let language = LATIN.get(best).copied()?;
    let backed = whole.weights.get(best).is_some_and(|weight| *weight > 0);
    if best == COLUMNS - 1 || (!backed && !pronounceable(text)) {
        return None;
    }
    let agreed = || language_of(whichlang::detect_language(shown)) == Some(language);
    (*chance >= SURE || (*chance >= LIKELY && agreed())).then_some(language)
}

/// Real words have vowels, but not only vowels, and are neither one letter nor thirty.
fn pronounceable(text: &str) -> bool {
    let (mut vowels, mut letters, mut run, mut longest) = (0u32, 0u32, 0u32, 0u32);
    for letter in text.chars() {
        if !letter.is_alphabetic() {
            run = 0;
            continue;
        }
        letters += 1;
        let vowel =
            !letter.is_ascii() || matches!(letter.to_ascii_lowercase(), 'a' | 'e' | 'i' | 'o' | 'u' | 'y');
        vowels += u32::from(vowel);
        run = if vowel { 0 } else { run + 1 };
        longest = longest.max(run);
    }
    vowels * 100 >= letters * 28 && vowels * 100 <= letters * 62 && longest <= 5
}

/// Looks each word up; words with digits in them and web addresses say nothing.
fn gather(text: &str, middle: usize, halves: &mut [Evidence; 2]) {
    let [head, tail] = halves;
    let (mut hash, mut letters, mut marks, mut spoilt) = (START, 0u32, 0u32, false);
    let mut rest = text.char_indices().chain(std::iter::once((text.len(), ' '))).peekable();
    while let Some((at, character)) = rest.next() {
        let lower = if character.is_ascii() { character.to_ascii_lowercase() } else { lower_of(character) };
        let inner = lower == '\'' && letters > 0 && rest.peek().is_some_and(|(_, next)| next.is_alphabetic());
        if inner || lower.is_ascii_lowercase() || (!lower.is_ascii() && lower.is_alphabetic()) {
            hash = step(hash, lower);
            letters += 1;
            if !lower.is_ascii() {
                marks |= languages_of_letter(lower);
            }
            continue;
        }
        let evidence = if at <= middle { &mut *head } else { &mut *tail };
        if letters > 0 && !spoilt && !lower.is_ascii_digit() {
            evidence.words += 1;
            evidence.letters += letters;
            evidence.add(languages_of(hash), WHOLE);
            evidence.add(marks, WHOLE / 2);
        }
        if !lower.is_ascii() {
            evidence.add(languages_of_letter(lower), WHOLE / 2);
        }
        spoilt = lower.is_ascii_digit() || matches!(lower, '_' | '@' | '/' | '=' | '\\');
        (hash, letters, marks) = (START, 0, 0);
    }
}

fn lower_of(character: char) -> char {
    match character {
        '\u{2019}' => '\'',
        _ => character.to_lowercase().next().unwrap_or(character),
    }
}

fn language_of(lang: Lang) -> Option<Language> {
    Some(match lang {
        Lang::Deu => Language::DE,
        Lang::Eng => Language::EN,
        Lang::Fra => Language::FR,
        Lang::Ita => Language::IT,
        Lang::Nld => Language::NL,
        Lang::Por => Language::PT,
        Lang::Spa => Language::ES,
        Lang::Swe => Language::SV,
        Lang::Tur => Language::TR,
        Lang::Vie => Language::VI,
        _ => return None,
    })
}

#[cfg(test)]
mod tests;
