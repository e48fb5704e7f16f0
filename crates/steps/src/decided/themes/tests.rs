//! Themes from the actions: found, edited, undone, and what is refused.

use proptest::prelude::*;

use groundswell_annotate::DIMENSIONS;
use groundswell_model::{
    Action, Centroid, Day, Decision, FeedbackId, FoundTheme, JoinedTheme, ThemeChange, ThemeChangeKind,
    ThemeEdit, ThemeId, ThemeOccasion, ThemePart, ThemeRun, Timestamp,
};

use super::{Refusal, Themes};
use crate::decided::Touched;

/// A direction along one axis, and a little along the next.
fn along(axis: usize) -> Vec<i8> {
    let mut values = vec![0_i8; DIMENSIONS];
    values[axis] = 120;
    values[axis + 1] = 30;
    values
}

fn id(n: u8) -> FeedbackId {
    FeedbackId::from_bytes([n; 16])
}

fn t(n: u32) -> ThemeId {
    ThemeId(n)
}

/// Themes with the actions that made them.
#[derive(Default)]
struct Told {
    themes: Themes,
    next: u64,
}

impl Told {
    fn take(&mut self, decision: Decision) -> (u64, Vec<Touched>) {
        let action =
            Action { actor: "ada".to_owned(), at: Timestamp::from_millis(0), reason: None, decision };
        let number = self.next;
        self.next += 1;
        let touched = self.themes.take(number, &action);
        self.themes.prepare();
        (number, touched)
    }

    fn edit(&mut self, edit: ThemeEdit) -> Result<u64, Refusal> {
        let seen = Some(self.themes.version());
        self.edit_as_seen(edit, seen)
    }

    fn edit_as_seen(&mut self, edit: ThemeEdit, seen: Option<u64>) -> Result<u64, Refusal> {
        let (number, _) = self.take(Decision::ThemesEdited { edit, seen });
        self.themes.refused(number).map_or(Ok(number), |refusal| Err(refusal.clone()))
    }

    fn undo(&mut self, edit: u64) -> Result<(), Refusal> {
        let (number, _) = self.take(Decision::ThemeEditUndone { edit });
        self.themes.refused(number).map_or(Ok(()), |refusal| Err(refusal.clone()))
    }

    fn run(&mut self, run: ThemeRun) -> u64 {
        self.take(Decision::ThemesFound { run: Box::new(run) }).0
    }

    /// Three themes along three axes.
    fn three() -> Self {
        let mut told = Self { next: 10, ..Self::default() };
        let themes = [(0, "late"), (10, "broken"), (20, "refund")];
        let themes = themes.map(|(axis, word)| found(None, Some(axis), word)).to_vec();
        told.run(ThemeRun { themes, ..run(None) });
        told
    }

    fn place(&self, n: u8, axis: usize) -> Option<ThemeId> {
        self.themes.place(id(n), Some(&along(axis)))
    }
}

fn run(after: Option<u64>) -> ThemeRun {
    ThemeRun {
        occasion: ThemeOccasion::Due,
        after,
        until: Day::from_number(20_000),
        feedback: 300,
        themes: Vec::new(),
        topics: Vec::new(),
        changes: Vec::new(),
        joined: Vec::new(),
    }
}

fn found(id: Option<u32>, axis: Option<usize>, word: &str) -> FoundTheme {
    FoundTheme {
        id: id.map(ThemeId),
        centroid: axis.map(|axis| Centroid(along(axis))),
        words: vec![word.to_owned()],
        language: None,
        proposed: None,
        topic: 0,
        example: None,
        people: 20,
        feedback: 25,
    }
}

fn rename(theme: u32, name: &str) -> ThemeEdit {
    ThemeEdit::Rename { theme: t(theme), name: name.to_owned() }
}

#[test]
fn a_feedback_belongs_to_the_theme_it_is_nearest_to_or_to_none() {
    let told = Told::three();
    assert_eq!([0, 10, 20].map(|axis| told.place(1, axis)), [Some(t(1)), Some(t(2)), Some(t(3))]);
    assert_eq!(told.place(1, 100), None, "near to nothing");
    assert_eq!(told.themes.place(id(1), None), None, "nothing is known of its words");
    assert_eq!(told.themes.place(id(1), Some(&[0; DIMENSIONS])), None);
    assert_eq!(told.themes.node(t(2)).unwrap().name(), "broken");
}

