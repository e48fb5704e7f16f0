//! Figures of the measuring: shares with Wilson's intervals, and the lines that are printed.

use std::collections::BTreeMap;

/// A share of a count.
#[derive(Debug, Clone, Copy, Default)]
pub struct Share {
    /// How many were right.
    pub right: u32,
    /// Of how many.
    pub all: u32,
}

impl Share {
    /// Counts one more.
    pub fn add(&mut self, right: bool) {
        self.right += u32::from(right);
        self.all += 1;
    }

    /// The share; 1 of none.
    pub fn value(self) -> f64 {
        if self.all == 0 { 1.0 } else { f64::from(self.right) / f64::from(self.all) }
    }

    /// Wilson's interval (1927) at 95 %.
    pub fn interval(self) -> (f64, f64) {
        let (count, share, z) = (f64::from(self.all.max(1)), self.value(), 1.96_f64);
        let middle = share + z * z / (2.0 * count);
        let reach = z * (share * (1.0 - share) / count + z * z / (4.0 * count * count)).sqrt();
        let whole = 1.0 + z * z / count;
        ((middle - reach) / whole, (middle + reach) / whole)
    }
}

/// What was measured: figures by task and name, with the worst cases.
#[derive(Default)]
pub struct Board {
    figures: BTreeMap<String, f64>,
}

impl Board {
    /// Prints a task's line and keeps its figures for the floors.
    #[expect(clippy::print_stdout, reason = "the figures are what the program is for")]
    pub fn line(&mut self, task: &str, count: usize, shares: &[(&str, Share)], worst: &[String]) {
        let mut line = format!("{task}: n {count}");
        for (name, share) in shares {
            let (low, high) = share.interval();
            line += &format!(
                ", {name} {:.3} ({low:.3} to {high:.3}, {} of {})",
                share.value(),
                share.right,
                share.all
            );
            self.figures.insert(format!("{task}.{name}"), share.value());
        }
        let worst: Vec<&str> = worst.iter().take(20).map(String::as_str).collect();
        println!("{line}; worst: {}", if worst.is_empty() { "none".to_owned() } else { worst.join(" ") });
    }

    /// Prints a count that must not be over its ceiling; kept as a share of none wrong.
    pub fn none(&mut self, task: &str, count: usize, found: &[String]) {
        let wrong = u32::try_from(found.len()).unwrap_or(u32::MAX);
        let all = u32::try_from(count).unwrap_or(u32::MAX);
        self.line(task, count, &[("clean", Share { right: all.saturating_sub(wrong), all })], found);
    }

    /// Compares with the floors, lines `"task.figure" = 0.9`; returns what is below, or missing.
    pub fn below(&self, floors: &str) -> Vec<String> {
        let lines = floors.lines().filter(|line| !line.trim_start().starts_with('#'));
        let pairs = lines.filter_map(|line| line.split_once('='));
        let floors = pairs.filter_map(|(name, floor)| {
            Some((name.trim().trim_matches('"').to_owned(), floor.trim().parse::<f64>().ok()?))
        });
        floors
            .filter(|(name, floor)| self.figures.get(name).is_none_or(|value| value < floor))
            .map(|(name, floor)| format!("{name} is below {floor}"))
            .collect()
    }
}
