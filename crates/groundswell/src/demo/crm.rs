//! Customer records, as the shop's customer system exports them: a row when somebody buys, and another one when the
//! machine is first used.

use groundswell_model::{Day, Timestamp, Zone};

use super::people::Person;
use super::post::Post;
use super::random::Random;

/// Columns of the export.
pub(super) const COLUMNS: [&str; 13] = [
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
    "updated_at",
];

/// Sends the records of all customers with a number.
pub(super) fn send(people: &[Person], start: Day, days: u32, post: &mut Post, random: &mut Random) {
    let days = i32::try_from(days).unwrap_or(i32::MAX);
    for person in people.iter().filter(|person| person.number.is_some() && person.purchased < days) {
        post.counts.customers += 1;
        let first_use = person.purchased + person.activated_after;
        let sent = person.purchased.max(0);
        let at = moment(start, sent, 300 + random.between(0, 20_000));
        row(person, start, (first_use <= sent, false), at, post);
        let later = person
            .ended
            .filter(|day| *day > sent)
            .or(Some(first_use).filter(|day| (sent + 1..days).contains(day)));
        if let Some(day) = later {
            let at = moment(start, day, 70_000 + random.between(0, 9_000));
            row(person, start, (first_use <= day, person.ended == Some(day)), at, post);
        }
    }
}

fn row(person: &Person, start: Day, (used, left): (bool, bool), at: Timestamp, post: &mut Post) {
    let day = |number: i32| start.plus(number).to_string();
    let when = |known: bool, number: i32| if known { day(number) } else { String::new() };
    let first_use = person.purchased + person.activated_after;
    let fields = [
        person.number.clone().unwrap_or_default(),
        person.email.clone(),
        day(person.purchased),
        when(used, first_use),
        when(used && first_use < -60, first_use + 45),
        day(person.term_ends),
        person.ended.filter(|_| left).map(day).unwrap_or_default(),
        format!("{}.{:02}", person.value / 100, person.value % 100),
        "GBP".to_owned(),
        "3".to_owned(),
        person.plan.to_owned(),
        person.region.to_owned(),
        at.to_string(),
    ];
    post.send_row("customers", "customer", at, (&COLUMNS, fields.join(",")));
}

/// Gives a moment of a day of the demo.
pub(super) fn moment(start: Day, day: i32, second: i64) -> Timestamp {
    Timestamp::from_millis(Zone::utc().start_of(start.plus(day)).millis() + second * 1000)
}
