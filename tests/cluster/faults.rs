//! What must not go well: topics made anew, stretches of records that cannot be used, odd records, an analyser that slept
//! through its replacement, brokers that are away. Nothing is lost, and who stops says why.

use std::time::{Duration, Instant};

use groundswell_log::{Append, KafkaLog, KafkaSettings, Log, Place, ReadLimit, Topic};
use groundswell_server::PipelineCounts;
use groundswell_tests::cluster::{Cluster, Worker};
use groundswell_tests::{TempFolder, kafka};
use rdkafka::ClientConfig;
use rdkafka::admin::{AdminClient, AdminOptions};
use rdkafka::client::DefaultClientContext;

use crate::audit::make_topics;

const ALL: &str = "ingest,analyse,index,serve";
/// How long something may take that must come.
const PATIENCE: Duration = Duration::from_secs(90);

/// One process with all roles that reads one topic, and a log to write to it.
struct Scene {
    _folder: TempFolder,
    worker: Worker,
    log: KafkaLog,
    prefix: String,
    topic: Topic,
}

impl Scene {
    fn new(
        name: &'static str,
        pipeline: &'static str,
        change: impl FnOnce(&mut groundswell::config::Config),
    ) -> Self {
        let folder = TempFolder::new(name);
        let cluster =
            Cluster { bootstrap: kafka::broker().bootstrap(), prefix: format!("{name}."), copies: 1 };
        let mut config = cluster.config();
        change(&mut config);
        let worker = Worker::new(folder.path(), "all", ALL, config);
        let topics = [(pipeline, format!("{name}.source"))];
        worker.read_from(&topics);
        let log = KafkaLog::open(KafkaSettings::new(&cluster.bootstrap, &format!("{name}-test"))).unwrap();
        make_topics(&log, &topics);
        worker.run(&["topics", "--create"]);
        let topic = topics[0].1.parse().unwrap();
        Self { _folder: folder, worker, log, prefix: cluster.prefix, topic }
    }

    fn send(&self, key: Option<&str>, value: Option<&[u8]>) {
        self.send_all(vec![(key, value)]);
    }

    fn send_all(&self, records: Vec<(Option<&str>, Option<&[u8]>)>) {
        let appends = records.into_iter().map(|(key, value)| Append {
            topic: self.topic.clone(),
            partition: 0,
            timestamp_ms: 1_780_000_000_000,
            key: key.map(|key| key.as_bytes().to_vec()),
            headers: Vec::new(),
            value: value.map(<[u8]>::to_vec),
        });
        self.log.append(appends.collect()).unwrap();
    }

