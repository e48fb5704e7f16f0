//! The router in process over a real installation: health, metrics, push, report, search, problems, a full disk.

mod decisions;
mod issues;
mod metrics;
mod themes;

use std::sync::Arc;

use groundswell::engine::Shared;
use groundswell_server::{Accepted, CountsReport, Installation, Problem, Status, Token, router};
use groundswell_tests::House;
use http::{Request, StatusCode};
use http_body_util::{BodyExt, Full};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tower::ServiceExt;

const TOKEN: &str = "the token of the folder";

/// What came back.
struct Reply {
    status: StatusCode,
    kind: String,
    retry: bool,
    body: Vec<u8>,
}

impl Reply {
    fn json<T: DeserializeOwned>(&self) -> T {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error} in {}", self.text()))
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// Takes it for a problem, and checks that it is one through and through.
    fn problem(&self, status: u16, code: &str) -> Problem {
        assert_eq!(self.status.as_u16(), status, "{}", self.text());
        assert_eq!(self.kind, "application/problem+json");
        let problem: Problem = self.json();
        assert_eq!((problem.status, problem.code.as_str()), (status, code));
        assert!(problem.kind.ends_with(code) && !problem.detail.is_empty() && !problem.title.is_empty());
        problem
    }
}

/// Asks once; with the right token unless another is given.
fn ask(shared: &Arc<Shared>, method: &str, path: &str, token: Option<&str>, body: (&str, Vec<u8>)) -> Reply {
    let installation: Arc<dyn Installation> = Arc::<Shared>::clone(shared);
    let mut request = Request::builder().method(method).uri(path).header("content-type", body.0);
    if let Some(token) = token {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    let request = request.body(Full::from(body.1)).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let reply = router(installation, Token::new(TOKEN.to_owned())).oneshot(request).await.unwrap();
        let header = |name: &str| reply.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
        let (kind, retry) = (header("content-type").unwrap_or_default(), header("retry-after").is_some());
        let status = reply.status();
        Reply { status, kind, retry, body: reply.into_body().collect().await.unwrap().to_bytes().to_vec() }
    })
}

fn get(shared: &Arc<Shared>, path: &str) -> Reply {
    ask(shared, "GET", path, Some(TOKEN), ("text/plain", Vec::new()))
}

fn post(shared: &Arc<Shared>, path: &str, kind: &str, body: impl Into<Vec<u8>>) -> Reply {
    ask(shared, "POST", path, Some(TOKEN), (kind, body.into()))
}

fn record(name: &str) -> Value {
    json!({ "record": name, "occurred_at": "2026-05-01T08:00:00Z", "respondent": { "customer": "C-1" },
        "statements": [{ "text": "I was promised next day delivery, but the parcel came four days late." }] })
}

/// A JSON body with its type.
fn body(value: &Value) -> (&'static str, Vec<u8>) {
    ("application/json", value.to_string().into_bytes())
}

#[test]
fn health_and_metrics_are_open() {
    let house = House::new("http-health");
    house.visit(|shared| {
        let open = |path: &str| ask(shared, "GET", path, None, ("text/plain", Vec::new()));
        assert_eq!(
            (open("/health/live").status, open("/health/live").text().as_str()),
            (StatusCode::OK, "live\n")
        );
        let ready = open("/health/ready");
        assert_eq!(ready.status, StatusCode::OK);
        let status: Status = ready.json();
        assert!(status.ready && status.loops.keys().eq(["analyse", "index", "ingest"]));
        let metrics = open("/metrics");
        assert!(metrics.kind.starts_with("text/plain"));
        let text = metrics.text();
        for name in [
            "ready",
            "loop_running",
            "lag_records",
            "views_rebuilt_total",
            "raw_records_total",
            "parts_total",
            "dead_letters_total",
            "published_total",
            "indexed_total",
            "pushed_total",
            "aborted_transactions_total",
        ] {
            assert!(text.contains(&format!("# TYPE groundswell_{name} ")), "{name} is missing from {text}");
        }
        let mut typed = "";
        for line in text.lines() {
            if let Some(head) = line.strip_prefix("# TYPE ") {
                typed = head.split(' ').next().unwrap();
                continue;
            }
            if line.starts_with('#') {
                continue;
            }
            let (name, value) = line.rsplit_once(' ').unwrap();
            assert!(name.starts_with(typed) && value.parse::<f64>().is_ok(), "{line} stands below {typed}");
        }
    });
}

