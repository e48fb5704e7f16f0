//! Expectations in de, fr, es, it, nl and pt: sentences of our own. The author of the cues wrote `languages.txt` before them and
//! looked at the errors in its odd sentences only; `languages_after.txt` was written after the cues, so its figures are the
//! honest ones.
#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

use std::collections::BTreeMap;

use groundswell_annotate::{Annotator, Evidence, Mapper};
use groundswell_model::{Annotation, Clock, JourneyMap, Outcome};
use groundswell_text::Language;

const SENTENCES: &str = include_str!("languages.txt");
const AFTER: &str = include_str!("languages_after.txt");

struct Case {
    language: &'static str,
    outcome: &'static str,
    gap: Option<&'static str>,
    text: &'static str,
    set: Set,
}

/// How much the author of the cues knew of a sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Set {
    /// Its errors were looked at.
    Seen,
    /// Written before the cues, its errors were not looked at.
    Known,
    /// Written after the cues.
    After,
}

fn cases() -> Vec<Case> {
    let mut groups: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    let lines = |text: &'static str| text.lines().filter(|line| !line.starts_with('#'));
    let read = |line: &'static str, set: Option<Set>| {
        let (head, text) = line.split_once(": ").unwrap();
        let mut head = head.split(' ');
        let (language, outcome) = (head.next().unwrap(), head.next().unwrap());
        let place = groups.entry((language, outcome)).or_default();
        *place += 1;
        let set = set.unwrap_or(if place.is_multiple_of(2) { Set::Known } else { Set::Seen });
        Case { language, outcome, gap: head.next(), text, set }
    };
    let before = lines(SENTENCES).map(|line| (line, None));
    let after = lines(AFTER).map(|line| (line, Some(Set::After)));
    let mut read = read;
    before.chain(after).map(|(line, set)| read(line, set)).collect()
}

fn found(annotation: &Annotation) -> &'static str {
    let has = |outcome| annotation.expectations.iter().any(|expectation| expectation.outcome == outcome);
    match () {
        () if has(Outcome::Unmet) => "unmet",
        () if has(Outcome::Exceeded) => "exceeded",
        () if has(Outcome::Met) => "met",
        () => "none",
    }
}

#[derive(Default)]
struct Sum {
    right: u32,
    all: u32,
    gaps_right: u32,
    gaps: u32,
}

/// Floors over the six languages: the outcome right, and the gap type right of the unmet ones that were found, in percent.
const FLOORS: [(Set, u32, u32); 3] = [(Set::Seen, 93, 90), (Set::Known, 93, 90), (Set::After, 35, 0)];

fn percent(right: u32, all: u32) -> u32 {
    right * 100 / all.max(1)
}

#[test]
fn outcomes_and_gap_types_hold_their_floors_in_six_languages() {
    let annotator = Annotator::new().unwrap();
    let mut sums: BTreeMap<(Set, &str), Sum> = BTreeMap::new();
    for case in cases() {
        let annotation = annotator.annotate(case.text, Some(case.language.parse::<Language>().unwrap()));
        let outcome = found(&annotation);
        let unmet = annotation.expectations.iter().find(|one| one.outcome == Outcome::Unmet);
        let gap = unmet.and_then(|one| one.gap).map(|gap| gap.as_str()).filter(|_| case.gap.is_some());
        for name in [case.language, "all"] {
            let sum = sums.entry((case.set, name)).or_default();
            sum.all += 1;
            sum.right += u32::from(outcome == case.outcome);
            sum.gaps += u32::from(gap.is_some());
            sum.gaps_right += u32::from(gap.is_some() && gap == case.gap);
        }
        if outcome != case.outcome || (gap.is_some() && gap != case.gap) {
            println!(
                "{:?} {} {} {:?}: {outcome} {gap:?}: {}",
                case.set, case.language, case.outcome, case.gap, case.text
            );
        }
        for span in annotation.expectations.iter().flat_map(|one| [&one.expected, &one.happened]).flatten() {
            assert!(case.text.contains(span.as_str()), "{span:?} of {:?}", case.text);
        }
    }
    for ((set, name), sum) in &sums {
        let (outcome, gap) = (percent(sum.right, sum.all), percent(sum.gaps_right, sum.gaps));
        println!("{set:?} {name}: outcome {outcome} % of {}, gap type {gap} % of {}", sum.all, sum.gaps);
    }
    for (set, least, least_gap) in FLOORS {
        let sum = &sums[&(set, "all")];
        assert!(percent(sum.right, sum.all) >= least, "{set:?}");
        assert!(percent(sum.gaps_right, sum.gaps) >= least_gap, "{set:?}");
    }
}

