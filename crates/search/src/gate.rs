//! Small groups of employees: which counts may be shown.
//!
//! A group is withheld where it, or its remainder, has feedback from fewer than five known people. Feedback without a
//! respondent never helps a group over that line. For a whole query the group is the employees' feedback that matches
//! and its remainder is all other feedback of employees in the index; for a value of a facet the group is the matching
//! employees' feedback with that value and the remainder the matching employees' feedback without it. Where that hides
//! values of a field that could be found by subtraction (all hidden ones small), the next smallest is hidden too.

use std::collections::HashSet;

use crate::collect::Row;

/// The least number of people in a group of employees that is shown.
pub const SMALL_GROUP: u64 = 5;

/// Employees' feedback and the known people behind it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Group {
    pub people: u64,
    pub feedback: u64,
}

impl Group {
    /// Says whether there is feedback, but too few people to show it.
    pub(crate) fn is_small(self) -> bool {
        self.feedback > 0 && self.people < SMALL_GROUP
    }

    /// Counts rows that are sorted by person.
    pub(crate) fn of<'r>(rows: impl Iterator<Item = &'r Row>) -> Self {
        let mut group = Self::default();
        let mut last = None;
        for row in rows {
            group.feedback += 1;
            if row.voice.is_linked() && last != Some(row.voice) {
                group.people += 1;
                last = Some(row.voice);
            }
        }
        group
    }
}

/// Says whether the matching rows of employees must be withheld; both are sorted by person, `all` are the rows of all
/// employees.
pub(crate) fn withholds(matching: &[Row], all: &[Row]) -> bool {
    let employees = || matching.iter().filter(|row| row.voice.is_employee());
    if Group::of(employees()).is_small() {
        return true;
    }
    let shown: HashSet<(u32, u32)> = employees().map(|row| (row.segment, row.doc)).collect();
    Group::of(all.iter().filter(|row| !shown.contains(&(row.segment, row.doc)))).is_small()
}

/// Says for each value of a field whether its employees are hidden; each is given with its remainder.
pub(crate) fn hidden(groups: &[(Group, Group)]) -> Vec<bool> {
    let mut hidden: Vec<bool> =
        groups.iter().map(|(own, rest)| own.feedback > 0 && (own.is_small() || rest.is_small())).collect();
    let any = hidden.contains(&true);
    let covered = groups.iter().zip(&hidden).any(|((own, _), hidden)| *hidden && !own.is_small());
    if any && !covered {
        let shown = groups.iter().zip(&mut hidden).filter(|((own, _), hidden)| own.feedback > 0 && !**hidden);
        if let Some((_, hide)) = shown.min_by_key(|((own, _), _)| (own.people, own.feedback)) {
            *hide = true;
        }
    }
    hidden
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::people::Voice;

    fn row(person: u32, linked: bool, doc: u32) -> Row {
        Row { voice: Voice(person << 2 | 2 | u32::from(!linked)), segment: 0, doc }
    }

    #[test]
    fn five_known_people_are_shown_and_four_are_not() {
        let rows: Vec<Row> = (0..5).map(|person| row(person, true, person)).collect();
        assert!(!withholds(&rows, &rows));
        assert!(withholds(&rows[..4], &rows[..4]));
        assert!(withholds(&rows[..1], &rows));
        assert!(!withholds(&[], &rows));
        let mut with_unlinked = rows[..4].to_vec();
        with_unlinked.extend((10..30).map(|doc| row(doc, false, doc)));
        assert!(withholds(&with_unlinked, &with_unlinked));
    }

    #[test]
    fn a_small_remainder_withholds_the_group() {
        let rows: Vec<Row> = (0..12).map(|person| row(person, true, person)).collect();
        assert!(withholds(&rows[..9], &rows));
        assert!(!withholds(&rows[..7], &rows));
        // The remainder counts people of other feedback, also of people in the group.
        let again: Vec<Row> = (0..10).map(|doc| row(doc % 5, true, doc)).collect();
        let mut sorted = again.clone();
        sorted.sort();
        assert!(!withholds(&again[..5], &sorted));
    }

    #[test]
    fn what_could_be_found_by_subtraction_is_hidden_too() {
        let group = |people| Group { people, feedback: people };
        let field = |sizes: &[u64]| {
            let total: u64 = sizes.iter().sum();
            hidden(&sizes.iter().map(|&size| (group(size), group(total - size))).collect::<Vec<_>>())
        };
        assert_eq!(field(&[10, 7, 6]), [false, false, false]);
        assert_eq!(field(&[10, 7, 3]), [false, true, true]);
        assert_eq!(field(&[17, 3]), [true, true]);
        assert_eq!(field(&[20, 0]), [false, false]);
        assert_eq!(field(&[2, 2, 2]), [true, true, true]);
        assert_eq!(field(&[10, 3, 3]), [true, true, true]);
    }
}
