//! The conformance suite on Apache Kafka, with both protocols of groups.
use std::sync::Arc;

use groundswell_log::conformance::Harness;
use groundswell_log::{KafkaLog, KafkaSettings, Log, LogError};
use groundswell_tests::kafka::broker;

use crate::scene::{fresh, settings};

/// The shared broker, with an instance of each test's own.
struct OnBroker {
    settings: KafkaSettings,
}

impl OnBroker {
    fn new(consumer_protocol: bool) -> Self {
        let mut settings = settings(&broker().bootstrap());
        settings.consumer_protocol = consumer_protocol;
        Self { settings }
    }
}

impl Harness for OnBroker {
    fn open(&self) -> Result<Arc<dyn Log>, LogError> {
        Ok(Arc::new(KafkaLog::open(self.settings.clone())?))
    }

    fn compact(&self, _: i64) -> Result<bool, LogError> {
        Ok(false)
    }

    /// Names of one test stay the same between two openings, so that the instance tells tests apart.
    fn name(&self, base: &str) -> String {
        format!("{base}-{}", self.settings.instance)
    }
}

#[test]
fn each_harness_has_names_of_its_own() {
    assert_ne!(fresh("a"), fresh("a"));
    let (one, two) = (OnBroker::new(false), OnBroker::new(true));
    assert_eq!(one.name("topic"), one.name("topic"));
    assert_ne!(one.name("topic"), two.name("topic"));
}

mod classic_protocol {
    //! Members by the protocol that every broker speaks.
    use super::OnBroker;
    groundswell_log::conformance_suite!(OnBroker::new(false));
}

mod consumer_protocol {
    //! Members by the protocol of KIP-848: the promises in which members take part. That a stand-alone position is refused
    //! beside members is not among them, because the client library cannot ask who is in such a group.
    use super::OnBroker;
    groundswell_log::conformance_suite! { OnBroker::new(true);
        a_member_starts_where_its_group_stood
        rewinding_gives_the_batch_again
        a_paused_partition_is_silent
        members_share_the_partitions
        a_rebalance_loses_and_doubles_nothing
        a_newer_writer_fences_the_older
    }
}
