//! Themes in the product: looked for in the background, listed, shown and edited.

mod desk;
mod due;
mod edit;
mod emerge;
mod find;
mod gather;
mod list;
mod propose;
mod searched;
mod telling;

pub(super) use desk::{Desk, keep_finding};
pub(super) use gather::theme_among;
