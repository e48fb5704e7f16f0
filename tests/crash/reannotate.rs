//! `groundswell reannotate` beside a running server, while the server, the command or both are killed with SIGKILL again and
//! again: run once more to its end, every part is current exactly once, and state and index agree with the log.

use std::collections::BTreeMap;
use std::process::{Child, Output};
use std::time::{Duration, Instant};

use groundswell_annotate::CODE_VERSION;
use groundswell_model::Part;
use groundswell_model::ledger::RE_ANNOTATION;
use groundswell_server::Installation;
use groundswell_tests::stored::{older, part, store, topic};
use groundswell_tests::{House, PATIENCE};
use serde_json::json;

use crate::records::Random;
use crate::server::Server;
use crate::{Seen, difference, same};

/// Parts that an older program stored, one a feedback.
const PARTS: u64 = 6_000;
/// How often something is killed; a third each strikes the server, the command, and both.
const KILLS: u64 = 12;
/// Seed of the moments.
const SEED: u64 = 20_261_129;

/// What a kill strikes.
#[derive(Clone, Copy, Debug)]
enum Victim {
    Server,
    Command,
    Both,
}

#[test]
fn a_re_annotation_that_is_killed_again_and_again_ends_with_every_part_current_once() {
    let mut house = House::new("crash-reannotate");
    house.config.log.partitions = 2;
    // Small steps, so that a kill leaves some done and some not.
    house.config.analyse.batch_records = 10;
    house.config.index.commit_after = "200ms".to_owned().try_into().unwrap();
    let stored: Vec<Part> = (0..PARTS).map(said).collect();
    house.visit(|shared| store(shared, &stored));
    let server = Server::new(house.data(), &house.config);
    let begun = Instant::now();
    let reached = interrupt(&server);

    server.start();
    drop(server.remote());
    let said = finish(server.spawn(&["reannotate"]));
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
    let told = String::from_utf8_lossy(&said.stdout).into_owned();
    assert!(told.contains(&format!("parts brought to version {CODE_VERSION}")), "something was left: {told}");
    let again = finish(server.spawn(&["reannotate"]));
    assert!(String::from_utf8_lossy(&again.stdout).contains("nothing to do"));
    server.catch_up();
    let counts = server.check();
    assert!(counts.holds, "{:?}", counts.faults);
    let anew = counts.pipelines[RE_ANNOTATION];
    assert_eq!((anew.raw, anew.parts, anew.feedback, anew.repeats), (PARTS, PARTS, 0, PARTS));
    let first = counts.pipelines["submission"];
    assert_eq!((first.raw, first.parts, first.feedback, first.repeats), (PARTS, PARTS, PARTS, 0));
    assert_eq!((counts.live, counts.indexed), (PARTS, PARTS));
    server.terminate();
    println!("{KILLS} kills at {reached:?} of {PARTS} parts, all in {:.1} s", begun.elapsed().as_secs_f64());

    house.visit(|shared| every_part_is_current_once(&topic(shared, &shared.topics.feedback)));
    let before = house.dump();
    let seen = Seen::of(&before);
    let live = seen.live.keys().cloned().collect();
    assert!(seen.indexed == live, "{}", difference("index", &seen.indexed, &live));
    assert_eq!(live.len() as u64, PARTS);
    server.rebuild();
    same(&before, &house.dump());
}

/// A complaint as an older program stored it.
fn said(number: u64) -> Part {
    let text = format!("The parcel came {} days late, and nobody called me back.", 2 + number % 9);
    let submission = json!({ "record": format!("R-{number}"), "revision": 1, "kind": "complaint",
        "occurred_at": format!("2026-05-{:02}T08:00:00Z", 1 + number % 28),
        "respondent": { "customer": format!("C-{}", number % 900) }, "statements": [{ "text": text }] });
    older(&part(&submission, 1))
}

/// Kills at moments spread over the whole run, and says how many parts had been annotated anew at each.
fn interrupt(server: &Server) -> Vec<u64> {
    let mut random = Random::new(SEED);
    let mut reached = Vec::new();
    for kill in 0..KILLS {
        server.start();
        drop(server.remote());
        let mut running = server.spawn(&["reannotate"]);
        reached.push(reach(server, &mut running, (kill + 1) * PARTS / (KILLS + 2)));
        std::thread::sleep(Duration::from_millis(random.below(40)));
        let victim = [Victim::Server, Victim::Command, Victim::Both][kill as usize % 3];
        if matches!(victim, Victim::Command | Victim::Both) {
            running.kill().unwrap();
        }
        if matches!(victim, Victim::Server | Victim::Both) {
            server.kill();
        }
        // Without its server the command ends and says so.
        let ended = finish(running);
        let told = String::from_utf8_lossy(&ended.stderr);
        assert!(!ended.status.success(), "{victim:?} {kill}: it was over already");
        if matches!(victim, Victim::Server) {
            assert!(told.contains("the server does not answer"), "{victim:?} {kill}: {told}");
        }
    }
    reached
}

/// Waits until so many parts have been annotated anew, and says how many it were.
fn reach(server: &Server, command: &mut Child, goal: u64) -> u64 {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let counts = server.remote().unwrap().counts().unwrap();
        let done = counts.pipelines.get(RE_ANNOTATION).map_or(0, |row| row.raw);
        if done >= goal {
            return done;
        }
        assert!(command.try_wait().unwrap().is_none(), "the command ended by itself at {done} of {goal}");
        assert!(Instant::now() < deadline, "{done} of {goal} parts after {PATIENCE:?}");
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// Waits for the end of a command, and kills it where none comes.
fn finish(mut command: Child) -> Output {
    let deadline = Instant::now() + PATIENCE;
    while command.try_wait().unwrap().is_none() {
        if Instant::now() > deadline {
            command.kill().unwrap();
            panic!("the command does not end");
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    command.wait_with_output().unwrap()
}

/// The log holds each part at the current version exactly once, and nothing else beside what an older program stored.
fn every_part_is_current_once(records: &[groundswell_log::Record]) {
    let mut times: BTreeMap<(String, u32), u64> = BTreeMap::new();
    for bytes in records.iter().filter_map(|record| record.value.as_deref()) {
        let (part, _) = Part::decode(bytes).unwrap();
        *times.entry((part.id.to_string(), part.processing.code)).or_default() += 1;
    }
    let current = times.iter().filter(|((_, code), _)| *code == CODE_VERSION);
    assert_eq!(current.count() as u64, PARTS);
    let odd: Vec<_> =
        times.iter().filter(|((_, code), count)| **count != 1 || ![1, CODE_VERSION].contains(code)).collect();
    assert!(odd.is_empty(), "{odd:?}");
}
