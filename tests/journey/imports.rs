//! Imports of a table: twice adds nothing, a corrected pipeline supersedes under the same ids, bad rows are dead letters.

use std::sync::Arc;
use std::time::Duration;

use groundswell::engine::Shared;
use groundswell_server::{Fault, ImportStart, ImportedRows, Installation, Row};
use groundswell_tests::House;

use crate::records::{counts, header, published, report, topic};
use groundswell_steps::envelope;

const COLUMNS: [&str; 3] = ["when", "score", "why"];
const ROWS: [&str; 5] = [
    "2026-05-01,2,The parcel came four days late.",
    "2026-05-02,9,",
    "2026-05-03,1,\"I was charged twice, and nobody called me back.\"",
    "soon,3,A day that cannot be read.",
    "2026-05-01,2,The parcel came four days late.",
];

/// A survey whose scores run from 0 to 10, or that was mapped the wrong way round.
fn pipeline(best: &str) -> String {
    format!(
        "name = \"shop_survey\"\ndescription = \"Rows of a test.\"\nadapter = \"table\"\nkind = \"survey\"\nchannel = \"web\"\nlanguage = \"en\"\n\
         [source]\nsystem = \"shop_survey\"\n[table]\nformat = \"csv\"\n\
         occurred_at = {{ column = \"when\", formats = [\"%Y-%m-%d\"] }}\n\
         [[table.statement]]\ncolumn = \"why\"\n\
         [[table.answer]]\ncolumn = \"score\"\nmetric = \"csat\"\nmin = 0\nmax = 10\nhigh_is_good = {best}\n"
    )
}

fn import(shared: &Arc<Shared>, import: &str, pipeline: &str) -> Result<u64, Fault> {
    let start =
        ImportStart { import: import.to_owned(), pipeline: pipeline.to_owned(), rows: ROWS.len() as u64 };
    let state = shared.begin_import(start)?;
    let rows: Vec<Row> = ROWS
        .iter()
        .enumerate()
        .map(|(at, row)| Row {
            number: at as u64 + 1,
            occurrence: ROWS.iter().take(at).filter(|earlier| *earlier == row).count() as u64,
            refused: None,
            bytes: row.as_bytes().to_vec(),
        })
        .filter(|row| row.number > state.appended)
        .collect();
    let sent = rows.len() as u64;
    if sent > 0 {
        let columns = Some(COLUMNS.map(str::to_owned).to_vec());
        shared.append_rows(ImportedRows {
            import: import.to_owned(),
            after: state.appended,
            columns,
            rows,
        })?;
    }
    shared.finish_import(import)?;
    Ok(sent)
}

#[test]
fn a_second_import_adds_nothing_and_a_corrected_pipeline_supersedes() {
    let house = House::new("import");
    house.visit(|shared| {
        assert_eq!(import(shared, "one", &pipeline("false")).unwrap(), 5);
        let outcome = shared.import_outcome("one", Duration::from_secs(60)).unwrap();
        assert!(outcome.done);
        assert_eq!(
            (outcome.appended, outcome.counts.items, outcome.counts.parts, outcome.counts.dead()),
            (5, 5, 4, 1)
        );
    });
    let before: Vec<_> = house.visit(|shared| {
        let letter = topic(shared, &shared.topics.dead_letters).remove(0);
        assert_eq!(header(&letter, envelope::ROW).as_deref(), Some("4"));
        let message = header(&letter, envelope::MESSAGE).unwrap();
        assert!(message.contains("row 4") && message.contains("when"), "{message}");
        assert_eq!(counts(shared).live, 4, "two rows that are alike are two answers");
        published(shared).into_iter().map(|mapped| mapped.feedback.id).collect()
    });
    let old = house.visit(|shared| report(shared).scores.remove(0));
    house.clock.advance(60_000);
    house.visit(|shared| assert_eq!(import(shared, "one", &pipeline("false")).unwrap(), 0));
    house.visit(|shared| {
        let row = counts(shared).pipelines["shop_survey"];
        assert_eq!((row.raw, row.feedback, row.repeats), (5, 4, 0));
    });
    house.clock.advance(60_000);
    house.visit(|shared| assert_eq!(import(shared, "two", &pipeline("true")).unwrap(), 5));
    house.visit(|shared| {
        let row = counts(shared).pipelines["shop_survey"];
        assert_eq!((row.raw, row.feedback, row.repeats), (10, 4, 4));
        let after: Vec<_> = published(shared).into_iter().map(|mapped| mapped.feedback.id).collect();
        assert_eq!(before, after, "the same rows are the same feedback");
        let new = report(shared).scores.remove(0);
        assert!(new.scale != old.scale && new.n == old.n, "{old:?} became {new:?}");
    });
}

#[test]
fn a_faulty_pipeline_is_refused_with_all_its_faults_and_rows_out_of_order_are_a_conflict() {
    let house = House::new("faulty");
    house.visit(|shared| {
        let faulty =
            pipeline("true").replace("kind =", "knd =").replace("metric = \"csat\"", "metric = \"joy\"");
        let Err(Fault::Invalid { message, .. }) = import(shared, "one", &faulty) else { panic!("taken") };
        assert!(message.contains("knd") && message.contains("joy"), "{message}");
        assert_eq!(import(shared, "one", &pipeline("true")).unwrap(), 5);
        let row = Row { number: 9, occurrence: 0, refused: None, bytes: b"2026-05-01,2,".to_vec() };
        let late = ImportedRows { import: "one".to_owned(), after: 3, columns: None, rows: vec![row] };
        assert!(matches!(shared.append_rows(late), Err(Fault::Conflict { .. })));
        assert!(matches!(shared.finish_import("other"), Err(Fault::NotFound { .. })));
    });
    house.visit(|shared| assert_eq!(counts(shared).pipelines["shop_survey"].raw, 5));
}
