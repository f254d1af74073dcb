//! Connections to one broker.

use std::time::Duration;

use bytes::Bytes;
use reference_broker::{Broker, Config, ConnectionId, Output, Peer};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::dice::Dice;
use crate::run::Endpoint;
use crate::run::wire::{self, Reader, Writer};

/// How many octets are read at a time.
const BUFFER: usize = 16 * 1024;
/// The greatest piece into which octets are cut.
const PIECE: usize = 40;
/// How many events may wait. A broker that says more has to wait as well.
const INBOX: usize = 1024;

/// What came on a connection.
#[derive(Debug)]
pub enum Came {
    /// Octets.
    Octets(Bytes),
    /// Its end.
    End,
}

/// Connections to one broker, numbered as the clients of an exchange are.
pub enum Link {
    /// To the reference broker's core, without sockets and with a clock that jumps.
    Memory(Box<Memory>),
    /// By sockets.
    Sockets(Sockets),
}

/// See [`Link::Memory`].
pub struct Memory {
    broker: Broker,
    /// Cuts what is written into pieces.
    splits: Option<Dice>,
    /// Whether what has to survive is stored, as far as the broker can tell.
    stores: bool,
    ids: Vec<Option<ConnectionId>>,
    now: Duration,
}

/// See [`Link::Sockets`].
pub struct Sockets {
    endpoint: Endpoint,
    connections: Vec<Option<Connection>>,
    /// Which of a client's connections an event belongs to, so that what an earlier one said last is not taken for the
    /// next one's.
    made: u64,
    events: mpsc::Receiver<(usize, u64, Came)>,
    sender: mpsc::Sender<(usize, u64, Came)>,
}

struct Connection {
    number: u64,
    writer: Option<Writer>,
    reader: JoinHandle<()>,
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.reader.abort();
    }
}

impl Link {
    /// A reference broker of its own.
    pub fn memory(config: Config) -> Link {
        Link::Memory(Box::new(Memory {
            broker: Broker::new(config),
            splits: None,
            stores: false,
            ids: Vec::new(),
            now: Duration::ZERO,
        }))
    }

    /// A reference broker of its own that gets what is written in pieces which a seed decides, and stores what has to
    /// survive: it is to do the same as one that does not.
    ///
    /// # Panics
    /// If a broker cannot begin with an empty store.
    pub fn memory_in_pieces(config: Config, seed: u64) -> Link {
        let mut broker = Broker::new(config);
        broker
            .restore(Vec::new())
            .expect("nothing is wrong with an empty store");
        Link::Memory(Box::new(Memory {
            broker,
            splits: Some(Dice::new(seed)),
            stores: true,
            ids: Vec::new(),
            now: Duration::ZERO,
        }))
    }

    /// A broker that listens somewhere.
    pub fn sockets(endpoint: Endpoint) -> Link {
        let (sender, events) = mpsc::channel(INBOX);
        Link::Sockets(Sockets {
            endpoint,
            connections: Vec::new(),
            made: 0,
            events,
            sender,
        })
    }

    /// Whether everything that follows from what is sent is there at once.
    pub fn is_at_once(&self) -> bool {
        matches!(self, Link::Memory(_))
    }

    /// Whether a client has a connection.
    pub fn is_there(&self, client: usize) -> bool {
        match self {
            Link::Memory(memory) => memory.ids.get(client).is_some_and(Option::is_some),
            Link::Sockets(sockets) => sockets.connections.get(client).is_some_and(Option::is_some),
        }
    }

    /// Makes a client's connection.
    ///
    /// # Errors
    /// If nobody answers there.
    pub async fn connect(&mut self, client: usize) -> std::io::Result<()> {
        match self {
            Link::Memory(memory) => {
                let id = memory.broker.connect(&Peer::default(), memory.now);
                put(&mut memory.ids, client, id);
                Ok(())
            }
            Link::Sockets(sockets) => {
                let (reader, writer) = wire::connect(&sockets.endpoint).await?;
                sockets.made += 1;
                let number = sockets.made;
                let reader = tokio::spawn(read(client, number, reader, sockets.sender.clone()));
                put(
                    &mut sockets.connections,
                    client,
                    Connection {
                        number,
                        writer: Some(writer),
                        reader,
                    },
                );
                Ok(())
            }
        }
    }

