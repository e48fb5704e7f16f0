//! The demo's made-up company: ninety days of feedback of Kettlewren, who sell coffee machines and coffee by
//! subscription, with known issues inside. [`generate`] writes what its help desk, survey tools, staff tools, review
//! sites and customer system would send, and the truth that a test compares the report with.

mod crm;
mod issues;
mod people;
mod phrases;
mod plan;
mod post;
mod random;
mod style;
mod surveys;
#[cfg(test)]
mod tests;
mod tickets;
mod truth;
mod voices;
mod writer;

use std::collections::BTreeSet;

use groundswell_model::Day;

pub use post::DemoRecord;
pub use truth::{Campaign, Counts, Fix, Planted, Promotion, Truth};

use issues::{CAMPAIGN, FIX, ISSUES, LOUD, PROMOTION, PROMOTION_FACTOR};
use people::{Person, Staff};
use phrases::Phrasebook;
use plan::{Family, Frame, Happening};
use post::Post;
use random::Random;
use truth::Tally;
use writer::{Letter, Register, Task, Writer};

/// Name of the made-up company.
const COMPANY: &str = "Kettlewren";
/// Customers, guests included, at scale 1.
const CUSTOMERS: f64 = 6_000.0;
/// Staff at scale 1.
const STAFF: f64 = 240.0;
/// Share of records that are sent twice.
const REPEATS: f64 = 0.006;
/// How often a text is written anew when somebody has written the same before.
const TRIES: usize = 12;
/// Broken records at scale 1.
const BROKEN: f64 = 14.0;

/// What to generate.
#[derive(Clone, Copy, Debug)]
pub struct DemoSettings {
    /// Seed: the same settings give the same bytes.
    pub seed: u64,
    /// First day.
    pub start: Day,
    /// Number of days; the hidden issues are laid out for 90.
    pub days: u32,
    /// Multiple of the usual volume; 1.0 is about 20,000 records of feedback and 6,000 of customers.
    pub scale: f64,
}

/// The company's records and the truth about them.
#[derive(Clone, Debug)]
pub struct Demo {
    /// Name of the made-up company.
    pub company: String,
    /// Raw records in the order in which they come in.
    pub records: Vec<DemoRecord>,
    /// What was hidden in them.
    pub truth: Truth,
}

/// Generates the demo.
pub fn generate(settings: &DemoSettings) -> Demo {
    let scale = settings.scale.clamp(0.01, 20.0);
    let frame = Frame { start: settings.start, days: settings.days, scale };
    let book = writer::phrasebook();
    let count = |of: f64| (of * scale).round().max(8.0) as usize;
    let days = i32::try_from(settings.days).unwrap_or(i32::MAX);
    let mut people =
        people::customers(count(CUSTOMERS), days, &mut Random::stream(settings.seed, "customers"));
    let staff = people::staff(count(STAFF), &mut Random::stream(settings.seed, "staff"));
    let said = plan::calendar(frame, &people, &book, &mut Random::stream(settings.seed, "calendar"));
    renew(&said, &mut people);
    let mut post = Post::new();
    let mut teller = Teller {
        frame,
        people: &people,
        staff: &staff,
        writer: Writer::new(&book),
        book: &book,
        seen: BTreeSet::new(),
    };
    let mut random = Random::stream(settings.seed, "texts");
    for happening in &said {
        teller.tell(happening, &mut post, &mut random);
    }
    crm::send(&people, settings.start, settings.days, &mut post, &mut Random::stream(settings.seed, "crm"));
    spoil(frame, &mut post, &mut Random::stream(settings.seed, "broken"));
    post.repeat(REPEATS, &mut Random::stream(settings.seed, "repeats"));
    let (records, post) = post.close();
    Demo { company: COMPANY.to_owned(), records, truth: truth(frame, post) }
}

/// Lets the terms of those who are charged twice end soon after: the fee is taken shortly before.
fn renew(said: &[Happening], people: &mut [Person]) {
    for happening in said.iter().filter(|happening| happening.key == "twice") {
        if let Some(person) = people.get_mut(happening.person) {
            person.term_ends = happening.day + 3 + i32::try_from(happening.second % 15).unwrap_or(7);
        }
    }
}

struct Teller<'a> {
    frame: Frame,
    people: &'a [Person],
    staff: &'a [Staff],
    writer: Writer<'a>,
    book: &'a Phrasebook,
    seen: BTreeSet<String>,
}

