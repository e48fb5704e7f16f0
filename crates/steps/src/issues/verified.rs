//! A declared fix looked at: the counts of an issue's cell before it, while it lasted and after, through the verdict of
//! `insight`.

use groundswell_insight::verify::{
    self, Confirmed, Count, DayCount, Fix as Shipped, ProxyDays, ProxyKind, Watch,
};
use groundswell_insight::{Daily, DailyCell};
use groundswell_model::{Day, Evidence, Pattern, Verdict};

use super::Fix;

/// Days of a standing issue before its fix that are compared with those after it.
const OWN_RATE_DAYS: i32 = 56;

/// What an issue was detected as.
#[derive(Clone, Copy, Debug)]
pub(super) struct Detected {
    pub pattern: Pattern,
    pub since: Day,
    pub dispersion: f64,
}

/// Looks at the fixes of an issue as of a day; nothing where none has shipped by then.
pub(super) fn look(
    daily: &Daily,
    (counts, heard): (&DailyCell, &[u32]),
    detected: Detected,
    fixes: &[Fix],
    today: Day,
) -> Option<(Verdict, Evidence)> {
    let shipped: Vec<Shipped> = fixes
        .iter()
        .filter(|fix| fix.on <= today && fix.on >= detected.since)
        .map(|fix| Shipped { shipped: fix.on, transition: verify::TRANSITION_DAYS })
        .collect();
    let last = shipped.iter().map(|fix| fix.shipped).max()?;
    let days = days(daily, &counts.people, heard);
    // Who speaks about anything else: a channel that goes quiet falls as a whole.
    let others = others(daily, counts);
    let standing = detected.pattern == Pattern::Standing;
    let since = if standing { detected.since.max(last.plus(-OWN_RATE_DAYS)) } else { detected.since };
    let watch = Watch {
        days: &days,
        control: None,
        // What was always bad is judged against its own rate.
        normal: (!standing).then(|| (daily.first, detected.since.plus(-1))),
        since,
        fixes: &shipped,
        heard_through: today,
        dispersion: detected.dispersion,
        confirmed: Confirmed::default(),
        proxies: &[ProxyDays { kind: ProxyKind::Contacts, days: &others }],
    };
    let (finding, _) = verify::judge(&watch);
    let verdict = finding.verdict;
    let counted = |count: Count| [count.people, count.exposure as u64];
    let evidence = match finding.grounds {
        Some(grounds) => Evidence::Verified {
            verdict,
            before: grounds.normal.map(counted).unwrap_or_default(),
            during: counted(grounds.issue),
            after: counted(grounds.after),
            halved: super::judge::rounded(grounds.below_half),
            lower: super::judge::rounded(grounds.below_issue),
        },
        None => Evidence::Verified {
            verdict,
            before: [0; 2],
            during: [0; 2],
            after: [0; 2],
            halved: 0.0,
            lower: 0.0,
        },
    };
    Some((verdict, evidence))
}

/// The days of a cell on which anybody could have spoken.
fn days(daily: &Daily, people: &[u32], heard: &[u32]) -> Vec<DayCount> {
    let day = |(at, (people, heard)): (usize, (&u32, &u32))| DayCount {
        day: daily.day(at),
        people: u64::from(*people),
        exposure: f64::from(*heard),
    };
    people.iter().zip(heard).enumerate().map(day).filter(|day| day.exposure > 0.0).collect()
}

/// People heard each day about anything but this cell, by calendar day: the exposure is the day itself.
fn others(daily: &Daily, counts: &DailyCell) -> Vec<DayCount> {
    let day = |(at, (heard, own)): (usize, (&u32, &u32))| DayCount {
        day: daily.day(at),
        people: u64::from(heard.saturating_sub(*own)),
        exposure: 1.0,
    };
    daily.heard.iter().zip(&counts.people).enumerate().map(day).collect()
}
