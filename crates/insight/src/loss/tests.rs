//! The worked cases of the model, its Monte-Carlo interval, and the inputs that must be refused.

use groundswell_model::GapType;

use super::*;

#[track_caller]
fn close(found: f64, wanted: f64, relative: f64) {
    assert!((found - wanted).abs() <= relative * wanted.abs(), "{found} instead of {wanted}");
}

fn issue() -> Issue {
    Issue { complainants: 200, ..Issue::default() }
}

/// The calibrated case: a = 0.30, everything else as usual, V = 500.
fn calibrated() -> Assumptions {
    Assumptions {
        articulation: Assumption::share(0.30, 20.0, "test"),
        value: Some(Assumption::amount(500.0, 0.3, "test")),
        ..Preset::Usual.assumptions(GapType::HonestyPromise)
    }
}

#[test]
fn the_worked_cases_hold() {
    let slogan =
        Assumptions { value: calibrated().value, ..Preset::TarpSlogan.assumptions(GapType::Timeliness) };
    let mut fewer = calibrated();
    fewer.articulation.value = 0.15;
    for (assumptions, affected, each, customers, revenue) in [
        (&slogan, 5_000.0, 0.79172, 3_958.6, 1_979_300.0),
        (&calibrated(), 2_000.0 / 3.0, 0.2745, 183.0, 91_500.0),
        (&fewer, 4_000.0 / 3.0, 0.28725, 383.0, 191_500.0),
    ] {
        let found = loss(&issue(), assumptions).unwrap();
        close(found.affected, affected, 1e-9);
        close(found.customers / found.affected, each, 1e-6);
        close(found.customers, customers, 1e-6);
        close(found.revenue.unwrap(), revenue, 1e-6);
        close(found.silent + found.complained, found.customers, 1e-12);
    }
    let ratio = loss(&issue(), &slogan).unwrap().customers / loss(&issue(), &calibrated()).unwrap().customers;
    close(ratio, 21.63, 1e-3);
}

#[test]
fn word_of_mouth_and_the_multiplier_hold() {
    let found = loss(&issue(), &calibrated()).unwrap();
    close(found.deterred, 42.2, 1e-9);
    close(found.deterred_revenue.unwrap(), 21_100.0, 1e-9);
    close(found.multiplier, 3.333_333_3, 1e-6);
    close(market_at_risk(0.06, 0.35).unwrap(), 0.021, 1e-9);
    assert_eq!((market_at_risk(1.2, 0.5), market_at_risk(0.1, f64::NAN)), (None, None));
}

#[test]
fn levers_are_priced() {
    let assumptions = calibrated();
    let found = levers(&issue(), &assumptions, &usual_levers(&assumptions)).unwrap();
    let [prevent, hear, resolve] = found.as_slice() else { panic!("three levers") };
    close(prevent.customers, 137.25, 1e-6);
    close(hear.customers, 171.67, 3e-5);
    close(resolve.customers, 172.0, 1e-6);
    close(resolve.kept, 11.0, 1e-6);
    close(resolve.revenue_kept.unwrap(), 5_500.0, 1e-6);
}

#[test]
fn the_interval_of_the_worked_case_holds() {
    let new_value = Some(Assumption::exact(500.0, "test"));
    let assumptions = Assumptions { new_value, ..calibrated() };
    let usual = usual_levers(&assumptions);
    let plan = Plan { draws: 50_000, seed: 20_260_101, levers: &usual };
    let found = simulate(&issue(), &assumptions, &plan).unwrap();
    let revenue = found.revenue.unwrap();
    close(revenue.mean, 106_100.0, 0.03);
    close(revenue.median, 88_600.0, 0.03);
    close(revenue.low, 37_200.0, 0.05);
    close(revenue.high, 232_900.0, 0.05);
    let told = found.deterred_revenue.unwrap();
    close(told.median, 15_400.0, 0.03);
    close(told.low, 1_100.0, 0.05);
    close(told.high, 75_900.0, 0.05);
    let of = |quantity| found.sensitivity.iter().find(|s| s.quantity == quantity).unwrap().correlation;
    for (quantity, correlation) in [
        (Quantity::Articulation, -0.67),
        (Quantity::Value, 0.53),
        (Quantity::StaysSilent, -0.41),
        (Quantity::StaysUnaffected, 0.14),
        (Quantity::Complainants, 0.12),
        (Quantity::StaysDissatisfied, -0.06),
    ] {
        assert!((of(quantity) - correlation).abs() < 0.015, "{quantity}: {}", of(quantity));
    }
    let order: Vec<_> = found.sensitivity.iter().take(3).map(|s| s.quantity).collect();
    assert_eq!(order, [Quantity::Articulation, Quantity::Value, Quantity::StaysSilent]);
    assert_eq!(found.kept.len(), 3);
    assert!(found.kept.iter().all(|kept| kept.low < kept.median && kept.median < kept.high));
}

#[test]
fn the_same_seed_gives_the_same_figures() {
    let run = |seed| simulate(&issue(), &calibrated(), &Plan { draws: 500, seed, levers: &[] }).unwrap();
    assert_eq!(run(7), run(7));
    assert_ne!(run(7), run(8));
}

#[test]
fn without_a_value_there_are_customers_but_no_revenue() {
    let assumptions = Assumptions { value: None, ..calibrated() };
    let found = loss(&issue(), &assumptions).unwrap();
    assert_eq!((found.revenue, found.deterred_revenue), (None, None));
    close(found.customers, 183.0, 1e-6);
    let simulated = simulate(&issue(), &assumptions, &Plan { draws: 2_000, ..Plan::default() }).unwrap();
    assert_eq!(simulated.revenue, None);
    assert!(simulated.sensitivity.iter().all(|s| s.quantity != Quantity::Value));
}

