//! How people write: capitals at the start of sentences or none at all, slips of the finger, exclamation marks.

use super::people::Habits;
use super::random::Random;

/// Applies a person's habits to a text whose frames were put together.
pub(super) fn apply(text: &str, habits: Habits, random: &mut Random) -> String {
    let mut written = capitals(&ordinals(text));
    if habits.short_forms {
        written = short(&written);
    }
    if habits.bare {
        written = written.replace('\'', "");
    }
    if habits.lower {
        written = written.to_lowercase();
    } else if habits.loud && random.chance(0.5) {
        written = shout(&written, random);
    }
    if habits.loud && written.ends_with('.') {
        written.pop();
        written.push_str(random.word(&["!", "!!", "!!!"]));
    } else if written.ends_with('.') && random.chance(0.3) && !written.contains('\n') {
        written.pop();
    }
    slips(&written, habits.slips, random)
}

/// Begins each sentence with a capital.
fn capitals(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut begins = true;
    let mut ended = false;
    for letter in text.chars() {
        if begins && letter.is_alphanumeric() {
            out.extend(letter.to_uppercase());
            begins = false;
        } else {
            out.push(letter);
        }
        begins |= letter == '\n' || (ended && letter == ' ');
        ended = matches!(letter, '.' | '!' | '?');
    }
    out
}

/// Gives the days of a month their own ending: 2th becomes 2nd.
fn ordinals(text: &str) -> String {
    const ENDINGS: [(&str, &str); 6] = [
        ("1th", "1st"),
        ("2th", "2nd"),
        ("3th", "3rd"),
        ("11st", "11th"),
        ("12nd", "12th"),
        ("13rd", "13th"),
    ];
    if !text.contains("th") {
        return text.to_owned();
    }
    ENDINGS.iter().fold(text.to_owned(), |text, (wrong, right)| text.replace(wrong, right))
}

fn short(text: &str) -> String {
    const FORMS: [(&str, &str); 6] = [
        (" you ", " u "),
        (" your ", " ur "),
        (" please", " pls"),
        (" because ", " cos "),
        (" and ", " & "),
        (" are ", " r "),
    ];
    FORMS.iter().fold(text.to_owned(), |text, (long, short)| text.replace(long, short))
}

/// Writes one longer word in capitals.
fn shout(text: &str, random: &mut Random) -> String {
    let words: Vec<&str> = text.split(' ').collect();
    let chosen = random.below(words.len());
    let written: Vec<String> = words
        .iter()
        .enumerate()
        .map(|(place, word)| {
            let fits = place == chosen && word.len() > 3 && word.chars().all(char::is_alphabetic);
            if fits { word.to_uppercase() } else { (*word).to_owned() }
        })
        .collect();
    written.join(" ")
}

/// Swaps or drops a letter here and there; never in addresses or numbers.
fn slips(text: &str, share: f64, random: &mut Random) -> String {
    let mut out = String::with_capacity(text.len());
    for (place, word) in text.split(' ').enumerate() {
        if place > 0 {
            out.push(' ');
        }
        let plain = word.len() > 4 && word.bytes().all(|b| b.is_ascii_lowercase());
        if plain && random.chance(share) {
            slip(word, random, &mut out);
        } else {
            out.push_str(word);
        }
    }
    out
}

fn slip(word: &str, random: &mut Random, out: &mut String) {
    let at = 1 + random.below(word.len() - 2);
    let drops = random.chance(0.4);
    let mut letters = word.chars().enumerate().peekable();
    while let Some((place, letter)) = letters.next() {
        if place != at {
            out.push(letter);
        } else if !drops && let Some((_, next)) = letters.next() {
            out.push(next);
            out.push(letter);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: Habits = Habits { lower: false, slips: 0.0, loud: false, bare: false, short_forms: false };

    #[test]
    fn sentences_begin_with_capitals() {
        assert_eq!(
            capitals("it is late. no answer\n\nregards? yes"),
            "It is late. No answer\n\nRegards? Yes"
        );
    }

    #[test]
    fn days_of_the_month_end_as_they_should() {
        assert_eq!(ordinals("1th 2th 3th 4th 11th 12th 13th 21th"), "1st 2nd 3rd 4th 11th 12th 13th 21st");
    }

    #[test]
    fn habits_change_the_writing_but_not_addresses() {
        let mut random = Random::new(5);
        let lower = Habits { lower: true, bare: true, ..PLAIN };
        assert!(
            apply("I don't know. Nobody does, really", lower, &mut random).starts_with("i dont know. nobody")
        );
        let clumsy = Habits { slips: 1.0, ..PLAIN };
        let text = apply("parcel ada.farrow1@example.com never", clumsy, &mut random);
        assert!(text.contains("ada.farrow1@example.com") && !text.ends_with("never"), "{text}");
    }
}
