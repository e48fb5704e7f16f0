//! Themes as people see them: merged from leaves, renamed, hidden; found and counted as they are shown.

use groundswell_model::{Kind, Mapped};

use super::build::{Bed, But, filter, said};
use super::find::sorted;
use crate::{Answer, Fold, Query};

fn theme(record: &str, theme: &str, person: &str) -> Mapped {
    let mut mapped = said(record, "late").by(person);
    mapped.mapping.as_mut().unwrap().theme = Some(theme.to_owned());
    mapped
}

fn bed() -> Bed {
    let leaves = [("1", "t1", "ann"), ("2", "t2", "ann"), ("3", "t2", "bob"), ("4", "t3", "cid")];
    let more = [("5", "t4", "dan"), ("6", "t5", "eve"), ("7", "t6", "fay")];
    let all = leaves.into_iter().chain(more).map(|(record, leaf, person)| theme(record, leaf, person));
    Bed::with(&all.collect::<Vec<_>>())
}

/// `t2` stands under `t1`, `t4` is hidden, `t5` and `t6` are one theme with an id of its own.
fn fold() -> Fold {
    let groups = [("t2", Some("t1")), ("t4", None), ("t5", Some("A")), ("t6", Some("A"))];
    let names = [("t1", "Late parcel, again"), ("A", "The app"), ("t3", "ÄRGER")];
    Fold {
        field: "theme".to_owned(),
        groups: groups.map(|(leaf, group)| (leaf.to_owned(), group.map(str::to_owned))).into(),
        names: names.map(|(group, name)| (group.to_owned(), name.to_owned())).into(),
    }
}

fn asked(bed: &Bed, query: Query) -> Answer {
    let facets = vec!["theme".to_owned()];
    bed.index.search(&Query { facets, folds: vec![fold()], limit: 100, ..query }).unwrap()
}

fn records(answer: Answer) -> Vec<String> {
    sorted(answer.hits.into_iter().map(|hit| hit.record.unwrap()).collect())
}

#[test]
fn a_theme_is_found_by_its_id_its_name_and_its_leaves() {
    let bed = bed();
    for (value, found) in [
        ("t1", &["1", "2", "3"][..]),
        ("t2", &["1", "2", "3"]),
        ("Late parcel, again", &["1", "2", "3"]),
        ("late  PARCEL, again ", &["1", "2", "3"]),
        ("A", &["6", "7"]),
        ("t6", &["6", "7"]),
        ("the app", &["6", "7"]),
        ("ärger", &["4"]),
        ("t3", &["4"]),
        ("t4", &["5"]),
        ("t9", &[]),
        ("parcel", &[]),
    ] {
        let filters = filter("theme", &[value]);
        assert_eq!(records(asked(&bed, Query { filters, ..Query::default() })), found, "{value}");
        let text = format!("theme:\"{value}\" late");
        assert_eq!(records(asked(&bed, Query { text, ..Query::default() })), found, "{value}");
        let text = format!("-theme:\"{value}\"");
        assert_eq!(records(asked(&bed, Query { text, ..Query::default() })).len(), 7 - found.len());
    }
    for text in ["theme:Th*", "theme:t5*", "zebra OR theme:\"the app\"", "theme:t5 theme:A"] {
        let answer = asked(&bed, Query { text: text.to_owned(), ..Query::default() });
        assert_eq!(records(answer), ["6", "7"], "{text}");
    }
    let ids = bed.index.ids(&Query { text: "theme:a".to_owned(), ..Query::default() }, 10).unwrap();
    assert!(ids.ids.is_empty());
    let query = Query { filters: filter("theme", &["the app"]), folds: vec![fold()], ..Query::default() };
    assert_eq!(bed.index.ids(&query, 10).unwrap().ids.len(), 2);
    assert_eq!(bed.index.export(&query).unwrap().count(), 2);
}

#[test]
fn themes_are_counted_under_their_name_and_their_people_once() {
    let bed = bed();
    let shown = [
        ("t1", Some("Late parcel, again"), 2, 3),
        ("A", Some("The app"), 2, 2),
        ("t3", Some("\u{c4}RGER"), 1, 1),
    ];
    // A filter on themes does not narrow their counts, so that others can be chosen beside it.
    for (filters, feedback) in [(Vec::new(), 7), (filter("theme", &["Late parcel, again"]), 3)] {
        let answer = asked(&bed, Query { filters, ..Query::default() });
        assert_eq!(answer.feedback, feedback);
        let counts: Vec<(&str, Option<&str>, u64, u64)> = answer.facets["theme"]
            .iter()
            .map(|count| (count.value.as_str(), count.name.as_deref(), count.people, count.feedback))
            .collect();
        assert_eq!(sorted_by_people(counts), shown);
    }
    let json = serde_json::to_value(asked(&bed, Query::default())).unwrap();
    assert_eq!(json["facets"]["theme"][0]["name"], "Late parcel, again");
    let plain = Query { facets: vec!["kind".to_owned()], ..Query::default() };
    let json = serde_json::to_value(bed.index.search(&plain).unwrap()).unwrap();
    assert!(json["facets"]["kind"][0].get("name").is_none());
}

fn sorted_by_people<T>(mut counts: Vec<(&str, T, u64, u64)>) -> Vec<(&str, T, u64, u64)> {
    counts.sort_by_key(|(_, _, people, feedback)| std::cmp::Reverse((*people, *feedback)));
    counts
}

#[test]
fn other_fields_and_small_groups_are_as_ever() {
    let all: Vec<Mapped> =
        (0..4).map(|n| theme(&format!("e{n}"), "t1", &format!("e{n}")).kind(Kind::Employee)).collect();
    let bed = Bed::with(&all);
    let filters = filter("theme", &["Late parcel, again"]);
    let answer = asked(&bed, Query { filters, ..Query::default() });
    assert_eq!((answer.feedback, answer.withheld.first().map(String::as_str)), (0, Some("employees")));
    let names = vec![Fold { field: "theme".to_owned(), ..fold() }; 2_000];
    let error = bed.index.export(&Query { folds: names, ..Query::default() }).err().unwrap();
    assert_eq!(error.code(), "search.over_limit");
}
