//! Writes texts: picks frames for a topic in a register and puts them together the way people write.

use super::people::{Habits, Person};
use super::phrases::{Phrasebook, Scene};
use super::plan::Family;
use super::random::Random;
use super::style;

/// Values that a scene sets itself.
#[cfg(test)]
pub(super) const SCENE_VALUES: [&str; 7] = ["machine", "first", "last", "email", "phone", "order", "plan"];

/// Where a text is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Register {
    /// A mail, chat or form to the help desk.
    Ticket,
    /// The comment of a survey.
    Survey,
    /// A public review.
    Review,
    /// Staff.
    Staff,
}

impl Register {
    fn name(self) -> &'static str {
        match self {
            Self::Ticket => "ticket",
            Self::Survey => "survey",
            Self::Review => "review",
            Self::Staff => "staff",
        }
    }
}

/// A written text.
#[derive(Clone, Debug, Default)]
pub(super) struct Letter {
    /// Subject line of a ticket.
    pub(super) subject: String,
    /// The text.
    pub(super) text: String,
    /// Its language.
    pub(super) language: &'static str,
}

/// Reads the phrasebook of the shipped texts.
pub(super) fn phrasebook() -> Phrasebook {
    Phrasebook::read(&[
        include_str!("texts/common.txt"),
        include_str!("texts/late.txt"),
        include_str!("texts/discount.txt"),
        include_str!("texts/twice.txt"),
        include_str!("texts/callback.txt"),
        include_str!("texts/exceeded.txt"),
        include_str!("texts/background.txt"),
        include_str!("texts/background_late.txt"),
        include_str!("texts/staff.txt"),
        include_str!("texts/praise.txt"),
        include_str!("texts/questions.txt"),
        include_str!("texts/special.txt"),
        include_str!("texts/foreign.txt"),
    ])
}

/// Writes texts from a phrasebook.
#[derive(Debug)]
pub(super) struct Writer<'a> {
    book: &'a Phrasebook,
}

/// What a text is about and who writes it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Task<'a> {
    /// Prefix of the topic's rules.
    pub(super) key: &'a str,
    /// What sort of topic.
    pub(super) family: Family,
    /// Stage of the topic.
    pub(super) stage: &'a str,
    /// Where it is written.
    pub(super) register: Register,
    /// The writer's language.
    pub(super) language: &'static str,
    /// The writer's habits.
    pub(super) habits: Habits,
}

impl<'a> Writer<'a> {
    /// Makes a writer.
    pub(super) fn new(book: &'a Phrasebook) -> Self {
        Self { book }
    }

    /// Sets the scene of a person: names, machine, order number.
    pub(super) fn scene(person: &Person, random: &mut Random) -> Scene {
        let mut scene = Scene::default();
        scene.set("machine", person.machine);
        scene.set("first", person.first);
        scene.set("last", person.last);
        scene.set("email", person.email.clone());
        scene.set("phone", person.phone.clone());
        scene.set("order", format!("K{}", random.between(4_100_000, 4_999_999)));
        scene.set("plan", person.plan);
        scene
    }

    /// Writes one text.
    pub(super) fn write(&self, task: Task<'_>, scene: &mut Scene, random: &mut Random) -> Letter {
        if task.language != "en" && task.register != Register::Staff && random.chance(0.75) {
            return self.foreign(task, scene, random);
        }
        let core = self.core(task, scene, random);
        // Those whom an issue has hit tell more of it than others.
        let more = if matches!(task.family, Family::Planted(_) | Family::Loud) { 0.3 } else { 0.0 };
        let body = match task.register {
            Register::Ticket => self.mail(task, &core, scene, random),
            Register::Survey => self.around(task, &core, (0.06, 0.25 + more, 0.18), scene, random),
            Register::Review => self.around(task, &core, (0.35, 0.42 + more, 0.45), scene, random),
            Register::Staff => self.around(task, &core, (0.35, 0.15 + 1.8 * more, 0.30), scene, random),
        };
        let subject =
            if task.register == Register::Ticket { self.subject(task, scene, random) } else { String::new() };
        Letter { subject, text: style::apply(&body, task.habits, random), language: "en" }
    }

    fn core(&self, task: Task<'_>, scene: &mut Scene, random: &mut Random) -> String {
        let own = format!("{}.{}", task.key, task.register.name());
        let rule = if self.book.has(&own) { own.as_str() } else { task.key };
        let said = self.book.draw(rule, scene, random);
        if task.family != Family::Praise || random.chance(0.5) {
            return said;
        }
        let more = self.book.draw(rule, scene, random);
        if more == said { said } else { joined(&[said, more], " ") }
    }

