//! What exists as far as its author knows, while an exchange is made up.
//!
//! It need not be right: a step that makes no sense when it is played is left out. It is right often enough that most
//! steps mean something.

use super::super::super::Datum;

/// Everything there is.
#[derive(Debug, Default)]
pub(super) struct World {
    pub(super) lanes: Vec<Lane>,
    pub(super) exchanges: Vec<Exchange>,
    pub(super) queues: Vec<Queue>,
    pub(super) bindings: Vec<Binding>,
    /// How many messages were published, names made and tags chosen.
    pub(super) messages: usize,
    pub(super) names: usize,
    pub(super) tags: usize,
}

/// A channel.
#[derive(Debug, Clone)]
pub(super) struct Lane {
    pub(super) client: usize,
    pub(super) stream: u16,
    pub(super) is_open: bool,
    pub(super) mode: Mode,
    pub(super) consumers: Vec<Consumer>,
    /// How many deliveries it may hold: a guess.
    pub(super) holds: usize,
    /// Whether one window serves all its consumers.
    pub(super) shares_window: bool,
    /// Whether it has a transaction with something in it.
    pub(super) pending: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    Plain,
    Confirm,
    Transaction,
}

#[derive(Debug, Clone)]
pub(super) struct Consumer {
    pub(super) tag: String,
    pub(super) queue: String,
}

#[derive(Debug, Clone)]
pub(super) struct Exchange {
    /// A variable, or the name of a standard one.
    pub(super) name: String,
    pub(super) kind: &'static str,
    pub(super) internal: bool,
    /// The fields of its declaration.
    pub(super) declaration: Vec<(&'static str, Datum)>,
}

#[derive(Debug, Clone)]
pub(super) struct Queue {
    /// A variable.
    pub(super) name: String,
    /// The client that alone may use it.
    pub(super) owner: Option<usize>,
    pub(super) durable: bool,
    /// Whether it has a consumer that allows no other.
    pub(super) exclusive_consumer: bool,
    /// Whether it has a maximum priority of its own.
    pub(super) has_priorities: bool,
    /// Whether its messages expire soon.
    pub(super) expires_soon: bool,
}

#[derive(Debug, Clone)]
pub(super) struct Binding {
    pub(super) exchange: String,
    /// The variable of a queue or an exchange.
    pub(super) destination: String,
    pub(super) to_queue: bool,
    pub(super) key: String,
    pub(super) arguments: Option<Datum>,
}

impl World {
    /// A world of so many clients, each with two channels, and the standard exchanges.
    pub(super) fn new(clients: usize) -> Self {
        let lanes = (0..clients).flat_map(|client| [1, 2].map(|stream| Lane::new(client, stream)));
        let standard = [
            ("", "default"),
            ("amq.direct", "direct"),
            ("amq.fanout", "fanout"),
            ("amq.topic", "topic"),
        ];
        let standard = standard.into_iter().chain([("amq.headers", "headers")]);
        World {
            lanes: lanes.collect(),
            exchanges: standard
                .map(|(name, kind)| Exchange {
                    name: name.to_owned(),
                    kind,
                    internal: false,
                    declaration: Vec::new(),
                })
                .collect(),
            ..World::default()
        }
    }

    /// How many consumers a queue has.
    pub(super) fn consumers(&self, queue: &str) -> usize {
        let all = self.lanes.iter().flat_map(|lane| &lane.consumers);
        all.filter(|it| it.queue == queue).count()
    }

    /// A client's connection is lost or closed.
    pub(super) fn lose(&mut self, client: usize) {
        for lane in self.lanes.iter_mut().filter(|it| it.client == client) {
            *lane = Lane::new(client, lane.stream);
        }
        self.queues.retain(|it| it.owner != Some(client));
    }

    /// A queue is gone.
    pub(super) fn forget_queue(&mut self, name: &str) {
        self.queues.retain(|it| it.name != name);
        self.bindings.retain(|it| it.destination != name);
        for lane in &mut self.lanes {
            lane.consumers.retain(|it| it.queue != name);
        }
    }

    /// An exchange is gone.
    pub(super) fn forget_exchange(&mut self, name: &str) {
        self.exchanges.retain(|it| it.name != name);
        self.bindings
            .retain(|it| it.exchange != name && it.destination != name);
    }
}

impl Lane {
    pub(super) fn new(client: usize, stream: u16) -> Self {
        Lane {
            client,
            stream,
            is_open: true,
            mode: Mode::Plain,
            consumers: Vec::new(),
            holds: 0,
            shares_window: false,
            pending: false,
        }
    }

    /// The channel is closed, by either side.
    pub(super) fn shut(&mut self) {
        *self = Lane {
            is_open: false,
            ..Lane::new(self.client, self.stream)
        };
    }
}
