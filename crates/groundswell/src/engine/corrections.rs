//! Decisions about feedback: corrections, promises, reported exposure and reviews are appended to the actions; the analyser
//! maps anew whatever they bear on.

use std::collections::BTreeSet;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use groundswell_insight::{Matrix, Window};
use groundswell_model::{Correction, Decision, FeedbackId, GapType, Kind, Speaker};
use groundswell_search::Query;
use groundswell_server::{
    CorrectionRequest, Deed, Fault, FeedbackDetail, PromiseList, Recorded, ReviewItem, ReviewSample,
};
use groundswell_steps::Known;
use groundswell_steps::report::{alignments, promises};

use super::import::unavailable;
use super::issues::{check_texts, check_words, who, why};
use super::progress::Stage;
use super::shared::Shared;

/// Feedback that one correction may bear on.
pub(super) const MOST_CORRECTED: usize = 20_000;

/// Feedback of one sample.
const MOST_SAMPLED: usize = 200;

/// How long a decision waits until it is seen.
const PATIENCE: Duration = Duration::from_secs(20);

impl Shared {
    /// Waits until a decision is applied and what it bears on is searchable, where this process does that.
    pub(super) fn seen(&self, number: u64) -> Result<bool, Fault> {
        let leads = self.roles.analyse && self.measures.leads.load(Ordering::Relaxed);
        let deadline = Instant::now() + PATIENCE;
        if !leads || !self.progress.wait(Stage::Analyse, &self.topics.actions, &[number + 1], deadline) {
            return Ok(false);
        }
        if self.index.is_none() {
            return Ok(true);
        }
        self.await_stage(Stage::Index, &self.topics.mapped, deadline).map_err(super::shared::fault)
    }

    pub(super) fn make_correction(&self, request: CorrectionRequest) -> Result<Recorded, Fault> {
        let CorrectionRequest { actor, reason, mut feedback, query, correction, dry_run } = request;
        let invalid = |message: String| Err(Fault::invalid("api.bad_action", message));
        if let Some(fault) = correction.fault() {
            return invalid(format!("correction: {fault}"));
        }
        self.check_codes(&correction)?;
        check_texts(&[who(&actor), why(reason.as_ref())])?;
        let told = query.as_ref().map(|query| format!("{} {}", query.q, query.filter).trim().to_owned());
        if let Some(query) = query {
            feedback.extend(self.hits(query.into_query()?)?);
        }
        let named: BTreeSet<FeedbackId> = feedback.into_iter().collect();
        if let Some(unknown) = named.iter().find(|id| !self.view().knows(**id)) {
            return Err(Fault::NotFound { what: format!("feedback {unknown}") });
        }
        if named.is_empty() {
            return invalid("feedback: name one, or a query that finds some".to_owned());
        }
        if named.len() > MOST_CORRECTED {
            return invalid(format!(
                "feedback: {} at a time are too many, at most {MOST_CORRECTED}",
                named.len()
            ));
        }
        let bears_on = named.len() as u64;
        if dry_run {
            return Ok(Recorded { feedback: bears_on, ..Recorded::default() });
        }
        let decision =
            Decision::MappingCorrected { feedback: named.into_iter().collect(), correction, query: told };
        let number = self.record(&actor, reason, decision)?;
        Ok(Recorded {
            number: Some(number),
            feedback: bears_on,
            seen: self.seen(number)?,
            themes: Vec::new(),
        })
    }

    /// Refuses codes that the journey map does not have.
    fn check_codes(&self, correction: &Correction) -> Result<(), Fault> {
        let map = self.folder.mapper().map();
        let unknown = |what: &str, code: String| {
            Err(Fault::invalid("api.bad_action", format!("correction.{what}: the journey map has no {code}")))
        };
        if let Some(stage) = &correction.stage
            && stage.as_str() != "unknown"
            && !map.stages.iter().any(|known| known.code == *stage)
        {
            return unknown("stage", stage.to_string());
        }
        match &correction.touchpoint {
            Some(code) if !map.touchpoints.iter().any(|known| known.code == *code) => {
                unknown("touchpoint", code.to_string())
            }
            _ => Ok(()),
        }
    }

