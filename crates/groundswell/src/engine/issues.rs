//! What is asked of systemic issues: the list, one of them, a person's decision, and history judged anew.

use std::collections::BTreeSet;
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use groundswell_insight::{Daily, Window};
use groundswell_model::{Change, Day, Decision, IssueId, IssueState};
use groundswell_server::{AssumptionList, Deed, Fault, Rejudged, SavedRow};
use groundswell_steps::issues::{Issue, IssueDetail, IssueRow, Issues, Worth, detail, fault, rows};
use groundswell_steps::report::{AlertRow, Report, alignments, handled, newcomers, plan, promises};

use super::import::unavailable;
use super::shadow::{Scene, Sight};
use super::shared::{Counted, Shared};

/// How long a person's decision waits for the judgement that it asks for.
const PATIENCE: Duration = Duration::from_secs(20);

/// Longest note, owner or description, in bytes.
const LONGEST: usize = 4096;

impl Shared {
    /// Makes the report of a window, with the issues that were confirmed.
    pub(super) fn report_of(&self, window: &Window) -> Result<Report, Fault> {
        let scene = self.scene();
        let (folder, numbers) = (scene.folder(), scene.folder().numbers());
        let mut plan = plan(&scene.view(), folder.mapper().map(), numbers, window);
        plan.report.issues = self.list_issues(false)?;
        plan.report.themes = self.report_themes(window)?;
        plan.report.alerts = self.alerts()?.iter().map(alert).collect();
        if let Some(last) = self.last_heard(&scene) {
            (plan.report.newcomers, plan.report.last_words) = newcomers(&scene.view(), folder.zone(), last);
        }
        let decided = self.decisions().map_err(unavailable)?.decided();
        plan.report.alignment = alignments(&scene.view(), window, &plan.matrix, numbers, &decided.registry);
        plan.report.promises = promises(&scene.view(), window, &decided.registry);
        plan.report.closed_loop = handled(&scene.view(), window, self.clock.now());
        plan.report.agreement = decided.reviews.agreement();
        let mut report = super::quotes::fill(self, plan).map_err(unavailable)?;
        for issue in &mut report.issues {
            let cell = report.matrix.iter().find(|cell| cell.stage == issue.stage && cell.gap == issue.gap);
            issue.quotes = cell.map(|cell| cell.quotes.clone()).unwrap_or_default();
        }
        Ok(report)
    }

    pub(super) fn list_issues(&self, all: bool) -> Result<Vec<IssueRow>, Fault> {
        let scene = self.scene();
        let issues = self.decisions().map_err(unavailable)?.issues.clone();
        let worth = Worth::of(&scene.view().people);
        Ok(rows(&issues, &self.daily(&scene, &issues), scene.folder().numbers(), &worth, all))
    }

    pub(super) fn show_issue(&self, id: &str) -> Result<IssueDetail, Fault> {
        let scene = self.scene();
        let issue = self.known(id)?;
        let issues = self.decisions().map_err(unavailable)?.issues.clone();
        let worth = Worth::of(&scene.view().people);
        let numbers = scene.folder().numbers();
        let mut detail = detail(&issue, &issues, &self.daily(&scene, &issues), numbers, &worth);
        let window = Window { since: Some(issue.since), until: None, kind: None };
        let plan = plan(&scene.view(), scene.folder().mapper().map(), numbers, &window);
        let plan = plan.only(&detail.row.stage, &detail.row.gap);
        let report = super::quotes::fill(self, plan).map_err(unavailable)?;
        detail.row.quotes = report.matrix.into_iter().flat_map(|cell| cell.quotes).collect();
        Ok(detail)
    }

    /// The last day on which anybody was heard.
    pub(super) fn last_heard(&self, scene: &Scene<'_>) -> Option<Day> {
        let today = self.folder.zone().day(self.clock.now());
        scene.view().rows().map(|(_, row)| row.day).filter(|day| *day <= today).max()
    }

    /// Everything that was counted, up to the last day that anybody was heard.
    fn daily(&self, scene: &Scene<'_>, issues: &Issues) -> Arc<Daily> {
        let Some(last) = self.last_heard(scene) else { return Arc::default() };
        let counted = self.counted_once(scene, last);
        if issues.exposure().is_empty() {
            return counted;
        }
        let mut daily = Daily::clone(&counted);
        issues.exposure().supply(&mut daily, scene.folder().numbers());
        Arc::new(daily)
    }

    /// Counts by day, or gives what was counted before where nothing has changed since. Whoever asks meanwhile waits for the
    /// one who counts.
    fn counted_once(&self, scene: &Scene<'_>, until: Day) -> Arc<Daily> {
        let view = scene.view();
        if matches!(view, Sight::Old(_)) {
            return Arc::new(Daily::of(&view, until));
        }
        let mut counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        let changes = view.changes();
        if let Some(known) = counted.as_ref().filter(|known| known.changes == changes && known.until == until)
        {
            return Arc::clone(&known.daily);
        }
        let daily = Arc::new(Daily::of(&view, until));
        *counted = Some(Counted { changes, until, daily: Arc::clone(&daily) });
        daily
    }

    fn known(&self, id: &str) -> Result<Issue, Fault> {
        let unknown = || Fault::NotFound { what: format!("issue {id}") };
        let id: IssueId = id.parse().map_err(|_| unknown())?;
        self.decisions().map_err(unavailable)?.issues.get(&id).ok_or_else(unknown)
    }

    pub(super) fn act_on_issue(&self, deed: Deed) -> Result<IssueDetail, Fault> {
        let issue = self.known(&about(&deed.decision)?.to_string())?;
        check_words(&deed)?;
        let Deed { actor, reason, decision } = deed;
        self.allow(&issue, &decision)?;
        self.record(&actor, reason, decision)?;
        // A fix in the past asks for history to be judged anew.
        self.await_judged(Instant::now() + PATIENCE).map_err(unavailable)?;
        self.show_issue(&issue.id.to_string())
    }

