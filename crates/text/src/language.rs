//! The language of a text, as a BCP 47 tag that is copied, not allocated.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::error::TextError;

const CAPACITY: usize = 15;

/// A BCP 47 language tag of at most 15 bytes, such as `en` or `pt-BR`, in its canonical case.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Language([u8; CAPACITY]);

const fn two(first: u8, second: u8) -> Language {
    Language([first, second, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])
}

macro_rules! languages {
    ($($name:ident = $first:literal $second:literal, $doc:literal;)*) => {
        impl Language {
            $(#[doc = $doc] pub const $name: Self = two($first, $second);)*
        }
    };
}

languages! {
    AR = b'a' b'r', "Arabic.";
    CS = b'c' b's', "Czech.";
    DA = b'd' b'a', "Danish.";
    DE = b'd' b'e', "German.";
    EL = b'e' b'l', "Greek.";
    EN = b'e' b'n', "English.";
    ES = b'e' b's', "Spanish.";
    FA = b'f' b'a', "Persian.";
    FI = b'f' b'i', "Finnish.";
    FR = b'f' b'r', "French.";
    HE = b'h' b'e', "Hebrew.";
    HI = b'h' b'i', "Hindi.";
    HU = b'h' b'u', "Hungarian.";
    ID = b'i' b'd', "Indonesian.";
    IT = b'i' b't', "Italian.";
    JA = b'j' b'a', "Japanese.";
    KO = b'k' b'o', "Korean.";
    NL = b'n' b'l', "Dutch.";
    NO = b'n' b'o', "Norwegian.";
    PL = b'p' b'l', "Polish.";
    PT = b'p' b't', "Portuguese.";
    RO = b'r' b'o', "Romanian.";
    RU = b'r' b'u', "Russian.";
    SV = b's' b'v', "Swedish.";
    TA = b't' b'a', "Tamil.";
    TH = b't' b'h', "Thai.";
    TR = b't' b'r', "Turkish.";
    UK = b'u' b'k', "Ukrainian.";
    UR = b'u' b'r', "Urdu.";
    VI = b'v' b'i', "Vietnamese.";
    ZH = b'z' b'h', "Chinese.";
}

impl Language {
    /// Returns the tag, such as `en` or `pt-BR`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        let length = self.0.iter().position(|&byte| byte == 0).unwrap_or(CAPACITY);
        self.0.get(..length).and_then(|bytes| std::str::from_utf8(bytes).ok()).unwrap_or("und")
    }

    /// Returns the language without script and region: `pt` for `pt-BR`.
    #[must_use]
    pub fn primary(&self) -> Self {
        let mut bytes = [0; CAPACITY];
        for (slot, &byte) in bytes.iter_mut().zip(&self.0).take_while(|(_, byte)| **byte != b'-') {
            *slot = byte;
        }
        Self(bytes)
    }
}

impl FromStr for Language {
    type Err = TextError;

    /// Reads a BCP 47 tag in any case, with `-` or `_` between its parts (RFC 5646, section 2.1).
    ///
    /// # Errors
    /// `text.language_tag` when the tag is malformed or longer than 15 bytes.
    fn from_str(tag: &str) -> Result<Self, TextError> {
        let refused = || TextError::LanguageTag { length: tag.len() };
        let mut bytes = [0; CAPACITY];
        let mut slots = bytes.iter_mut();
        for (index, part) in tag.trim().split(['-', '_']).enumerate() {
            let well_formed = if index == 0 {
                matches!(part.len(), 2..=8) && part.bytes().all(|byte| byte.is_ascii_alphabetic())
            } else {
                matches!(part.len(), 1..=8) && part.bytes().all(|byte| byte.is_ascii_alphanumeric())
            };
            if !well_formed {
                return Err(refused());
            }
            if index > 0 {
                *slots.next().ok_or_else(refused)? = b'-';
            }
            for (place, byte) in part.bytes().enumerate() {
                let upper = index > 0 && (part.len() == 2 || (part.len() == 4 && place == 0));
                let byte = if upper { byte.to_ascii_uppercase() } else { byte.to_ascii_lowercase() };
                *slots.next().ok_or_else(refused)? = byte;
            }
        }
        Ok(Self(bytes))
    }
}

impl fmt::Display for Language {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(self.as_str())
    }
}

impl fmt::Debug for Language {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Language({})", self.as_str())
    }
}

impl AsRef<str> for Language {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl Serialize for Language {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Language {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Tag;
        impl de::Visitor<'_> for Tag {
            type Value = Language;
            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("a BCP 47 language tag")
            }
            fn visit_str<E: de::Error>(self, tag: &str) -> Result<Language, E> {
                tag.parse().map_err(E::custom)
            }
        }
        deserializer.deserialize_str(Tag)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_read_in_any_case_and_written_in_one() {
        for (given, canonical) in [
            ("EN", "en"),
            ("pt_br", "pt-BR"),
            ("ZH-hant-tw", "zh-Hant-TW"),
            ("es-419", "es-419"),
            ("fil", "fil"),
        ] {
            assert_eq!(given.parse::<Language>().unwrap().to_string(), canonical);
        }
        assert_eq!("de".parse::<Language>().unwrap(), Language::DE);
        assert_eq!("pt-BR".parse::<Language>().unwrap().primary(), Language::PT);
    }

    #[test]
    fn malformed_tags_are_refused_with_a_code() {
        for bad in ["", "e", "english language", "en--US", "12", "abcdefgh-abcdefgh", "日本"] {
            let refused = bad.parse::<Language>().unwrap_err();
            assert_eq!(refused.code(), "text.language_tag", "{bad}");
        }
    }

    #[test]
    fn serde_uses_the_tag() {
        let json = serde_json::to_string(&Language::FR).unwrap();
        assert_eq!(json, "\"fr\"");
        assert_eq!(serde_json::from_str::<Language>(&json).unwrap(), Language::FR);
        assert!(serde_json::from_str::<Language>("\"?\"").is_err());
    }
}