#[test]
fn a_loop_that_has_stopped_is_not_ready() {
    let house = House::new("http-stopped");
    let running = house.start();
    let shared = Arc::clone(running.shared());
    running.stop().unwrap();
    let ready = ask(&shared, "GET", "/health/ready", None, ("text/plain", Vec::new()));
    assert_eq!(ready.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(!ready.json::<Status>().ready);
}

#[test]
fn everything_else_needs_the_token() {
    let house = House::new("http-token");
    house.visit(|shared| {
        for token in [
            None,
            Some(""),
            Some("another token"),
            Some("the token of the folde"),
            Some("the token of the folder!"),
        ] {
            for (method, path) in [
                ("POST", "/api/v1/feedback"),
                ("GET", "/api/v1/report"),
                ("GET", "/api/v1/search"),
                ("GET", "/api/v1/counts"),
                ("GET", "/api/v1/status"),
                ("POST", "/api/v1/replay"),
                ("POST", "/api/v1/reannotate"),
                ("POST", "/api/v1/imports"),
            ] {
                let reply = ask(
                    shared,
                    method,
                    path,
                    token,
                    ("application/json", record("A-1").to_string().into_bytes()),
                );
                reply.problem(401, "api.unauthorised");
            }
        }
        assert!(shared.counts().unwrap().pipelines.is_empty());
        get(shared, "/nowhere").problem(404, "api.not_found");
        get(shared, "/api/v1/imports/unknown").problem(404, "api.not_found");
        assert_eq!(get(shared, "/api/v1/feedback").status, StatusCode::METHOD_NOT_ALLOWED);
    });
}

#[test]
fn pushes_are_answered_item_by_item() {
    let house = House::new("http-push");
    house.visit(|shared| {
        let one = post(shared, "/api/v1/feedback", "application/json", record("A-1").to_string());
        assert_eq!(one.status, StatusCode::OK);
        let one: Accepted = one.json();
        assert_eq!((one.accepted, one.refused, one.items[0].record), (1, 0, 0));
        assert!(one.items[0].id.as_deref().unwrap().starts_with("fb_"));

        let lines = format!(
            "{}\r\n\n{}\n{{\"record\": \"A-3\"\n{}",
            record("A-2"),
            record("A-1"),
            json!({ "record": "A-4" })
        );
        let many: Accepted = post(shared, "/api/v1/feedback", "application/x-ndjson", lines).json();
        assert_eq!((many.accepted, many.refused, many.items.len()), (2, 2, 4));
        assert_eq!(many.items[3].code.as_deref(), Some("adapt.missing_field"));
        assert!(many.items[3].message.as_deref().unwrap().contains("/statements"));

        let dry: Accepted =
            post(shared, "/api/v1/feedback?dry_run=true", "application/json", record("A-9").to_string())
                .json();
        assert_eq!(dry.items[0].mapping.as_ref().unwrap().stage.as_str(), "fulfilment");
        let none = post(shared, "/api/v1/feedback", "application/json", "not JSON");
        assert_eq!(none.status, StatusCode::UNPROCESSABLE_ENTITY);
        let ticket = json!({ "id": 7, "subject": "Late", "description": "It came late.", "status": "open",
            "created_at": "2026-05-01T08:00:00Z", "updated_at": "2026-05-01T08:00:00Z" });
        let vendor: Accepted =
            post(shared, "/api/v1/feedback?pipeline=zendesk", "application/json", ticket.to_string()).json();
        assert_eq!(vendor.accepted, 1);
    });
    house.visit(|shared| {
        let counts: CountsReport = get(shared, "/api/v1/counts").json();
        assert!(counts.holds);
        assert_eq!(
            (counts.live, counts.pipelines["submission"].raw, counts.pipelines["zendesk"].raw),
            (3, 3, 1)
        );
    });
}

#[test]
fn what_is_wrong_with_a_request_is_a_problem() {
    let house = House::new("http-problem");
    house.visit(|shared| {
        let problem = post(shared, "/api/v1/feedback?pipeline=nowhere", "application/json", "{}")
            .problem(400, "api.unknown_pipeline");
        assert!(problem.detail.contains("submission"), "{}", problem.detail);
        let large = post(shared, "/api/v1/feedback", "application/json", vec![b' '; (16 << 20) + 1]);
        large.problem(413, "api.too_large");
        let many = "{}\n".repeat(10_001);
        post(shared, "/api/v1/feedback", "application/x-ndjson", many).problem(400, "api.too_many");
        get(shared, "/api/v1/report?since=yesterday").problem(400, "api.bad_window");
        get(shared, "/api/v1/report?kind=rumour").problem(400, "api.bad_window");
        get(shared, "/api/v1/search?filter=stage").problem(400, "api.bad_filter");
        get(shared, "/api/v1/search?since=yesterday").problem(400, "api.bad_time");
        get(shared, "/api/v1/search?limit=many").problem(400, "api.bad_parameter");
        post(shared, "/api/v1/imports", "application/json", "{}").problem(422, "api.bad_body");
        let bad = json!({ "import": "x", "pipeline": "nome = 1", "rows": 1 });
        post(shared, "/api/v1/imports", "application/json", bad.to_string()).problem(400, "api.bad_pipeline");
        assert!(shared.counts().unwrap().pipelines.is_empty());
    });
}

#[test]
fn what_was_pushed_is_reported_found_and_counted() {
    let house = House::new("http-read");
    house.visit(|shared| {
        let lines: Vec<String> = (0..5).map(|number| record(&format!("A-{number}")).to_string()).collect();
        post(shared, "/api/v1/feedback", "application/x-ndjson", lines.join("\n"));
    });
    house.visit(|shared| {
        let report: Value =
            get(shared, "/api/v1/report?since=2026-05-01&until=2026-05-01&kind=complaint").json();
        assert_eq!((report["people"].as_u64(), report["feedback"].as_u64()), (Some(1), Some(5)));
        assert_eq!(report["matrix"][0]["stage"], "fulfilment");
        let empty: Value = get(shared, "/api/v1/report?since=2026-05-02").json();
        assert_eq!(empty["feedback"], 0);
        let found: Value = get(
            shared,
            "/api/v1/search?q=parcel%20late&limit=2&copies=true&facets=stage&filter=kind:complaint",
        )
        .json();
        assert_eq!((found["feedback"].as_u64(), found["hits"].as_array().unwrap().len()), (Some(5), 2));
        assert_eq!(found["facets"]["stage"][0]["value"], "fulfilment");
        let status: Status = get(shared, "/api/v1/status").json();
        assert!(status.loops.values().all(|state| state.running && state.lag == 0), "{status:?}");
        assert_eq!(
            post(shared, "/api/v1/replay", "application/json", "").json::<Value>(),
            json!({ "replayed": 0 })
        );
        let version = groundswell_annotate::CODE_VERSION;
        let step: Value = loop {
            let step = post(shared, "/api/v1/reannotate", "application/json", "").json::<Value>();
            if step["done"] == true {
                break step;
            }
        };
        assert_eq!((&step["version"], &step["reannotated"]), (&json!(version), &json!(0)));
    });
}

#[test]
fn an_import_goes_over_http_and_its_rows_follow_each_other() {
    let house = House::new("http-import");
    let pipeline = "name = \"plain\"\ndescription = \"Rows of a test.\"\nadapter = \"table\"\nkind = \"survey\"\nchannel = \"web\"\n[source]\nsystem = \"plain\"\n\
                    [table]\nformat = \"csv\"\n[[table.statement]]\ncolumn = \"why\"\n";
    house.visit(|shared| {
        let start = json!({ "import": "one", "pipeline": pipeline, "rows": 1 }).to_string();
        let begun: Value = post(shared, "/api/v1/imports", "application/json", start.clone()).json();
        assert_eq!(begun, json!({ "appended": 0, "finished": false }));
        // `SXQgY2FtZSBsYXRlLg==` is "It came late." in base64.
        let rows = json!({ "import": "one", "after": 0, "columns": ["why"],
            "rows": [{ "number": 1, "occurrence": 0, "bytes": "SXQgY2FtZSBsYXRlLg==" }] })
        .to_string();
        assert_eq!(
            post(shared, "/api/v1/imports/rows", "application/json", rows.clone()).status,
            StatusCode::NO_CONTENT
        );
        post(shared, "/api/v1/imports/rows", "application/json", rows).problem(409, "api.conflict");
        assert_eq!(
            post(shared, "/api/v1/imports/one/finish", "application/json", "").status,
            StatusCode::NO_CONTENT
        );
        let outcome: Value = get(shared, "/api/v1/imports/one?wait_s=30").json();
        assert_eq!((outcome["done"].as_bool(), outcome["counts"]["parts"].as_u64()), (Some(true), Some(1)));
        let again: Value = post(shared, "/api/v1/imports", "application/json", start).json();
        assert_eq!(again, json!({ "appended": 1, "finished": true }));
    });
}

#[test]
fn a_full_disk_refuses_and_loses_nothing() {
    let mut house = House::new("http-full");
    house.visit(|shared| {
        assert_eq!(
            post(shared, "/api/v1/feedback", "application/json", record("A-1").to_string()).status,
            StatusCode::OK
        );
    });
    let before = house.dump();
    let reserve = house.config.log.reserve;
    house.config.log.reserve = "9000GiB".to_owned().try_into().unwrap();
    let running = house.start();
    let shared = Arc::clone(running.shared());
    let refused = post(&shared, "/api/v1/feedback", "application/json", record("A-2").to_string());
    refused.problem(507, "api.full");
    assert!(!refused.retry);
    let report: Value = get(&shared, "/api/v1/report").json();
    assert_eq!(report["feedback"], 1, "what is there can still be read");
    running.stop().unwrap_or_else(|error| assert!(format!("{error:#}").contains("lead"), "{error:#}"));
    drop(shared);
    house.config.log.reserve = reserve;
    house.visit(|shared| {
        assert_eq!(
            post(shared, "/api/v1/feedback", "application/json", record("A-2").to_string()).status,
            StatusCode::OK
        );
    });
    house.visit(|shared| {
        let counts = shared.counts().unwrap();
        assert!(counts.holds, "{:?}", counts.faults);
        assert_eq!((counts.live, counts.indexed, counts.pipelines["submission"].raw), (2, 2, 2));
    });
    let after = house.dump();
    assert!(before.iter().all(|line| after.contains(line)), "{before:#?} became {after:#?}");
}

#[test]
fn the_openapi_document_is_generated_and_names_every_route() {
    let path = groundswell_tests::workspace_root().join("schemas/openapi.json");
    let golden = std::fs::read_to_string(path).expect("schemas/openapi.json is written by `cargo xtask gen`");
    let generated =
        groundswell_tests::generated().into_iter().find(|document| document.path == "schemas/openapi.json");
    assert!(generated.unwrap().text == golden, "schemas/openapi.json is out of date: run `cargo xtask gen`");
    let document: Value = serde_json::from_str(&golden).unwrap();
    let house = House::new("http-openapi");
    house.visit(|shared| {
        for (path, methods) in document["paths"].as_object().unwrap() {
            for method in methods.as_object().unwrap().keys().filter(|name| *name != "parameters") {
                let reply = ask(shared, &method.to_uppercase(), path, None, ("application/json", Vec::new()));
                let open = path.starts_with("/health") || path == "/metrics";
                let expected = if open { StatusCode::OK } else { StatusCode::UNAUTHORIZED };
                assert_eq!(reply.status, expected, "{method} {path}");
            }
        }
    });
}
