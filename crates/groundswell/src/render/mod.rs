//! How results are shown: the report as text and as one HTML page, hits, the first rows of an import.

mod company;
mod html;
mod html_company;
mod html_issues;
mod html_scores;
mod issues;
mod matrix;
mod rows;
mod search;
mod text;

pub use html::html;
pub use issues::{issue, issues};
pub use rows::first_rows;
pub use search::hits;
pub use text::text;
