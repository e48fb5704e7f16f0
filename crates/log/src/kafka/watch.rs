//! What a client of the library says while it works: logs, and errors that it would retry for ever without a word.
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rdkafka::ClientContext;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::consumer::ConsumerContext;
use rdkafka::error::{KafkaError, RDKafkaErrorCode as Code};

use super::fault;
use crate::error::LogError;

/// How long the same trouble is not said again.
const QUIET: Duration = Duration::from_secs(30);

/// What all clients of one log have met.
#[derive(Clone, Debug, Default)]
pub(crate) struct Watch {
    trouble: Arc<Mutex<Option<Trouble>>>,
}

#[derive(Clone, Debug)]
struct Trouble {
    said: String,
    refused: bool,
    at: Instant,
    told: Instant,
}

impl Watch {
    /// Gives an error with the trouble that was last met, where one explains why a call came to nothing.
    pub(crate) fn explain(&self, error: LogError) -> LogError {
        let LogError::Unavailable { detail } = error else { return error };
        match self.latest() {
            Some(Trouble { said, refused: true, .. }) => LogError::Refused { detail: said },
            Some(Trouble { said, .. }) => LogError::Unavailable { detail: format!("{said} ({detail})") },
            None => LogError::Unavailable { detail },
        }
    }

    /// Notes that a call got through.
    pub(crate) fn clear(&self) {
        *self.lock() = None;
    }

    fn latest(&self) -> Option<Trouble> {
        self.lock().clone().filter(|trouble| trouble.at.elapsed() < QUIET)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Trouble>> {
        self.trouble.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn meet(&self, code: Code, reason: &str) {
        let reason = one_line(reason);
        let secure =
            reason.contains("SSL handshake") || reason.contains("certificate") || hung_up_unheard(&reason);
        let said = match (fault::refusal(code), code) {
            (Some(words), _) => format!("{words} ({reason})"),
            (None, Code::BrokerTransportFailure) if secure => {
                format!(
                    "the secure connection fails: the broker hangs up, as when it wants a certificate ({reason})"
                )
            }
            (None, Code::BrokerTransportFailure | Code::AllBrokersDown | Code::Resolve) => {
                format!("no broker answers ({reason})")
            }
            _ => return,
        };
        let refused = fault::refusal(code).is_some();
        let now = Instant::now();
        let mut trouble = self.lock();
        // A refusal explains more than the silence that follows it, and any reason more than that all brokers are gone.
        let fresh = trouble.as_ref().filter(|known| known.at.elapsed() < QUIET);
        if fresh.is_some_and(|known| (known.refused && !refused) || code == Code::AllBrokersDown) {
            return;
        }
        let quiet =
            trouble.as_ref().is_some_and(|known| known.refused == refused && known.told.elapsed() < QUIET);
        if !quiet {
            tracing::warn!(reason = %said, "trouble with Kafka");
        }
        let told = if quiet { trouble.as_ref().map_or(now, |known| known.told) } else { now };
        *trouble = Some(Trouble { said, refused, at: now, told });
    }
}

impl ClientContext for Watch {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        // A connection that the other side closes is logged, and is no error to the library.
        if facility == "FAIL" && hung_up_unheard(message) {
            self.meet(Code::BrokerTransportFailure, message);
        }
        match level {
            RDKafkaLogLevel::Emerg | RDKafkaLogLevel::Alert | RDKafkaLogLevel::Critical => {
                tracing::error!(facility, "{message}");
            }
            // What these say of brokers comes as an error too, where it is told once.
            _ => tracing::debug!(facility, "{message}"),
        }
    }

    fn stats_raw(&self, _: &[u8]) {}

    fn error(&self, error: KafkaError, reason: &str) {
        tracing::debug!(%error, reason, "the client library reports an error");
        if let Some(code) = error.rdkafka_error_code() {
            self.meet(code, reason);
        }
    }
}

impl ConsumerContext for Watch {}

/// Says whether an encrypted connection ended before the broker had answered anything: all that is seen of a broker
/// that does not take our certificate, when its alert is lost with the connection.
fn hung_up_unheard(reason: &str) -> bool {
    let unheard = ["in state SSL_HANDSHAKE", "in state APIVERSION_QUERY"];
    reason.contains("ssl://") && unheard.iter().any(|state| reason.contains(state))
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unavailable() -> LogError {
        LogError::Unavailable { detail: "metadata: timed out".to_owned() }
    }

    #[test]
    fn a_refusal_explains_a_timeout_and_is_not_hidden_by_silence() {
        let watch = Watch::default();
        assert_eq!(watch.explain(unavailable()).code(), "log.unavailable");
        watch.error(KafkaError::Global(Code::Authentication), "sasl: wrong");
        watch.error(KafkaError::Global(Code::AllBrokersDown), "1/1 brokers are down");
        let refused = watch.explain(unavailable());
        assert_eq!(refused.code(), "log.refused");
        assert!(refused.to_string().contains("password"), "{refused}");
        watch.clear();
        assert_eq!(watch.explain(unavailable()).code(), "log.unavailable");
    }

    #[track_caller]
    fn hints_at_a_certificate(watch: &Watch) {
        let told = watch.explain(unavailable());
        assert_eq!(told.code(), "log.unavailable");
        assert!(told.to_string().contains("wants a certificate"), "{told}");
    }

    #[test]
    fn a_broker_that_hangs_up_in_the_handshake_is_explained() {
        let watch = Watch::default();
        watch.error(KafkaError::Global(Code::BrokerTransportFailure), "SSL handshake failed: Disconnected");
        hints_at_a_certificate(&watch);
    }

    /// What the library says when the alert was lost with the connection.
    #[test]
    fn a_broker_that_hangs_up_after_the_handshake_is_explained() {
        let closed = "ssl://127.0.0.1:9093/bootstrap: Disconnected: requesting ApiVersion: might be caused by \
                      broker version < 0.10 (see api.version.request) (after 3ms in state APIVERSION_QUERY)";
        let watch = Watch::default();
        watch.log(RDKafkaLogLevel::Info, "FAIL", closed);
        hints_at_a_certificate(&watch);
        let watch = Watch::default();
        let reset = "ssl://127.0.0.1:9093/bootstrap: Receive failed: Connection reset by peer \
                     (after 1ms in state APIVERSION_QUERY)";
        watch.error(KafkaError::Global(Code::BrokerTransportFailure), reset);
        hints_at_a_certificate(&watch);
    }

    #[test]
    fn a_connection_that_worked_and_was_closed_is_no_trouble() {
        let watch = Watch::default();
        watch.log(
            RDKafkaLogLevel::Info,
            "FAIL",
            "ssl://127.0.0.1:9093/1: Disconnected (after 9000ms in state UP)",
        );
        watch.log(
            RDKafkaLogLevel::Info,
            "FAIL",
            "127.0.0.1:9092/1: Disconnected (after 1ms in state APIVERSION_QUERY)",
        );
        assert_eq!(watch.explain(unavailable()).to_string(), unavailable().to_string());
    }
}