    /// Writes on a client's connection. Where that has ended, its end is what comes next.
    pub async fn write(&mut self, client: usize, octets: Vec<u8>) {
        match self {
            Link::Memory(memory) => {
                memory.write(client, octets);
            }
            Link::Sockets(sockets) => {
                let connection = sockets.connections.get_mut(client).and_then(Option::as_mut);
                if let Some(writer) = connection.and_then(|it| it.writer.as_mut()) {
                    // That the broker has ended it is what the reader reports, behind what was said before.
                    let _ = writer.write(&octets).await;
                }
            }
        }
    }

    /// What comes next. `None` if nothing does for so long, or at all.
    pub async fn next(&mut self, patience: Duration) -> Option<(usize, Came)> {
        match self {
            Link::Memory(memory) => memory.next(),
            Link::Sockets(sockets) => loop {
                let event = tokio::time::timeout(patience, sockets.events.recv()).await;
                let (client, number, came) = event.ok()??;
                let connection = sockets.connections.get_mut(client);
                let Some(connection) =
                    connection.filter(|it| it.as_ref().is_some_and(|it| it.number == number))
                else {
                    continue;
                };
                if matches!(came, Came::End) {
                    *connection = None;
                }
                return Some((client, came));
            },
        }
    }

    /// Ends a client's connection: politely, or as if a wire were cut.
    pub fn end(&mut self, client: usize, cut: bool) {
        match self {
            Link::Memory(memory) => {
                if let Some(id) = memory.ids.get_mut(client).and_then(Option::take) {
                    memory.broker.disconnect(id, memory.now);
                    memory.store();
                }
            }
            Link::Sockets(sockets) => {
                let connection = sockets.connections.get_mut(client).and_then(Option::take);
                let writer = connection.and_then(|mut it| it.writer.take());
                if let Some(writer) = writer.filter(|_| cut) {
                    writer.reset();
                }
            }
        }
    }

    /// Lets time pass.
    pub async fn pass(&mut self, time: Duration) {
        match self {
            Link::Memory(memory) => memory.pass(time),
            Link::Sockets(_) => tokio::time::sleep(time).await,
        }
    }
}

impl Memory {
    fn write(&mut self, client: usize, octets: Vec<u8>) {
        let mut rest = Bytes::from(octets);
        while !rest.is_empty() {
            // It may be gone after a piece.
            let Some(Some(id)) = self.ids.get(client) else {
                return;
            };
            let size = match &mut self.splits {
                Some(dice) => 1 + dice.below(rest.len().min(PIECE)),
                None => rest.len(),
            };
            self.broker.receive(*id, rest.split_to(size), self.now);
            self.store();
        }
    }

    fn store(&mut self) {
        if self.stores
            && let Some(batch) = self.broker.take_changes()
        {
            self.broker.stored(batch.position, self.now);
        }
    }

    fn next(&mut self) -> Option<(usize, Came)> {
        while let Some((id, output)) = self.broker.poll_output() {
            let client = self.ids.iter().position(|it| *it == Some(id));
            match output {
                Output::Write(octets) => {
                    self.broker.written(id, octets.len(), self.now);
                    if let Some(client) = client {
                        return Some((client, Came::Octets(octets)));
                    }
                }
                Output::Verify(attempt) => self.broker.verified(id, attempt.succeeds(), self.now),
                Output::Close => {
                    self.broker.disconnect(id, self.now);
                    if let Some(client) = client {
                        self.ids[client] = None;
                        return Some((client, Came::End));
                    }
                }
                Output::Pause | Output::Resume => {}
            }
        }
        None
    }

    fn pass(&mut self, time: Duration) {
        let until = self.now + time;
        while let Some(due) = self.broker.next_deadline().filter(|due| *due <= until) {
            self.now = due.max(self.now + Duration::from_millis(1));
            self.broker.tick(self.now);
            self.store();
        }
        self.now = until;
        self.broker.tick(self.now);
        self.store();
    }
}

fn put<T>(all: &mut Vec<Option<T>>, client: usize, new: T) {
    if all.len() <= client {
        all.resize_with(client + 1, || None);
    }
    all[client] = Some(new);
}

async fn read(
    client: usize,
    number: u64,
    mut reader: Reader,
    events: mpsc::Sender<(usize, u64, Came)>,
) {
    let mut buffer = vec![0; BUFFER];
    loop {
        let came = match reader.read(&mut buffer).await {
            Ok(0) | Err(_) => Came::End,
            Ok(count) => Came::Octets(Bytes::copy_from_slice(&buffer[..count])),
        };
        let last = matches!(came, Came::End);
        if events.send((client, number, came)).await.is_err() || last {
            return;
        }
    }
}
