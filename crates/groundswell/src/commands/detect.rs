//! `groundswell detect`: the detector as a filter. CSV of daily counts in, CSV of what was expected and of alarms out, one
//! line for each line, in order. A bad line keeps its place with empty figures, and the exit code is 1 at the end.

use std::collections::BTreeMap;
use std::io::{BufRead, Write};
use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::Args;

use groundswell_insight::detect::series::MEMORY;
use groundswell_insight::detect::{Alarm, Kin, Point, Reading, Series, Thresholds, Watch};
use groundswell_model::Day;

use super::Exit;
use super::filters::{read_line, reader, writer};
use super::output::complain;

const COLUMNS: [&str; 4] = ["series", "day", "count", "exposure"];
const HEADER: &str = "series,day,expected,p_day,p_week,ewma,alarm";

const EXAMPLE: &str = "\
A day that is absent, or has no exposure, is a day without data and not a day with nothing: it is left out.
Without a denominator write 1 as the exposure of every day. A series says something after two weeks, and is sure of itself
after five. What the columns mean stands in docs/formats.md.

Example:
  groundswell detect --in days.csv

  series,day,count,exposure        series,day,expected,p_day,p_week,ewma,alarm
  ...                              ...
  refund,2026-04-11,4,1000         refund,2026-04-11,4.500929,5.629668e-1,5.241573e-1,-0.026398,0
  refund,2026-04-12,20,1000        refund,2026-04-12,4.500929,4.082797e-8,4.791300e-3,1.178901,1";

/// Bad lines that are told one by one.
const TOLD: usize = 20;

/// Find the days on which series of counts depart from what is expected: CSV in, CSV out.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLE)]
pub struct Detect {
    /// Columns series, day (a date, or a number of days), count, exposure, in any order; standard input if absent.
    #[arg(long = "in", value_name = "FILE")]
    input: Option<PathBuf>,
    /// Standard output if absent.
    #[arg(long = "out", value_name = "FILE")]
    output: Option<PathBuf>,
    /// One false alarm of one series in so many days: 90, 180 or 365.
    #[arg(long, value_name = "DAYS", default_value = "180", value_parser = thresholds)]
    false_alarm_in: Thresholds,
}

fn thresholds(days: &str) -> Result<Thresholds, String> {
    let all = [Thresholds::PER_90_DAYS, Thresholds::PER_180_DAYS, Thresholds::PER_365_DAYS];
    let found = all.into_iter().find(|one| one.days_per_false_alarm.to_string() == days);
    found.ok_or_else(|| "one of 90, 180 and 365".to_owned())
}

/// A line of the input: its series and day as they were written, what was read of it, what was found.
struct Line {
    series: String,
    day: String,
    read: Result<(Day, Point), String>,
    reading: Option<Reading>,
    alarm: Option<Alarm>,
}

impl Detect {
    /// Reads all lines, judges series by series, writes in the order of the input.
    pub(super) fn run(self) -> Result<Exit> {
        let mut lines = read(reader(self.input.as_ref())?.as_mut())?;
        judge(&mut lines, self.false_alarm_in);
        let mut writer = writer(self.output.as_ref())?;
        writeln!(writer, "{HEADER}")?;
        for line in &lines {
            writeln!(writer, "{}", written(line))?;
        }
        writer.flush()?;
        let bad: Vec<(usize, &String)> = lines
            .iter()
            .enumerate()
            .filter_map(|(at, line)| Some((at + 2, line.read.as_ref().err()?)))
            .collect();
        for (number, reason) in bad.iter().take(TOLD) {
            complain(&format!("line {number}: filter.bad_line: {reason}"));
        }
        if bad.is_empty() {
            return Ok(Exit::Done);
        }
        complain(&format!("{} lines could not be read; their figures are empty in the output", bad.len()));
        Ok(Exit::Fault)
    }
}

