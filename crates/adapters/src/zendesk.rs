//! The adapter `zendesk`: a ticket as the API gives it, an export page with `tickets[]`, and the ticket events of
//! webhooks (`zen:event-type:ticket.*`).
//!
//! Quirks: codes come in any case and are compared without it; ids are numbers in the API and text in events; events come
//! in any order, so `updated_at` decides; the description is the first comment. A ticket is the part `main`, each further
//! comment a part `reply-ID` of the same feedback, whether it came in an export or by an event. What an agent writes, and
//! every private comment, is context and never annotated.

use std::collections::BTreeMap;

use groundswell_model::draft::DraftStatement;
use groundswell_model::{
    Answer, Delivery, Draft, Handling, Identity, KnownValue, Metric, RawRecord, Scale, Source, Speaker,
    Timestamp,
};
use groundswell_text::{Format, PersonalKind};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::adapter::{Adaptation, Adapted, Adapter};
use crate::error::AdaptError;
use crate::json::{self, Loose, given};
use crate::pipeline::Pipeline;

pub(crate) const ADAPTER: Adapter =
    Adapter::new("zendesk", "Zendesk tickets: API objects, export pages and ticket event webhooks.", adapt);

const EVENTS: &str = "zen:event-type:";
/// Events after which a ticket is gone.
const GONE: [&str; 4] = ["deleted", "soft_deleted", "permanently_deleted", "marked_as_spam"];
/// Tags that name a category which journey maps know; one of them goes before the first tag.
const CATEGORIES: [&str; 8] = [
    "delivery",
    "shipping",
    "billing",
    "technical",
    "complaint",
    "complaint_handling",
    "cancellation",
    "returns",
];
/// Scale of a satisfaction rating: bad or good.
const SATISFACTION: Scale = Scale { min: 0.0, max: 1.0, high_is_good: true };

#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(rename = "type")]
    kind: Option<Loose>,
    time: Option<Timestamp>,
    #[serde(borrow)]
    tickets: Option<Vec<&'a RawValue>>,
    #[serde(borrow)]
    ticket: Option<&'a RawValue>,
    #[serde(borrow)]
    detail: Option<&'a RawValue>,
    event: Option<Event>,
    #[serde(default)]
    users: Option<Vec<User>>,
}

#[derive(Deserialize)]
struct Event {
    comment: Option<Comment>,
}

#[derive(Deserialize)]
struct Ticket {
    id: Loose,
    url: Option<String>,
    subject: Option<String>,
    description: Option<String>,
    #[serde(rename = "type")]
    category: Option<String>,
    priority: Option<String>,
    status: Option<String>,
    requester_id: Option<Loose>,
    submitter_id: Option<Loose>,
    organization_id: Option<Loose>,
    tags: Option<Vec<String>>,
    satisfaction_rating: Option<Rating>,
    via: Option<Via>,
    created_at: Option<Timestamp>,
    updated_at: Option<Timestamp>,
    comments: Option<Vec<Comment>>,
    requester: Option<User>,
    metric_set: Option<MetricSet>,
}

#[derive(Deserialize)]
struct Rating {
    score: Option<Loose>,
    comment: Option<String>,
}

#[derive(Deserialize)]
struct Via {
    channel: Option<Loose>,
}

#[derive(Deserialize)]
struct MetricSet {
    solved_at: Option<Timestamp>,
    reply_time_in_minutes: Option<ReplyTime>,
}

/// Minutes from the ticket to the first reply of an agent.
#[derive(Deserialize)]
struct ReplyTime {
    calendar: Option<i64>,
}

#[derive(Deserialize)]
struct Comment {
    id: Option<Loose>,
    author_id: Option<Loose>,
    author: Option<User>,
    body: Option<String>,
    plain_body: Option<String>,
    public: Option<bool>,
    is_public: Option<bool>,
    created_at: Option<Timestamp>,
}

