//! A broker and its clients on one bench: no sockets, and time moves when told.

mod clients;
mod commands;
pub mod dying;

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
pub use clients::{delivered, with_messages};
pub use commands::{exchanges, queues};
use mqspec_codec::frame::put_method;
use mqspec_codec::{
    BasicProperties, Command, FieldTable, FieldValue, Frame, FrameDecoder, LongStr, Method,
    ProtocolHeader, ShortStr, channel, connection,
};
use reference_broker::store::{MemoryStore, Store};
use reference_broker::{Broker, Config, ConnectionId, Output, Peer};

/// A client's end of a connection.
pub type Client = ConnectionId;

/// What a client hears next.
#[derive(Debug, Clone, PartialEq)]
pub enum Heard {
    Header([u8; 4]),
    Method(u16, Method),
    Content(u16, Method, Box<BasicProperties>, Vec<u8>),
    Heartbeat,
    End,
    Nothing,
}

/// A command on channel 1.
pub fn on_1(method: impl Into<Method>) -> Heard {
    Heard::Method(1, method.into())
}

/// A command on channel 0.
pub fn on_0(method: impl Into<Method>) -> Heard {
    Heard::Method(0, method.into())
}

pub fn name(text: &str) -> ShortStr {
    ShortStr::new(text).expect("a short name")
}

pub fn table(pairs: &[(&str, FieldValue)]) -> FieldTable {
    pairs
        .iter()
        .fold(FieldTable::new(), |table, (name, value)| {
            table.with(name, value.clone()).expect("a legal pair")
        })
}

/// A text as tables hold it.
pub fn text(text: &str) -> FieldValue {
    name(text).into()
}

pub const fn milliseconds(time: u64) -> Duration {
    Duration::from_millis(time)
}

pub struct Bench {
    pub broker: Broker,
    pub now: Duration,
    pub ends: BTreeMap<Client, End>,
    /// Whether what the broker writes reaches the clients at once.
    pub writable: bool,
    /// What survives the broker, if anything does.
    pub store: Option<MemoryStore>,
    /// Whether what changes is stored at once.
    pub storing: bool,
}

#[derive(Default)]
pub struct End {
    pub octets: BytesMut,
    header_seen: bool,
    pub closed: bool,
    pub paused: bool,
    unwritten: VecDeque<Bytes>,
}

impl Bench {
    pub fn new() -> Self {
        Self::with(Config::default())
    }

    pub fn with(config: Config) -> Self {
        Self {
            broker: Broker::new(config),
            now: Duration::ZERO,
            ends: BTreeMap::new(),
            writable: true,
            store: None,
            storing: true,
        }
    }

    /// A broker that goes on from what a store has.
    pub fn on(mut store: MemoryStore) -> Self {
        let mut bench = Self::new();
        let records = store.load().expect("memory is always there");
        bench.broker.restore(records).expect("legal records");
        bench.store = Some(store);
        bench
    }

    /// The broker is killed, and another takes its place.
    pub fn restarted(self) -> Self {
        Self::on(self.store.expect("a bench with a store"))
    }

    /// Stores what has changed, and tells in how many records that was.
    pub fn store_changes(&mut self) -> usize {
        let mut records = 0;
        while let Some(batch) = self.broker.take_changes() {
            let store = self.store.as_mut().expect("a bench with a store");
            store.write(&batch).expect("memory is always there");
            records += batch.put.len() + batch.delivered.len() + batch.removed.len();
            self.broker.stored(batch.position, self.now);
        }
        records
    }

    /// A connection on which nothing has been said.
    pub fn connect(&mut self) -> Client {
        self.connect_as(&Peer::default())
    }

    /// The same for a peer of whom something is known.
    pub fn connect_as(&mut self, peer: &Peer) -> Client {
        let client = self.broker.connect(peer, self.now);
        self.ends.insert(client, End::default());
        self.carry();
        client
    }

    /// A connection that has got as far as `connection.start`.
    pub fn greet(&mut self) -> Client {
        let client = self.connect();
        self.send_octets(client, b"AMQP\x00\x00\x09\x01");
        assert!(matches!(
            self.hear(client),
            Heard::Method(0, Method::ConnectionStart(_))
        ));
        client
    }

    /// A connection that has got as far as `connection.tune`.
    pub fn log_in(&mut self, capabilities: &[&str]) -> Client {
        let client = self.greet();
        self.say(client, 0, start_ok("PLAIN", "\0guest\0guest", capabilities));
        assert!(matches!(
            self.hear(client),
            Heard::Method(0, Method::ConnectionTune(_))
        ));
        client
    }

    /// An open connection with limits of its own.
    pub fn tuned(
        &mut self,
        capabilities: &[&str],
        channel_max: u16,
        frame_max: u32,
        heartbeat: u16,
    ) -> Client {
        let client = self.log_in(capabilities);
        self.say(
            client,
            0,
            connection::TuneOk {
                channel_max,
                frame_max,
                heartbeat,
            },
        );
        self.say(
            client,
            0,
            connection::Open {
                virtual_host: name("/"),
            },
        );
        assert_eq!(self.hear(client), on_0(connection::OpenOk));
        client
    }

    /// An open connection with channel 1 open on it, and no heartbeats.
    pub fn open(&mut self) -> Client {
        self.open_with(&[])
    }

    /// The same on a bench where nothing is left to wait for: what the handshake was given has passed.
    pub fn open_and_wait(&mut self) -> Client {
        let client = self.open();
        self.wait(Config::default().handshake_timeout);
        assert_eq!(self.broker.next_deadline(), None);
        client
    }

