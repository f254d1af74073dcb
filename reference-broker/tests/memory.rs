//! Memory returns to where it was.
//!
//! Work is done in parts of the same size, none of which leaves anything behind. First it is done until the broker
//! takes no more memory for it: the allocator returns to the system only what is free at the end of its heap. Then it
//! is done ten times more, and the most that is left after any of these parts is held against the most before. By
//! default the parts take some seconds. All of the work, that is ten thousand connections, a hundred thousand queues
//! and an hour's worth of a thousand random operations a second, is done by
//!
//! ```text
//! MQSPEC_MEMORY=full cargo test --release -p reference-broker --test memory -- --nocapture --test-threads 1
//! ```
//!
//! Random work has a seed, which is printed; `MQSPEC_SEED` repeats it.

mod random;
mod raw;

use std::net::SocketAddr;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use mqspec_codec::queue;

use random::Work;
use raw::{Client, Program, name};

/// What memory may be more than before.
const TOLERANCE: f64 = 1.1;
/// Parts between the two looks at memory.
const PARTS: usize = 10;
/// So many parts are done before the first look if memory goes on growing: what grows then as well is lost.
const WARM_UP: usize = 10;
/// What is no growth.
const STEADY: f64 = 1.02;

/// The size of a part if all of the work is wanted, and less otherwise.
fn scaled(full: usize, less: usize) -> usize {
    let wanted = std::env::var("MQSPEC_MEMORY");
    if wanted.is_ok_and(|text| text == "full") {
        full / PARTS
    } else {
        less / PARTS
    }
}

/// Holds the most memory that is left after any part of the work against the most before it.
fn returns_to_where_it_was(what: &str, mut part: impl FnMut(SocketAddr)) {
    let mut program = Program::start(&[]);
    let fresh = program.memory();
    let mut work = || {
        part(program.address);
        settled(&program)
    };
    let mut warm_up = vec![work()];
    while warm_up.len() < WARM_UP {
        let most = warm_up.iter().max().copied().unwrap_or_default();
        warm_up.push(work());
        if warm_up
            .last()
            .is_some_and(|last| *last as f64 <= most as f64 * STEADY)
        {
            break;
        }
    }
    // The end of a heap is free at some times and not at others: what is held against each other is the most.
    let before = warm_up.iter().max().copied().unwrap_or_default();
    let course: Vec<u64> = (0..PARTS).map(|_| work()).collect();
    let most = (before as f64 * TOLERANCE) as u64;
    let after = course.iter().max().copied().unwrap_or_default();
    let told = format!(
        "{what}: {} KiB at the start, {} before, {} after; warming up {:?}, on the way {:?}",
        kib(fresh),
        kib(before),
        kib(after),
        warm_up.into_iter().map(kib).collect::<Vec<_>>(),
        course.into_iter().map(kib).collect::<Vec<_>>()
    );
    println!("{told}");
    assert!(program.is_running());
    assert!(after <= most, "{told}");
}

fn kib(octets: u64) -> u64 {
    octets / 1024
}

/// Memory once the end of what went before has been taken note of.
fn settled(program: &Program) -> u64 {
    // Nothing is below nothing: this is the least that is seen in that time.
    program.memory_below(0, Duration::from_millis(200))
}

#[test]
fn after_connections() {
    // No system forbids so many open sockets.
    const AT_ONCE: usize = 200;
    let count = scaled(10_000, 2_000);
    returns_to_where_it_was("connections", |address| {
        for _ in 0..count / AT_ONCE {
            let clients: Vec<Client> = (0..AT_ONCE).map(|_| Client::open(address)).collect();
            for (index, client) in clients.into_iter().enumerate() {
                // Every other one leaves without a word.
                if index % 2 == 0 {
                    client.close();
                }
            }
        }
    });
}

#[test]
fn after_queues() {
    let count = scaled(100_000, 20_000);
    returns_to_where_it_was("queues", |address| {
        let mut client = Client::open(address);
        let queue = |index: usize| name(&format!("queue-{index}"));
        for index in 0..count {
            let declare = queue::Declare {
                queue: queue(index),
                no_wait: true,
                ..Default::default()
            };
            send_some(&mut client, declare);
        }
        for index in 0..count {
            let delete = queue::Delete {
                queue: queue(index),
                no_wait: true,
                ..Default::default()
            };
            send_some(&mut client, delete);
        }
        client.close();
    });
}

/// Adds a command to what is to be sent, and sends it if that has become much.
fn send_some(client: &mut Client, method: impl Into<mqspec_codec::Method>) {
    if client.put(1, method) > 32 * 1024 {
        client.flush();
    }
}

#[test]
fn after_random_operations() {
    let seed = match std::env::var("MQSPEC_SEED") {
        Ok(text) => text.parse().expect("a number as seed"),
        Err(_) => SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .expect("a clock that is set")
            .as_secs(),
    };
    println!("MQSPEC_SEED={seed}");
    let count = scaled(3_600_000, 20_000);
    let mut seeds = seed..;
    returns_to_where_it_was("random operations", |address| {
        let mut work = Work::new(address, seeds.next().unwrap_or(seed));
        for _ in 0..count {
            work.step();
        }
        println!("{}", work.finish());
    });
}
