//! Asks a broker which brokers it knows: Kafka's `Metadata` request, version 1, by hand. Source: the Apache Kafka
//! protocol guide.

use std::io::{Error, ErrorKind, Read, Result, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::time::Duration;

/// A broker on loopback answers within this, or is asked again.
const PATIENCE: Duration = Duration::from_secs(2);
/// An answer about a few brokers and no topic is far smaller.
const LARGEST: usize = 1 << 16;
const CORRELATION: i32 = 7;

/// Gives the ids of the brokers that the broker at a port of loopback knows.
pub(super) fn brokers(port: u16) -> Result<Vec<i32>> {
    let mut stream = TcpStream::connect_timeout(&SocketAddr::from((Ipv4Addr::LOCALHOST, port)), PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    stream.write_all(&request())?;
    let mut length = [0; 4];
    stream.read_exact(&mut length)?;
    let length = usize::try_from(i32::from_be_bytes(length)).unwrap_or(usize::MAX);
    if length > LARGEST {
        return Err(Error::new(ErrorKind::InvalidData, "the answer is too long to be one about brokers"));
    }
    let mut answer = vec![0; length];
    stream.read_exact(&mut answer)?;
    ids(&answer).ok_or_else(|| Error::new(ErrorKind::InvalidData, "the answer is not one about brokers"))
}

/// Writes the request with its length: key 3, version 1, no client id, no topics.
fn request() -> Vec<u8> {
    let mut body = Vec::new();
    body.extend(3_i16.to_be_bytes());
    body.extend(1_i16.to_be_bytes());
    body.extend(CORRELATION.to_be_bytes());
    body.extend((-1_i16).to_be_bytes());
    body.extend(0_i32.to_be_bytes());
    let mut framed = vec![0, 0, 0, u8::try_from(body.len()).unwrap_or_default()];
    framed.append(&mut body);
    framed
}

/// Reads the ids from an answer: correlation, then for each broker id, host, port and rack.
fn ids(answer: &[u8]) -> Option<Vec<i32>> {
    let mut rest = answer;
    if number(&mut rest)? != CORRELATION {
        return None;
    }
    let count = number(&mut rest)?;
    let mut found = Vec::new();
    for _ in 0..count {
        found.push(number(&mut rest)?);
        text(&mut rest)?;
        number(&mut rest)?;
        text(&mut rest)?;
    }
    Some(found)
}

fn number(rest: &mut &[u8]) -> Option<i32> {
    let (first, tail) = rest.split_first_chunk()?;
    *rest = tail;
    Some(i32::from_be_bytes(*first))
}

/// Skips a text that may be null.
fn text(rest: &mut &[u8]) -> Option<()> {
    let (first, tail) = rest.split_first_chunk()?;
    let length = usize::try_from(i16::from_be_bytes(*first)).unwrap_or(0);
    *rest = tail.get(length..)?;
    Some(())
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    fn answer() -> Vec<u8> {
        let mut bytes = CORRELATION.to_be_bytes().to_vec();
        bytes.extend(2_i32.to_be_bytes());
        for id in [1_i32, 3] {
            bytes.extend(id.to_be_bytes());
            bytes.extend(9_i16.to_be_bytes());
            bytes.extend(b"127.0.0.1");
            bytes.extend(20_001_i32.to_be_bytes());
            bytes.extend((-1_i16).to_be_bytes());
        }
        bytes
    }

    #[test]
    fn ids_are_read_and_no_part_of_an_answer_is_taken_for_a_whole() {
        let whole = answer();
        assert_eq!(ids(&whole), Some(vec![1, 3]));
        for end in 0..whole.len() {
            assert_eq!(ids(&whole[..end]), None, "{end}");
        }
        let mut other = whole;
        other[3] = 8;
        assert_eq!(ids(&other), None);
    }

    #[test]
    fn a_count_that_lies_ends_with_the_bytes() {
        let mut bytes = answer();
        bytes[4..8].copy_from_slice(&i32::MAX.to_be_bytes());
        assert_eq!(ids(&bytes), None);
    }

    #[test]
    fn a_server_of_another_kind_is_no_broker() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let server = std::thread::spawn(move || {
            let mut stream = listener.accept().unwrap().0;
            let mut asked = [0; 18];
            stream.read_exact(&mut asked).unwrap();
            stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").unwrap();
            asked
        });
        assert!(brokers(port).is_err());
        assert_eq!(server.join().unwrap()[..8], [0, 0, 0, 14, 0, 3, 0, 1]);
    }
}
