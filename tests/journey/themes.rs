//! Themes end to end: found when there is enough to read, named in the customers' words, edited by people, kept through runs,
//! rebuilds and new starts, and undone.

use std::sync::Arc;
use std::time::Instant;

use groundswell::engine::Shared;
use groundswell_model::{Decision, FeedbackId, ThemeEdit, ThemeId, ThemePart};
use groundswell_search::{Filter, Query};
use groundswell_server::{Deed, Fault, Installation, Recorded, ThemeList, ThemeQuery, ThemeRunRequest};
use groundswell_tests::{House, PATIENCE};
use serde_json::{Value, json};

use crate::records::accepted;

/// What people say of four things, in a few ways each.
const SAID: [(&str, [&str; 5]); 4] = [
    (
        "parcel",
        [
            "My parcel came four days late.",
            "The parcel was late again, the courier never rang.",
            "Where is my parcel? The courier is days late.",
            "The courier brought the parcel a week late.",
            "Late parcel once more, nobody knows where the courier is.",
        ],
    ),
    (
        "app",
        [
            "The app crashes when I open it on my phone.",
            "After the update the app crashes all the time.",
            "Your app crashes at the start, every single time.",
            "The app keeps crashing on my phone since the update.",
            "It crashes, this app, whenever I open my account.",
        ],
    ),
    (
        "invoice",
        [
            "The invoice is wrong, I was charged twice.",
            "You charged me twice for one order, the invoice shows it.",
            "My invoice has an amount that I never agreed to.",
            "Charged twice again, please correct the invoice.",
            "The amount on the invoice is too high, I was overcharged.",
        ],
    ),
    (
        "password",
        [
            "I cannot sign in, the password reset mail never arrives.",
            "Resetting my password does not work, no mail comes.",
            "The sign in page refuses my password since yesterday.",
            "No mail comes when I ask for a new password.",
            "Password reset is broken, I am locked out of my account.",
        ],
    ),
];

/// One record of a subject: another person each time.
fn said(number: u32, subject: usize) -> Value {
    let (_, ways) = SAID[subject];
    let text = ways[number as usize % ways.len()];
    let tail =
        ["", " Please help.", " I am annoyed.", " This is the second time."][(number / 5) as usize % 4];
    let day = 1 + number % 28;
    json!({ "record": format!("T-{subject}-{number}"), "occurred_at": format!("2026-05-{day:02}T10:00:00Z"),
        "kind": if number.is_multiple_of(3) { "survey" } else { "complaint" },
        "respondent": { "customer": format!("C-{subject}-{number}") },
        "statements": [{ "text": format!("{text}{tail}"), "language": "en" }] })
}

fn records(each: u32) -> Vec<Value> {
    (0..SAID.len()).flat_map(|subject| (0..each).map(move |number| said(number, subject))).collect()
}

fn themed(shared: &Shared) {
    assert!(shared.await_reported(Instant::now() + PATIENCE).unwrap());
    assert!(shared.await_judged(Instant::now() + PATIENCE).unwrap());
    assert!(shared.await_themes(Instant::now() + PATIENCE).unwrap());
}

fn list(shared: &Shared) -> ThemeList {
    shared.themes(&ThemeQuery::default()).unwrap()
}

/// The theme of a subject: the one that most of its people speak of.
fn of(shared: &Shared, word: &str) -> ThemeId {
    let list = list(shared);
    let found = list.themes.iter().find(|row| row.words.iter().any(|own| own.contains(word)));
    let found = found.unwrap_or_else(|| panic!("no theme has the word {word}: {:#?}", list.themes));
    found.id.parse().unwrap()
}

fn edit(shared: &Arc<Shared>, edit: ThemeEdit, seen: Option<u64>) -> Result<Recorded, Fault> {
    let decision = Decision::ThemesEdited { edit, seen };
    shared.decide(Deed { actor: "ada".to_owned(), reason: None, decision })
}

fn undo(shared: &Arc<Shared>, number: u64) -> Result<Recorded, Fault> {
    let decision = Decision::ThemeEditUndone { edit: number };
    shared.decide(Deed { actor: "ben".to_owned(), reason: None, decision })
}

