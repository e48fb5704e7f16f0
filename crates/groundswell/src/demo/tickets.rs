//! Help-desk tickets, as the help desk sends them.

use groundswell_model::Timestamp;
use serde_json::{Value, json};

use super::people::Person;
use super::plan::{Family, Happening};
use super::post::{Post, Said};
use super::random::Random;
use super::writer::Letter;

/// Custom fields of the made-up help desk: customer number, order status, ticket category.
const CUSTOMER_FIELD: i64 = 360_001;
const ORDER_STATUS_FIELD: i64 = 360_002;
const CATEGORY_FIELD: i64 = 360_003;
const PRODUCT_FIELD: i64 = 360_004;

/// Sends a ticket and, for some, its later states.
pub(super) fn send(
    happening: &Happening,
    (person, letter): (&Person, &Letter),
    at: Timestamp,
    post: &mut Post,
    random: &mut Random,
) {
    let id = 410_000 + post.counts.feedback_by_kind.get("complaint").copied().unwrap_or(0);
    let mut ticket = ticket(id, happening, (person, letter), at, random);
    post.count(&Said {
        kind: "complaint",
        family: happening.family,
        person: format!("person:{}", person.index),
        record: &id.to_string(),
        language: letter.language,
        worded: true,
    });
    post.send("zendesk", "complaint", plus(at, random.between(2, 40)), &ticket);
    let mut when = at;
    let mut desk = Random::stream(id, "desk");
    let reply = desk.between(20, 40 * 60);
    let states = later_states(random);
    // Half of the others are only solved, some after days.
    if states.is_empty() && desk.chance(0.5) {
        when = plus(at, reply * 60 + desk.between(600, 90 * 3600));
        set(&mut ticket, "status", json!("solved"));
        set(&mut ticket, "updated_at", json!(seconds(when)));
        set(&mut ticket, "metric_set", metrics(reply, when));
        post.counts.updates += 1;
        post.send("zendesk", "complaint", plus(when, desk.between(2, 40)), &ticket);
    }
    for status in states {
        when = plus(when, random.between(2 * 3600, 60 * 3600));
        set(&mut ticket, "status", json!(status));
        set(&mut ticket, "updated_at", json!(seconds(when)));
        if *status == "solved" && random.chance(0.5) {
            set(&mut ticket, "satisfaction_rating", rating(happening.family, random));
        }
        if *status == "solved" {
            set(&mut ticket, "metric_set", metrics(reply.min((when.millis() - at.millis()) / 60_000), when));
        }
        post.counts.updates += 1;
        post.send("zendesk", "complaint", plus(when, random.between(2, 40)), &ticket);
    }
}

/// What the help desk measured by the time a ticket was solved.
fn metrics(reply_minutes: i64, solved: Timestamp) -> Value {
    json!({"reply_time_in_minutes": {"calendar": reply_minutes}, "solved_at": seconds(solved)})
}

fn later_states(random: &mut Random) -> &'static [&'static str] {
    match random.weighted(&[0.80, 0.11, 0.06, 0.03]) {
        1 => &["solved"],
        2 => &["pending", "solved"],
        3 => &["open", "solved", "closed"],
        _ => &[],
    }
}

fn rating(family: Family, random: &mut Random) -> Value {
    let unhappy = !matches!(family, Family::Praise | Family::Question);
    if unhappy && random.chance(0.6) {
        json!({"id": random.between(60_000, 99_999), "score": "bad"})
    } else {
        json!({"id": random.between(60_000, 99_999), "score": "good"})
    }
}

