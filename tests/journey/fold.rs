//! The analyser's fold as a property: the same set of parts and customers, in any order, repeated and cut into any
//! batches, gives the same holdings, the same matrix and the same published feedback.

use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;
use std::sync::LazyLock;

use groundswell_annotate::Mapper;
use groundswell_insight::{Cell, CellCount, Holding, Matrix, PartPlace, View, Window};
use groundswell_model::{Customer, FeedbackId, JourneyMap, Part, RawRecord, Timestamp, Zone};
use groundswell_steps::{Arrival, Decided, Folder, Known, Outcome, Provenance};
use groundswell_tests::stored::older;
use proptest::prelude::*;
use serde_json::json;

use crate::steps::{INGESTER, NOON, PIPELINES};

/// One raw record of the property.
#[derive(Clone, Debug)]
pub enum Sent {
    /// A submission.
    Said {
        record: u8,
        part: Option<bool>,
        revision: Option<u8>,
        deleted: bool,
        text: u8,
        score: Option<u8>,
        person: Option<u8>,
        year: u8,
    },
    /// A row of a table without record ids.
    Row { text: u8, occurrence: u8, generation: u8 },
    /// A customer, linked to the e-mail address of one, who bought on a day.
    Customer { number: u8, email: Option<u8>, day: u8 },
}

const TEXTS: [&str; 5] = [
    "I was promised next day delivery, but the parcel came four days late.",
    "I was charged twice for the renewal.",
    "Nobody called me back although support promised it.",
    "The set-up was much easier than I expected.",
    "Hello.",
];

const COLUMNS: [&str; 12] = [
    "customer",
    "email",
    "purchased_at",
    "activated_at",
    "goal_at",
    "term_ends_at",
    "ended_at",
    "value",
    "currency",
    "years",
    "plan",
    "region",
];

impl Sent {
    /// Gives the pipeline, the bytes and the columns.
    pub fn raw(&self) -> (&'static str, Vec<u8>, Option<Vec<String>>) {
        match self {
            Self::Said { record, part, revision, deleted, text, score, person, year } => {
                let mut value = json!({ "record": format!("R-{record}"), "deleted": deleted, "kind": "survey",
                    "occurred_at": format!("{}-05-0{}T08:00:00Z", [2026, 2026, 1961, 2031][usize::from(*year)], 1 + record % 3) });
                // A few people write under their address, others under their number.
                let people = [
                    json!({ "customer": "C-0" }),
                    json!({ "customer": "C-1" }),
                    json!({ "email": "a0@example.org" }),
                    json!({ "email": "a1@example.org" }),
                    json!({ "email": "a2@example.org" }),
                ];
                value["respondent"] = person.map_or(json!({}), |person| people[usize::from(person)].clone());
                if let Some(revision) = revision {
                    value["revision"] = json!(revision);
                }
                if let Some(first) = part {
                    value["delivery"] = json!("partial");
                    value["part"] = json!(if *first { "score" } else { "comment" });
                }
                value["statements"] = json!([{ "text": TEXTS[usize::from(*text)] }]);
                value["answers"] =
                    score.map_or(json!([]), |score| json!([{ "metric": "nps", "value": score }]));
                ("submission", value.to_string().into_bytes(), None)
            }
            Self::Row { text, .. } => (
                "rows",
                format!("\"{}\"", TEXTS[usize::from(*text)]).into_bytes(),
                Some(vec!["why".to_owned()]),
            ),
            Self::Customer { number, email, day } => {
                let email = email.map(|email| format!("a{email}@example.org")).unwrap_or_default();
                let row = format!("C-{number},{email},2026-0{}-1{day},,,,,,,,basic,DE", 3 + day);
                ("customers", row.into_bytes(), Some(COLUMNS.map(str::to_owned).to_vec()))
            }
        }
    }

    fn outcome(&self, at: u8) -> Outcome {
        let rows = &*ROWS;
        let (name, bytes, columns) = self.raw();
        let pipeline = if name == "rows" { rows } else { &PIPELINES[name] };
        let received_at = Timestamp::from_millis(NOON + i64::from(at) * 1_000);
        let raw = RawRecord { bytes: &bytes, key: None, received_at, columns: columns.as_deref(), row: None };
        let provenance = match self {
            Self::Row { occurrence, generation, .. } => {
                Provenance { occurrence: (*occurrence).into(), generation: Some((*generation).into()) }
            }
            _ => Provenance::default(),
        };
        INGESTER.outcomes(pipeline, &raw, provenance).remove(0)
    }
}

