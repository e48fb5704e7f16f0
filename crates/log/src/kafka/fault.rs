//! What an error of the client library means: which of the three answers a loop gives to it, and the reason in words.
use rdkafka::error::{KafkaError, RDKafkaErrorCode as Code};

use crate::error::LogError;
use crate::names::{Group, WriterId};

/// Turns an error that is not about one topic into ours.
pub(crate) fn of(error: &KafkaError, doing: &str) -> LogError {
    match error.rdkafka_error_code() {
        Some(code) => of_code(code, doing, &error.to_string()),
        None => LogError::Failed { doing: doing.to_owned(), detail: error.to_string() },
    }
}

/// Turns a code into our error; `detail` is what the library says of it.
pub(crate) fn of_code(code: Code, doing: &str, detail: &str) -> LogError {
    let detail = format!("{doing}: {detail}");
    if let Some(reason) = refusal(code) {
        return LogError::Refused { detail: format!("{reason} ({detail})") };
    }
    if passes(code) {
        return LogError::Unavailable { detail };
    }
    match code {
        Code::MessageSizeTooLarge | Code::InvalidMessageSize | Code::MessageBatchTooLarge => {
            LogError::Invalid {
                what: format!("a record is larger than its topic allows (max.message.bytes): {detail}"),
            }
        }
        Code::InvalidRecord | Code::InvalidTimestamp => LogError::Invalid {
            what: format!(
                "the broker takes no such record, as one without a key in a compacted topic: {detail}"
            ),
        },
        _ => LogError::Failed { doing: doing.to_owned(), detail },
    }
}

/// Says in words why a broker refuses us, if it does.
pub(crate) fn refusal(code: Code) -> Option<&'static str> {
    Some(match code {
        Code::Authentication | Code::SaslAuthenticationFailed => {
            "the broker refuses the user name or the password"
        }
        Code::UnsupportedSASLMechanism | Code::IllegalSASLState => {
            "the broker does not offer this way of signing in"
        }
        Code::SSL => "the secure connection fails: one side does not trust the other's certificate",
        Code::TopicAuthorizationFailed => "there is no right to a topic",
        Code::GroupAuthorizationFailed => "there is no right to a consumer group",
        Code::ClusterAuthorizationFailed => "there is no right to do this in the cluster",
        Code::TransactionalIdAuthorizationFailed => "there is no right to a transactional id",
        _ => return None,
    })
}

/// Says whether a code names something that passes by itself.
fn passes(code: Code) -> bool {
    matches!(
        code,
        Code::BrokerTransportFailure
            | Code::DestroyBroker
            | Code::Resolve
            | Code::AllBrokersDown
            | Code::OperationTimedOut
            | Code::MessageTimedOut
            | Code::TimedOutQueue
            | Code::QueueFull
            | Code::WaitingForCoordinator
            | Code::Retry
            | Code::InProgress
            | Code::PreviousInProgress
            | Code::LeaderNotAvailable
            | Code::NotLeaderForPartition
            | Code::RequestTimedOut
            | Code::BrokerNotAvailable
            | Code::ReplicaNotAvailable
            | Code::NetworkException
            | Code::CoordinatorLoadInProgress
            | Code::CoordinatorNotAvailable
            | Code::NotCoordinator
            | Code::NotEnoughReplicas
            | Code::NotEnoughReplicasAfterAppend
            | Code::NotController
            | Code::KafkaStorageError
            | Code::ConcurrentTransactions
            | Code::UnstableOffsetCommit
            | Code::OffsetNotAvailable
            | Code::FencedLeaderEpoch
            | Code::UnknownLeaderEpoch
            | Code::ThrottlingQuotaExceeded
            | Code::ListenerNotFound
    )
}

/// Says whether a code means that another writer has taken the id.
pub(crate) fn is_fenced(code: Code) -> bool {
    matches!(
        code,
        Code::Fenced | Code::ProducerFenced | Code::InvalidProducerEpoch | Code::TransactionCoordinatorFenced
    )
}

/// Says whether a code means that the member's partitions belong to others.
fn is_stale(code: Code, name: &str) -> bool {
    matches!(
        code,
        Code::IllegalGeneration
            | Code::UnknownMemberId
            | Code::RebalanceInProgress
            | Code::FencedInstanceId
            | Code::AssignmentLost
            | Code::MemberIdRequired
    ) || name.contains("MEMBER_EPOCH")
}

/// What became of a call of a transaction that did not succeed.
pub(crate) enum Failed {
    /// Make the same call again.
    Again(LogError),
    /// The transaction must be aborted.
    Abort(LogError),
    /// The writer is of no more use.
    Over(LogError),
}

/// Sorts a failed call of a transaction into the three classes that the library knows.
pub(crate) fn of_transaction(
    error: &KafkaError,
    doing: &str,
    writer: &WriterId,
    group: Option<&Group>,
) -> Failed {
    let KafkaError::Transaction(inner) = error else {
        return match of(error, doing) {
            passing @ LogError::Unavailable { .. } => Failed::Again(passing),
            other => Failed::Abort(other),
        };
    };
    let (code, detail) = (inner.code(), inner.string());
    let stale = group.filter(|_| is_stale(code, &inner.name()));
    let meaning = match stale {
        Some(group) => LogError::Rebalanced { group: group.clone() },
        None => of_code(code, doing, &detail),
    };
    if inner.is_fatal() {
        let over =
            if is_fenced(code) { LogError::Fenced { writer: writer.clone() } } else { poisoned(meaning) };
        Failed::Over(over)
    } else if inner.txn_requires_abort() {
        let aborted = match meaning {
            LogError::Unavailable { detail } | LogError::Failed { detail, .. } => {
                LogError::Aborted { detail }
            }
            other => other,
        };
        Failed::Abort(aborted)
    } else if inner.is_retriable() {
        Failed::Again(LogError::Unavailable { detail: format!("{doing}: {detail}") })
    } else if stale.is_some() {
        Failed::Abort(meaning)
    } else {
        Failed::Over(poisoned(meaning))
    }
}

/// An error after which the writer cannot go on, whatever it was.
fn poisoned(meaning: LogError) -> LogError {
    match meaning {
        LogError::Unavailable { detail } | LogError::Failed { detail, .. } => LogError::Poisoned { detail },
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Disposition;

    #[test]
    fn every_code_has_one_of_three_answers() {
        for (code, disposition, error) in [
            (Code::AllBrokersDown, Disposition::Retry, "log.unavailable"),
            (Code::NotEnoughReplicas, Disposition::Retry, "log.unavailable"),
            (Code::Authentication, Disposition::Stop, "log.refused"),
            (Code::SSL, Disposition::Stop, "log.refused"),
            (Code::TopicAuthorizationFailed, Disposition::Stop, "log.refused"),
            (Code::MessageSizeTooLarge, Disposition::Stop, "log.invalid"),
            (Code::BadCompression, Disposition::Stop, "log.failed"),
            (Code::UnsupportedCompressionType, Disposition::Stop, "log.failed"),
        ] {
            let fault = of_code(code, "reading", "why");
            assert_eq!((fault.disposition(), fault.code()), (disposition, error), "{code:?}");
            assert!(fault.to_string().contains("reading"), "{fault}");
        }
    }
}
