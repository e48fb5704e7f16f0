//! Tests of splitting files into rows.
