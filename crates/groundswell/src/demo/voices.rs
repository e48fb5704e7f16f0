//! Public reviews and the feedback of staff.

use groundswell_model::Timestamp;
use serde_json::{Value, json};

use super::people::{Person, Staff, Team};
use super::plan::{Family, Happening};
use super::post::{Post, Said};
use super::random::Random;
use super::tickets::{plus, seconds, set};
use super::writer::Letter;

/// Sends a public review; a few are taken down again later.
pub(super) fn send_review(
    happening: &Happening,
    (person, letter): (&Person, &Letter),
    at: Timestamp,
    post: &mut Post,
    random: &mut Random,
) {
    let number = post.counts.feedback_by_kind.get("public").copied().unwrap_or(0);
    let record = format!("rv-{number:06}");
    let verified = happening.family == Family::Loud || random.chance(0.35);
    let (system, channel) = *random
        .pick(&[
            ("shop_reviews", "web"),
            ("shop_reviews", "web"),
            ("review_site", "web"),
            ("app_store", "app_review"),
        ])
        .unwrap_or(&("shop_reviews", "web"));
    let campaign = happening.family == Family::Campaign;
    let (person_key, who) = match (&person.number, verified && !campaign) {
        (Some(customer), true) => {
            (format!("person:{}", person.index), json!({"customer": customer, "name": person.first}))
        }
        _ if campaign => {
            let user = format!("user{}", 88_000 + happening.person * 3);
            (format!("account:{user}"), json!({"user": user}))
        }
        _ => {
            let user = format!("{}{}", person.first.to_lowercase(), 100 + person.index);
            (format!("reviewer:{system}:{user}"), json!({"user": user, "name": person.first}))
        }
    };
    post.count(&Said {
        kind: "public",
        family: happening.family,
        person: person_key,
        record: &record,
        language: letter.language,
        worded: !letter.text.is_empty(),
    });
    let mut review = json!({
        "record": record, "system": system, "revision": at.millis(), "kind": "public", "channel": channel,
        "url": format!("https://reviews.example/kettlewren/{record}"), "occurred_at": at, "respondent": who,
        "subject": {"product": format!("Kettlewren {}", person.machine)},
        "answers": [{"metric": "stars", "value": stars(happening.family, random)}],
    });
    if !letter.text.is_empty() {
        set(&mut review, "statements", statement(letter, random));
    }
    post.send("submission", "public", plus(at, random.between(30, 1800)), &review);
    if matches!(happening.family, Family::Praise | Family::Background) && random.chance(0.015) {
        let gone = plus(at, random.between(86_400, 12 * 86_400));
        post.counts.deletions += 1;
        let marker = json!({"record": record, "system": system, "revision": gone.millis(), "kind": "public",
            "deleted": true});
        post.send("submission", "public", plus(gone, 5), &marker);
    }
}

fn statement(letter: &Letter, random: &mut Random) -> Value {
    if random.chance(0.06) {
        let html = format!(
            "<p>{}</p>",
            letter.text.replace('&', "&amp;").replace('<', "&lt;").replace("\n\n", "</p><p>")
        );
        return json!([{"text": html, "format": "html"}]);
    }
    if letter.language != "en" && random.chance(0.5) {
        return json!([{"text": letter.text, "language": letter.language}]);
    }
    json!([{"text": letter.text}])
}

fn stars(family: Family, random: &mut Random) -> f64 {
    let good = match family {
        Family::Planted(place) => super::issues::ISSUES.get(place).is_some_and(super::issues::Issue::exceeds),
        Family::Praise => true,
        Family::Question | Family::Silent => random.chance(0.72),
        Family::Background | Family::Loud | Family::Campaign => false,
    };
    let stars = match (good, family) {
        (true, _) => random.between(4, 5),
        (false, Family::Campaign) => 1,
        (false, _) => random.between(1, 2).max(random.between(1, 3)),
    };
    stars as f64
}

/// Sends what a member of staff says: in the staff survey, without a name, or in the team chat.
pub(super) fn send_staff(
    happening: &Happening,
    (staff, letter): (&Staff, &Letter),
    at: Timestamp,
    post: &mut Post,
    random: &mut Random,
) {
    let number = post.counts.feedback_by_kind.get("employee").copied().unwrap_or(0);
    let chat = random.chance(0.32);
    let ts = format!("{}.{number:06}", at.millis() / 1000);
    let record = if chat { format!("{}:{ts}", channel(staff.team)) } else { format!("ov-{number:06}") };
    let person = if chat { format!("staff:{}", staff.user) } else { format!("unlinked:{record}") };
    post.count(&Said {
        kind: "employee",
        family: happening.family,
        person,
        record: &record,
        language: "en",
        worded: true,
    });
    let received = plus(at, random.between(1, 30));
    if chat {
        let event = json!({
            "team_id": "T0KETTLE", "api_app_id": "A0FEEDBK", "type": "event_callback", "event_id": format!("Ev{number:07}"),
            "event_time": at.millis() / 1000,
            "event": {"type": "message", "channel": channel(staff.team), "channel_type": "channel", "user": staff.user,
                "text": letter.text, "ts": ts},
        });
        post.send("slack", "employee", received, &event);
    } else {
        let (team, name) = staff.team.name(random.below(6));
        let praise = matches!(happening.family, Family::Praise);
        let tone = if praise { "positive" } else { random.word(&["negative", "negative", "neutral"]) };
        let feedback = json!({
            "feedbackId": record, "teamId": team, "teamName": name,
            "metric": random.word(&["Alignment", "Recognition", "Wellness", "Company", "Relationship with Manager"]),
            "tone": tone, "message": letter.text, "labels": labels(staff.team), "createdAt": seconds(at),
        });
        post.send("officevibe", "employee", received, &feedback);
    }
}

fn channel(team: Team) -> &'static str {
    match team {
        Team::Shop => "C0SHOPFLOOR",
        Team::Warehouse => "C0WAREHOUSE",
        Team::Desk => "C0HELPDESK",
    }
}

fn labels(team: Team) -> Value {
    match team {
        Team::Shop => json!(["customers", "shop"]),
        Team::Warehouse => json!(["logistics"]),
        Team::Desk => json!(["customers"]),
    }
}

/// Which team sees a topic.
pub(super) fn team_of(happening: &Happening, random: &mut Random) -> Team {
    match happening.key.as_str() {
        "late" => {
            random.pick(&[Team::Warehouse, Team::Warehouse, Team::Desk]).copied().unwrap_or(Team::Warehouse)
        }
        "discount" => Team::Shop,
        "twice" | "callback" | "welcome" | "repair" => Team::Desk,
        _ => random.pick(&Team::ALL).copied().unwrap_or(Team::Shop),
    }
}