fn search(shared: &Shared, theme: &str) -> Value {
    let filters = vec![Filter { field: "theme".to_owned(), values: vec![theme.to_owned()] }];
    let facets = vec!["theme".to_owned()];
    shared.search(Query { filters, facets, limit: 5, copies: true, ..Query::default() }).unwrap()
}

fn found(shared: &Shared, theme: &str) -> u64 {
    search(shared, theme)["feedback"].as_u64().unwrap()
}

fn find(shared: &Shared, text: &str) -> Vec<FeedbackId> {
    let query = Query { text: text.to_owned(), limit: 200, copies: true, ..Query::default() };
    let answer = shared.search(query).unwrap();
    answer["hits"]
        .as_array()
        .unwrap()
        .iter()
        .map(|hit| hit["id"].as_str().unwrap().parse().unwrap())
        .collect()
}

#[test]
fn themes_are_found_named_in_the_customers_words_and_the_same_after_a_rebuild() {
    let house = House::new("themes-found");
    let before = house.visit(|shared| {
        accepted(shared, &records(20));
        themed(shared);
        assert_eq!(list(shared).themes, [], "eighty are too few to look");
        accepted(shared, &records(70));
        themed(shared);
        let list = list(shared);
        assert_eq!((list.texts, list.last_run.is_some()), (280, true));
        assert!(list.without_theme < 28, "{list:#?}");
        let topics = shared.themes(&ThemeQuery { topics: true, ..ThemeQuery::default() }).unwrap().topics;
        assert!(topics.len() > 1 && topics.len() < list.themes.len(), "two levels: {topics:?}");
        assert_eq!(topics.iter().map(|topic| topic.themes.len()).sum::<usize>(), list.themes.len());
        assert!(topics.iter().all(|topic| topic.people > 0 && topic.people <= 280), "{topics:?}");
        for (word, _) in SAID {
            let theme = of(shared, word).to_string();
            let row = list.themes.iter().find(|row| row.id == theme).unwrap();
            assert!(row.people >= 14, "{row:?}");
            let example = row.example.as_ref().unwrap();
            assert!(
                SAID.iter().any(|(_, ways)| ways.iter().any(|way| example.starts_with(way))),
                "{example}"
            );
            let searched = search(shared, &theme);
            assert_eq!(searched["feedback"].as_u64(), Some(row.feedback), "search says the same");
            assert_eq!(found(shared, &row.name), row.feedback, "by name as well");
        }
        let report = shared.report(None, None, None).unwrap();
        assert_eq!(report.themes.len(), list.themes.len().min(12));
        list
    });
    let dump = house.dump();
    std::fs::remove_dir_all(house.data().state()).unwrap();
    std::fs::remove_dir_all(house.data().index()).unwrap();
    house.visit(|shared| {
        themed(shared);
        assert_eq!(list(shared).themes, before.themes, "a rebuild");
    });
    assert_eq!(house.dump(), dump);
}

