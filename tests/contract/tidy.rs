//! Small rules that keep the sources readable: a first line that says what a file is for, no loose ends, no names that
//! say nothing, nothing that belongs to one machine, one spelling.

use std::collections::BTreeSet;
use std::path::Path;

use crate::workspace::{expect_none, files, sources};

/// Names of types and modules that say nothing.
const BANNED_NAMES: &[&str] =
    &["item", "entry", "data", "info", "payload", "manager", "helper", "util", "handler", "processor"];

/// The beginnings of American words, and how we write them.
const AMERICAN: &[(&str, &str)] = &[
    ("normaliz", "normalis"),
    ("analyz", "analys"),
    ("color", "colour"),
    ("behavior", "behaviour"),
    ("neighbor", "neighbour"),
    ("favorit", "favourit"),
    ("organiz", "organis"),
    ("recogniz", "recognis"),
    ("summariz", "summaris"),
    ("categoriz", "categoris"),
    ("customiz", "customis"),
    ("prioritiz", "prioritis"),
    ("anonymiz", "anonymis"),
    ("standardiz", "standardis"),
    ("minimiz", "minimis"),
    ("maximiz", "maximis"),
    ("synchroniz", "synchronis"),
    ("optimiz", "optimis"),
    ("initializ", "initialis"),
    ("finaliz", "finalis"),
    ("canceled", "cancelled"),
    ("canceling", "cancelling"),
    ("labeled", "labelled"),
    ("labeling", "labelling"),
    ("modeled", "modelled"),
    ("modeling", "modelling"),
    ("fulfill", "fulfil"),
    ("center", "centre"),
    ("catalog", "catalogue"),
];

/// Words that begin like an American one and are right, and names of others' interfaces.
const SPELLED_BY_OTHERS: &[&str] = &[
    "catalogue",
    "catalogues",
    "colorchoice",
    "finalize",
    "fulfilled",
    "fulfilling",
    "isnormalized",
    "optimizer",
    "organization",
    "organization_id",
    "textanalyzer",
    "unicode_normalization",
    "unicodenormalization",
];

/// Hosts and folders that belong to one machine or one registry, cut in two so that this list does not find itself.
const MACHINE: &[&str] = &[
    concat!("/wo", "rk/"),
    concat!("/ro", "ot/"),
    concat!("/tm", "p/"),
    concat!("shared/", "reference"),
    concat!("shared/", "design"),
    concat!("crates", ".io"),
    concat!("docs", ".rs/"),
    concat!("pypi", ".org"),
    concat!("npmjs", ".org"),
    concat!("npmjs", ".com"),
    concat!("maven", ".apache.org"),
    concat!("static.rust-", "lang.org"),
];

#[test]
fn every_source_says_what_it_is_for() {
    let faults: Vec<String> = sources()
        .iter()
        .filter(|source| {
            let first = source.text.lines().next().unwrap_or_default();
            first.strip_prefix("//! ").is_none_or(|says| says.trim().len() <= 10)
        })
        .map(|source| source.path.clone())
        .collect();
    expect_none("the first line is a `//!` sentence", &faults);
}

#[test]
fn lib_rs_holds_modules_and_exports_only() {
    let faults: Vec<String> = sources()
        .iter()
        .filter(|source| source.path.ends_with("/src/lib.rs"))
        .flat_map(|source| {
            let words =
                source.words().filter(|(_, word)| ["fn", "struct", "enum", "impl", "trait"].contains(word));
            words.map(|(line, word)| format!("{}:{line} {word}", source.path)).collect::<Vec<_>>()
        })
        .collect();
    expect_none("lib.rs", &faults);
}

#[test]
fn a_loose_end_names_its_issue() {
    let marks = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X:")];
    let mut faults = Vec::new();
    let mut check = |path: &str, text: &str| {
        for (number, line) in text.lines().enumerate() {
            let names_issue =
                line.split('#').skip(1).any(|tail| tail.starts_with(|c: char| c.is_ascii_digit()));
            if marks.iter().any(|mark| line.contains(mark)) && !names_issue {
                faults.push(format!("{path}:{}", number + 1));
            }
        }
    };
    for source in sources().iter().filter(|source| !source.path.ends_with("contract/tidy.rs")) {
        check(&source.path, &source.comments);
    }
    for file in
        files().iter().filter(|file| file.has_extension(&["md", "toml", "yaml", "yml", "ts", "svelte", "sh"]))
    {
        check(&file.path, &file.text);
    }
    expect_none("loose ends", &faults);
}

#[test]
fn lints_are_expected_with_a_reason_and_never_allowed() {
    let mut faults = Vec::new();
    for source in sources() {
        let lines = source.find(&["[", "allow", "("]);
        faults.extend(lines.iter().map(|line| format!("{}:{line}", source.path)));
    }
    expect_none("suppressed lints", &faults);
}

#[test]
fn names_say_something() {
    let mut faults = Vec::new();
    for source in sources() {
        let in_log = source.path.starts_with("crates/log/");
        let of_file = Path::new(&source.path).iter().map(|part| {
            let part = part.to_string_lossy();
            (1, part.strip_suffix(".rs").unwrap_or(&part).to_owned())
        });
        let declared = source.declared().into_iter().map(|(line, name)| (line, name.to_owned()));
        for (line, name) in of_file.chain(declared) {
            let whole = name.to_ascii_lowercase();
            let singular = whole.strip_suffix('s').unwrap_or(&whole);
            let banned = BANNED_NAMES.contains(&whole.as_str()) || BANNED_NAMES.contains(&singular);
            if banned && !(in_log && singular == "payload") {
                faults.push(format!("{}:{line} {name}", source.path));
            }
        }
    }
    expect_none("names of types and modules", &faults);
}

