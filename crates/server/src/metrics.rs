//! Metrics in Prometheus' text format, from the status.

use std::fmt::Write;

use crate::installation::Status;

/// Writes the metrics of a status.
pub fn render(status: &Status) -> String {
    let mut text = String::new();
    head(&mut text, "groundswell_ready", "gauge", "1 when every loop runs and the views are loaded.");
    line(&mut text, "groundswell_ready", "", u64::from(status.ready));
    head(&mut text, "groundswell_loop_running", "gauge", "1 while the loop runs.");
    for (name, state) in &status.loops {
        line(&mut text, "groundswell_loop_running", &format!("loop=\"{name}\""), u64::from(state.running));
    }
    head(&mut text, "groundswell_lag_records", "gauge", "Records behind the end of what the loop reads.");
    for (name, state) in &status.loops {
        line(&mut text, "groundswell_lag_records", &format!("loop=\"{name}\""), state.lag);
    }
    head(
        &mut text,
        "groundswell_views_rebuilt_total",
        "counter",
        "Views moved aside and rebuilt at this start.",
    );
    line(&mut text, "groundswell_views_rebuilt_total", "", status.rebuilt.len() as u64);
    for (name, value) in &status.counters {
        let metric = format!("groundswell_{name}_total");
        head(&mut text, &metric, "counter", "Since this start.");
        line(&mut text, &metric, "", *value);
    }
    text
}

fn head(text: &mut String, name: &str, kind: &str, help: &str) {
    // Writing to a String cannot fail.
    let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} {kind}");
}

fn line(text: &mut String, name: &str, labels: &str, value: u64) {
    let labels = if labels.is_empty() { String::new() } else { format!("{{{labels}}}") };
    // Writing to a String cannot fail.
    let _ = writeln!(text, "{name}{labels} {value}");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::installation::LoopStatus;

    #[test]
    fn every_metric_has_help_type_and_value() {
        let mut status = Status { ready: true, ..Status::default() };
        status
            .loops
            .insert("ingest".to_owned(), LoopStatus { running: true, lag: 3, ..LoopStatus::default() });
        status.counters.insert("raw_records".to_owned(), 7);
        let text = render(&status);
        assert!(text.contains("groundswell_lag_records{loop=\"ingest\"} 3\n"), "{text}");
        assert!(
            text.contains("# TYPE groundswell_raw_records_total counter\ngroundswell_raw_records_total 7\n"),
            "{text}"
        );
    }
}
