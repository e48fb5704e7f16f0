//! Hostile texts: linear time, bounded size, nothing unprintable reaches what is stored or shown.

use std::time::{Duration, Instant};

use groundswell_model::Mark;
use groundswell_server::PushStatus;
use groundswell_tests::House;
use serde_json::json;

use crate::records::{accepted, by_record, counts, push_bytes, report, topic};

/// A debug build on a busy machine takes a second for what a release build does in milliseconds.
const BOUND: Duration = Duration::from_secs(60);

#[test]
fn a_text_over_the_limit_is_cut_and_marked() {
    let house = House::new("cut");
    let text = "The parcel came four days late. ".repeat(1_000);
    house.visit(|shared| accepted(shared, &[json!({ "record": "L-1", "statements": [{ "text": text }] })]));
    house.visit(|shared| {
        let content = by_record(shared, "L-1").content;
        assert!(content.marks.contains(&Mark::TextCut));
        let length = content.statements[0].text.chars().count();
        assert!(length <= 20_000 && length > 19_000, "{length}");
        counts(shared);
    });
}

#[test]
fn a_record_over_the_limit_is_refused_at_the_door() {
    let house = House::new("large");
    house.visit(|shared| {
        let record = json!({ "record": "L-1", "statements": [{ "text": "x".repeat(2 << 20) }] });
        let result = push_bytes(shared, "submission", vec![record.to_string().into_bytes()], false).remove(0);
        assert_eq!(result.status, PushStatus::Refused);
        assert_eq!(result.code.as_deref(), Some("adapt.too_large"));
        assert!(topic(shared, &shared.topics.raw).is_empty());
    });
}

#[test]
fn hostile_texts_take_linear_time_and_are_harmless_afterwards() {
    let house = House::new("hostile");
    let texts = [
        ("bidi", "plain", "It came \u{202e}etal\u{202c} and \u{2066}hidden\u{2069}.".to_owned()),
        ("control", "plain", "It\u{0}came\u{7} late\u{1b}[31m red\u{9b}0m.".to_owned()),
        ("tokens", "plain", "late ".repeat(10_000)),
        ("digits", "plain", "1234567890 ".repeat(1_800)),
        ("at", "plain", "a@".repeat(9_000)),
        ("backtrack", "plain", format!("{}!", "a".repeat(19_000))),
        ("bombs", "html", "<div><b>".repeat(40_000)),
        ("entities", "html", "&amp;lt;script&amp;gt;&#x202e;&#0;".repeat(3_000)),
        (
            "script",
            "html",
            "<p>It came late.</p><script>alert(1)</script><img src=x onerror=alert(1)>".to_owned(),
        ),
        ("comment", "html", format!("It came late.{}", "<!--".repeat(60_000))),
        ("quoted", "mail", "> > > > on Monday you wrote:\n".repeat(600)),
    ];
    let begun = Instant::now();
    house.visit(|shared| {
        for (name, format, text) in &texts {
            let statement = json!({ "text": text, "format": format });
            let record = json!({ "record": name, "answers": [{ "metric": "nps", "value": 1 }], "statements": [statement] });
            accepted(shared, &[record]);
        }
    });
    assert!(begun.elapsed() < BOUND, "took {:?}", begun.elapsed());
    house.visit(|shared| {
        assert_eq!(counts(shared).live, texts.len() as u64);
        for (name, _, _) in &texts {
            for statement in by_record(shared, name).content.statements {
                let bad = statement.text.chars().find(|c| is_harmful(*c));
                assert_eq!(bad, None, "{name}: {:?}", statement.text.chars().take(80).collect::<String>());
                assert!(statement.text.chars().count() <= 20_000);
            }
        }
        let script = by_record(shared, "script").content.statements.remove(0).text;
        assert_eq!(script, "It came late.");
        let report = report(shared);
        assert_eq!(report.feedback, texts.len() as u64);
        let page = groundswell::render::html(&report, shared.folder.mapper().map(), &[]);
        assert!(!page.contains("onerror=alert") && !page.contains('\u{202e}'));
    });
}

fn is_harmful(c: char) -> bool {
    let bidi = matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    bidi || (c.is_control() && c != '\n' && c != '\t')
}