static ROWS: LazyLock<groundswell_adapters::Pipeline> = LazyLock::new(|| {
    let text = "name = \"rows\"\ndescription = \"Rows of a test.\"\nadapter = \"table\"\nkind = \"survey\"\nchannel = \"web\"\n[source]\nsystem = \"rows\"\n\
                [table]\nformat = \"csv\"\n[[table.statement]]\ncolumn = \"why\"\n";
    groundswell_adapters::Pipeline::parse(text).unwrap()
});

static FOLDER: LazyLock<Folder> =
    LazyLock::new(|| Folder::new(Mapper::new(JourneyMap::shipped().unwrap()).unwrap(), Zone::utc()));

/// Gives raw records of all sorts; few ids and few revisions, so that they meet.
pub fn sent() -> impl Strategy<Value = Sent> {
    let said = (
        (0..4u8, prop::option::of(any::<bool>()), prop::option::of(1..5u8), prop::bool::weighted(0.2)),
        (0..5u8, prop::option::of(0..11u8), prop::option::of(0..5u8), 0..4u8),
    );
    prop_oneof![
        6 => said.prop_map(|((record, part, revision, deleted), (text, score, person, year))| {
            Sent::Said { record, part, revision, deleted, text, score, person, year }
        }),
        1 => (0..5u8, 0..2u8, 0..3u8).prop_map(|(text, occurrence, generation)| Sent::Row { text, occurrence, generation }),
        2 => (0..2u8, prop::option::of(0..3u8), 0..4u8)
            .prop_map(|(number, email, day)| Sent::Customer { number, email, day }),
    ]
}

/// One record of the `feedback` topic.
#[derive(Clone)]
enum Written {
    Part(Vec<u8>),
    Customer(Vec<u8>),
}

/// The analyser without its log and its store.
#[derive(Default)]
struct House {
    log: Vec<Vec<u8>>,
    view: View,
    holdings: BTreeMap<FeedbackId, Holding>,
    published: BTreeMap<FeedbackId, String>,
}

/// What must not depend on the order: holdings without places, counts by cell, what was published.
type Shown = (Vec<String>, BTreeMap<Cell, CellCount>, BTreeMap<FeedbackId, String>, u64);

impl House {
    fn batch(&mut self, records: &[Written]) {
        let mut arrivals: BTreeMap<FeedbackId, Vec<Arrival>> = BTreeMap::new();
        let mut again = BTreeSet::new();
        for record in records {
            match record {
                Written::Part(bytes) => {
                    let (part, rank) = Part::decode(bytes).unwrap();
                    let place = PartPlace { partition: 0, offset: self.log.len() as u64 };
                    self.log.push(bytes.clone());
                    arrivals.entry(part.id).or_default().push(Arrival {
                        place,
                        part,
                        rank,
                        reannotated: false,
                    });
                }
                Written::Customer(bytes) => self.admit(serde_json::from_slice(bytes).unwrap(), &mut again),
            }
        }
        for id in &again {
            arrivals.entry(*id).or_default();
        }
        for (id, arrivals) in arrivals {
            self.fold(id, arrivals, again.contains(&id));
        }
    }

    /// As the analyser does: everybody whom the record links, before or after, is mapped again.
    fn admit(&mut self, customer: Customer, again: &mut BTreeSet<FeedbackId>) {
        let people = &mut self.view.people;
        let mut touched =
            people.customer(customer.key).cloned().map(|old| people.linked(&old)).unwrap_or_default();
        touched.extend(people.linked(&customer));
        people.admit(customer.clone());
        touched.extend(people.linked(&customer));
        again.extend(touched.into_iter().flat_map(|identity| self.view.said_by(identity)));
    }

