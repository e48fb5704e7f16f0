//! What watches an installation knows it: dashboard and alerts name metrics that `/metrics` really renders, every metric is
//! documented, and every alert leads to a section that says what to do.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use groundswell_server::{Installation, render_metrics};
use groundswell_tests::House;
use serde_json::Value;

use crate::workspace::{expect_none, read};

const DASHBOARD: &str = "deploy/grafana/groundswell.json";
const RULES: &str = "deploy/prometheus/rules.yml";
const PAGES: [&str; 2] = ["docs/operating.md", "docs/operations.md"];

/// Labels that Prometheus adds, or makes of a histogram.
const ADDED: [&str; 3] = ["instance", "job", "le"];

/// What a process with every role renders.
struct Rendered {
    /// Names of metrics and their kind.
    kinds: BTreeMap<String, String>,
    labels: BTreeSet<String>,
}

static RENDERED: LazyLock<Rendered> = LazyLock::new(|| {
    let text = House::new("contract-metrics").visit(|shared| render_metrics(&shared.metrics().unwrap()));
    let (mut kinds, mut labels) = (BTreeMap::new(), BTreeSet::new());
    for line in text.lines() {
        if let Some((name, kind)) = line.strip_prefix("# TYPE ").and_then(|line| line.split_once(' ')) {
            assert!(kinds.insert(name.to_owned(), kind.to_owned()).is_none(), "{name} is rendered twice");
        }
        let within = line.split_once('{').and_then(|(_, rest)| rest.split_once('}'));
        let pairs = within.map(|(pairs, _)| pairs).into_iter().flat_map(|pairs| pairs.split(','));
        labels.extend(pairs.filter_map(|pair| pair.split_once('=')).map(|(label, _)| label.to_owned()));
    }
    // Rendered with their first item only.
    labels.extend(["pipeline".to_owned(), "outcome".to_owned()]);
    Rendered { kinds, labels }
});

impl Rendered {
    fn has(&self, name: &str) -> bool {
        let parts = ["_bucket", "_sum", "_count"].iter().filter_map(|part| name.strip_suffix(part));
        let of_histogram = |name: &str| self.kinds.get(name).is_some_and(|kind| kind == "histogram");
        let plain = self.kinds.get(name).is_some_and(|kind| kind != "histogram");
        plain || parts.into_iter().any(of_histogram)
    }
}

/// The names of our metrics in an expression or a text.
fn names(text: &str) -> Vec<&str> {
    let part_of = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    text.match_indices("groundswell_")
        .filter(|(at, _)| !text[..*at].ends_with(|c: char| c.is_ascii_alphanumeric() || "_-/".contains(c)))
        .map(|(at, _)| {
            let rest = &text[at..];
            rest.find(|c| !part_of(c)).map_or(rest, |end| &rest[..end])
        })
        .collect()
}

/// The labels that an expression groups by and a legend shows.
fn labels(text: &str) -> Vec<&str> {
    let between = |open: &'static str, close: char| {
        text.split(open).skip(1).filter_map(move |rest| rest.split_once(close).map(|(inner, _)| inner))
    };
    let grouped = between("by (", ')').flat_map(|list| list.split(','));
    grouped.chain(between("{{", '}')).map(str::trim).filter(|label| !label.starts_with('$')).collect()
}

fn faults(place: &str, text: &str) -> Vec<String> {
    let unknown = names(text).into_iter().filter(|name| !RENDERED.has(name));
    let mut faults: Vec<String> = unknown.map(|name| format!("{place}: no metric {name}")).collect();
    let strange = |label: &&str| !RENDERED.labels.contains(*label) && !ADDED.contains(label);
    faults.extend(labels(text).into_iter().filter(strange).map(|label| format!("{place}: no label {label}")));
    faults
}

/// Every text below a value, with the key that holds it.
fn texts<'a>(value: &'a Value, key: &'a str, found: &mut Vec<(&'a str, &'a str)>) {
    match value {
        Value::String(text) => found.push((key, text)),
        Value::Array(values) => values.iter().for_each(|value| texts(value, key, found)),
        Value::Object(fields) => fields.iter().for_each(|(key, value)| texts(value, key, found)),
        _ => {}
    }
}

fn rules() -> Vec<Value> {
    let rules: Value =
        serde_yaml_ng::from_str(&read(RULES)).unwrap_or_else(|error| panic!("{RULES}: {error}"));
    let groups = rules["groups"].as_array().expect("rules stand in groups");
    groups.iter().flat_map(|group| group["rules"].as_array().expect("a group has rules").clone()).collect()
}