#[derive(Clone, Default, Deserialize)]
struct User {
    id: Option<Loose>,
    name: Option<String>,
    email: Option<String>,
    phone: Option<String>,
    external_id: Option<Loose>,
    is_staff: Option<bool>,
}

fn adapt(pipeline: &Pipeline, raw: &RawRecord<'_>) -> Vec<Adaptation> {
    match json::text(raw).and_then(|text| Ok((text, json::read::<Envelope<'_>>(text)?))) {
        Err(error) => vec![Err(error)],
        Ok((text, envelope)) => items(pipeline, text, envelope),
    }
}

fn items(pipeline: &Pipeline, text: &str, envelope: Envelope<'_>) -> Vec<Adaptation> {
    let users = envelope.users.unwrap_or_default();
    let reader = Reader { pipeline, users: &users, time: envelope.time };
    let code = given(envelope.kind).unwrap_or_default().to_ascii_lowercase();
    if let Some(event) = code.strip_prefix(EVENTS) {
        return match (event.strip_prefix("ticket."), envelope.detail) {
            (None, _) => vec![Ok(Adapted::Skip("not_feedback"))],
            (Some(_), None) => vec![Err(AdaptError::missing("/detail"))],
            (Some(name), Some(detail)) => {
                vec![reader.event(name, detail.get(), envelope.event).map_err(|error| error.under("/detail"))]
            }
        };
    }
    match (envelope.tickets, envelope.ticket) {
        (Some(tickets), _) => {
            let page = tickets.iter().enumerate();
            page.flat_map(|(at, ticket)| reader.ticket(ticket.get(), &format!("/tickets/{at}"))).collect()
        }
        (None, Some(ticket)) => reader.ticket(ticket.get(), "/ticket"),
        (None, None) => reader.ticket(text, ""),
    }
}

struct Reader<'a> {
    pipeline: &'a Pipeline,
    users: &'a [User],
    time: Option<Timestamp>,
}

impl Reader<'_> {
    /// Reads a ticket: its main part and one part for each further comment.
    fn ticket(&self, text: &str, prefix: &str) -> Vec<Adaptation> {
        let read = json::read::<Ticket>(text).and_then(|mut ticket| {
            let comments = ticket.comments.take().unwrap_or_default();
            let main = self.main(&mut ticket, comments.first(), text)?;
            let replies = comments.iter().skip(1).enumerate();
            let replies =
                replies.filter(|_| !main.deleted).map(|(at, comment)| self.reply(&ticket, comment, at));
            let replies: Vec<Draft> = replies.flatten().collect();
            Ok(std::iter::once(main).chain(replies).collect::<Vec<_>>())
        });
        match read {
            Err(error) => vec![Err(error.under(prefix))],
            Ok(drafts) => drafts.into_iter().map(outcome).collect(),
        }
    }

    fn event(&self, name: &str, text: &str, event: Option<Event>) -> Adaptation {
        let mut ticket = json::read::<Ticket>(text)?;
        if let Some(comment) = event.and_then(|event| event.comment).filter(|_| name == "comment_added") {
            return Ok(self
                .reply(&ticket, &comment, 0)
                .map_or(Adapted::Skip("empty"), |draft| Adapted::Feedback(Box::new(draft))));
        }
        let mut draft = self.main(&mut ticket, None, text)?;
        if GONE.contains(&name) {
            draft.deleted = true;
        }
        outcome(draft)
    }

    fn base(&self, ticket: &Ticket) -> Result<Draft, AdaptError> {
        if ticket.id.0.is_empty() {
            return Err(AdaptError::bad_value("/id", "the ticket's id: it is empty"));
        }
        let name = &self.pipeline.source;
        let source = Source {
            system: name.system.clone(),
            instance: name.instance.clone(),
            record: Some(ticket.id.0.clone()),
            url: ticket.url.clone(),
        };
        let mut draft = Draft::new(source, self.pipeline.kind, &self.channel(ticket));
        draft.delivery = Delivery::Partial;
        draft.revision = ticket.updated_at.or(self.time).map(Timestamp::millis);
        self.respondent(ticket, &mut draft);
        Ok(draft)
    }

    fn main(&self, ticket: &mut Ticket, first: Option<&Comment>, text: &str) -> Result<Draft, AdaptError> {
        let mut draft = self.base(ticket)?;
        let status = ticket.status.take().map(|status| status.trim().to_lowercase());
        draft.deleted = status.as_deref() == Some("deleted");
        draft.occurred_at = ticket.created_at;
        draft.account = given(ticket.organization_id.take());
        draft.handling = Handling {
            status,
            first_response_at: first_reply(ticket),
            closed_at: ticket.metric_set.as_ref().and_then(|times| times.solved_at),
            confirmed_by_customer: None,
        };
        draft.context = context(ticket);
        draft.attributes = json::attributes(&self.pipeline.attributes, text).into_iter().collect();
        let by_agent =
            matches!((&ticket.submitter_id, &ticket.requester_id), (Some(by), Some(of)) if by != of);
        let speaker = if by_agent { Speaker::Agent } else { Speaker::Customer };
        let format = if draft.channel == "email" { Format::Mail } else { Format::Plain };
        let opening = ticket.description.take().or_else(|| first.and_then(Comment::text));
        self.say(&mut draft, speaker, Format::Plain, ticket.subject.take());
        self.say(&mut draft, speaker, format, opening);
        if let Some(rating) = ticket.satisfaction_rating.take() {
            self.rating(rating, &mut draft);
        }
        Ok(draft)
    }

    fn reply(&self, ticket: &Ticket, comment: &Comment, at: usize) -> Option<Draft> {
        let text = comment.text()?;
        let mut draft = self.base(ticket).ok()?;
        draft.part = match &comment.id {
            Some(id) => format!("reply-{}", id.0),
            None => format!("reply-{at}"),
        };
        draft.occurred_at = comment.created_at.or(self.time);
        let format = if draft.channel == "email" { Format::Mail } else { Format::Plain };
        self.say(&mut draft, comment.speaker(ticket), format, Some(text));
        (!draft.statements.is_empty()).then_some(draft)
    }

    fn say(&self, draft: &mut Draft, speaker: Speaker, format: Format, text: Option<String>) {
        let Some(text) = text.filter(|text| !text.trim().is_empty()) else { return };
        // Some channels make the subject of the first words.
        if draft.statements.last().is_some_and(|said| begins_with(&text, &said.text)) {
            draft.statements.clear();
        }
        let language = self.pipeline.language.clone();
        draft.statements.push(DraftStatement { question: None, speaker, text, format, language });
    }

    fn rating(&self, rating: Rating, draft: &mut Draft) {
        let score = given(rating.score).unwrap_or_default().to_ascii_lowercase();
        let value = if score.starts_with("good") {
            1.0
        } else if score.starts_with("bad") {
            0.0
        } else {
            return;
        };
        draft.answers.push(Answer { question: None, metric: Metric::Csat, scale: SATISFACTION, value });
        self.say(draft, Speaker::Customer, Format::Plain, rating.comment);
    }

    fn channel(&self, ticket: &Ticket) -> String {
        let code = ticket.via.as_ref().and_then(|via| via.channel.as_ref());
        let code = code.map(|code| code.0.to_ascii_lowercase().replace([' ', '-'], "_")).unwrap_or_default();
        match code.as_str() {
            "" => &self.pipeline.channel,
            "email" => "email",
            "web" | "web_form" | "web_widget" | "help_center" => "web",
            "mobile" | "mobile_sdk" | "native_messaging" | "sunshine_conversations_api" => "in_app",
            "chat" | "chat_transcript" | "line" | "whatsapp" | "messaging" => "chat",
            "voice" | "phone" | "sms" => "phone",
            "twitter" | "facebook" | "instagram" | "instagram_dm" | "any_channel" => "social",
            _ => "api",
        }
        .to_owned()
    }

    fn respondent(&self, ticket: &Ticket, draft: &mut Draft) {
        let loaded = self.users.iter().find(|user| user.id.is_some() && user.id == ticket.requester_id);
        let user = ticket.requester.as_ref().or(loaded).cloned().unwrap_or_default();
        let known = [
            (PersonalKind::Name, &user.name),
            (PersonalKind::Email, &user.email),
            (PersonalKind::Phone, &user.phone),
        ];
        let known = known.into_iter().filter_map(|(kind, value)| Some((kind, value.clone()?)));
        draft.personal = known.map(|(kind, value)| KnownValue { kind, value }).collect();
        let name = &self.pipeline.source;
        let (system, instance) = (name.system.clone(), name.instance.clone());
        let id = given(user.id).or_else(|| ticket.requester_id.clone().map(|id| id.0));
        draft.respondent = [
            given(user.external_id).map(Identity::Customer),
            user.email.map(Identity::Email),
            user.phone.map(Identity::Phone),
            id.map(|id| Identity::User { system, instance, id }),
        ]
        .into_iter()
        .flatten()
        .collect();
    }
}

