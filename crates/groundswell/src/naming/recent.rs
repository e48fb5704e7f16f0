//! What was answered lately, by the hash of the question; bounded.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::Refusal;

/// Answers that are kept; the oldest make room.
pub(super) const MOST: usize = 1_000;

/// A name, or why it was refused.
pub(super) type Outcome = Result<String, Refusal>;

type Question = [u8; 32];

/// The latest answers.
#[derive(Default)]
pub(super) struct Recent(Mutex<Answers>);

#[derive(Default)]
struct Answers {
    by_question: HashMap<Question, Outcome>,
    oldest_first: VecDeque<Question>,
}

impl Recent {
    /// Gives what was answered to a question.
    pub(super) fn get(&self, question: &Question) -> Option<Outcome> {
        self.answers().by_question.get(question).cloned()
    }

    /// Keeps an answer.
    pub(super) fn keep(&self, question: Question, outcome: Outcome) {
        let mut answers = self.answers();
        if answers.by_question.insert(question, outcome).is_none() {
            answers.oldest_first.push_back(question);
        }
        if answers.oldest_first.len() > MOST
            && let Some(oldest) = answers.oldest_first.pop_front()
        {
            answers.by_question.remove(&oldest);
        }
    }

    fn answers(&self) -> MutexGuard<'_, Answers> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_answers_make_room() {
        let recent = Recent::default();
        let question = |at: usize| *blake3::hash(&at.to_le_bytes()).as_bytes();
        for at in 0..=MOST {
            recent.keep(question(at), Ok(at.to_string()));
            recent.keep(question(at), Ok(at.to_string()));
        }
        assert_eq!(recent.get(&question(0)), None);
        assert_eq!(recent.get(&question(1)), Some(Ok("1".to_owned())));
        assert_eq!(recent.get(&question(MOST)), Some(Ok(MOST.to_string())));
    }
}
