//! Requests to a broker written by hand, for what the client library cannot say: access rules, and a header whose name
//! is not UTF-8. Numbers and layouts are those of Kafka's protocol guide.
use std::io::{Read as _, Write as _};
use std::net::TcpStream;

const PRODUCE: i16 = 0;
const CREATE_ACLS: i16 = 30;

/// Kinds of things that an access rule is about.
#[derive(Clone, Copy)]
pub enum On {
    Topic = 2,
    Group = 3,
    TransactionalId = 5,
}

/// What an access rule allows.
#[derive(Clone, Copy)]
pub enum May {
    Read = 3,
    Write = 4,
    Describe = 8,
}

/// Allows a user something on one thing.
pub fn allow(broker: &str, user: &str, may: May, on: On, name: &str) {
    let mut body = 1_i32.to_be_bytes().to_vec();
    body.push(on as u8);
    string(&mut body, name);
    // The name is literal.
    body.push(3);
    string(&mut body, &format!("User:{user}"));
    string(&mut body, "*");
    body.push(may as u8);
    // The permission is to allow.
    body.push(3);
    let answer = ask(broker, CREATE_ACLS, 1, &body);
    assert_eq!(answer[8..10], [0, 0], "the broker takes no access rule: {answer:?}");
}

/// Appends a record whose headers have any bytes for names.
pub fn produce(broker: &str, topic: &str, value: &[u8], headers: &[(&[u8], &[u8])]) {
    let batch = batch(&record(value, headers));
    let mut body = (-1_i16).to_be_bytes().to_vec();
    body.extend((-1_i16).to_be_bytes());
    body.extend(10_000_i32.to_be_bytes());
    body.extend(1_i32.to_be_bytes());
    string(&mut body, topic);
    body.extend(1_i32.to_be_bytes());
    body.extend(0_i32.to_be_bytes());
    body.extend(i32::try_from(batch.len()).unwrap().to_be_bytes());
    body.extend(batch);
    let answer = ask(broker, PRODUCE, 3, &body);
    let code = 4 + 2 + topic.len() + 4 + 4;
    assert_eq!(answer[code..code + 2], [0, 0], "the broker takes no record: {answer:?}");
}

fn ask(broker: &str, key: i16, version: i16, body: &[u8]) -> Vec<u8> {
    let mut request = key.to_be_bytes().to_vec();
    request.extend(version.to_be_bytes());
    request.extend(7_i32.to_be_bytes());
    string(&mut request, "tests");
    request.extend(body);
    let mut stream = TcpStream::connect(broker).unwrap();
    stream.write_all(&i32::try_from(request.len()).unwrap().to_be_bytes()).unwrap();
    stream.write_all(&request).unwrap();
    let mut size = [0; 4];
    stream.read_exact(&mut size).unwrap();
    let mut answer = vec![0; usize::try_from(i32::from_be_bytes(size)).unwrap()];
    stream.read_exact(&mut answer).unwrap();
    assert_eq!(answer[..4], 7_i32.to_be_bytes());
    answer.split_off(4)
}

fn record(value: &[u8], headers: &[(&[u8], &[u8])]) -> Vec<u8> {
    // No attributes; the first time and the first offset of the batch; no key.
    let mut inner = vec![0];
    varint(&mut inner, 0);
    varint(&mut inner, 0);
    varint(&mut inner, -1);
    bytes(&mut inner, value);
    varint(&mut inner, i64::try_from(headers.len()).unwrap());
    for (name, value) in headers {
        bytes(&mut inner, name);
        bytes(&mut inner, value);
    }
    let mut record = Vec::new();
    bytes(&mut record, &inner);
    record
}

fn batch(record: &[u8]) -> Vec<u8> {
    let mut summed = Vec::new();
    // No attributes; the last offset counted from the first.
    summed.extend(0_i16.to_be_bytes());
    summed.extend(0_i32.to_be_bytes());
    for _ in 0..2 {
        summed.extend(1_767_323_045_000_i64.to_be_bytes());
    }
    // Producer, epoch and sequence: none.
    summed.extend((-1_i64).to_be_bytes());
    summed.extend((-1_i16).to_be_bytes());
    summed.extend((-1_i32).to_be_bytes());
    summed.extend(1_i32.to_be_bytes());
    summed.extend(record);
    let mut batch = 0_i64.to_be_bytes().to_vec();
    batch.extend(i32::try_from(summed.len() + 9).unwrap().to_be_bytes());
    batch.extend((-1_i32).to_be_bytes());
    batch.push(2);
    batch.extend(crc32c(&summed).to_be_bytes());
    batch.extend(summed);
    batch
}

fn string(to: &mut Vec<u8>, text: &str) {
    to.extend(i16::try_from(text.len()).unwrap().to_be_bytes());
    to.extend(text.as_bytes());
}

fn bytes(to: &mut Vec<u8>, bytes: &[u8]) {
    varint(to, i64::try_from(bytes.len()).unwrap());
    to.extend(bytes);
}

fn varint(to: &mut Vec<u8>, number: i64) {
    let mut left = ((number << 1) ^ (number >> 63)).cast_unsigned();
    while left >= 0x80 {
        to.push(u8::try_from(left & 0x7f).unwrap() | 0x80);
        left >>= 7;
    }
    to.push(u8::try_from(left).unwrap());
}

/// The checksum by Castagnoli's polynomial.
fn crc32c(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |sum, byte| {
        (0..8).fold(
            sum ^ u32::from(*byte),
            |sum, _| {
                if sum & 1 == 1 { (sum >> 1) ^ 0x82f6_3b78 } else { sum >> 1 }
            },
        )
    })
}

#[test]
fn the_checksum_is_that_of_castagnoli() {
    assert_eq!(crc32c(b"123456789"), 0xe306_9283);
}