fn read(reader: &mut dyn BufRead) -> Result<Vec<Line>> {
    let mut bytes = Vec::new();
    let header = match read_line(reader, &mut bytes)? {
        Some(_) => String::from_utf8_lossy(&bytes).into_owned(),
        None => String::new(),
    };
    let names = fields(header.trim_start_matches('\u{feff}')).unwrap_or_default();
    let place = |wanted: &&str| names.iter().position(|name| name.trim().eq_ignore_ascii_case(wanted));
    let places: Vec<usize> = COLUMNS.iter().filter_map(place).collect();
    let &[series, day, count, exposure] = places.as_slice() else {
        bail!("the first line does not name the columns {}", COLUMNS.join(", "));
    };
    let mut lines = Vec::new();
    let mut empty = 0_usize;
    while let Some(long) = read_line(reader, &mut bytes)? {
        if bytes.iter().all(u8::is_ascii_whitespace) && !long {
            empty += 1;
            continue;
        }
        // Empty lines before another line have their line of output, those at the end have none.
        for _ in 0..std::mem::take(&mut empty) {
            lines.push(Line::bad(String::new(), String::new(), "it is empty"));
        }
        let cells = match std::str::from_utf8(&bytes) {
            Ok(text) if !long => fields(text),
            _ => None,
        };
        lines.push(match cells {
            None => Line::bad(
                String::new(),
                String::new(),
                "it is too long, not UTF-8, or has a quote that does not end",
            ),
            Some(cells) => {
                let cell = |at: usize| cells.get(at).map_or("", |cell| cell.trim());
                Line::of(cell(series), cell(day), cell(count), cell(exposure))
            }
        });
    }
    Ok(lines)
}

impl Line {
    fn bad(series: String, day: String, reason: &str) -> Self {
        Self { series, day, read: Err(reason.to_owned()), reading: None, alarm: None }
    }

    fn of(series: &str, day: &str, count: &str, exposure: &str) -> Self {
        let read = || {
            if series.is_empty() {
                return Err("series is empty".to_owned());
            }
            let number = day.parse().map(Day::from_number).ok();
            let date =
                number.or_else(|| day.parse().ok()).ok_or("day is neither a date nor a number of days")?;
            let point = match (count, exposure) {
                ("", _) | (_, "") => Point::NO_DATA,
                _ => Point::new(whole(count).ok_or("count is no whole number")?, people(exposure)?),
            };
            Ok((date, point))
        };
        Self { series: series.to_owned(), day: day.to_owned(), read: read(), reading: None, alarm: None }
    }
}

fn whole(text: &str) -> Option<u32> {
    let (digits, rest) = text.split_once('.').unwrap_or((text, ""));
    digits.parse().ok().filter(|_| rest.bytes().all(|byte| byte == b'0'))
}

fn people(text: &str) -> Result<f32, String> {
    let number = text.parse::<f32>().ok().filter(|number| number.is_finite() && *number >= 0.0);
    number.ok_or_else(|| "exposure is no number of people".to_owned())
}

/// Splits a line of CSV; nothing where a quote does not end.
fn fields(line: &str) -> Option<Vec<String>> {
    let mut fields = vec![String::new()];
    let mut quoted = false;
    let mut rest = line.trim_end_matches(['\r', '\n']).chars().peekable();
    while let Some(letter) = rest.next() {
        let field = fields.last_mut()?;
        match letter {
            '"' if quoted && rest.peek() == Some(&'"') => field.extend(rest.next()),
            '"' if quoted || field.trim().is_empty() => quoted = !quoted,
            ',' if !quoted => fields.push(String::new()),
            _ => field.push(letter),
        }
    }
    (!quoted).then_some(fields)
}

/// Judges each series in the order of its days.
fn judge(lines: &mut [Line], thresholds: Thresholds) {
    let mut of_series: BTreeMap<String, BTreeMap<Day, (usize, Point)>> = BTreeMap::new();
    for (at, line) in lines.iter_mut().enumerate() {
        let Ok((day, point)) = line.read else { continue };
        let days = of_series.entry(line.series.clone()).or_default();
        if let std::collections::btree_map::Entry::Vacant(free) = days.entry(day) {
            free.insert((at, point));
        } else {
            line.read = Err("its series has this day already".to_owned());
        }
    }
    for days in of_series.values() {
        let mut watch = Watch::new(thresholds, None);
        for run in runs(days) {
            let points = dense(&run);
            let Some((first, ..)) = run.first().copied() else { continue };
            let readings = Series { first, points: &points, kin: Kin::default() }.readings();
            for (day, at, _) in run {
                let Some(line) = lines.get_mut(at) else { continue };
                let place =
                    usize::try_from(day.number().saturating_sub(first.number())).unwrap_or(usize::MAX);
                line.reading = readings.get(place).copied().flatten();
                line.alarm = line.reading.and_then(|reading| watch.look(&reading));
            }
        }
    }
}

