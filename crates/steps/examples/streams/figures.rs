//! The figures of the forum: the roll-out and its delay, and alarms about anything else, by way of looking and by month.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use groundswell_model::Day;

use super::events::{self, Event, Sort, WITHIN};
use super::forum::{self, Family, Post};
use super::plain::Plain;
use super::rows::{Figure, Wanted};
use super::watch::{Alarm, Rule, WARM_UP, Watched};

const NAME: &str = "forum";
const DAYS_OF_A_MONTH: f64 = 365.25 / 12.0;

/// Alarms about anything else that a month may have.
const OTHERS: f64 = 2.0;

/// Every way of looking, and what it is called.
const WAYS: [(Rule, &str); 5] = [
    (Rule::Confirmed, "confirmed"),
    (Rule::Believed, "believed among all series of the day"),
    (Rule::Limits, "limits of each series alone"),
    (Rule::Plain(Plain::C2), "EARS C2 on raw counts"),
    (Rule::Plain(Plain::FourWeeks), "mean and three standard deviations of four weeks, raw counts"),
];

/// What the forum gives.
pub struct Forum {
    /// The figures.
    pub figures: Vec<Figure>,
    /// Alarms about anything else by month, of each way of looking.
    pub months: Vec<(String, [usize; WAYS.len()])>,
    /// What was told, a line each.
    pub alarms: Vec<String>,
}

impl Forum {
    /// The names of the ways of looking, in the order of the months' numbers.
    pub fn ways() -> [&'static str; WAYS.len()] {
        WAYS.map(|(_, says)| says)
    }

    /// Measures the forum.
    pub fn measure(folder: &Path) -> Self {
        let posts = forum::posts(folder);
        let events = events::events(folder);
        let watched = Watched::of(&posts, &Family::MARGINAL);
        let looks = WAYS.map(|(rule, _)| Look::of(&watched, rule, &events));
        let mut figures = confirmed(&watched, &looks[0], &events);
        for (look, (_, says)) in looks.iter().zip(WAYS).skip(1) {
            figures.extend(beside(look, says));
        }
        let (with_words, alarms) = words(&posts, &events);
        figures.extend(with_words);
        figures.push(cells(&posts, &events, watched.days));
        let all: BTreeSet<String> = (WARM_UP..watched.days).map(|at| month(watched.day(at))).collect();
        let of_month = |month: String| {
            let others = looks.each_ref().map(|look| look.by_month.get(&month).copied().unwrap_or(0));
            (month, others)
        };
        let mut told = lines(&watched, &looks[0], "marginal series");
        told.extend(alarms);
        Self { figures, months: all.into_iter().map(of_month).collect(), alarms: told }
    }
}

/// What one way of looking tells.
struct Look {
    alarms: Vec<(Alarm, Sort)>,
    /// Days from the first of the event to the alarm that found it.
    delay: Option<f64>,
    /// The same, an alarm of the fortnight before included.
    early: Option<f64>,
    /// Days from the first of the weak event to the alarm that found it.
    weak: Option<f64>,
    /// Rises about anything else that begin in each month.
    by_month: BTreeMap<String, usize>,
    months: f64,
}

impl Look {
    fn of(watched: &Watched, rule: Rule, events: &[Event]) -> Self {
        let alarms = watched.alarms(rule);
        let event = |real: bool| events.iter().find(|event| event.real == real);
        let days = |event: &Event, alarm: &Alarm| f64::from(alarm.day.number() - event.from.number());
        let found =
            |real| event(real).and_then(|event| Some(days(event, event.found(&alarms, &watched.streams)?)));
        let early =
            event(true).and_then(|event| Some(days(event, event.noticed(&alarms, &watched.streams)?)));
        let (delay, weak) = (found(true), found(false));
        let alarms: Vec<(Alarm, Sort)> =
            alarms.into_iter().map(|alarm| (alarm, events::sort(&alarm, events))).collect();
        let mut by_month = BTreeMap::new();
        for (alarm, _) in
            alarms.iter().filter(|(alarm, sort)| *sort == Sort::Other && alarm.began == alarm.day)
        {
            *by_month.entry(month(alarm.day)).or_default() += 1;
        }
        Self {
            alarms,
            delay,
            early,
            weak,
            by_month,
            months: (watched.days - WARM_UP) as f64 / DAYS_OF_A_MONTH,
        }
    }

    /// Rises about anything else, by month.
    fn others(&self) -> f64 {
        self.by_month.values().sum::<usize>() as f64 / self.months
    }

    fn worst(&self) -> f64 {
        self.by_month.values().copied().max().unwrap_or(0) as f64
    }

    /// Every alarm about anything else, by month: also those that go on with a rise.
    fn repeated(&self) -> f64 {
        self.alarms.iter().filter(|(_, sort)| *sort == Sort::Other).count() as f64 / self.months
    }