    /// All hits of a query.
    pub(super) fn hits(&self, query: Query) -> Result<Vec<FeedbackId>, Fault> {
        let query = self.with_themes(query)?;
        let found = self.index()?.ids(&query, MOST_CORRECTED).map_err(super::installation::search_fault)?;
        Ok(found.ids)
    }

    pub(super) fn take_decision(&self, deed: Deed) -> Result<Recorded, Fault> {
        if matches!(deed.decision, Decision::ThemesEdited { .. } | Decision::ThemeEditUndone { .. }) {
            return self.edit_themes(deed);
        }
        check_words(&deed)?;
        let Deed { actor, reason, decision } = deed;
        let bears_on = self.check_decision(&decision)?;
        let number = self.record(&actor, reason, decision)?;
        Ok(Recorded {
            number: Some(number),
            feedback: bears_on,
            seen: self.seen(number)?,
            themes: Vec::new(),
        })
    }

    /// Refuses a decision that cannot be; gives how many feedback it bears on.
    fn check_decision(&self, decision: &Decision) -> Result<u64, Fault> {
        let decided = self.decisions().map_err(unavailable)?.decided();
        let invalid = |message: String| Err(Fault::invalid("api.bad_action", message));
        let of_gap = |gap: GapType| {
            let view = self.view();
            view.rows().filter(|(_, row)| row.gap_types().any(|own| own == gap)).count() as u64
        };
        match decision {
            Decision::CorrectionUndone { correction } => match decided.corrections.get(*correction) {
                None => Err(Fault::NotFound { what: format!("correction {correction}") }),
                Some(row) if row.undone.is_some() => {
                    Err(Fault::Conflict { message: format!("correction {correction} was undone before") })
                }
                Some(row) => Ok(row.feedback),
            },
            Decision::PromiseRegistered { promise } => {
                let codes = Correction {
                    stage: promise.stage.clone(),
                    touchpoint: promise.touchpoint.clone(),
                    ..Correction::default()
                };
                self.check_codes(&codes)?;
                if let (Some(from), Some(until)) = (promise.from, promise.until)
                    && until < from
                {
                    return invalid(format!("until: {until} is before {from}"));
                }
                Ok(of_gap(promise.gap))
            }
            Decision::PromiseWithdrawn { promise } | Decision::PromiseMeasured { promise, .. }
                if decided.registry.get(promise).is_none() =>
            {
                Err(Fault::NotFound { what: format!("promise {promise}") })
            }
            Decision::PromiseWithdrawn { promise } => {
                Ok(decided.registry.get(promise).map_or(0, |known| of_gap(known.promise.gap)))
            }
            Decision::PromiseMeasured { kept, of, .. } if kept > of || *of == 0 => {
                invalid(format!("kept: {kept} of {of} cannot be"))
            }
            Decision::PromiseMeasured { from, until, .. } if until < from => {
                invalid(format!("until: {until} is before {from}"))
            }
            Decision::PromiseMeasured { .. } => Ok(0),
            Decision::ExposureReported { stage, days, .. } => {
                self.check_codes(&Correction { stage: Some(stage.clone()), ..Correction::default() })?;
                if days.is_empty() { invalid("days: name at least one".to_owned()) } else { Ok(0) }
            }
            Decision::SearchSaved { search } => match search.fault() {
                Some(fault) => invalid(fault),
                None => self.check_saved(search),
            },
            Decision::SearchForgotten { name } if decided.saved.get(name).is_none() => {
                Err(Fault::NotFound { what: format!("saved search {name}") })
            }
            Decision::SearchForgotten { .. } => Ok(0),
            Decision::MappingReviewed { feedback, .. } if self.view().knows(*feedback) => Ok(1),
            Decision::MappingReviewed { feedback, .. } => {
                Err(Fault::NotFound { what: format!("feedback {feedback}") })
            }
            _ => invalid("decision: it is taken elsewhere".to_owned()),
        }
    }

