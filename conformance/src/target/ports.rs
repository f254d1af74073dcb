//! Free loopback ports for programs that cannot choose one themselves.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::sync::{LazyLock, Mutex};

/// Below what systems give to outgoing connections: such a port cannot be lost to one while a broker restarts,
/// and connecting to it before the broker listens cannot end up connected to itself.
const FIRST: u16 = 15_000;
const COUNT: u16 = 15_000;

/// A word that nobody can guess.
pub(super) fn secret() -> String {
    format!("{:016x}{:016x}", random(), random())
}

fn random() -> u64 {
    // The standard library seeds each state from the system.
    RandomState::new().build_hasher().finish()
}

/// Where ports are sought next. Those given away last are given again only after all others: what is to listen on them
/// may not do so yet.
static NEXT: LazyLock<Mutex<u16>> =
    LazyLock::new(|| Mutex::new((random() % u64::from(COUNT)) as u16));

/// Ports that nobody listens on, all different, and none that was given away a moment ago.
pub(super) fn free(count: usize) -> io::Result<Vec<u16>> {
    let mut next = NEXT.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    // Held until all are found, lest one is found twice.
    let mut held = Vec::new();
    let mut ports = Vec::new();
    for _ in 0..COUNT {
        if ports.len() == count {
            break;
        }
        let port = FIRST + *next;
        *next = (*next + 1) % COUNT;
        if let Ok(listener) = TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
            held.push(listener);
            ports.push(port);
        }
    }
    match ports.len() == count {
        true => Ok(ports),
        false => Err(io::Error::new(
            io::ErrorKind::AddrInUse,
            "no loopback port is free",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn free_ports_are_different_and_free() {
        let ports = free(9).unwrap();
        let mut distinct = ports.clone();
        distinct.sort_unstable();
        distinct.dedup();
        assert_eq!(distinct.len(), 9);
        for port in ports {
            TcpListener::bind((Ipv4Addr::LOCALHOST, port)).unwrap();
        }
    }

    #[test]
    fn ports_are_not_given_twice_in_a_row() {
        let mut given: Vec<u16> = (0..50).flat_map(|_| free(2).unwrap()).collect();
        given.sort_unstable();
        given.dedup();
        assert_eq!(given.len(), 100);
    }

    #[test]
    fn secrets_differ() {
        assert_ne!(secret(), secret());
    }
}
