//! How much a client may make the broker hold. A limit is refused by `resource-error` 506, a connection exception,
//! where nothing else is said here.

/// Upper bounds on everything that grows at a client's wish.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Connections at once; a further one is closed before it is read.
    pub connections: usize,
    /// Connections that one user has open at once; a further one is refused by `not-allowed` 530.
    pub user_connections: usize,
    /// Exchanges in one virtual host.
    pub exchanges: usize,
    /// Queues in one virtual host.
    pub queues: usize,
    /// Bindings in one virtual host.
    pub bindings: usize,
    /// Consumers in one virtual host.
    pub consumers: usize,
    /// Messages that wait in one queue; it refuses a further one as `x-overflow` `reject-publish` does, unless its own
    /// `x-max-length` has it drop one before.
    pub queue_length: u64,
    /// Octets of one message's body; a larger one is refused by `content-too-large` 311.
    pub content: u64,
    /// Octets that the unfinished contents on all channels of one connection announce together.
    pub assembly: u64,
    /// Octets held in all virtual hosts together above which the alarm is raised: nobody may publish until they have
    /// fallen below four fifths of it.
    pub high_water: u64,
    /// Octets held in one virtual host: of messages, those delivered and not yet settled and those
    /// that wait for `tx.commit` included, and of names and arguments.
    pub stored: u64,
    /// Octets that wait to be written to one connection before deliveries to it stop.
    pub backlog: usize,
    /// Octets that wait to be written to one connection before the broker stops reading from it.
    pub unread_replies: usize,
}

/// There is no such limit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no limit is called '{0}'")]
pub struct UnknownLimit(String);

impl Limits {
    /// Sets the limit of that name, which is the field's, with hyphens.
    ///
    /// # Errors
    /// If there is none of that name.
    pub fn set(&mut self, name: &str, most: u64) -> Result<(), UnknownLimit> {
        let things = usize::try_from(most).unwrap_or(usize::MAX);
        match name {
            "connections" => self.connections = things,
            "user-connections" => self.user_connections = things,
            "exchanges" => self.exchanges = things,
            "queues" => self.queues = things,
            "bindings" => self.bindings = things,
            "consumers" => self.consumers = things,
            "queue-length" => self.queue_length = most,
            "content" => self.content = most,
            "assembly" => self.assembly = most,
            "high-water" => self.high_water = most,
            "stored" => self.stored = most,
            "backlog" => self.backlog = things,
            "unread-replies" => self.unread_replies = things,
            _ => return Err(UnknownLimit(name.to_owned())),
        }
        Ok(())
    }
}

impl Limits {
    /// All limits, with their names.
    pub(crate) fn all(&self) -> [(&'static str, u64); 13] {
        [
            ("connections", self.connections as u64),
            ("user-connections", self.user_connections as u64),
            ("exchanges", self.exchanges as u64),
            ("queues", self.queues as u64),
            ("bindings", self.bindings as u64),
            ("consumers", self.consumers as u64),
            ("queue-length", self.queue_length),
            ("content", self.content),
            ("assembly", self.assembly),
            ("high-water", self.high_water),
            ("stored", self.stored),
            ("backlog", self.backlog as u64),
            ("unread-replies", self.unread_replies as u64),
        ]
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 10_000,
            user_connections: 10_000,
            exchanges: 65_536,
            queues: 65_536,
            bindings: 1 << 20,
            consumers: 65_536,
            queue_length: 1 << 30,
            content: 128 << 20,
            assembly: 256 << 20,
            high_water: 768 << 20,
            stored: 1 << 30,
            backlog: 1 << 20,
            unread_replies: 16 << 20,
        }
    }
}
