//! Metrics in Prometheus' text format: what an operator asks at night, from values that are at hand.

use std::collections::BTreeMap;
use std::fmt::{Display, Write};

use crate::installation::Status;

/// What is shown on `/metrics`. Making it asks neither disk nor brokers for long: where they are away, it holds what was
/// seen last.
#[derive(Clone, Debug, Default)]
pub struct Metrics {
    /// Version, loops and counters.
    pub status: Status,
    /// What the process's clock says, in milliseconds since 1970.
    pub now_ms: i64,
    /// When the installation was opened.
    pub started_ms: i64,
    /// When lag and positions were last seen; none where that never worked.
    pub lag_seen_ms: Option<i64>,
    /// Lag of each partition that a loop of this process reads.
    pub lags: Vec<PartitionLag>,
    /// Dead letters by stable code.
    pub dead_letters: BTreeMap<&'static str, u64>,
    /// Items by pipeline and by what became of them.
    pub items: BTreeMap<(String, &'static str), u64>,
    /// Seconds from raw to searchable.
    pub searchable: Histogram,
    /// Whether this analyser leads; none where the process has no analyser.
    pub leads: Option<bool>,
}

/// How far a loop is behind in one partition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartitionLag {
    /// The loop.
    pub of: String,
    /// The topic.
    pub topic: String,
    /// The partition.
    pub partition: u32,
    /// Records not yet read.
    pub records: u64,
    /// Append time of the oldest of them.
    pub oldest_ms: Option<i64>,
}

/// Observations sorted into buckets.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Histogram {
    /// Upper bounds of the buckets, growing; a last bucket takes what is above.
    pub bounds: Vec<f64>,
    /// Observations of each bucket alone.
    pub counts: Vec<u64>,
    /// The sum of all observations.
    pub sum: f64,
}

/// Writes the metrics.
pub fn render(metrics: &Metrics) -> String {
    let mut page = Page::default();
    health(&mut page, metrics);
    lag(&mut page, metrics);
    counters(&mut page, metrics);
    page.histogram(
        "groundswell_searchable_seconds",
        "Time from a raw record's append to the commit of the index that makes it searchable.",
        &metrics.searchable,
    );
    page.text
}

fn health(page: &mut Page, metrics: &Metrics) {
    let status = &metrics.status;
    page.head("groundswell_build_info", "gauge", "Always 1; the label says which version runs.");
    page.line("groundswell_build_info", &[("version", &status.version)], 1);
    page.head("groundswell_start_time_seconds", "gauge", "When this process opened the installation.");
    page.line("groundswell_start_time_seconds", &[], seconds(metrics.started_ms));
    page.head("groundswell_ready", "gauge", "1 when every loop runs and the views are loaded.");
    page.line("groundswell_ready", &[], u64::from(status.ready));
    page.head("groundswell_loop_running", "gauge", "1 while the loop runs.");
    for (name, state) in &status.loops {
        page.line("groundswell_loop_running", &[("loop", name)], u64::from(state.running));
    }
    page.head(
        "groundswell_analyser_leads",
        "gauge",
        "1 where this process's analyser leads, 0 where it follows.",
    );
    if let Some(leads) = metrics.leads {
        page.line("groundswell_analyser_leads", &[], u64::from(leads));
    }
}

fn lag(page: &mut Page, metrics: &Metrics) {
    page.head(
        "groundswell_lag_records",
        "gauge",
        "Records behind the end of what this process's loop reads.",
    );
    let mut ages = BTreeMap::new();
    if metrics.lag_seen_ms.is_some() {
        for name in metrics.status.loops.keys() {
            let own = metrics.lags.iter().filter(|lag| lag.of == *name);
            let oldest = own.clone().filter_map(|lag| lag.oldest_ms).min();
            ages.insert(name, oldest.map_or(0, |oldest| metrics.now_ms.saturating_sub(oldest).max(0)));
            page.line("groundswell_lag_records", &[("loop", name)], own.map(|lag| lag.records).sum::<u64>());
        }
    }
    let help = "Age of the oldest record that the loop has not read yet; 0 when it has caught up.";
    page.head("groundswell_lag_age_seconds", "gauge", help);
    for (name, age) in ages {
        page.line("groundswell_lag_age_seconds", &[("loop", name)], seconds(age));
    }
    let help = "Records behind the end of one partition that this process's loop reads.";
    page.head("groundswell_partition_lag_records", "gauge", help);
    for lag in &metrics.lags {
        let partition = lag.partition.to_string();
        let labels = [("loop", lag.of.as_str()), ("topic", &lag.topic), ("partition", &partition)];
        page.line("groundswell_partition_lag_records", &labels, lag.records);
    }
    let help = "When the lag was last seen; it stands still while the brokers do not answer.";
    page.head("groundswell_lag_seen_timestamp_seconds", "gauge", help);
    if let Some(seen) = metrics.lag_seen_ms {
        page.line("groundswell_lag_seen_timestamp_seconds", &[], seconds(seen));
    }
}

