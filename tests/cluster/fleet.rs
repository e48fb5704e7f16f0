//! The processes of the audit: two ingest workers, an index worker, an analyser that serves and one that may follow.

use std::time::{Duration, Instant};

use groundswell_server::CountsReport;
use groundswell_tests::TempFolder;
use groundswell_tests::cluster::{Cluster, Worker};

/// All processes.
pub struct Fleet {
    pub analyser: Worker,
    pub second: Worker,
    pub index: Worker,
    workers: [Worker; 2],
}

impl Fleet {
    /// Lays the folders out: all have the same key and the same pipelines.
    pub fn new(folder: &TempFolder, cluster: &Cluster, sources: &[(&'static str, String)]) -> Self {
        let root = folder.join("");
        let config = cluster.config();
        let mut serving = config.clone();
        serving.index.folder = root.join("index/index").display().to_string();
        let fleet = Self {
            analyser: Worker::new(&root, "analyser", "analyse,serve", serving),
            second: Worker::new(&root, "second", "analyse", config.clone()),
            index: Worker::new(&root, "index", "index", config.clone()),
            workers: [
                Worker::new(&root, "ingest-1", "ingest", config.clone()),
                Worker::new(&root, "ingest-2", "ingest", config),
            ],
        };
        for worker in fleet.all() {
            worker.take_key_of(&fleet.analyser);
            worker.read_from(sources);
        }
        fleet
    }

    fn all(&self) -> Vec<&Worker> {
        [&self.analyser, &self.second, &self.index].into_iter().chain(&self.workers).collect()
    }

    /// Starts everything but the second analyser; the one that serves waits for the index that it reads.
    pub fn start_all(&self) {
        self.index.start();
        self.workers.iter().for_each(Worker::start);
        let there = self.index.data().index().join("meta.json");
        let deadline = Instant::now() + Duration::from_secs(60);
        while !there.exists() {
            assert!(Instant::now() < deadline, "no index: {}", self.index.said());
            std::thread::sleep(Duration::from_millis(20));
        }
        self.analyser.start();
    }

    /// Gives the processes that were started.
    pub fn running(&self) -> Vec<&Worker> {
        self.all().into_iter().filter(|worker| worker.is_running()).collect()
    }

    /// Starts again what has ended by itself.
    pub fn revive(&self) {
        self.all().into_iter().for_each(Worker::revive);
    }

    /// How many processes ended by themselves and were started again.
    pub fn restarts(&self) -> u64 {
        self.all().into_iter().map(|worker| worker.restarts()).sum()
    }

    /// Asks the analyser that serves for its account; nothing while it is starting.
    pub fn counts(&self) -> Option<CountsReport> {
        self.analyser.counts()
    }

    /// Stops everything by SIGTERM.
    pub fn stop(&self) {
        self.all().into_iter().for_each(Worker::stop);
    }

    /// Dumps the state of the analyser and the index.
    pub fn dump(&self) -> Vec<String> {
        let mut lines = self.analyser.dump("analyse".parse().unwrap());
        lines.extend(self.index.dump("index".parse().unwrap()));
        lines
    }

    /// Gives the end of what every process said.
    pub fn said(&self) -> String {
        self.all().into_iter().map(Worker::said).collect::<Vec<_>>().join("\n")
    }
}
