//! What a load needs of the broker: a consuming connection with its queues, and a publishing one.

use std::sync::atomic::{AtomicU64, Ordering};

use mqspec_codec::{ShortStr, basic, confirm, exchange, queue};

use crate::address::Address;
use crate::client::{CHANNEL, Client, short};
use crate::failure::Failure;

/// How a load publishes and consumes.
#[derive(Debug, Clone, Copy)]
pub struct Shape {
    /// Octets of each body.
    pub body: usize,
    /// Queues that each message goes to.
    pub queues: u64,
    /// Whether publishers wait for confirms and consumers acknowledge.
    pub acknowledged: bool,
    /// Whether queue and messages are to survive the broker.
    pub persistent: bool,
}

/// Both connections, ready to be used.
#[derive(Debug)]
pub struct Topology {
    pub publisher: Client,
    pub consumer: Client,
    pub exchange: ShortStr,
    pub routing_key: ShortStr,
    /// Everything declared, in case that it outlives its connection.
    queues: Vec<ShortStr>,
}

/// Deliveries that a consumer may have unacknowledged.
pub const PREFETCH: u16 = 100;

static NAMES: AtomicU64 = AtomicU64::new(0);

/// A name that nobody else uses, of at least eight octets: the relay needs as many.
fn unique(kind: &str) -> Result<ShortStr, Failure> {
    let number = NAMES.fetch_add(1, Ordering::Relaxed);
    short(&format!("load-{}-{kind}{number}", std::process::id()))
}

impl Topology {
    /// Declares what the shape asks for, and begins to consume.
    pub fn new(address: &Address, shape: &Shape) -> Result<Self, Failure> {
        let mut consumer = Client::open(address)?;
        let fan_out = shape.queues > 1;
        let exchange = if fan_out {
            let exchange = unique("fan-out")?;
            let declare = exchange::Declare {
                exchange: exchange.clone(),
                r#type: ShortStr::from_static("fanout"),
                auto_delete: true,
                ..Default::default()
            };
            consumer.ask(CHANNEL, declare)?;
            exchange
        } else {
            ShortStr::default()
        };
        if shape.acknowledged {
            let qos = basic::Qos {
                prefetch_count: PREFETCH,
                ..Default::default()
            };
            consumer.ask(CHANNEL, qos)?;
        }
        let mut queues = Vec::new();
        for _ in 0..shape.queues {
            let name = unique("q")?;
            // An exclusive queue would not be durable everywhere.
            let declare = queue::Declare {
                queue: name.clone(),
                durable: shape.persistent,
                exclusive: !shape.persistent,
                auto_delete: true,
                ..Default::default()
            };
            consumer.ask(CHANNEL, declare)?;
            if fan_out {
                let bind = queue::Bind {
                    queue: name.clone(),
                    exchange: exchange.clone(),
                    ..Default::default()
                };
                consumer.ask(CHANNEL, bind)?;
            }
            queues.push(name);
        }
        for name in &queues {
            let consume = basic::Consume {
                queue: name.clone(),
                no_ack: !shape.acknowledged,
                ..Default::default()
            };
            consumer.ask(CHANNEL, consume)?;
        }
        let mut publisher = Client::open(address)?;
        if shape.acknowledged {
            publisher.ask(CHANNEL, confirm::Select { nowait: false })?;
        }
        Ok(Self {
            publisher,
            consumer,
            exchange,
            routing_key: queues.first().cloned().unwrap_or_default(),
            queues,
        })
    }
}

/// What is left to do once a load has ended.
#[derive(Debug)]
pub struct Leave(Vec<ShortStr>);

impl Topology {
    /// Both connections, and how to leave.
    pub fn split(self) -> (Client, Client, Leave) {
        (self.publisher, self.consumer, Leave(self.queues))
    }
}

impl Leave {
    /// Deletes the queues and closes both connections; exchanges go with their last binding.
    pub fn take(self, publisher: Client, mut consumer: Client) -> Result<(), Failure> {
        for queue in self.0 {
            let delete = queue::Delete {
                queue,
                ..Default::default()
            };
            consumer.ask(CHANNEL, delete)?;
        }
        consumer.close()?;
        publisher.close()
    }
}
