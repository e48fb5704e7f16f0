//! Copied posts: one text that many people post within an hour. A finding of its own: it makes no issue, and is not hidden.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use groundswell_insight::detect::gates::{Post, copied_posts};
use groundswell_insight::themes::{duplicates, signature};
use groundswell_insight::{Seen, View, Window};
use groundswell_model::{FeedbackId, Kind, Timestamp};

/// Findings that are shown at most.
const MOST: usize = 10;

/// One text that at least five people posted within an hour.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CopiedRow {
    /// When the densest hour began.
    pub from: Timestamp,
    /// Different people in that hour; one who is not known counts as one of their own.
    pub people: u64,
    /// Copies in all, at any time of the window.
    pub messages: u64,
    /// Other texts that are nearly the same, whose copies are counted among these.
    pub variants: u64,
    /// What sort of voice most copies are.
    pub kind: String,
    /// The feedback that is quoted.
    pub id: String,
    /// The text, redacted.
    pub text: Option<String>,
}

/// Makes one finding of those whose texts are nearly the same (four fifths of the character 5-grams): that of most people in
/// an hour stands, and the copies of the others are counted with it. To be called when the texts are known.
pub fn merged(rows: Vec<CopiedRow>) -> Vec<CopiedRow> {
    let signatures: Vec<_> = rows.iter().map(|row| row.text.as_deref().and_then(signature)).collect();
    let firsts = duplicates(&signatures);
    let mut merged: BTreeMap<usize, CopiedRow> = BTreeMap::new();
    for (row, first) in rows.into_iter().zip(firsts) {
        match merged.get_mut(&first) {
            Some(known) => {
                known.messages += row.messages;
                known.variants += 1;
            }
            None => drop(merged.insert(first, row)),
        }
    }
    merged.into_values().collect()
}

/// Finds copied posts of a window, and the feedback to quote for each. Staff's are left out.
pub fn copied(view: &View, window: &Window) -> Vec<(CopiedRow, FeedbackId)> {
    let held = || {
        let rows = view.rows();
        rows.filter(|(_, row)| window.holds(row) && row.fingerprint != 0 && row.kind != Kind::Employee)
    };
    let person = |seen: &Seen| (!seen.unlinked).then(|| u64::from(view.people.canonical(seen.person)));
    let posts: Vec<Post> = held()
        .map(|(seen, row)| Post {
            person: person(seen),
            minute: i64::from(row.minute),
            text: row.fingerprint,
        })
        .collect();
    let mut found = copied_posts(&posts);
    found.truncate(MOST);
    let mut of_text: BTreeMap<u64, (BTreeMap<Kind, u64>, FeedbackId)> = BTreeMap::new();
    for (seen, row) in held().filter(|(_, row)| found.iter().any(|copied| copied.text == row.fingerprint)) {
        let (kinds, first) = of_text.entry(row.fingerprint).or_insert_with(|| (BTreeMap::new(), seen.id));
        *kinds.entry(row.kind).or_default() += 1;
        *first = (*first).min(seen.id);
    }
    let row = |copied: &groundswell_insight::detect::gates::CopiedPosts| {
        let (kinds, id) = of_text.get(&copied.text)?;
        let kind = kinds.iter().max_by_key(|(kind, count)| (**count, std::cmp::Reverse(**kind)))?.0;
        let from = Timestamp::from_millis(copied.from * 60_000);
        let (people, messages) = (copied.people as u64, copied.messages as u64);
        let row = CopiedRow {
            from,
            people,
            messages,
            variants: 0,
            kind: kind.to_string(),
            id: id.to_string(),
            text: None,
        };
        Some((row, *id))
    };
    found.iter().filter_map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(text: &str, messages: u64) -> CopiedRow {
        CopiedRow {
            from: Timestamp::from_millis(0),
            people: 5,
            messages,
            variants: 0,
            kind: "public".to_owned(),
            id: String::new(),
            text: Some(text.to_owned()),
        }
    }

    #[test]
    fn nearly_the_same_texts_are_one_finding_with_all_copies() {
        let warning = "after the update the app records our conversations in the kitchen and sells my data";
        let rows = vec![
            row(&format!("Warning: {warning}!"), 25),
            row("Nobody at the shop knew anything about the recall of the kettles.", 9),
            row(&format!("WARNING!! {warning}"), 13),
            row(&format!("Warning: {warning} to others"), 8),
        ];
        let found = merged(rows);
        assert_eq!(found.len(), 2, "{found:#?}");
        assert_eq!((found[0].messages, found[0].variants), (46, 2));
        assert_eq!((found[1].messages, found[1].variants), (9, 0));
        assert_eq!(merged(Vec::new()), []);
    }
}
