//! The records of the test and what must become of them: submissions with updates, parts and deletions, tickets with
//! updates, customers as rows of an import, and broken ones of each.

use std::collections::BTreeMap;
use std::ops::Range;

use groundswell_server::Row;
use serde_json::json;

/// Records of one push, at most.
const CHUNK: usize = 400;

/// A seeded generator (splitmix64).
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Gives a number below a bound.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound.max(1)
    }

    fn pick<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.below(of.len() as u64) as usize]
    }
}

/// One raw record that is pushed.
pub struct Raw {
    /// Name of its feedback; none where it is broken and must be refused.
    pub name: Option<String>,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// What is sent in one call.
pub enum Job {
    /// A bulk push.
    Push {
        /// The pipeline.
        pipeline: &'static str,
        /// The records.
        records: Vec<Raw>,
    },
    /// Rows of the import.
    Rows(Range<usize>),
}

/// How one feedback stands after all that was sent.
#[derive(Default)]
pub struct Latest {
    /// Revisions by part.
    pub parts: BTreeMap<&'static str, i64>,
    revision: i64,
    deleted: bool,
    /// Whether anything but a deletion was sent.
    spoken: bool,
}

/// Everything that is sent, and what must become of it.
pub struct Plan {
    pub jobs: Vec<Job>,
    pub rows: Vec<Row>,
    pub columns: Vec<String>,
    pub customer_pipeline: String,
    /// Rows that must become dead letters.
    pub broken_rows: u64,
    /// Pushed records that must be refused.
    pub broken: u64,
    latest: BTreeMap<String, Latest>,
    customers: u64,
}

impl Plan {
    /// Gives the feedback that must be live at the end.
    pub fn live(&self) -> impl Iterator<Item = (&str, &Latest)> {
        self.latest.iter().filter(|(_, latest)| !latest.deleted).map(|(name, latest)| (name.as_str(), latest))
    }

