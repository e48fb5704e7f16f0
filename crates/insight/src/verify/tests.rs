//! The published ratios and verdicts, the course of a fix day by day, and the inputs on which nothing can be said.

use groundswell_model::{Day, Verdict};

use super::*;

#[track_caller]
fn close(found: f64, wanted: f64, relative: f64) {
    assert!((found - wanted).abs() <= relative * wanted.abs(), "{found} instead of {wanted}");
}

fn ratio_to(before: (u64, f64), after: (u64, f64)) -> RateRatio {
    rate_ratio(&Count::new(before.0, before.1), &Count::new(after.0, after.1), 1.0).unwrap()
}

#[test]
fn rate_ratios_match_the_vectors() {
    let issue = (84, 12_000.0);
    for (before, after, ratio, low, high, p) in [
        (issue, (21, 9_000.0), 0.333333, 0.196199, 0.542819, 6.768e-7),
        (issue, (55, 9_000.0), 0.873016, 0.609813, 1.241085, 0.243371),
        (issue, (0, 1_500.0), 0.0, 0.0, 0.359150, 5.049e-5),
        ((8, 1_000.0), (3, 1_000.0), 0.375, 0.064076, 1.562411, 0.113281),
    ] {
        let found = ratio_to(before, after);
        close(found.ratio.unwrap(), ratio, 2e-6);
        close(found.low, low, 1e-5);
        close(found.high.unwrap(), high, 2e-6);
        close(found.p_fell, p, 1e-4);
    }
}

#[test]
fn posterior_probabilities_match_the_vectors() {
    let issue = Count::new(84, 12_000.0);
    for (before, after, wanted) in [
        (issue, Count::new(21, 9_000.0), [0.956290, 0.999946, 0.999_999_6]),
        (issue, Count::new(55, 9_000.0), [0.000827, 0.305397, 0.782821]),
        (issue, Count::new(0, 1_500.0), [0.998607, 0.999939, 0.999992]),
        (Count::new(8, 1_000.0), Count::new(3, 1_000.0), [0.652471, 0.875279, 0.935974]),
    ] {
        for (factor, wanted) in [0.5, 0.8, 1.0].into_iter().zip(wanted) {
            let found = ratio_below(&before, &after, 1.0, factor).unwrap();
            assert!((found - wanted).abs() < 6e-7, "{found} instead of {wanted}");
        }
    }
}

#[test]
fn why_six_are_expected_before_a_verdict() {
    let issue = Count::new(84, 84.0);
    for (people, expected, wanted) in [(0, 6.0, 0.985), (1, 8.0, 0.952), (3, 15.0, 0.959), (5, 20.0, 0.947)] {
        let found = ratio_below(&issue, &Count::new(people, expected), 1.0, 0.5).unwrap();
        assert!((found - wanted).abs() < 6e-4, "{people} of {expected}: {found}");
    }
}

#[test]
fn dispersion_makes_counts_worth_less() {
    let (issue, after) = (Count::new(84, 12_000.0), Count::new(21, 9_000.0));
    let poisson = ratio_below(&issue, &after, 1.0, 0.5).unwrap();
    let spread = ratio_below(&issue, &after, 2.0, 0.5).unwrap();
    let halved = ratio_below(&Count::new(42, 6_000.0), &Count::new(21, 9_000.0), 1.0, 0.5).unwrap();
    assert!(spread < poisson && halved < poisson);
    assert_eq!(ratio_below(&issue, &after, f64::NAN, 0.5), Some(poisson));
}

#[test]
fn a_control_takes_out_what_happened_to_all() {
    let (before, after) = (Count::new(100, 1_000.0), Count::new(40, 1_000.0));
    let fell =
        against_control((before, after), (Count::new(200, 1_000.0), Count::new(200, 1_000.0)), 1.0).unwrap();
    close(fell.ratio, 0.4, 1e-12);
    let sd = (0.01 + 0.025 + 0.005 + 0.005_f64).sqrt();
    close(fell.high, 0.4 * (1.96 * sd).exp(), 1e-12);
    assert!(fell.fell > 0.999);
    let alike = against_control((before, after), (before, after), 1.0).unwrap();
    close(alike.ratio, 1.0, 1e-12);
    close(alike.fell, 0.5, 1e-9);
    assert!(against_control((before, Count::default()), (before, after), 1.0).is_none());
    assert!(against_control((before, Count::new(0, 1_000.0)), (before, before), 1.0).unwrap().ratio > 0.0);
}

