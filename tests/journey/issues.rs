//! Systemic issues end to end: history is judged once, days are closed by ticks, decisions are read back, and a rebuild
//! gives the same.

use std::sync::Arc;
use std::time::Instant;

use groundswell::engine::Shared;
use groundswell_model::{Action, Day, Decision, IssueState, Pattern};
use groundswell_server::{Deed, Fault, Installation};
use groundswell_steps::issues::{IssueRow, What};
use groundswell_tests::{House, PATIENCE};
use serde_json::{Value, json};

use crate::records::{accepted, topic};

pub const DAY_MS: i64 = 24 * 3_600_000;
/// Days of history before the installation is begun.
const HISTORY: i32 = 45;
pub const LATE: &str = "fulfilment.timeliness";
pub const SILENT: &str = "support.responsiveness_followup";

/// The day on which the tests' clock starts.
pub fn today() -> Day {
    "2026-06-01".parse().unwrap()
}

/// A score without words: somebody was heard.
fn heard(day: Day, number: i32) -> Value {
    json!({ "record": format!("S-{day}-{number}"), "occurred_at": format!("{day}T09:00:00Z"), "kind": "survey",
        "respondent": { "customer": format!("S-{day}-{number}") },
        "answers": [{ "metric": "csat", "value": 4, "scale": { "min": 1, "max": 5, "high_is_good": true } }] })
}

fn complaint(day: Day, number: i32, text: &str, context: Value) -> Value {
    json!({ "record": format!("C-{day}-{number}-{}", text.len()), "occurred_at": format!("{day}T10:00:00Z"),
        "kind": "complaint", "respondent": { "customer": format!("C-{day}-{number}-{}", text.len()) },
        "context": context, "statements": [{ "text": text }] })
}

fn late(day: Day, number: i32) -> Value {
    complaint(day, number, "My parcel came four days late.", json!({ "order_status": "shipped" }))
}

fn silent(day: Day, number: i32) -> Value {
    complaint(day, number, "Nobody ever called me back.", json!({ "survey_type": "post_contact" }))
}

/// One day: thirty people are heard, and so many complain.
pub fn day(day: Day, parcels: i32, calls: i32) -> Vec<Value> {
    let scores = (0..30).map(|number| heard(day, number));
    let parcels = (0..parcels).map(|number| late(day, number));
    scores.chain(parcels).chain((0..calls).map(|number| silent(day, number))).collect()
}

/// Now and then a late parcel, and seven a day from two weeks before the installation was begun.
pub fn history() -> Vec<Value> {
    let parcels = |ago: i32| if ago <= 14 { 7 } else { i32::from(ago % 4 == 0) };
    (1..=HISTORY)
        .rev()
        .flat_map(|ago| day(today().plus(-ago), parcels(ago), i32::from(ago % 5 == 0)))
        .collect()
}

/// Waits until all is reported and judged, and gives the issues.
pub fn judged(shared: &Arc<Shared>) -> Vec<IssueRow> {
    assert!(shared.await_reported(Instant::now() + PATIENCE).unwrap());
    assert!(shared.await_judged(Instant::now() + PATIENCE).unwrap());
    shared.issues(false).unwrap()
}

pub fn actions(shared: &Shared) -> Vec<Decision> {
    let decode = |record: groundswell_log::Record| -> Action {
        serde_json::from_slice(&record.value.unwrap()).unwrap()
    };
    topic(shared, &shared.topics.actions).into_iter().map(|record| decode(record).decision).collect()
}

pub fn number(shared: &Shared, is: fn(&Decision) -> bool) -> usize {
    actions(shared).iter().filter(|decision| is(decision)).count()
}

pub fn is_judgement(decision: &Decision) -> bool {
    matches!(decision, Decision::Judged { .. })
}

fn is_tick(decision: &Decision) -> bool {
    matches!(decision, Decision::Ticked { .. })
}

fn act(shared: &Arc<Shared>, decision: Decision) -> Result<IssueState, Fault> {
    let deed = Deed { actor: "ada".to_owned(), reason: None, decision };
    shared.act(deed).map(|detail| detail.row.state)
}

#[test]
fn history_is_judged_once_and_again_after_a_rebuild_it_is_the_same() {
    let house = House::new("judged");
    let found = house.visit(|shared| {
        accepted(shared, &history());
        judged(shared)
    });
    assert_eq!(found.len(), 1, "{found:#?}");
    let issue = &found[0];
    assert_eq!(
        (issue.id.as_str(), issue.pattern, issue.state),
        (LATE, Pattern::Rising, IssueState::Confirmed)
    );
    let since: Day = issue.since.parse().unwrap();
    assert!((since.number() - today().plus(-14).number()).abs() <= 3, "{}", issue.since);
    assert!(issue.people >= 70 && issue.kinds == ["complaint"], "{issue:#?}");

    let dump = house.dump();
    house.visit(|shared| {
        assert_eq!(judged(shared), found);
        assert_eq!(number(shared, is_judgement), 1, "a second start judges nothing anew");
    });
    std::fs::remove_dir_all(house.data().state()).unwrap();
    std::fs::remove_dir_all(house.data().index()).unwrap();
    house.visit(|shared| assert_eq!(judged(shared), found));
    assert_eq!(house.dump(), dump);
    house.visit(|shared| {
        let compared = shared.rejudge().unwrap();
        assert!(compared.same >= 1 && compared.found.is_empty() && compared.gone.is_empty(), "{compared:?}");
    });
}