#[test]
fn edits_are_seen_at_once_survive_runs_and_new_starts_and_are_undone() {
    let house = House::new("themes-edited");
    let (merged, parcel) = house.visit(|shared| {
        accepted(shared, &records(70));
        themed(shared);
        let (parcel, app, invoice) = (of(shared, "parcel"), of(shared, "app"), of(shared, "invoice"));
        let sizes = [parcel, app].map(|theme| found(shared, &theme.to_string()));
        let renamed =
            edit(shared, ThemeEdit::Rename { theme: parcel, name: "Late parcels".to_owned() }, None).unwrap();
        assert!(renamed.seen && renamed.feedback == sizes[0], "{renamed:?}");
        let merged = edit(shared, ThemeEdit::Merge { into: parcel, themes: vec![app] }, None).unwrap();
        assert!(merged.seen, "{merged:?}");
        assert_eq!(found(shared, "late parcels"), sizes[0] + sizes[1], "both leaves");
        let facet = &search(shared, "Late parcels")["facets"]["theme"];
        let counted =
            facet.as_array().unwrap().iter().find(|count| count["value"] == parcel.to_string()).unwrap();
        assert_eq!(
            (&counted["name"], counted["feedback"].as_u64()),
            (&json!("Late parcels"), Some(sizes[0] + sizes[1]))
        );
        edit(shared, ThemeEdit::Hide { theme: invoice, hidden: true }, None).unwrap();
        assert!(list(shared).themes.iter().all(|row| row.id != invoice.to_string()));
        let all = shared.themes(&ThemeQuery { all: true, ..ThemeQuery::default() }).unwrap();
        assert!(all.themes.iter().any(|row| row.id == invoice.to_string() && row.hidden));
        assert!(found(shared, &invoice.to_string()) > 0, "what is hidden is found all the same");
        shared.find_themes(&ThemeRunRequest { actor: "ada".to_owned(), afresh: true }).unwrap();
        themed(shared);
        let kept = list(shared).themes.into_iter().find(|row| row.name == "Late parcels").unwrap();
        assert_eq!(kept.id, parcel.to_string(), "a run keeps it");
        (merged.number.unwrap(), parcel)
    });
    house.visit(|shared| {
        themed(shared);
        let together = found(shared, "Late parcels");
        let undone = undo(shared, merged).unwrap();
        assert!(undone.seen);
        assert!(found(shared, "Late parcels") < together);
        let detail = shared.theme("late parcels", &ThemeQuery::default(), None).unwrap();
        assert_eq!(detail.theme.id, parcel.to_string());
        assert_eq!(detail.edits.iter().filter(|edit| edit.undone.is_some()).count(), 1);
        assert!(
            !detail.quotes.is_empty() && detail.quotes.iter().any(|quote| quote.copies > 0),
            "{detail:#?}"
        );
    });
}

#[test]
fn a_theme_comes_apart_by_a_query_or_by_what_is_found_and_goes_together_again() {
    let house = House::new("themes-split");
    house.visit(|shared| {
        accepted(shared, &records(70));
        themed(shared);
        let parcel = of(shared, "parcel");
        let all = found(shared, &parcel.to_string());
        let named = |query: &str| ThemeEdit::Split {
            theme: parcel,
            keeps: None,
            parts: vec![ThemePart { name: Some("Where is it".to_owned()), ..ThemePart::default() }],
            query: Some(query.to_owned()),
        };
        let example =
            shared.theme(&parcel.to_string(), &ThemeQuery::default(), None).unwrap().theme.example.unwrap();
        let whole = format!("theme:{parcel}");
        for (query, said) in [("zebra", "none of the feedback"), (whole.as_str(), "nothing would stay")] {
            let fault = edit(shared, named(query), None).unwrap_err();
            assert!(fault.code() == "api.bad_action" && fault.to_string().contains(said), "{fault}");
        }
        let off = find(shared, &format!("annoyed theme:{parcel}")).len() as u64;
        assert!(off > 0 && off < all, "{off} of {all}");
        let made = edit(shared, named("annoyed"), None).unwrap();
        assert!(made.seen && made.themes.len() == 1, "{made:?}");
        assert_eq!((found(shared, "where is it"), found(shared, &parcel.to_string())), (off, all - off));
        // A later hit of the query joins at the next run.
        let mut later = said(1, 0);
        later["record"] = json!("T-later");
        later["statements"][0]["text"] = json!(format!("{example} I am annoyed."));
        accepted(shared, &[later]);
        themed(shared);
        shared.find_themes(&ThemeRunRequest { actor: "ada".to_owned(), afresh: false }).unwrap();
        themed(shared);
        assert_eq!(found(shared, "where is it"), off + 1);
        undo(shared, made.number.unwrap()).unwrap();
        themed(shared);
        assert_eq!(found(shared, &parcel.to_string()), all + 1);
        let app = of(shared, "app");
        let both = all + 1 + found(shared, &app.to_string());
        edit(shared, ThemeEdit::Merge { into: parcel, themes: vec![app] }, None).unwrap();
        let open =
            ThemeEdit::Split { theme: parcel, keeps: None, parts: vec![ThemePart::default()], query: None };
        let proposed = shared.theme(&parcel.to_string(), &ThemeQuery::default(), Some(2)).unwrap().parts;
        let made = edit(shared, open, None).unwrap();
        assert_eq!((proposed.len(), made.themes.len()), (2, 2), "one in each of its leaves: {made:?}");
        let off = found(shared, &made.themes[0]);
        assert_eq!(off, proposed[1].feedback, "what was proposed is what came off");
        assert_eq!(off + found(shared, &parcel.to_string()), both);
        undo(shared, made.number.unwrap()).unwrap();
        themed(shared);
        assert_eq!(found(shared, &parcel.to_string()), both);
    });
}

