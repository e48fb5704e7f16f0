//! Plain appends: one thread puts all that wait into one transaction, so that each call is all or nothing and durable.
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

use super::cluster::Cluster;
use super::writer::KafkaWriter;
use crate::contract::Transaction;
use crate::error::LogError;
use crate::names::WriterId;
use crate::record::{Append, Place};

/// How many calls may wait; a further one waits for room.
const WAITING: usize = 256;
/// How many bytes one transaction takes, unless its first call alone is larger.
const LARGEST: usize = 16 << 20;

/// How often an aborted transaction is made again.
const ATTEMPTS: usize = 4;

type Answer = Result<Vec<Place>, LogError>;

/// The thread that appends.
pub(crate) struct Appender {
    asked: Option<SyncSender<Asked>>,
    thread: Option<JoinHandle<()>>,
}

struct Asked {
    appends: Vec<Append>,
    answer: SyncSender<Answer>,
}

impl Appender {
    /// Starts the thread; its producer is made at the first append.
    ///
    /// # Errors
    /// `Failed` when there is no thread to be had.
    pub(crate) fn start(cluster: &Arc<Cluster>, id: WriterId) -> Result<Self, LogError> {
        let (asked, requests) = sync_channel(WAITING);
        let cluster = Arc::clone(cluster);
        let thread = std::thread::Builder::new()
            .name("kafka-append".to_owned())
            .spawn(move || Worker { cluster, id, writer: None }.run(&requests))
            .map_err(|error| LogError::Failed {
                doing: "starting a thread".to_owned(),
                detail: error.to_string(),
            })?;
        Ok(Self { asked: Some(asked), thread: Some(thread) })
    }

    /// Appends and waits until it is durable.
    pub(crate) fn append(&self, appends: Vec<Append>) -> Answer {
        if appends.is_empty() {
            return Ok(Vec::new());
        }
        let (answer, answered) = sync_channel(1);
        let asked = self.asked.as_ref().ok_or(LogError::Closed)?;
        asked.send(Asked { appends, answer }).map_err(|_| LogError::Closed)?;
        answered.recv().map_err(|_| LogError::Closed)?
    }
}

impl Drop for Appender {
    fn drop(&mut self) {
        self.asked = None;
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the thread that appends ended in a panic");
        }
    }
}

struct Worker {
    cluster: Arc<Cluster>,
    id: WriterId,
    writer: Option<KafkaWriter>,
}

impl Worker {
    fn run(mut self, requests: &Receiver<Asked>) {
        let mut held = None;
        while let Some(first) = held.take().or_else(|| requests.recv().ok()) {
            let mut together = vec![first];
            let mut bytes: usize = together.iter().map(Asked::size).sum();
            while let Ok(next) = requests.try_recv() {
                bytes += next.size();
                if bytes > LARGEST {
                    held = Some(next);
                    break;
                }
                together.push(next);
            }
            self.serve(together);
        }
    }

    /// Appends calls together; where that is refused for a record of one of them, each by itself.
    fn serve(&mut self, together: Vec<Asked>) {
        let (mut good, mut bad) = (Vec::new(), Vec::new());
        for asked in together {
            match KafkaWriter::check(&self.cluster, &asked.appends) {
                Ok(()) => good.push(asked),
                Err(error) => bad.push((asked, error)),
            }
        }
        for (asked, error) in bad {
            asked.reply(Err(error));
        }
        if good.is_empty() {
            return;
        }
        let appends = good.iter().flat_map(|asked| asked.appends.iter().cloned()).collect();
        match self.commit(appends) {
            Ok(places) => {
                let mut places = places.into_iter();
                for asked in good {
                    let own = places.by_ref().take(asked.appends.len()).collect();
                    asked.reply(Ok(own));
                }
            }
            Err(LogError::Invalid { .. }) if good.len() > 1 => {
                for asked in good {
                    let answer = self.commit(asked.appends.clone());
                    asked.reply(answer);
                }
            }
            Err(error) => good.into_iter().for_each(|asked| asked.reply(Err(error.clone()))),
        }
    }

    fn commit(&mut self, appends: Vec<Append>) -> Answer {
        let mut writer = match self.writer.take() {
            Some(writer) => writer,
            None => KafkaWriter::open(&self.cluster, &self.id)?,
        };
        let transaction = Transaction { appends, advance: None };
        let mut answer = writer.write(&transaction);
        for _ in 1..ATTEMPTS {
            // An aborted transaction left nothing, so that appends, which hang on nothing that was read, may be made again.
            if !matches!(answer, Err(LogError::Aborted { .. })) {
                break;
            }
            answer = writer.write(&transaction);
        }
        // A new producer may do what a broken one cannot; what was not acknowledged is sent again by its sender.
        self.writer = Some(writer).filter(|writer| !writer.is_over());
        answer
    }
}

impl Asked {
    fn size(&self) -> usize {
        self.appends.iter().map(Append::size).sum()
    }

    fn reply(self, answer: Answer) {
        if self.answer.send(answer).is_err() {
            tracing::debug!("nobody waits for an append any more");
        }
    }
}
