//! Words of column and file names, and scales that are written in words, in English and German.

use crate::guess::words;

/// Makes a pipeline's name of a file's name.
pub(super) fn pipeline_name(file_name: &str) -> String {
    let base = file_name.rsplit(['/', '\\']).next().unwrap_or_default();
    let stem = base.rsplit_once('.').map_or(base, |(stem, _)| stem).to_lowercase();
    let mut name = String::new();
    for c in stem.chars().take(60) {
        match c {
            'ä' => name.push_str("ae"),
            'ö' => name.push_str("oe"),
            'ü' => name.push_str("ue"),
            'ß' => name.push_str("ss"),
            c if c.is_ascii_alphanumeric() => name.push(c),
            _ if !name.ends_with('_') && !name.is_empty() => name.push('_'),
            _ => {}
        }
    }
    let name: String = name.trim_end_matches('_').chars().take(64).collect();
    if name.is_empty() { "table".to_owned() } else { name }
}

/// Says whether a name has one of the words, whole or as the start of a word of at least five letters.
pub(super) fn has(name: &str, wanted: &[&str]) -> bool {
    let name = name.to_lowercase();
    words(&name).any(|word| {
        wanted.iter().any(|wanted| word == *wanted || (wanted.len() >= 5 && word.starts_with(wanted)))
    })
}

/// Says whether a name is one of an id.
pub(super) fn is_id(name: &str) -> bool {
    let lower = name.to_lowercase();
    has(name, ID)
        || lower.ends_with("nr")
        || lower.ends_with("nummer")
        || name.ends_with("Id")
        || name.ends_with("ID")
}

/// Names of ids.
const ID: &[&str] =
    &["id", "nr", "no", "number", "nummer", "key", "ref", "reference", "token", "uuid", "ticket", "fall"];
/// Names of times at which something was said.
pub(super) const SAID_AT: &[&str] = &[
    "created",
    "date",
    "datum",
    "submitted",
    "received",
    "time",
    "timestamp",
    "posted",
    "erstellt",
    "eingang",
    "at",
    "fecha",
];
/// Names of times of a purchase.
pub(super) const PURCHASED: &[&str] =
    &["purchase", "purchased", "bestell", "bestellt", "bestelldatum", "kaufdatum", "ordered", "signup"];
/// Names of times of a change.
pub(super) const CHANGED: &[&str] = &["updated", "modified", "changed", "geändert", "aktualisiert"];
/// Names of free texts.
pub(super) const TEXT: &[&str] = &[
    "comment",
    "comments",
    "text",
    "feedback",
    "review",
    "message",
    "description",
    "narrative",
    "body",
    "content",
    "verbatim",
    "kommentar",
    "nachricht",
    "bemerkung",
    "beschreibung",
    "anmerkung",
    "beschwerde",
    "rückmeldung",
    "reason",
    "comentario",
    "avis",
    "title",
    "titel",
    "betreff",
    "subject",
];
/// Names of columns with the question asked.
pub(super) const QUESTION: &[&str] = &["question", "frage", "pregunta"];
/// Names of people.
pub(super) const PERSON: &[&str] =
    &["name", "vorname", "nachname", "firstname", "lastname", "surname", "author", "autor", "requester"];
/// Names of the company's own customer numbers.
pub(super) const CUSTOMER: &[&str] = &["customer", "client", "kunde", "kundennummer", "kundennr", "cliente"];
/// Names of user ids.
pub(super) const USER: &[&str] = &["user", "author", "respondent", "member", "benutzer", "userid"];
/// Names of phone numbers.
pub(super) const PHONE: &[&str] = &["phone", "mobile", "telefon", "tel", "handy"];
/// Names of accounts.
pub(super) const ACCOUNT: &[&str] = &["account", "company", "firma", "organisation", "organization"];
/// Names of languages.
pub(super) const LANGUAGE: &[&str] = &["language", "locale", "lang", "sprache"];
/// Names of what the company did.
pub(super) const STATUS: &[&str] = &["status", "state", "zustand"];
/// Names of channels.
pub(super) const CHANNEL: &[&str] = &["channel", "kanal", "via", "source", "medium"];
/// Names of parts of the subject.
pub(super) const SUBJECT: [(&str, &[&str]); 4] = [
    ("product", &["product", "produkt", "service", "artikel", "item"]),
    ("version", &["version", "release", "build"]),
    ("region", &["region", "country", "land", "market", "state", "location", "ort"]),
    ("unit", &["unit", "shop", "store", "branch", "filiale", "team", "department", "abteilung"]),
];
/// Names of segments.
pub(super) const SEGMENT: &[&str] = &["segment", "plan", "tier", "tarif", "group", "gruppe", "tags"];
/// Names of structured evidence, and the field of the context.
pub(super) const CONTEXT: [(&str, &[&str]); 3] = [
    ("order_status", &["order_status", "orderstatus", "bestellstatus", "lieferstatus"]),
    ("ticket_category", &["category", "kategorie", "topic", "thema", "issue"]),
    ("survey_type", &["survey", "umfrage"]),
];

/// Scales in words, the worst first.
const SCALES: [&[&str]; 7] = [
    &["very poor", "poor", "neither good nor poor", "good", "very good"],
    &["very poor", "poor", "fair", "good", "excellent"],
    &["very dissatisfied", "dissatisfied", "neutral", "satisfied", "very satisfied"],
    &["strongly disagree", "disagree", "neutral", "agree", "strongly agree"],
    &["sehr schlecht", "schlecht", "mittel", "gut", "sehr gut"],
    &["sehr unzufrieden", "unzufrieden", "neutral", "zufrieden", "sehr zufrieden"],
    &["bad", "neutral", "good"],
];

/// Finds the scale in words that holds all the values of a column, and the values that are no answer.
pub(super) fn scale_in_words<'a>(
    values: impl Iterator<Item = &'a String> + Clone,
) -> Option<(&'static [&'static str], Vec<String>)> {
    let is_none = |value: &str| {
        matches!(value, "don't know" | "n/a" | "weiß nicht" | "keine angabe" | "not applicable")
    };
    SCALES.iter().find_map(|scale| {
        let mut none = Vec::new();
        let mut hits = 0;
        for value in values.clone() {
            let lower = value.to_lowercase();
            if scale.contains(&lower.as_str()) {
                hits += 1;
            } else if is_none(&lower) {
                none.push(value.clone());
            } else {
                return None;
            }
        }
        (hits >= 2).then_some((*scale, none))
    })
}

/// Says which way a scale runs where the name of its column says it.
pub(super) fn direction(name: &str) -> Option<bool> {
    let name = name.to_lowercase().replace(' ', "");
    let low = ["1=best", "1=sehrgut", "1=verygood", "1=excellent", "1isbest", "schulnote", "1=verysatisfied"];
    let high = [
        "5=best",
        "5=sehrgut",
        "5=verygood",
        "5=excellent",
        "10=best",
        "5=verysatisfied",
        "1=worst",
        "1=verypoor",
        "1=schlecht",
    ];
    if low.iter().any(|sign| name.contains(sign)) {
        return Some(false);
    }
    high.iter().any(|sign| name.contains(sign)).then_some(true)
}