/// Three weeks and a day after the transition, 27 days after the fix: every rule of the table but the last can hold.
fn trial(after: (u64, f64)) -> Trial {
    Trial {
        normal: Some(Count::new(40, 20_000.0)),
        issue: Count::new(84, 12_000.0),
        after: Count::new(after.0, after.1),
        dispersion: 1.0,
        days_since_fix: 27,
        days_after: 22,
        ..Trial::default()
    }
}

#[test]
fn verdicts_match_the_vectors() {
    for (after, wanted, below_half, near) in [
        ((16, 9_000.0), Verdict::Resolved, Some(0.9960), Some(0.9653)),
        ((21, 9_000.0), Verdict::Resolved, Some(0.9563), Some(0.8248)),
        ((48, 9_000.0), Verdict::Undecided, None, None),
        ((55, 9_000.0), Verdict::Undecided, None, None),
        ((0, 700.0), Verdict::TooEarly, None, None),
    ] {
        let found = verdict(&trial(after));
        let grounds = found.grounds.unwrap();
        assert_eq!(found.verdict, wanted, "{after:?}");
        for (wanted, found) in [(below_half, grounds.below_half), (near, grounds.near_normal.unwrap())] {
            assert!(wanted.is_none_or(|wanted| (found - wanted).abs() < 6e-5), "{after:?}: {found}");
        }
    }
    let stricter = ratio_below(&Count::new(40, 20_000.0), &Count::new(21, 9_000.0), 1.0, 1.25).unwrap();
    close(stricter, 0.5964, 1e-4);
    close(verdict(&trial((48, 9_000.0))).grounds.unwrap().below_issue, 0.9350, 1e-4);
    close(verdict(&trial((55, 9_000.0))).grounds.unwrap().above_four_fifths, 0.6946, 1e-4);
    close(verdict(&trial((0, 700.0))).grounds.unwrap().expected, 4.9, 1e-9);
}

#[test]
fn the_other_verdicts_have_their_rules() {
    let mut late = trial((48, 9_000.0));
    late.days_since_fix = 28;
    assert_eq!(verdict(&late).verdict, Verdict::NotResolved);
    assert_eq!(verdict(&trial((90, 9_000.0))).verdict, Verdict::NotResolved);
    assert_eq!(verdict(&trial((40, 9_000.0))).verdict, Verdict::Improved);
    let early = Trial { days_after: 13, ..trial((0, 9_000.0)) };
    assert_eq!(verdict(&early).verdict, Verdict::TooEarly);
    let first_look = Trial { days_after: 14, ..trial((21, 9_000.0)) };
    assert_eq!(verdict(&first_look).verdict, Verdict::Improved, "the first look asks for 0.975");
    let new = Trial { normal: Some(Count::new(0, 20_000.0)), ..trial((0, 9_000.0)) };
    assert_eq!(verdict(&new).verdict, Verdict::Resolved, "what was new and is gone is resolved");
    let standing = Trial { normal: None, ..trial((16, 9_000.0)) };
    assert_eq!(verdict(&standing).verdict, Verdict::Resolved);
}

#[test]
fn customers_who_say_no_are_heard() {
    let denied = Trial { confirmed: Confirmed { yes: 6, answers: 10 }, ..trial((16, 9_000.0)) };
    let found = verdict(&denied);
    assert_eq!(found.verdict, Verdict::Improved);
    assert!(found.caveats.contains(&Caveat::Denied));
    let few = Trial { confirmed: Confirmed { yes: 0, answers: 9 }, ..trial((16, 9_000.0)) };
    assert_eq!(verdict(&few).verdict, Verdict::Resolved);
    assert!(verdict(&few).caveats.contains(&Caveat::NotConfirmed));
}