impl Teller<'_> {
    fn tell(&mut self, happening: &Happening, post: &mut Post, random: &mut Random) {
        let at = crm::moment(self.frame.start, happening.day, happening.second);
        let at = groundswell_model::Timestamp::from_millis(at.millis() + random.between(0, 999));
        if happening.kind == 2 {
            return self.tell_staff(happening, at, post, random);
        }
        let Some(person) = self.people.get(happening.person % self.people.len().max(1)) else { return };
        let register = [Register::Ticket, Register::Survey, Register::Staff, Register::Review];
        let register = register.get(happening.kind).copied().unwrap_or(Register::Review);
        let letter = self.letter(happening, person, register, random);
        let said = (person, &letter);
        match register {
            Register::Ticket => tickets::send(happening, said, at, post, random),
            Register::Survey => surveys::send(happening, said, at, post, random),
            Register::Review | Register::Staff => voices::send_review(happening, said, at, post, random),
        }
    }

    /// Writes a text that nobody has written yet: real people do not send the same words, copied posts apart.
    fn letter(
        &mut self,
        happening: &Happening,
        person: &Person,
        register: Register,
        random: &mut Random,
    ) -> Letter {
        let mut letter = self.draft(happening, person, register, random);
        for _ in 0..TRIES {
            let copied = matches!(happening.family, Family::Silent | Family::Campaign);
            if copied || self.seen.insert(letter.text.clone()) {
                break;
            }
            letter = self.draft(happening, person, register, random);
        }
        letter
    }

    fn draft(
        &self,
        happening: &Happening,
        person: &Person,
        register: Register,
        random: &mut Random,
    ) -> Letter {
        let mut scene = Writer::scene(person, random);
        match happening.family {
            Family::Silent => Letter { language: "en", ..Letter::default() },
            Family::Campaign => Letter {
                text: self.book.draw("campaign", &mut scene, random),
                language: "en",
                ..Letter::default()
            },
            family => {
                let (key, stage) = (happening.key.as_str(), happening.stage.as_str());
                let (language, habits) = (person.language, person.habits);
                self.writer.write(Task { key, family, stage, register, language, habits }, &mut scene, random)
            }
        }
    }

    fn tell_staff(
        &mut self,
        happening: &Happening,
        at: groundswell_model::Timestamp,
        post: &mut Post,
        random: &mut Random,
    ) {
        let team = voices::team_of(happening, random);
        let of_team: Vec<&Staff> = self.staff.iter().filter(|staff| staff.team == team).collect();
        let Some(staff) = random.pick(&of_team).copied().or(self.staff.first()) else { return };
        let Some(person) = self.people.get(happening.person) else { return };
        let mut scene = Writer::scene(person, random);
        let task = Task {
            key: &happening.key,
            family: happening.family,
            stage: &happening.stage,
            register: Register::Staff,
            language: "en",
            habits: staff.habits,
        };
        let mut letter = self.writer.write(task, &mut scene, random);
        for _ in 0..TRIES {
            if self.seen.insert(letter.text.clone()) {
                break;
            }
            letter = self.writer.write(task, &mut scene.clone(), random);
        }
        voices::send_staff(happening, (staff, &letter), at, post, random);
    }
}

/// Sends some records that nobody can read: cut off, or not JSON at all.
fn spoil(frame: Frame, post: &mut Post, random: &mut Random) {
    for number in 0..(BROKEN * frame.scale).round().max(3.0) as usize {
        let day = random.between(1, i64::from(frame.days.max(2)) - 1);
        let at = crm::moment(frame.start, i32::try_from(day).unwrap_or(1), random.between(30_000, 80_000));
        let (pipeline, kind, bytes) = match number % 3 {
            0 => (
                "zendesk",
                "complaint",
                format!("{{\"id\": {}, \"subject\": \"Re: order\", \"descr", 499_000 + number),
            ),
            1 => (
                "typeform",
                "survey",
                format!("{{\"event_id\": \"evcut{number}\", \"form_response\": {{\"token\""),
            ),
            _ => ("submission", "public", format!("<html><h1>502 Bad Gateway</h1><!-- {number} --></html>")),
        };
        post.counts.broken += 1;
        post.send_bytes(pipeline, kind, at, bytes.into_bytes());
    }
}

fn truth(frame: Frame, post: Post) -> Truth {
    let date = |day: u32| frame.start.plus(i32::try_from(day).unwrap_or(1) - 1).to_string();
    let planted = |issue: &issues::Issue, tally: &Tally| Planted {
        name: issue.name.to_owned(),
        stage: issue.stage.to_owned(),
        gap: issue.gap.to_owned(),
        pattern: issue.pattern.to_owned(),
        from_day: issue.days.0,
        until_day: issue.days.1.min(frame.days),
        from: date(issue.days.0),
        until: date(issue.days.1.min(frame.days)),
        note: issue.note.to_owned(),
        ..of_tally(tally)
    };
    let (exceeded, gaps): (Vec<_>, Vec<_>) =
        ISSUES.iter().zip(&post.issues).partition(|(issue, _)| issue.exceeds());
    Truth {
        company: COMPANY.to_owned(),
        start: frame.start.to_string(),
        days: frame.days,
        counts: post.counts.clone(),
        planted: gaps.into_iter().map(|(issue, tally)| planted(issue, tally)).collect(),
        exceeded: exceeded.into_iter().map(|(issue, tally)| planted(issue, tally)).collect(),
        promotion: Promotion {
            from_day: PROMOTION.0,
            until_day: PROMOTION.1,
            from: date(PROMOTION.0),
            until: date(PROMOTION.1),
            factor: PROMOTION_FACTOR,
        },
        loud_customer: Planted {
            name: "loud customer".to_owned(),
            stage: LOUD.2.to_owned(),
            gap: LOUD.3.to_owned(),
            pattern: "none".to_owned(),
            from_day: LOUD.0,
            until_day: LOUD.1,
            from: date(LOUD.0),
            until: date(LOUD.1),
            note: "one customer writes again and again about the price of the coffee".to_owned(),
            ..of_tally(&post.loud)
        },
        campaign: Campaign {
            day: CAMPAIGN.0,
            date: date(CAMPAIGN.0),
            accounts: post.campaign.people(),
            stage: CAMPAIGN.1.to_owned(),
            gap: CAMPAIGN.2.to_owned(),
            feedback: post.campaign.feedback(),
            records: post.campaign.records(),
        },
        fix: Fix { name: FIX.0.to_owned(), day: FIX.1, date: date(FIX.1), note: FIX.2.to_owned() },
    }
}

fn of_tally(tally: &Tally) -> Planted {
    Planted {
        people_by_kind: tally.people_by_kind(),
        people: tally.people(),
        feedback: tally.feedback(),
        records: tally.records(),
        ..Planted::default()
    }
}
