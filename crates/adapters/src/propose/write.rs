//! A proposed pipeline as a TOML file with comments.

use super::Proposal;

/// A comment above each section of the file, by the line that begins it.
const COMMENTS: [(&str, &str); 19] = [
    ("name = ", "The pipeline's name: lower case; also the file's name."),
    ("version = ", "Raise it when the mapping changes: the records are then made anew under the same ids."),
    ("kind = ", "Whose voice it is: complaint, survey, employee or public."),
    ("channel = ", "How it arrived, where the rows do not say it."),
    ("zone = ", "Zone of dates without an offset, such as Europe/Berlin."),
    ("[source]", "Names the source; the same system and record id is the same feedback."),
    ("[limits]", "Longer records are refused, longer texts cut."),
    ("[table]", "How the file is laid out, and what its columns are."),
    ("record = [", "The columns that identify a row; without them the row itself does."),
    ("[table.occurred_at]", "When it was said."),
    ("[table.revision]", "When the row was last changed: the later one wins."),
    ("[[table.respondent]]", "Who said it: hashed, never stored."),
    ("[[table.personal]]", "Personal values: removed from every text, never stored."),
    ("[[table.statement]]", "A column of free text."),
    ("[[table.answer]]", "A column of scores, with its scale and direction."),
    ("[table.context", "Structured evidence of where on the journey it belongs."),
    ("[table.segments", "What to cut figures by."),
    ("[table.subject", "What it is about."),
    ("[table.clock", "The customer's own dates."),
];

/// Writes the file.
pub(super) fn with_comments(proposal: &Proposal) -> String {
    let mut text = String::from("# Proposed from the file's columns: check it, and change what is wrong.\n");
    for note in &proposal.notes {
        text.push_str(&format!("# {note}\n"));
    }
    for question in &proposal.questions {
        let chosen = question.options.get(question.default).map_or("", |(label, _)| label.as_str());
        text.push_str(&format!("# {} {chosen}.\n", question.text));
    }
    text.push('\n');
    let mut said = std::collections::BTreeSet::new();
    for line in proposal.pipeline.to_toml().lines() {
        let comment = COMMENTS.iter().find(|(start, _)| line.starts_with(start));
        if let Some((_, comment)) = comment.filter(|(start, _)| said.insert(*start)) {
            text.push_str(&format!("# {comment}\n"));
        }
        text.push_str(line);
        text.push('\n');
    }
    text
}
