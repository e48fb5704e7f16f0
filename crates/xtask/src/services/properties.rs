//! The properties of one broker, as text.

use std::collections::BTreeMap;

use super::certificates::Certificates;

/// The ports of one broker.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ports {
    pub(super) plain: u16,
    pub(super) controller: u16,
    /// With SASL and TLS, and with certificates on both sides.
    pub(super) secure: Option<(u16, u16)>,
}

/// What the properties of one broker depend on.
pub(super) struct Broker<'a> {
    pub(super) id: usize,
    /// Those of all brokers, in the order of their ids.
    pub(super) ports: &'a [Ports],
    pub(super) certificates: Option<&'a Certificates>,
    /// Where it keeps its records.
    pub(super) records: &'a str,
    /// What the caller sets besides, or differently.
    pub(super) extra: &'a [(String, String)],
}

/// The same for every broker: small, and quick to see what has died.
const COMMON: &[(&str, &str)] = &[
    ("process.roles", "broker,controller"),
    ("controller.listener.names", "CONTROLLER"),
    ("inter.broker.listener.name", "PLAINTEXT"),
    ("auto.create.topics.enable", "false"),
    ("num.partitions", "1"),
    ("offsets.topic.num.partitions", "1"),
    ("transaction.state.log.num.partitions", "1"),
    ("share.coordinator.state.topic.num.partitions", "1"),
    ("group.initial.rebalance.delay.ms", "0"),
    ("group.min.session.timeout.ms", "1000"),
    ("group.consumer.min.session.timeout.ms", "1000"),
    ("group.consumer.session.timeout.ms", "6000"),
    ("group.consumer.min.heartbeat.interval.ms", "500"),
    ("group.consumer.heartbeat.interval.ms", "1000"),
    ("transaction.abort.timed.out.transaction.cleanup.interval.ms", "1000"),
    ("log.retention.check.interval.ms", "30000"),
    ("log.cleaner.dedupe.buffer.size", "4194304"),
    ("num.network.threads", "2"),
    ("num.io.threads", "2"),
];

/// For one broker alone. With the last two it is ready 3.5 s after it was killed instead of 12.5 s.
const ALONE: &[(&str, &str)] = &[
    ("offsets.topic.replication.factor", "1"),
    ("transaction.state.log.replication.factor", "1"),
    ("transaction.state.log.min.isr", "1"),
    ("share.coordinator.state.topic.replication.factor", "1"),
    ("share.coordinator.state.topic.min.isr", "1"),
    ("broker.heartbeat.interval.ms", "500"),
    ("broker.session.timeout.ms", "3000"),
];

/// For one of three.
const OF_THREE: &[(&str, &str)] = &[
    ("offsets.topic.replication.factor", "3"),
    ("transaction.state.log.replication.factor", "3"),
    ("transaction.state.log.min.isr", "2"),
    ("share.coordinator.state.topic.replication.factor", "3"),
    ("share.coordinator.state.topic.min.isr", "2"),
    ("default.replication.factor", "3"),
    ("min.insync.replicas", "2"),
    ("broker.heartbeat.interval.ms", "500"),
    ("broker.session.timeout.ms", "3000"),
    ("replica.lag.time.max.ms", "5000"),
];

/// The users of SASL, each with a password of its own; the first of them may do everything.
pub(super) const USERS: &[(&str, &str)] = &[("alice", "alice-secret"), ("bob", "bob-secret")];

/// Plaintext connections, also those between brokers, `alice` and the client's certificate may do everything; who
/// else comes may do what an access rule says.
const SECURE: &[(&str, &str)] = &[
    ("ssl.keystore.type", "PEM"),
    ("ssl.truststore.type", "PEM"),
    ("listener.name.mtls.ssl.client.auth", "required"),
    ("listener.name.sasltls.sasl.enabled.mechanisms", "PLAIN,SCRAM-SHA-256,SCRAM-SHA-512"),
    (
        "listener.name.sasltls.scram-sha-256.sasl.jaas.config",
        "org.apache.kafka.common.security.scram.ScramLoginModule required;",
    ),
    (
        "listener.name.sasltls.scram-sha-512.sasl.jaas.config",
        "org.apache.kafka.common.security.scram.ScramLoginModule required;",
    ),
    ("authorizer.class.name", "org.apache.kafka.metadata.authorizer.StandardAuthorizer"),
    ("super.users", "User:ANONYMOUS;User:admin;User:alice;User:CN=client"),
    ("allow.everyone.if.no.acl.found", "false"),
];

/// Writes the properties of one broker.
pub(super) fn text(broker: &Broker<'_>) -> String {
    let mut all = BTreeMap::new();
    let mut set = |name: &str, value: String| all.insert(name.to_owned(), value);
    let alone = broker.ports.len() == 1;
    let secure = if broker.certificates.is_some() { SECURE } else { &[] };
    for (name, value) in COMMON.iter().chain(if alone { ALONE } else { OF_THREE }).chain(secure) {
        set(name, (*value).to_owned());
    }
    set("node.id", broker.id.to_string());
    set("log.dirs", broker.records.to_owned());
    let controllers: Vec<String> =
        broker.ports.iter().map(|ports| format!("127.0.0.1:{}", ports.controller)).collect();
    if alone {
        set("controller.quorum.bootstrap.servers", controllers.join(","));
    } else {
        let voters = controllers.iter().zip(1..).map(|(address, id)| format!("{id}@{address}"));
        set("controller.quorum.voters", voters.collect::<Vec<_>>().join(","));
    }
    if let Some(ports) = broker.ports.get(broker.id.saturating_sub(1)) {
        let (listeners, protocols) = listeners(*ports);
        set("listeners", listeners.clone());
        set("advertised.listeners", listeners);
        set("listener.security.protocol.map", protocols);
    }
    if let Some(certificates) = broker.certificates {
        set("ssl.keystore.location", certificates.broker.display().to_string());
        set("ssl.truststore.location", certificates.ca.display().to_string());
        set("listener.name.sasltls.plain.sasl.jaas.config", plain_users());
    }
    for (name, value) in broker.extra {
        set(name, value.clone());
    }
    all.iter().map(|(name, value)| format!("{name}={}\n", escaped(value))).collect()
}

