//! Feedback made for the bench, the same in every run.

use std::collections::BTreeMap;

use groundswell_model::{
    Annotation, Expectation, Feedback, FeedbackId, Fingerprint, Gap, GapType, Mapped, Mapping, Origin,
    Outcome, RespondentHasher, Sentiment, SentimentLabel, Speaker, Statement, Timestamp, Unmet, UnmetKind,
    Version,
};

/// Feedback of the small corpus.
const DOCUMENTS: u64 = 20_000;
const WORDS: &str = "order delivery late parcel refund the a was not arrived support waited answer app crashed login price \
    charged twice invoice wrong address driver promised yesterday week email phone chat agent polite rude helpful account \
    cancel renewal contract broken screen battery replacement warranty missing item box damaged returned store shop website \
    checkout payment card declined slow fast good bad never always again still because after before their our my your we they";

/// Numbers that are the same in every run.
pub struct Numbers(u64);

impl Numbers {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }

    fn of<'t, T>(&mut self, choices: &'t [T]) -> &'t T {
        choices.get(usize::try_from(self.below(choices.len() as u64)).unwrap()).unwrap()
    }
}

/// What texts are made of.
pub enum Words {
    /// A hundred words, and numbers.
    Few(Vec<&'static str>),
    /// Words from the most to the least frequent, and the sums of their shares.
    Many { words: Vec<String>, sums: Vec<f64> },
}

/// Thirty thousand words; the n-th comes about 1/n times as often as the first, as in texts that people write.
pub fn long_tail() -> Words {
    const SYLLABLES: &str = "ra me to ne si lo ka du vi pe cha gro ste fli bu mon ter ling ast orn ick ave";
    let syllables: Vec<&str> = SYLLABLES.split_whitespace().collect();
    let mut words: Vec<String> = WORDS.split_whitespace().map(str::to_owned).collect();
    let mut known: std::collections::HashSet<String> = words.iter().cloned().collect();
    let mut numbers = Numbers::new(3);
    while words.len() < 30_000 {
        let word: String = (0..2 + numbers.below(3)).map(|_| *numbers.of(&syllables)).collect();
        if known.insert(word.clone()) {
            words.push(word);
        }
    }
    let shares = (1..=words.len()).map(|rank| 1.0 / (rank as f64 + 2.7));
    let sums = shares
        .scan(0.0, |sum, share| {
            *sum += share;
            Some(*sum)
        })
        .collect();
    Words::Many { words, sums }
}

impl Words {
    pub fn list(&self) -> Vec<String> {
        match self {
            Self::Few(words) => words.iter().map(|word| (*word).to_owned()).collect(),
            Self::Many { words, .. } => words.clone(),
        }
    }
}

fn text(numbers: &mut Numbers, words: &Words) -> String {
    let mut text = String::new();
    while text.len() < 335 {
        match words {
            Words::Few(words) => {
                // Frequent words come often, and one in twenty is rare.
                let place = numbers.below(words.len() as u64).min(numbers.below(words.len() as u64));
                match numbers.below(20) {
                    0 => text.push_str(&format!("ref{} ", numbers.below(5_000))),
                    _ => {
                        text.push_str(words[usize::try_from(place).unwrap()]);
                        text.push(if numbers.below(9) == 0 { ',' } else { ' ' });
                    }
                }
            }
            Words::Many { words, sums } => {
                let drawn = numbers.below(1 << 30) as f64 / (1u64 << 30) as f64 * sums.last().unwrap();
                text.push_str(&words[sums.partition_point(|sum| *sum < drawn)]);
                text.push(if numbers.below(9) == 0 { ',' } else { ' ' });
            }
        }
    }
    text
}

/// Nine of ten texts are written once, the tenth is one of two thousand copied ones.
fn signature(number: u64) -> Fingerprint {
    let text = if number.is_multiple_of(10) { number / 10 % 2_000 } else { number };
    Fingerprint((text + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15))
}

fn annotation(number: u64) -> Annotation {
    Annotation {
        sentiment: Sentiment { label: SentimentLabel::Negative, score: -0.6 },
        unmet: Unmet { probability: 0.9, kind: UnmetKind::Explicit },
        expectations: vec![Expectation {
            outcome: Outcome::Unmet,
            expected: None,
            happened: None,
            gap: Some(GapType::Timeliness),
            origin: Origin::Norm,
            size: None,
        }],
        embedding: None,
        near_duplicate: Some(signature(number)),
    }
}

pub fn mapped(
    number: u64,
    numbers: &mut Numbers,
    words: &Words,
    people: u64,
    hasher: &RespondentHasher,
) -> Mapped {
    let record = number.to_string();
    let content = serde_json::json!({
        "source": {"system": numbers.of(&["zendesk", "qualtrics", "trustpilot"]), "record": record,
                   "url": format!("https://support.example.com/tickets/{record}")},
        "kind": numbers.of(&["complaint", "survey", "public"]),
        "channel": numbers.of(&["email", "phone", "chat", "web"]),
        "occurred_at": Timestamp::from_millis(1_750_000_000_000 + i64::try_from(number).unwrap() * 60_000),
        "respondent": {"key": hasher.respondent("email", &numbers.below(people).to_string())},
        "segments": {"plan": numbers.of(&["free", "premium", "team"])},
        "subject": {"product": format!("product {}", numbers.below(200)), "region": numbers.of(&["eu", "us", "apac"])},
    });
    let mut feedback = Feedback {
        id: FeedbackId::of_record("bench", "", &record),
        parts: vec!["main".to_owned()],
        deleted: false,
        content: serde_json::from_value(content).unwrap(),
        received_at: Timestamp::from_millis(1_750_000_000_000),
    };
    feedback.content.statements.push(Statement {
        question: None,
        speaker: Speaker::Customer,
        text: text(numbers, words),
        language: Some("en".to_owned()),
        annotation: Some(annotation(number)),
    });
    let gap = Gap { gap: *numbers.of(GapType::ALL), cause: None, origin: Origin::Norm, promise: None };
    let mapping = Mapping {
        stage: numbers.of(&["fulfilment", "support", "purchase", "use", "unknown"]).parse().unwrap(),
        probability: 0.8,
        voiced_at: None,
        because: Vec::new(),
        touchpoint: Some("parcel_carrier".parse().unwrap()),
        phase: None,
        tenure_days: None,
        gaps: vec![gap],
        theme: Some(format!("t{}", numbers.below(40))),
        issue: None,
        corrected_by: None,
        versions: BTreeMap::new(),
    };
    Mapped { feedback, mapping: Some(mapping), version: Version { epoch: 1, sequence: number } }
}

pub fn corpus() -> Vec<Mapped> {
    let words = Words::Few(WORDS.split_whitespace().collect());
    let hasher = RespondentHasher::new([7; 32]);
    let mut numbers = Numbers(1);
    (0..DOCUMENTS).map(|number| mapped(number, &mut numbers, &words, DOCUMENTS / 2, &hasher)).collect()
}
