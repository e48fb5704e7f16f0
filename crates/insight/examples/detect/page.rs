//! The table on the terminal and in docs/detection.md.

use std::path::Path;

use super::rows::Row;

const PAGE: &str = "docs/detection.md";
const BEGIN: &str = "<!-- detect: made by `cargo xtask eval detect` -->";
const END: &str = "<!-- detect: end -->";

/// Prints a table.
pub fn print(rows: &[Row]) {
    for row in rows {
        let verdict = if row.holds() { "" } else { "  MISSED" };
        println!(
            "{:9} {:7.4} ± {:.4}  wanted {:14} {}{verdict}",
            row.simulation,
            row.value,
            row.error,
            row.wanted(),
            row.says
        );
    }
}

/// Writes the table between the marks of the page.
pub fn write(rows: &[Row]) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(PAGE);
    let text = std::fs::read_to_string(&path).expect("docs/detection.md is there");
    let (Some(from), Some(to)) = (text.find(BEGIN), text.find(END)) else {
        println!("{PAGE} has no marks to write between");
        return;
    };
    let mut table =
        String::from("\n\n| simulation | what | figure | standard error | wanted |\n|---|---|---|---|---|\n");
    for row in rows {
        table.push_str(&format!(
            "| {} | {} | **{:.3}** | {:.3} | {} |\n",
            row.simulation,
            row.says,
            row.value,
            row.error,
            row.wanted()
        ));
    }
    table.push('\n');
    let page = format!("{}{BEGIN}{table}{}", &text[..from], &text[to..]);
    std::fs::write(&path, page).expect("docs/detection.md can be written");
}
