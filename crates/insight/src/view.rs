//! The view in memory: one row per feedback, derived from state at start. Every figure is a scan over the rows, so that
//! nothing has to be taken back when a feedback changes: its row changes. A million rows scan in tens of milliseconds.

use std::collections::HashMap;

use groundswell_model::{FeedbackId, RespondentKey};

use crate::holding::{Holding, Label, Row};
use crate::people::People;
use crate::sketch::{Sketch, nearest};

/// All feedback that the analyser knows, as rows, with the persons behind them.
#[derive(Debug, Default)]
pub struct View {
    /// Persons and customer records.
    pub people: People,
    numbers: HashMap<FeedbackId, u32>,
    seen: Vec<Seen>,
    /// Last feedback of each identity; each feedback names the one before it.
    last_of: HashMap<u32, u32>,
    /// Labels by number, and their numbers.
    labels: Vec<Label>,
    label_numbers: HashMap<Label, u32>,
    /// Feedback that were taken in.
    changes: u64,
}

/// One feedback in the view.
#[derive(Clone, Debug)]
pub struct Seen {
    /// Its id.
    pub id: FeedbackId,
    /// What counts, without its labels; absent when deleted.
    pub row: Option<Row>,
    /// Numbers of its labels.
    pub labels: Box<[u32]>,
    /// Number of the identity that said it, or of its own unlinked person.
    pub person: u32,
    /// Whether no respondent is known.
    pub unlinked: bool,
    /// The signs of its embedding, where it has one.
    pub sketch: Option<Sketch>,
    previous: Option<u32>,
}

impl View {
    /// Says whether the feedback is known.
    pub fn knows(&self, id: FeedbackId) -> bool {
        self.numbers.contains_key(&id)
    }

    /// Gives a feedback, deleted ones included.
    pub fn seen(&self, id: FeedbackId) -> Option<&Seen> {
        self.numbers.get(&id).and_then(|number| self.seen.get(*number as usize))
    }

    /// Takes in what the state holds of a feedback, in place of what was known before.
    pub fn put(&mut self, id: FeedbackId, holding: &Holding) {
        self.changes += 1;
        let mut row = holding.row.clone();
        let labels = row.as_mut().map(|row| std::mem::take(&mut row.labels)).unwrap_or_default();
        let labels = labels.into_iter().map(|label| self.label_number(label)).collect();
        let respondent = row.as_ref().and_then(|row| row.respondent);
        let number = match self.numbers.get(&id).copied() {
            Some(number) => self.replace(number, row, labels, respondent),
            None => self.add(id, row, labels, respondent),
        };
        if let Some(seen) = self.seen.get_mut(number as usize) {
            seen.sketch = holding.vector.as_deref().map(Sketch::of);
        }
    }

    /// How often anything has changed: while it stands, every count stands.
    pub fn changes(&self) -> u64 {
        self.changes + self.people.changes()
    }

    /// Gives the label of a number.
    pub fn label(&self, number: u32) -> Option<&Label> {
        self.labels.get(number as usize)
    }

    /// Gives the number of a label that some feedback has, or had.
    pub fn find_label(&self, label: &Label) -> Option<u32> {
        self.label_numbers.get(label).copied()
    }

    /// Gives every label that some feedback has, or had, by number.
    pub(crate) fn labels(&self) -> &[Label] {
        &self.labels
    }

    fn label_number(&mut self, label: Label) -> u32 {
        if let Some(number) = self.label_numbers.get(&label) {
            return *number;
        }
        let number = u32::try_from(self.labels.len()).unwrap_or(u32::MAX);
        self.labels.push(label.clone());
        self.label_numbers.insert(label, number);
        number
    }

    /// Gives how many feedback are known and not deleted.
    pub fn len(&self) -> usize {
        self.seen.iter().filter(|seen| seen.row.is_some()).count()
    }

    /// Says whether no feedback counts.
    pub fn is_empty(&self) -> bool {
        self.seen.iter().all(|seen| seen.row.is_none())
    }

    /// Gives every feedback that counts.
    pub fn rows(&self) -> impl Iterator<Item = (&Seen, &Row)> {
        self.seen.iter().filter_map(|seen| seen.row.as_ref().map(|row| (seen, row)))
    }

    /// Gives the feedback whose embeddings are likely to be nearest to one, at most `most`, by the signs of their numbers.
    pub fn alike(&self, vector: &[i8], most: usize) -> Vec<FeedbackId> {
        let sketches = self.seen.iter().map(|seen| seen.sketch.filter(|_| seen.row.is_some()));
        let near = nearest(Sketch::of(vector), sketches, most);
        near.into_iter().filter_map(|at| self.seen.get(at)).map(|seen| seen.id).collect()
    }

    /// Gives all feedback of an identity.
    pub fn said_by(&self, identity: u32) -> Vec<FeedbackId> {
        let mut ids = Vec::new();
        let mut next = self.last_of.get(&identity).copied();
        while let Some(seen) = next.and_then(|number| self.seen.get(number as usize)) {
            if seen.person == identity && !seen.unlinked {
                ids.push(seen.id);
            }
            next = seen.previous;
        }
        ids
    }

    fn add(
        &mut self,
        id: FeedbackId,
        row: Option<Row>,
        labels: Box<[u32]>,
        respondent: Option<RespondentKey>,
    ) -> u32 {
        let number = u32::try_from(self.seen.len()).unwrap_or(u32::MAX);
        let person = match respondent {
            Some(key) => self.people.number(key),
            None => self.people.fresh(),
        };
        let previous = respondent.and_then(|_| self.last_of.insert(person, number));
        self.numbers.insert(id, number);
        let unlinked = respondent.is_none();
        self.seen.push(Seen { id, row, labels, person, unlinked, sketch: None, previous });
        number
    }

    /// A changed respondent is rare: the feedback is then entered anew under the other identity.
    fn replace(
        &mut self,
        number: u32,
        row: Option<Row>,
        labels: Box<[u32]>,
        respondent: Option<RespondentKey>,
    ) -> u32 {
        let keyed = respondent.map(|key| self.people.number(key));
        let Some(seen) = self.seen.get_mut(number as usize) else { return number };
        let same = match keyed {
            Some(person) => !seen.unlinked && seen.person == person,
            None => seen.unlinked || row.is_none(),
        };
        if same {
            (seen.row, seen.labels) = (row, labels);
            return number;
        }
        let id = seen.id;
        seen.row = None;
        self.numbers.remove(&id);
        self.add(id, row, labels, respondent)
    }
}
