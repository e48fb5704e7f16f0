//! TLS, SASL and access rules: who may come in does, and who may not is told why within ten seconds.
use std::path::Path;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use groundswell_log::{Cleanup, KafkaLog, KafkaSettings, Log, LogError, TopicSpec, Transaction};
use groundswell_tests::kafka::{Brokers, Identity, Secure, own};

use crate::scene::{Scene, fresh, next_batch, next_error, record_for, settings};
use crate::wire::{May, On, allow};

/// The broker that the tests here share.
fn brokers() -> &'static Brokers {
    static SHARED: OnceLock<Brokers> = OnceLock::new();
    SHARED.get_or_init(|| own(|settings| settings.secure = true))
}

fn secure() -> &'static Secure {
    brokers().secure().unwrap()
}

fn with(mut settings: KafkaSettings, client: &[(&str, &str)]) -> KafkaSettings {
    let client = client.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    settings.client.extend(client);
    settings
}

fn path(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn sasl(user: &str, password: &str, ca: &Path) -> KafkaSettings {
    with(
        settings(&secure().sasl_tls),
        &[
            ("security.protocol", "SASL_SSL"),
            ("sasl.mechanism", "SCRAM-SHA-256"),
            ("sasl.username", user),
            ("sasl.password", password),
            ("ssl.ca.location", path(ca)),
        ],
    )
}

fn mtls(identity: Option<&Identity>) -> KafkaSettings {
    let base = [("security.protocol", "SSL"), ("ssl.ca.location", path(&secure().ca))];
    let settings = with(settings(&secure().mtls), &base);
    let Some(identity) = identity else { return settings };
    let certificate = ("ssl.certificate.location", path(&identity.certificate));
    with(settings, &[certificate, ("ssl.key.location", path(&identity.key))])
}

/// Opens a log that must not open, and gives the reason.
fn refused(settings: KafkaSettings) -> LogError {
    let begun = Instant::now();
    let Err(error) = KafkaLog::open(settings) else { panic!("the broker lets everybody in") };
    println!("{:.1} s: {}: {error}", begun.elapsed().as_secs_f64(), error.code());
    assert!(begun.elapsed() < Duration::from_millis(11_500), "{:?}: {error}", begun.elapsed());
    error
}

/// Writes and reads, alone and as a member.
fn works(settings: KafkaSettings) {
    let scene = Scene::on(settings, 1);
    scene.log.append(scene.numbers(0..3)).unwrap();
    assert_eq!(scene.values(), ["0", "1", "2"]);
    assert_eq!(next_batch(&mut *scene.subscribe()).records.len(), 3);
}

#[test]
fn a_user_with_the_right_password_works() {
    works(sasl("alice", "alice-secret", &secure().ca));
}

#[test]
fn a_certificate_that_the_broker_trusts_works() {
    works(mtls(Some(&secure().client)));
}

#[test]
fn a_wrong_password_is_told() {
    let error = refused(sasl("alice", "wrong", &secure().ca));
    assert_eq!(error.code(), "log.refused", "{error}");
    assert!(error.to_string().contains("the broker refuses the user name or the password"), "{error}");
    assert!(!error.to_string().contains("wrong"), "a password is never shown: {error}");
}

#[test]
fn a_broker_of_another_authority_is_told() {
    let error = refused(sasl("alice", "alice-secret", &secure().wrong_ca));
    assert_eq!(error.code(), "log.refused", "{error}");
    assert!(error.to_string().contains("certificate"), "{error}");
}

#[test]
fn a_missing_certificate_is_told() {
    let error = refused(mtls(None));
    assert!(["log.unavailable", "log.refused"].contains(&error.code()), "{error}");
    assert!(error.to_string().contains("certificate"), "{error}");
}

#[test]
fn a_certificate_of_another_authority_is_told() {
    let error = refused(mtls(Some(&secure().wrong_client)));
    assert!(["log.unavailable", "log.refused"].contains(&error.code()), "{error}");
    assert!(error.to_string().contains("certificate"), "{error}");
}

#[test]
fn a_plain_client_on_a_secure_port_is_told() {
    let error = refused(settings(&secure().sasl_tls));
    assert!(["log.unavailable", "log.refused"].contains(&error.code()), "{error}");
}

/// Checks that a right is missing and which one.
#[track_caller]
fn lacks<T>(answer: Result<T, LogError>, words: &str) {
    let Err(error) = answer else { panic!("there is a right to all of it: {words}") };
    assert_eq!(error.code(), "log.refused", "{error}");
    assert!(error.to_string().contains(words), "{error}");
}

#[test]
fn a_user_without_rights_is_told_which_one_is_missing() {
    let alice = Scene::on(sasl("alice", "alice-secret", &secure().ca), 1);
    alice.log.append(alice.numbers(0..3)).unwrap();
    let bob = KafkaLog::open(sasl("bob", "bob-secret", &secure().ca)).unwrap();
    let spec = TopicSpec::new(1, Cleanup::Forever);
    let topics = std::slice::from_ref(&alice.topic);
    lacks(bob.create_topic(&fresh("new").parse().unwrap(), &spec), "no right to a topic");
    lacks(bob.extents(&alice.topic), alice.topic.as_str());
    lacks(bob.subscribe(&alice.group, topics), "no right to a topic");
    lacks(bob.writer(&alice.writer), "no right to a transactional id");
    lacks(bob.append(alice.numbers(0..1)), "no right to a topic");

    let plain = brokers().bootstrap();
    allow(&plain, "bob", May::Read, On::Topic, alice.topic.as_str());
    // Rules reach the broker a moment later.
    let deadline = Instant::now() + Duration::from_secs(10);
    while bob.extents(&alice.topic).is_err() {
        assert!(Instant::now() < deadline, "{:?}", bob.extents(&alice.topic));
    }
    assert_eq!(crate::scene::read_all(&bob, &alice.topic, 0).len(), 3);
    let mut member = bob.subscribe(&alice.group, topics).unwrap();
    let told = next_error(&mut *member, Duration::from_secs(20));
    lacks(Err::<(), _>(told), "no right to a consumer group");
    lacks(bob.committed(&alice.group, &alice.topic), "no right to a consumer group");
    lacks(bob.append(alice.numbers(0..1)), "no right to a transactional id");

    allow(&plain, "bob", May::Write, On::TransactionalId, alice.writer.as_str());
    allow(&plain, "bob", May::Describe, On::Group, alice.group.as_str());
    let deadline = Instant::now() + Duration::from_secs(10);
    let mut writer = loop {
        match bob.writer(&alice.writer) {
            Ok(writer) => break writer,
            Err(error) => assert!(Instant::now() < deadline, "{error}"),
        }
    };
    let appends = vec![record_for(&alice.topic, "not allowed")];
    lacks(writer.commit(Transaction { appends, advance: None }), "no right to a topic");
    // A refusal ends the writer's use.
    let mut writer = bob.writer(&alice.writer).unwrap();
    let advance = alice.stand_at(1);
    lacks(writer.commit(Transaction { appends: Vec::new(), advance }), "no right to a consumer group");
    assert_eq!(alice.values(), ["0", "1", "2"]);
}
