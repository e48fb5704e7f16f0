//! The first rows of an import as they would be stored.

use std::fmt::Write;

use groundswell_model::{Customer, Part};
use groundswell_steps::Ready;

use crate::commands::{FirstLook, grouped};

/// Longest text shown of a row, in characters.
const TEXT: usize = 90;

/// Shows the first rows, and how many there are.
pub fn first_rows(look: &FirstLook) -> String {
    let mut out = format!("\n{} rows; the first of them become:\n", grouped(look.total));
    for (number, row) in &look.shown {
        // Writing to a String cannot fail.
        let _ = match row {
            Ok(Ready::Part { part, .. }) => writeln!(out, "  {number:>4}  {}", feedback(part)),
            Ok(Ready::Customer(customer)) => writeln!(out, "  {number:>4}  {}", of_customer(customer)),
            Ok(Ready::Skip(reason)) => writeln!(out, "  {number:>4}  skipped: {reason}"),
            Err(message) => writeln!(out, "  {number:>4}  refused: {message}"),
        };
    }
    out
}

fn feedback(part: &Part) -> String {
    let content = &part.content;
    let day: String = content.occurred_at.to_string().chars().take(10).collect();
    let mut pieces = vec![format!("{} {day}", content.kind)];
    pieces.extend(content.answers.iter().map(|answer| {
        format!("{} {} of {}–{}", answer.metric, answer.value, answer.scale.min, answer.scale.max)
    }));
    pieces.extend(content.context.iter().map(|(name, value)| format!("{name}: {value}")));
    pieces.extend(content.subject.product.iter().map(|product| format!("product: {product}")));
    pieces.extend(content.statements.iter().map(|statement| format!("“{}”", cut(&statement.text))));
    pieces.join(" | ")
}

fn of_customer(customer: &Customer) -> String {
    let bought =
        customer.clock.purchased_at.map_or_else(|| "no purchase date".to_owned(), |at| at.to_string());
    format!("customer with {} further identities, {bought}", customer.identities.len())
}

fn cut(text: &str) -> String {
    let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match flat.char_indices().nth(TEXT) {
        Some((end, _)) => format!("{}…", flat.get(..end).unwrap_or(&flat)),
        None => flat,
    }
}