#[test]
fn nothing_belongs_to_one_machine() {
    let mut faults = Vec::new();
    for file in files().iter().filter(|file| !file.path.ends_with(".lock")) {
        for (number, line) in file.text.lines().enumerate() {
            let found = MACHINE.iter().filter(|needle| line.contains(**needle));
            faults.extend(found.map(|needle| format!("{}:{} {needle}", file.path, number + 1)));
        }
    }
    expect_none("machines and registries", &faults);
}

#[test]
fn addresses_in_fixtures_belong_to_nobody() {
    let mut faults = Vec::new();
    for file in files().iter().filter(|file| !file.has_extension(&["rs", "lock"])) {
        for (number, line) in file.text.lines().enumerate() {
            let strange = addresses(line).into_iter().filter(|address| !is_reserved(address));
            faults.extend(strange.map(|address| format!("{}:{} {address}", file.path, number + 1)));
        }
    }
    expect_none("e-mail addresses outside the reserved domains", &faults);
}

/// Finds what looks like an e-mail address: word characters around an at sign, and a dot in the second half.
fn addresses(line: &str) -> Vec<&str> {
    let part_of = |c: char| c.is_alphanumeric() || "._%+-".contains(c);
    line.match_indices('@')
        .filter_map(|(at, _)| {
            let start = line[..at]
                .char_indices()
                .rev()
                .take_while(|(_, c)| part_of(*c))
                .last()
                .map(|(start, _)| start)?;
            let length: usize = line[at + 1..].chars().take_while(|c| part_of(*c)).map(char::len_utf8).sum();
            let address = line[start..at + 1 + length].trim_end_matches(['.', '-']);
            let (_, domain) = address.rsplit_once('@')?;
            let top = domain.rsplit_once('.')?.1;
            (top.len() >= 2 && top.chars().all(char::is_alphabetic)).then_some(address)
        })
        .collect()
}

fn is_reserved(address: &str) -> bool {
    let domain = address.rsplit('@').next().unwrap_or_default().to_ascii_lowercase();
    let reserved = ["example.com", "example.org", "example.net"];
    let below = |name: &&str| domain == **name || domain.ends_with(&format!(".{name}"));
    let top = domain.rsplit('.').next().unwrap_or_default();
    reserved.iter().any(below) || ["test", "example", "invalid", "localhost"].contains(&top)
}

#[test]
fn spelling_is_british() {
    let mut faults = BTreeSet::new();
    for source in sources().iter().filter(|source| !source.path.ends_with("contract/tidy.rs")) {
        for (line, word) in source.words() {
            faults.extend(american(word).map(|right| format!("{}:{line} {word}: {right}", source.path)));
        }
        prose(&source.path, &source.comments, &mut faults);
    }
    for file in files().iter().filter(|file| file.has_extension(&["md"])) {
        prose(&file.path, &file.text, &mut faults);
    }
    expect_none("spelling", &faults.into_iter().collect::<Vec<_>>());
}

/// Checks the words of a text, but not what stands in backticks, code blocks or addresses.
fn prose(path: &str, text: &str, faults: &mut BTreeSet<String>) {
    let mut in_block = false;
    for (number, line) in text.lines().enumerate() {
        if line.trim_start().trim_start_matches('/').trim_start_matches('!').trim_start().starts_with("```") {
            in_block = !in_block;
            continue;
        }
        if in_block {
            continue;
        }
        let outside: Vec<&str> = line.split('`').step_by(2).collect();
        for word in outside.join(" ").split_whitespace().filter(|word| !word.contains("://")) {
            let letters = word.trim_matches(|c: char| !c.is_alphanumeric());
            faults.extend(american(letters).map(|right| format!("{path}:{} {letters}: {right}", number + 1)));
        }
    }
}

/// Says how a word, or a part of an identifier, should begin; nothing where it is right.
fn american(word: &str) -> Option<&'static str> {
    if SPELLED_BY_OTHERS.contains(&word.to_ascii_lowercase().as_str()) {
        return None;
    }
    let mut parts: Vec<String> = vec![String::new()];
    for c in word.chars() {
        if c.is_uppercase() || !c.is_alphanumeric() {
            parts.push(String::new());
        }
        if c.is_alphanumeric() {
            parts.last_mut()?.extend(c.to_lowercase());
        }
    }
    parts
        .iter()
        .filter(|part| !SPELLED_BY_OTHERS.contains(&part.as_str()))
        .find_map(|part| AMERICAN.iter().find(|(start, _)| part.starts_with(start)).map(|(_, right)| *right))
}

#[test]
fn american_words_are_found_in_prose_and_in_identifiers() {
    for word in
        [concat!("normal", "ize"), concat!("Analy", "zerConfig"), concat!("text_col", "or"), "Centers"]
    {
        assert!(american(word).is_some(), "{word}");
    }
    for word in
        ["normalise", "colour", "catalogue", "unicode_normalization", "finalize", "colony", "fulfilled"]
    {
        assert_eq!(american(word), None, "{word}");
    }
}

#[test]
fn addresses_are_found_and_reserved_domains_known() {
    assert_eq!(addresses("write to jane.doe@mail.example.com, or @here"), ["jane.doe@mail.example.com"]);
    assert_eq!(addresses("a@b and x@1.2"), Vec::<&str>::new());
    assert!(is_reserved("a@shop.example.org") && is_reserved("a@shop.test"));
    assert!(!is_reserved(concat!("a@gm", "ail.com")) && !is_reserved("a@notexample.com"));
}
