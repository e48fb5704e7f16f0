//! What is done to all hits of a query: export, ids, counts by week and month, facets that are chosen from.

use std::collections::BTreeSet;

use groundswell_model::{Kind, Mapped};

use super::build::{Bed, But, add, at, counting, filter, said};
use crate::{Query, Step};

fn many(number: u32) -> Vec<Mapped> {
    (0..number)
        .map(|n| {
            said(&n.to_string(), "late parcel")
                .by(&format!("p{}", n % 7))
                .stage(if n % 3 == 0 { "use" } else { "support" })
                .on(&format!("2026-03-{:02}T10:00:00Z", 1 + n % 28))
        })
        .collect()
}

fn late() -> Query {
    Query { text: "late".to_owned(), ..Query::default() }
}

#[test]
fn an_export_gives_every_hit_once_newest_first_and_goes_on_where_it_ended() {
    let bed = Bed::with(&many(57));
    let whole: Vec<_> = bed.index.export(&late()).unwrap().map(Result::unwrap).collect();
    assert_eq!(whole.iter().map(|hit| hit.id).collect::<BTreeSet<_>>().len(), 57);
    assert!(whole.windows(2).all(|two| two[0].occurred_at >= two[1].occurred_at));
    assert!(whole.iter().all(|hit| hit.highlights == [(0, 4)]));
    let mut first = bed.index.export(&late()).unwrap();
    assert_eq!((first.people, first.feedback), (7, 57));
    let mut seen: Vec<_> = first.by_ref().take(20).map(|hit| hit.unwrap().id).collect();
    let place = first.place().unwrap().to_string().parse().unwrap();
    let rest = bed.index.export(&Query { after: Some(place), ..late() }).unwrap();
    seen.extend(rest.map(|hit| hit.unwrap().id));
    assert_eq!(seen, whole.iter().map(|hit| hit.id).collect::<Vec<_>>());
}

#[test]
fn an_export_sees_the_commit_it_began_with() {
    let bed = Bed::with(&many(5));
    let mut export = bed.index.export(&late()).unwrap();
    export.next().unwrap().unwrap();
    let mut writer = bed.index.writer().unwrap();
    add(&mut writer, &[said("new", "late").on("2026-01-01T00:00:00Z")]);
    writer.commit(&at(9)).unwrap();
    assert_eq!(export.count(), 4);
    assert_eq!(bed.index.export(&late()).unwrap().count(), 6);
}

#[test]
fn ids_are_all_or_an_error() {
    let bed = Bed::with(&many(30));
    let ids = bed.index.ids(&late(), 30).unwrap();
    assert_eq!((ids.ids.len(), ids.withheld.len()), (30, 0));
    assert!(ids.ids.is_sorted());
    let few = bed.index.ids(&Query { filters: filter("stage", &["use"]), ..late() }, 30).unwrap();
    assert_eq!(few.ids.len(), 10);
    assert_eq!(bed.index.ids(&late(), 29).unwrap_err().code(), "search.too_many_hits");
}

#[test]
fn a_few_employees_are_in_no_export_no_ids_and_no_facet_that_is_chosen_from() {
    let mut all = many(20);
    all.extend((0..4).map(|n| {
        said(&format!("e{n}"), "late shift").kind(Kind::Employee).by(&format!("e{n}")).stage("use")
    }));
    let bed = Bed::with(&all);
    let mut export = bed.index.export(&late()).unwrap();
    assert_eq!((export.withheld.clone(), export.feedback), (vec!["employees".to_owned()], 20));
    assert!(export.all(|hit| hit.unwrap().kind != Kind::Employee));
    let ids = bed.index.ids(&late(), 100).unwrap();
    assert_eq!((ids.ids.len(), ids.withheld), (20, vec!["employees".to_owned()]));
    let query = Query { filters: filter("stage", &["support"]), ..counting(&["stage"]) };
    let answer = bed.index.search(&query).unwrap();
    assert_eq!(answer.withheld, ["facets.stage"]);
    assert_eq!(answer.facets["stage"].iter().map(|count| count.feedback).sum::<u64>(), 20);
}

#[test]
fn a_facet_that_is_filtered_by_still_counts_its_other_values() {
    let bed = Bed::with(&many(30));
    let counts = |query: &Query, field: &str| -> Vec<(String, u64)> {
        let answer = bed.index.search(query).unwrap();
        answer.facets[field].iter().map(|count| (count.value.clone(), count.feedback)).collect()
    };
    let both = [("support".to_owned(), 20), ("use".to_owned(), 10)];
    let by_filter = Query { filters: filter("stage", &["use"]), ..counting(&["stage", "kind"]) };
    let by_text = Query { text: "stage:use".to_owned(), ..counting(&["stage", "kind"]) };
    for query in [&by_filter, &by_text] {
        assert_eq!(counts(query, "stage"), both);
        assert_eq!(counts(query, "kind"), [("complaint".to_owned(), 10)]);
        assert_eq!(bed.index.search(query).unwrap().feedback, 10);
    }
    let narrowed = Query { text: "kind:survey".to_owned(), ..by_filter };
    assert!(counts(&narrowed, "stage").is_empty());
}

#[test]
fn bars_are_days_weeks_or_months() {
    let bed = Bed::with(&[
        said("1", "late").by("ann").on("2026-02-28T10:00:00Z"),
        said("2", "late").by("ann").on("2026-03-01T10:00:00Z"),
        said("3", "late").by("bob").on("2026-03-02T10:00:00Z"),
    ]);
    let bars = |step: Step| -> Vec<(String, u64, u64)> {
        let answer = bed.index.search(&Query { histogram: true, step, ..Query::default() }).unwrap();
        answer.histogram.iter().map(|bar| (bar.day.to_string(), bar.people, bar.feedback)).collect()
    };
    let bar = |day: &str, people, feedback| (day.to_owned(), people, feedback);
    assert_eq!(bars(Step::Week), [bar("2026-02-23", 1, 2), bar("2026-03-02", 1, 1)]);
    assert_eq!(bars(Step::Month), [bar("2026-02-01", 1, 1), bar("2026-03-01", 2, 2)]);
    assert_eq!(bars(Step::Day).len(), 3);
}
