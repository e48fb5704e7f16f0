//! Days as sources deliver them: late, in two files, from another time zone, filled in afterwards, revised and deleted.

use std::sync::Arc;
use std::time::Instant;

use groundswell::config::Config;
use groundswell::engine::Shared;
use groundswell_model::{Day, Decision};
use groundswell_server::Installation;
use groundswell_steps::issues::IssueRow;
use groundswell_tests::{House, PATIENCE};
use serde_json::{Value, json};

use crate::issues::{DAY_MS, LATE, SILENT, actions, day, history, is_judgement, judged, number, today};
use crate::records::accepted;

/// A revision after those that stand for the time of receipt.
const LATER: i64 = 4_000_000_000_000;

/// Ticks in the order in which they were recorded: number, day, and what they changed.
fn ticks(shared: &Shared) -> Vec<(u64, Day, usize)> {
    let tick = |decision| match decision {
        Decision::Ticked { seq, closes, changes, .. } => Some((seq, closes, changes.len())),
        _ => None,
    };
    actions(shared).into_iter().filter_map(tick).collect()
}

fn wait_for_ticks(shared: &Shared, wanted: usize) {
    let begun = Instant::now();
    while ticks(shared).len() < wanted && begun.elapsed() < PATIENCE {
        std::thread::yield_now();
    }
    assert_eq!(ticks(shared).len(), wanted);
}

fn found(rows: &[IssueRow], id: &str) -> Option<IssueRow> {
    rows.iter().find(|row| row.id == id).cloned()
}

#[test]
fn what_comes_at_six_in_the_morning_counts_in_the_next_tick() {
    let house = House::new("late-source");
    house.visit(|shared| {
        accepted(shared, &history());
        judged(shared);
    });
    for live in 0..9 {
        house.clock.advance(DAY_MS);
        house.visit(|shared| {
            judged(shared);
            // The day was closed at two; its records come afterwards.
            wait_for_ticks(shared, usize::try_from(live + 1).unwrap());
            accepted(shared, &day(today().plus(live), 0, if live < 3 { 0 } else { 9 }));
            judged(shared);
        });
    }
    house.visit(|shared| {
        let rows = judged(shared);
        let issue = found(&rows, SILENT).unwrap_or_else(|| panic!("{rows:#?}"));
        let since: Day = issue.since.parse().unwrap();
        assert!((since.number() - today().plus(3).number()).abs() <= 2, "{}", issue.since);
        assert_eq!(number(shared, is_judgement), 1, "what comes late judges no history anew");
        let recorded = ticks(shared);
        assert!(recorded.iter().map(|tick| tick.1).eq((0..9).map(|live| today().plus(live))));
        assert!(
            recorded.iter().take(4).all(|tick| tick.2 == 0),
            "nothing was known of those days: {recorded:?}"
        );
    });
}

#[test]
fn two_files_of_one_year_give_the_same_as_both_at_once() {
    let all = history();
    let (first, second) = all.split_at(all.len() / 2);
    let apart = House::new("two-files");
    let in_parts = apart.visit(|shared| {
        accepted(shared, first);
        judged(shared);
        accepted(shared, second);
        let rows = judged(shared);
        assert_eq!(number(shared, is_judgement), 2, "each is judged with what was known before");
        rows
    });
    let together = House::new("one-file").visit(|shared| {
        accepted(shared, &all);
        judged(shared)
    });
    assert_eq!(in_parts, together);
    assert_eq!(together.len(), 1);
}

#[test]
fn old_records_that_are_filled_in_judge_history_anew_and_leave_ticks_alone() {
    let house = House::new("backfill");
    house.visit(|shared| {
        accepted(shared, &history());
        judged(shared);
    });
    house.clock.advance(2 * DAY_MS);
    let before = house.visit(|shared| {
        judged(shared);
        wait_for_ticks(shared, 2);
        ticks(shared)
    });
    house.visit(|shared| {
        let old: Vec<Value> = (200..260).flat_map(|ago| day(today().plus(-ago), 0, 0)).collect();
        accepted(shared, &old);
        let rows = judged(shared);
        assert_eq!((number(shared, is_judgement), ticks(shared)), (2, before.clone()));
        assert!(found(&rows, LATE).is_some());
    });
}

