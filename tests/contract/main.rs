//! The contract: rules of the project that no compiler checks. A rule without a test is not a rule.

mod boundaries;
mod compose;
mod deploy;
mod documents;
mod error_codes;
mod pipelines;
mod schemas;
mod sizes;
mod source;
mod tidy;
mod watching;
mod workspace;
