//! What training and evaluation share: the data sets as labelled samples, the solver, and the making of heads.

pub mod build;
pub mod corpus;
pub mod exact;
pub mod read;
pub mod solve;
pub mod tags;
