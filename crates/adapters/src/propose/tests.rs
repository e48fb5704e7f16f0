//! Tests of proposals.

use groundswell_model::{Metric, RawRecord, Timestamp};

use super::*;
use crate::adapter::{Adapted, adapt};
use crate::mapping::IdentityAs;

fn proposal(name: &str, bytes: &[u8]) -> Proposal {
    let proposal = propose(name, bytes).unwrap();
    let text = proposal.to_toml();
    let again = Pipeline::parse(&text).unwrap_or_else(|faults| panic!("{faults}\n{text}"));
    assert_eq!(again, proposal.pipeline);
    proposal
}

fn table(proposal: &Proposal) -> &TableMapping {
    proposal.pipeline.table.as_ref().unwrap()
}

fn keys(proposal: &Proposal) -> Vec<&str> {
    proposal.questions.iter().map(|question| question.key.as_str()).collect()
}

/// Counts what becomes of the rows under the proposal.
fn feedback(proposal: &Proposal, bytes: &[u8]) -> usize {
    let rows = rows::open(bytes, &proposal.pipeline).unwrap();
    let columns = rows.columns().to_vec();
    let adapted = |row: rows::Row| {
        let columns = (!columns.is_empty()).then_some(columns.as_slice());
        let raw = RawRecord {
            bytes: &row.bytes,
            key: None,
            received_at: Timestamp::default(),
            columns,
            row: Some(row.number),
        };
        adapt(&proposal.pipeline, &raw).remove(0).unwrap()
    };
    rows.map(|row| adapted(row.unwrap())).filter(|item| matches!(item, Adapted::Feedback(_))).count()
}

const GERMAN: &str = "Vorgangsnr;Eingang am;Kundennummer;E-Mail;Name;Kommentar;Zufriedenheit (1 = sehr gut);Produkt\n\
    V-1;31.01.2026;K-7;ada@example.com;Ada Brück;Die Lieferung kam fünf Tage zu spät und niemand rief an.;5;Heizung\n\
    V-2;02.02.2026;K-8;bob@example.com;Bob Grün;Alles bestens, der Monteur war sehr freundlich.;1;Heizung\n\
    V-3;03.02.2026;K-9;eve@example.com;Eve Weiß;\"Rechnung falsch; zweimal abgebucht.\";4;Wärmepumpe\n\
    V-4;05.02.2026;K-7;ada@example.com;Ada Brück;Immer noch keine Antwort auf meine Frage.;5;Heizung\n";

#[test]
fn a_german_semicolon_file_in_windows_1252_is_understood() {
    let (bytes, _, _) = encoding_rs::WINDOWS_1252.encode(GERMAN);
    let proposal = proposal("Umfrage März.csv", &bytes);
    let table = table(&proposal);
    assert_eq!(proposal.pipeline.name, "umfrage_maerz");
    assert_eq!((table.separator(), table.encoding.as_deref()), (";", Some("windows-1252")));
    assert_eq!(table.record, ["Vorgangsnr".into()]);
    assert_eq!(table.occurred_at.as_ref().unwrap().formats[0].to_string(), "%d.%m.%Y");
    assert_eq!(table.statements[0].column.name(), "Kommentar");
    assert_eq!(
        (table.answers[0].min, table.answers[0].max, table.answers[0].high_is_good),
        (Some(1.0), Some(5.0), Some(false))
    );
    assert_eq!(table.personal[0].column.name(), "Name");
    let identities: Vec<IdentityAs> = table.respondent.iter().map(|mapped| mapped.identity).collect();
    assert_eq!(identities, [IdentityAs::Email, IdentityAs::Customer]);
    assert_eq!(table.subject["product"].column.as_ref().unwrap().name(), "Produkt");
    assert_eq!(feedback(&proposal, &bytes), 4);
}

#[test]
fn the_order_of_day_and_month_is_decided_by_the_data_or_asked() {
    let file = |dates: [&str; 3]| {
        let mut file = "Id,Submitted,Comment\n".to_owned();
        for (at, date) in dates.iter().enumerate() {
            file.push_str(&format!("R{at},{date},The parcel number {at} came late and wet again\n"));
        }
        file
    };
    let american = proposal("us.csv", file(["01/25/2026", "02/03/2026", "12/31/2025"]).as_bytes());
    assert_eq!(table(&american).occurred_at.as_ref().unwrap().formats[0].to_string(), "%m/%d/%Y");
    assert!(!keys(&american).contains(&"date:Submitted"));
    let mut open = proposal("us.csv", file(["01/05/2026", "02/03/2026", "12/11/2025"]).as_bytes());
    assert!(keys(&open).contains(&"date:Submitted"));
    assert_eq!(table(&open).occurred_at.as_ref().unwrap().formats[0].to_string(), "%d/%m/%Y");
    assert!(open.answer("date:Submitted", 1));
    assert_eq!(table(&open).occurred_at.as_ref().unwrap().formats[0].to_string(), "%m/%d/%Y");
    assert!(!open.answer("date:Submitted", 2) && !open.answer("nothing", 0));
}