#[test]
fn every_language_has_ten_of_each_outcome() {
    let mut groups: BTreeMap<(&str, &str), u32> = BTreeMap::new();
    for case in cases() {
        *groups.entry((case.language, case.outcome)).or_default() += 1;
        assert_eq!(case.gap.is_some(), case.outcome == "unmet", "{}", case.text);
    }
    assert_eq!(groups.len(), 24);
    assert!(groups.values().all(|count| *count >= 10), "{groups:?}");
}

/// Texts and the stage at which they broke, by the words alone.
const STAGES: [(&str, &str, &str); 24] = [
    ("de", "fulfilment", "Das Paket wurde nie zugestellt, die Sendung ist verschwunden."),
    ("de", "purchase", "Auf der Rechnung wurde zweimal abgebucht."),
    ("de", "support", "Eine Stunde Warteschleife und kein Rückruf vom Kundenservice."),
    ("de", "exit", "Ich habe gekündigt und wechsle den Anbieter."),
    ("fr", "fulfilment", "Le livreur n'est jamais venu, le colis est perdu."),
    ("fr", "purchase", "J'ai été prélevé deux fois, la facture est fausse."),
    ("fr", "support", "Le service client ne m'a jamais rappelé, ma réclamation est sans réponse."),
    ("fr", "onboarding", "La notice est incompréhensible, impossible de faire l'installation."),
    ("es", "fulfilment", "El repartidor no vino y el paquete se perdió."),
    ("es", "purchase", "Me han cobrado dos veces y la factura está mal."),
    ("es", "support", "La atención al cliente me colgó y nadie tramita mi reclamación."),
    ("es", "renewal", "Renovaron la suscripción sin avisar."),
    ("it", "fulfilment", "Il corriere non è mai arrivato, la spedizione è dispersa."),
    ("it", "purchase", "Mi hanno addebitato due volte la fattura."),
    ("it", "support", "Il servizio clienti non mi ha richiamato e il reclamo è senza risposta."),
    ("it", "use", "Dall'aggiornamento l'app si blocca ogni giorno."),
    ("nl", "fulfilment", "De bezorger kwam nooit, het pakket is kwijt."),
    ("nl", "purchase", "Er is twee keer betaald en de factuur klopt niet."),
    ("nl", "support", "De klantenservice heeft niet teruggebeld over mijn klacht."),
    ("nl", "use", "Sinds de update loopt de app vast, hij loopt vast bij het openen."),
    ("pt", "fulfilment", "A transportadora perdeu a encomenda, nunca foi entregue."),
    ("pt", "purchase", "Cobraram duas vezes a fatura."),
    ("pt", "support", "O apoio ao cliente desligou o telefone e a reclamação ficou sem resposta."),
    ("pt", "renewal", "Renovaram a assinatura sem avisar."),
];

#[test]
fn the_shipped_map_knows_the_stages_words_in_six_languages() {
    let annotator = Annotator::new().unwrap();
    let mapper = Mapper::new(JourneyMap::shipped().unwrap()).unwrap();
    let context = BTreeMap::new();
    let mut wrong = Vec::new();
    for (language, stage, text) in STAGES {
        let said = annotator.annotate(text, Some(language.parse::<Language>().unwrap()));
        let evidence = Evidence {
            kind: None,
            channel: "",
            context: &context,
            clock: Clock::default(),
            occurred_at: None,
        };
        let mapping = mapper.place(&[(text, &said)], &evidence);
        if mapping.stage.as_str() != stage {
            wrong.push(format!("{language} {stage}: {} {:.2}: {text}", mapping.stage, mapping.probability));
        }
    }
    assert!(wrong.len() <= 4, "{} of {}:\n{}", wrong.len(), STAGES.len(), wrong.join("\n"));
}
