//! The adapter `slack`: messages of a channel by the Events API.
//!
//! Quirks: a message's identity is its channel and `ts`; an edit comes as `message_changed` with the new message inside,
//! a deletion as `message_deleted` with `deleted_ts`; text is written in Slack's own marks (`<@U1>`, `<url|label>`).

use groundswell_model::draft::DraftStatement;
use groundswell_model::{Draft, Identity, Kind, RawRecord, Source, Speaker, Timestamp};
use groundswell_text::Format;
use serde::Deserialize;

use crate::adapter::{Adaptation, Adapted, Adapter};
use crate::error::AdaptError;
use crate::json;
use crate::pipeline::Pipeline;

pub(crate) const ADAPTER: Adapter =
    Adapter::new("slack", "Slack messages by the Events API, with edits, deletions and threads.", adapt);

/// Subtypes that are something somebody said.
const SAID: [&str; 4] = ["", "file_share", "thread_broadcast", "me_message"];

#[derive(Deserialize)]
struct Hook {
    #[serde(rename = "type")]
    code: String,
    team_id: Option<String>,
    event_time: Option<i64>,
    event: Option<Event>,
}

#[derive(Deserialize)]
struct Event {
    #[serde(rename = "type")]
    code: String,
    subtype: Option<String>,
    channel: Option<String>,
    ts: Option<String>,
    event_ts: Option<String>,
    deleted_ts: Option<String>,
    message: Option<Message>,
    user: Option<String>,
    bot_id: Option<String>,
    text: Option<String>,
    thread_ts: Option<String>,
}

#[derive(Deserialize)]
struct Message {
    user: Option<String>,
    bot_id: Option<String>,
    subtype: Option<String>,
    text: Option<String>,
    ts: Option<String>,
    thread_ts: Option<String>,
    edited: Option<Edited>,
}

#[derive(Deserialize)]
struct Edited {
    ts: Option<String>,
}

fn adapt(pipeline: &Pipeline, raw: &RawRecord<'_>) -> Vec<Adaptation> {
    vec![json::text(raw).and_then(json::read::<Hook>).and_then(|hook| read(pipeline, hook))]
}

fn read(pipeline: &Pipeline, hook: Hook) -> Adaptation {
    match hook.code.as_str() {
        "url_verification" => return Ok(Adapted::Skip("url_verification")),
        "event_callback" => {}
        _ => return Ok(Adapted::Skip("not_feedback")),
    }
    let reader = Reader { pipeline, team: hook.team_id, sent: hook.event_time };
    let event = hook.event.ok_or_else(|| AdaptError::missing("/event"))?;
    if event.code != "message" {
        return Ok(Adapted::Skip("not_feedback"));
    }
    match event.subtype.as_deref().unwrap_or_default() {
        "bot_message" => Ok(Adapted::Skip("bot_message")),
        "message_deleted" => reader.deleted(event),
        "message_changed" => reader.changed(event),
        code if SAID.contains(&code) => reader.posted(event),
        _ => Ok(Adapted::Skip("not_feedback")),
    }
}

struct Reader<'a> {
    pipeline: &'a Pipeline,
    team: Option<String>,
    sent: Option<i64>,
}

