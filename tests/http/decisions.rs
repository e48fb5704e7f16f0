//! Routes of corrections, promises, reported exposure and reviews: what they take, what they refuse, and an issue of one group
//! by its name.

use std::time::Instant;

use groundswell_server::{ExportPage, PromiseList, Recorded, ReviewSample};
use groundswell_tests::{House, PATIENCE};
use serde_json::{Value, json};

use crate::{TOKEN, ask, body};

fn feedback(record: u32) -> Value {
    json!({ "record": format!("H-{record}"), "occurred_at": "2026-05-20T10:00:00Z", "kind": "complaint",
        "respondent": { "customer": format!("H-{record}") }, "context": { "order_status": "shipped" },
        "statements": [{ "text": "You promised two days, and my parcel came four days late." }] })
}

#[test]
fn mappings_are_corrected_listed_and_undone() {
    let house = House::new("http-corrections");
    house.visit(|shared| {
        let post = |path: &str, value: &Value| ask(shared, "POST", path, Some(TOKEN), body(value));
        let get = |path: &str| ask(shared, "GET", path, Some(TOKEN), ("", Vec::new()));
        for record in 0..3 {
            assert_eq!(post("/api/v1/feedback", &feedback(record)).status, 200);
        }
        assert!(shared.await_reported(Instant::now() + PATIENCE).unwrap());
        assert_eq!(get("/api/v1/corrections").json::<Vec<Value>>(), Vec::<Value>::new());
        let correct = |correction: Value, dry_run: bool| {
            let request = json!({ "actor": "ada", "query": { "q": "parcel" }, "correction": correction, "dry_run": dry_run });
            post("/api/v1/corrections", &request)
        };
        let tried: Recorded = correct(json!({ "not_a_complaint": true }), true).json();
        assert_eq!((tried.number, tried.feedback), (None, 3));
        let made: Recorded = correct(json!({ "not_a_complaint": true }), false).json();
        assert!(made.seen && made.feedback == 3, "{made:?}");
        let rows: Vec<Value> = get("/api/v1/corrections").json();
        assert_eq!((rows.len(), rows[0]["query"].clone()), (1, json!("parcel")));
        correct(json!({}), false).problem(400, "api.bad_action");
        correct(json!({ "stage": "Moon" }), false).problem(422, "api.bad_body");
        correct(json!({ "stage": "moon" }), false).problem(400, "api.bad_action");
        correct(json!({ "mood": "bad" }), false).problem(422, "api.bad_body");
        let undo = json!({ "actor": "ada", "decision": { "type": "correction_undone", "correction": made.number } });
        assert_eq!(post("/api/v1/actions", &undo).json::<Recorded>().feedback, 3);
        post("/api/v1/actions", &undo).problem(409, "api.conflict");
        ask(shared, "GET", "/api/v1/corrections", None, ("", Vec::new())).problem(401, "api.unauthorised");
        let page: ExportPage = get("/api/v1/export?q=parcel&limit=2").json();
        assert_eq!((page.hits.len(), page.feedback, page.next.is_some()), (2, 3, true));
        let rest: ExportPage =
            get(&format!("/api/v1/export?q=parcel&limit=2&after={}", page.next.unwrap())).json();
        assert_eq!((rest.hits.len(), rest.next), (1, None));
        get("/api/v1/export?after=nowhere").problem(400, "api.bad_parameter");
        get("/api/v1/search?sort=price").problem(400, "api.bad_parameter");
        let found: Value = get("/api/v1/search?q=parcel&step=month&sort=time").json();
        assert_eq!(found["histogram"][0]["day"], "2026-05-01");
    });
}

#[test]
fn promises_exposure_and_reviews_are_taken_and_shown() {
    let house = House::new("http-promises");
    house.visit(|shared| {
        let post = |path: &str, value: &Value| ask(shared, "POST", path, Some(TOKEN), body(value));
        let get = |path: &str| ask(shared, "GET", path, Some(TOKEN), ("", Vec::new()));
        let decide =
            |decision: Value| post("/api/v1/actions", &json!({ "actor": "ada", "decision": decision }));
        for record in 0..3 {
            assert_eq!(post("/api/v1/feedback", &feedback(record)).status, 200);
        }
        assert!(shared.await_reported(Instant::now() + PATIENCE).unwrap());
        let promise = json!({ "id": "two-days", "text": "delivered within two days", "gap": "timeliness" });
        let made: Recorded = decide(json!({ "type": "promise_registered", "promise": promise })).json();
        assert_eq!(made.feedback, 3);
        let exposure = json!({ "type": "exposure_reported", "stage": "fulfilment", "what": "orders shipped",
            "days": [{ "day": "2026-05-20", "count": 40 }] });
        assert_eq!(decide(exposure).status, 200);
        let list: PromiseList = get("/api/v1/promises").json();
        assert_eq!((list.promises.len(), list.promises[0].people, list.exposure.len()), (1, 3, 1));
        decide(json!({ "type": "promise_withdrawn", "promise": "none" })).problem(404, "api.not_found");
        decide(json!({ "type": "promise_withdrawn", "promise": "Not a name" })).problem(422, "api.bad_body");
        decide(json!({ "type": "issue_closed", "issue": "use.value_price" })).problem(404, "api.not_found");
        let sample: ReviewSample = get("/api/v1/review?size=2&seed=1").json();
        assert_eq!((sample.sample.len(), sample.agreement), (2, None));
        get("/api/v1/review?size=900").problem(400, "api.bad_parameter");
        get("/api/v1/review?size=two").problem(400, "api.bad_parameter");
        get("/api/v1/issues/fulfilment.timeliness%40region%3Dnorth").problem(404, "api.not_found");
        get("/api/v1/issues/fulfilment.timeliness%40").problem(404, "api.not_found");
    });
}