#[test]
fn a_merge_is_shown_at_once_moves_no_leaf_and_is_undone() {
    let mut told = Told::three();
    let merge = ThemeEdit::Merge { into: t(1), themes: vec![t(3)] };
    let number = told.edit(merge).unwrap();
    assert_eq!(told.place(1, 20), Some(t(3)), "the leaf stays");
    assert_eq!((told.themes.root(t(3)), told.themes.leaves(t(1))), (t(1), vec![t(1), t(3)]));
    let shown = told.themes.shown();
    assert_eq!(shown.groups["t3"], Some("t1".to_owned()));
    assert_eq!(told.themes.standing().map(|node| node.id).collect::<Vec<_>>(), [t(1), t(2)]);
    assert_eq!(told.themes.find("t3"), Some(t(1)), "what was merged is found under its theme");
    let again = told.edit(rename(3, "money back")).unwrap_err();
    assert_eq!(again.to_string(), "t3 is part of t1");
    told.undo(number).unwrap();
    assert_eq!(told.themes.root(t(3)), t(3));
    assert!(!told.themes.node(t(3)).unwrap().is_touched());
}

#[test]
fn what_cannot_be_is_refused_with_the_reason() {
    let mut told = Told::three();
    let merge = |into: u32, themes: &[u32]| ThemeEdit::Merge {
        into: t(into),
        themes: themes.iter().copied().map(ThemeId).collect(),
    };
    let split = |parts| ThemeEdit::Split { theme: t(1), keeps: None, parts, query: None };
    let long = "x".repeat(81);
    for (edit, said) in [
        (merge(1, &[1]), "themes: t1 cannot be merged into itself"),
        (merge(1, &[]), "themes: name at least one that goes into it"),
        (merge(1, &[2, 2]), "themes: one is named twice"),
        (merge(1, &[9]), "no such theme t9"),
        (rename(0, "zero"), "no such theme t0"),
        (rename(1, "  "), "name: is empty"),
        (rename(1, "BROKEN"), "name: t2 is called so already; merge them, or take another name"),
        (rename(1, &long), "name: one line of at most 80 characters"),
        (rename(1, "two\nlines"), "name: one line of at most 80 characters"),
        (
            split(vec![ThemePart::default()]),
            "parts: each has feedback, or a centroid beside the one of what stays",
        ),
        (ThemeEdit::Pin { theme: t(1), pinned: false }, "t1 is not pinned already"),
        (ThemeEdit::Move { feedback: vec![], theme: None }, "feedback: name at least one"),
    ] {
        let before = told.themes.edit_rows();
        assert_eq!(told.edit(edit).unwrap_err().to_string(), said);
        assert_eq!(told.themes.edit_rows(), before, "nothing is kept of it");
    }
    assert!(matches!(told.edit(split(vec![])), Err(Refusal::Invalid(_))));
    assert!(matches!(told.undo(99), Err(Refusal::Invalid(_))));
}

#[test]
fn of_two_who_edit_the_same_theme_at_once_the_second_is_told() {
    let mut told = Told::three();
    let seen = Some(told.themes.version());
    let first = told.edit_as_seen(rename(1, "Late parcels"), seen).unwrap();
    let second = told.edit_as_seen(rename(1, "Slow courier"), seen).unwrap_err();
    assert_eq!(
        second.to_string(),
        format!("t1 was edited by ada (edit {first}) since you looked: look again")
    );
    told.edit_as_seen(rename(2, "Damaged"), seen).unwrap();
    assert_eq!(told.themes.node(t(1)).unwrap().name(), "Late parcels", "the first one's name");
}

