//! Issues of one group of customers, at an unknown stage, and against reported exposure.

use super::*;
use groundswell_insight::UNKNOWN;
use groundswell_model::DayCount;

/// A rise among the tenth of the people who live in the north, of which the whole town hears little.
fn north(at: usize) -> u32 {
    let usual = u32::from(at.is_multiple_of(5));
    if at < 70 { usual } else { usual + 2 + (at % 2) as u32 }
}

fn with_north(at: usize) -> u32 {
    wide(at) + north(at)
}

/// Many say it in the rest of the town, now and then more and now and then fewer.
fn wide(at: usize) -> u32 {
    [14, 19, 11, 22, 16, 25, 12, 18, 9, 21, 15][at % 11]
}

fn at_north(spot: Spot) -> IssueId {
    format!("{}@region=north", id(spot)).parse().unwrap()
}

fn found(town: &Town) -> Vec<IssueId> {
    let changes = town.judged(&Issues::default());
    confirmed(&changes).into_iter().map(|change| change.issue.clone()).collect()
}

#[test]
fn what_only_one_region_says_is_an_issue_of_that_region() {
    let mut town = town().with(LATE, with_north);
    assert_eq!(found(&town), [id(LATE)], "the whole town hides it: it is only known to be always bad");
    town.north.insert(LATE, north);
    let changes = town.judged(&Issues::default());
    let found: Vec<_> =
        confirmed(&changes).into_iter().filter(|change| change.issue.place.is_some()).collect();
    assert_eq!(found.len(), 1, "{found:#?}");
    assert_eq!(found[0].issue, at_north(LATE));
    assert!((since(found[0]).number() - day(70).number()).abs() <= 7, "{}", since(found[0]));
    let issues = issues(changes.clone(), Vec::new());
    let rows = rows(&issues, &town.daily(), &numbers(), &Worth::default(), false);
    let row = rows.iter().find(|row| row.place.as_deref() == Some("region=north")).unwrap();
    let people: u32 = (0..DAYS).filter(|at| day(*at) >= since(found[0])).map(north).sum();
    assert_eq!(row.people, u64::from(people), "people of the north alone");
}

#[test]
fn what_rises_everywhere_is_told_once_for_all() {
    let mut town = town().with(LATE, |at| rise(at) + rise(at + 3));
    town.north.insert(LATE, |at| if at < 70 { 0 } else { (at % 2) as u32 });
    assert_eq!(found(&town), [id(LATE)]);
}

#[test]
fn a_region_that_explains_the_whole_is_named_in_its_place() {
    let mut town = town().with(LATE, |at| calm(at) + if at < 70 { 0 } else { 6 });
    town.north.insert(LATE, |at| if at < 70 { u32::from(at.is_multiple_of(9)) } else { 6 });
    assert_eq!(found(&town), [at_north(LATE)]);
}

#[test]
fn groups_that_say_it_more_than_others_are_named_with_their_ratio() {
    let mut town = town().with(LATE, rise);
    town.north.insert(LATE, |at| if at < 70 { 0 } else { 3 });
    let mut daily = town.daily();
    daily.parts.families.insert((LATE, "region".to_owned()), days_of(&daily.cells[&LATE].people));
    let places = daily.parts.places(LATE, 70, DAYS - 1);
    assert_eq!(places.len(), 1, "{places:?}");
    let told = daily.cells[&LATE].people_in(70, DAYS - 1) as f64;
    assert!((places[0].expected - told / 10.0).abs() < 1e-9 && places[0].ratio.low >= 2.0, "{places:?}");
    assert_eq!(places[0].label, label("north"));
}

#[test]
fn an_unknown_stage_is_left_to_a_known_one_that_shows_the_same() {
    let unknown = (UNKNOWN, GapType::Timeliness);
    let mut both = town().with(LATE, rise).with(unknown, rise);
    assert_eq!(found(&both), [id(LATE)]);
    both.cells.insert(LATE, calm);
    assert_eq!(found(&both), ["unknown.timeliness".parse::<IssueId>().unwrap()]);
}

#[test]
fn reported_exposure_takes_the_place_of_who_was_heard() {
    // Three times the orders, three times those who are late, and no more feedback about anything else.
    let town = town().with(LATE, |at| (1 + u32::from(at.is_multiple_of(2))) * if at < 70 { 1 } else { 4 });
    let stage = numbers().stage(LATE.0);
    let days = (0..DAYS).map(|at| DayCount { day: day(at), count: if at < 70 { 1_000 } else { 4_000 } });
    let reported =
        Decision::ExposureReported { stage, what: "orders shipped".to_owned(), days: days.collect() };
    let issues = issues(Vec::new(), vec![reported]);
    let mut daily = town.daily();
    let before = Judge::new(&daily, &numbers(), &issues).history();
    assert_eq!(confirmed(&before).len(), 1, "without it there is an issue");
    issues.exposure().supply(&mut daily, &numbers());
    assert_eq!(confirmed(&Judge::new(&daily, &numbers(), &issues).history()), Vec::<&Change>::new());
    assert_eq!(issues.exposure().rows()[0].days, DAYS as u64);
}
