//! Random work on a broker: a few connections that do whatever clients do, now and then what they should not.

mod operations;

use std::collections::BTreeSet;
use std::net::SocketAddr;

use mqspec_codec::{Method, basic, channel, connection, exchange, queue};

use crate::raw::{Client, Heard};
use operations::Dice;
pub use operations::{EXCHANGES, QUEUES, exchange_name, queue_name};

/// Connections at once.
const WORKERS: usize = 4;
/// Channels of each.
pub const CHANNELS: u16 = 3;
/// What a channel's consumers may have unacknowledged.
const PREFETCH: u16 = 20;

/// What has been done so far.
#[derive(Debug, Default)]
struct Tally {
    operations: u64,
    deliveries: u64,
    channel_errors: u64,
    connections: u64,
}

/// Random work that goes on for as long as one likes.
pub struct Work {
    address: SocketAddr,
    dice: Dice,
    workers: Vec<Worker>,
    tally: Tally,
}

impl Work {
    /// Opens the connections. The same seed makes the same choices, as far as the broker answers the same.
    pub fn new(address: SocketAddr, seed: u64) -> Self {
        let mut tally = Tally::default();
        let workers = (0..WORKERS).map(|_| Worker::new(address, &mut tally));
        Self {
            workers: workers.collect(),
            address,
            dice: Dice::new(seed),
            tally,
        }
    }

    /// One operation of one of the connections.
    pub fn step(&mut self) {
        self.tally.operations += 1;
        let index = self.dice.roll(WORKERS as u64) as usize;
        let worker = &mut self.workers[index];
        if self.dice.roll(400) == 0 {
            let old = std::mem::replace(worker, Worker::new(self.address, &mut self.tally));
            if self.dice.flag() {
                old.client.close();
            }
            return;
        }
        if worker.step(&mut self.dice, &mut self.tally).is_none() {
            *worker = Worker::new(self.address, &mut self.tally);
        }
    }

    /// Deletes all that is left; what was done, for a person to read.
    pub fn finish(self) -> String {
        for worker in self.workers {
            worker.client.close();
        }
        for index in 0..QUEUES {
            let queue = queue_name(index);
            let delete = queue::Delete {
                queue,
                ..Default::default()
            };
            carry_out(self.address, delete);
        }
        for index in 0..EXCHANGES {
            let exchange = exchange_name(index);
            let delete = exchange::Delete {
                exchange,
                ..Default::default()
            };
            carry_out(self.address, delete);
        }
        format!("{:?}", self.tally)
    }
}

/// Has a command carried out, or refused because its object is not there.
fn carry_out(address: SocketAddr, method: impl Into<Method>) {
    let mut client = Client::open(address);
    let heard = client.ask(method);
    assert!(matches!(heard, Heard::Method(1, _)), "{heard:?}");
    client.close();
}

/// One connection.
struct Worker {
    client: Client,
    /// Channels that are being opened.
    opening: BTreeSet<u16>,
    /// What has been delivered and not been settled.
    unsettled: Vec<(u16, u64)>,
}

impl Worker {
    fn new(address: SocketAddr, tally: &mut Tally) -> Self {
        let mut worker = Self {
            client: Client::open(address),
            opening: BTreeSet::new(),
            unsettled: Vec::new(),
        };
        tally.connections += 1;
        worker.client.put(1, channel::Close::default());
        for number in 1..=CHANNELS {
            worker.open(number);
        }
        worker
            .wait(None, tally)
            .expect("a new connection stays open");
        worker
    }

    /// Opens a channel whose consumers have a window.
    fn open(&mut self, number: u16) {
        self.client.put(number, channel::Open);
        let qos = basic::Qos {
            prefetch_count: PREFETCH,
            ..Default::default()
        };
        self.client.put(number, qos);
        self.client.flush();
        self.opening.insert(number);
    }

    /// One operation; nothing if the connection has ended.
    fn step(&mut self, dice: &mut Dice, tally: &mut Tally) -> Option<()> {
        let number = 1 + dice.roll(u64::from(CHANNELS)) as u16;
        match dice.roll(100) {
            0..40 => {
                let body = dice.body();
                self.client.put_publish(number, dice.publish(), &body);
                self.client.flush();
                Some(())
            }
            40..60 => {
                // Seldom one that means nothing.
                let settled = match self.unsettled.pop() {
                    None if dice.roll(500) > 0 => return Some(()),
                    known => known,
                };
                let (number, tag) = settled.unwrap_or((number, 0));
                self.client.say(number, dice.settle(tag));
                Some(())
            }
            60 => {
                self.client.say(number, channel::Close::default());
                self.wait(Some(number), tally)?;
                self.unsettled.retain(|(channel, _)| *channel != number);
                if !self.opening.contains(&number) {
                    self.open(number);
                }
                self.wait(None, tally)
            }
            _ => {
                for method in dice.commands() {
                    self.client.say(number, method);
                    self.wait(Some(number), tally)?;
                }
                Some(())
            }
        }
    }

    /// Reads until a channel's answer has come and every channel is open; nothing if the connection has ended.
    fn wait(&mut self, mut answering: Option<u16>, tally: &mut Tally) -> Option<()> {
        while answering.is_some() || !self.opening.is_empty() {
            let (number, method) = match self.client.hear() {
                Heard::Method(number, method) => (number, method),
                Heard::Content(..) => continue,
                Heard::End => return None,
            };
            match method {
                Method::ConnectionClose(_) => {
                    self.client.say(0, connection::CloseOk);
                    return None;
                }
                Method::BasicDeliver(it) => {
                    tally.deliveries += 1;
                    self.unsettled.push((number, it.delivery_tag));
                    continue;
                }
                Method::BasicReturn(_) | Method::BasicAck(_) | Method::BasicNack(_) => continue,
                Method::BasicGetOk(it) => self.unsettled.push((number, it.delivery_tag)),
                Method::ChannelClose(_) => {
                    tally.channel_errors += 1;
                    self.client.put(number, channel::CloseOk);
                    self.unsettled.retain(|(channel, _)| *channel != number);
                    self.open(number);
                }
                Method::ChannelOpenOk(_) => continue,
                Method::BasicQosOk(_) if self.opening.remove(&number) => continue,
                _ => {}
            }
            answering = answering.filter(|channel| *channel != number);
        }
        Some(())
    }
}
