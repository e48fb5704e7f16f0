//! A figure: what was measured, what it must reach, and whether it did.

/// What a figure must be.
#[derive(Clone, Copy)]
pub enum Wanted {
    /// At least this.
    AtLeast(f64),
    /// At most this.
    AtMost(f64),
    /// Nothing: it stands beside the others.
    Beside,
}

/// One line of the table.
pub struct Figure {
    /// The stream.
    pub stream: &'static str,
    /// What was measured.
    pub says: String,
    /// The figure; absent where nothing was found.
    pub value: Option<f64>,
    /// What it must be.
    pub wanted: Wanted,
}

impl Figure {
    /// Says whether the figure is as wanted.
    pub fn holds(&self) -> bool {
        match (self.wanted, self.value) {
            (Wanted::Beside, _) => true,
            (Wanted::AtLeast(low), Some(value)) => value >= low,
            (Wanted::AtMost(high), Some(value)) => value <= high,
            (_, None) => false,
        }
    }

    /// The figure in words.
    pub fn told(&self) -> String {
        match self.value {
            Some(value) if value.fract() == 0.0 => format!("{value:.0}"),
            Some(value) => format!("{value:.2}"),
            None => "none".to_owned(),
        }
    }

    /// What is wanted, in words.
    pub fn wanted(&self) -> String {
        match self.wanted {
            Wanted::AtLeast(low) => format!("at least {low}"),
            Wanted::AtMost(high) => format!("at most {high}"),
            Wanted::Beside => "–".to_owned(),
        }
    }
}