type Dated = (Day, usize, Point);

/// Cuts a series where so many days are missing that what lies before says nothing of what comes after.
fn runs(days: &BTreeMap<Day, (usize, Point)>) -> Vec<Vec<Dated>> {
    let mut runs: Vec<Vec<Dated>> = Vec::new();
    for (day, (at, point)) in days {
        let far = |run: &Vec<Dated>| {
            let last = run.last().map_or(i64::MIN, |(last, ..)| i64::from(last.number()));
            i64::from(day.number()).saturating_sub(last) >= MEMORY as i64
        };
        match runs.last_mut() {
            Some(run) if !far(run) => run.push((*day, *at, *point)),
            _ => runs.push(vec![(*day, *at, *point)]),
        }
    }
    runs
}

/// Lays the days of a run side by side, with those that are missing as days without data.
fn dense(run: &[Dated]) -> Vec<Point> {
    let mut points = Vec::with_capacity(run.len());
    let mut before: Option<Day> = None;
    for (day, _, point) in run {
        let missing =
            before.map_or(0, |before| day.number().saturating_sub(before.number()).saturating_sub(1));
        points.extend((0..missing).map(|_| Point::NO_DATA));
        points.push(*point);
        before = Some(*day);
    }
    points
}

fn written(line: &Line) -> String {
    let figures = match (&line.read, &line.reading) {
        (Err(_), _) => ",,,,".to_owned(),
        (Ok(_), None) => ",,,,0".to_owned(),
        (Ok(_), Some(reading)) => format!(
            "{:.6},{:.6e},{:.6e},{:.6},{}",
            reading.expected,
            reading.p_day,
            reading.p_week,
            reading.ewma,
            u8::from(line.alarm.is_some())
        ),
    };
    format!("{},{},{figures}", quoted(&line.series), quoted(&line.day))
}

