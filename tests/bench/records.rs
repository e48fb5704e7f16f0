//! Deterministic records of about 340 characters of text each, in our own format, with words enough that the index works.

use std::fmt::Write as _;
use std::io::{BufWriter, Write};
use std::path::Path;

const SUBJECTS: [&str; 12] = [
    "the parcel",
    "my order",
    "the invoice",
    "the app",
    "your agent",
    "the coffee machine",
    "the refund",
    "the courier",
    "my subscription",
    "the delivery slot",
    "the website",
    "the replacement",
];
const EVENTS: [&str; 12] = [
    "came nine days late",
    "never arrived",
    "was charged twice",
    "crashes every time",
    "did not call back",
    "leaks from below",
    "took over a month",
    "left it in the rain",
    "was renewed without asking",
    "was changed at short notice",
    "would not load",
    "was the wrong colour",
];
const CLAUSES: [&str; 12] = [
    "although two days were promised",
    "and nobody answers my mails",
    "so I had to phone three times",
    "which is not what the page says",
    "and I had paid for express",
    "after a long wait on the line",
    "but the staff in the shop were kind",
    "for the second time this year",
    "while others got theirs in a day",
    "and the tracking number shows nothing",
    "even though the agent said otherwise",
    "just before the holidays",
];
const CLOSINGS: [&str; 6] = [
    "Please tell me what happens next",
    "I expect an answer this week",
    "A friend had recommended you",
    "I have been a customer for years",
    "Otherwise I will cancel",
    "Thank you for looking into it",
];

/// Writes records `from` to `to` as JSON Lines.
pub fn write(path: &Path, from: u64, to: u64) {
    let mut out = BufWriter::new(std::fs::File::create(path).expect("a file"));
    let mut line = String::new();
    for number in from..to {
        line.clear();
        one(number, &mut line);
        out.write_all(line.as_bytes()).expect("written");
        out.write_all(b"\n").expect("written");
    }
    out.flush().expect("written");
}

/// Writes one record.
pub fn one(number: u64, line: &mut String) {
    let mut random = Random(number.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x5bd1_e995);
    let kind = ["complaint", "survey", "public", "complaint"][random.below(4)];
    let day = 1 + random.below(28);
    let month = 1 + random.below(12);
    write!(
        line,
        "{{\"record\":\"R-{number}\",\"kind\":\"{kind}\",\"channel\":\"web\",\"occurred_at\":\"2025-{month:02}-{day:02}T{:02}:{:02}:00Z\",\
         \"respondent\":{{\"customer\":\"C{}\"}},\"subject\":{{\"product\":\"P{}\",\"region\":\"R{}\"}},\
         \"context\":{{\"order_status\":\"{}\"}},\"answers\":[{{\"metric\":\"nps\",\"value\":{}}}],\"statements\":[{{\"text\":\"",
        random.below(24),
        random.below(60),
        random.below(200_000),
        random.below(40),
        random.below(12),
        ["shipped", "delivered", "paid", "returned"][random.below(4)],
        random.below(11),
    )
    .expect("written to a string");
    let start = line.len();
    while line.len() - start < 300 {
        let code = random.below(100_000);
        write!(
            line,
            "{} {} {}, case {code:x}k{}. ",
            SUBJECTS[random.below(12)],
            EVENTS[random.below(12)],
            CLAUSES[random.below(12)],
            random.below(5_000),
        )
        .expect("written to a string");
    }
    write!(line, "{}.\"}}]}}", CLOSINGS[random.below(6)]).expect("written to a string");
}

/// A small generator (splitmix64), so that every run writes the same records.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % bound as u64) as usize
    }
}
