//! How much a client may make the broker hold. Each limit has one refusal: `resource-error` 506,
//! a connection exception, except the size of one content, which is `content-too-large` 311.

/// Upper bounds on everything that grows at a client's wish.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Connections at once; a further one is closed before it is read.
    pub connections: usize,
    /// Exchanges in one virtual host.
    pub exchanges: usize,
    /// Queues in one virtual host.
    pub queues: usize,
    /// Bindings in one virtual host.
    pub bindings: usize,
    /// Consumers in one virtual host.
    pub consumers: usize,
    /// Octets of one message's body.
    pub content: u64,
    /// Octets that the unfinished contents on all channels of one connection announce together.
    pub assembly: u64,
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
    pub fn set(&mut self, name: &str, most: u32) -> Result<(), UnknownLimit> {
        let things = most as usize;
        match name {
            "connections" => self.connections = things,
            "exchanges" => self.exchanges = things,
            "queues" => self.queues = things,
            "bindings" => self.bindings = things,
            "consumers" => self.consumers = things,
            "content" => self.content = most.into(),
            "assembly" => self.assembly = most.into(),
            "stored" => self.stored = most.into(),
            "backlog" => self.backlog = things,
            "unread-replies" => self.unread_replies = things,
            _ => return Err(UnknownLimit(name.to_owned())),
        }
        Ok(())
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 10_000,
            exchanges: 65_536,
            queues: 65_536,
            bindings: 1 << 20,
            consumers: 65_536,
            content: 128 << 20,
            assembly: 256 << 20,
            stored: 1 << 30,
            backlog: 1 << 20,
            unread_replies: 16 << 20,
        }
    }
}
