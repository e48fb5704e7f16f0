//! How results are shown: the report as text and as one HTML page, hits, the first rows of an import.

mod bars;
mod company;
mod html;
mod html_company;
mod html_issues;
mod html_scores;
mod html_themes;
mod issues;
mod matrix;
mod rows;
mod saved;
mod search;
mod text;
mod themes;

pub use html::html;
pub use issues::{issue, issues};
pub use rows::first_rows;
pub use saved::saved;
pub use search::hits;
pub use text::text;
pub use themes::{theme, theme_diff, theme_edits, themes};
