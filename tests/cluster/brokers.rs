//! Three brokers that replicate, each killed in turn under load: the same audit.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use groundswell_tests::cluster::Cluster;
use groundswell_tests::kafka::{self, Brokers};

use crate::audit::audit;
use crate::fleet::Fleet;
use crate::processes::{is_long, streamed};
use crate::records;

/// How long the records flow before a broker is killed, and how long it stays away.
const BETWEEN: Duration = Duration::from_secs(2);

#[test]
fn every_record_is_accounted_for_once_whichever_broker_is_killed() {
    let _alone = crate::alone();
    let brokers = Mutex::new(kafka::own(|settings| settings.brokers = 3));
    let bootstrap = brokers.lock().unwrap().bootstrap();
    let cluster = Cluster { bootstrap, prefix: "three.".to_owned(), copies: 3 };
    let plan = records::plan(streamed(if is_long() { 100_000 } else { 10_000 }), 20_261_100);
    let told = audit(&cluster, &plan, |fleet, sent| kill_in_turn(&mut brokers.lock().unwrap(), fleet, sent));
    println!("three brokers: {told}");
}

/// Kills each broker once and lets it come back before the next; what a supervisor would start again is started again.
fn kill_in_turn(brokers: &mut Brokers, fleet: &Fleet, sent: &AtomicBool) -> String {
    let mut under_load = 0;
    for number in 1..=3 {
        std::thread::sleep(BETWEEN);
        under_load += u32::from(!sent.load(Ordering::SeqCst));
        brokers.kill(number).unwrap();
        std::thread::sleep(BETWEEN);
        brokers.restart(number).unwrap();
        fleet.revive();
    }
    format!("3 brokers killed, {under_load} of them while records were sent")
}