#[test]
fn parts_take_their_own_from_the_theme_alone_and_give_it_back() {
    let mut told = Told::three();
    let mut between = along(0);
    between[60] = 90;
    let part = ThemePart {
        words: vec!["lost".to_owned()],
        centroid: Some(Centroid(between.clone())),
        ..ThemePart::default()
    };
    let keeps = Some(Centroid(along(0)));
    let edit = ThemeEdit::Split { theme: t(1), keeps, parts: vec![part], query: None };
    let (number, touched) = told.take(Decision::ThemesEdited { edit, seen: None });
    assert_eq!(touched, [Touched::Leaves(vec![t(1)])]);
    assert_eq!(told.themes.created(number), [t(4)]);
    assert_eq!(told.themes.place(id(1), Some(&between)), Some(t(4)));
    assert_eq!([0, 10, 20].map(|axis| told.place(1, axis)), [Some(t(1)), Some(t(2)), Some(t(3))]);
    let named = told.edit(rename(4, "Lost parcels")).unwrap();
    let said = told.undo(number).unwrap_err().to_string();
    assert_eq!(said, format!("edit {named} came after it on the same theme: undo that one first"));
    told.undo(named).unwrap();
    told.undo(number).unwrap();
    assert_eq!(told.themes.place(id(1), Some(&between)), Some(t(1)));
    assert!(told.themes.node(t(4)).unwrap().retired);
    assert!(told.undo(number).unwrap_err().to_string().contains("undone before"));
}

#[test]
fn a_theme_of_several_leaves_comes_apart_in_each_of_them() {
    let mut told = Told::three();
    told.edit(ThemeEdit::Merge { into: t(1), themes: vec![t(2)] }).unwrap();
    let mut far = along(0);
    far[60] = 90;
    let mut far_too = along(10);
    far_too[60] = 90;
    let part = ThemePart { centroid: Some(Centroid(along(60))), ..ThemePart::default() };
    let keeps = Some(Centroid(vec![1; DIMENSIONS]));
    told.edit(ThemeEdit::Split { theme: t(1), keeps, parts: vec![part], query: None }).unwrap();
    let places = [far, far_too].map(|vector| told.themes.place(id(1), Some(&vector)).unwrap());
    assert_eq!(places, [t(4), t(5)]);
    assert_eq!(places.map(|leaf| told.themes.root(leaf)), [t(4), t(4)], "the parts are one theme");
}

#[test]
fn named_feedback_stays_where_a_person_put_it_until_that_is_undone() {
    let mut told = Told::three();
    let moved = told.edit(ThemeEdit::Move { feedback: vec![id(1), id(2)], theme: Some(t(3)) }).unwrap();
    told.edit(ThemeEdit::Move { feedback: vec![id(2)], theme: None }).unwrap();
    assert_eq!([1, 2, 3].map(|n| told.place(n, 0)), [Some(t(3)), None, Some(t(1))]);
    let define = ThemeEdit::Define {
        name: "Strikes".to_owned(),
        query: Some("strike".to_owned()),
        feedback: vec![id(1), id(5)],
        centroid: None,
    };
    let (defined, touched) = told.take(Decision::ThemesEdited { edit: define, seen: None });
    assert_eq!(touched, [Touched::Feedback(vec![id(1), id(5)])]);
    assert_eq!([1, 5].map(|n| told.place(n, 0)), [Some(t(4)), Some(t(4))]);
    told.undo(defined).unwrap();
    assert_eq!([1, 5].map(|n| told.place(n, 0)), [Some(t(3)), Some(t(1))], "as it was before");
    told.undo(moved).unwrap();
    assert_eq!(told.place(1, 0), Some(t(1)));
}

#[test]
fn a_run_keeps_what_people_made_and_lets_go_what_nobody_speaks_of() {
    let mut told = Told::three();
    told.edit(rename(1, "Late parcels")).unwrap();
    let change = |kind, known: u32, applied| ThemeChange {
        kind,
        known: vec![t(known)],
        found: Vec::new(),
        before: 20,
        now: 0,
        applied,
    };
    let themes = vec![found(Some(1), None, "courier"), found(None, Some(40), "app")];
    let changes = vec![change(ThemeChangeKind::Gone, 2, true), change(ThemeChangeKind::Gone, 1, false)];
    let joined = vec![JoinedTheme { theme: t(1), feedback: vec![id(7)] }];
    let number = told.run(ThemeRun { themes, changes, joined, ..run(Some(10)) });
    assert!(told.themes.refused(number).is_none());
    let node = told.themes.node(t(1)).unwrap();
    assert_eq!((node.name(), node.words.clone()), ("Late parcels".to_owned(), vec!["courier".to_owned()]));
    assert_eq!([0, 10, 40].map(|axis| told.place(1, axis)), [Some(t(1)), None, Some(t(4))]);
    assert_eq!(told.place(7, 40), Some(t(1)), "a new hit of the theme's query");
    assert_eq!(told.themes.last_run().unwrap().changes.len(), 2);
    let late = told.run(ThemeRun { themes: vec![found(None, Some(80), "x")], ..run(Some(10)) });
    assert!(told.themes.refused(late).is_some(), "it follows a run that is not the last");
    assert_eq!(told.themes.nodes().len(), 4);
}