    /// Of the rises that are told, the share about something known.
    fn precision(&self) -> Option<f64> {
        let begun: Vec<Sort> =
            self.alarms.iter().filter(|(alarm, _)| alarm.began == alarm.day).map(|(_, sort)| *sort).collect();
        let known = begun.iter().filter(|sort| **sort == Sort::Known).count();
        (!begun.is_empty()).then(|| known as f64 / begun.len() as f64)
    }
}

fn figure(says: impl Into<String>, value: impl Into<Option<f64>>, wanted: Wanted) -> Figure {
    Figure { stream: NAME, says: says.into(), value: value.into(), wanted }
}

/// The figures that are wanted, and what stands beside them.
fn confirmed(watched: &Watched, look: &Look, events: &[Event]) -> Vec<Figure> {
    let within = f64::from(WITHIN - 1);
    let chance = look.others() / DAYS_OF_A_MONTH * f64::from(WITHIN);
    let windows: i32 = events.iter().map(|event| event.to.number() - event.from.number() + 1).sum();
    vec![
        figure("days from the first of the roll-out to its alarm", look.delay, Wanted::AtMost(within)),
        figure("the same, an alarm of the fortnight before included", look.early, Wanted::Beside),
        figure("rises about anything else, a month", look.others(), Wanted::AtMost(OTHERS)),
        figure("rises about anything else in the worst month", look.worst(), Wanted::AtMost(OTHERS)),
        figure(
            "alarms about anything else, those that go on with a rise included, a month",
            look.repeated(),
            Wanted::AtMost(OTHERS),
        ),
        figure("series judged at the end", watched.open(watched.days) as f64, Wanted::Beside),
        figure("of the rises told, share about something known", look.precision(), Wanted::Beside),
        figure("days from the first weak day of July to an alarm about it", look.weak, Wanted::Beside),
        figure("chance of any other rise in three days", chance, Wanted::Beside),
        figure(
            "share of the judged days on which something known happens",
            f64::from(windows) / (watched.days - WARM_UP) as f64,
            Wanted::Beside,
        ),
    ]
}

/// The figures of another way of looking.
fn beside(look: &Look, says: &str) -> Vec<Figure> {
    vec![
        figure(
            format!("{says}: days from the first of the roll-out to its alarm"),
            look.delay,
            Wanted::Beside,
        ),
        figure(
            format!("{says}: the same, an alarm of the fortnight before included"),
            look.early,
            Wanted::Beside,
        ),
        figure(format!("{says}: rises about anything else, a month"), look.others(), Wanted::Beside),
    ]
}

/// The same with a series for every word that is told often enough.
fn words(posts: &[Post], events: &[Event]) -> (Vec<Figure>, Vec<String>) {
    let watched = Watched::of(posts, &Family::WITH_WORDS);
    let look = Look::of(&watched, Rule::Confirmed, events);
    let alone = Look::of(&watched, Rule::Limits, events);
    let says = "with words in place of themes";
    let figures = vec![
        figure(
            format!("{says}: series judged at the end"),
            watched.open(watched.days) as f64,
            Wanted::Beside,
        ),
        figure(
            format!("{says}, confirmed: days from the first of the roll-out to its alarm"),
            look.delay,
            Wanted::AtMost(f64::from(WITHIN - 1)),
        ),
        figure(
            format!("{says}, confirmed: rises about anything else, a month"),
            look.others(),
            Wanted::AtMost(OTHERS),
        ),
        figure(format!("{says}, confirmed: the same in the worst month"), look.worst(), Wanted::Beside),
        figure(
            format!(
                "{says}, confirmed: alarms about anything else, those that go on with a rise included, a month"
            ),
            look.repeated(),
            Wanted::Beside,
        ),
        figure(
            format!("{says}, limits of each series alone: rises about anything else, a month"),
            alone.others(),
            Wanted::Beside,
        ),
    ];
    (figures, lines(&watched, &look, says))
}

/// What the product confirms in its own cells.
fn cells(posts: &[Post], events: &[Event], days: usize) -> Figure {
    let confirmed = forum::confirmed(posts);
    let alarm = |day: Day| Alarm { stream: 0, day, began: day };
    let other = |day: Day| events::sort(&alarm(day), events) == Sort::Other;
    let others = confirmed.iter().filter(|change| other(change.day)).count();
    let months = (days - WARM_UP) as f64 / DAYS_OF_A_MONTH;
    figure(
        "issues that the product confirms in cells of stage and gap outside of the events, a month",
        others as f64 / months,
        Wanted::Beside,
    )
}

fn lines(watched: &Watched, look: &Look, of: &str) -> Vec<String> {
    let line = |(alarm, sort): &(Alarm, Sort)| {
        let stream = &watched.streams[alarm.stream];
        let goes_on = if alarm.began == alarm.day { "" } else { "goes on" };
        format!("{of}: {} {:?} {} {sort:?} {goes_on}", alarm.day, stream.family, stream.name)
    };
    look.alarms.iter().map(line).collect()
}

fn month(day: Day) -> String {
    day.to_string().chars().take(7).collect()
}
