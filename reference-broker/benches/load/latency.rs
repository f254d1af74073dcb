//! How long a message is on its way at a fixed rate.
//!
//! The schedule is open: when a message is due does not depend on how the ones before it fared, and its time
//! counts from then on, even if it could not be sent at once.

use std::net::TcpStream;
use std::num::NonZeroU64;
use std::thread;
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;
use mqspec_codec::{FrameKind, basic};

use crate::address::Address;
use crate::client::Client;
use crate::failure::{Failure, doing};
use crate::messages::Message;
use crate::scan::Inlet;
use crate::throughput::{WARM_UP, expect, join, send};
use crate::topology::{Shape, Topology};

/// Messages per second.
pub const RATE: u64 = 5_000;
/// Octets of a body: when the message was due, and as many that mean nothing.
const BODY: usize = 16;
/// Longer than this no message may be on its way.
const PATIENCE: Duration = Duration::from_secs(30);

/// What half of the messages, and all but one in a hundred, took at most; microseconds.
#[derive(Debug, Clone, Copy)]
pub struct Latency {
    pub p50: f64,
    pub p99: f64,
}

/// Sends at [`RATE`] for that long.
pub fn measure(address: &Address, time: Duration) -> Result<Latency, Failure> {
    let shape = Shape {
        body: BODY,
        queues: 1,
        acknowledged: false,
        persistent: false,
    };
    let topology = Topology::new(address, &shape)?;
    let message = Message {
        exchange: topology.exchange.clone(),
        routing_key: topology.routing_key.clone(),
        body: vec![0; BODY],
        persistent: false,
    };
    let message = message.encode(topology.publisher.frame_max());
    let (publisher, consumer, leave) = topology.split();
    let count = RATE * (WARM_UP + time).as_millis() as u64 / 1000;
    let start = Instant::now();
    let consuming = thread::spawn(move || consume(consumer, start, count));
    let (stream, input) = publisher.into_parts();
    publish(&stream, message.to_vec(), start, count)?;
    let (consumer, times) = join(consuming)?;
    leave.take(Client::from_parts(stream, input)?, consumer)?;
    let at = |quantile| times.value_at_quantile(quantile) as f64 / 1000.0;
    Ok(Latency {
        p50: at(0.5),
        p99: at(0.99),
    })
}

/// When a message is due, after the start.
fn due(number: u64) -> Duration {
    Duration::from_nanos(number * 1_000_000_000 / RATE)
}

fn publish(
    stream: &TcpStream,
    mut message: Vec<u8>,
    start: Instant,
    count: u64,
) -> Result<(), Failure> {
    // Linux wakes whoever sleeps up to 50 microseconds late so as to wake several at once.
    rustix::thread::set_current_timer_slack(NonZeroU64::new(1))
        .map_err(|error| doing("asking for an exact timer")(error.into()))?;
    // A body's frame ends with one octet more.
    let stamp = message.len() - 1 - BODY;
    let mut octets = Vec::new();
    let mut sent = 0;
    while sent < count {
        let now = start.elapsed();
        if let Some(early) = due(sent).checked_sub(now).filter(|time| !time.is_zero()) {
            thread::sleep(early);
            continue;
        }
        octets.clear();
        while sent < count && due(sent) <= now {
            if let Some(place) = message.get_mut(stamp..stamp + size_of::<u64>()) {
                place.copy_from_slice(&(due(sent).as_nanos() as u64).to_be_bytes());
            }
            octets.extend_from_slice(&message);
            sent += 1;
        }
        send(stream, &octets)?;
    }
    Ok(())
}

/// Receives all of them; the times of those that were due after the warm-up, in nanoseconds.
fn consume(
    client: Client,
    start: Instant,
    count: u64,
) -> Result<(Client, Histogram<u64>), Failure> {
    let (stream, input) = client.into_parts();
    stream
        .set_read_timeout(Some(PATIENCE))
        .map_err(doing("preparing a socket"))?;
    let mut inlet = Inlet::new(stream, &input);
    let longest = PATIENCE.as_nanos() as u64;
    let mut times = Histogram::new_with_bounds(1000, longest, 3)
        .map_err(|error| Failure::Unexpected(format!("no histogram: {error}")))?;
    let first = WARM_UP.as_nanos() as u64;
    let mut consumed = 0;
    // What one read brought came at the same time.
    let mut stamps = Vec::new();
    while consumed < count {
        let came = inlet.read(|frame| {
            match frame.kind {
                kind if kind == FrameKind::Body as u8 => {
                    let stamp = frame.payload.first_chunk().copied().unwrap_or_default();
                    stamps.push(u64::from_be_bytes(stamp));
                }
                kind if kind == FrameKind::Method as u8 => expect::<basic::Deliver>(frame)?,
                _ => {}
            }
            Ok(())
        })?;
        if !came {
            return Err(Failure::Stalled(consumed));
        }
        let now = start.elapsed().as_nanos() as u64;
        consumed += stamps.len() as u64;
        for stamp in stamps.drain(..).filter(|stamp| *stamp >= first) {
            times.saturating_record(now.saturating_sub(stamp));
        }
    }
    let (stream, input) = inlet.into_parts();
    Ok((Client::from_parts(stream, input)?, times))
}
