//! Times in RFC 3339 UTC with milliseconds, and calendar days in the reporting zone.
//! Nothing here reads the clock.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::ModelError;

/// A moment, in milliseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

/// The furthest moments that can be written with a four-digit year.
const RANGE_MS: std::ops::RangeInclusive<i64> = -62_135_596_800_000..=253_402_300_799_999;

impl Timestamp {
    /// Makes a moment from milliseconds since the epoch, held to the years 1 to 9999.
    pub fn from_millis(ms: i64) -> Self {
        Self(ms.clamp(*RANGE_MS.start(), *RANGE_MS.end()))
    }

    /// Gives milliseconds since the epoch.
    pub fn millis(self) -> i64 {
        self.0
    }

    /// Gives the moment as the time library's type.
    pub fn to_jiff(self) -> jiff::Timestamp {
        jiff::Timestamp::from_millisecond(self.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH)
    }

    /// Adds whole days of 24 hours.
    pub fn plus_days(self, days: i64) -> Self {
        Self::from_millis(self.0.saturating_add(days.saturating_mul(86_400_000)))
    }
}

impl From<jiff::Timestamp> for Timestamp {
    fn from(moment: jiff::Timestamp) -> Self {
        Self::from_millis(moment.as_millisecond())
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.3}", self.to_jiff())
    }
}

impl FromStr for Timestamp {
    type Err = ModelError;

    fn from_str(text: &str) -> Result<Self, ModelError> {
        let moment: jiff::Timestamp = text.trim().parse().map_err(|_| ModelError::Time)?;
        Ok(moment.into())
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

impl JsonSchema for Timestamp {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Timestamp".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({"type": "string", "format": "date-time", "description": "RFC 3339, UTC, milliseconds"})
    }
}

/// A calendar day in the reporting zone, in days since 1970-01-01.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Day(i32);

impl Day {
    /// Makes a day from its number since 1970-01-01.
    pub fn from_number(number: i32) -> Self {
        Self(number)
    }

    /// Gives the number of days since 1970-01-01.
    pub fn number(self) -> i32 {
        self.0
    }

    /// Gives the day `days` later (or earlier, if negative).
    pub fn plus(self, days: i32) -> Self {
        Self(self.0.saturating_add(days))
    }

    fn to_date(self) -> jiff::civil::Date {
        jiff::civil::date(1970, 1, 1)
            .checked_add(jiff::Span::new().try_days(self.0).unwrap_or_default())
            .unwrap_or(jiff::civil::Date::MAX)
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.to_date().fmt(f)
    }
}

impl FromStr for Day {
    type Err = ModelError;

    fn from_str(text: &str) -> Result<Self, ModelError> {
        let date: jiff::civil::Date = text.trim().parse().map_err(|_| ModelError::Time)?;
        let days = jiff::civil::date(1970, 1, 1).until(date).map_err(|_| ModelError::Time)?.get_days();
        Ok(Self(days))
    }
}

/// A day as people read it, `YYYY-MM-DD`, for records that are JSON: `#[serde(with = "day_text")]`.
pub mod day_text {
    use super::*;

    /// Writes the date.
    ///
    /// # Errors
    /// Those of the serializer.
    pub fn serialize<S: Serializer>(day: &Day, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(day)
    }

    /// Reads the date.
    ///
    /// # Errors
    /// When it is no date.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Day, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

/// A date in JSON that may be absent.
pub mod optional_day_text {
    use super::*;

    /// Writes the date.
    ///
    /// # Errors
    /// Those of the serializer.
    pub fn serialize<S: Serializer>(day: &Option<Day>, serializer: S) -> Result<S::Ok, S::Error> {
        match day {
            Some(day) => serializer.collect_str(day),
            None => serializer.serialize_none(),
        }
    }

    /// Reads the date.
    ///
    /// # Errors
    /// When it is no date.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Day>, D::Error> {
        let text = Option::<std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        text.map(|text| text.parse().map_err(de::Error::custom)).transpose()
    }
}

/// The zone in which days are counted.
#[derive(Clone, Debug)]
pub struct Zone(jiff::tz::TimeZone);

impl Zone {
    /// Coordinated Universal Time.
    pub fn utc() -> Self {
        Self(jiff::tz::TimeZone::UTC)
    }

    /// Finds a zone by its name in the bundled zone database, such as `Europe/Berlin`.
    ///
    /// # Errors
    /// [`ModelError::Zone`] when the name is not in the database.
    pub fn named(name: &str) -> Result<Self, ModelError> {
        if name.eq_ignore_ascii_case("utc") {
            return Ok(Self::utc());
        }
        jiff::tz::TimeZone::get(name).map(Self).map_err(|_| ModelError::Zone { name: name.to_owned() })
    }

    /// Gives the calendar day of a moment in this zone.
    pub fn day(&self, moment: Timestamp) -> Day {
        let offset = self.0.to_offset(moment.to_jiff()).seconds();
        let local = moment.millis().saturating_add(i64::from(offset) * 1000);
        Day(i32::try_from(local.div_euclid(86_400_000)).unwrap_or(i32::MAX))
    }

    /// Gives the first moment of a day in this zone.
    pub fn start_of(&self, day: Day) -> Timestamp {
        match day.to_date().to_zoned(self.0.clone()) {
            Ok(start) => start.timestamp().into(),
            Err(_) => Timestamp::from_millis(i64::from(day.number()).saturating_mul(86_400_000)),
        }
    }

    /// Gives the zone as the time library's type.
    pub fn to_jiff(&self) -> &jiff::tz::TimeZone {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_written_in_utc_with_milliseconds() {
        let moment: Timestamp = "2026-03-05T10:00:00.5+01:00".parse().unwrap();
        assert_eq!(moment.to_string(), "2026-03-05T09:00:00.500Z");
        assert_eq!(serde_json::to_string(&moment).unwrap(), "\"2026-03-05T09:00:00.500Z\"");
    }

    #[test]
    fn a_day_is_a_calendar_day_of_the_zone() {
        let berlin = Zone::named("Europe/Berlin").unwrap();
        let late: Timestamp = "2026-06-30T22:30:00Z".parse().unwrap();
        assert_eq!(berlin.day(late).to_string(), "2026-07-01");
        assert_eq!(Zone::utc().day(late).to_string(), "2026-06-30");
        assert_eq!(berlin.start_of("2026-07-01".parse().unwrap()).to_string(), "2026-06-30T22:00:00.000Z");
    }

    #[test]
    fn days_before_the_epoch_count_down() {
        let moment: Timestamp = "1969-12-31T23:00:00Z".parse().unwrap();
        assert_eq!(Zone::utc().day(moment).number(), -1);
        assert_eq!("1969-12-31".parse::<Day>().unwrap().number(), -1);
    }

    #[test]
    fn an_unknown_zone_is_named_in_the_error() {
        assert!(matches!(Zone::named("Mars/Base"), Err(ModelError::Zone { .. })));
    }
}
