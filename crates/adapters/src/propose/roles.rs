//! What each column of a proposed table is: id, time, text, score, person, or something to cut figures by.

use groundswell_model::submission::TextFormat;
use groundswell_model::{Kind, Metric};

use super::profile::Profile;
use super::words::{self, has};
use super::{Effect, Proposal, Question};
use crate::mapping::{
    AnswerColumn, Column, DateColumn, Field, HandlingMapping, IdentityAs, IdentityColumn, PersonalAs,
    PersonalColumn, StatementColumn, TableMapping,
};

/// Mean length of a free text, in characters, where its name does not say that it is one.
const TEXT_LENGTH: f64 = 40.0;
/// Longest mean length of an id or a name.
const SHORT: f64 = 40.0;

/// Assigns every column, and asks what is left open.
pub(super) fn assign(
    proposal: &mut Proposal,
    table: TableMapping,
    profiles: &[Profile],
    rows: usize,
    file_name: &str,
) {
    let mut roles =
        Roles { table, questions: Vec::new(), notes: Vec::new(), free: profiles.iter().collect(), rows };
    roles.empty();
    roles.people();
    roles.dates();
    roles.record();
    roles.scores();
    roles.texts();
    roles.categories();
    let kind = roles.kind(file_name);
    roles.moment(kind);
    for left in &roles.free {
        roles.notes.push(format!("Column {:?} is not used.", left.name));
    }
    if roles.table.statements.is_empty() && roles.table.answers.is_empty() {
        roles.notes.push(
            "No column looks like a text or a score: add a [[table.statement]] or [[table.answer]]."
                .to_owned(),
        );
    }
    if roles.table.record.is_empty() {
        roles.notes.push(
            "No column identifies a row, so the row itself does: a changed row is a new feedback.".to_owned(),
        );
    }
    proposal.pipeline.kind = kind;
    proposal.pipeline.channel = default_channel(kind).to_owned();
    proposal.pipeline.description =
        format!("Rows of {}, as proposed from its columns.", words::pipeline_name(file_name));
    proposal.pipeline.table = Some(roles.table);
    proposal.questions.extend(roles.questions);
    proposal.notes.extend(roles.notes);
}

fn default_channel(kind: Kind) -> &'static str {
    match kind {
        Kind::Complaint => "web",
        Kind::Survey => "survey",
        Kind::Employee => "in_app",
        Kind::Public => "app_review",
    }
}

struct Roles<'a> {
    table: TableMapping,
    questions: Vec<Question>,
    notes: Vec<String>,
    free: Vec<&'a Profile>,
    rows: usize,
}

