//! The analyse loop: parts are folded into feedback and mapped. One sled batch holds the state, the ids still to be
//! published and the positions; publishing through one fenced writer follows, and is repeated after a crash.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use groundswell_insight::{Holding, PartPlace};
use groundswell_log::{
    Advance, Append, Batch as Records, Disposition, Group, LogError, Place, ReadLimit, Subscription,
    TopicPartition, Transaction, Writer, partition_for,
};
use groundswell_model::{Customer, Day, Feedback, FeedbackId, Mapped, Mapping, Part, Timestamp, Version};
use groundswell_state::{Batch, Counters, PipelineCounters, State};
use groundswell_steps::envelope;
use groundswell_steps::{Arrival, Decided, Folded, Known, Tally};

use super::counters::add;
use super::progress::Stage;
use super::remap::Remap;
use super::shared::{Shared, headers};
use super::sorted::{Sorted, sort};

const IDLE: Duration = Duration::from_millis(200);
const BATCH_BYTES: usize = 16 << 20;

/// Runs until it is asked to stop: leads where `actions-0` is ours, else follows the one who leads.
///
/// # Errors
/// What stops the analyser: a fault of log or state, a newer analyser, or a record in `feedback` that no ingest worker
/// writes.
pub fn run(shared: &Shared, state: State) -> Result<()> {
    let group = shared.topics.group("analyse")?;
    let actions = shared.topics.actions.clone();
    let subscription = shared.log.subscribe(&group, std::slice::from_ref(&actions))?;
    let topic = shared.topics.feedback.as_str().to_owned();
    let is_empty = (0..shared.config.log.partitions).all(|at| state.position(&topic, at) == 0);
    let measured_from = shared.measures.counts_from(is_empty);
    let mut analyser = Analyser {
        shared,
        state,
        subscription,
        group,
        owns: false,
        lead: None,
        owes: false,
        half_done: false,
        published: BTreeMap::new(),
        topic,
        measured_from,
        to_judge: true,
        judged_until: None,
        decisions_read: 0,
        judge_from: None,
        themes_from: None,
        themes_looked: None,
        remap: Remap::default(),
        decided: Arc::default(),
        decided_at: None,
    };
    let positions =
        (0..shared.config.log.partitions).map(|at| (at, analyser.state.position(&analyser.topic, at)));
    let feedback = &shared.topics.feedback;
    let places = positions.map(|(partition, next)| (TopicPartition::new(feedback, partition), next));
    shared.progress.reached(Stage::Analyse, places.collect::<Vec<_>>());
    if shared.is_shared() {
        // Another may lead for as long as it lives.
        shared.progress.started(Stage::Analyse);
    }
    while !shared.stopping() {
        if let Err(error) = analyser.turn() {
            if analyser.half_done {
                return Err(error);
            }
            shared.outlast(error)?;
        }
    }
    if analyser.lead.is_some() { analyser.settle() } else { Ok(()) }
}

pub(super) struct Analyser<'a> {
    pub(super) shared: &'a Shared,
    pub(super) state: State,
    /// Membership in the group of analysers; whoever has `actions-0` leads.
    pub(super) subscription: Box<dyn Subscription>,
    pub(super) group: Group,
    /// Whether `actions-0` is ours: then we lead, or are about to.
    pub(super) owns: bool,
    pub(super) lead: Option<Lead>,
    /// Whether something is in the state that was not published for certain.
    owes: bool,
    /// Whether the view has taken in what is not in the state yet; it cannot be gone over again.
    half_done: bool,
    /// Positions that the group is to stand at, as they were last published.
    pub(super) published: BTreeMap<TopicPartition, u64>,
    pub(super) topic: String,
    /// Records that were taken in before say nothing about how long it takes until they are searchable.
    measured_from: i64,
    /// Whether something was read since days were judged last.
    pub(super) to_judge: bool,
    /// The last day that had closed when days were judged last.
    pub(super) judged_until: Option<Day>,
    /// Decisions that were read by then.
    pub(super) decisions_read: u64,
    /// What people decided about mappings, as it was read last, and when that was.
    pub(super) decided: Arc<Decided>,
    pub(super) decided_at: Option<Instant>,
    /// What is still to be mapped anew.
    pub(super) remap: Remap,
    /// Nothing is looked for to judge before.
    pub(super) judge_from: Option<Instant>,
    /// Nothing is looked for before, of what is due for themes.
    pub(super) themes_from: Option<Instant>,
    /// Changes of the view, decisions read and the closed day, by when no search for themes was due.
    pub(super) themes_looked: Option<(u64, u64, Day)>,
}

/// What only the leading analyser has: the one writer, and the versions it gives.
pub(super) struct Lead {
    pub(super) writer: Box<dyn Writer>,
    pub(super) version: Version,
}

