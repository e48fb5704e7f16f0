//! The verdict on a fix, from counts: what each of the rules asks, and the numbers that answered it.

use groundswell_model::Verdict;

use super::rates::{Contrast, Count, RateRatio, against_control, rate_ratio, ratio_below};
use crate::scores::{Interval, wilson};

/// No verdict before so many days after the transition.
pub(super) const FIRST_LOOK_DAYS: u32 = 14;
/// Before so many days after the transition, "resolved" asks for more.
const SECOND_LOOK_DAYS: u32 = 21;
/// No verdict before so many people would have been heard at the issue's rate.
const ENOUGH_EXPECTED: f64 = 6.0;
/// So long after the fix, what has not improved is not resolved.
const PATIENCE_DAYS: u32 = 28;
/// The rate counts as gone when it is at most this share of the issue's, however low it was before.
const NEARLY_GONE: f64 = 0.3;
const CONFIRMED_SHARE: f64 = 70.0;
const ENOUGH_CONFIRMED: u64 = 10;

/// Customers asked whether their case was solved.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Confirmed {
    /// Who said yes.
    pub yes: u64,
    /// Who answered.
    pub answers: u64,
}

impl Confirmed {
    /// Gives the confirmed share in per cent with Wilson's interval; none without answers.
    pub fn share(&self) -> Option<Interval> {
        (self.answers > 0).then(|| wilson(self.yes.min(self.answers), self.answers))
    }

    fn denies(&self) -> bool {
        self.answers >= ENOUGH_CONFIRMED && self.share().is_some_and(|share| share.value < CONFIRMED_SHARE)
    }
}

/// What stands in for the share of people with the problem who tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ProxyKind {
    /// Contacts of any kind per customer: a fix of one issue leaves them nearly as they were.
    Contacts,
    /// Of those surveyed who had a problem, those who told the company.
    ToldUs,
    /// Of those surveyed, those who report this very problem: a fix makes them fewer.
    StillReported,
}

/// A proxy before and after the fix.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Proxy {
    /// What it is.
    pub kind: ProxyKind,
    /// While the issue lasted.
    pub before: Count,
    /// After the transition.
    pub after: Count,
}

impl Proxy {
    /// Gives the probability that people went silent: that they contact or tell less by 15 % and more, or that as many
    /// as before (four fifths and more) still report the problem. None without exposure.
    pub fn silenced(&self) -> Option<f64> {
        let below = |factor| ratio_below(&self.before, &self.after, 1.0, factor);
        match self.kind {
            ProxyKind::Contacts | ProxyKind::ToldUs => below(0.85),
            ProxyKind::StillReported => below(0.8).map(|fell| 1.0 - fell),
        }
    }
}

/// Everything counted about one fix.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Trial {
    /// Before the issue began; none for what was always bad, which is judged against its own rate only.
    pub normal: Option<Count>,
    /// While the issue lasted, up to the fix.
    pub issue: Count,
    /// After the transition.
    pub after: Count,
    /// Variance over mean of daily counts; 1 for a Poisson.
    pub dispersion: f64,
    /// Days since the fix shipped.
    pub days_since_fix: u32,
    /// Days since the end of the transition.
    pub days_after: u32,
    /// A series that the fix cannot touch: while the issue lasted, and after.
    pub control: Option<(Count, Count)>,
    /// Customers asked whether it was solved.
    pub confirmed: Confirmed,
    /// What stands in for the share that tells.
    pub proxies: Vec<Proxy>,
}

/// What the reader has to know beside the verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Caveat {
    /// The fix ships on a day that has not come; too early to say anything.
    NotShipped,
    /// Too few days were heard, or nobody could have said it: silence is no recovery.
    NoData,
    /// So many fixes shipped too close together to be told apart; the verdict is on all of them.
    SharedCredit(u32),
    /// Nothing says what an untouched series did in the same time.
    NoControl,
    /// The control fell as well, so that the fall may not be the fix's doing.
    ControlMoved,
    /// Nothing says whether people only stopped telling.
    NoProxy,
    /// Fewer than ten customers were asked whether it was solved.
    NotConfirmed,
    /// At least ten customers answered, and too few of them say that it was solved.
    Denied,
    /// So many days after the transition were not heard.
    DaysMissing(u32),
}

/// The numbers behind a verdict.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Grounds {
    /// Before the issue.
    pub normal: Option<Count>,
    /// While it lasted.
    pub issue: Count,
    /// After the transition.
    pub after: Count,
    /// Days since the end of the transition.
    pub days_after: u32,
    /// People to be expected after the fix at the issue's rate.
    pub expected: f64,
    /// The rate after over the rate of the issue.
    pub ratio: RateRatio,
    /// Probability that the rate is below half of the issue's.
    pub below_half: f64,
    /// Probability that the rate is below the issue's.
    pub below_issue: f64,
    /// Probability that the rate is above four fifths of the issue's.
    pub above_four_fifths: f64,
    /// Probability that the rate is at most one and a half times the normal one.
    pub near_normal: Option<f64>,
    /// Probability that the rate is at most three tenths of the issue's.
    pub nearly_gone: f64,
    /// What the rate did beyond the control.
    pub against_control: Option<Contrast>,
    /// Probability that people only stopped telling, by the proxy that says so most.
    pub silenced: Option<f64>,
}