    /// Puts an opening, what follows from it and a verdict around the core, with the given shares.
    fn around(
        &self,
        task: Task<'_>,
        core: &str,
        (opening, after, verdict): (f64, f64, f64),
        scene: &mut Scene,
        random: &mut Random,
    ) -> String {
        let register = task.register.name();
        let mood = mood(task.family);
        let mut sentences = Vec::new();
        if random.chance(opening) {
            sentences.push(self.book.draw(&format!("open.{register}.{mood}"), scene, random));
        }
        sentences.push(core.to_owned());
        if random.chance(after) {
            sentences.push(self.book.draw(&self.after(task), scene, random));
        }
        if random.chance(0.22) {
            sentences.push(self.book.draw(&format!("detail.{register}.{mood}"), scene, random));
        }
        if random.chance(verdict) {
            sentences.push(self.book.draw(&format!("verdict.{register}.{mood}"), scene, random));
        }
        joined(&sentences, " ")
    }

    /// Names the rule of what follows from it: the topic's own, else one that fits any.
    fn after(&self, task: Task<'_>) -> String {
        let staff = format!("{}.after.staff", task.key);
        let own = format!("{}.after", task.key);
        if task.register == Register::Staff && self.book.has(&staff) {
            staff
        } else if self.book.has(&own) {
            own
        } else {
            format!("after.{}", mood(task.family))
        }
    }

    fn mail(&self, task: Task<'_>, core: &str, scene: &mut Scene, random: &mut Random) -> String {
        let mood = mood(task.family);
        if random.chance(0.22) {
            return self.around(task, core, (0.0, 0.5, 0.0), scene, random);
        }
        let after_rule = self.after(task);
        let draw_long = random.chance(0.12);
        let mut draw = |share: f64, rule: &str| {
            if random.chance(share) { self.book.draw(rule, scene, random) } else { String::new() }
        };
        let hello = draw(0.75, "hello");
        let opening = draw(0.45, &format!("open.ticket.{mood}"));
        let after = draw(if matches!(task.family, Family::Planted(_)) { 0.7 } else { 0.45 }, &after_rule);
        let detail = draw(0.25, &format!("detail.ticket.{mood}"));
        let tone = draw(0.28, &format!("tone.{mood}"));
        let long = if draw_long { 1.0 } else { 0.0 };
        let further: Vec<String> = [
            after_rule.as_str(),
            &format!("detail.ticket.{mood}"),
            "aside",
            &format!("tone.{mood}"),
            "aside",
        ]
        .into_iter()
        .map(|rule| draw(long, rule))
        .collect();
        let wish = draw(0.40, &format!("wish.{mood}"));
        let reach = draw(0.12, "reach");
        let bye = draw(0.65, "bye");
        let quoted = draw(0.10, "quoted");
        let body = joined(&[opening, core.to_owned(), after, detail, tone], " ");
        let close = joined(&[wish, reach], " ");
        joined(&[hello, body, joined(&further, " "), close, bye, quoted], "\n\n")
    }

    fn subject(&self, task: Task<'_>, scene: &mut Scene, random: &mut Random) -> String {
        let own = format!("{}.subject", task.key);
        let stage = format!("subject.{}", task.stage);
        let mood = format!("subject.{}", mood(task.family));
        let known = [own, stage].into_iter().find(|rule| self.book.has(rule));
        let rule = match (random.weighted(&[0.5, 0.25, 0.25]), known) {
            (0, Some(known)) => known,
            (1, _) => mood,
            _ => "subject".to_owned(),
        };
        self.book.draw(&rule, scene, random)
    }

    fn foreign(&self, task: Task<'_>, scene: &mut Scene, random: &mut Random) -> Letter {
        let language = task.language;
        let own = format!("{}.{language}", task.key);
        let general = format!("{}.{language}", mood(task.family));
        let core = self.book.draw(if self.book.has(&own) { &own } else { &general }, scene, random);
        let mut parts = vec![core];
        if task.register == Register::Ticket {
            parts.insert(0, self.book.draw(&format!("hello.{language}"), scene, random));
            parts.push(self.book.draw(&format!("bye.{language}"), scene, random));
        } else if random.chance(0.5) {
            parts.insert(0, self.book.draw(&format!("open.{language}"), scene, random));
        }
        if task.register != Register::Ticket && random.chance(0.4) {
            parts.push(self.book.draw(&format!("verdict.{}.{language}", mood(task.family)), scene, random));
        }
        let between = if task.register == Register::Ticket { "\n\n" } else { " " };
        let subject = self.book.draw(&format!("subject.{language}"), scene, random);
        Letter { subject, text: joined(&parts, between), language }
    }
}

/// The mood of a topic: part of the names of the rules that stand around it.
fn mood(family: Family) -> &'static str {
    match family {
        Family::Planted(place)
            if super::issues::ISSUES.get(place).is_some_and(super::issues::Issue::exceeds) =>
        {
            "good"
        }
        Family::Planted(_) | Family::Background | Family::Loud | Family::Campaign => "bad",
        Family::Praise => "good",
        Family::Question | Family::Silent => "calm",
    }
}

fn joined(parts: &[String], between: &str) -> String {
    let said: Vec<&str> = parts.iter().map(|part| part.trim()).filter(|part| !part.is_empty()).collect();
    said.join(between)
}