impl Comment {
    fn text(&self) -> Option<String> {
        self.plain_body.clone().or_else(|| self.body.clone()).filter(|text| !text.trim().is_empty())
    }

    fn speaker(&self, ticket: &Ticket) -> Speaker {
        let author = self.author_id.as_ref().or(self.author.as_ref().and_then(|author| author.id.as_ref()));
        let staff = self.author.as_ref().and_then(|author| author.is_staff);
        let public = self.public.or(self.is_public).unwrap_or(true);
        let by_customer = match (author, &ticket.requester_id) {
            (Some(author), Some(requester)) => author == requester,
            _ => staff == Some(false),
        };
        if by_customer && public { Speaker::Customer } else { Speaker::Agent }
    }
}

/// Says whether a text begins with the whole words of a subject.
fn begins_with(text: &str, subject: &str) -> bool {
    let behind = text.strip_prefix(subject.trim_end_matches(['…', '.']));
    behind.is_some_and(|behind| !behind.starts_with(char::is_alphanumeric))
}

/// When an agent first replied, as far as the metrics that came along say.
fn first_reply(ticket: &Ticket) -> Option<Timestamp> {
    let minutes = ticket.metric_set.as_ref()?.reply_time_in_minutes.as_ref()?.calendar?;
    let created = ticket.created_at?;
    (minutes >= 0)
        .then(|| Timestamp::from_millis(created.millis().saturating_add(minutes.saturating_mul(60_000))))
}

fn context(ticket: &mut Ticket) -> BTreeMap<String, String> {
    let tags = ticket.tags.take().unwrap_or_default();
    let known = tags.iter().find(|tag| CATEGORIES.contains(&tag.to_lowercase().as_str()));
    let category = known.or(tags.first()).map(|tag| tag.trim().to_lowercase()).filter(|tag| !tag.is_empty());
    [
        ("ticket_category", category),
        ("ticket_type", ticket.category.take().map(|code| code.to_lowercase())),
        ("ticket_priority", ticket.priority.take().map(|code| code.to_lowercase())),
        ("ticket_tags", Some(tags.join(" ")).filter(|tags| !tags.is_empty())),
    ]
    .into_iter()
    .filter_map(|(name, value)| Some((name.to_owned(), value?)))
    .collect()
}

fn outcome(draft: Draft) -> Adaptation {
    if draft.deleted || !draft.statements.is_empty() || !draft.answers.is_empty() {
        Ok(Adapted::Feedback(Box::new(draft)))
    } else {
        Ok(Adapted::Skip("empty"))
    }
}
