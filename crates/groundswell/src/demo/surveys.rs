//! Answers to surveys: the survey tool's posts, and the app's own survey that sends the score first and the comment later.

use groundswell_model::Timestamp;
use serde_json::{Value, json};

use super::people::Person;
use super::plan::{Family, Happening};
use super::post::{Post, Said};
use super::random::Random;
use super::tickets::{plus, seconds, set};
use super::writer::Letter;

/// Sends the answer to a survey.
pub(super) fn send(
    happening: &Happening,
    (person, letter): (&Person, &Letter),
    at: Timestamp,
    post: &mut Post,
    random: &mut Random,
) {
    let number = post.counts.feedback_by_kind.get("survey").copied().unwrap_or(0);
    let own = random.chance(0.18);
    let record = if own { format!("app-{number:06}") } else { token(number) };
    let kind = survey(happening, random);
    post.count(&Said {
        kind: "survey",
        family: happening.family,
        person: format!("person:{}", person.index),
        record: &record,
        language: letter.language,
        worded: !letter.text.is_empty(),
    });
    let answer =
        Answer { record, survey: kind, score: score(happening.family, kind, random), comment: &letter.text };
    if own {
        send_parts(&answer, person, at, post, random);
    } else {
        let json = response(&answer, (happening, person), at, random);
        post.send("typeform", "survey", plus(at, random.between(1, 20)), &json);
    }
}

struct Answer<'a> {
    record: String,
    survey: &'static str,
    score: i64,
    comment: &'a str,
}

/// Which survey somebody answers: mostly the one of the stage, else the quarterly question.
fn survey(happening: &Happening, random: &mut Random) -> &'static str {
    if random.chance(0.2) {
        return "relationship_nps";
    }
    match happening.stage.as_str() {
        "purchase" => "post_purchase",
        "fulfilment" => "post_delivery",
        "onboarding" => "onboarding",
        "support" => "post_contact",
        "exit" => "churn",
        "" => random.word(&[
            "relationship_nps",
            "relationship_nps",
            "post_delivery",
            "post_contact",
            "onboarding",
        ]),
        _ => "relationship_nps",
    }
}

fn score(family: Family, survey: &str, random: &mut Random) -> i64 {
    let nps = survey == "relationship_nps";
    let good = match family {
        Family::Planted(place) => super::issues::ISSUES.get(place).is_some_and(super::issues::Issue::exceeds),
        Family::Background | Family::Loud | Family::Campaign => false,
        Family::Praise => true,
        Family::Question | Family::Silent => random.chance(0.74),
    };
    match (nps, good) {
        (true, true) => random.between(7, 10).max(random.between(6, 10)),
        (true, false) => random.between(0, 7),
        (false, true) => random.between(4, 5),
        (false, false) => random.between(1, 3).min(random.between(1, 4)),
    }
}

/// The survey tool's post.
fn response(
    answer: &Answer<'_>,
    (happening, person): (&Happening, &Person),
    at: Timestamp,
    random: &mut Random,
) -> Value {
    let nps = answer.survey == "relationship_nps";
    let (kind, title) = if nps {
        ("nps", "How likely are you to recommend Kettlewren to a friend?")
    } else {
        ("rating", "How satisfied were you?")
    };
    let mut hidden = json!({"survey_type": answer.survey, "region": person.region});
    match (&person.number, hidden.as_object_mut()) {
        (Some(number), Some(fields)) => fields.insert("user_id".to_owned(), json!(number)),
        (None, Some(fields)) => fields.insert("email".to_owned(), json!(person.email)),
        (_, None) => None,
    };
    if answer.survey == "post_delivery"
        && let Some(fields) = hidden.as_object_mut()
    {
        let status = if happening.key == "late" && random.chance(0.3) { "delayed" } else { "delivered" };
        fields.insert("order_status".to_owned(), json!(status));
    }
    let score = json!({"type": "number", "number": answer.score, "field": {"id": "s1", "type": kind, "ref": "score"}});
    let mut answers = vec![score];
    if !answer.comment.is_empty() {
        let field = json!({"id": "c1", "type": "long_text", "ref": "comment"});
        answers.push(json!({"type": "text", "text": answer.comment, "field": field}));
    }
    json!({
        "event_id": format!("ev{}", answer.record), "event_type": "form_response",
        "form_response": {
            "form_id": if nps { "kwNps1" } else { "kwCsat" }, "token": answer.record,
            "landed_at": seconds(plus(at, -random.between(20, 400))), "submitted_at": seconds(at), "hidden": hidden,
            "definition": {"id": if nps { "kwNps1" } else { "kwCsat" }, "title": "How did we do?", "fields": [
                {"id": "s1", "ref": "score", "type": kind, "title": title,
                    "properties": {"steps": if nps { 11 } else { 5 }}},
                {"id": "c1", "ref": "comment", "type": "long_text", "title": "Tell us why"},
            ]},
            "answers": answers,
        },
    })
}

/// The app's own survey: the score at once, the comment as a second part of the same record.
fn send_parts(answer: &Answer<'_>, person: &Person, at: Timestamp, post: &mut Post, random: &mut Random) {
    let nps = answer.survey == "relationship_nps";
    let metric = if nps { "nps" } else { "csat" };
    let scale = if nps { json!({"min": 0.0, "max": 10.0, "high_is_good": true}) } else { five() };
    let who = match &person.number {
        Some(number) => json!({"customer": number}),
        None => json!({"email": person.email, "name": person.first}),
    };
    let part = |name: &str, when: Timestamp| {
        json!({
            "record": answer.record, "system": "kettlewren_app", "part": name, "delivery": "partial",
            "revision": when.millis(), "kind": "survey", "channel": "in_app", "occurred_at": when, "respondent": who,
            "context": {"survey_type": answer.survey},
        })
    };
    let mut first = part("score", at);
    set(&mut first, "answers", json!([{"metric": metric, "scale": scale, "value": answer.score as f64}]));
    post.send("submission", "survey", plus(at, random.between(1, 6)), &first);
    if !answer.comment.is_empty() {
        let later = plus(at, random.between(20, 900));
        let mut second = part("comment", later);
        set(
            &mut second,
            "statements",
            json!([{"question": "What is the reason for your score?", "text": answer.comment}]),
        );
        post.counts.second_parts += 1;
        post.send("submission", "survey", plus(later, random.between(1, 6)), &second);
    }
}

fn five() -> Value {
    json!({"min": 1.0, "max": 5.0, "high_is_good": true})
}

/// Makes a token that looks like the tool's own.
fn token(number: u64) -> String {
    format!("{:016x}{:06x}", (number + 11).wrapping_mul(0x9e37_79b9_7f4a_7c15), number)
}
