//! Why themes cannot be found: shapes that do not fit, settings out of range, or somebody who asked to stop.

/// Why there are no themes.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ThemesError {
    /// Numbers do not fill rows of this width.
    #[error("{values} numbers do not fill rows of {dimensions}")]
    Shape {
        /// Numbers in all.
        values: usize,
        /// Numbers of a row.
        dimensions: usize,
    },
    /// Two inputs that belong together have different lengths.
    #[error("{what}: {found} where {wanted} are wanted")]
    Lengths {
        /// What is counted.
        what: &'static str,
        /// How many there are.
        found: usize,
        /// How many there should be.
        wanted: usize,
    },
    /// A setting is out of its range.
    #[error("{what} is {value}, which is not {wanted}")]
    OutOfRange {
        /// Which setting.
        what: &'static str,
        /// Its value.
        value: f64,
        /// What it has to be.
        wanted: &'static str,
    },
    /// More than can be numbered.
    #[error("{found} texts, at most {most} in one run")]
    TooMany {
        /// How many there are.
        found: usize,
        /// How many there may be.
        most: usize,
    },
    /// The watch asked to stop.
    #[error("stopped before the themes were found")]
    Stopped,
}
