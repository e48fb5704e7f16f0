//! Tests of the table adapter.
