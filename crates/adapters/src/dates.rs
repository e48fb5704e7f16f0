//! Date formats of a table: RFC 3339, Unix times and patterns in the manner of `strftime`.

use std::fmt;
use std::str::FromStr;

use groundswell_model::Timestamp;
use jiff::fmt::strtime::{self, BrokenDownTime};
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

/// Years that a date of feedback can lie in; others are misread dates.
const YEARS: std::ops::RangeInclusive<i16> = 1900..=2200;
/// Milliseconds from 1970 to the year 10000.
const FURTHEST: f64 = 253_402_300_799_999.0;
/// Hour that stands in for a date without a time, so that it is the same calendar day in almost every zone.
const NOON: i8 = 12;

/// How a column writes its dates.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum DateFormat {
    /// `rfc3339`: date, time and offset.
    Rfc3339,
    /// `unix`: seconds since 1970, with or without a fraction.
    Unix,
    /// `unix_ms`: milliseconds since 1970.
    UnixMs,
    /// `sequence`: a whole number that only orders; for revisions.
    Sequence,
    /// A pattern such as `%d/%m/%Y %H:%M`.
    Pattern(String),
}

impl fmt::Display for DateFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Rfc3339 => "rfc3339",
            Self::Unix => "unix",
            Self::UnixMs => "unix_ms",
            Self::Sequence => "sequence",
            Self::Pattern(pattern) => pattern,
        })
    }
}

impl FromStr for DateFormat {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "rfc3339" => return Ok(Self::Rfc3339),
            "unix" => return Ok(Self::Unix),
            "unix_ms" => return Ok(Self::UnixMs),
            "sequence" => return Ok(Self::Sequence),
            _ => {}
        }
        let sample = jiff::civil::date(2024, 2, 3)
            .at(4, 5, 6, 0)
            .to_zoned(TimeZone::UTC)
            .map_err(|e| e.to_string())?;
        let readable = text.contains('%')
            && strtime::format(text, &sample)
                .is_ok_and(|written| BrokenDownTime::parse(text, &written).is_ok_and(|tm| dated(&tm)));
        if readable {
            Ok(Self::Pattern(text.to_owned()))
        } else {
            Err("a date format: rfc3339, unix, unix_ms, sequence or a pattern such as %d/%m/%Y".to_owned())
        }
    }
}

impl TryFrom<String> for DateFormat {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<DateFormat> for String {
    fn from(format: DateFormat) -> Self {
        format.to_string()
    }
}

impl DateFormat {
    /// Reads a moment. A date without a time is noon of that day in the zone; a time without an offset is of the zone.
    pub fn read(&self, text: &str, zone: &TimeZone) -> Option<Timestamp> {
        let text = text.trim();
        let moment: jiff::Timestamp = match self {
            Self::Rfc3339 => text.parse().ok()?,
            Self::Unix => return within(Timestamp::from_millis(milliseconds(text, 1000.0)?)),
            Self::UnixMs => return within(Timestamp::from_millis(milliseconds(text, 1.0)?)),
            Self::Sequence => return None,
            Self::Pattern(pattern) => patterned(pattern, text, zone)?,
        };
        within(moment.into())
    }
}

/// Reads a moment in the first format that fits.
pub(crate) fn read_any(text: &str, formats: &[DateFormat], zone: &TimeZone) -> Option<Timestamp> {
    formats.iter().find_map(|format| format.read(text, zone))
}

/// Reads a revision: a sequence as it is, a moment as milliseconds since 1970.
pub(crate) fn revision(text: &str, formats: &[DateFormat], zone: &TimeZone) -> Option<i64> {
    formats.iter().find_map(|format| match format {
        DateFormat::Sequence => text.trim().parse().ok(),
        _ => format.read(text, zone).map(Timestamp::millis),
    })
}

fn dated(tm: &BrokenDownTime) -> bool {
    tm.to_date().is_ok() || tm.to_timestamp().is_ok()
}

fn milliseconds(text: &str, factor: f64) -> Option<i64> {
    // A double holds every millisecond of the years in question exactly.
    let value = text.parse::<f64>().ok()? * factor;
    (value.abs() <= FURTHEST).then(|| value.round() as i64)
}

fn patterned(pattern: &str, text: &str, zone: &TimeZone) -> Option<jiff::Timestamp> {
    let tm = BrokenDownTime::parse(pattern, text).ok()?;
    if let Ok(moment) = tm.to_timestamp() {
        return Some(moment);
    }
    let date = tm.to_date().ok()?;
    let local = match tm.hour() {
        Some(_) => date.to_datetime(tm.to_time().ok()?),
        None => date.at(NOON, 0, 0, 0),
    };
    zone.to_timestamp(local).ok()
}

fn within(moment: Timestamp) -> Option<Timestamp> {
    let year = moment.to_jiff().to_zoned(TimeZone::UTC).year();
    YEARS.contains(&year).then_some(moment)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(format: &str, text: &str) -> Option<String> {
        let berlin = TimeZone::get("Europe/Berlin").unwrap();
        format.parse::<DateFormat>().unwrap().read(text, &berlin).map(|t| t.to_string())
    }

    fn check(format: &str, text: &str, expected: &str) {
        assert_eq!(read(format, text).as_deref(), Some(expected), "{format} of {text}");
    }

    #[test]
    fn dates_are_read_in_their_format_and_zone() {
        check("%d/%m/%Y", "02/06/2021", "2021-06-02T10:00:00.000Z");
        check("%m/%d/%Y", "2/6/2021", "2021-02-06T11:00:00.000Z");
        check("%Y/%m/%d", "2019/2/26", "2019-02-26T11:00:00.000Z");
        check("%d.%m.%Y %H:%M", "01.07.2026 00:30", "2026-06-30T22:30:00.000Z");
        check("%Y-%m-%dT%H:%M:%S%z", "2026-03-05T10:00:00+0100", "2026-03-05T09:00:00.000Z");
        check("rfc3339", "2026-03-05T10:00:00.5+01:00", "2026-03-05T09:00:00.500Z");
        check("unix", "1767225600", "2026-01-01T00:00:00.000Z");
        check("unix", "1767225600.25", "2026-01-01T00:00:00.250Z");
        check("unix_ms", "1767225600000", "2026-01-01T00:00:00.000Z");
    }

    #[test]
    fn what_is_no_date_is_none() {
        for (format, text) in [
            ("%d/%m/%Y", "31/02/2021"),
            ("%d/%m/%Y", "02/06/21"),
            ("%d/%m/%Y", "02/06/2021 10:00"),
            ("rfc3339", "2026-03-05"),
            ("unix", "soon"),
            ("unix", "1e300"),
            ("unix_ms", "99999999999999999999"),
        ] {
            assert_eq!(read(format, text), None, "{format} of {text}");
        }
    }

    #[test]
    fn a_format_without_a_date_is_refused() {
        for format in ["", "date", "%H:%M", "%Q/%m"] {
            assert!(format.parse::<DateFormat>().is_err(), "{format}");
        }
    }

    #[test]
    fn a_revision_is_a_sequence_or_milliseconds() {
        let formats = ["sequence".parse().unwrap()];
        assert_eq!(revision("42", &formats, &TimeZone::UTC), Some(42));
        let formats = ["rfc3339".parse().unwrap()];
        assert_eq!(revision("1970-01-01T00:00:01Z", &formats, &TimeZone::UTC), Some(1000));
        assert_eq!(revision("2026-01-01T00:00:00Z", &formats, &TimeZone::UTC), Some(1_767_225_600_000));
    }
}
