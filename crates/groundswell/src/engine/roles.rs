//! What one process of an installation does.

use std::fmt;
use std::str::FromStr;

use super::progress::Stage;

/// The parts of the work that a process takes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Roles {
    /// Raw records to feedback.
    pub ingest: bool,
    /// Feedback to mapped, and the counts.
    pub analyse: bool,
    /// Mapped to the search index.
    pub index: bool,
    /// Answering over HTTP, beyond health and metrics.
    pub serve: bool,
}

impl Roles {
    /// Everything, as one process does it alone.
    pub const ALL: Self = Self { ingest: true, analyse: true, index: true, serve: true };

    /// Says whether the process runs a loop.
    pub fn runs(self, stage: Stage) -> bool {
        match stage {
            Stage::Ingest => self.ingest,
            Stage::Analyse => self.analyse,
            Stage::Index => self.index,
        }
    }
}

impl Default for Roles {
    fn default() -> Self {
        Self::ALL
    }
}

impl FromStr for Roles {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut roles = Self { ingest: false, analyse: false, index: false, serve: false };
        for name in text.split(',').map(str::trim) {
            match name {
                "ingest" => roles.ingest = true,
                "analyse" => roles.analyse = true,
                "index" => roles.index = true,
                "serve" => roles.serve = true,
                "all" => roles = Self::ALL,
                _ => return Err(format!("{name:?} is no role: write some of ingest,analyse,index,serve")),
            }
        }
        Ok(roles)
    }
}

impl fmt::Display for Roles {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all = [
            ("ingest", self.ingest),
            ("analyse", self.analyse),
            ("index", self.index),
            ("serve", self.serve),
        ];
        let names: Vec<&str> = all.iter().filter(|(_, on)| *on).map(|(name, _)| *name).collect();
        out.write_str(&names.join(","))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_are_written_as_they_are_read() {
        for text in ["ingest", "analyse,serve", "ingest,analyse,index,serve"] {
            assert_eq!(text.parse::<Roles>().unwrap().to_string(), text);
        }
        assert_eq!("all".parse(), Ok(Roles::ALL));
        assert!("ingest,cook".parse::<Roles>().unwrap_err().contains("cook"));
        assert!("".parse::<Roles>().is_err());
    }
}
