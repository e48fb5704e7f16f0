//! A model that proposes names: what it proposes is checked, recorded with the run and not asked for again; a person's name stands
//! before it, and a model that is away changes nothing but names.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use groundswell::engine::Shared;
use groundswell_model::{Decision, ThemeEdit};
use groundswell_server::{Deed, Installation, ThemeQuery, ThemeRunRequest};
use groundswell_tests::{House, PATIENCE};
use serde_json::{Value, json};

use crate::records::accepted;

/// Starts a model that proposes one name whatever it is asked; gives its address and counts the questions.
fn model(name: &'static str) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}/v1", listener.local_addr().unwrap());
    let asked = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&asked);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut reader = BufReader::new(stream.try_clone().unwrap());
            let (mut length, mut line) = (0, String::new());
            while reader.read_line(&mut line).unwrap_or(0) > 2 {
                let lower = line.to_lowercase();
                if let Some(value) = lower.strip_prefix("content-length:") {
                    length = value.trim().parse().unwrap();
                }
                line.clear();
            }
            let mut body = vec![0; length];
            reader.read_exact(&mut body).unwrap();
            counted.fetch_add(1, Ordering::SeqCst);
            let reply =
                json!({ "choices": [{ "message": { "role": "assistant", "content": name } }] }).to_string();
            let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n";
            write!(stream, "{head}content-length: {}\r\n\r\n{reply}", reply.len()).unwrap();
        }
    });
    (address, asked)
}

fn said(number: u32) -> Value {
    let text = [
        "My parcel came four days late, the courier never rang.",
        "The app crashes when I open it on my phone.",
    ][number as usize % 2];
    json!({ "record": format!("N-{number}"), "occurred_at": "2026-05-20T10:00:00Z", "kind": "complaint",
        "respondent": { "customer": format!("N-{number}") }, "statements": [{ "text": text, "language": "en" }] })
}

fn themed(shared: &Shared) {
    assert!(shared.await_reported(Instant::now() + PATIENCE).unwrap());
    assert!(shared.await_judged(Instant::now() + PATIENCE).unwrap());
    assert!(shared.await_themes(Instant::now() + PATIENCE).unwrap());
}

fn names(shared: &Shared) -> Vec<String> {
    let mut names: Vec<_> =
        shared.themes(&ThemeQuery::default()).unwrap().themes.into_iter().map(|row| row.name).collect();
    names.sort();
    names
}

#[test]
fn proposed_names_are_checked_recorded_and_never_in_a_persons_way() {
    let mut house = House::new("themes-named");
    let (address, asked) = model("Parcel trouble");
    house.config.themes.naming.endpoint = address;
    house.config.themes.naming.model = "small".to_owned();
    house.visit(|shared| {
        accepted(shared, &(0..240).map(said).collect::<Vec<_>>());
        themed(shared);
        let named = names(shared);
        assert_eq!(named.len(), 2, "{named:?}");
        assert!(named.contains(&"Parcel trouble".to_owned()), "{named:?}");
        assert!(
            named.iter().any(|name| name.contains("app")),
            "a name that has nothing of it is refused: {named:?}"
        );
        assert_eq!(asked.load(Ordering::SeqCst), 2);
        shared.find_themes(&ThemeRunRequest { actor: "ada".to_owned(), afresh: false }).unwrap();
        themed(shared);
        assert_eq!(names(shared), named);
        assert!(asked.load(Ordering::SeqCst) <= 3, "what was accepted is not asked for again");
        let theme =
            shared.theme("parcel trouble", &ThemeQuery::default(), None).unwrap().theme.id.parse().unwrap();
        let decision =
            Decision::ThemesEdited { edit: ThemeEdit::Rename { theme, name: "Late".to_owned() }, seen: None };
        shared.decide(Deed { actor: "ada".to_owned(), reason: None, decision }).unwrap();
        assert!(names(shared).contains(&"Late".to_owned()));
    });
    // The model is away: the names that were recorded stay.
    house.config.themes.naming.endpoint = "http://127.0.0.1:9/v1".to_owned();
    house.visit(|shared| {
        themed(shared);
        let before = names(shared);
        shared.find_themes(&ThemeRunRequest { actor: "ada".to_owned(), afresh: true }).unwrap();
        themed(shared);
        assert_eq!(names(shared).len(), before.len());
        assert!(names(shared).contains(&"Late".to_owned()));
    });
}
