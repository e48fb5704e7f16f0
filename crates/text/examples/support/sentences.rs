//! Our own sentences with names, places, firms and things put in at random: examples with and without names.

use groundswell_text::NameExample;

use super::{Chance, Lists};

const SENTENCES: &str = include_str!("sentences.txt");
/// Each sentence is filled so many times.
const COPIES: usize = 14;

const THINGS: [&str; 44] = [
    "Windows",
    "Outlook",
    "Gmail",
    "Excel",
    "Chrome",
    "Firefox",
    "Safari",
    "Android",
    "iPhone",
    "Galaxy",
    "Kindle",
    "Alexa",
    "Siri",
    "Cortana",
    "PayPal",
    "Visa",
    "Netflix",
    "Spotify",
    "Zoom",
    "Slack",
    "Teams",
    "Word",
    "Photoshop",
    "Premium",
    "Basic",
    "Ultra",
    "Nova",
    "Lumen",
    "Velora",
    "Zentrix",
    "Quantis",
    "Brightline",
    "Acorn",
    "Fusion",
    "Aurora",
    "Maxi",
    "Turbo",
    "Vista",
    "Messenger",
    "Facebook",
    "Instagram",
    "Twitter",
    "YouTube",
    "Google",
];
const FIRMS: [&str; 28] = [
    "Amazon",
    "Apple",
    "Tesco",
    "Lidl",
    "Aldi",
    "Ikea",
    "Samsung",
    "Sony",
    "Bosch",
    "Siemens",
    "Microsoft",
    "Vodafone",
    "Orange",
    "Lufthansa",
    "Ryanair",
    "Hermes",
    "Ford",
    "Toyota",
    "Philips",
    "Dell",
    "Lenovo",
    "Chase",
    "Citibank",
    "Barclays",
    "Wells Fargo",
    "Bank of America",
    "Best Buy",
    "Home Depot",
];
const ENDINGS: [&str; 11] =
    ["Inc", "Ltd", "LLC", "GmbH", "Corp", "Group", "Bank", "Solutions", "Insurance", "& Sons", "and Sons"];

/// The parts of names in Latin letters.
struct Names<'a> {
    given: Vec<&'a str>,
    common_given: Vec<&'a str>,
    family: Vec<&'a str>,
    common_family: Vec<&'a str>,
    places: Vec<&'a str>,
}

impl<'a> Names<'a> {
    fn of(lists: &'a Lists) -> Self {
        fn latin(list: &[(String, u16)], least: u16) -> Vec<&str> {
            let word = |word: &&(String, u16)| word.1 >= least && word.0.len() > 2 && word.0.is_ascii();
            list.iter().filter(word).map(|(word, _)| word.as_str()).collect()
        }
        Self {
            given: latin(&lists.given, 1),
            common_given: latin(&lists.given, 2),
            family: latin(&lists.family, 1),
            common_family: latin(&lists.family, 2),
            places: latin(&lists.places, 2),
        }
    }

    fn given(&self, chance: &mut Chance) -> String {
        let list = if chance.below(3) > 0 { &self.common_given } else { &self.given };
        bent(chance.pick(list).copied().unwrap_or("anna"), chance)
    }

    fn family(&self, chance: &mut Chance) -> String {
        let list = if chance.below(3) > 0 { &self.common_family } else { &self.family };
        bent(chance.pick(list).copied().unwrap_or("lopez"), chance)
    }

    fn name(&self, chance: &mut Chance) -> String {
        let letter = char::from(b'A' + u8::try_from(chance.below(26)).unwrap_or(0));
        match chance.below(20) {
            0..=8 => format!("{} {}", self.given(chance), self.family(chance)),
            9..=14 => self.given(chance),
            15 => self.family(chance),
            16 => format!("{} {letter}. {}", self.given(chance), self.family(chance)),
            17 => format!("{} {letter} {}", self.given(chance), self.family(chance)),
            18 => format!("{letter}. {}", self.family(chance)),
            _ => format!("{} {}-{}", self.given(chance), self.family(chance), self.family(chance)),
        }
    }

    fn firm(&self, chance: &mut Chance) -> String {
        match chance.below(5) {
            0 => format!("{}, {} and {}", self.family(chance), self.family(chance), self.family(chance)),
            1 => format!("{} {}", self.family(chance), chance.pick(&ENDINGS).copied().unwrap_or("Inc")),
            2 => format!(
                "{}-{}{}",
                self.family(chance),
                self.family(chance),
                if chance.below(2) == 0 { " Inc" } else { "" }
            ),
            _ => chance.pick(&FIRMS).copied().unwrap_or("Amazon").to_owned(),
        }
    }
}

/// A listed name with a capital; one in four has a letter changed, so that the table does not know it.
fn bent(word: &str, chance: &mut Chance) -> String {
    let mut letters: Vec<char> = word.chars().collect();
    if chance.below(4) == 0 && letters.len() > 3 {
        let place = 1 + chance.below(letters.len() - 2);
        if let Some(letter) = letters.get_mut(place) {
            *letter = chance
                .pick(if "aeiou".contains(*letter) {
                    &['a', 'e', 'i', 'o', 'u']
                } else {
                    &['l', 'm', 'n', 'r', 't']
                })
                .copied()
                .unwrap_or(*letter);
        }
    }
    let first = letters.first().map(|letter| letter.to_uppercase().to_string()).unwrap_or_default();
    first + &letters.iter().skip(1).collect::<String>()
}

/// Fills all sentences. One copy in five is in lower case, one in fifteen in capitals.
pub fn filled(lists: &Lists, seed: u64) -> Vec<NameExample> {
    let (names, mut chance) = (Names::of(lists), Chance(seed));
    let mut out = Vec::new();
    for copy in 0..COPIES {
        for line in SENTENCES.lines() {
            let mut example = filled_once(line, &names, &mut chance);
            match copy % 15 {
                1 | 5 | 9 => example.text = example.text.to_lowercase(),
                3 => example.text = example.text.to_uppercase(),
                _ => {}
            }
            out.push(example);
        }
    }
    out
}

fn filled_once(line: &str, names: &Names<'_>, chance: &mut Chance) -> NameExample {
    let mut example = NameExample::default();
    let line = line.replace("\\n", "\n");
    let mut rest = line.as_str();
    while let Some((before, (slot, after))) =
        rest.split_once('{').and_then(|(before, tail)| Some((before, tail.split_once('}')?)))
    {
        example.text.push_str(before);
        rest = after;
        let start = example.text.len();
        let (value, named) = match slot {
            "given" => (names.given(chance), true),
            "family" => (names.family(chance), true),
            "name" => (names.name(chance), true),
            "place" => (bent(chance.pick(&names.places).copied().unwrap_or("paris"), chance), false),
            "org" => (names.firm(chance), false),
            _ => (chance.pick(&THINGS).copied().unwrap_or("Nova").to_owned(), false),
        };
        example.text.push_str(&value);
        if named {
            example.names.push(start..example.text.len());
        }
    }
    example.text.push_str(rest);
    example
}