fn ticket(
    id: u64,
    happening: &Happening,
    (person, letter): (&Person, &Letter),
    at: Timestamp,
    random: &mut Random,
) -> Value {
    let channel = random.weighted(&[0.52, 0.22, 0.14, 0.12]);
    let (channel, from) = match channel {
        0 => ("email", json!({"address": person.email, "name": format!("{} {}", person.first, person.last)})),
        1 => ("web", json!({"address": person.email})),
        2 => ("chat", json!({"name": person.first, "address": person.email})),
        _ => ("phone", json!({"phone": person.phone, "name": person.first, "address": person.email})),
    };
    let category = category(happening, random);
    let mut fields = vec![json!({"id": PRODUCT_FIELD, "value": person.machine.to_lowercase()})];
    if let Some(number) = &person.number {
        fields.push(json!({"id": CUSTOMER_FIELD, "value": number}));
    }
    if let Some(status) = order_status(happening, random) {
        fields.push(json!({"id": ORDER_STATUS_FIELD, "value": status}));
    }
    let mut tags = Vec::new();
    if let Some(category) = category {
        fields.push(json!({"id": CATEGORY_FIELD, "value": category}));
        tags.extend([category, person.region]);
    }
    let mut requester = json!({"id": 9_000_000 + person.index, "name": format!("{} {}", person.first, person.last),
        "email": person.email});
    if let (Some(number), Some(fields)) = (&person.number, requester.as_object_mut())
        && random.chance(0.5)
    {
        fields.insert("external_id".to_owned(), json!(number));
    }
    json!({
        "id": id, "url": format!("https://kettlewren.example/agent/tickets/{id}"), "external_id": null,
        "subject": letter.subject, "raw_subject": letter.subject, "description": letter.text,
        "type": if happening.family == Family::Question { "question" } else { "problem" },
        "priority": random.word(&["low", "normal", "normal", "normal", "high", "urgent"]),
        "status": random.word(&["new", "open", "open"]), "requester_id": 9_000_000 + person.index, "requester": requester,
        "submitter_id": 9_000_000 + person.index, "assignee_id": null, "organization_id": null,
        "group_id": 5_100 + random.between(1, 4), "tags": tags, "custom_fields": fields,
        "satisfaction_rating": {"score": "unoffered"}, "is_public": true, "has_incidents": false,
        "via": {"channel": channel, "source": {"from": from, "to": {"address": "help@kettlewren.example"}, "rel": null}},
        "brand_id": 77_001, "created_at": seconds(at), "updated_at": seconds(at),
    })
}

/// What the agent chose from the list, which is often nothing and sometimes wrong.
fn category(happening: &Happening, random: &mut Random) -> Option<&'static str> {
    const ALL: [&str; 6] = ["delivery", "billing", "technical", "complaint", "cancellation", "other"];
    if random.chance(0.38) {
        return None;
    }
    if random.chance(0.06) {
        return random.pick(&ALL).copied();
    }
    Some(match happening.stage.as_str() {
        "fulfilment" => "delivery",
        "renewal" => "billing",
        "use" | "onboarding" => "technical",
        "support" => "complaint",
        "exit" => "cancellation",
        _ => "other",
    })
}

fn order_status(happening: &Happening, random: &mut Random) -> Option<&'static str> {
    match happening.stage.as_str() {
        "fulfilment" if random.chance(0.55) => {
            Some(random.word(&["shipped", "out_for_delivery", "delayed", "delayed", "delivered"]))
        }
        "purchase" if random.chance(0.25) => Some(random.word(&["created", "paid"])),
        "support" if random.chance(0.12) => Some(random.word(&["returned", "refund_open"])),
        _ if random.chance(0.06) => Some("delivered"),
        _ => None,
    }
}

/// Sets a field of a JSON object.
pub(super) fn set(json: &mut Value, field: &str, value: Value) {
    if let Some(fields) = json.as_object_mut() {
        fields.insert(field.to_owned(), value);
    }
}

/// Adds seconds to a moment.
pub(super) fn plus(at: Timestamp, seconds: i64) -> Timestamp {
    Timestamp::from_millis(at.millis() + seconds * 1000)
}

/// Writes a moment in whole seconds, as most vendors do.
pub(super) fn seconds(at: Timestamp) -> String {
    Timestamp::from_millis(at.millis().div_euclid(1000) * 1000).to_string().replace(".000Z", "Z")
}
