//! The three kinds of name in a log: topics, consumer groups and writers.
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use crate::error::LogError;

/// The longest name, in bytes: what Apache Kafka accepts for a topic.
const LONGEST: usize = 249;

fn checked(kind: &str, name: &str) -> Result<Arc<str>, LogError> {
    let invalid = |why: &str| LogError::Invalid { what: format!("{kind} name {why}") };
    if name.is_empty() || name == "." || name == ".." {
        return Err(invalid("is empty, `.` or `..`"));
    }
    if name.len() > LONGEST {
        return Err(invalid("is longer than 249 bytes"));
    }
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    match name.bytes().position(|byte| !allowed(byte)) {
        Some(at) => Err(invalid(&format!(
            "has a character at byte {at} that is none of a-z, A-Z, 0-9, `.`, `_`, `-`"
        ))),
        None => Ok(Arc::from(name)),
    }
}

macro_rules! name {
    ($(#[$doc:meta])* $name:ident, $kind:literal) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Arc<str>);

        impl $name {
            /// Gives the name as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = LogError;

            fn from_str(name: &str) -> Result<Self, LogError> {
                checked($kind, name).map(Self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(out, "{:?}", &*self.0)
            }
        }
    };
}

name!(
    /// The name of a topic: 1 to 249 of `a-z A-Z 0-9 . _ -`, as in Apache Kafka.
    Topic,
    "topic"
);
name!(
    /// The name of a consumer group, spelled like a topic.
    Group,
    "group"
);
name!(
    /// The name of a transactional writer, stable over restarts, spelled like a topic.
    WriterId,
    "writer"
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_the_rules_of_kafka() {
        for good in ["a", "groundswell.feedback", "A_b-9", &"x".repeat(249)] {
            assert_eq!(good.parse::<Topic>().unwrap().as_str(), good);
        }
        for bad in ["", ".", "..", "a b", "ä", "a/b", "a\0", &"x".repeat(250)] {
            let error = bad.parse::<Topic>().unwrap_err();
            assert_eq!(error.code(), "log.invalid", "{bad:?}");
        }
        assert_eq!("g".parse::<Group>().unwrap().to_string(), "g");
        assert_eq!(format!("{:?}", "w".parse::<WriterId>().unwrap()), "\"w\"");
    }
}