    /// How long until the broker is next to be told the time.
    pub fn until_deadline(&self) -> Option<Duration> {
        Some(self.broker.next_deadline()?.saturating_sub(self.now))
    }

    pub fn open_with(&mut self, capabilities: &[&str]) -> Client {
        let client = self.tuned(capabilities, 0, 0, 0);
        self.open_channel(client, 1);
        client
    }

    pub fn open_channel(&mut self, client: Client, number: u16) {
        self.say(client, number, channel::Open);
        assert_eq!(
            self.hear(client),
            Heard::Method(number, channel::OpenOk.into())
        );
    }

    pub fn send_octets(&mut self, client: Client, octets: &[u8]) {
        self.broker
            .receive(client, Bytes::copy_from_slice(octets), self.now);
        self.carry();
    }

    /// Sends a command without looking at what comes back.
    pub fn say(&mut self, client: Client, channel: u16, method: impl Into<Method>) {
        let mut octets = BytesMut::new();
        put_method(channel, &method.into(), &mut octets);
        self.send_octets(client, &octets);
    }

    /// Sends a command on channel 1.
    pub fn say_1(&mut self, client: Client, method: impl Into<Method>) {
        self.say(client, 1, method);
    }

    /// Sends a command on channel 1 and returns what comes next.
    pub fn ask(&mut self, client: Client, method: impl Into<Method>) -> Heard {
        self.say(client, 1, method);
        self.hear(client)
    }

    /// Lets time pass.
    pub fn wait(&mut self, time: Duration) {
        let end = self.now + time;
        // As the server does: whatever is due on the way is done in its time.
        while let Some(due) = self.broker.next_deadline().filter(|due| *due < end) {
            self.now = due.max(self.now);
            self.broker.tick(self.now);
            self.carry();
        }
        self.now = end;
        self.broker.tick(self.now);
        self.carry();
    }

    /// The peer's socket is gone.
    pub fn cut(&mut self, client: Client) {
        self.broker.disconnect(client, self.now);
        self.carry();
    }

    /// Lets the clients have everything that is still to be written to them.
    pub fn write_all(&mut self) {
        self.writable = true;
        self.carry();
    }

    /// How many octets the client has not taken yet.
    pub fn waiting(&self, client: Client) -> usize {
        self.ends[&client].unwritten.iter().map(Bytes::len).sum()
    }

    /// What the client hears next.
    pub fn hear(&mut self, client: Client) -> Heard {
        self.carry();
        let end = self.ends.get_mut(&client).expect("a client of this bench");
        if !end.header_seen && end.octets.starts_with(b"AMQP") {
            end.header_seen = true;
            let header = ProtocolHeader::decode(&mut end.octets).expect("a header");
            return Heard::Header(header.expect("a whole header").version);
        }
        let mut decoder = FrameDecoder::new(0);
        let mut frame = || decoder.decode(&mut end.octets).expect("a legal frame");
        let (on, method) = match frame() {
            Some(Frame::Method { channel, method }) => (channel, method),
            Some(Frame::Heartbeat) => return Heard::Heartbeat,
            Some(other) => panic!("content out of place: {other:?}"),
            None if end.closed => return Heard::End,
            None => return Heard::Nothing,
        };
        if !method.has_content() {
            return Heard::Method(on, method);
        }
        let Some(Frame::Header { channel, header }) = frame() else {
            panic!("no header")
        };
        assert_eq!(channel, on);
        let mut body = Vec::new();
        while (body.len() as u64) < header.body_size {
            let Some(Frame::Body { channel, payload }) = frame() else {
                panic!("no body")
            };
            assert_eq!(channel, on);
            body.extend_from_slice(&payload);
        }
        Heard::Content(on, method, header.properties.decode().into(), body)
    }

    /// Carries out what the broker wants done.
    pub fn carry(&mut self) {
        loop {
            if self.storing && self.store.is_some() {
                self.store_changes();
            }
            let mut attempts = Vec::new();
            while let Some((client, output)) = self.broker.poll_output() {
                let end = self.ends.entry(client).or_default();
                assert!(!end.closed, "an output after the last one");
                match output {
                    Output::Write(octets) => end.unwritten.push_back(octets),
                    Output::Pause => end.paused = true,
                    Output::Resume => end.paused = false,
                    Output::Verify(attempt) => attempts.push((client, attempt)),
                    Output::Close => end.closed = true,
                }
            }
            let looked_at = !attempts.is_empty();
            for (client, attempt) in attempts {
                self.broker.verified(client, attempt.succeeds(), self.now);
            }
            if looked_at {
                continue;
            }
            let mut written = Vec::new();
            for (client, end) in &mut self.ends {
                while (self.writable || end.closed)
                    && let Some(octets) = end.unwritten.pop_front()
                {
                    end.octets.extend_from_slice(&octets);
                    written.push((*client, octets.len()));
                }
            }
            if written.is_empty() {
                return;
            }
            for (client, octets) in written {
                self.broker.written(client, octets, self.now);
            }
        }
    }
}

pub fn start_ok(mechanism: &str, response: &str, capabilities: &[&str]) -> connection::StartOk {
    let capabilities = capabilities
        .iter()
        .fold(FieldTable::new(), |table, capability| {
            table.with(capability, true).expect("a legal table")
        });
    connection::StartOk {
        client_properties: FieldTable::new()
            .with("capabilities", capabilities)
            .expect("a legal table"),
        mechanism: name(mechanism),
        response: LongStr::new(response.as_bytes().to_vec()).expect("a short response"),
        locale: name("en_US"),
    }
}

/// The ids of a command, as an exception names them.
pub fn ids<C: Command>() -> (u16, u16) {
    (C::ID.class_id, C::ID.method_id)
}
