//! Employees in groups that are too small are not counted and not quoted.

use groundswell_model::{Kind, Mapped};

use super::build::{Bed, But, counting, said};
use crate::{Answer, Query};

fn employee(number: usize, stage: &str, text: &str) -> Mapped {
    said(&format!("e{number}"), text).kind(Kind::Employee).by(&format!("employee {number}")).stage(stage)
}

fn customers() -> Vec<Mapped> {
    (0..3).map(|n| said(&format!("c{n}"), "late pay").by(&format!("customer {n}")).stage("use")).collect()
}

fn asked(bed: &Bed, text: &str) -> Answer {
    bed.index
        .search(&Query { text: text.to_owned(), histogram: true, ..counting(&["stage", "kind"]) })
        .unwrap()
}

fn stages(answer: &Answer) -> Vec<(&str, u64)> {
    answer.facets["stage"].iter().map(|count| (count.value.as_str(), count.people)).collect()
}

#[test]
fn four_employees_are_withheld_and_five_are_shown() {
    for (employees, shown) in [(4, false), (5, true)] {
        let mut all = customers();
        all.extend((0..employees).map(|n| employee(n, "support", "late shifts")));
        let answer = asked(&Bed::with(&all), "late");
        let hits = answer.hits.iter().filter(|hit| hit.kind == Kind::Employee).count();
        if shown {
            assert_eq!((answer.people, answer.feedback, hits), (8, 8, 5));
            assert_eq!(stages(&answer), [("support", 5), ("use", 3)]);
            assert!(answer.withheld.is_empty());
        } else {
            assert_eq!((answer.people, answer.feedback, hits), (3, 3, 0));
            assert_eq!(stages(&answer), [("use", 3)]);
            assert_eq!(answer.withheld, ["employees"]);
            assert!(answer.facets["kind"].iter().all(|count| count.value != "employee"));
        }
    }
}

#[test]
fn a_small_remainder_withholds_those_that_match() {
    let mut all = customers();
    all.extend((0..9).map(|n| employee(n, "support", if n < 7 { "late shifts" } else { "bad tools" })));
    let bed = Bed::with(&all);
    let answer = asked(&bed, "late");
    assert_eq!((answer.people, answer.withheld.as_slice()), (3, ["employees".to_owned()].as_slice()));
    assert_eq!(asked(&bed, "").people, 12);
}

#[test]
fn feedback_of_nobody_known_does_not_help_over_the_line() {
    let all: Vec<Mapped> = (0..20).map(|n| said(&format!("e{n}"), "late").kind(Kind::Employee)).collect();
    let answer = asked(&Bed::with(&all), "late");
    assert_eq!((answer.people, answer.feedback, answer.hits.len()), (0, 0, 0));
    assert_eq!(answer.withheld, ["employees"]);
}

#[test]
fn many_feedback_of_few_employees_stay_withheld() {
    let all: Vec<Mapped> =
        (0..20).map(|n| employee(n, "support", "late").by(&format!("one of {}", n % 4))).collect();
    assert_eq!(asked(&Bed::with(&all), "late").withheld, ["employees"]);
}

#[test]
fn small_values_of_a_facet_lose_their_employees_and_what_would_give_them_away_too() {
    let mut all = customers();
    all.extend((0..10).map(|n| employee(n, "support", "late")));
    all.extend((10..16).map(|n| employee(n, "renewal", "late")));
    all.extend((16..18).map(|n| employee(n, "use", "late")));
    let answer = asked(&Bed::with(&all), "late");
    assert_eq!(answer.people, 21);
    // Two employees in `use` are hidden; so are the six in `renewal`, from whom they could be subtracted.
    assert_eq!(stages(&answer), [("support", 10), ("use", 3)]);
    assert_eq!(answer.withheld, ["facets.stage"]);
    assert_eq!(answer.histogram.len(), 1);
}

#[test]
fn days_with_few_employees_lose_them() {
    let mut all: Vec<Mapped> = (0..6).map(|n| employee(n, "support", "late")).collect();
    all.extend((6..14).map(|n| employee(n, "support", "late").on("2026-03-06T10:00:00Z")));
    all.push(employee(14, "support", "late").on("2026-03-07T10:00:00Z"));
    let answer = asked(&Bed::with(&all), "");
    let days: Vec<(String, u64)> =
        answer.histogram.iter().map(|day| (day.day.to_string(), day.people)).collect();
    assert_eq!(days, [("2026-03-06".to_owned(), 8)]);
    assert_eq!(answer.withheld, ["histogram"]);
}

#[test]
fn customers_are_never_withheld() {
    let answer = asked(&Bed::with(&customers()[..1]), "late");
    assert_eq!((answer.people, answer.hits.len(), answer.withheld.len()), (1, 1, 0));
}

#[test]
fn one_person_in_two_roles_is_one_person() {
    let mut all: Vec<Mapped> = (0..6).map(|n| employee(n, "support", "late")).collect();
    all.push(said("c", "late").by("employee 3"));
    let answer = asked(&Bed::with(&all), "late");
    assert_eq!((answer.people, answer.feedback), (6, 7));
}