#[test]
fn two_people_who_edit_at_once_feedback_that_is_moved_and_themes_of_ones_own() {
    let house = House::new("themes-own");
    house.visit(|shared| {
        accepted(shared, &records(70));
        themed(shared);
        let (parcel, app) = (of(shared, "parcel"), of(shared, "app"));
        let seen = Some(list(shared).version);
        let rename = |name: &str| ThemeEdit::Rename { theme: parcel, name: name.to_owned() };
        edit(shared, rename("Late parcels"), seen).unwrap();
        let second = edit(shared, rename("Slow courier"), seen).unwrap_err();
        assert_eq!(second.code(), "api.conflict");
        assert!(second.to_string().contains("edited by ada"), "{second}");
        let taken = edit(shared, ThemeEdit::Rename { theme: app, name: "late PARCELS".to_owned() }, None)
            .unwrap_err();
        assert_eq!(taken.code(), "api.conflict", "{taken}");
        assert_eq!(edit(shared, rename(" "), None).unwrap_err().code(), "api.bad_action");
        let before = found(shared, &parcel.to_string());
        let one = find(shared, "crashes")[0];
        let moved = edit(shared, ThemeEdit::Move { feedback: vec![one], theme: Some(parcel) }, None).unwrap();
        assert!(moved.seen, "{moved:?}");
        assert_eq!(found(shared, &parcel.to_string()), before + 1);
        let unknown = FeedbackId::from_bytes([9; 16]);
        let missing =
            edit(shared, ThemeEdit::Move { feedback: vec![unknown], theme: None }, None).unwrap_err();
        assert_eq!(missing.code(), "api.not_found");
        let define = |name: &str, query: Option<&str>, feedback| ThemeEdit::Define {
            name: name.to_owned(),
            query: query.map(str::to_owned),
            feedback,
            centroid: None,
        };
        let hits = find(shared, "update").len() as u64;
        edit(shared, define("Since the update", Some("update"), Vec::new()), None).unwrap();
        assert_eq!(found(shared, "Since the update"), hits);
        let examples = find(shared, "\"charged twice\"").into_iter().take(3).collect();
        edit(shared, define("Charged twice", None, examples), None).unwrap();
        themed(shared);
        assert!(found(shared, "Charged twice") > 10, "what is near to the examples joins them");
        assert_eq!(shared.theme_edits().unwrap().len(), 4, "what was refused is not among them");
    });
}

#[test]
fn what_many_begin_to_say_between_two_runs_emerges_as_a_theme() {
    let house = House::new("themes-emerge");
    house.visit(|shared| {
        accepted(shared, &records(70));
        themed(shared);
        assert!(shared.theme_diff().unwrap().emerged.is_empty());
    });
    house.clock.advance(86_400_000);
    house.visit(|shared| {
        let strike = |number: u32| {
            let ways = [
                "The drivers are on strike.",
                "Because of the strike nothing moves.",
                "A strike of your drivers again.",
            ];
            json!({ "record": format!("S-{number}"), "occurred_at": "2026-05-31T10:00:00Z", "kind": "public",
                "respondent": { "customer": format!("S-{number}") },
                "statements": [{ "text": ways[number as usize % 3], "language": "en" }] })
        };
        accepted(shared, &(0..24).map(strike).collect::<Vec<_>>());
        themed(shared);
    });
    house.clock.advance(86_400_000);
    house.visit(|shared| {
        themed(shared);
        let diff = shared.theme_diff().unwrap();
        assert_eq!(diff.emerged.len(), 1, "{diff:?}");
        let list = list(shared);
        let row = list.themes.iter().find(|row| row.emerged).unwrap();
        assert!(row.words.iter().any(|word| word == "strike"), "{row:?}");
        assert!(row.people >= 14, "{row:?}");
    });
}

