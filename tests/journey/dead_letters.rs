//! Dead letters: what could not be used keeps its bytes, says why and where it came from, and is fed back once.

use groundswell_log::{Append, Header};
use groundswell_server::Installation;
use groundswell_steps::envelope;
use groundswell_tests::House;

use crate::records::{by_record, counts, header, topic};

fn raw(shared: &groundswell::engine::Shared, pipeline: &str, bytes: &[u8]) -> Append {
    Append {
        topic: shared.topics.raw.clone(),
        partition: 0,
        timestamp_ms: shared.clock.now().millis(),
        key: Some(b"its key".to_vec()),
        headers: vec![
            Header { name: envelope::PIPELINE.to_owned(), value: pipeline.as_bytes().to_vec() },
            Header { name: "vendor".to_owned(), value: b"kept".to_vec() },
        ],
        value: Some(bytes.to_vec()),
    }
}

/// The same file as `submission`, with another bound on records.
fn bounded(limit: &str) -> String {
    let text = include_str!("../../pipelines/submission.toml");
    let cut = text.split("[[example]]").next().unwrap();
    cut.replace("name = \"submission\"", "name = \"bounded\"").replace("record_bytes = \"1MiB\"", limit)
}

#[test]
fn a_dead_letter_keeps_the_record_and_replay_feeds_it_back_once() {
    let house = House::new("dead");
    let folder = house.data().pipelines();
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("bounded.toml"), bounded("record_bytes = \"64B\"")).unwrap();
    let long = format!(
        "{{\"record\": \"D-1\", \"statements\": [{{\"text\": \"It came late. {}\"}}]}}",
        "x ".repeat(60)
    );
    let cut = b"{\"record\": \"D-2\", \"statements\": [{\"te";
    house.visit(|shared| {
        let records = vec![
            raw(shared, "bounded", long.as_bytes()),
            raw(shared, "bounded", cut),
            raw(shared, "nowhere", b"{}"),
        ];
        shared.log.append(records).unwrap();
    });
    let received = house.clock.now().to_string();
    house.clock.advance(86_400_000);
    house.visit(|shared| {
        let letters = topic(shared, &shared.topics.dead_letters);
        let codes: Vec<_> = letters.iter().map(|letter| header(letter, envelope::CODE).unwrap()).collect();
        assert_eq!(codes, ["adapt.too_large", "adapt.truncated", "ingest.unknown_pipeline"]);
        for (at, (letter, bytes)) in letters.iter().zip([long.as_bytes(), cut, b"{}"]).enumerate() {
            assert_eq!(letter.value.as_deref(), Some(bytes));
            assert_eq!(letter.key.as_deref(), Some(b"its key".as_slice()));
            assert_eq!(header(letter, "vendor").as_deref(), Some("kept"));
            assert_eq!(header(letter, envelope::ORIGIN), Some(format!("{}-0@{at}", shared.topics.raw)));
            assert_eq!(header(letter, envelope::STEP).as_deref(), Some("ingest"));
            assert_eq!(header(letter, envelope::RECEIVED_AT), Some(received.clone()));
            assert!(!header(letter, envelope::MESSAGE).unwrap().contains("It came late"));
        }
        assert_eq!(counts(shared).pipelines["bounded"].dead_letters, 2);
    });
    std::fs::write(folder.join("bounded.toml"), bounded("record_bytes = \"1MiB\"")).unwrap();
    // What fails again is a new letter, so that how many there are is told once all has settled.
    house.visit(|shared| assert_eq!(shared.replay(None).unwrap(), 3));
    house.visit(|shared| {
        assert_eq!(shared.replay(Some("adapt.too_large")).unwrap(), 0, "it is fed back once");
        let feedback = by_record(shared, "D-1");
        assert_eq!(feedback.received_at.to_string(), received, "the time of receipt is kept through replay");
        let row = counts(shared).pipelines["bounded"];
        assert_eq!((row.raw, row.parts, row.dead_letters, row.feedback), (4, 1, 3, 1));
        let letters = topic(shared, &shared.topics.dead_letters);
        assert_eq!(letters.len(), 5, "what still cannot be used is a dead letter again");
        assert_eq!(
            shared.replay(Some("adapt.truncated")).unwrap(),
            1,
            "only the newer of two letters is new"
        );
    });
    house.visit(|shared| {
        assert_eq!(topic(shared, &shared.topics.dead_letters).len(), 6);
        assert_eq!(
            shared.replay(None).unwrap(),
            2,
            "the unknown pipeline's second letter, the cut record's third"
        );
    });
    house.visit(|shared| {
        counts(shared);
    });
}
