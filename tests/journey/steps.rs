//! Properties of the pure steps: any bytes, stable ids, canonical JSON, and redaction through the whole ingest.

use groundswell_adapters::Pipeline;
use groundswell_model::{FeedbackId, Part, RawRecord, Timestamp};
use groundswell_steps::{Outcome, Provenance, Ready};
pub use groundswell_tests::stored::{INGESTER, NOON, PIPELINES};
use proptest::prelude::*;
use serde_json::{Value, json};

fn outcomes(pipeline: &str, bytes: &[u8], columns: Option<&[String]>) -> Vec<Outcome> {
    let raw = RawRecord { bytes, key: None, received_at: Timestamp::from_millis(NOON), columns, row: None };
    INGESTER.outcomes(&PIPELINES[pipeline], &raw, Provenance::default())
}

/// Bytes of all sorts: random ones, JSON of random shape, and JSON that looks like what adapters read.
fn bytes() -> impl Strategy<Value = Vec<u8>> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,20}".prop_map(Value::from),
        Just(json!("2026-13-45T99:00:00Z")),
    ];
    let name = prop_oneof![
        Just("record"),
        Just("id"),
        Just("statements"),
        Just("text"),
        Just("answers"),
        Just("value"),
        Just("form_response"),
        Just("tickets"),
        Just("comments"),
        Just("token"),
        Just("respondent"),
        Just("event"),
        Just("type"),
        Just("ts"),
        Just("created_at"),
        Just("metric"),
        Just("scale"),
        Just("detail"),
        Just("description"),
        Just("field"),
        Just("message"),
    ];
    let json = leaf.prop_recursive(4, 24, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::btree_map(name.clone(), inner, 0..6).prop_map(|fields| Value::Object(
                fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
            )),
        ]
    });
    prop_oneof![
        prop::collection::vec(any::<u8>(), 0..200),
        json.prop_map(|value| value.to_string().into_bytes()),
        "[a-z0-9,;\"\\n\\t]{0,80}".prop_map(String::into_bytes),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_make_a_pipeline_panic(bytes in bytes(), columns in prop::option::of(prop::collection::vec("[a-z_]{1,12}", 0..14))) {
        for name in PIPELINES.keys() {
            let items = outcomes(name, &bytes, columns.as_deref());
            for item in items {
                if let Outcome::Part { encoded, .. } = item {
                    let (part, rank) = Part::decode(&encoded.bytes).unwrap();
                    prop_assert_eq!(rank, encoded.rank);
                    prop_assert_eq!(part.encode().unwrap(), encoded);
                }
            }
        }
    }

    #[test]
    fn canonical_json_comes_back_with_the_same_rank(
        (text, part, fields) in (".{1,60}", "[a-z]{1,8}", prop::collection::btree_map("[a-z ]{1,10}", ".{0,20}", 0..4)),
        (value, revision, deleted) in (0..=10u8, any::<i64>(), any::<bool>()),
        at in -10_000_000_000_000i64..10_000_000_000_000i64,
    ) {
        let record = json!({ "record": "R-1", "revision": revision, "part": part, "deleted": deleted, "context": fields,
            "occurred_at": Timestamp::from_millis(at).to_string(), "answers": [{ "metric": "nps", "value": value }],
            "statements": [{ "text": text }] });
        let Some(Outcome::Part { encoded, id, .. }) = outcomes("submission", record.to_string().as_bytes(), None).pop() else {
            panic!("{record} is not a part");
        };
        let (decoded, rank) = Part::decode(&encoded.bytes).unwrap();
        prop_assert_eq!(rank, encoded.rank);
        prop_assert_eq!(&id, &FeedbackId::of_record("submission", "", "R-1").to_string());
        prop_assert!(encoded.key.starts_with(&id));
        let mut later = decoded.clone();
        later.received_at = Timestamp::from_millis(NOON + 86_400_000);
        prop_assert_eq!(later.encode().unwrap().key, encoded.key.clone(), "the time of receipt is no part of the rank");
        prop_assert_eq!(decoded.encode().unwrap(), encoded);
    }

    #[test]
    fn ids_depend_on_the_record_alone(record in "[A-Za-z0-9-]{1,12}", text in "[a-z ]{1,30}", reversed in any::<bool>()) {
        let plain = json!({ "record": record, "statements": [{ "text": "It came late." }] }).to_string();
        let fields = [format!("\"record\":{}", json!(record)), format!("\"colour\":{}", json!(text)),
            format!("\"statements\":[{{\"text\":{}}}]", json!(format!("x{text}")))];
        let order: Vec<&String> = if reversed { fields.iter().rev().collect() } else { fields.iter().collect() };
        let other = format!("{{{}}}", order.iter().map(|field| field.as_str()).collect::<Vec<_>>().join(","));
        let id = |bytes: &str| match outcomes("submission", bytes.as_bytes(), None).pop() {
            Some(Outcome::Part { id, .. }) => id,
            outcome => panic!("{outcome:?}"),
        };
        prop_assert_eq!(id(&plain), id(&other));
    }

    #[test]
    fn no_known_personal_value_is_left_in_any_output(
        (first, last, user) in ("[A-Z][a-z]{4,8}", "[A-Z][a-z]{4,8}", "[a-z]{4,8}[0-9]{2}"),
        (digits, before) in ("[1-9][0-9]{6}", "[a-z ]{0,20}"),
        (html, broken) in any::<(bool, bool)>(),
    ) {
        let (name, email) = (format!("{first} {last}"), format!("{user}.{last}@example.org"));
        let phone = format!("+49 30 {digits}");
        let text = format!("{before} I am {name}, write to {email} or {}, or call {phone} at once. {name}!", email.to_uppercase());
        let text = if html { format!("<p>{}</p>", text.replace('@', "&#64;")) } else { text };
        let value = if broken { 11 } else { 3 };
        let record = json!({ "record": "P-1", "url": format!("https://shop.example.org/t?mail={email}"),
            "respondent": { "customer": "C-99817", "email": email, "phone": phone, "name": name, "account": "Acct-5521" },
            "context": { "note": format!("asked {name} by {email}") }, "segments": { "owner": email },
            "subject": { "unit": format!("desk of {name}") }, "handling": { "status": format!("call {phone}") },
            "answers": [{ "metric": "nps", "value": value, "question": format!("Would you, {name}, recommend us?") }],
            "statements": [{ "text": text, "format": if html { "html" } else { "plain" }, "question": format!("{name}, why?") }] });
        let mut out = Vec::new();
        for outcome in outcomes("submission", record.to_string().as_bytes(), None) {
            match outcome {
                Outcome::Part { encoded, .. } => out.extend([encoded.key.into_bytes(), encoded.bytes]),
                Outcome::Refused(refusal) => out.push(format!("{} {}", refusal.code, refusal.message).into_bytes()),
                other => panic!("{other:?}"),
            }
        }
        let row = format!("C-99817,{email},2026-01-02,,,,,12.00,EUR,3,{name},DE");
        let columns: Vec<String> = ["customer", "email", "purchased_at", "activated_at", "goal_at", "term_ends_at", "ended_at",
            "value", "currency", "years", "notes", "region"].map(str::to_owned).to_vec();
        for outcome in outcomes("customers", row.as_bytes(), Some(&columns)) {
            match outcome {
                Outcome::Customer { key, bytes, .. } => out.extend([key.into_bytes(), bytes]),
                Outcome::Refused(refusal) => out.push(refusal.message.into_bytes()),
                other => panic!("{other:?}"),
            }
        }
        for bytes in out {
            let shown = String::from_utf8(bytes).unwrap();
            for value in [name.as_str(), last.as_str(), email.as_str(), phone.as_str(), digits.as_str(), "C-99817", "Acct-5521"] {
                let found = shown.to_lowercase().contains(&value.to_lowercase());
                prop_assert!(!found, "{} is left in {}", value, shown);
            }
        }
    }
}

#[test]
fn rows_without_an_id_are_told_apart_by_their_bytes_and_occurrence() {
    let pipeline = Pipeline::parse(
        "name = \"rows\"\ndescription = \"Rows of a test.\"\nadapter = \"table\"\nkind = \"survey\"\nchannel = \"web\"\n[source]\nsystem = \"rows\"\n\
         [table]\nformat = \"csv\"\n[[table.statement]]\ncolumn = \"why\"\n",
    )
    .unwrap();
    let columns = ["why".to_owned()];
    let id = |bytes: &str, occurrence: u64, generation: u64| {
        let received_at = Timestamp::from_millis(NOON + occurrence as i64);
        let raw = RawRecord {
            bytes: bytes.as_bytes(),
            key: None,
            received_at,
            columns: Some(&columns),
            row: Some(1),
        };
        let provenance = Provenance { occurrence, generation: Some(generation) };
        match INGESTER.items(&pipeline, &raw, provenance).remove(0) {
            Ok(Ready::Part { part, .. }) => part.id,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(id("It came late.", 0, 1), id("It came late.", 0, 2));
    assert_ne!(id("It came late.", 0, 1), id("It came late.", 1, 1));
    assert_ne!(id("It came late.", 0, 1), id("It came later.", 0, 1));
}
