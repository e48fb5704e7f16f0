//! What many say together: distinct people by cell and window, scores with intervals.
//! Pure maths over counts; it knows neither log nor store and reads no clock.

pub mod daily;
pub mod detect;
mod holding;
mod matrix;
mod people;
mod scores;
pub mod stats;
mod view;

pub use daily::{Daily, DailyCell, Spot, Voice};
pub use holding::{AnswerPoint, Holding, PartPlace, Row, UNKNOWN};
pub use matrix::{Cell, CellCount, Matrix, SMALL_GROUP, Window};
pub use people::People;
pub use scores::{Interval, MIN_NPS_ANSWERS, Score, nps, scores, wilson};
pub use view::{Seen, View};
