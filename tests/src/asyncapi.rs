//! The AsyncAPI 3.0 document of the topics, made from the model's table of topics.

use groundswell_model::topics::{ACTIONS, DEFAULT_PREFIX, HeaderSpec, RAW, TOPICS, TopicSpec};
use serde_json::{Map, Value, json};

/// Makes the document for a version of the program.
pub(crate) fn document(version: &str) -> Value {
    let mut channels = Map::new();
    let mut messages = Map::new();
    let mut operations = Map::new();
    for topic in TOPICS {
        let names = message_names(topic);
        for (name, record) in &names {
            messages.insert(name.clone(), message(topic, record.as_deref()));
        }
        channels.insert(channel_name(topic), channel(topic, &names));
        let action = if topic.name == RAW { "receive" } else { "send" };
        operations.insert(
            format!("{action}_{}", channel_name(topic)),
            json!({"action": action, "channel": {"$ref": format!("#/channels/{}", channel_name(topic))}}),
        );
    }
    json!({
        "asyncapi": "3.0.0",
        "info": {
            "title": "Groundswell",
            "version": version,
            "description": "The topics of an installation. A producer sends raw records; every other topic is written by \
                            Groundswell and may be read by anybody with access to the log.",
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/json",
        "channels": channels,
        "operations": operations,
        "components": {"messages": messages},
    })
}

fn channel_name(topic: &TopicSpec) -> String {
    topic.name.replace('-', "_")
}

/// Names a topic's messages: by their record, or by the topic where the bytes are the source's own.
fn message_names(topic: &TopicSpec) -> Vec<(String, Option<String>)> {
    if topic.records.is_empty() {
        return vec![(format!("{}_record", channel_name(topic)), None)];
    }
    topic.records.iter().map(|record| (record.replace('.', "_"), Some((*record).to_owned()))).collect()
}

fn channel(topic: &TopicSpec, names: &[(String, Option<String>)]) -> Value {
    let messages: Map<String, Value> = names
        .iter()
        .map(|(name, _)| (name.clone(), json!({"$ref": format!("#/components/messages/{name}")})))
        .collect();
    let policy = if topic.compacted { "compact" } else { "delete" };
    let mut kafka = json!({"topicConfiguration": {"cleanup.policy": [policy]}, "bindingVersion": "0.5.0"});
    if topic.name == ACTIONS {
        kafka["partitions"] = json!(1);
    }
    json!({
        "address": format!("{{prefix}}{}", topic.name),
        "description": format!("{} Kept: {}.", topic.says, topic.kept),
        "parameters": {"prefix": {
            "default": DEFAULT_PREFIX,
            "description": "Sets installations on one log apart.",
        }},
        "messages": messages,
        "bindings": {"kafka": kafka},
    })
}

fn message(topic: &TopicSpec, record: Option<&str>) -> Value {
    let mut message = Map::new();
    message.insert(
        "bindings".to_owned(),
        json!({"kafka": {"key": {"type": "string", "description": topic.key}, "bindingVersion": "0.5.0"}}),
    );
    if let Some(record) = record {
        let payload = json!({
            "schemaFormat": "application/schema+json;version=draft-2020-12",
            "schema": {"$ref": format!("./{record}.schema.json")},
        });
        message.insert("name".to_owned(), json!(record));
        message.insert("payload".to_owned(), payload);
    } else {
        message.insert("name".to_owned(), json!(topic.name));
        message.insert("contentType".to_owned(), json!("application/octet-stream"));
        message.insert(
            "summary".to_owned(),
            json!("The source's own bytes; a pipeline says how they are read."),
        );
    }
    if !topic.headers.is_empty() {
        message.insert("headers".to_owned(), headers(topic.headers));
    }
    Value::Object(message)
}

fn headers(specs: &[HeaderSpec]) -> Value {
    let properties: Map<String, Value> = specs
        .iter()
        .map(|spec| (spec.name.to_owned(), json!({"type": "string", "description": spec.says})))
        .collect();
    let required: Vec<&str> = specs.iter().filter(|spec| spec.required).map(|spec| spec.name).collect();
    json!({"type": "object", "properties": properties, "required": required})
}