/// The anchor of a heading, as it is made for links.
fn anchor(heading: &str) -> String {
    let lower = heading.trim().to_lowercase();
    lower.chars().filter(|c| c.is_alphanumeric() || " -".contains(*c)).collect::<String>().replace(' ', "-")
}

#[test]
fn the_dashboard_shows_metrics_that_exist() {
    let board: Value =
        serde_json::from_str(&read(DASHBOARD)).unwrap_or_else(|error| panic!("{DASHBOARD}: {error}"));
    let mut found = Vec::new();
    texts(&board, "", &mut found);
    let asked: Vec<_> =
        found.iter().filter(|(key, _)| ["expr", "query", "legendFormat"].contains(key)).collect();
    assert!(asked.len() > 20, "the dashboard asks for nothing");
    let faults: Vec<String> = asked.iter().flat_map(|(_, text)| faults(DASHBOARD, text)).collect();
    expect_none("the dashboard", &faults);
    let ids: Vec<&Value> = board["panels"].as_array().unwrap().iter().map(|panel| &panel["id"]).collect();
    assert_eq!(ids.iter().map(|id| id.as_u64()).collect::<BTreeSet<_>>().len(), ids.len());
}

#[test]
fn alerts_ask_for_metrics_that_exist_and_lead_to_what_to_do() {
    let page = read("docs/operations.md");
    let anchors: BTreeSet<String> = page
        .lines()
        .filter_map(|line| line.strip_prefix('#'))
        .map(|line| anchor(line.trim_start_matches('#')))
        .collect();
    let mut found = Vec::new();
    let mut seen = BTreeSet::new();
    for rule in rules() {
        let name = rule["alert"].as_str().expect("an alert has a name").to_owned();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        found.extend(faults(&name, &text(&rule["expr"])));
        let summary = text(&rule["annotations"]["summary"]);
        let runbook = text(&rule["annotations"]["runbook"]);
        let leads = runbook.strip_prefix("docs/operations.md#").is_some_and(|place| anchors.contains(place));
        for (fault, is) in [
            ("has no expression", rule["expr"].as_str().is_none_or(str::is_empty)),
            ("has no summary", summary.is_empty()),
            ("leads nowhere", !leads),
            (
                "has no severity",
                !["critical", "warning"].contains(&text(&rule["labels"]["severity"]).as_str()),
            ),
            ("is there twice", !seen.insert(name.clone())),
        ] {
            found.extend(is.then(|| format!("{name} {fault}")));
        }
    }
    assert!(seen.len() >= 7, "{seen:?}");
    expect_none("alerts", &found);
}

#[test]
fn every_metric_is_documented_and_every_documented_metric_exists() {
    let pages: Vec<(&str, String)> = PAGES.iter().map(|page| (*page, read(page))).collect();
    let mut found: Vec<String> = pages
        .iter()
        .flat_map(|(page, text)| {
            let known = |name: &&str| RENDERED.kinds.contains_key(*name) || RENDERED.has(name);
            let strange = names(text).into_iter().filter(move |name| !known(name));
            strange.map(move |name| format!("{page}: no metric {name}")).collect::<Vec<_>>()
        })
        .collect();
    let documented: BTreeSet<&str> = pages.iter().flat_map(|(_, text)| names(text)).collect();
    let missing = RENDERED.kinds.keys().filter(|name| !documented.contains(name.as_str()));
    found.extend(missing.map(|name| format!("{name} is not documented")));
    expect_none("metrics in the documents", &found);
}

#[test]
fn names_of_metrics_follow_the_conventions() {
    let mut found = Vec::new();
    for (name, kind) in &RENDERED.kinds {
        let is_counter = name.ends_with("_total");
        if is_counter != (kind == "counter") {
            found.push(format!("{name} is a {kind}"));
        }
        if kind == "histogram" && !name.ends_with("_seconds") {
            found.push(format!("{name} does not say its unit"));
        }
    }
    expect_none("names of metrics", &found);
}

#[test]
fn names_and_labels_are_found_in_expressions() {
    let text = "sum by (le, loop) (rate(groundswell_a_bucket{instance=~\"$instance\"}[5m])) / groundswell_b_total > 0";
    assert_eq!(names(text), ["groundswell_a_bucket", "groundswell_b_total"]);
    assert_eq!(labels(text), ["le", "loop"]);
    assert_eq!(labels("{{topic}}-{{partition}} of {{ $labels.instance }}"), ["topic", "partition"]);
    assert_eq!(names("docs/groundswell_x and groundswell"), Vec::<&str>::new());
    assert_eq!(anchor("A position is out of range"), "a-position-is-out-of-range");
}
