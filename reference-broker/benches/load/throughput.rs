//! As many messages as the broker takes, for a fixed time.

use std::io::Write;
use std::net::TcpStream;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use bytes::BytesMut;
use mqspec_codec::{Command, FrameKind, basic};

use crate::address::Address;
use crate::client::Client;
use crate::failure::{Failure, doing};
use crate::messages::Message;
use crate::progress::Progress;
use crate::scan::{Glimpse, Inlet};
use crate::topology::{Shape, Topology};

/// Octets handed to the kernel in one write.
const WRITE: usize = 256 * 1024;
/// Messages that are sent before their confirms are waited for.
pub const BATCH: u64 = 100;
/// Before it measures, a load runs this long.
pub const WARM_UP: Duration = Duration::from_millis(500);
/// How long what was published last may take to come.
const DRAIN: Duration = Duration::from_secs(30);
/// How often a consumer looks whether it is to end.
const GLANCE: Duration = Duration::from_millis(50);

/// How fast a load went.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// Messages that came, over the time that was measured.
    pub per_second: f64,
    /// Messages that came in all, and how long all of it took: what processes used is used for these.
    pub consumed: u64,
}

/// Drives a load for that long.
pub fn measure(
    address: &Address,
    shape: &Shape,
    ahead: usize,
    time: Duration,
) -> Result<Pace, Failure> {
    let topology = Topology::new(address, shape)?;
    let message = Message {
        exchange: topology.exchange.clone(),
        routing_key: topology.routing_key.clone(),
        body: vec![b'x'; shape.body],
        persistent: shape.persistent,
    };
    let message = message.encode(topology.publisher.frame_max());
    let (publisher, consumer, leave) = topology.split();
    let progress = Arc::new(Progress::new());

    let consuming = {
        let (progress, acknowledged) = (Arc::clone(&progress), shape.acknowledged);
        thread::spawn(move || {
            let result = consume(consumer, acknowledged, &progress);
            progress.end_consumer();
            result
        })
    };
    let publishing = {
        let (progress, shape) = (Arc::clone(&progress), *shape);
        let window = Window::new(&message, &shape, ahead);
        thread::spawn(move || {
            let result = publish(publisher, &message, &shape, window, &progress);
            // However it ended, no more will come than this.
            progress.set_total(result.as_ref().map_or(0, |(_, published)| *published));
            result.map(|(client, _)| client)
        })
    };

    thread::sleep(WARM_UP);
    let (start, before) = (Instant::now(), progress.consumed());
    thread::sleep(time);
    let (elapsed, after) = (start.elapsed(), progress.consumed());
    progress.stop();

    let published = join(publishing);
    let consumer = join(consuming);
    // What the publisher heard explains why a consumer starved, and the other way round.
    let publisher = published?;
    leave.take(publisher, consumer?)?;
    Ok(Pace {
        per_second: (after - before) as f64 / elapsed.as_secs_f64(),
        consumed: progress.consumed(),
    })
}