fn quoted(text: &str) -> String {
    if text.contains([',', '"']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Runs the filter over a text; gives how it ended and its lines.
    fn detected(text: &str) -> (Exit, Vec<String>) {
        let folder = tempfile::tempdir().unwrap();
        let (input, output) = (folder.path().join("in"), folder.path().join("out"));
        std::fs::write(&input, text).unwrap();
        let filter = Detect {
            input: Some(input),
            output: Some(output.clone()),
            false_alarm_in: Thresholds::PER_180_DAYS,
        };
        let exit = filter.run().unwrap();
        (exit, std::fs::read_to_string(output).unwrap().lines().map(str::to_owned).collect())
    }

    /// A hundred days with four or five of a thousand, and twenty on each of the last three.
    fn days() -> Vec<String> {
        let first: Day = "2026-01-05".parse().unwrap();
        let count = |at: i32| if at < 97 { 4 + at % 2 } else { 20 };
        (0..100).map(|at| format!("{},{},1000", first.plus(at), count(at))).collect()
    }

    #[test]
    fn the_lines_in_the_help_are_those_that_it_gives() {
        let text: String = days().iter().map(|day| format!("refund,{day}\n")).collect();
        let (_, lines) = detected(&format!("series,day,count,exposure\n{text}"));
        for at in [97, 98] {
            let (day, given) = (&text.lines().nth(at - 1).unwrap(), &lines[at]);
            assert!(
                EXAMPLE.lines().any(|line| line.trim().starts_with(day) && line.ends_with(given)),
                "{given}"
            );
        }
    }

    #[test]
    fn a_jump_is_an_alarm_on_its_line_and_lines_keep_their_order() {
        let mut text = String::from("series,day,count,exposure\n");
        for day in days().iter().rev() {
            text.push_str(&format!("\"late, again\",{day}\nquiet,{}\n", day.replace(",20,", ",4,")));
        }
        let (exit, lines) = detected(&text);
        assert_eq!((exit, lines.len(), lines[0].as_str()), (Exit::Done, 201, HEADER));
        let alarms: Vec<&String> = lines.iter().filter(|line| line.ends_with(",1")).collect();
        assert_eq!(alarms.len(), 1, "{alarms:?}");
        assert!(alarms[0].starts_with("\"late, again\",2026-04-12,4."), "{alarms:?}");
        assert!(lines[1].starts_with("\"late, again\",2026-04-14,"));
        assert!(lines[199].ends_with(",2026-01-05,,,,,0"), "nothing is known yet: {}", lines[199]);
    }

    #[test]
    fn a_day_without_exposure_is_no_data_whether_it_is_written_or_absent() {
        let all = days();
        let table = |skip: &dyn Fn(usize, &String) -> Option<String>| {
            let rows = all.iter().enumerate().filter_map(|(at, day)| skip(at, day));
            format!("day,count,exposure,series\n{}", rows.map(|row| format!("{row},a\n")).collect::<String>())
        };
        let absent = detected(&table(&|at, day| (!(40..60).contains(&at)).then(|| day.clone())));
        let empty = detected(&table(&|at, day| {
            Some(if (40..60).contains(&at) { format!("{},0,", &day[..10]) } else { day.clone() })
        }));
        let zero = detected(&table(&|at, day| {
            Some(if (40..60).contains(&at) { format!("{},0,0", &day[..10]) } else { day.clone() })
        }));
        assert_eq!(empty, zero);
        let known: Vec<&String> = empty.1.iter().filter(|line| !line.contains(",,,,,0")).collect();
        let others: Vec<&String> = absent.1.iter().filter(|line| !line.contains(",,,,,0")).collect();
        assert_eq!(known, others);
        assert_eq!((empty.0, empty.1.len(), absent.1.len()), (Exit::Done, 101, 81));
    }

    #[test]
    fn a_bad_line_keeps_its_place_and_the_exit_code_says_so() {
        let text = "\u{feff}Series,Day,Count,Exposure\r\na,2026-01-05,3,100\r\na,soon,3,100\na,2026-01-05,4,100\n\n\
                    a,2026-01-06,2.5,100\na,2026-01-06,-1,100\na,2026-01-07,1,many\na,7,1,2.5\n\"a,1,1,1\n,1,1,1\n\n\n";
        let (exit, lines) = detected(text);
        assert_eq!(exit, Exit::Fault);
        let ends = [",0", ",", ",", ",", ",", ",", ",", ",0", ",", ","];
        assert_eq!(lines.len(), 1 + ends.len(), "{lines:?}");
        for (line, end) in lines[1..].iter().zip(ends) {
            assert!(line.ends_with(&format!(",,,,{end}")) || line.ends_with(&format!(",,,{end}")), "{line}");
            assert_eq!(line.ends_with('0'), end == ",0", "{line}");
            assert_eq!(line.matches(',').count(), 6, "{line}");
        }
        assert_eq!(lines[2], "a,soon,,,,,");
    }

    #[test]
    fn days_that_lie_ages_apart_take_no_room() {
        let (exit, lines) = detected("series,day,count,exposure\na,-2147483648,1,10\na,2147483647,1,10\n");
        assert_eq!((exit, lines.len()), (Exit::Done, 3));
    }

    #[test]
    fn a_table_without_the_names_of_its_columns_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        for text in ["", "a,2026-01-05,3,100\n", "series,day,count\n"] {
            let input = folder.path().join("in");
            std::fs::write(&input, text).unwrap();
            let filter =
                Detect { input: Some(input), output: None, false_alarm_in: Thresholds::PER_180_DAYS };
            assert!(filter.run().unwrap_err().to_string().contains("series, day, count, exposure"));
        }
    }

    #[test]
    fn the_rate_of_false_alarms_is_one_of_three() {
        assert_eq!(thresholds("365"), Ok(Thresholds::PER_365_DAYS));
        assert!(thresholds("7").is_err());
    }
}
