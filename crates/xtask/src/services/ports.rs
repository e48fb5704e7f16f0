//! Free ports on loopback, below those that the system gives to outgoing connections: a client that keeps trying to
//! reach a killed broker must not be given the broker's own port.

use std::net::{Ipv4Addr, TcpListener};
use std::sync::atomic::{AtomicU32, Ordering};

use anyhow::{Result, bail};

const FIRST: u32 = 20_000;
const NUMBER: u32 = 12_000;
/// How far apart two processes with neighbouring ids begin to look.
const APART: u32 = 20;

static GIVEN: AtomicU32 = AtomicU32::new(0);

/// Finds free ports; this process gives none of them again soon.
pub(super) fn free(count: usize) -> Result<Vec<u16>> {
    let start = std::process::id().wrapping_mul(APART);
    let mut found = Vec::with_capacity(count);
    for _ in 0..NUMBER {
        if found.len() == count {
            return Ok(found);
        }
        let next = start.wrapping_add(GIVEN.fetch_add(1, Ordering::Relaxed)) % NUMBER;
        let port = u16::try_from(FIRST + next)?;
        if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
            found.push(port);
        }
    }
    bail!("no {count} ports are free between {FIRST} and {}", FIRST + NUMBER)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::time::{Duration, Instant};

    use super::*;

    #[test]
    fn ports_are_free_and_given_once() {
        let (one, two) = (free(6).unwrap(), free(6).unwrap());
        assert_eq!(one.iter().chain(&two).collect::<BTreeSet<_>>().len(), 12);
        // A process that another test starts at this moment holds what was closed here until it runs its own program.
        let deadline = Instant::now() + Duration::from_secs(10);
        let mut taken = TcpListener::bind((Ipv4Addr::LOCALHOST, one[0]));
        while taken.is_err() && Instant::now() < deadline {
            std::thread::yield_now();
            taken = TcpListener::bind((Ipv4Addr::LOCALHOST, one[0]));
        }
        assert!(taken.is_ok(), "{taken:?}");
    }
}