    /// Gives how many feedback (or customers) of a pipeline there are, deleted ones included.
    pub fn distinct(&self, pipeline: &str) -> u64 {
        if pipeline == "customers" {
            return self.customers;
        }
        let spoken = self.latest.iter().filter(|(name, latest)| latest.spoken && name.starts_with(pipeline));
        spoken.count() as u64
    }
}

const HAPPENED: [&str; 6] = [
    "The parcel came four days late although next day delivery was promised.",
    "I was charged twice for the renewal and nobody could tell me why.",
    "Support promised to call back on Monday and never did.",
    "The app works well and the set-up was easier than I expected.",
    "The shop did not know the discount that your leaflet advertises.",
    "Das Paket kam drei Tage zu spät, obwohl mir der nächste Tag zugesagt war.",
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

/// Makes `total` raw records.
pub fn plan(total: usize, seed: u64) -> Plan {
    let mut random = Random::new(seed);
    let rows_wanted = total / 20;
    let path = groundswell_tests::workspace_root().join("pipelines/customers.toml");
    let mut plan = Plan {
        jobs: Vec::new(),
        rows: Vec::new(),
        columns: COLUMNS.map(str::to_owned).to_vec(),
        customer_pipeline: std::fs::read_to_string(path).unwrap(),
        broken_rows: 0,
        broken: 0,
        latest: BTreeMap::new(),
        customers: 0,
    };
    rows(&mut plan, rows_wanted, &mut random);
    let mut left = total - rows_wanted;
    let mut imported = 0;
    while left > 0 {
        let size = (1 + random.below(CHUNK as u64) as usize).min(left);
        left -= size;
        let pipeline = if random.below(6) == 0 { "zendesk" } else { "submission" };
        let records = (0..size).map(|_| plan.record(pipeline, &mut random)).collect();
        plan.jobs.push(Job::Push { pipeline, records });
        let end = (imported + 40).min(rows_wanted);
        if end > imported && random.below(3) > 0 {
            plan.jobs.push(Job::Rows(imported..end));
            imported = end;
        }
    }
    if imported < rows_wanted {
        plan.jobs.push(Job::Rows(imported..rows_wanted));
    }
    plan
}

impl Plan {
    fn record(&mut self, pipeline: &'static str, random: &mut Random) -> Raw {
        if random.below(100) == 0 {
            self.broken += 1;
            let bytes =
                random.pick(&["{\"record\": \"cut o", "not JSON", "{\"record\": 7, \"id\": {}}", "[]"]);
            return Raw { name: None, bytes: bytes.as_bytes().to_vec() };
        }
        let number = random.below(if pipeline == "zendesk" { 8_000 } else { 45_000 });
        let name = format!("{pipeline}-{number}");
        let latest = self.latest.entry(name.clone()).or_default();
        let bytes = if pipeline == "zendesk" {
            ticket(number, latest, random)
        } else {
            submission(number, latest, random)
        };
        Raw { name: Some(name), bytes: bytes.to_string().into_bytes() }
    }
}

/// The next state of a submission: complete for most records, score and comment as parts for every seventh.
fn submission(number: u64, latest: &mut Latest, random: &mut Random) -> serde_json::Value {
    latest.revision += 1 + random.below(3) as i64;
    let revision = latest.revision;
    let record = format!("R-{number}");
    if latest.spoken && random.below(12) == 0 {
        latest.deleted = true;
        latest.parts.clear();
        return json!({ "record": record, "revision": revision, "deleted": true });
    }
    latest.deleted = false;
    latest.spoken = true;
    let mut value = json!({
        "record": record,
        "revision": revision,
        "kind": random.pick(&["complaint", "survey", "public"]),
        "occurred_at": format!("2026-0{}-{:02}T09:30:00Z", 1 + number % 5, 1 + number % 28),
        "respondent": { "customer": format!("C-{}", number % 6_000) },
        "context": { "order_status": "delivered" },
    });
    let text = format!("{} Order {number}, report {revision}.", random.pick(&HAPPENED));
    let (score, said) = (json!([{ "metric": "nps", "value": random.below(11) }]), json!([{ "text": text }]));
    if !number.is_multiple_of(7) {
        latest.parts = BTreeMap::from([("main", revision)]);
        value["statements"] = said;
        value["answers"] = score;
        return value;
    }
    let part = random.pick(&["score", "comment"]);
    latest.parts.insert(part, revision);
    value["part"] = json!(part);
    value["delivery"] = json!("partial");
    value[if part == "score" { "answers" } else { "statements" }] =
        if part == "score" { score } else { said };
    value
}

/// The next state of a ticket; its revision is the time of its last change.
fn ticket(number: u64, latest: &mut Latest, random: &mut Random) -> serde_json::Value {
    latest.spoken = true;
    latest.revision += 1 + random.below(40) as i64;
    let changed = 1_767_225_600_000 + latest.revision * 60_000;
    latest.parts = BTreeMap::from([("main", changed)]);
    json!({
        "id": number,
        "subject": "Order",
        "description": format!("{} Ticket {number}, change {}.", random.pick(&HAPPENED), latest.revision),
        "status": random.pick(&["open", "pending", "solved"]),
        "requester_id": 500_000 + number % 3_000,
        "submitter_id": 500_000 + number % 3_000,
        "via": { "channel": "email" },
        "created_at": "2026-01-01T00:00:00Z",
        "updated_at": groundswell_model::Timestamp::from_millis(changed).to_string(),
    })
}

/// Rows of customers, each once, some of them broken.
fn rows(plan: &mut Plan, total: usize, random: &mut Random) {
    for number in 1..=total {
        let broken = random.below(50) == 0;
        let row = if broken {
            plan.broken_rows += 1;
            format!("C-{number},,someday,,,,,12.00,,3,basic,DE")
        } else {
            plan.customers += 1;
            let (day, plan) = (1 + random.below(28), random.pick(&["basic", "premium"]));
            format!("C-{number},c{number}@example.com,2026-02-{day:02},,,2027-02-01,,120.00,EUR,3,{plan},DE")
        };
        plan.rows.push(Row { number: number as u64, occurrence: 0, refused: None, bytes: row.into_bytes() });
    }
}
