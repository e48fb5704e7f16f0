//! The vocabulary: records, ids, journey map, actions, their canonical JSON and schemas. No IO, no clock.