    pub(super) fn list_promises(&self) -> Result<PromiseList, Fault> {
        let (decided, exposure) = {
            let decisions = self.decisions().map_err(unavailable)?;
            (decisions.decided(), decisions.issues.exposure().rows())
        };
        let scene = self.scene();
        let (view, window) = (scene.view(), Window::default());
        let (matrix, numbers) = (Matrix::of(&view, &window), scene.folder().numbers());
        Ok(PromiseList {
            promises: promises(&view, &window, &decided.registry),
            alignment: alignments(&view, &window, &matrix, numbers, &decided.registry),
            exposure,
        })
    }

    /// Gives one feedback with its mapping. A single voice of staff is a group that is too small to show.
    pub(super) fn show_feedback(&self, id: &str) -> Result<FeedbackDetail, Fault> {
        let missing = || Fault::NotFound { what: format!("feedback {id}") };
        let id: FeedbackId = id.parse().map_err(|_| missing())?;
        let scene = self.scene();
        let found = super::quotes::feedback(self, &[id]).map_err(unavailable)?.pop().flatten();
        let mut feedback = found.filter(|found| found.content.kind != Kind::Employee).ok_or_else(missing)?;
        let decided = self.decisions().map_err(unavailable)?.decided();
        let view = scene.view();
        let known = Known { people: &view.people, decided: &decided };
        let mapping = scene.folder().map(&feedback, &known);
        for annotation in feedback.content.statements.iter_mut().filter_map(|own| own.annotation.as_mut()) {
            annotation.embedding = None;
        }
        Ok(FeedbackDetail { feedback, mapping, corrections: decided.corrections.of(id) })
    }

    /// Draws feedback with text, of customers, that nobody has judged. Who asks again with the same seed gets the same ones.
    pub(super) fn draw_sample(&self, size: usize, seed: u64) -> Result<ReviewSample, Fault> {
        if size > MOST_SAMPLED {
            return Err(Fault::invalid("api.bad_parameter", format!("size: at most {MOST_SAMPLED}")));
        }
        let decided = self.decisions().map_err(unavailable)?.decided();
        let scene = self.scene();
        let mut drawn: Vec<(u64, FeedbackId)> = {
            let view = scene.view();
            let told = view.rows().filter(|(_, row)| row.kind != Kind::Employee && row.quality > 0);
            let open = told.filter(|(seen, _)| !decided.reviews.holds(seen.id));
            open.map(|(seen, _)| (shuffled(seen.id, seed), seen.id)).collect()
        };
        drawn.sort_unstable();
        drawn.truncate(size);
        let ids: Vec<FeedbackId> = drawn.into_iter().map(|(_, id)| id).collect();
        let bodies = super::quotes::feedback(self, &ids).map_err(unavailable)?;
        let view = scene.view();
        let known = Known { people: &view.people, decided: &decided };
        let item = |feedback: groundswell_model::Feedback| ReviewItem {
            id: feedback.id,
            kind: feedback.content.kind.to_string(),
            day: groundswell_steps::counting_day(&feedback, self.folder.zone()).to_string(),
            mapping: scene.folder().map(&feedback, &known),
            texts: feedback
                .content
                .statements
                .into_iter()
                .filter(|statement| statement.speaker != Speaker::Agent)
                .map(|statement| statement.text)
                .collect(),
        };
        let sample = bodies.into_iter().flatten().map(item).collect();
        Ok(ReviewSample { sample, agreement: decided.reviews.agreement() })
    }
}

/// A number without a pattern for a feedback, the same one for the same seed (splitmix64 after Steele, Lea and Flood 2014).
fn shuffled(id: FeedbackId, seed: u64) -> u64 {
    let bytes = u128::from_be_bytes(*id.as_bytes());
    let mut mixed =
        (bytes as u64 ^ (bytes >> 64) as u64).wrapping_add(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15));
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}
