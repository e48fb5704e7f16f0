//! Names that a model proposes, where one is configured. It sees redacted texts of customers and the words of a theme; a name that a
//! person gave stands before any, and what cannot be had leaves the words as the name.

use groundswell_model::FoundTheme;
use groundswell_steps::decided::Themes;

use super::telling::Telling;
use crate::engine::shared::Shared;
use crate::naming::{Asked, NamingError};

/// Words that a name stands for: while they stay, so does the proposed name.
const TOLD_BY: usize = 3;

/// Answers that may fail before no more are asked for.
const FAILURES: usize = 3;

impl Shared {
    /// Asks for names of themes that are new or have other words than before.
    pub(super) fn propose_names(&self, known: &Themes, found: &mut [FoundTheme], telling: &Telling) {
        let Some(namer) = &self.namer else { return };
        let mut failures = 0;
        for (at, theme) in found.iter_mut().enumerate() {
            let node = theme.id.and_then(|id| known.node(id));
            let named = node.is_some_and(|node| {
                node.given.is_some() || (node.proposed.is_some() && same(&node.words, &theme.words))
            });
            if named || theme.words.is_empty() || telling.texts(at).is_empty() {
                continue;
            }
            if failures >= FAILURES || self.stopping() {
                return;
            }
            let language = theme.language.as_deref().unwrap_or("en");
            match namer.propose(&Asked { language, words: &theme.words, examples: telling.texts(at) }) {
                Ok(name) => theme.proposed = Some(name),
                Err(error @ NamingError::Refused { .. }) => {
                    tracing::info!(%error, code = error.code(), "a proposed name is not used")
                }
                Err(error) => {
                    failures += 1;
                    tracing::warn!(%error, code = error.code(), "no name was proposed");
                }
            }
        }
    }
}

fn same(before: &[String], now: &[String]) -> bool {
    before.iter().take(TOLD_BY).eq(now.iter().take(TOLD_BY))
}