fn counters(page: &mut Page, metrics: &Metrics) {
    let status = &metrics.status;
    page.head("groundswell_views_rebuilt_total", "counter", "Views moved aside and rebuilt at this start.");
    page.line("groundswell_views_rebuilt_total", &[], status.rebuilt.len());
    page.head("groundswell_dead_letters_total", "counter", "Items that could not be used, by stable code.");
    for (code, count) in &metrics.dead_letters {
        page.line("groundswell_dead_letters_total", &[("code", code)], count);
    }
    page.head(
        "groundswell_items_total",
        "counter",
        "Items of raw records, by pipeline and what became of them.",
    );
    for ((pipeline, outcome), count) in &metrics.items {
        page.line("groundswell_items_total", &[("pipeline", pipeline), ("outcome", outcome)], count);
    }
    for (name, value) in status.counters.iter().filter(|(name, _)| *name != "dead_letters") {
        let metric = format!("groundswell_{name}_total");
        page.head(&metric, "counter", help(name));
        page.line(&metric, &[], value);
    }
}

/// Says what a counter counts.
fn help(counter: &str) -> &'static str {
    match counter {
        "raw_records" => "Raw records taken in by ingest.",
        "parts" => "Parts and customer records written to the feedback topic.",
        "customers" => "Customer records among the parts.",
        "tombstones" => "Deletions.",
        "skipped" => "Items that are not feedback.",
        "transactions" => "Transactions committed by ingest and by the analyser.",
        "aborted_transactions" => "Transactions that were aborted; their work is done again.",
        "folded_parts" => "Records of the feedback topic folded into the state.",
        "published" => "Feedback published with its mapping.",
        "superseded" => "Superseded parts that were removed from the log.",
        "indexed" => "Changes written to the index.",
        "index_commits" => "Commits of the index.",
        "pushed" => "Raw records taken in over HTTP.",
        "refused_pushes" => "Pushed items that were refused at the door.",
        "rebalances" => "Times that partitions were taken from this process.",
        "fenced_writers" => {
            "Loops stopped because a newer process took their writer's id; kept over restarts."
        }
        "positions_out_of_range" => {
            "Loops stopped by a position that the log does not hold; kept over restarts."
        }
        "loop_stops" => "Loops that stopped with a fault; kept over restarts.",
        _ => "Since this start.",
    }
}

/// Seconds of milliseconds.
fn seconds(ms: i64) -> f64 {
    ms as f64 / 1_000.0
}

/// A page in Prometheus' text format.
#[derive(Default)]
struct Page {
    text: String,
}

impl Page {
    fn head(&mut self, name: &str, kind: &str, help: &str) {
        let help = help.replace('\\', r"\\").replace('\n', r"\n");
        // Writing to a String cannot fail.
        let _ = writeln!(self.text, "# HELP {name} {help}\n# TYPE {name} {kind}");
    }

    fn line(&mut self, name: &str, labels: &[(&str, &str)], value: impl Display) {
        let written: Vec<String> =
            labels.iter().map(|(label, value)| format!("{label}=\"{}\"", escaped(value))).collect();
        let labels = if written.is_empty() { String::new() } else { format!("{{{}}}", written.join(",")) };
        // Writing to a String cannot fail.
        let _ = writeln!(self.text, "{name}{labels} {value}");
    }

    /// Buckets are cumulative: each counts everything up to its bound.
    fn histogram(&mut self, name: &str, help: &str, histogram: &Histogram) {
        self.head(name, "histogram", help);
        let bucket = format!("{name}_bucket");
        let mut up_to = 0;
        let bounds = histogram.bounds.iter().map(ToString::to_string).chain(["+Inf".to_owned()]);
        for (bound, count) in bounds.zip(histogram.counts.iter().chain(std::iter::repeat(&0))) {
            up_to += count;
            self.line(&bucket, &[("le", &bound)], up_to);
        }
        self.line(&format!("{name}_sum"), &[], histogram.sum);
        self.line(&format!("{name}_count"), &[], up_to);
    }
}

