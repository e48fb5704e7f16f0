//! Days, volumes and voices as they should not be: each has a right answer.

use super::*;

/// Nobody is heard at all.
fn nothing(_: usize) -> u32 {
    0
}

#[test]
fn a_feed_that_stops_after_a_fix_is_no_recovery() {
    let mut town = town().with(LATE, |at| if at < 50 { calm(at) } else { 7 + calm(at) });
    town.silent = 80..DAYS;
    let fix = Decision::FixDeclared { issue: id(LATE), on: day(80), what: "the old courier".to_owned() };
    let before = issues(town.judged(&Issues::default()), vec![fix.clone()]);
    let after = issues(town.judged(&before), vec![fix]);
    let issue = after.get(&id(LATE)).unwrap();
    assert_eq!(issue.state, IssueState::Verifying, "{:#?}", issue.history);
    assert!(!issue.is_over());
}

#[test]
fn days_on_which_nobody_could_speak_have_no_numbers_and_no_fault() {
    let empty = Town { silent: 0..DAYS, ..town() };
    assert_eq!(empty.judged(&Issues::default()), []);
    let mut zero = town();
    zero.cells.values_mut().for_each(|volume| *volume = nothing);
    assert_eq!(zero.judged(&Issues::default()), [], "all counts are zero");
    let daily = Daily::default();
    assert_eq!(Judge::new(&daily, &numbers(), &Issues::default()).history(), []);
    assert_eq!(Judge::of_last(&daily, &numbers(), &Issues::default()).last(), []);
}

#[test]
fn reported_exposure_of_zero_is_no_data() {
    let town = town().with(LATE, rise);
    let mut daily = town.daily();
    daily.supply(LATE.0, (0..DAYS).map(|at| (day(at), if at < 60 { 500 } else { 0 })));
    let changes = Judge::new(&daily, &numbers(), &Issues::default()).history();
    assert_eq!(confirmed(&changes), Vec::<&Change>::new(), "nobody could have spoken from day 60 on");
    let mut few = town.daily();
    few.supply(LATE.0, (0..10).map(|at| (day(at), 5)));
    assert!(few.supplied.is_empty(), "ten days are too few to be a denominator");
}

#[test]
fn a_thousand_times_the_voices_about_everything_are_no_issue() {
    let mut daily = town().daily();
    let thousand = |counts: &mut Vec<u32>| counts[100..].iter_mut().for_each(|count| *count *= 1_000);
    thousand(&mut daily.heard);
    daily.heard_of.iter_mut().for_each(thousand);
    for cell in daily.cells.values_mut() {
        thousand(&mut cell.people);
        cell.people_of.iter_mut().for_each(thousand);
    }
    let changes = Judge::new(&daily, &numbers(), &Issues::default()).history();
    assert_eq!(confirmed(&changes), Vec::<&Change>::new());
}

#[test]
fn people_of_whom_nothing_is_known_never_make_an_issue_alone() {
    let town = town().with(LATE, rise);
    let mut daily = town.daily();
    for voice in &mut daily.cells.get_mut(&LATE).unwrap().voices {
        voice.unlinked = true;
    }
    let changes = Judge::new(&daily, &numbers(), &Issues::default()).history();
    assert_eq!(confirmed(&changes), Vec::<&Change>::new());
    for (at, voice) in daily.cells.get_mut(&LATE).unwrap().voices.iter_mut().enumerate() {
        voice.unlinked = at % 2 == 0;
    }
    let changes = Judge::new(&daily, &numbers(), &Issues::default()).history();
    assert_eq!(confirmed(&changes).len(), 1, "where half of them are known, it is one");
}

#[test]
fn of_two_fixes_the_later_one_is_looked_at() {
    fn twice(at: usize) -> u32 {
        match at {
            0..50 => calm(at),
            50..95 => 6 + calm(at),
            _ => calm(at),
        }
    }
    let town = town().with(LATE, twice);
    let fix =
        |at: usize, what: &str| Decision::FixDeclared { issue: id(LATE), on: day(at), what: what.to_owned() };
    let fixes = vec![fix(70, "a poster"), fix(95, "the old courier")];
    let before = issues(town.judged(&Issues::default()), fixes.clone());
    let after = issues(town.judged(&before), fixes);
    let issue = after.get(&id(LATE)).unwrap();
    assert_eq!(issue.fix.as_ref().map(|fix| fix.what.as_str()), Some("the old courier"));
    assert_eq!(issue.state, IssueState::Resolved, "{:#?}", issue.history);
    let resolved: Vec<_> = issue
        .history
        .iter()
        .filter(|entry| matches!(entry.what, super::super::What::Verified { verdict: Verdict::Resolved }))
        .collect();
    assert!(resolved.iter().all(|entry| *entry.day > *day(95).to_string()), "{:#?}", issue.history);
}

#[test]
fn a_single_day_of_a_very_large_count_is_seen_that_day_and_told_once() {
    let changes = town().with(LATE, |at| if at == 100 { 300 } else { calm(at) }).judged(&Issues::default());
    assert!(changes.iter().any(|change| change.state == IssueState::Detected && change.day == day(100)));
    let found = confirmed(&changes);
    assert!(found.len() == 1 && (day(98)..=day(100)).contains(&since(found[0])), "{found:#?}");
}