/// A publication that is still to be written.
struct Publication {
    id: FeedbackId,
    feedback: Feedback,
    mapping: Option<Mapping>,
    /// When the newest part behind it was taken in, where one is new.
    taken_in: Option<i64>,
}

impl Analyser<'_> {
    pub(super) fn limit(&self) -> ReadLimit {
        ReadLimit { records: self.shared.config.analyse.batch_records, bytes: BATCH_BYTES }
    }

    /// Sees to the lead, then works as who leads or as who follows.
    fn turn(&mut self) -> Result<()> {
        if self.decided_at.is_none() {
            self.read_decisions()?;
        }
        self.watch(if self.owns { Duration::ZERO } else { IDLE })?;
        if self.owns && self.lead.is_none() {
            self.take_the_lead()?;
        }
        self.shared.measures.leads.store(self.lead.is_some(), Ordering::Relaxed);
        if self.lead.is_none() {
            return self.follow();
        }
        if self.owes {
            self.publish_pending()?;
        }
        self.step()
    }

    fn step(&mut self) -> Result<()> {
        let limit = self.limit();
        let mut waiting = Vec::new();
        let mut read = false;
        for partition in 0..self.shared.config.log.partitions {
            // What could not be published when the stop was asked for stays pending; a further batch would forget it.
            if self.shared.stopping() || self.lead.is_none() {
                return Ok(());
            }
            let at = Place::new(
                &self.shared.topics.feedback,
                partition,
                self.state.position(&self.topic, partition),
            );
            let records = self.shared.log.read(&at, limit)?;
            if records.next > at.offset {
                read = true;
                self.handle(&records)?;
            } else {
                waiting.push(at);
            }
        }
        if !read && self.shared.is_shared() && !self.published.is_empty() {
            self.publish(Vec::new(), &[])?;
        }
        let busy = self.apply_decisions(!read)?;
        if !read && !busy {
            self.shared.end_shadow()?;
            self.judge()?;
            self.look_for_themes()?;
            waiting.push(self.shared.decided(self.decisions_read));
            self.shared.log.wait(&waiting, IDLE)?;
        }
        Ok(())
    }

    pub(super) fn handle(&mut self, records: &Records) -> Result<()> {
        let span = tracing::info_span!("analyse", records = records.records.len());
        let _entered = span.enter();
        let sorted = sort(records)?;
        let positions = BTreeMap::from([((self.topic.clone(), records.at.partition), records.next)]);
        self.work(sorted, BTreeSet::new(), positions)?;
        self.to_judge = true;
        self.shared.progress.reached(Stage::Analyse, [(records.at.clone(), records.next)]);
        add(&self.shared.counters.folded_parts, records.records.len() as u64);
        Ok(())
    }

    /// Publishes what may not have been published: the batch holds the ids, the log the bodies. Tries until it is done.
    pub(super) fn publish_pending(&mut self) -> Result<()> {
        loop {
            let again: BTreeSet<FeedbackId> = self.state.pending().iter().copied().collect();
            let dead_keys = self.state.dead_keys().to_vec();
            if again.is_empty() && dead_keys.is_empty() {
                self.owes = false;
                return Ok(());
            }
            tracing::info!(feedback = again.len(), "publishing again what may not have been published");
            if self.publish_again(again, &dead_keys)? {
                self.owes = false;
            }
            if !self.owes || self.lead.is_none() {
                return Ok(());
            }
        }
    }

    /// Publishes feedback as it now stands; says whether it took place.
    pub(super) fn publish_again(
        &mut self,
        again: BTreeSet<FeedbackId>,
        dead_keys: &[String],
    ) -> Result<bool> {
        let mut publications = Vec::new();
        let bodies = self.bodies(again.iter().map(|id| (*id, &[][..])))?;
        for id in again {
            if let Some((feedback, mapping)) = self.fold(id, Vec::new(), true, &bodies)?.published {
                publications.push(Publication { id, feedback, mapping, taken_in: None });
            }
        }
        self.publish_once(publications, dead_keys)
    }

    /// Notes at the end that everything was published, so that the next start need not do it again.
    fn settle(&mut self) -> Result<()> {
        let counters = self.state.counters().clone();
        self.state.apply(&Batch { counters, ..Batch::default() })?;
        Ok(())
    }

    /// Folds, writes the state, shows it in the view, and publishes. ORDER: the state goes first.
    pub(super) fn work(
        &mut self,
        sorted: Sorted,
        mut again: BTreeSet<FeedbackId>,
        positions: BTreeMap<(String, u32), u64>,
    ) -> Result<()> {
        let mut counters = self.state.counters().clone();
        self.half_done = !sorted.customers.is_empty();
        let customers = self.take_customers(sorted.customers, &mut counters, &mut again);
        let mut arrivals = sorted.arrivals;
        for id in again.iter().copied() {
            arrivals.entry(id).or_default();
        }
        let bodies = self.bodies(arrivals.iter().map(|(id, arrivals)| (*id, arrivals.as_slice())))?;
        let mut batch = Batch { customers, positions, ..Batch::default() };
        let mut publications = Vec::new();
        for (id, arrivals) in arrivals {
            let folded = self.fold(id, arrivals, again.contains(&id), &bodies)?;
            count(&mut counters, &folded.tallies);
            batch.dead_keys.extend(folded.dead_keys);
            if let Some((feedback, mapping)) = folded.published {
                batch.pending.push(id);
                let taken_in = sorted.taken_in.get(&id).copied().filter(|at| *at >= self.measured_from);
                publications.push(Publication { id, feedback, mapping, taken_in });
            }
            batch.feedback.push((id, folded.holding));
        }
        batch.counters = counters.clone();
        self.state.apply(&batch).context("the analyser stops: its state cannot be written")?;
        self.half_done = false;
        self.show(&batch.feedback, counters);
        if self.lead.is_none() {
            return Ok(());
        }
        // The group's position in the actions moves along by itself.
        for ((topic, partition), next) in
            batch.positions.into_iter().filter(|((topic, _), _)| *topic == self.topic)
        {
            self.published.insert(TopicPartition::new(&topic.parse()?, partition), next);
        }
        self.owes = true;
        self.publish(publications, &batch.dead_keys)
    }

    fn show(&self, changed: &[(FeedbackId, Holding)], counters: Counters) {
        let mut view = self.shared.view_mut();
        for (id, holding) in changed {
            view.put(*id, holding);
        }
        drop(view);
        *self.shared.state_counters.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = counters;
    }

    /// Takes in customer records; feedback of persons whose record changed is mapped again.
    fn take_customers(
        &self,
        records: Vec<Customer>,
        counters: &mut Counters,
        again: &mut BTreeSet<FeedbackId>,
    ) -> Vec<Customer> {
        if records.is_empty() {
            return records;
        }
        let mut view = self.shared.view_mut();
        let mut changed = BTreeMap::new();
        for customer in records {
            let before = view.people.customer(customer.key).cloned();
            count_customer(
                counters.entry(customer.pipeline.clone()).or_default(),
                &customer,
                before.is_none(),
            );
            if !before.as_ref().is_none_or(|before| customer.outranks(before)) {
                continue;
            }
            // A record may join persons or part them: everybody linked before or after has another clock.
            let mut touched = before.map(|before| view.people.linked(&before)).unwrap_or_default();
            touched.extend(view.people.linked(&customer));
            view.people.admit(customer.clone());
            touched.extend(view.people.linked(&customer));
            again.extend(touched.into_iter().flat_map(|identity| view.said_by(identity)));
            changed.insert(customer.key, customer);
        }
        changed.into_values().collect()
    }

    /// Reads the parts that stand and that are not among the arrivals, in one pass over the log: on a shared log each way
    /// to the brokers counts.
    fn bodies<'a>(
        &self,
        arrivals: impl Iterator<Item = (FeedbackId, &'a [Arrival])>,
    ) -> Result<BTreeMap<PartPlace, Part>> {
        let mut places = Vec::new();
        let view = self.shared.view();
        for (id, arrivals) in arrivals.filter(|(id, _)| self.shared.is_shared() && view.knows(*id)) {
            let Some(holding) = self.state.feedback(id)? else { continue };
            let counting = holding.standing.counting().into_iter();
            let others =
                counting.filter(|(name, ..)| arrivals.iter().all(|arrival| arrival.part.part != *name));
            places.extend(others.map(|(_, _, place)| *place));
        }
        drop(view);
        let parts = super::quotes::fetch(self.shared, &places)?;
        Ok(places.into_iter().zip(parts).collect())
    }

    fn fold(
        &self,
        id: FeedbackId,
        arrivals: Vec<Arrival>,
        again: bool,
        bodies: &BTreeMap<PartPlace, Part>,
    ) -> Result<Folded> {
        let view = self.shared.view();
        let holding = if view.knows(id) { self.state.feedback(id)? } else { None };
        let mut fetch =
            |places: &[PartPlace]| match places.iter().map(|place| bodies.get(place).cloned()).collect() {
                Some(parts) => Ok(parts),
                None => super::quotes::fetch(self.shared, places),
            };
        let known = Known { people: &view.people, decided: &self.decided };
        self.shared.folder.fold(holding, arrivals, again, &known, &mut fetch)
    }

    /// Writes `mapped` and tombstones in one transaction. It may be repeated: the later version wins.
    fn publish(&mut self, publications: Vec<Publication>, dead_keys: &[String]) -> Result<()> {
        if self.publish_once(publications, dead_keys)? {
            self.owes = false;
            return Ok(());
        }
        if self.lead.is_none() { Ok(()) } else { self.publish_pending() }
    }

    /// Writes once; says whether it took place.
    fn publish_once(&mut self, publications: Vec<Publication>, dead_keys: &[String]) -> Result<bool> {
        let Some(lead) = &mut self.lead else { return Ok(false) };
        let mut appends = Vec::with_capacity(publications.len() + dead_keys.len());
        let now = self.shared.clock.now().millis();
        let partitions = self.shared.config.log.partitions;
        let published = publications.len() as u64;
        for publication in publications {
            lead.version.sequence += 1;
            let key = publication.id.to_string();
            // The index measures from here how long it took to be searchable.
            let taken_in = publication.taken_in.map(|ms| Timestamp::from_millis(ms).to_string());
            let mapped = mapped(publication, lead.version);
            let mut around = headers(&[(envelope::SCHEMA, "mapped.v1")]);
            around.extend(taken_in.iter().flat_map(|at| headers(&[(envelope::RECEIVED_AT, at)])));
            appends.push(Append {
                topic: self.shared.topics.mapped.clone(),
                partition: partition_for(key.as_bytes(), partitions),
                timestamp_ms: now,
                key: Some(key.into_bytes()),
                headers: around,
                value: Some(serde_json::to_vec(&mapped)?),
            });
        }
        for key in dead_keys {
            let id = key.split('/').next().unwrap_or_default();
            appends.push(Append {
                topic: self.shared.topics.feedback.clone(),
                partition: partition_for(id.as_bytes(), partitions),
                timestamp_ms: now,
                key: Some(key.clone().into_bytes()),
                headers: Vec::new(),
                value: None,
            });
        }
        if appends.is_empty() && self.published.is_empty() {
            return Ok(true);
        }
        let done = self.commit(appends)?;
        if done {
            add(&self.shared.counters.published, published);
            add(&self.shared.counters.superseded, dead_keys.len() as u64);
        }
        Ok(done)
    }

    /// Commits what is published, with the positions it was made from. What could not be written is still pending in the
    /// state, and is made anew from there.
    fn commit(&mut self, appends: Vec<Append>) -> Result<bool> {
        let Some(lead) = &mut self.lead else { return Ok(false) };
        let positions = self.published.iter().map(|(at, next)| at.at(*next)).collect();
        let member = Some(self.subscription.member());
        let advance = Some(Advance { group: self.group.clone(), member, positions });
        let Err(error) = lead.writer.commit(Transaction { appends, advance }) else {
            self.published.clear();
            add(&self.shared.counters.transactions, 1);
            return Ok(true);
        };
        match error.disposition() {
            // What is pending stays noted in the state; the next start publishes it.
            Disposition::Retry if self.shared.stopping() => {
                anyhow::bail!("stopped before everything was published: {error}")
            }
            Disposition::Retry => {
                tracing::warn!(%error, code = error.code(), "nothing was published, it is tried again");
                self.shared.wait_for_retry();
            }
            Disposition::Abort => {
                tracing::warn!(%error, code = error.code(), "publishing was aborted");
                add(&self.shared.counters.aborted_transactions, 1);
                // Another analyser may have taken over; the next event of the group tells.
                if matches!(error, LogError::Rebalanced { .. }) {
                    self.watch(IDLE)?;
                }
            }
            Disposition::Stop => return Err(error).context("the analyser stops: it cannot publish"),
        }
        Ok(false)
    }
}

fn mapped(publication: Publication, version: Version) -> Mapped {
    let mut feedback = publication.feedback;
    for statement in &mut feedback.content.statements {
        if let Some(annotation) = &mut statement.annotation {
            annotation.embedding = None;
        }
    }
    Mapped { feedback, mapping: publication.mapping, version }
}

fn count(counters: &mut Counters, tallies: &BTreeMap<String, Tally>) {
    for (pipeline, tally) in tallies {
        let counter = counters.entry(pipeline.clone()).or_default();
        counter.parts += tally.parts;
        counter.feedback += tally.feedback;
        counter.repeats += tally.repeats;
        counter.tombstones += tally.tombstones;
    }
}

fn count_customer(counter: &mut PipelineCounters, customer: &Customer, first: bool) {
    if customer.deleted {
        counter.tombstones += 1;
        return;
    }
    counter.parts += 1;
    let seen = if first { &mut counter.feedback } else { &mut counter.repeats };
    *seen += 1;
}