#[test]
fn a_day_ends_at_midnight_of_the_reporting_zone() {
    let mut house = House::new("zone");
    let with_zone = "[installation]\nzone = \"Europe/Berlin\"\n[index]\ncommit_after = \"50ms\"\nwriter_memory = \"16MiB\"\n\
                     [log]\nreserve = \"1MiB\"\n";
    house.config = Config::parse(with_zone).unwrap();
    // Half an hour before and after midnight of summer time, and around the hour that is left out and the one that comes twice.
    let at = |record: u32, moment: &str| {
        json!({ "record": format!("Z-{record}"), "occurred_at": moment, "kind": "survey",
            "respondent": { "customer": format!("Z-{record}") },
            "answers": [{ "metric": "nps", "value": 9 }] })
    };
    let records = [
        at(1, "2026-03-28T22:30:00Z"),
        at(2, "2026-03-28T23:30:00Z"),
        at(3, "2026-03-29T01:30:00Z"),
        at(4, "2026-03-29T21:59:00Z"),
        at(5, "2026-03-29T22:00:00Z"),
        at(6, "2025-10-25T22:30:00Z"),
        at(7, "2025-10-26T22:59:00Z"),
        at(8, "2025-10-26T23:00:00Z"),
    ];
    house.visit(|shared| {
        accepted(shared, &records);
        judged(shared);
        let heard = |day: &str| shared.report(Some(day), Some(day), None).unwrap().feedback;
        assert_eq!(["2026-03-28", "2026-03-29", "2026-03-30"].map(heard), [1, 3, 1], "the day of 23 hours");
        assert_eq!(["2025-10-26", "2025-10-27"].map(heard), [2, 1], "the day of 25 hours");
        assert_eq!(ticks(shared), []);
    });
    // One o'clock and 59 minutes of the next day in Berlin: two hours have not passed since midnight.
    house.clock.advance(11 * 3_600_000 + 59 * 60_000);
    house.visit(|shared| {
        judged(shared);
        assert_eq!(ticks(shared), []);
    });
    house.clock.advance(60_000);
    house.visit(|shared| {
        judged(shared);
        wait_for_ticks(shared, 1);
        assert_eq!(ticks(shared)[0].1, today());
    });
}

#[test]
fn a_revision_moves_a_voice_to_another_stage_and_a_deletion_takes_it_back() {
    let house = House::new("revised");
    house.visit(|shared| {
        accepted(shared, &history());
        let issue = found(&judged(shared), LATE).unwrap();
        let people = |shared: &Arc<Shared>| found(&judged(shared), LATE).map(|row| row.people);
        let of_day = |ago: i32| day(today().plus(-ago), 7, 0).into_iter().skip(30);
        let moved: Vec<Value> = of_day(3)
            .map(|mut record| {
                record["context"] = json!({ "survey_type": "churn" });
                record["statements"] =
                    json!([{ "text": "I want to cancel: closing my account takes for ever." }]);
                record["revision"] = json!(LATER);
                record
            })
            .collect();
        accepted(shared, &moved);
        assert_eq!(people(shared), Some(issue.people - 7), "seven voices went to another stage");
        let deleted: Vec<Value> = of_day(5)
            .map(|record| {
                json!({ "record": record["record"], "occurred_at": record["occurred_at"], "kind": "complaint",
                "deleted": true, "revision": LATER, "statements": [{ "text": "" }] })
            })
            .collect();
        accepted(shared, &deleted);
        assert_eq!(people(shared), Some(issue.people - 14), "seven were deleted");
        assert_eq!(number(shared, is_judgement), 1, "a few that change judge nothing anew");
    });
}
