//! Routes of systemic issues and of what their price rests on: empty lists, unknown names, requests that say nothing.

use groundswell_server::{AssumptionList, Rejudged};
use groundswell_tests::House;
use serde_json::{Value, json};

use crate::{TOKEN, ask, body};

#[test]
fn issues_are_listed_and_decisions_are_checked() {
    let house = House::new("http-issues");
    house.visit(|shared| {
        let get = |path: &str| ask(shared, "GET", path, Some(TOKEN), ("", Vec::new()));
        assert_eq!(get("/api/v1/issues").json::<Vec<Value>>(), Vec::<Value>::new());
        assert_eq!(get("/api/v1/issues?all=true").json::<Vec<Value>>(), Vec::<Value>::new());
        get("/api/v1/issues?all=perhaps").problem(400, "api.bad_parameter");
        get("/api/v1/issues/fulfilment.timeliness").problem(404, "api.not_found");
        get("/api/v1/issues/%3Cscript%3E").problem(404, "api.not_found");
        assert_eq!(get("/api/v1/rejudge").json::<Rejudged>(), Rejudged::default());
        ask(shared, "GET", "/api/v1/issues", None, ("", Vec::new())).problem(401, "api.unauthorised");

        let post = |path: &str, value: &Value| ask(shared, "POST", path, Some(TOKEN), body(value));
        let close =
            json!({ "actor": "ada", "decision": { "type": "issue_closed", "issue": "use.value_price" } });
        post("/api/v1/actions", &close).problem(404, "api.not_found");
        post("/api/v1/actions", &json!({ "actor": "ada" })).problem(422, "api.bad_body");
        let foreign =
            json!({ "actor": "ada", "decision": { "type": "started", "program": "x", "journey": "y" } });
        post("/api/v1/actions", &foreign).problem(400, "api.bad_action");
    });
}

#[test]
fn assumptions_are_shown_changed_and_refused() {
    let house = House::new("http-assumptions");
    house.visit(|shared| {
        let list = || -> AssumptionList {
            ask(shared, "GET", "/api/v1/assumptions?gap=timeliness", Some(TOKEN), ("", Vec::new())).json()
        };
        let articulation = || {
            let row = list().assumptions.into_iter().find(|row| row.quantity == "articulation").unwrap();
            (row.value, row.changed)
        };
        let before = articulation();
        assert!(!before.1);
        let set = |value: f64| {
            let decision = json!({ "type": "assumption_set", "quantity": "articulation", "gap": "timeliness",
                "value": value, "weight": 180.0, "measured": true, "source": "survey of March" });
            let deed = body(&json!({ "actor": "ada", "decision": decision }));
            ask(shared, "POST", "/api/v1/actions", Some(TOKEN), deed)
        };
        set(1.5).problem(400, "api.bad_action");
        assert_eq!(articulation(), before);
        assert_eq!(set(0.42).status, 200);
        assert_eq!(articulation(), (0.42, true));
        let get = |path: &str| ask(shared, "GET", path, Some(TOKEN), ("", Vec::new()));
        get("/api/v1/assumptions?gap=luck").problem(404, "api.not_found");
        get("/api/v1/assumptions").problem(400, "api.bad_parameter");
    });
}