#[test]
fn a_tab_separated_survey_asks_for_moment_and_direction() {
    let mut file = "response_id\trating\tcomment\tcreated\n".to_owned();
    for at in 0..30 {
        file.push_str(&format!(
            "r{at}\t{}\tThe answer came after {at} days of waiting\t2026-01-{:02}T10:00:00Z\n",
            at % 5 + 1,
            at % 28 + 1
        ));
    }
    let mut proposal = proposal("survey.tsv", file.as_bytes());
    assert_eq!(table(&proposal).separator(), "\t");
    assert_eq!(keys(&proposal), ["moment", "kind", "direction:rating"]);
    assert_eq!(proposal.pipeline.kind, Kind::Survey);
    assert!(
        proposal.answer("direction:rating", 1) && proposal.answer("moment", 2) && proposal.answer("kind", 3)
    );
    assert_eq!(table(&proposal).answers[0].high_is_good, Some(false));
    assert_eq!(table(&proposal).context["survey_type"].value.as_deref(), Some("post_delivery"));
    assert_eq!(proposal.pipeline.kind, Kind::Public);
    assert!(proposal.answer("moment", 0));
    assert!(!table(&proposal).context.contains_key("survey_type"));
    assert_eq!(feedback(&proposal, file.as_bytes()), 30);
}

#[test]
fn json_lines_are_read_by_key() {
    let mut file = String::new();
    for at in 0..10 {
        file.push_str(&format!("{{\"id\": \"a{at}\", \"text\": \"I waited {at} weeks for a call\", \"nps\": {at}, \"created_at\": {}}}\n", 1_767_225_600 + at));
    }
    let proposal = proposal("export.jsonl", file.as_bytes());
    let table = table(&proposal);
    assert_eq!((table.answers[0].metric, table.answers[0].max), (Metric::Nps, Some(10.0)));
    assert_eq!(table.occurred_at.as_ref().unwrap().formats, [DateFormat::Unix]);
    assert_eq!(table.record, ["id".into()]);
    assert_eq!(feedback(&proposal, file.as_bytes()), 10);
}

#[test]
fn a_file_without_header_and_with_a_long_separator_is_understood() {
    let file = "4.0******works well on my phone******2026-01-02******1.2.0\n1.0******crashes when i open it******2026-01-03******1.2.0\n\
        5.0******very good , thanks******2026-01-04******1.2.1\n";
    let proposal = proposal("reviews.txt", file.as_bytes());
    let table = table(&proposal);
    assert_eq!((table.separator(), table.header), ("******", Some(false)));
    assert_eq!(table.columns, ["column 1", "column 2", "column 3", "column 4"]);
    assert_eq!(table.occurred_at.as_ref().unwrap().column.name(), "column 3");
    assert_eq!(table.statements.len(), 1);
    assert_eq!(feedback(&proposal, file.as_bytes()), 3);
}

#[test]
fn words_on_a_scale_become_scores() {
    let mut file = "No,How was it?,Your comment\n".to_owned();
    for at in 0..20 {
        let word = ["Very good", "Good", "Very poor", "Don't know"][at % 4];
        file.push_str(&format!("{at},{word},\"I came {at} times, and each was different\"\n"));
    }
    let proposal = proposal("a.csv", file.as_bytes());
    let answer = &table(&proposal).answers[0];
    assert_eq!(
        (answer.values["very good"], answer.values["very poor"], answer.none.as_slice()),
        (5.0, 1.0, &["Don't know".to_owned()][..])
    );
    assert_eq!(feedback(&proposal, file.as_bytes()), 20);
}

#[test]
fn several_dates_are_asked_about() {
    let file = "id,created,closed,updated_at,text\nA1,2026-01-02,2026-01-05,2026-01-06,Nobody answered my three letters yet\n\
        A2,2026-01-03,2026-01-05,2026-01-07,The price at the till was not the one shown\n";
    let mut proposal = proposal("t.csv", file.as_bytes());
    assert_eq!(table(&proposal).occurred_at.as_ref().unwrap().column.name(), "created");
    assert_eq!(table(&proposal).revision.as_ref().unwrap().column.name(), "updated_at");
    assert!(proposal.answer("occurred_at", 1));
    assert_eq!(table(&proposal).occurred_at.as_ref().unwrap().column.name(), "closed");
}

#[test]
fn hopeless_files_are_no_panic() {
    for bytes in [&b""[..], b"\n\n", b"\xff\xfe", b"{", b"\"", b"PK", b"a", b"1,2\n3,4\n", b";;;\n;;;\n"] {
        let _ = propose("x.csv", bytes);
    }
    assert_eq!(propose("x.xlsx", b"PK\x03\x04").unwrap_err().code(), "rows.spreadsheet");
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(48))]
    #[test]
    fn any_bytes_never_panic(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..600)) {
        let _ = propose("x.csv", &bytes);
    }
}