/// A label's value: backslashes, quotes and line breaks would end it.
fn escaped(value: &str) -> String {
    value.replace('\\', r"\\").replace('"', "\\\"").replace('\n', r"\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::installation::LoopStatus;

    fn metrics() -> Metrics {
        let mut metrics = Metrics { now_ms: 61_500, lag_seen_ms: Some(60_000), ..Metrics::default() };
        for name in ["ingest", "index"] {
            let state = LoopStatus { running: true, ..LoopStatus::default() };
            metrics.status.loops.insert(name.to_owned(), state);
        }
        for (partition, records, oldest_ms) in [(0, 2, Some(60_000)), (1, 1, Some(1_000)), (2, 0, None)] {
            let (of, topic) = ("ingest".to_owned(), "tickets".to_owned());
            metrics.lags.push(PartitionLag { of, topic, partition, records, oldest_ms });
        }
        metrics
    }

    #[test]
    fn every_metric_has_help_type_and_value() {
        let mut metrics = Metrics { leads: Some(true), ..Metrics::default() };
        metrics.status.counters.insert("raw_records".to_owned(), 7);
        metrics.status.counters.insert("dead_letters".to_owned(), 9);
        metrics.dead_letters.insert("adapt.bad_date", 9);
        let text = render(&metrics);
        for part in [
            "# TYPE groundswell_raw_records_total counter\ngroundswell_raw_records_total 7\n",
            "# TYPE groundswell_dead_letters_total counter\ngroundswell_dead_letters_total{code=\"adapt.bad_date\"} 9\n#",
            "groundswell_analyser_leads 1\n",
        ] {
            assert!(text.contains(part), "{part} is missing from\n{text}");
        }
        assert_eq!(text.matches("# TYPE groundswell_dead_letters_total ").count(), 1);
    }

    #[test]
    fn lag_is_summed_by_loop_and_its_age_is_that_of_the_oldest_record() {
        let text = render(&metrics());
        for line in [
            "groundswell_lag_records{loop=\"ingest\"} 3",
            "groundswell_lag_records{loop=\"index\"} 0",
            "groundswell_lag_age_seconds{loop=\"ingest\"} 60.5",
            "groundswell_lag_age_seconds{loop=\"index\"} 0",
            "groundswell_partition_lag_records{loop=\"ingest\",topic=\"tickets\",partition=\"1\"} 1",
            "groundswell_lag_seen_timestamp_seconds 60",
        ] {
            assert!(text.lines().any(|found| found == line), "{line} is missing from\n{text}");
        }
    }

    #[test]
    fn lag_that_was_never_seen_is_not_shown_as_none() {
        let text = render(&Metrics { lag_seen_ms: None, lags: Vec::new(), ..metrics() });
        assert!(!text.contains("groundswell_lag_records{"), "{text}");
    }

    #[test]
    fn buckets_are_cumulative_and_end_with_infinity() {
        let searchable = Histogram { bounds: vec![0.5, 1.0, 60.0], counts: vec![1, 0, 3, 2], sum: 190.25 };
        let text = render(&Metrics { searchable, ..Metrics::default() });
        let expected = "# TYPE groundswell_searchable_seconds histogram\n\
            groundswell_searchable_seconds_bucket{le=\"0.5\"} 1\n\
            groundswell_searchable_seconds_bucket{le=\"1\"} 1\n\
            groundswell_searchable_seconds_bucket{le=\"60\"} 4\n\
            groundswell_searchable_seconds_bucket{le=\"+Inf\"} 6\n\
            groundswell_searchable_seconds_sum 190.25\n\
            groundswell_searchable_seconds_count 6\n";
        assert!(text.contains(expected), "{text}");
    }

    #[test]
    fn labels_are_escaped() {
        let mut page = Page::default();
        page.line("m", &[("a", "C:\\x"), ("b", "say \"so\"\nand on")], 1);
        assert_eq!(page.text, "m{a=\"C:\\\\x\",b=\"say \\\"so\\\"\\nand on\"} 1\n");
    }
}
