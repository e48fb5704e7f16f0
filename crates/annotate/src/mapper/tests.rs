//! Tests of the fusion and the verdict.

use super::*;
use crate::Annotator;

fn annotator() -> &'static Annotator {
    static SHARED: std::sync::OnceLock<Annotator> = std::sync::OnceLock::new();
    SHARED.get_or_init(|| Annotator::new().unwrap())
}

fn mapper() -> &'static Mapper {
    static SHARED: std::sync::OnceLock<Mapper> = std::sync::OnceLock::new();
    SHARED.get_or_init(|| Mapper::new(JourneyMap::shipped().unwrap()).unwrap())
}

fn near(one: f32, other: f32) -> bool {
    (one - other).abs() < 5e-5
}

fn place(text: &str, context: &[(&str, &str)]) -> Mapping {
    let annotation = annotator().annotate(text, None);
    let context = context.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    let evidence = Evidence {
        kind: None,
        channel: "email",
        context: &context,
        clock: Clock::default(),
        occurred_at: None,
    };
    mapper().place(&[(text, &annotation)], &evidence)
}

#[test]
fn the_vectors_of_the_fusion_hold() {
    // Order: awareness, consideration, purchase, fulfilment, onboarding, use, support, renewal, advocacy, exit.
    let shares = softmax(&[0.0, 0.0, 0.5, 6.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0]);
    assert!(
        near(shares[3], 0.9726)
            && near(shares[6], 0.0066)
            && near(shares[2], 0.0040)
            && near(shares[0], 0.0024)
    );
    let shares = softmax(&[0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 1.0, 0.0, 2.0]);
    assert!(
        near(shares[9], 0.3727)
            && near(shares[7], 0.1371)
            && near(shares[5], 0.1371)
            && near(shares[0], 0.0504)
    );
    assert!(top(&shares).1 < JourneyMap::shipped().unwrap().threshold);
}

#[test]
fn where_it_broke_wins_over_where_it_was_said() {
    let mapping = place("Nobody answers my mails about the parcel that never came.", &[]);
    assert_eq!(mapping.stage.as_str(), "fulfilment", "{mapping:?}");
    assert_eq!(mapping.voiced_at.as_ref().map(StageCode::as_str), Some("support"), "{mapping:?}");
}

#[test]
fn structured_evidence_decides_and_is_named_first() {
    let mapping = place("It is terrible.", &[("order_status", "Out for delivery")]);
    assert_eq!(mapping.stage.as_str(), "fulfilment");
    assert_eq!(mapping.because[0].evidence, "context order_status=out_for_delivery");
    assert_eq!(mapping.versions["journey"], format!("default {}", JourneyMap::shipped().unwrap().version));
}

#[test]
fn nothing_gives_unknown() {
    let mapping = place("Hello there.", &[]);
    assert!(mapping.stage.is_unknown() && mapping.because.is_empty() && mapping.gaps.is_empty());
    assert!(near(mapping.probability, 0.1));
    let annotation = annotator().annotate("Hello there.", None);
    let evidence = Evidence {
        kind: None,
        channel: "",
        context: &BTreeMap::new(),
        clock: Clock::default(),
        occurred_at: None,
    };
    assert!(mapper().likeliest(&[("Hello there.", &annotation)], &evidence).0.is_unknown());
}

#[test]
fn clock_gives_phase_and_tenure() {
    let at = |text: &str| Some(text.parse::<Timestamp>().unwrap());
    let clock = Clock {
        purchased_at: at("2026-03-01T10:00:00Z"),
        activated_at: at("2026-03-09T10:00:00Z"),
        ..Clock::default()
    };
    let context = BTreeMap::new();
    let evidence = Evidence {
        kind: None,
        channel: "email",
        context: &context,
        clock,
        occurred_at: at("2026-06-20T09:00:00Z"),
    };
    let text = "I recommended you to my sister.";
    let mapping = mapper().place(&[(text, &annotator().annotate(text, None))], &evidence);
    assert_eq!(mapping.phase, Some(groundswell_model::Phase::Advocate));
    assert_eq!(mapping.tenure_days, Some(111));
    let text = "I would not recommend it, it is useless.";
    let mapping = mapper().place(&[(text, &annotator().annotate(text, None))], &evidence);
    assert_eq!(mapping.phase, Some(groundswell_model::Phase::Adopt));
}

#[test]
fn several_statements_give_one_gap_for_each_type() {
    let texts = [
        "The parcel came two weeks late.",
        "You promised next-day delivery and it was delayed.",
        "The agent was rude.",
    ];
    let annotations: Vec<Annotation> = texts.iter().map(|text| annotator().annotate(text, None)).collect();
    let pairs: Vec<(&str, &Annotation)> = texts.iter().copied().zip(&annotations).collect();
    let evidence = Evidence {
        kind: None,
        channel: "",
        context: &BTreeMap::new(),
        clock: Clock::default(),
        occurred_at: None,
    };
    let mapping = mapper().place(&pairs, &evidence);
    let gaps: Vec<_> = mapping.gaps.iter().map(|gap| gap.gap).collect();
    assert_eq!(gaps, [GapType::Timeliness, GapType::CourtesyEmpathy]);
    assert_eq!(mapping.gaps[0].origin, groundswell_model::Origin::CompanyPromise);
}

#[test]
fn a_map_with_stages_of_its_own_is_matched_by_what_it_says_of_them() {
    let mut map = JourneyMap::shipped().unwrap();
    map.evidence.clear();
    for (stage, (code, description)) in map.stages.iter_mut().zip([
        ("enrolment", "A student chooses a course, applies and is admitted to the university."),
        ("lectures", "Teaching: lectures, seminars, professors, slides and reading lists."),
        ("exams", "Tests, grades, marks and the results of an examination."),
        ("housing", "Student flats, rooms in the dormitory, rent, kitchen and laundry."),
    ]) {
        stage.code = code.parse().unwrap();
        stage.name = code.to_owned();
        stage.description = description.to_owned();
        (stage.phrases, stage.stems) = (Vec::new(), Vec::new());
    }
    map.stages.truncate(4);
    let mapper = Mapper::new(map).unwrap();
    let context = BTreeMap::new();
    let evidence =
        Evidence { kind: None, channel: "", context: &context, clock: Clock::default(), occurred_at: None };
    for (text, stage) in [
        ("The professor read from his notes for ninety minutes and nobody could follow.", "lectures"),
        ("My bedroom is mouldy and the shared bathroom has been broken for weeks.", "housing"),
        ("I studied for months and the marking of the final paper was a mystery to all of us.", "exams"),
    ] {
        let annotation = annotator().annotate(text, None);
        let told = mapper.likeliest(&[(text, &annotation)], &evidence);
        assert_eq!(told.0.as_str(), stage, "{text} {told:?}");
    }
}
