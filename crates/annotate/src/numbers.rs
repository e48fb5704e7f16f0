//! Quantities in a piece of folded text: times, money, counts and times of day.

/// What a number measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dimension {
    /// Hours.
    Time,
    /// Money, with its currency where it is said.
    Money(Option<&'static str>),
    /// Hours after midnight.
    Clock,
    /// A number without a unit.
    Bare,
}

/// A number with its dimension.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Quantity {
    pub(crate) value: f64,
    pub(crate) dimension: Dimension,
}

/// The most tokens of a piece that are read.
const MOST_TOKENS: usize = 64;

/// Reads the quantities of a folded piece, in order.
pub(crate) fn quantities(piece: &str) -> Vec<Quantity> {
    let tokens: Vec<&str> =
        piece.split([' ', '\n', '\t']).filter(|token| !token.is_empty()).take(MOST_TOKENS).collect();
    let mut out = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let rest = tokens.get(at..).unwrap_or_default();
        match quantity(rest) {
            Some((quantity, used)) => {
                out.push(quantity);
                at += used;
            }
            None => at += 1,
        }
    }
    out
}

fn quantity(tokens: &[&str]) -> Option<(Quantity, usize)> {
    let (&first, rest) = tokens.split_first()?;
    let word = first.trim_matches(|sign: char| {
        matches!(sign, ',' | '.' | '!' | '?' | ';' | ':' | '(' | ')' | '"' | '{' | '}')
    });
    if let Some(hours) = day_word(word) {
        return Some((Quantity { value: hours, dimension: Dimension::Time }, 1));
    }
    if word == "half" && rest.first() == Some(&"past") {
        let hour = number(bare(rest.get(1)?))?;
        return Some((Quantity { value: afternoon(hour + 0.5), dimension: Dimension::Clock }, 3));
    }
    if word == "half" && matches!(rest.first(), Some(&("an" | "a"))) {
        let unit = unit(bare(rest.get(1)?))?;
        return Some((Quantity { value: unit / 2.0, dimension: Dimension::Time }, 3));
    }
    if let Some(found) = glued(word) {
        return Some((found, 1));
    }
    let value = number(word)?;
    if first.ends_with([',', '.', ';']) && first.len() > word.len() {
        return Some((Quantity { value, dimension: Dimension::Bare }, 1)).filter(|_| !article(word));
    }
    for ahead in 0..2 {
        let Some(&next) = rest.get(ahead) else { break };
        if matches!(next, "a" | "an" | "per" | "and" | "to" | "in" | "for" | "of" | "after" | "within") {
            break;
        }
        if let Some(dimension) = unit_of(bare(next)) {
            let (value, dimension) = match dimension {
                (Dimension::Time, hours) => (value * hours, Dimension::Time),
                (Dimension::Clock, shift) => (value + shift, Dimension::Clock),
                (dimension, _) => (value, dimension),
            };
            return Some((Quantity { value, dimension }, ahead + 2));
        }
    }
    (!article(word)).then_some((Quantity { value, dimension: Dimension::Bare }, 1))
}

fn bare(token: &str) -> &str {
    token.trim_matches(|sign: char| !sign.is_alphanumeric() && !matches!(sign, '€' | '$' | '£'))
}

fn article(word: &str) -> bool {
    matches!(word, "a" | "an" | "one")
}

/// Hours before six count as afternoon: shops and engineers keep no others.
fn afternoon(hour: f64) -> f64 {
    if hour < 6.5 { hour + 12.0 } else { hour }
}

/// Reads a number of digits or a number word.
fn number(word: &str) -> Option<f64> {
    if word.bytes().next().is_some_and(|byte| byte.is_ascii_digit()) {
        return digits(word);
    }
    Some(match word {
        "a" | "an" | "one" | "single" | "ein" | "eine" | "einen" | "un" | "une" | "una" | "een" => 1.0,
        "two" | "couple" | "zwei" | "deux" | "dos" | "twee" => 2.0,
        "three" | "drei" | "trois" | "tres" | "drie" => 3.0,
        "four" | "vier" | "quatre" | "cuatro" => 4.0,
        "five" | "fünf" | "cinq" | "cinco" | "vijf" => 5.0,
        "six" | "sechs" | "seis" | "zes" => 6.0,
        "seven" | "sieben" | "sept" | "siete" => 7.0,
        "eight" | "acht" | "huit" | "ocho" => 8.0,
        "nine" | "neun" | "neuf" | "nueve" => 9.0,
        "ten" | "zehn" | "dix" | "diez" | "tien" => 10.0,
        "eleven" => 11.0,
        "twelve" | "dozen" | "zwölf" => 12.0,
        "fifteen" => 15.0,
        "nineteen" => 19.0,
        "twenty" => 20.0,
        "thirty" => 30.0,
        "forty" => 40.0,
        "fifty" => 50.0,
        "sixty" => 60.0,
        "ninety" => 90.0,
        "hundred" => 100.0,
        _ => return None,
    })
}

