//! Routes of themes and saved searches: what they show, what they take, and what they refuse.

use std::time::Instant;

use groundswell_server::{Recorded, SavedRow, ThemeDiff, ThemeList, ThemeProgress};
use groundswell_tests::{House, PATIENCE};
use serde_json::{Value, json};

use crate::{TOKEN, ask, body};

fn feedback(record: u32) -> Value {
    let text = ["My parcel came four days late.", "The app crashes on my phone."][record as usize % 2];
    json!({ "record": format!("T-{record}"), "occurred_at": "2026-05-31T10:00:00Z", "kind": "complaint",
        "respondent": { "customer": format!("T-{record}") }, "statements": [{ "text": text, "language": "en" }] })
}

#[test]
fn themes_are_defined_listed_edited_and_looked_for() {
    let house = House::new("http-themes");
    house.visit(|shared| {
        let post = |path: &str, value: &Value| ask(shared, "POST", path, Some(TOKEN), body(value));
        let get = |path: &str| ask(shared, "GET", path, Some(TOKEN), ("", Vec::new()));
        for record in 0..12 {
            assert_eq!(post("/api/v1/feedback", &feedback(record)).status, 200);
        }
        assert!(shared.await_reported(Instant::now() + PATIENCE).unwrap());
        let empty: ThemeList = get("/api/v1/themes").json();
        assert_eq!((empty.themes.len(), empty.last_run), (0, None));
        let edit = |edit: Value, seen: Option<u64>| {
            let decision = json!({ "type": "themes_edited", "edit": edit, "seen": seen });
            post("/api/v1/actions", &json!({ "actor": "ada", "decision": decision }))
        };
        let define =
            |name: &str, query: &str| edit(json!({ "type": "define", "name": name, "query": query }), None);
        let made: Recorded = define("Late parcels", "parcel").json();
        assert!(made.seen && made.feedback == 6 && made.themes == ["t1"], "{made:?}");
        define("late parcels", "app").problem(409, "api.conflict");
        define("Nothing", "zebra").problem(400, "api.bad_action");
        let list: ThemeList = get("/api/v1/themes?since=2026-05-01&kind=complaint").json();
        assert_eq!((list.themes[0].people, list.version), (6, made.number.unwrap()));
        let one: Value = get("/api/v1/themes/late%20parcels").json();
        assert_eq!(one["theme"]["id"], "t1");
        assert_eq!(one["quotes"][0]["copies"], 5, "six with one text");
        get("/api/v1/themes/t9").problem(404, "api.not_found");
        get("/api/v1/themes?kind=rumour").problem(400, "api.bad_window");
        get("/api/v1/themes/t1?parts=2").problem(400, "api.bad_action");
        edit(json!({ "type": "rename", "theme": "t1", "name": "Parcels" }), Some(0))
            .problem(409, "api.conflict");
        edit(json!({ "type": "merge", "into": "t1", "themes": ["t1"] }), None).problem(400, "api.bad_action");
        edit(json!({ "type": "paint", "theme": "t1" }), None).problem(422, "api.bad_body");
        let found: Value = get("/api/v1/search?q=theme:%22late%20parcels%22&facets=theme").json();
        assert_eq!(
            (found["feedback"].as_u64(), found["facets"]["theme"][0]["name"].as_str()),
            (Some(6), Some("Late parcels"))
        );
        let edits: Vec<Value> = get("/api/v1/themes/edits").json();
        assert_eq!(edits.len(), 1);
        let undo =
            json!({ "actor": "ben", "decision": { "type": "theme_edit_undone", "edit": made.number } });
        assert_eq!(post("/api/v1/actions", &undo).status, 200);
        post("/api/v1/actions", &undo).problem(409, "api.conflict");
        let begun: ThemeProgress = post("/api/v1/themes/runs", &json!({ "actor": "ada" })).json();
        assert!(begun.running);
        let ended: ThemeProgress = get("/api/v1/themes/runs?wait_s=30").json();
        assert!(!ended.running && ended.fault.is_none(), "{ended:?}");
        let diff: ThemeDiff = get("/api/v1/themes/diff").json();
        assert_eq!(diff.run.unwrap().changes.len(), 2, "two things are spoken of");
        ask(shared, "GET", "/api/v1/themes", None, ("", Vec::new())).problem(401, "api.unauthorised");
    });
}

#[test]
fn searches_are_saved_with_an_alert_and_forgotten() {
    let house = House::new("http-saved");
    house.visit(|shared| {
        let act = |decision: Value| {
            let deed = json!({ "actor": "ada", "decision": decision });
            ask(shared, "POST", "/api/v1/actions", Some(TOKEN), body(&deed))
        };
        let get = |path: &str| ask(shared, "GET", path, Some(TOKEN), ("", Vec::new()));
        for record in 0..12 {
            assert_eq!(
                ask(shared, "POST", "/api/v1/feedback", Some(TOKEN), body(&feedback(record))).status,
                200
            );
        }
        assert!(shared.await_reported(Instant::now() + PATIENCE).unwrap());
        let save = |search: Value| act(json!({ "type": "search_saved", "search": search }));
        let made: Recorded =
            save(json!({ "name": "Parcels", "q": "parcel", "filter": "kind:complaint", "alert": 6 })).json();
        assert_eq!(made.feedback, 6);
        assert_eq!(save(json!({ "name": "Crashes", "q": "crashes", "alert": 7 })).status, 200);
        save(json!({ "name": " ", "q": "x" })).problem(400, "api.bad_action");
        save(json!({ "name": "All" })).problem(400, "api.bad_action");
        save(json!({ "name": "Odd", "filter": "mood:bad" })).problem(400, "search.unknown_field");
        let rows: Vec<SavedRow> = get("/api/v1/searches").json();
        let told: Vec<_> =
            rows.iter().map(|row| (row.search.name.as_str(), row.last_seven_days, row.alerts)).collect();
        assert_eq!(told, [("Crashes", 6, false), ("Parcels", 6, true)]);
        assert_eq!(rows[1].weeks, [("2026-05-25".to_owned(), 6)]);
        let report: Value = get("/api/v1/report").json();
        assert_eq!(report["alerts"], json!([{ "name": "Parcels", "people": 6, "threshold": 6 }]));
        assert_eq!(act(json!({ "type": "search_forgotten", "name": "parcels" })).status, 200);
        act(json!({ "type": "search_forgotten", "name": "parcels" })).problem(404, "api.not_found");
        assert_eq!(get("/api/v1/searches").json::<Vec<Value>>().len(), 1);
    });
}
