//! Processes are killed at random moments, with rebalances and a second analyser in between.
//! `GROUNDSWELL_CLUSTER=long` runs the long form, `GROUNDSWELL_SEEDS=20` repeats it; `docs/guarantees.md` has the counts.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use groundswell_tests::cluster::{Cluster, Worker};
use groundswell_tests::kafka;

use crate::audit::audit;
use crate::fleet::Fleet;
use crate::records::{self, Random};

/// How much is done to the cluster.
struct Form {
    records: usize,
    kills: u64,
    seeds: u64,
    first: u64,
}

impl Form {
    fn of_environment() -> Self {
        let (records, kills) = if is_long() { (100_000, 30) } else { (10_000, 5) };
        let number = |name| told(name).and_then(|text| text.parse().ok()).unwrap_or(1);
        Self { records, kills, seeds: number("GROUNDSWELL_SEEDS"), first: number("GROUNDSWELL_FIRST_SEED") }
    }
}

#[expect(clippy::disallowed_methods, reason = "the environment is how a test is told its form")]
fn told(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// How many records a plan must have of which this many are streamed: a twentieth are rows of an import.
pub fn streamed(records: usize) -> usize {
    records * 20 / 19
}

/// Says whether the long form is asked for.
pub fn is_long() -> bool {
    told("GROUNDSWELL_CLUSTER").is_some_and(|form| form == "long")
}

#[test]
fn every_record_is_accounted_for_once_whichever_process_is_killed() {
    let _alone = crate::alone();
    let form = Form::of_environment();
    for seed in form.first..form.first + form.seeds {
        let cluster =
            Cluster { bootstrap: kafka::broker().bootstrap(), prefix: format!("seed{seed}."), copies: 1 };
        let plan = records::plan(streamed(form.records), 20_260_700 + seed);
        let told = audit(&cluster, &plan, |fleet, sent| kill_at_random(fleet, form.kills, seed, sent));
        println!("seed {seed}: {told}");
    }
}

/// Kills processes at random until all kills are done; a second analyser joins after the first third.
fn kill_at_random(fleet: &Fleet, kills: u64, seed: u64, sent: &AtomicBool) -> String {
    let mut random = Random::new(seed ^ 0x00c0_ffee);
    for number in 0..kills {
        if number == kills / 3 {
            fleet.second.start();
        }
        let victims: Vec<&Worker> = fleet.running();
        let wait = if sent.load(Ordering::SeqCst) { 400 } else { 1_200 };
        std::thread::sleep(Duration::from_millis(random.below(wait)));
        let victim = victims[random.below(victims.len() as u64) as usize];
        victim.kill();
        victim.start();
    }
    format!("{kills} kills")
}
