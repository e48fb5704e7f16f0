//! Ids as newtypes: of feedback, of respondents, and the near-duplicate fingerprint.
//! Respondents are keyed hashes; this module never keeps the value that it hashed.

use std::fmt;
use std::str::FromStr;

use data_encoding::BASE32_DNSSEC;
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::ModelError;

macro_rules! hashed_id {
    ($name:ident, $prefix:literal, $what:literal, $doc:literal) => {
        #[doc = $doc]
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; 16]);

        impl $name {
            /// Makes the id from its sixteen bytes.
            pub fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(bytes)
            }

            /// Gives the sixteen bytes.
            pub fn as_bytes(&self) -> &[u8; 16] {
                &self.0
            }

            fn of_hash(hash: blake3::Hash) -> Self {
                let mut bytes = [0; 16];
                bytes.copy_from_slice(hash.as_bytes().split_at(16).0);
                Self(bytes)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str($prefix)?;
                let mut text = [0; 26];
                BASE32_DNSSEC.encode_mut(&self.0, &mut text);
                f.write_str(std::str::from_utf8(&text).map_err(|_| fmt::Error)?)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = ModelError;

            fn from_str(text: &str) -> Result<Self, ModelError> {
                let wrong = ModelError::Id { what: $what };
                let Some(digits) = text.strip_prefix($prefix) else { return Err(wrong) };
                let bytes = BASE32_DNSSEC.decode(digits.as_bytes()).map_err(|_| ModelError::Id { what: $what })?;
                Ok(Self(bytes.try_into().map_err(|_| wrong)?))
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                text.parse().map_err(de::Error::custom)
            }
        }

        impl JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }
            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({"type": "string", "pattern": concat!("^", $prefix, "[0-9a-v]{26}$")})
            }
        }
    };
}

hashed_id!(
    FeedbackId,
    "fb_",
    "feedback id",
    "The id of one feedback: 128 bits of BLAKE3, written as `fb_` and base32."
);
hashed_id!(
    RespondentKey,
    "rk_",
    "respondent key",
    "The keyed hash of one identity of a respondent, written as `rk_` and base32."
);

impl FeedbackId {
    /// Derives the id from the source's own record id, the same for every delivery of that record.
    pub fn of_record(system: &str, instance: &str, record: &str) -> Self {
        let mut hasher = blake3::Hasher::new();
        for field in [system, instance, record] {
            hasher.update(&(field.len() as u64).to_le_bytes());
            hasher.update(field.as_bytes());
        }
        Self::of_hash(hasher.finalize())
    }
}

/// Hashes identities of respondents, and rows without a record id, with the installation's secret key.
#[derive(Clone)]
pub struct RespondentHasher {
    key: [u8; 32],
}

impl fmt::Debug for RespondentHasher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RespondentHasher(***)")
    }
}

impl RespondentHasher {
    /// Makes a hasher from the installation's secret key.
    pub fn new(key: [u8; 32]) -> Self {
        Self { key }
    }

    /// Hashes one identity: a namespace such as `email`, and the normalised value.
    pub fn respondent(&self, namespace: &str, value: &str) -> RespondentKey {
        RespondentKey::of_hash(self.keyed(b"respondent", &[namespace.as_bytes(), value.as_bytes()]))
    }

    /// Derives the id of a row whose source gives none: pipeline, row bytes and occurrence number.
    pub fn row(&self, pipeline: &str, row: &[u8], occurrence: u64) -> FeedbackId {
        FeedbackId::of_hash(self.keyed(b"row", &[pipeline.as_bytes(), row, &occurrence.to_le_bytes()]))
    }

    fn keyed(&self, purpose: &[u8], fields: &[&[u8]]) -> blake3::Hash {
        let mut hasher = blake3::Hasher::new_keyed(&self.key);
        hasher.update(purpose);
        for field in fields {
            hasher.update(&(field.len() as u64).to_le_bytes());
            hasher.update(field);
        }
        hasher.finalize()
    }
}

/// The near-duplicate signature of a redacted text, written as sixteen hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint(pub u64);

impl Serialize for Fingerprint {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{:016x}", self.0))
    }
}

impl<'de> Deserialize<'de> for Fingerprint {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        u64::from_str_radix(&text, 16).map(Self).map_err(de::Error::custom)
    }
}

impl JsonSchema for Fingerprint {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Fingerprint".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({"type": "string", "pattern": "^[0-9a-f]{16}$"})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_record_has_the_same_id_and_another_record_another() {
        let id = FeedbackId::of_record("zendesk", "acme", "35436");
        assert_eq!(id, FeedbackId::of_record("zendesk", "acme", "35436"));
        assert_ne!(id, FeedbackId::of_record("zendesk", "acm", "e35436"));
        assert_eq!(id.to_string().parse::<FeedbackId>().unwrap(), id);
        // IMPORTANT: ids are stored; this value never changes.
        assert_eq!(id.to_string(), "fb_cdqbmdsrcfam65ddl2ccb6olpg");
    }

    #[test]
    fn keys_depend_on_the_secret_and_the_namespace() {
        let hasher = RespondentHasher::new([7; 32]);
        let key = hasher.respondent("email", "a@example.com");
        assert_eq!(key, hasher.respondent("email", "a@example.com"));
        assert_ne!(key, hasher.respondent("phone", "a@example.com"));
        assert_ne!(key, RespondentHasher::new([8; 32]).respondent("email", "a@example.com"));
        assert_eq!(format!("{hasher:?}"), "RespondentHasher(***)");
    }

    #[test]
    fn a_malformed_id_is_refused() {
        for text in
            ["", "fb_", "fb_zzzz", "rk_aaaaaaaaaaaaaaaaaaaaaaaaaa", "fb_00000000000000000000000000000"]
        {
            assert_eq!(text.parse::<FeedbackId>(), Err(ModelError::Id { what: "feedback id" }));
        }
    }
}
