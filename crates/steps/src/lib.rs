//! The loops' work as pure functions: raw to feedback, feedback to mapping, the analyser's fold.