/// Reads digits with a comma or point as thousands or decimal mark.
fn digits(word: &str) -> Option<f64> {
    if word.len() > 16 || !word.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b',')) {
        return None;
    }
    let decimal = word.rfind(['.', ',']).filter(|at| {
        let tail = word.len() - at - 1;
        tail != 3
            || word.bytes().filter(|byte| matches!(byte, b'.' | b',')).count() > 1 && !word.ends_with("000")
    });
    let cleaned: String = word
        .char_indices()
        .filter_map(|(at, sign)| match sign {
            '.' | ',' if Some(at) == decimal => Some('.'),
            '.' | ',' => None,
            digit => Some(digit),
        })
        .collect();
    cleaned.parse().ok()
}

/// Reads a number that is one token with its sign or unit: `$49`, `61€`, `24h`, `4pm`, `16:30`.
fn glued(word: &str) -> Option<Quantity> {
    if !word.bytes().any(|byte| byte.is_ascii_digit()) {
        return None;
    }
    for (sign, code) in [('$', "USD"), ('€', "EUR"), ('£', "GBP")] {
        if let Some(amount) = word.strip_prefix(sign).or_else(|| word.strip_suffix(sign)) {
            return Some(Quantity { value: digits(amount)?, dimension: Dimension::Money(Some(code)) });
        }
    }
    if let Some((hour, minute)) = word.split_once(':') {
        let (hour, minute) = (digits(hour)?, digits(minute)?);
        return (hour < 24.0 && minute < 60.0)
            .then_some(Quantity { value: hour + minute / 60.0, dimension: Dimension::Clock });
    }
    let split = word.find(|sign: char| !sign.is_ascii_digit() && !matches!(sign, '.' | ','))?;
    let (amount, unit) = (digits(word.get(..split)?)?, word.get(split..)?.trim_start_matches('-'));
    let (dimension, factor) = unit_of(unit)?;
    let value = match dimension {
        Dimension::Time => amount * factor,
        Dimension::Clock => amount + factor,
        _ => amount,
    };
    Some(Quantity { value, dimension })
}

fn unit_of(word: &str) -> Option<(Dimension, f64)> {
    if let Some(hours) = unit(word) {
        return Some((Dimension::Time, hours));
    }
    let currency = match word {
        "$" | "usd" | "dollar" | "dollars" | "bucks" => "USD",
        "€" | "eur" | "euro" | "euros" => "EUR",
        "£" | "gbp" | "pound" | "pounds" | "quid" => "GBP",
        "chf" | "francs" | "franken" => "CHF",
        "am" | "a.m" => return Some((Dimension::Clock, 0.0)),
        "pm" | "p.m" | "o'clock" => {
            return Some((Dimension::Clock, if word == "o'clock" { 0.0 } else { 12.0 }));
        }
        _ => return None,
    };
    Some((Dimension::Money(Some(currency)), 1.0))
}

/// Gives the hours of a unit of time; a month has thirty days.
fn unit(word: &str) -> Option<f64> {
    Some(match word {
        "minute" | "minutes" | "min" | "mins" | "minuten" | "minutos" | "minuti" => 1.0 / 60.0,
        "hour" | "hours" | "hr" | "hrs" | "h" | "stunde" | "stunden" | "heure" | "heures" | "hora"
        | "horas" | "ore" | "uur" => 1.0,
        "day" | "days" | "tag" | "tage" | "tagen" | "jour" | "jours" | "día" | "días" | "giorni"
        | "dagen" | "dias" => 24.0,
        "week" | "weeks" | "wk" | "wks" | "woche" | "wochen" | "semaine" | "semaines" | "semana"
        | "semanas" | "weken" => 168.0,
        "month" | "months" | "monat" | "monate" | "monaten" | "mois" | "mes" | "meses" | "mesi"
        | "maanden" => 720.0,
        "year" | "years" | "yr" | "yrs" | "jahr" | "jahre" | "jahren" | "ans" | "años" | "anni" | "jaar" => {
            8760.0
        }
        _ => return None,
    })
}

fn day_word(word: &str) -> Option<f64> {
    Some(match word {
        "same-day" => 12.0,
        "next-day" | "overnight" | "one-day" => 24.0,
        "two-day" | "48-hour" => 48.0,
        "three-day" => 72.0,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(piece: &str) -> (f64, Dimension) {
        let found = quantities(piece);
        assert_eq!(found.len(), 1, "{piece}: {found:?}");
        (found[0].value, found[0].dimension)
    }

    #[test]
    fn times_money_and_counts_are_read() {
        assert_eq!(one("five working days"), (120.0, Dimension::Time));
        assert_eq!(one("it has been a month"), (720.0, Dimension::Time));
        assert_eq!(one("half past four"), (16.5, Dimension::Clock));
        assert_eq!(one("half an hour"), (0.5, Dimension::Time));
        assert_eq!(one("next-day delivery"), (24.0, Dimension::Time));
        assert_eq!(one("$1,299.50 in all"), (1299.5, Dimension::Money(Some("USD"))));
        assert_eq!(one("61 euros"), (61.0, Dimension::Money(Some("EUR"))));
        assert_eq!(one("24h"), (24.0, Dimension::Time));
        assert_eq!(one("six glasses"), (6.0, Dimension::Bare));
        assert!(quantities("a box and an apple").is_empty());
    }

    #[test]
    fn decimal_and_thousands_marks_are_told_apart() {
        assert_eq!(digits("1.299,50"), Some(1299.5));
        assert_eq!(digits("1,299"), Some(1299.0));
        assert_eq!(digits("3.5"), Some(3.5));
        assert_eq!(digits("1.2.3x"), None);
    }
}