fn listeners(ports: Ports) -> (String, String) {
    let mut listeners =
        format!("PLAINTEXT://127.0.0.1:{},CONTROLLER://127.0.0.1:{}", ports.plain, ports.controller);
    let mut protocols = "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT".to_owned();
    if let Some((sasl_tls, mtls)) = ports.secure {
        listeners.push_str(&format!(",SASLTLS://127.0.0.1:{sasl_tls},MTLS://127.0.0.1:{mtls}"));
        protocols.push_str(",SASLTLS:SASL_SSL,MTLS:SSL");
    }
    (listeners, protocols)
}

fn plain_users() -> String {
    let users: Vec<String> =
        USERS.iter().map(|(name, password)| format!("user_{name}=\"{password}\"")).collect();
    format!("org.apache.kafka.common.security.plain.PlainLoginModule required {};", users.join(" "))
}

/// Escapes a value as Java reads it back.
fn escaped(value: &str) -> String {
    value.replace('\\', "\\\\").replace('\n', "\\n").replace('\r', "\\r")
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::super::certificates::Identity;
    use super::*;

    fn ports(first: u16, secure: bool) -> Ports {
        Ports { plain: first, controller: first + 1, secure: secure.then_some((first + 2, first + 3)) }
    }

    fn certificates() -> Certificates {
        let identity = Identity { certificate: PathBuf::from("c"), key: PathBuf::from("k") };
        Certificates {
            ca: PathBuf::from("/c/ca.pem"),
            broker: PathBuf::from("/c/broker-keystore.pem"),
            client: identity.clone(),
            wrong_ca: PathBuf::from("w"),
            wrong_client: identity,
        }
    }

    fn lines(
        id: usize,
        all: &[Ports],
        certificates: Option<&Certificates>,
        extra: &[(String, String)],
    ) -> Vec<String> {
        let text = text(&Broker { id, ports: all, certificates, records: "/a\\b", extra });
        text.lines().map(str::to_owned).collect()
    }

    fn holds(lines: &[String], line: &str) -> bool {
        lines.iter().any(|found| found == line)
    }

    #[test]
    fn one_broker_stands_alone() {
        let lines = lines(1, &[ports(9000, false)], None, &[]);
        assert!(holds(&lines, "controller.quorum.bootstrap.servers=127.0.0.1:9001"));
        assert!(holds(&lines, "listeners=PLAINTEXT://127.0.0.1:9000,CONTROLLER://127.0.0.1:9001"));
        assert!(holds(&lines, "log.dirs=/a\\\\b") && holds(&lines, "offsets.topic.replication.factor=1"));
        assert!(!lines.iter().any(|line| line.starts_with("ssl") || line.contains("voters")));
    }

    #[test]
    fn three_brokers_know_each_other_and_keep_their_own_ports() {
        let all = [ports(9000, false), ports(9010, false), ports(9020, false)];
        let lines = lines(2, &all, None, &[]);
        assert!(holds(&lines, "controller.quorum.voters=1@127.0.0.1:9001,2@127.0.0.1:9011,3@127.0.0.1:9021"));
        assert!(holds(&lines, "listeners=PLAINTEXT://127.0.0.1:9010,CONTROLLER://127.0.0.1:9011"));
        assert!(holds(&lines, "node.id=2") && holds(&lines, "min.insync.replicas=2"));
        assert!(!lines.iter().any(|line| line.contains("bootstrap")));
    }

    #[test]
    fn secure_listeners_stand_beside_the_plain_one() {
        let lines = lines(1, &[ports(9000, true)], Some(&certificates()), &[]);
        assert!(holds(&lines, "ssl.keystore.location=/c/broker-keystore.pem"));
        assert!(holds(&lines, "super.users=User:ANONYMOUS;User:admin;User:alice;User:CN=client"));
        let map = lines.iter().find(|line| line.starts_with("listener.security.protocol.map=")).unwrap();
        assert!(map.ends_with("SASLTLS:SASL_SSL,MTLS:SSL"));
        let users = lines.iter().find(|line| line.contains(".plain.sasl.jaas.config=")).unwrap();
        assert!(users.ends_with("required user_alice=\"alice-secret\" user_bob=\"bob-secret\";"));
    }

    #[test]
    fn what_the_caller_sets_wins_and_stands_once() {
        let extra = [
            ("num.partitions".to_owned(), "4".to_owned()),
            ("log.segment.bytes".to_owned(), "1048576".to_owned()),
        ];
        let lines = lines(1, &[ports(9000, false)], None, &extra);
        assert!(holds(&lines, "num.partitions=4") && holds(&lines, "log.segment.bytes=1048576"));
        assert_eq!(lines.iter().filter(|line| line.starts_with("num.partitions=")).count(), 1);
    }
}
