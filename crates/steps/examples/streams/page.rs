//! The tables on the terminal and in docs/detection.md.

use super::figures::Forum;
use super::rows::Figure;
use super::source;

const PAGE: &str = "docs/detection.md";
const BEGIN: &str = "<!-- streams: made by `cargo xtask eval streams` -->";
const END: &str = "<!-- streams: end -->";

/// Prints figures.
pub fn print(figures: &[&Figure]) {
    for figure in figures {
        let verdict = if figure.holds() { "" } else { "  MISSED" };
        println!(
            "{:8} {:>6}  wanted {:13} {}{verdict}",
            figure.stream,
            figure.told(),
            figure.wanted(),
            figure.says
        );
    }
}

/// Writes the tables between the marks of the page.
pub fn write(figures: &[&Figure], forum: &Forum) {
    let path = source::root().join(PAGE);
    let text = std::fs::read_to_string(&path).expect("docs/detection.md is there");
    let (Some(from), Some(to)) = (text.find(BEGIN), text.find(END)) else {
        println!("{PAGE} has no marks to write between");
        return;
    };
    let mut tables = String::from("\n\n| stream | what | figure | wanted |\n|---|---|---|---|\n");
    for figure in figures {
        let (stream, says) = (figure.stream, &figure.says);
        tables.push_str(&format!("| {stream} | {says} | **{}** | {} |\n", figure.told(), figure.wanted()));
    }
    tables.push_str("\nRises about anything else than the two events, by the month in which they begin:\n\n");
    tables.push_str(&format!(
        "| month | {} |\n|---|{}\n",
        Forum::ways().join(" | "),
        "---|".repeat(Forum::ways().len())
    ));
    for (month, others) in &forum.months {
        let others: Vec<String> = others.iter().map(usize::to_string).collect();
        tables.push_str(&format!("| {month} | {} |\n", others.join(" | ")));
    }
    tables.push('\n');
    let page = format!("{}{BEGIN}{tables}{}", &text[..from], &text[to..]);
    std::fs::write(&path, page).expect("docs/detection.md can be written");
}