    /// Waits until the account of the pipeline is as wanted and holds.
    fn wait(&self, pipeline: &str, wanted: impl Fn(&PipelineCounts) -> bool) -> PipelineCounts {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let last = self.worker.counts();
            if let Some(counts) = &last
                && counts.holds
                && let Some(row) = counts.pipelines.get(pipeline).filter(|row| wanted(row))
                && row.parts == row.feedback + row.repeats
            {
                return *row;
            }
            assert!(Instant::now() < deadline, "it does not come to this: {last:?}\n{}", self.worker.said());
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// How many dead letters there are.
    fn dead_letters(&self) -> usize {
        let topic: Topic = format!("{}dead-letters", self.prefix).parse().unwrap();
        let (mut at, mut found) = (Place::new(&topic, 0, 0), 0);
        loop {
            let batch = self.log.read(&at, ReadLimit::default()).unwrap();
            found += batch.records.len();
            if batch.next >= batch.end {
                return found;
            }
            at.offset = batch.next;
        }
    }

    fn admin(&self) -> AdminClient<DefaultClientContext> {
        let mut config = ClientConfig::new();
        config.set("bootstrap.servers", kafka::broker().bootstrap());
        config.create().unwrap()
    }

    /// Deletes the source's topic and makes it anew.
    fn make_anew(&self) {
        let asked = async { self.admin().delete_topics(&[self.topic.as_str()], &AdminOptions::new()).await };
        let done = tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(asked).unwrap();
        done.into_iter().for_each(|deleted| drop(deleted.unwrap()));
        let deadline = Instant::now() + PATIENCE;
        while !matches!(self.log.extents(&self.topic), Err(error) if error.code() == "log.unknown_topic") {
            assert!(Instant::now() < deadline, "the topic is still there");
            std::thread::sleep(Duration::from_millis(20));
        }
        make_topics(&self.log, &[("", self.topic.to_string())]);
    }
}

fn submission(number: u64) -> Vec<u8> {
    format!("{{\"record\":\"R-{number}\",\"statements\":[{{\"text\":\"The parcel {number} came four days late.\"}}]}}")
        .into_bytes()
}

fn submissions(scene: &Scene, numbers: std::ops::Range<u64>) {
    let records: Vec<Vec<u8>> = numbers.map(submission).collect();
    scene.send_all(records.iter().map(|record| (None, Some(record.as_slice()))).collect());
}

#[test]
fn a_topic_made_anew_while_nobody_reads_stops_the_worker() {
    let _alone = crate::alone();
    let scene = Scene::new("anew-stopped", "submission", |_| {});
    scene.worker.start();
    submissions(&scene, 0..20);
    scene.wait("submission", |row| row.raw == 20);
    scene.worker.stop();
    scene.make_anew();
    submissions(&scene, 100..150);
    let said = scene.worker.ends_with_fault(PATIENCE);
    assert!(said.contains("made anew") && said.contains("anew-stopped.source-0"), "{said}");
}

#[test]
fn a_topic_made_anew_under_the_worker_stops_it() {
    let _alone = crate::alone();
    let scene = Scene::new("anew-running", "submission", |_| {});
    scene.worker.start();
    submissions(&scene, 0..20);
    scene.wait("submission", |row| row.raw == 20);
    scene.make_anew();
    // More records than were read, so that no position is out of range.
    submissions(&scene, 100..150);
    let said = scene.worker.ends_with_fault(PATIENCE);
    assert!(said.contains("anew-running.source"), "{said}");
    // It does not begin in the middle of the new topic at the next start either.
    let said = scene.worker.ends_with_fault(PATIENCE);
    assert!(said.contains("made anew"), "{said}");
}

#[test]
fn a_poisoned_stretch_stops_the_worker_instead_of_filling_the_dead_letters() {
    let _alone = crate::alone();
    let scene = Scene::new("poisoned", "submission", |config| {
        config.ingest.dead_letter_run = 200;
        config.ingest.batch_records = 50;
    });
    submissions(&scene, 0..30);
    scene.send_all(vec![(None, Some(&b"not JSON"[..])); 1_000]);
    let said = scene.worker.ends_with_fault(PATIENCE);
    assert!(said.contains("200 items in a row could not be used"), "{said}");
    let dead = scene.dead_letters();
    assert!(
        (1..200).contains(&dead),
        "the stretch that stopped the worker is not in the dead letters: {dead}"
    );
    // The operator decides that they may go: nothing was lost.
    scene.worker.set_config(|config| config.ingest.dead_letter_run = 100_000);
    scene.worker.start();
    submissions(&scene, 30..40);
    let row = scene.wait("submission", |row| row.raw == 1_040);
    assert_eq!((row.parts, row.dead_letters), (40, 1_000));
    scene.worker.stop();
}

#[test]
fn a_share_of_unusable_records_stops_the_worker() {
    let _alone = crate::alone();
    let scene = Scene::new("share", "submission", |config| {
        config.ingest.dead_letter_run = 100_000;
        config.ingest.dead_letter_ratio = 0.5;
        config.ingest.dead_letter_window = 100;
        config.ingest.batch_records = 50;
    });
    for number in 0..60 {
        let good = submission(number);
        scene.send_all(vec![(None, Some(&good[..])), (None, Some(b"{")), (None, Some(b"[]"))]);
    }
    let said = scene.worker.ends_with_fault(PATIENCE);
    assert!(said.contains("of the last") && said.contains("could not be used"), "{said}");
}

#[test]
fn odd_records_become_dead_letters_and_the_rest_goes_on() {
    let _alone = crate::alone();
    let scene = Scene::new("odd", "submission", |_| {});
    scene.worker.start();
    let large = format!("{{\"record\":\"L\",\"statements\":[{{\"text\":\"{}\"}}]}}", "late ".repeat(4 << 20));
    assert!(large.len() > 20 << 20);
    submissions(&scene, 0..5);
    scene.send(Some("R-1"), None);
    scene.send(None, Some(b""));
    scene.send(None, Some(&[0xff, 0xfe, 0x00]));
    scene.send(None, Some(large.as_bytes()));
    submissions(&scene, 5..10);
    let row = scene.wait("submission", |row| row.raw == 14);
    assert_eq!((row.parts, row.dead_letters), (10, 4), "{row:?}");
    scene.worker.stop();
}

#[test]
fn a_null_value_deletes_where_the_topic_is_compacted() {
    let _alone = crate::alone();
    let scene = Scene::new("null", "submission", |_| {});
    scene.worker.add_to_pipeline("submission", "null_value = \"delete\"");
    scene.worker.start();
    submissions(&scene, 0..5);
    scene.wait("submission", |row| row.raw == 5);
    scene.send(Some("R-1"), None);
    let row = scene.wait("submission", |row| row.raw == 6);
    assert_eq!((row.parts, row.tombstones, row.dead_letters), (5, 1, 0), "{row:?}");
    let deadline = Instant::now() + PATIENCE;
    while scene.worker.counts().is_none_or(|counts| counts.live != 4 || counts.indexed != 4) {
        assert!(Instant::now() < deadline, "the deletion does not arrive: {:?}", scene.worker.counts());
        std::thread::sleep(Duration::from_millis(100));
    }
    scene.worker.stop();
}

#[test]
fn a_missing_topic_and_brokers_that_are_away_are_said_in_one_line() {
    let _alone = crate::alone();
    let folder = TempFolder::new("missing");
    let cluster =
        Cluster { bootstrap: kafka::broker().bootstrap(), prefix: "missing.".to_owned(), copies: 1 };
    let worker = Worker::new(folder.path(), "none", ALL, cluster.config());
    let said = worker.ends_with_fault(PATIENCE);
    assert!(said.contains("topic missing.raw does not exist: `groundswell topics --create`"), "{said}");
    worker.set_config(|config| config.kafka.brokers = "127.0.0.1:1".to_owned());
    // It is said within ten seconds and tried again, as a worker does that is started before its brokers.
    worker.says("no broker answers", Duration::from_secs(12));
    worker.kill();
}

#[test]
fn an_analyser_that_slept_through_its_replacement_doubles_nothing() {
    let _alone = crate::alone();
    let scene = Scene::new("asleep", "submission", |_| {});
    let second = scene.worker.twin("second", ALL);
    scene.worker.start();
    submissions(&scene, 0..50);
    scene.wait("submission", |row| row.raw == 50);
    second.start();
    scene.worker.pause();
    submissions(&scene, 50..100);
    let deadline = Instant::now() + PATIENCE;
    let done = |worker: &Worker| {
        worker.counts().is_some_and(|counts| counts.holds && counts.live == 100 && counts.indexed == 100)
    };
    while !done(&second) {
        assert!(
            Instant::now() < deadline,
            "the second does not take over: {:?}\n{}",
            second.counts(),
            second.said()
        );
        std::thread::sleep(Duration::from_millis(100));
    }
    scene.worker.resume();
    submissions(&scene, 100..150);
    let deadline = Instant::now() + PATIENCE;
    let all = |worker: &Worker| {
        worker.counts().is_some_and(|counts| counts.holds && counts.live == 150 && counts.indexed == 150)
    };
    while !all(&second) {
        assert!(
            Instant::now() < deadline,
            "{:?}\n{}\n{}",
            second.counts(),
            second.said(),
            scene.worker.said()
        );
        second.revive();
        scene.worker.revive();
        std::thread::sleep(Duration::from_millis(100));
    }
    // Whether it followed or ended and was started again, it comes to the same.
    while !all(&scene.worker) {
        assert!(Instant::now() < deadline, "{:?}\n{}", scene.worker.counts(), scene.worker.said());
        scene.worker.revive();
        std::thread::sleep(Duration::from_millis(100));
    }
    scene.worker.stop();
    second.stop();
    let (one, two) = (scene.worker.dump("analyse".parse().unwrap()), second.dump("analyse".parse().unwrap()));
    assert_eq!(one.len(), two.len());
    assert!(one == two, "the two analysers do not agree");
}