#[test]
fn each_day_is_closed_once_and_a_rise_after_the_beginning_is_found_by_ticks() {
    let house = House::new("ticks");
    house.visit(|shared| {
        accepted(shared, &history());
        judged(shared);
        assert_eq!(number(shared, is_tick), 0, "no day has closed yet");
    });
    // Noon of the next day: the first day is over, and closed two hours after its end.
    for live in 0..8 {
        let calls = if live < 3 { 0 } else { 9 };
        house.visit(|shared| {
            accepted(shared, &day(today().plus(live), 0, calls));
            judged(shared);
        });
        house.clock.advance(DAY_MS);
        house.visit(|shared| {
            judged(shared);
            let closed = move || usize::try_from(live + 1).unwrap();
            let begun = Instant::now();
            while number(shared, is_tick) < closed() && begun.elapsed() < PATIENCE {
                std::thread::yield_now();
            }
            assert_eq!(number(shared, is_tick), closed());
        });
    }
    house.visit(|shared| {
        let found = judged(shared);
        let issue = found.iter().find(|issue| issue.id == SILENT).unwrap_or_else(|| panic!("{found:#?}"));
        let since: Day = issue.since.parse().unwrap();
        assert!((since.number() - today().plus(3).number()).abs() <= 2, "{}", issue.since);
        let detail = shared.issue(SILENT).unwrap();
        assert!(
            detail
                .history
                .iter()
                .any(|entry| matches!(entry.what, What::Detected { state: IssueState::Confirmed, .. }))
        );
        assert!(!detail.trend.is_empty() && !detail.row.quotes.is_empty(), "{detail:#?}");
        assert_eq!(number(shared, is_judgement), 1);
        let seen: Vec<_> = actions(shared)
            .into_iter()
            .filter_map(|decision| match decision {
                Decision::Ticked { seq, closes, .. } => Some((seq, closes)),
                _ => None,
            })
            .collect();
        let wanted: Vec<_> = (0..8).map(|live| (live as u64 + 1, today().plus(live))).collect();
        assert_eq!(seen, wanted);
    });
}

#[test]
fn decisions_are_checked_recorded_and_survive_a_restart() {
    let house = House::new("decided");
    let id = LATE.parse().unwrap();
    house.visit(|shared| {
        accepted(shared, &history());
        judged(shared);
        let owner =
            |owner: &str| Decision::IssueAssigned { issue: LATE.parse().unwrap(), owner: owner.to_owned() };
        assert_eq!(act(shared, owner("  ")).unwrap_err().code(), "api.bad_action");
        assert_eq!(act(shared, owner(&"x".repeat(5000))).unwrap_err().code(), "api.bad_action");
        let unknown = Decision::IssueClosed { issue: "use.value_price".parse().unwrap() };
        assert_eq!(act(shared, unknown).unwrap_err().code(), "api.not_found");
        let reopened = Decision::IssueReopened { issue: LATE.parse().unwrap() };
        assert_eq!(act(shared, reopened).unwrap_err().code(), "api.conflict");
        let early = Decision::FixDeclared {
            issue: LATE.parse().unwrap(),
            on: today().plus(-40),
            what: "too early".to_owned(),
        };
        assert_eq!(act(shared, early).unwrap_err().code(), "api.bad_action");
        let foreign = Decision::Ticked {
            seq: 1,
            closes: today(),
            positions: Vec::new(),
            not_heard: Vec::new(),
            changes: Vec::new(),
        };
        assert_eq!(act(shared, foreign).unwrap_err().code(), "api.bad_action");
        assert_eq!(number(shared, is_tick), 0);

        assert_eq!(act(shared, owner("Ada")).unwrap(), IssueState::Assigned);
        let told = Decision::PeopleTold { issue: LATE.parse().unwrap(), people: 12 };
        assert_eq!(act(shared, told).unwrap(), IssueState::Assigned);
    });
    house.visit(|shared| {
        let issue = shared.issue(LATE).unwrap();
        assert_eq!((issue.row.owner.as_deref(), issue.row.told), (Some("Ada"), 12));
        let fix =
            Decision::FixDeclared { issue: id, on: today().plus(-5), what: "the old courier".to_owned() };
        assert_eq!(act(shared, fix).unwrap(), IssueState::Verifying);
        assert_eq!(number(shared, is_judgement), 2, "a fix in the past asks for a judgement");
    });
}