/// A verdict with its numbers and what to know beside it.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// The verdict.
    pub verdict: Verdict,
    /// Its numbers; absent where there is nothing to count.
    pub grounds: Option<Grounds>,
    /// What to know beside it.
    pub caveats: Vec<Caveat>,
}

impl Finding {
    /// Gives the words to show for it.
    pub fn words(&self) -> &'static str {
        match self.verdict {
            Verdict::TooEarly if self.caveats.contains(&Caveat::NotShipped) => "the fix has not shipped yet",
            Verdict::TooEarly if self.caveats.contains(&Caveat::NoData) => "no data",
            Verdict::TooEarly => "too early to say",
            Verdict::Resolved => "resolved",
            Verdict::Improved => "improved",
            Verdict::NotResolved => "not resolved",
            Verdict::Undecided => "undecided, keep watching",
            Verdict::Regressed => "regressed",
            Verdict::ChannelQuiet => "the channel went quiet",
        }
    }
}

/// Judges a fix from its counts.
///
/// The thresholds are those of the method's table, with two additions that its vectors leave open and that
/// `examples/verification.rs` measures. "Resolved" asks for a probability of 0.975 in place of 0.95 until three weeks after the
/// transition, as there is more than one look. And a rate that is at most three tenths of the issue's counts as back to
/// normal: where next to nobody complained before, no number of quiet weeks could prove a return to it.
pub fn verdict(trial: &Trial) -> Finding {
    let mut caveats = Vec::new();
    let early = trial.days_after < FIRST_LOOK_DAYS;
    let Some(grounds) = grounds(trial) else {
        caveats.extend((!early).then_some(Caveat::NoData));
        return Finding { verdict: Verdict::TooEarly, grounds: None, caveats };
    };
    let verdict = if early || grounds.expected < ENOUGH_EXPECTED {
        Verdict::TooEarly
    } else {
        let by_rates = by_rates(trial, &grounds);
        note(trial, &grounds, &mut caveats);
        checked(&grounds, by_rates)
    };
    Finding { verdict, grounds: Some(grounds), caveats }
}

fn grounds(trial: &Trial) -> Option<Grounds> {
    let dispersion = if trial.dispersion.is_finite() { trial.dispersion.max(1.0) } else { 1.0 };
    let Trial { issue, after, .. } = trial;
    let below = |factor| ratio_below(issue, after, dispersion, factor);
    Some(Grounds {
        normal: trial.normal,
        issue: *issue,
        after: *after,
        days_after: trial.days_after,
        expected: issue.rate()? * after.exposure / dispersion,
        ratio: rate_ratio(issue, after, dispersion)?,
        below_half: below(0.5)?,
        below_issue: below(1.0)?,
        above_four_fifths: 1.0 - below(0.8)?,
        near_normal: trial.normal.and_then(|normal| ratio_below(&normal, after, dispersion, 1.5)),
        nearly_gone: below(NEARLY_GONE)?,
        against_control: trial
            .control
            .and_then(|control| against_control((*issue, *after), control, dispersion)),
        silenced: trial.proxies.iter().filter_map(Proxy::silenced).reduce(f64::max),
    })
}

/// What the rates alone say.
fn by_rates(trial: &Trial, grounds: &Grounds) -> Verdict {
    let sure = if trial.days_after < SECOND_LOOK_DAYS { 0.975 } else { 0.95 };
    let normal = grounds.near_normal.is_none_or(|near| near.max(grounds.nearly_gone) >= 0.80);
    if grounds.below_half >= sure && normal && !trial.confirmed.denies() {
        Verdict::Resolved
    } else if grounds.below_issue >= 0.95 {
        Verdict::Improved
    } else if grounds.above_four_fifths >= 0.90 || trial.days_since_fix >= PATIENCE_DAYS {
        Verdict::NotResolved
    } else {
        Verdict::Undecided
    }
}

/// Takes back a fall that people's silence or a control explains as well as the fix.
fn checked(grounds: &Grounds, verdict: Verdict) -> Verdict {
    match verdict {
        Verdict::Resolved | Verdict::Improved
            if grounds.silenced.is_some_and(|silenced| silenced >= 0.80) =>
        {
            Verdict::ChannelQuiet
        }
        Verdict::Resolved | Verdict::Improved if control_moved(grounds) => Verdict::Undecided,
        _ => verdict,
    }
}

fn control_moved(grounds: &Grounds) -> bool {
    grounds.against_control.is_some_and(|contrast| contrast.fell < 0.95)
}

fn note(trial: &Trial, grounds: &Grounds, caveats: &mut Vec<Caveat>) {
    match grounds.against_control {
        None => caveats.push(Caveat::NoControl),
        Some(_) if control_moved(grounds) => caveats.push(Caveat::ControlMoved),
        Some(_) => {}
    }
    if grounds.silenced.is_none() {
        caveats.push(Caveat::NoProxy);
    }
    if trial.confirmed.answers < ENOUGH_CONFIRMED {
        caveats.push(Caveat::NotConfirmed);
    } else if trial.confirmed.denies() {
        caveats.push(Caveat::Denied);
    }
}