/// What many say in the same way, in one word, in six languages, and what few of the staff say.
fn odd() -> Vec<Value> {
    let languages = [
        ("de", "Das Paket kam vier Tage zu spät, der Bote klingelt nie."),
        ("fr", "Le colis est arrivé avec quatre jours de retard, le livreur ne sonne jamais."),
        ("es", "El paquete llegó con cuatro días de retraso y el repartidor nunca llama."),
        ("it", "Il pacco è arrivato con quattro giorni di ritardo e il corriere non suona."),
        ("nl", "Het pakket kwam vier dagen te laat en de bezorger belt nooit aan."),
        ("pt", "A encomenda chegou com quatro dias de atraso e o estafeta nunca toca."),
    ];
    let record = |name: String, kind: &str, person: String, text: &str| {
        json!({ "record": name, "occurred_at": "2026-05-20T10:00:00Z", "kind": kind,
            "respondent": { "customer": person }, "statements": [{ "text": text }] })
    };
    let mut records = Vec::new();
    for n in 0..1_000 {
        records.push(record(
            format!("copy-{n}"),
            "public",
            format!("c-{n}"),
            "They raised the price of the coffee capsules again, without a word to those of us who have ordered them for years, and I will not pay it.",
        ));
    }
    for (n, word) in ["ok", "late", "???", "👍", "x", "terrible"].iter().cycle().take(60).enumerate() {
        records.push(record(format!("word-{n}"), "survey", format!("w-{n}"), word));
    }
    for (language, text) in languages {
        for n in 0..15 {
            let text = format!("{text} ({n})");
            records.push(record(format!("{language}-{n}"), "complaint", format!("{language}-{n}"), &text));
        }
    }
    // Six of one mind, of ten in all: their remainder is too small to show them.
    for n in 0..40 {
        let (person, text) = match n % 4 {
            0..3 => (format!("s-{}", n % 6), "The payroll is late again and nobody tells us why."),
            _ => (format!("s-{}", 6 + n % 4), "The roster for the weekend is chaos once more."),
        };
        records.push(record(format!("staff-{n}"), "employee", person, text));
    }
    records
}

#[test]
fn copies_single_words_other_languages_and_staff_make_no_fault_and_are_not_given_away() {
    let house = House::new("themes-odd");
    house.visit(|shared| {
        accepted(shared, &odd());
        themed(shared);
        let list = shared.themes(&ThemeQuery { all: true, ..ThemeQuery::default() }).unwrap();
        assert!(list.last_run.is_some() && !list.themes.is_empty(), "{list:?}");
        let copied =
            list.themes.iter().find(|row| row.words.iter().any(|word| word.contains("capsule"))).unwrap();
        assert_eq!((copied.people, copied.copied, copied.rise), (1_000, 1_000, None), "copies make no rise");
        let detail = shared.theme(&copied.id, &ThemeQuery::default(), None).unwrap();
        assert_eq!((detail.quotes.len(), detail.quotes[0].copies), (1, 999));
        let told = |row: &groundswell_steps::decided::themes::ThemeRow| {
            format!("{} {} {}", row.name, row.words.join(" "), row.example.clone().unwrap_or_default())
        };
        for row in &list.themes {
            let told = told(row).to_lowercase();
            assert!(!told.contains("payroll") && !told.contains("roster"), "{row:?}");
        }
        let german = list.themes.iter().find(|row| row.words.iter().any(|word| word == "paket"));
        assert!(german.is_some_and(|row| row.language.as_deref() == Some("de")), "{:?}", list.themes);
        assert!(find(shared, "\"unbalanced (payroll").is_empty());
    });
}