#[test]
fn silence_is_no_resolution() {
    let proxy = |kind, before, after| Proxy { kind, before, after };
    let (full, half) = (Count::new(600, 1_000.0), Count::new(300, 1_000.0));
    for (proxy, quiet) in [
        (proxy(ProxyKind::Contacts, full, half), true),
        (proxy(ProxyKind::Contacts, full, full), false),
        (proxy(ProxyKind::ToldUs, Count::new(30, 100.0), Count::new(6, 60.0)), true),
        (proxy(ProxyKind::StillReported, Count::new(20, 100.0), Count::new(22, 100.0)), true),
        (proxy(ProxyKind::StillReported, Count::new(20, 100.0), Count::new(1, 100.0)), false),
        (proxy(ProxyKind::Contacts, full, Count::default()), false),
    ] {
        let found = verdict(&Trial { proxies: vec![proxy], ..trial((16, 9_000.0)) });
        assert_eq!(found.verdict == Verdict::ChannelQuiet, quiet, "{proxy:?}");
    }
}

#[test]
fn a_fall_of_everything_is_not_the_fix() {
    let control = Some((Count::new(400, 12_000.0), Count::new(60, 9_000.0)));
    let found = verdict(&Trial { control, ..trial((16, 9_000.0)) });
    assert_eq!(found.verdict, Verdict::Undecided);
    assert!(found.caveats.contains(&Caveat::ControlMoved));
}

#[test]
fn nothing_to_count_is_no_data() {
    for trial in [
        trial((0, 0.0)),
        trial((3, f64::NAN)),
        Trial { issue: Count::default(), ..trial((3, 100.0)) },
        Trial { days_after: 30, ..Trial::default() },
    ] {
        assert_eq!(verdict(&trial).words(), "no data");
    }
    let zeros = Trial { normal: None, issue: Count::new(0, 500.0), ..trial((0, 500.0)) };
    assert_eq!(verdict(&zeros).verdict, Verdict::TooEarly, "nobody was expected");
    let none = Count::new(0, 10.0);
    let ratio = rate_ratio(&none, &none, 1.0).unwrap();
    assert_eq!((ratio.ratio, ratio.low, ratio.high, ratio.p_fell), (None, 0.0, None, 1.0));
    let three_people = Trial { issue: Count::new(3, 3.0), ..trial((0, 3.0)) };
    assert_eq!(verdict(&three_people).verdict, Verdict::TooEarly);
}

const SHIPPED: i32 = 100;

fn day(number: i32) -> Day {
    Day::from_number(number)
}

/// Two a week until day 69, one a day while the issue lasts, and `after` from the fix on day 100.
fn course(after: impl Fn(i32) -> Option<u64>, through: i32) -> Vec<DayCount> {
    (0..=through)
        .filter_map(|number| {
            let people = match number {
                ..70 => u64::from(number % 7 < 1),
                70..=SHIPPED => 1 + u64::from(number % 2 == 0),
                _ => after(number)?,
            };
            Some(DayCount { day: day(number), people, exposure: 1_000.0 })
        })
        .collect()
}

fn watched(days: &[DayCount], fixes: &[Fix], through: i32) -> (Finding, Option<Regression>) {
    judge(&Watch {
        days,
        control: None,
        normal: Some((day(0), day(69))),
        since: day(70),
        fixes,
        heard_through: day(through),
        dispersion: 1.0,
        confirmed: Confirmed::default(),
        proxies: &[],
    })
}

fn fix(shipped: i32) -> Fix {
    Fix { shipped: day(shipped), transition: TRANSITION_DAYS }
}

#[test]
fn a_fix_is_judged_week_by_week() {
    let days = course(|number| Some(u64::from(number % 14 == 0)), 160);
    let at = |through| watched(&days, &[fix(SHIPPED)], through).0.verdict;
    for through in [100, 107, 108, 120] {
        assert_eq!(at(through), Verdict::TooEarly, "{through}");
    }
    for through in [121, 124, 128, 160] {
        assert_eq!(at(through), Verdict::Resolved, "{through}");
    }
    let unchanged = course(|number| Some(1 + u64::from(number % 2 == 0)), 160);
    assert_eq!(watched(&unchanged, &[fix(SHIPPED)], 128).0.verdict, Verdict::NotResolved);
}