#[test]
fn complainants_count_with_their_own_value() {
    let own = Issue { own_value: Some(1_000.0), ..issue() };
    let found = loss(&own, &calibrated()).unwrap();
    close(found.revenue.unwrap(), found.silent * 500.0 + found.complained * 1_000.0, 1e-12);
}

#[test]
fn nobody_beyond_the_base_is_affected() {
    let small = Issue { base: Some(400), ..issue() };
    assert_eq!(loss(&small, &calibrated()).unwrap().affected, 400.0);
    let wrong = Issue { base: Some(10), ..issue() };
    assert_eq!(loss(&wrong, &calibrated()).unwrap().affected, 200.0);
}

#[test]
fn no_complaint_and_three_people_give_an_answer() {
    let none = loss(&Issue::default(), &calibrated()).unwrap();
    assert_eq!((none.affected, none.customers, none.revenue), (0.0, 0.0, Some(0.0)));
    let three = Issue { complainants: 3, ..Issue::default() };
    let found = simulate(&three, &calibrated(), &Plan::default()).unwrap();
    assert!(found.customers.high > 4.0 * found.customers.low, "three people leave a wide interval");
    let undrawn = simulate(&three, &calibrated(), &Plan { draws: 0, ..Plan::default() }).unwrap();
    assert_eq!(undrawn.customers, Range::default());
}

#[test]
fn capture_and_recapture_hold() {
    let found = capture_recapture(200, 90, 18).unwrap();
    close(found.affected, 961.684, 1e-6);
    close(found.sd, 182.20, 1e-4);
    close(found.low, 604.6, 1e-4);
    close(found.high, 1_318.8, 1e-4);
    close(found.articulation, 0.2080, 3e-4);
    close(1.0 / found.articulation, 4.8, 5e-3);
    let assumption = found.assumption().unwrap();
    assert_eq!(assumption.footing, Footing::Measured);
    assert!((100.0..110.0).contains(&assumption.weight().unwrap()));
    assert!(capture_recapture(200, 90, 3).unwrap().assumption().is_none());
    assert_eq!(capture_recapture(20, 9, 10), Err(LossError::Lists { both: 10, shorter: 9 }));
    assert_eq!(capture_recapture(0, 9, 0), Err(LossError::NobodyAsked));
}

#[test]
fn one_survey_measures_who_tells() {
    let found = surveyed_articulation(54, 180).unwrap();
    close(found.articulation, 0.30, 1e-9);
    close(found.low, 0.2341, 3e-4);
    close(found.high, 0.3726, 3e-4);
    let joined = found.joined(&Preset::Usual.assumptions(GapType::QualityDefect).articulation);
    close(joined.value, (0.20 * 20.0 + 54.0) / 200.0, 1e-12);
    assert_eq!((joined.weight(), joined.footing), (Some(200.0), Footing::Measured));
    assert_eq!(surveyed_articulation(0, 0), Err(LossError::NobodyAsked));
    assert_eq!(surveyed_articulation(3, 2), Err(LossError::MoreThanAsked { told: 3, asked: 2 }));
}

#[test]
fn a_customer_with_two_problems_leaves_once() {
    assert_eq!(split(&[0.3, 0.1]), [0.22499999999999998, 0.075]);
    assert_eq!(split(&[-0.2, 0.0, f64::NAN]), [0.0, 0.0, 0.0]);
    let groups = [
        Group { customers: 100.0, issues: vec![(0, 0.3)] },
        Group { customers: 50.0, issues: vec![(0, 0.3), (1, 0.1), (9, 0.0)] },
    ];
    let lost = allocate(&groups, 2);
    close(lost[0] + lost[1], 150.0 * 0.3, 1e-9);
    let mut losses = [60.0, 40.0];
    close(cap(&mut losses, 50.0), 0.5, 1e-12);
    assert_eq!(losses, [30.0, 20.0]);
    assert_eq!(cap(&mut losses, 50.0), 1.0);
}

#[test]
fn what_cannot_be_is_refused() {
    let changed = |quantity, value| {
        let mut assumptions = calibrated();
        let mut one = assumptions.get(quantity).unwrap().clone();
        one.value = value;
        assert!(assumptions.put(quantity, one));
        loss(&issue(), &assumptions)
    };
    for (quantity, value) in [
        (Quantity::Articulation, 0.0),
        (Quantity::Articulation, f64::NAN),
        (Quantity::StaysSilent, 1.2),
        (Quantity::Value, -1.0),
        (Quantity::ToldSilent, f64::INFINITY),
    ] {
        assert!(matches!(changed(quantity, value), Err(LossError::OutOfRange { .. })), "{quantity}");
    }
    assert!(matches!(changed(Quantity::Satisfied, 0.9), Err(LossError::Shares { .. })));
    assert!(!calibrated().put(Quantity::Complainants, Assumption::exact(1.0, "test")));
}

#[test]
fn every_assumption_is_listed_with_its_source_and_read_back() {
    for gap in GapType::ALL {
        for preset in Preset::ALL {
            let assumptions = preset.assumptions(*gap);
            assumptions.check().unwrap();
            assert!(assumptions.all().all(|(_, a)| !a.source.is_empty() && a.footing == Footing::Assumed));
            assert_eq!(assumptions.all().count(), Quantity::ALL.len() - 3);
        }
    }
    assert_eq!(articulation_of(GapType::Timeliness), 0.35);
    assert!(Quantity::ALL.into_iter().all(|q| Quantity::of_code(q.as_str()) == Some(q)));
    assert_eq!(Preset::named("TARP slogan"), Some(Preset::TarpSlogan));
    assert!(Preset::TarpSlogan.warning().unwrap().contains("two populations"));
    assert_eq!(Preset::Usual.warning(), None);
}