impl Reader<'_> {
    fn posted(&self, event: Event) -> Adaptation {
        let message = Message {
            user: event.user,
            bot_id: event.bot_id,
            subtype: None,
            text: event.text,
            ts: event.ts,
            thread_ts: event.thread_ts,
            edited: None,
        };
        self.message(event.channel, message, "/event")
    }

    fn changed(&self, event: Event) -> Adaptation {
        let message = event.message.ok_or_else(|| AdaptError::missing("/event/message"))?;
        // A thread's parent whose replies were deleted is changed into a tombstone.
        if message.subtype.as_deref() == Some("tombstone") {
            return self.gone(event.channel, message.ts, event.event_ts, "/event/message/ts");
        }
        self.message(event.channel, message, "/event/message")
    }

    fn deleted(&self, event: Event) -> Adaptation {
        self.gone(event.channel, event.deleted_ts, event.event_ts.or(event.ts), "/event/deleted_ts")
    }

    fn gone(
        &self,
        channel: Option<String>,
        ts: Option<String>,
        when: Option<String>,
        pointer: &str,
    ) -> Adaptation {
        let ts = ts.ok_or_else(|| AdaptError::missing(pointer))?;
        moment(&ts, pointer)?;
        let mut draft = self.draft(channel, &ts)?;
        draft.deleted = true;
        let when = when.map_or(Ok(None), |when| moment(&when, "/event/event_ts").map(Some))?;
        draft.revision =
            when.map(Timestamp::millis).or(self.sent.map(|seconds| seconds.saturating_mul(1000)));
        Ok(Adapted::Feedback(Box::new(draft)))
    }

    fn message(&self, channel: Option<String>, message: Message, pointer: &str) -> Adaptation {
        if message.bot_id.is_some() || message.subtype.as_deref() == Some("bot_message") {
            return Ok(Adapted::Skip("bot_message"));
        }
        let ts = message.ts.ok_or_else(|| AdaptError::missing(format!("{pointer}/ts")))?;
        let said_at = moment(&ts, &format!("{pointer}/ts"))?;
        let mut draft = self.draft(channel, &ts)?;
        let edited = message.edited.and_then(|edited| edited.ts);
        let edited =
            edited.map_or(Ok(None), |edited| moment(&edited, &format!("{pointer}/edited/ts")).map(Some))?;
        draft.occurred_at = Some(said_at);
        draft.revision = Some(edited.unwrap_or(said_at).millis());
        let text = plain(message.text.as_deref().unwrap_or_default());
        if text.trim().is_empty() {
            return Ok(Adapted::Skip("empty"));
        }
        let (system, instance) = (draft.source.system.clone(), draft.source.instance.clone());
        draft.respondent =
            message.user.map(|id| Identity::User { system, instance, id }).into_iter().collect();
        let thread = message.thread_ts.filter(|thread| *thread != ts);
        draft.context.extend(thread.map(|thread| ("thread".to_owned(), thread)));
        let speaker =
            if self.pipeline.kind == Kind::Employee { Speaker::Employee } else { Speaker::Customer };
        let language = self.pipeline.language.clone();
        draft.statements.push(DraftStatement {
            question: None,
            speaker,
            text,
            format: Format::Plain,
            language,
        });
        Ok(Adapted::Feedback(Box::new(draft)))
    }

    fn draft(&self, channel: Option<String>, ts: &str) -> Result<Draft, AdaptError> {
        let channel = channel.ok_or_else(|| AdaptError::missing("/event/channel"))?;
        let name = &self.pipeline.source;
        let instance = if name.instance.is_empty() {
            self.team.clone().unwrap_or_default()
        } else {
            name.instance.clone()
        };
        let source = Source {
            system: name.system.clone(),
            instance,
            record: Some(format!("{channel}:{ts}")),
            url: None,
        };
        let mut draft = Draft::new(source, self.pipeline.kind, &self.pipeline.channel);
        draft.context.insert("slack_channel".to_owned(), channel);
        Ok(draft)
    }
}

/// Reads Slack's time: seconds with a fraction, as text.
fn moment(ts: &str, pointer: &str) -> Result<Timestamp, AdaptError> {
    let bad = || AdaptError::bad_value(pointer, "seconds since 1970 with a fraction, as text");
    let (seconds, fraction) = ts.split_once('.').unwrap_or((ts, "0"));
    let seconds: i64 = seconds.parse().map_err(|_| bad())?;
    if !fraction.bytes().all(|b| b.is_ascii_digit()) || !(0..=253_402_300_799).contains(&seconds) {
        return Err(bad());
    }
    let millis: i64 =
        format!("{fraction:0<3}").get(..3).and_then(|digits| digits.parse().ok()).ok_or_else(bad)?;
    Ok(Timestamp::from_millis(seconds * 1000 + millis))
}

/// Turns Slack's marks into plain text: labels of links stay, mentions of people go.
fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('<') {
        let Some((mark, behind)) = after.split_once('>') else {
            // No mark ends any more, so that what is left is text.
            break;
        };
        plain.push_str(before);
        let (target, label) =
            mark.split_once('|').map_or((mark, None), |(target, label)| (target, Some(label)));
        match target.chars().next() {
            Some('@' | '!') => {}
            Some('#') => plain.extend(label.map(|label| format!("#{label}"))),
            _ => plain.push_str(label.unwrap_or(target)),
        }
        rest = behind;
    }
    plain.push_str(rest);
    plain.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slack_marks_become_plain_text() {
        for (text, expected) in [
            ("<@U1> the lift is broken", " the lift is broken"),
            ("see <https://a.example/x|the plan> &amp; <#C1|general>", "see the plan & #general"),
            ("<!here> 1 &lt; 2 <https://a.example>", " 1 < 2 https://a.example"),
            ("a < b < c", "a < b < c"),
        ] {
            assert_eq!(plain(text), expected);
        }
    }

    #[test]
    fn a_time_is_seconds_with_a_fraction() {
        assert_eq!(moment("1767225600.123456", "").unwrap().to_string(), "2026-01-01T00:00:00.123Z");
        assert_eq!(moment("1767225600.5", "").unwrap().millis(), 1_767_225_600_500);
        for ts in ["", "x", "1.x", "-1.0", "99999999999999.0"] {
            assert!(moment(ts, "/event/ts").is_err(), "{ts}");
        }
    }
}
