//! What many say together: distinct people by cell and window, scores with intervals.
//! Pure maths over counts; it knows neither log nor store and reads no clock.

pub mod alignment;
pub mod closed_loop;
pub mod daily;
pub mod detect;
pub mod drivers;
pub mod expectation;
mod holding;
pub mod hundred_days;
pub mod loss;
mod matrix;
mod parts;
mod people;
mod scores;
mod sketch;
pub mod stats;
pub mod themes;
pub mod verify;
mod view;

pub use daily::{Daily, DailyCell, Spot, Voice};
pub use holding::{AnswerPoint, Dimension, Handled, Holding, Label, PartPlace, Row, UNKNOWN, gap_bit};
pub use matrix::{Cell, CellCount, Matrix, SMALL_GROUP, Window};
pub use parts::{Parts, Place};
pub use people::People;
pub use scores::{Interval, MIN_NPS_ANSWERS, Score, is_nps_scale, nps, scores, wilson};
pub use sketch::Sketch;
pub use view::{Seen, View};
