//! A figure: what was measured, what it must reach, and whether it did.

/// What a figure must be.
#[derive(Clone, Copy)]
pub enum Wanted {
    /// At least this.
    AtLeast(f64),
    /// From and to.
    Within(f64, f64),
    /// Nothing: it stands beside the others.
    Beside,
}

/// One line of the table.
pub struct Row {
    /// The data.
    pub data: &'static str,
    /// What was measured.
    pub says: String,
    /// The figure.
    pub value: f64,
    /// What it must be.
    pub wanted: Wanted,
}

impl Row {
    /// A figure.
    pub fn new(data: &'static str, says: impl Into<String>, value: f64, wanted: Wanted) -> Self {
        Self { data, says: says.into(), value, wanted }
    }

    /// Says whether the figure is as wanted.
    pub fn holds(&self) -> bool {
        match self.wanted {
            Wanted::AtLeast(low) => self.value >= low,
            Wanted::Within(low, high) => (low..=high).contains(&self.value),
            Wanted::Beside => true,
        }
    }

    /// What is wanted, in words.
    pub fn wanted(&self) -> String {
        match self.wanted {
            Wanted::AtLeast(low) => format!("at least {low}"),
            Wanted::Within(low, high) => format!("{low} to {high}"),
            Wanted::Beside => "–".to_owned(),
        }
    }
}