impl<'a> Roles<'a> {
    /// Takes the first free column that fits.
    fn take(&mut self, fits: impl Fn(&Profile) -> bool) -> Option<&'a Profile> {
        let at = self.free.iter().position(|profile| fits(profile))?;
        Some(self.free.remove(at))
    }

    fn empty(&mut self) {
        while let Some(profile) = self.take(|profile| profile.filled == 0) {
            self.notes.push(format!("Column {:?} is empty.", profile.name));
        }
    }

    fn people(&mut self) {
        while let Some(profile) = self.take(|profile| profile.mail > 0.8) {
            self.identity(profile, IdentityAs::Email);
        }
        while let Some(profile) =
            self.take(|profile| has(&profile.name, words::PHONE) && profile.length >= 5.0)
        {
            self.identity(profile, IdentityAs::Phone);
        }
        let numbered =
            |profile: &Profile| profile.wordy < 0.2 && profile.length <= SHORT && profile.dates.is_empty();
        let id = |profile: &Profile, names: &[&str]| {
            let bare = crate::guess::words(&profile.name).count() == 1;
            has(&profile.name, names) && (bare || words::is_id(&profile.name)) && numbered(profile)
        };
        if let Some(profile) = self.take(|profile| id(profile, words::CUSTOMER)) {
            self.identity(profile, IdentityAs::Customer);
        }
        if let Some(profile) = self.take(|profile| id(profile, words::USER) || spaced(profile)) {
            self.identity(profile, IdentityAs::User);
        }
        let named = |profile: &Profile| {
            has(&profile.name, words::PERSON)
                && profile.range.is_none()
                && profile.length <= SHORT
                && !profile.is_category()
        };
        while let Some(profile) = self.take(named) {
            self.table.personal.push(PersonalColumn { column: column(profile), personal: PersonalAs::Name });
        }
    }

    fn identity(&mut self, profile: &Profile, identity: IdentityAs) {
        self.table.respondent.push(IdentityColumn { column: column(profile), identity });
    }

    fn dates(&mut self) {
        let mut said = Vec::new();
        while let Some(profile) = self.take(|profile| !profile.dates.is_empty()) {
            if profile.is_ambiguous() {
                self.questions.push(day_order(profile));
            }
            let date = DateColumn {
                column: column(profile),
                formats: profile.dates.first().cloned().into_iter().collect(),
            };
            if has(&profile.name, words::PURCHASED) && !self.table.clock.contains_key("purchased_at") {
                self.table.clock.insert("purchased_at".to_owned(), date);
            } else if has(&profile.name, words::CHANGED) && self.table.revision.is_none() {
                self.table.revision = Some(date);
            } else {
                said.push((!has(&profile.name, words::SAID_AT), date));
            }
        }
        said.sort_by_key(|(other, _)| *other);
        let said: Vec<DateColumn> = said.into_iter().map(|(_, date)| date).collect();
        let fallback =
            || self.table.clock.get("purchased_at").cloned().or_else(|| self.table.revision.clone());
        self.table.occurred_at = said.first().cloned().or_else(fallback);
        if said.len() > 1 {
            let options = said
                .into_iter()
                .map(|date| (date.column.name().to_owned(), Effect::OccurredAt(date)))
                .collect();
            let text = "Which column says when it was said?".to_owned();
            self.questions.push(Question { key: "occurred_at".to_owned(), text, options, default: 0 });
        }
    }

    fn record(&mut self) {
        let rows = self.rows;
        let unique = |profile: &Profile| {
            profile.unique
                && profile.filled == rows
                && rows > 1
                && profile.length <= SHORT
                && profile.range.is_none_or(|_| profile.whole)
        };
        let found = self.take(|profile| unique(profile) && words::is_id(&profile.name));
        if let Some(profile) = found {
            self.table.record.push(column(profile));
        }
    }

    fn scores(&mut self) {
        while let Some(profile) = self.take(|profile| answer(profile).is_some()) {
            let Some((answer, known)) = answer(profile) else { return };
            if !known {
                let (low, high) = (answer.min.unwrap_or_default(), answer.max.unwrap_or_default());
                let options = [(high, true), (low, false)].map(|(best, high_is_good)| {
                    (
                        format!("{best} is best"),
                        Effect::Direction { column: profile.name.clone(), high_is_good },
                    )
                });
                self.questions.push(Question {
                    key: format!("direction:{}", profile.name),
                    text: format!("Which end of the scale of {:?} is the best?", profile.name),
                    options: options.to_vec(),
                    default: 0,
                });
            }
            self.table.answers.push(answer);
        }
    }

    fn texts(&mut self) {
        let question = self.take(|profile| has(&profile.name, words::QUESTION) && profile.is_category());
        let language = self.take(|profile| has(&profile.name, words::LANGUAGE) && profile.length <= 6.0);
        let is_text = |profile: &Profile| {
            let named = has(&profile.name, words::TEXT);
            profile.range.is_none()
                && ((named && profile.wordy > 0.5)
                    || (profile.length >= TEXT_LENGTH && profile.wordy > 0.7 && !profile.is_category()))
        };
        let mut texts = Vec::new();
        while let Some(profile) = self.take(is_text) {
            texts.push(profile);
        }
        if texts.is_empty() {
            texts.extend(self.longest());
        }
        for profile in texts {
            self.table.statements.push(StatementColumn {
                column: column(profile),
                question: question.is_none().then(|| profile.name.clone()).filter(|name| name.contains(' ')),
                question_column: question.map(column),
                format: (profile.html > 0.3).then_some(TextFormat::Html),
                language_column: language.map(column),
                ..StatementColumn::default()
            });
        }
    }

    /// Takes the column with the longest cells of several words, where neither name nor length tells the texts.
    fn longest(&mut self) -> Option<&'a Profile> {
        let wordy =
            |profile: &&&Profile| profile.range.is_none() && profile.wordy > 0.7 && !profile.is_category();
        let longest =
            self.free.iter().filter(wordy).max_by(|a, b| a.length.total_cmp(&b.length))?.name.clone();
        self.take(|profile| profile.name == longest)
    }

    fn categories(&mut self) {
        let category = |names: &'static [&'static str]| {
            move |profile: &Profile| has(&profile.name, names) && profile.is_category()
        };
        for (field, names) in words::CONTEXT {
            let whole = |profile: &Profile| {
                let name = profile.name.to_lowercase().replace([' ', '-'], "_");
                names.contains(&name.as_str()) || (field != "order_status" && category(names)(profile))
            };
            if let Some(profile) = self.take(whole) {
                self.table.context.insert(field.to_owned(), Field::of(&profile.name));
            }
        }
        for (field, names) in words::SUBJECT {
            let is_field = |profile: &Profile| {
                category(names)(profile) || (field == "version" && has(&profile.name, names))
            };
            if let Some(profile) = self.take(is_field) {
                self.table.subject.insert(field.to_owned(), Field::of(&profile.name));
            }
        }
        if let Some(profile) = self.take(category(words::STATUS)) {
            self.table.handling = Some(HandlingMapping {
                status: Some(Field::of(&profile.name)),
                ..HandlingMapping::default()
            });
        }
        if let Some(profile) = self.take(category(words::CHANNEL)) {
            self.table.channel = Some(Field::of(&profile.name));
        }
        if let Some(profile) = self.take(category(words::ACCOUNT)) {
            self.table.account = Some(column(profile));
        }
        while let Some(profile) = self.take(category(words::SEGMENT)) {
            self.table.segments.insert(words::pipeline_name(&profile.name), Field::of(&profile.name));
        }
    }

    fn kind(&mut self, file_name: &str) -> Kind {
        let metric =
            |wanted: &[Metric]| self.table.answers.iter().any(|answer| wanted.contains(&answer.metric));
        let words = words::pipeline_name(file_name).replace('_', " ");
        let kind = if has(&words, &["employee", "employees", "mitarbeiter", "pulse", "staff"]) {
            Kind::Employee
        } else if has(&words, &["review", "reviews", "forum", "posts"]) || metric(&[Metric::Stars]) {
            Kind::Public
        } else if !self.table.answers.is_empty() || has(&words, &["survey", "umfrage", "nps", "csat"]) {
            Kind::Survey
        } else {
            Kind::Complaint
        };
        let label = |kind: Kind| match kind {
            Kind::Complaint => "customers who complain or ask for help",
            Kind::Survey => "answers to a survey",
            Kind::Employee => "people who work for the company",
            Kind::Public => "reviews, forums, social media",
        };
        let options = Kind::ALL.iter().map(|kind| (label(*kind).to_owned(), Effect::Kind(*kind))).collect();
        let default = Kind::ALL.iter().position(|other| *other == kind).unwrap_or_default();
        self.questions.insert(
            0,
            Question { key: "kind".to_owned(), text: "Who speaks here?".to_owned(), options, default },
        );
        kind
    }

    fn moment(&mut self, kind: Kind) {
        if kind != Kind::Survey || self.table.context.contains_key("survey_type") {
            return;
        }
        let moments = [
            ("no single moment, or I do not know", None),
            ("just after the purchase", Some("post_purchase")),
            ("just after the delivery", Some("post_delivery")),
            ("the first weeks of use", Some("onboarding")),
            ("just after a contact with support", Some("post_contact")),
            ("the relationship as a whole", Some("relationship")),
            ("leaving", Some("churn")),
        ];
        let options = moments.map(|(label, moment)| (label.to_owned(), Effect::SurveyType(moment))).to_vec();
        let text = "Which moment is this about?".to_owned();
        self.questions.insert(0, Question { key: "moment".to_owned(), text, options, default: 0 });
    }
}