    fn fold(&mut self, id: FeedbackId, arrivals: Vec<Arrival>, again: bool) {
        let log = &self.log;
        let mut fetch = |places: &[PartPlace]| -> Result<Vec<Part>, Infallible> {
            Ok(places.iter().map(|place| Part::decode(&log[place.offset as usize]).unwrap().0).collect())
        };
        let decided = Decided::default();
        let known = Known { people: &self.view.people, decided: &decided };
        let holding = self.holdings.get(&id).cloned();
        let Ok(folded) = FOLDER.fold(holding, arrivals, again, &known, &mut fetch);
        self.view.put(id, &folded.holding);
        self.holdings.insert(id, folded.holding);
        if let Some((feedback, mapping)) = folded.published {
            self.published.insert(id, serde_json::to_string(&(feedback, mapping)).unwrap());
        }
    }

    fn shown(self) -> Shown {
        let line = |(id, holding): (&FeedbackId, &Holding)| {
            let ranks: Vec<_> =
                holding.standing.counting().iter().map(|(name, rank, _)| format!("{name} {rank}")).collect();
            format!("{id} {ranks:?} {:?} {:?}", holding.standing.floor, holding.row)
        };
        let matrix = Matrix::of(&self.view, &Window::default());
        (self.holdings.iter().map(line).collect(), matrix.cells, self.published, matrix.unknown)
    }
}

fn folded(records: &[Written], batch: usize) -> Shown {
    let mut house = House::default();
    for records in records.chunks(batch) {
        house.batch(records);
    }
    house.shown()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn order_repeats_and_batches_change_nothing(
        sent in prop::collection::vec((sent(), 0..3u8), 1..14),
        shuffles in prop::collection::vec((prop::collection::vec(any::<u32>(), 28), 1..9usize), 3),
    ) {
        let written: Vec<Written> = sent.iter().map(|(sent, at)| match sent.outcome(*at) {
            Outcome::Part { encoded, .. } => Written::Part(encoded.bytes),
            Outcome::Customer { bytes, .. } => Written::Customer(bytes),
            other => panic!("{other:?} of {sent:?}"),
        }).collect();
        let expected = folded(&written, 1);
        for (order, batch) in shuffles {
            // Some records come twice.
            let twice = written.iter().chain(&written).cloned();
            let mut all: Vec<(u32, Written)> = order.iter().copied().zip(twice).collect();
            all.truncate(written.len() + written.len() / 2);
            all.sort_by_key(|(place, _)| *place);
            let all: Vec<Written> = all.into_iter().map(|(_, record)| record).collect();
            let found = folded(&all, batch);
            prop_assert_eq!(&found.0, &expected.0, "holdings");
            prop_assert_eq!(&found.1, &expected.1, "counts");
            prop_assert_eq!(&found.2, &expected.2, "published");
            prop_assert_eq!(found.3, expected.3, "unknown");
        }
    }

    #[test]
    fn what_was_annotated_anew_takes_the_place_of_what_was_stored_whatever_the_order(
        sent in prop::collection::vec((sent(), 0..3u8), 1..10),
        order in prop::collection::vec(any::<u32>(), 20),
        batch in 1..9usize,
    ) {
        let (mut now, mut both) = (Vec::new(), Vec::new());
        for (sent, at) in &sent {
            let written = match sent.outcome(*at) {
                Outcome::Part { encoded, .. } => Written::Part(encoded.bytes),
                Outcome::Customer { bytes, .. } => Written::Customer(bytes),
                other => panic!("{other:?} of {sent:?}"),
            };
            if let Written::Part(bytes) = &written {
                let stored = older(&Part::decode(bytes).unwrap().0);
                if let Some(anew) = INGESTER.reannotated(stored.clone()) {
                    prop_assert_eq!(&anew.encode().unwrap().bytes, bytes, "from the redacted text as from the raw one");
                    both.push(Written::Part(stored.encode().unwrap().bytes));
                }
            }
            both.push(written.clone());
            now.push(written);
        }
        let mut all: Vec<(u32, Written)> = order.into_iter().zip(both).collect();
        all.sort_by_key(|(place, _)| *place);
        let all: Vec<Written> = all.into_iter().map(|(_, record)| record).collect();
        prop_assert_eq!(folded(&all, batch), folded(&now, 1));
    }
}
