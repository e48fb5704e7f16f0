//! Odd records: none, empty, very large, too large, and headers that are not text.
use groundswell_log::{Append, Header, Log, UNREADABLE_HEADER};
use groundswell_tests::kafka::broker;

use crate::scene::{Scene, next_batch};
use crate::wire;

/// Bytes that do not compress.
fn noise(length: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut bytes = Vec::with_capacity(length + 8);
    while bytes.len() < length {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend(state.to_le_bytes());
    }
    bytes.truncate(length);
    bytes
}

#[test]
fn no_value_and_an_empty_one_differ() {
    let scene = Scene::begin(1);
    let none = Append { value: None, ..scene.append("") };
    let no_key = Append { key: None, ..scene.append("") };
    let empty_key = Append { key: Some(Vec::new()), ..scene.append("") };
    let places = scene.log.append(vec![none, no_key, empty_key]).unwrap();
    let read = scene.all(0);
    let values: Vec<_> = read.iter().map(|record| record.value.clone()).collect();
    assert_eq!(values, [None, Some(Vec::new()), Some(Vec::new())]);
    let keys: Vec<_> = read.iter().map(|record| record.key.clone()).collect();
    assert_eq!(keys, [Some(b"key".to_vec()), None, Some(Vec::new())]);
    let picked: Vec<_> = scene.log.read_at(&places).unwrap().into_iter().flatten().collect();
    assert_eq!(picked, read);
    assert_eq!(next_batch(&mut *scene.subscribe()).records, read);
}

#[test]
fn a_header_whose_name_is_not_text_hides_neither_the_record_nor_its_neighbours() {
    let scene = Scene::begin(1);
    let headers: [(&[u8], &[u8]); 3] = [(b"before", b"1"), (b"\xff\xfe", b"2"), (b"after", b"\xff")];
    wire::produce(&broker().bootstrap(), scene.topic.as_str(), b"odd", &headers);
    scene.log.append(vec![scene.append("plain")]).unwrap();
    let named = |name: &str, value: &[u8]| Header { name: name.to_owned(), value: value.to_vec() };
    let expected = [named("before", b"1"), named(UNREADABLE_HEADER, b""), named("after", b"\xff")];
    let read = scene.all(0);
    assert_eq!((read[0].value.as_deref(), &read[0].headers[..]), (Some(&b"odd"[..]), &expected[..]));
    assert_eq!(read[1].value.as_deref(), Some(&b"plain"[..]));
    assert_eq!(next_batch(&mut *scene.subscribe()).records, read);
}

#[test]
fn a_record_of_twenty_mebibytes_comes_back() {
    let scene = Scene::begin(1);
    let value = noise(20 << 20);
    let places = scene.log.append(vec![scene.append(value.clone())]).unwrap();
    // A comparison that fails must not print it.
    let same = |found: Option<&groundswell_log::Record>| {
        found.is_some_and(|record| record.value.as_deref() == Some(&value[..]))
    };
    assert!(same(scene.all(0).first()), "read on");
    assert!(same(scene.log.read_at(&places).unwrap()[0].as_ref()), "read alone");
    assert!(same(next_batch(&mut *scene.subscribe()).records.first()), "read by a member");
}

#[test]
fn a_record_above_the_bound_is_refused_and_the_next_is_taken() {
    let scene = Scene::begin(1);
    let error = scene.log.append(vec![scene.append("with it"), scene.append(noise((32 << 20) + 1))]);
    let error = error.unwrap_err();
    assert_eq!(error.code(), "log.invalid", "{error}");
    assert!(error.to_string().contains("33554432"), "{error}");
    scene.log.append(vec![scene.append("next")]).unwrap();
    assert_eq!(scene.values(), ["next"]);
}

#[test]
fn a_record_that_the_broker_finds_too_large_is_refused_and_the_next_is_taken() {
    let scene = Scene::begin(1);
    // A topic of others, whose bound is the broker's own mebibyte.
    let small = wire_topic(&scene);
    let large = Append { topic: small.clone(), ..scene.append(noise(3 << 20)) };
    let error = scene.log.append(vec![scene.append("with it"), large]).unwrap_err();
    assert_eq!(error.code(), "log.invalid", "{error}");
    assert!(error.to_string().contains("max.message.bytes"), "{error}");
    scene.log.append(vec![Append { topic: small, ..scene.append("next") }, scene.append("next")]).unwrap();
    assert_eq!(scene.values(), ["next"]);
}

fn wire_topic(scene: &Scene) -> groundswell_log::Topic {
    let name = format!("{}-small", scene.topic);
    crate::missing::make_topic(&name);
    name.parse().unwrap()
}
