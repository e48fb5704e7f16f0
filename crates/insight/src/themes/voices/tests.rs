//! Voices of made-up views.

use groundswell_model::{FeedbackId, Kind, RespondentKey};

use super::*;
use crate::daily::LONGEST_DAYS;
use crate::holding::{Dimension, Holding, Label, Row, UNKNOWN};

/// One feedback: who (none is unlinked), the day, and its leaf ("" for none).
struct Saying {
    kind: Kind,
    person: Option<u16>,
    day: i32,
    leaf: &'static str,
    gaps: u16,
    sentiment: i8,
    text: u64,
}

fn says(person: u16, day: i32, leaf: &'static str) -> Saying {
    let text = 1_000 + u64::from(person) * 100_000 + day.unsigned_abs() as u64;
    Saying { kind: Kind::Complaint, person: Some(person), day, leaf, gaps: 0, sentiment: 0, text }
}

fn view(said: &[Saying]) -> View {
    let mut view = View::default();
    for (at, saying) in said.iter().enumerate() {
        let key = saying.person.map(|person| {
            let mut key = [0; 16];
            key[..2].copy_from_slice(&person.to_be_bytes());
            RespondentKey::from_bytes(key)
        });
        let row = Row {
            day: Day::from_number(saying.day),
            minute: 0,
            kind: saying.kind,
            respondent: key,
            stage: UNKNOWN,
            voiced_at: UNKNOWN,
            touchpoint: UNKNOWN,
            phase: UNKNOWN,
            gaps: saying.gaps,
            outcomes: 0,
            sentiment: saying.sentiment,
            quality: if saying.text == 0 { 0 } else { 50 },
            fingerprint: saying.text,
            answers: Vec::new(),
            origins: 0,
            labels: Label::new(Dimension::Theme, saying.leaf).into_iter().collect(),
            handled: None,
            corrected: false,
        };
        let id = FeedbackId::from_bytes((at as u128).to_be_bytes());
        view.put(id, &Holding { row: Some(row), ..Holding::default() });
    }
    view
}

fn leaves() -> Leaves {
    [("t1", 0), ("t2", 1), ("t3", 0)].map(|(leaf, theme)| (leaf.to_owned(), theme)).into()
}

fn window(since: i32, until: i32) -> Window {
    Window { since: Some(Day::from_number(since)), until: Some(Day::from_number(until)), kind: None }
}

const MONDAY: i32 = 20_010;

#[test]
fn a_theme_counts_people_once_and_all_of_its_leaves() {
    let said = [
        Saying { gaps: 1, sentiment: -50, ..says(1, MONDAY, "t1") },
        Saying { sentiment: 10, ..says(1, MONDAY + 1, "t3") },
        Saying { gaps: 2, sentiment: -50, ..says(2, MONDAY + 7, "t3") },
        Saying { person: None, ..says(0, MONDAY + 8, "t1") },
        says(3, MONDAY + 2, "t2"),
        says(4, MONDAY + 2, ""),
        says(5, MONDAY + 2, "hidden"),
        Saying { text: 0, ..says(6, MONDAY + 2, "") },
        says(9, MONDAY - 3, "t1"),
    ];
    let voices = Voices::of(&view(&said), &window(MONDAY - 1, MONDAY + 8), &leaves());
    assert_eq!((voices.texts, voices.without_theme, voices.left_out), (7, 1, 1));
    assert_eq!(voices.first, Day::from_number(MONDAY - 1));
    assert_eq!(voices.heard, [0, 1, 1, 4, 0, 0, 0, 0, 1, 1]);
    let theme = &voices.themes[0];
    assert_eq!((theme.people, theme.feedback, theme.unlinked, theme.unmet), (3, 4, 1, 2));
    assert_eq!(theme.sentiment, Some(-0.225));
    assert_eq!(theme.days, Some((Day::from_number(MONDAY), Day::from_number(MONDAY + 8))));
    assert_eq!(theme.by_day, [0, 1, 1, 0, 0, 0, 0, 0, 1, 1]);
    assert_eq!((&theme.by_week[..], voices.week(0)), (&[0, 1, 2][..], Day::from_number(MONDAY - 7)));
    assert_eq!((voices.themes[1].people, voices.themes.len()), (1, 2));
}