#[test]
fn what_comes_back_is_regressed_and_says_when() {
    let days = course(|number| Some(if number >= 150 { 2 } else { u64::from(number % 14 == 0) }), 190);
    let (finding, regression) = watched(&days, &[fix(SHIPPED)], 190);
    assert_eq!(finding.verdict, Verdict::Regressed);
    let regression = regression.unwrap();
    assert!((151..=154).contains(&regression.day.number()), "{regression:?}");
    assert!(regression.people >= 3 && regression.height >= regression.threshold.unwrap());
    let slow = course(|number| Some(if number >= 150 { u64::from(number % 3 > 0) } else { 0 }), 250);
    assert_eq!(watched(&slow, &[fix(SHIPPED)], 250).0.verdict, Verdict::Regressed);
}

#[test]
fn days_without_data_are_no_recovery() {
    let silent = course(|_| None, 160);
    let (finding, _) = watched(&silent, &[fix(SHIPPED)], 160);
    assert_eq!(finding.words(), "no data");
    let stops = course(|number| (number < 112).then_some(0), 160);
    assert_eq!(watched(&stops, &[fix(SHIPPED)], 128).0.words(), "no data");
    let gaps = course(|number| (number % 4 != 0).then_some(0), 160);
    let (finding, _) = watched(&gaps, &[fix(SHIPPED)], 128);
    assert_eq!(finding.verdict, Verdict::Resolved);
    assert!(finding.caveats.iter().any(|caveat| matches!(caveat, Caveat::DaysMissing(_))));
    assert_eq!(watched(&[], &[fix(SHIPPED)], 160).0.words(), "no data");
}

#[test]
fn a_fix_in_the_future_is_not_judged() {
    let days = course(|_| Some(0), 120);
    assert_eq!(watched(&days, &[fix(130)], 120).0.words(), "the fix has not shipped yet");
    assert_eq!(watched(&days, &[], 120).0.words(), "the fix has not shipped yet");
    let both = watched(&days, &[fix(SHIPPED), fix(300)], 160).0;
    assert_eq!(both.verdict, Verdict::Resolved, "a later plan does not hide what has shipped");
}

#[test]
fn two_fixes_at_once_share_the_verdict() {
    let days = course(|number| Some(u64::from(number < 108)), 200);
    let (finding, _) = watched(&days, &[fix(105), fix(SHIPPED)], 160);
    assert_eq!(finding.verdict, Verdict::Resolved);
    assert!(finding.caveats.contains(&Caveat::SharedCredit(2)));
    let grounds = finding.grounds.unwrap();
    assert_eq!(grounds.issue.exposure, 30_000.0, "the issue's window ends before the first of them");
    let (apart, _) = watched(&days, &[fix(40), fix(SHIPPED)], 160);
    assert!(!apart.caveats.iter().any(|caveat| matches!(caveat, Caveat::SharedCredit(_))));
}

#[test]
fn a_volume_a_thousand_times_the_usual_is_judged_alike() {
    for times in [1_000_u64, 1_000_000] {
        let count = |people: u64, exposure: f64| Count::new(people * times, exposure * times as f64);
        let (issue, normal) = (count(84, 12_000.0), Some(count(40, 20_000.0)));
        let of = |after| Trial { normal, issue, after, ..trial((0, 0.0)) };
        assert_eq!(verdict(&of(count(21, 9_000.0))).verdict, Verdict::Resolved);
        assert_eq!(verdict(&of(count(55, 9_000.0))).verdict, Verdict::Improved);
        assert_eq!(verdict(&of(count(84, 9_000.0))).verdict, Verdict::NotResolved);
        let ratio = verdict(&of(count(21, 9_000.0))).grounds.unwrap().ratio;
        assert!(ratio.low > 0.32 && ratio.high.unwrap() < 0.35, "{ratio:?}");
    }
}
