//! The table on the terminal and in docs/quality.md, and the rows that fell under their floor.

use super::learning::read::{own, root};
use super::rows::{Row, floors};

const PAGE: &str = "docs/quality.md";
const BEGIN: &str = "<!-- annotate: made by `cargo xtask eval` -->";
const END: &str = "<!-- annotate: end -->";

/// Prints the table.
pub fn print(rows: &[Row], worst: bool) {
    let floors = floors();
    for row in rows {
        let floor = floors.get(row.key).map_or(String::new(), |floor| format!("{floor:.2}"));
        let target = row.target.map_or(String::new(), |target| format!("{target:.2}"));
        println!(
            "{:26} {:.3} ({:.3}-{:.3}) n {:5} target {target:5} floor {floor:5} {} {}; {}",
            row.key,
            row.figure.value,
            row.figure.low,
            row.figure.high,
            row.figure.n,
            row.unit,
            row.task,
            row.measured_on
        );
        if worst && !row.worst.is_empty() {
            println!("    worst: {}", row.worst.join(", "));
        }
    }
}

/// Gives a line for each row under its floor, and for each row or floor without the other.
pub fn fallen(rows: &[Row]) -> Vec<String> {
    let floors = floors();
    let low = rows.iter().filter_map(|row| {
        let floor = floors.get(row.key)?;
        (row.figure.value < *floor)
            .then(|| format!("{} fell to {:.3}, under its floor of {floor:.3}", row.key, row.figure.value))
    });
    low.collect()
}

/// Writes the table between the marks of the page.
pub fn write(rows: &[Row]) {
    let text = own(PAGE);
    let (Some(from), Some(to)) = (text.find(BEGIN), text.find(END)) else {
        println!("{PAGE} has no marks to write between");
        return;
    };
    let floors = floors();
    let mut table = String::from(
        "\n\n| task | measured on | figure | 95 % interval | n | wanted | floor |\n|---|---|---|---|---|---|---|\n",
    );
    for row in rows {
        let floor = floors.get(row.key).map_or("–".to_owned(), |floor| format!("{floor:.2}"));
        let target = row.target.map_or("–".to_owned(), |target| format!("{target:.2}"));
        table.push_str(&format!(
            "| {} | {} | {} **{:.3}** | {:.3} to {:.3} | {} | {target} | {floor} |\n",
            row.task,
            row.measured_on,
            row.unit,
            row.figure.value,
            row.figure.low,
            row.figure.high,
            row.figure.n
        ));
    }
    table.push_str("\nThe worst twenty of each, by id (texts of others are not shown):\n\n");
    for row in rows.iter().filter(|row| !row.worst.is_empty()) {
        table.push_str(&format!("- {}, {}: {}\n", row.task, row.measured_on, row.worst.join(", ")));
    }
    table.push('\n');
    let page = format!("{}{BEGIN}{table}{}", &text[..from], &text[to..]);
    if let Err(error) = std::fs::write(root().join(PAGE), page) {
        println!("{PAGE}: {error}");
    }
}