/// The thread's result; its panic goes on here.
pub fn join<T>(thread: thread::JoinHandle<T>) -> T {
    thread
        .join()
        .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

/// How far a publisher may be ahead of the consumer, and in which steps it goes; both in messages.
#[derive(Debug, Clone, Copy)]
struct Window {
    queues: u64,
    ahead: u64,
    batch: u64,
}

impl Window {
    /// That many octets of deliveries, but two batches at least.
    fn new(message: &[u8], shape: &Shape, ahead: usize) -> Self {
        let of_octets = |octets: usize| (octets / message.len()) as u64 / shape.queues;
        let batch = if shape.acknowledged {
            BATCH
        } else {
            of_octets(WRITE).max(1)
        };
        Self {
            queues: shape.queues,
            ahead: of_octets(ahead).max(2 * batch),
            batch,
        }
    }

    /// Waits until there is room for another batch.
    fn wait(&self, published: u64, progress: &Progress) {
        let end = published + self.batch;
        let consumed = |behind: u64| end.saturating_sub(behind) * self.queues;
        if progress.consumed() < consumed(self.ahead) {
            // Once stopped, a publisher waits for more room, so that it seldom stops.
            progress.wait_for(consumed(self.ahead / 2));
        }
    }
}

/// Publishes until told to stop. Gives the client back, and how many deliveries are due.
fn publish(
    client: Client,
    message: &BytesMut,
    shape: &Shape,
    window: Window,
    progress: &Progress,
) -> Result<(Client, u64), Failure> {
    let (stream, input) = client.into_parts();
    let mut inlet = Inlet::new(stream, &input);
    let batch = window.batch;
    let octets = message.repeat(batch as usize);
    let mut published = 0;
    while !progress.is_stopped() {
        window.wait(published, progress);
        send(inlet.stream(), &octets)?;
        if shape.acknowledged {
            confirmed(&mut inlet, published, batch)?;
        }
        published += batch;
    }
    let (stream, input) = inlet.into_parts();
    let client = Client::from_parts(stream, input)?;
    Ok((client, published * shape.queues))
}

/// Writes all of it.
pub fn send(mut stream: &TcpStream, octets: &[u8]) -> Result<(), Failure> {
    stream.write_all(octets).map_err(doing("publishing"))
}

/// Reads until each message of a batch is confirmed, in whatever order.
fn confirmed(inlet: &mut Inlet, before: u64, batch: u64) -> Result<(), Failure> {
    let mut missing = vec![true; batch as usize];
    let mut left = missing.len();
    while left > 0 {
        let came = inlet.read(|frame| {
            let (tag, multiple) = ack(frame)?;
            let last = tag.checked_sub(before + 1).map(|last| last as usize);
            let Some(last) = last.filter(|last| *last < missing.len()) else {
                return Err(Failure::Unexpected(format!("a confirm of {tag}")));
            };
            let first = if multiple { 0 } else { last };
            for open in missing.iter_mut().take(last + 1).skip(first) {
                left -= usize::from(std::mem::take(open));
            }
            Ok(())
        })?;
        if !came {
            return Err(Failure::Unexpected(format!("{left} confirms too few")));
        }
    }
    Ok(())
}

fn ack(frame: Glimpse<'_>) -> Result<(u64, bool), Failure> {
    match frame.payload {
        &[a, b, c, d, ref tag @ .., multiple]
            if frame.kind == FrameKind::Method as u8 && [a, b, c, d] == ids::<basic::Ack>() =>
        {
            let tag = tag.first_chunk().copied().unwrap_or_default();
            Ok((u64::from_be_bytes(tag), multiple != 0))
        }
        _ => Err(unexpected(frame)),
    }
}

/// Counts contents, none of which is empty, until all that were published have come, and acknowledges each where that is asked for.
fn consume(client: Client, acknowledged: bool, progress: &Progress) -> Result<Client, Failure> {
    let (stream, input) = client.into_parts();
    stream
        .set_read_timeout(Some(GLANCE))
        .map_err(doing("preparing a socket"))?;
    let mut inlet = Inlet::new(stream, &input);
    let mut acks = Acks::default();
    let (mut consumed, mut body) = (0, 0);
    let mut since = Instant::now();
    while !(progress.is_complete() && inlet.is_between_frames()) {
        let came = inlet.read(|frame| {
            match frame.kind {
                kind if kind == FrameKind::Header as u8 => body = frame.body_size(),
                kind if kind == FrameKind::Body as u8 => {
                    body = body.saturating_sub(frame.size as u64);
                    consumed += u64::from(body == 0);
                }
                _ => expect::<basic::Deliver>(frame)?,
            }
            Ok(())
        })?;
        if came {
            if acknowledged {
                send(inlet.stream(), acks.up_to(consumed))?;
            }
            progress.advance(consumed);
            since = Instant::now();
        } else if since.elapsed() > DRAIN {
            return Err(Failure::Stalled(consumed));
        }
    }
    if progress
        .total()
        .is_some_and(|published| consumed > published)
    {
        return Err(Failure::Unexpected("more than was published".to_owned()));
    }
    let (stream, input) = inlet.into_parts();
    Client::from_parts(stream, input)
}

/// One `basic.ack` for each delivery, in order.
#[derive(Debug, Default)]
struct Acks {
    sent: u64,
    octets: Vec<u8>,
}

impl Acks {
    const FRAME: usize = 21;
    const TAG: std::ops::Range<usize> = 11..19;

    /// The octets that acknowledge what has not been acknowledged before.
    fn up_to(&mut self, consumed: u64) -> &[u8] {
        let fresh = (consumed - self.sent) as usize;
        while self.octets.len() < fresh * Self::FRAME {
            let mut frame = BytesMut::new();
            let ack = basic::Ack::default();
            mqspec_codec::frame::put_method(crate::client::CHANNEL, &ack.into(), &mut frame);
            self.octets.extend_from_slice(&frame);
        }
        let octets = self
            .octets
            .get_mut(..fresh * Self::FRAME)
            .unwrap_or_default();
        for frame in octets.chunks_exact_mut(Self::FRAME) {
            self.sent += 1;
            if let Some(tag) = frame.get_mut(Self::TAG) {
                tag.copy_from_slice(&self.sent.to_be_bytes());
            }
        }
        octets
    }
}

/// Class and method of a command, as a method frame begins with them.
pub fn ids<T: Command>() -> [u8; 4] {
    let [a, b] = T::ID.class_id.to_be_bytes();
    let [c, d] = T::ID.method_id.to_be_bytes();
    [a, b, c, d]
}

/// Holds a method frame to being that command.
pub fn expect<T: Command>(frame: Glimpse<'_>) -> Result<(), Failure> {
    if frame.ids() == ids::<T>() {
        Ok(())
    } else {
        Err(unexpected(frame))
    }
}

fn unexpected(frame: Glimpse<'_>) -> Failure {
    let [a, b, c, d] = frame.ids();
    let id = mqspec_codec::MethodId::new(u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d]));
    Failure::Unexpected(format!("{id} (frame type {})", frame.kind))
}