#[test]
fn what_emerged_is_marked_until_a_run_has_looked_at_it() {
    let mut told = Told::three();
    let themes = vec![found(None, Some(40), "outage")];
    let number = told.run(ThemeRun { occasion: ThemeOccasion::Emerged, themes, ..run(Some(10)) });
    assert!(told.themes.node(t(4)).unwrap().emerged);
    assert_eq!(told.themes.last_run().unwrap().number, 10, "it did not look at everything");
    told.run(ThemeRun { themes: vec![found(Some(4), Some(41), "outage")], ..run(Some(number)) });
    assert!(!told.themes.node(t(4)).unwrap().emerged);
}

#[derive(Clone, Debug)]
enum Step {
    Rename(u32, u8),
    Merge(u32, u32),
    Hide(u32, bool),
    Move(u8, Option<u32>),
    Split(u32),
    Undo(u64),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        (1..6_u32, any::<u8>()).prop_map(|(theme, name)| Step::Rename(theme, name)),
        (1..6_u32, 1..6_u32).prop_map(|(into, theme)| Step::Merge(into, theme)),
        (1..6_u32, any::<bool>()).prop_map(|(theme, hidden)| Step::Hide(theme, hidden)),
        (0..4_u8, proptest::option::of(1..6_u32)).prop_map(|(n, theme)| Step::Move(n, theme)),
        (1..6_u32).prop_map(Step::Split),
        (10..40_u64).prop_map(Step::Undo),
    ]
}

fn decision(step: &Step) -> Decision {
    let part = || ThemePart { centroid: Some(Centroid(along(60))), ..ThemePart::default() };
    let edit = match step {
        Step::Undo(edit) => return Decision::ThemeEditUndone { edit: *edit },
        Step::Rename(theme, name) => rename(*theme, &format!("name {name}")),
        Step::Merge(into, theme) => ThemeEdit::Merge { into: t(*into), themes: vec![t(*theme)] },
        Step::Hide(theme, hidden) => ThemeEdit::Hide { theme: t(*theme), hidden: *hidden },
        Step::Move(n, theme) => ThemeEdit::Move { feedback: vec![id(*n)], theme: theme.map(ThemeId) },
        Step::Split(theme) => {
            let keeps = Some(Centroid(along(*theme as usize)));
            ThemeEdit::Split { theme: t(*theme), keeps, parts: vec![part()], query: None }
        }
    };
    Decision::ThemesEdited { edit, seen: None }
}

/// What people see: names and groups of leaves, and where feedback belongs.
fn seen(told: &Told) -> (super::Shown, Vec<Option<ThemeId>>) {
    let places = (0..4).flat_map(|n| [0, 10, 20, 60].map(|axis| told.place(n, axis))).collect();
    (told.themes.shown(), places)
}

proptest! {
    #[test]
    fn undoing_everything_backwards_gives_what_was_found(steps in prop::collection::vec(step(), 0..24)) {
        let mut told = Told::three();
        let before = seen(&told);
        for step in &steps {
            told.take(decision(step));
        }
        let made: Vec<u64> = told.themes.edit_rows().iter().filter(|row| row.undone.is_none()).map(|row| row.number).collect();
        for number in made {
            prop_assert_eq!(told.undo(number), Ok(()));
        }
        prop_assert_eq!(seen(&told), before);
    }

    #[test]
    fn every_leaf_has_a_theme_that_stands(steps in prop::collection::vec(step(), 0..24)) {
        let mut told = Told::three();
        for step in &steps {
            told.take(decision(step));
        }
        for node in told.themes.nodes().iter().filter(|node| !node.retired) {
            let root = told.themes.root(node.id);
            prop_assert!(told.themes.node(root).is_some_and(super::Node::stands), "{} is shown as {}", node.id, root);
        }
    }
}