fn column(profile: &Profile) -> Column {
    profile.name.as_str().into()
}

/// A pseudonym in a column called author.
fn spaced(profile: &Profile) -> bool {
    has(&profile.name, words::USER)
        && profile.wordy < 0.05
        && !profile.is_category()
        && profile.length <= SHORT
}

fn day_order(profile: &Profile) -> Question {
    let label =
        |format: &str| if format.find("%d") < format.find("%m") { "day first" } else { "month first" };
    let options = profile.dates.iter().map(|format| {
        let text = format.to_string();
        (
            format!("{} ({text})", label(&text)),
            Effect::DateFormats { column: profile.name.clone(), formats: vec![format.clone()] },
        )
    });
    Question {
        key: format!("date:{}", profile.name),
        text: format!("In which order are day and month in {:?}?", profile.name),
        options: options.collect(),
        default: 0,
    }
}

/// Finds the score of a column, and whether its direction is known.
fn answer(profile: &Profile) -> Option<(AnswerColumn, bool)> {
    let (metric, guessed) = crate::guess::metric(&profile.name).unwrap_or((Metric::Other, None));
    let mut answer = AnswerColumn {
        column: column(profile),
        metric,
        question: profile.name.contains(' ').then(|| profile.name.clone()),
        question_column: None,
        min: None,
        max: None,
        high_is_good: None,
        values: std::collections::BTreeMap::new(),
        none: Vec::new(),
    };
    if let Some((scale, none)) = words::scale_in_words(profile.values.keys()) {
        answer.metric = if metric == Metric::Other { Metric::Csat } else { metric };
        (answer.min, answer.max) = (Some(1.0), Some(scale.len() as f64));
        answer.high_is_good = Some(true);
        answer.values =
            scale.iter().enumerate().map(|(at, word)| ((*word).to_owned(), (at + 1) as f64)).collect();
        answer.none = none;
        return Some((answer, true));
    }
    let (low, high) = profile.range?;
    if metric == Metric::Other
        || low < 0.0
        || high > 100.0
        || words::is_id(&profile.name)
        || profile.unique && profile.filled > 20
    {
        return None;
    }
    let (min, max) = bounds(metric, low, high);
    if metric == Metric::Nps && max > 10.0 {
        return None;
    }
    let direction = words::direction(&profile.name).or(guessed);
    (answer.min, answer.max) = (Some(min), Some(max));
    answer.high_is_good = Some(direction.unwrap_or(true));
    Some((answer, direction.is_some()))
}

/// Finds the scale that values were most likely given on.
fn bounds(metric: Metric, low: f64, high: f64) -> (f64, f64) {
    match metric {
        Metric::Nps => (0.0, high.max(10.0)),
        Metric::Resolved if high <= 1.0 => (0.0, 1.0),
        _ => {
            let max = [5.0, 7.0, 10.0, 100.0].into_iter().find(|max| high <= *max).unwrap_or(high);
            (if low < 1.0 || max > 10.0 { 0.0 } else { 1.0 }, max)
        }
    }
}
