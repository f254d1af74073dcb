//! Commands with their usual arguments.

/// Class queue.
pub mod queues {
    use mqspec_codec::queue;

    use crate::bench::{Heard, name, on_1};

    pub fn declare(queue: &str) -> queue::Declare {
        queue::Declare {
            queue: name(queue),
            ..Default::default()
        }
    }

    pub fn passive(queue: &str) -> queue::Declare {
        queue::Declare {
            passive: true,
            ..declare(queue)
        }
    }

    pub fn delete(queue: &str) -> queue::Delete {
        queue::Delete {
            queue: name(queue),
            ..Default::default()
        }
    }

    pub fn bind(queue: &str, exchange: &str, key: &str) -> queue::Bind {
        queue::Bind {
            queue: name(queue),
            exchange: name(exchange),
            routing_key: name(key),
            ..Default::default()
        }
    }

    pub fn unbind(queue: &str, exchange: &str, key: &str) -> queue::Unbind {
        queue::Unbind {
            queue: name(queue),
            exchange: name(exchange),
            routing_key: name(key),
            ..Default::default()
        }
    }

    pub fn ok(queue: &str, message_count: u32, consumer_count: u32) -> Heard {
        on_1(queue::DeclareOk {
            queue: name(queue),
            message_count,
            consumer_count,
        })
    }
}

/// Class exchange.
pub mod exchanges {
    use mqspec_codec::exchange;

    use crate::bench::name;

    pub fn declare(exchange: &str, kind: &str) -> exchange::Declare {
        exchange::Declare {
            exchange: name(exchange),
            r#type: name(kind),
            ..Default::default()
        }
    }

    pub fn passive(exchange: &str) -> exchange::Declare {
        exchange::Declare {
            passive: true,
            ..declare(exchange, "")
        }
    }

    pub fn bind(destination: &str, source: &str, key: &str) -> exchange::Bind {
        exchange::Bind {
            destination: name(destination),
            source: name(source),
            routing_key: name(key),
            ..Default::default()
        }
    }

    pub fn unbind(destination: &str, source: &str, key: &str) -> exchange::Unbind {
        exchange::Unbind {
            destination: name(destination),
            source: name(source),
            routing_key: name(key),
            ..Default::default()
        }
    }
}
