//! The table on the terminal and in docs/themes.md.

use std::path::Path;

use super::rows::Row;

const PAGE: &str = "docs/themes.md";
const BEGIN: &str = "<!-- themes: made by `cargo xtask eval themes` -->";
const END: &str = "<!-- themes: end -->";

/// Prints a table.
pub fn print(rows: &[Row]) {
    for row in rows {
        let verdict = if row.holds() { "" } else { "  MISSED" };
        println!("{:9} {:8.3}  wanted {:14} {}{verdict}", row.data, row.value, row.wanted(), row.says);
    }
}

/// Writes the table between the marks of the page.
pub fn write(rows: &[Row]) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(PAGE);
    let text = std::fs::read_to_string(&path).expect("docs/themes.md is there");
    let (Some(from), Some(to)) = (text.find(BEGIN), text.find(END)) else {
        println!("{PAGE} has no marks to write between");
        return;
    };
    let mut table = String::from("\n\n| data | what | figure | wanted |\n|---|---|---|---|\n");
    for row in rows {
        table.push_str(&format!(
            "| {} | {} | **{:.3}** | {} |\n",
            row.data,
            row.says,
            row.value,
            row.wanted()
        ));
    }
    table.push('\n');
    let page = format!("{}{BEGIN}{table}{}", &text[..from], &text[to..]);
    std::fs::write(&path, page).expect("docs/themes.md can be written");
}