    /// Refuses what the state of the issue, or the calendar, does not allow.
    fn allow(&self, issue: &Issue, decision: &Decision) -> Result<(), Fault> {
        let closed = issue.state == IssueState::Closed;
        let conflict = |message: String| Err(Fault::Conflict { message });
        match decision {
            Decision::IssueReopened { .. } if !closed => {
                conflict(format!("issue {} is not closed", issue.id))
            }
            Decision::IssueClosed { .. } if closed => {
                conflict(format!("issue {} is closed already", issue.id))
            }
            Decision::FixDeclared { .. } | Decision::IssueAssigned { .. } if closed => {
                conflict(format!("issue {} is closed: reopen it first", issue.id))
            }
            Decision::FixDeclared { on, .. } if *on < issue.since => Err(Fault::invalid(
                "api.bad_action",
                format!("on: {on} is before the issue began ({})", issue.since),
            )),
            _ => Ok(()),
        }
    }

    /// Gives what the price of issues of a gap type rests on.
    pub(super) fn list_assumptions(&self, gap: &str) -> Result<AssumptionList, Fault> {
        let gap = gap.parse().map_err(|_| Fault::NotFound { what: format!("gap type {gap}") })?;
        let decisions = self.decisions().map_err(unavailable)?;
        let assumed = decisions.issues.assumed();
        let (preset, warning) = (assumed.preset().name(), assumed.preset().warning());
        Ok(AssumptionList {
            preset: preset.to_owned(),
            warning: warning.map(str::to_owned),
            assumptions: assumed.rows(gap),
        })
    }

    pub(super) fn change_assumption(&self, deed: Deed) -> Result<(), Fault> {
        check_words(&deed)?;
        let Deed { actor, reason, decision } = deed;
        if let Some(fault) = fault(&decision) {
            return Err(Fault::invalid("api.bad_action", fault));
        }
        self.record(&actor, reason, decision).map(drop)
    }

    /// Compares the judgement of history that is recorded with the one that this program would make.
    pub(super) fn compare_judgements(&self) -> Result<Rejudged, Fault> {
        let issues = self.decisions().map_err(unavailable)?.issues.clone();
        let Some(judgement) = issues.judgement() else { return Ok(Rejudged::default()) };
        let recorded = told(&issues, judgement.until);
        let found: BTreeSet<String> = self.judgement(&issues, judgement.until).iter().map(line).collect();
        Ok(Rejudged {
            same: found.intersection(&recorded).count() as u64,
            found: found.difference(&recorded).cloned().collect(),
            gone: recorded.difference(&found).cloned().collect(),
        })
    }
}

fn alert(row: &SavedRow) -> AlertRow {
    let (name, people) = (row.search.name.clone(), row.last_seven_days);
    AlertRow { name, people, threshold: row.search.alert.unwrap_or(0) }
}

fn told(issues: &Issues, until: Day) -> BTreeSet<String> {
    let changes = issues.changes();
    changes.values().flatten().filter(|change| change.day <= until).map(line).collect()
}

fn line(change: &Change) -> String {
    format!("{} {} {}", change.issue, change.day, change.state)
}

/// The issue that a decision of a person is about.
fn about(decision: &Decision) -> Result<&IssueId, Fault> {
    match decision {
        Decision::IssueAssigned { issue, .. }
        | Decision::IssueNoted { issue, .. }
        | Decision::FixDeclared { issue, .. }
        | Decision::PeopleTold { issue, .. }
        | Decision::IssueClosed { issue }
        | Decision::IssueReopened { issue } => Ok(issue),
        _ => Err(Fault::invalid("api.bad_action", "decision: people do not take this decision")),
    }
}

/// The words of a decision, with their name.
fn worded(decision: &Decision) -> (&'static str, Option<&String>) {
    match decision {
        Decision::IssueAssigned { owner, .. } => ("owner", Some(owner)),
        Decision::IssueNoted { note, .. } => ("note", Some(note)),
        Decision::FixDeclared { what, .. } => ("what", Some(what)),
        Decision::AssumptionSet { source, .. } => ("source", Some(source)),
        Decision::ExposureReported { what, .. } => ("what", Some(what)),
        Decision::PromiseRegistered { promise } => ("text", Some(&promise.text)),
        Decision::SearchForgotten { name } => ("name", Some(name)),
        _ => ("decision", None),
    }
}

/// Refuses a decision whose words are empty or too long.
pub(super) fn check_words(deed: &Deed) -> Result<(), Fault> {
    check_texts(&[who(&deed.actor), why(deed.reason.as_ref()), worded(&deed.decision)])
}

/// A text of a decision with its name, where there is one.
pub(super) type Named<'a> = (&'static str, Option<&'a String>);

pub(super) fn who(actor: &String) -> Named<'_> {
    ("actor", Some(actor))
}

pub(super) fn why(reason: Option<&String>) -> Named<'_> {
    ("reason", reason)
}

/// Refuses texts that are empty or too long.
pub(super) fn check_texts(texts: &[Named<'_>]) -> Result<(), Fault> {
    for (name, text) in texts {
        if let Some(fault) = text.and_then(|text| fault_in(text)) {
            return Err(Fault::invalid("api.bad_action", format!("{name}: {fault}")));
        }
    }
    Ok(())
}

fn fault_in(text: &str) -> Option<String> {
    if text.trim().is_empty() {
        return Some("is empty".to_owned());
    }
    (text.len() > LONGEST).then(|| format!("is longer than {LONGEST} bytes"))
}