#[test]
fn a_small_group_of_staff_is_left_out_of_a_theme_and_so_is_a_small_remainder() {
    let staff =
        |n: u16, leaf| Saying { kind: Kind::Employee, gaps: 1, sentiment: -80, ..says(n, MONDAY, leaf) };
    let told = |of: u16, all: u16| {
        let mut said: Vec<Saying> = (0..all).map(|n| staff(n, if n < of { "t1" } else { "t2" })).collect();
        said.push(says(99, MONDAY, "t1"));
        Voices::of(&view(&said), &window(MONDAY, MONDAY), &leaves()).themes.swap_remove(0)
    };
    let few = told(4, 20);
    assert_eq!((few.people, few.withheld, few.unmet), (1, 4, 0));
    assert_eq!((few.sentiment, &few.by_day[..], &few.by_week[..]), (Some(0.0), &[1][..], &[1][..]));
    let nearly_all = told(8, 12);
    assert_eq!((nearly_all.people, nearly_all.withheld), (1, 8));
    let enough = told(6, 12);
    assert_eq!((enough.people, enough.withheld, enough.unmet), (7, 0, 6));
    assert_eq!(enough.by_day, [7]);
}

#[test]
fn copied_texts_count_as_people_but_in_no_series() {
    let said: Vec<Saying> = (0..6).map(|n| Saying { text: 7, ..says(n, MONDAY, "t1") }).collect();
    let voices = Voices::of(&view(&said), &Window::default(), &leaves());
    let theme = &voices.themes[0];
    assert_eq!((theme.people, theme.copied, &theme.by_day[..]), (6, 6, &[0][..]));
    assert_eq!(voices.heard, [6]);
}

#[test]
fn a_rise_is_found_from_the_days_before_the_window_and_is_over_when_it_is() {
    let mut said = Vec::new();
    for day in 0..400_u16 {
        let number = i32::from(day);
        (0..12).for_each(|n| said.push(says(1_000 + day * 12 + n, number, "t2")));
        if day % 4 == 0 || (200..240).contains(&day) {
            (0..2).for_each(|n| said.push(says(20_000 + day * 2 + n, number, "t1")));
        }
    }
    let view = view(&said);
    let of = |since, until| Voices::of(&view, &window(since, until), &leaves());
    let year = of(0, 399);
    let rise = year.rise(0).unwrap();
    assert!((rise.since.number() - 200).abs() <= 2, "{rise:?}");
    assert!((rise.until.unwrap().number() - 239).abs() <= 4, "{rise:?}");
    assert!(rise.times > 2.8 && rise.people >= 78, "{rise:?}");
    assert_eq!(year.rise(1), None, "the others speak as ever");
    assert_eq!(year.rise(7), None);
    let now = of(212, 225).rise(0).unwrap();
    assert_eq!((now.since, now.until), (rise.since, None));
    assert_eq!(of(300, 399).rise(0), None, "it is over");
    let shorter = of(0, 230).rise(0).unwrap();
    assert_eq!((shorter.since, shorter.until), (rise.since, None), "later days play no part");
}

#[test]
fn nothing_heard_and_odd_windows_are_no_fault() {
    let empty = View::default();
    assert_eq!(Voices::of(&empty, &Window::default(), &leaves()), Voices::default());
    let silent = Voices::of(&empty, &window(MONDAY, MONDAY + 6), &leaves());
    assert_eq!((silent.heard.len(), silent.themes.len(), silent.rise(0)), (7, 2, None));
    assert_eq!(Voices::of(&empty, &window(MONDAY, MONDAY - 1), &leaves()), Voices::default());
    let far = view(&[says(1, -700_000, "t1"), says(2, MONDAY, "t1")]);
    let voices = Voices::of(&far, &Window::default(), &Leaves::new());
    assert!(voices.heard.len() == LONGEST_DAYS as usize && voices.themes.is_empty());
    let all = Voices::of(&far, &Window::default(), &leaves());
    assert_eq!(all.themes[0].people, 2, "people of all days count, the series is bounded");
}
