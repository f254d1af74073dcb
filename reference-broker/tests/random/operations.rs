//! What random work consists of.

use mqspec_codec::{
    FieldTable, LongStr, Method, ShortStr, basic, channel, confirm, exchange, queue, tx,
};

use crate::raw::name;

/// How many queues and exchanges there are at most, but for those that the broker names.
pub const QUEUES: u64 = 16;
pub const EXCHANGES: u64 = 8;

/// What becomes of rejected messages.
const DEAD_LETTERS: &str = "exchange-1";

/// A queue's name.
pub fn queue_name(index: u64) -> ShortStr {
    name(&format!("queue-{index}"))
}

/// An exchange's name.
pub fn exchange_name(index: u64) -> ShortStr {
    name(&format!("exchange-{index}"))
}

/// Where choices come from (xorshift64*).
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        // Zero would stay zero.
        Self((seed ^ 0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// A number below `sides`.
    pub fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) % sides
    }

    pub fn flag(&mut self) -> bool {
        self.roll(2) == 0
    }

    /// Mostly a few octets, at times many.
    pub fn body(&mut self) -> Vec<u8> {
        let size = match self.roll(200) {
            0 => self.roll(300_000),
            1..20 => self.roll(5_000),
            _ => self.roll(100),
        };
        vec![b'x'; size as usize]
    }

    /// Seldom to an exchange that is not there.
    pub fn publish(&mut self) -> basic::Publish {
        let (exchange, routing_key) = if self.flag() {
            (ShortStr::default(), queue_name(self.roll(QUEUES)))
        } else {
            let missing = u64::from(self.roll(500) == 0) * EXCHANGES;
            let index = self.roll(EXCHANGES) + missing;
            (exchange_name(index), self.key())
        };
        basic::Publish {
            exchange,
            routing_key,
            mandatory: self.roll(10) == 0,
            immediate: false,
        }
    }

    pub fn settle(&mut self, delivery_tag: u64) -> Method {
        let requeue = self.roll(4) == 0;
        match self.roll(6) {
            0 => basic::Reject {
                delivery_tag,
                requeue,
            }
            .into(),
            1 => basic::Nack {
                delivery_tag,
                multiple: false,
                requeue,
            }
            .into(),
            _ => basic::Ack {
                delivery_tag,
                multiple: false,
            }
            .into(),
        }
    }

    /// Commands of one channel that are answered one by one.
    pub fn commands(&mut self) -> Vec<Method> {
        let index = self.roll(QUEUES);
        let queue = queue_name(index);
        let exchange = exchange_name(self.roll(EXCHANGES));
        let method: Method = match self.roll(24) {
            0..6 => declare_queue(index).into(),
            6 => queue::Declare {
                exclusive: true,
                auto_delete: self.flag(),
                ..Default::default()
            }
            .into(),
            7..9 => self.declare_exchange(),
            9..12 => {
                return vec![
                    declare_queue(index).into(),
                    self.declare_exchange(),
                    self.bind(queue),
                ];
            }
            12 if self.roll(4) == 0 => queue::Delete {
                queue,
                ..Default::default()
            }
            .into(),
            13 => queue::Purge {
                queue,
                no_wait: false,
            }
            .into(),
            14 if self.roll(4) == 0 => exchange::Delete {
                exchange,
                ..Default::default()
            }
            .into(),
            15..18 => return self.consume(index),
            18 => basic::Cancel {
                consumer_tag: self.consumer_tag(),
                no_wait: false,
            }
            .into(),
            19 => match self.roll(20) {
                0 => confirm::Select { nowait: false }.into(),
                1 => tx::Select.into(),
                2 => tx::Commit.into(),
                3 => tx::Rollback.into(),
                4 => basic::Recover { requeue: true }.into(),
                _ => channel::Flow { active: true }.into(),
            },
            _ => {
                let get = basic::Get {
                    queue,
                    no_ack: self.flag(),
                };
                return vec![declare_queue(index).into(), get.into()];
            }
        };
        vec![method]
    }

    fn declare_exchange(&mut self) -> Method {
        let index = self.roll(EXCHANGES);
        exchange::Declare {
            exchange: exchange_name(index),
            r#type: name(["direct", "fanout", "topic", "headers"][index as usize % 4]),
            durable: index.is_multiple_of(2),
            ..Default::default()
        }
        .into()
    }

    fn bind(&mut self, queue: ShortStr) -> Method {
        queue::Bind {
            queue,
            exchange: exchange_name(self.roll(EXCHANGES)),
            routing_key: self.key(),
            ..Default::default()
        }
        .into()
    }

    /// A consumer in place of the one with the same tag.
    fn consume(&mut self, index: u64) -> Vec<Method> {
        let consumer_tag = self.consumer_tag();
        let consume = basic::Consume {
            queue: queue_name(index),
            consumer_tag: consumer_tag.clone(),
            no_ack: self.roll(3) == 0,
            ..Default::default()
        };
        let cancel = basic::Cancel {
            consumer_tag,
            no_wait: false,
        };
        vec![cancel.into(), declare_queue(index).into(), consume.into()]
    }

    fn consumer_tag(&mut self) -> ShortStr {
        name(&format!("consumer-{}", self.roll(3)))
    }

    fn key(&mut self) -> ShortStr {
        let words = ["a", "a.b", "a.b.c", "#", "*.b"];
        name(words[self.roll(words.len() as u64) as usize])
    }
}

/// A queue always has the same arguments, among them a limit: what nobody fetches does not pile up.
fn declare_queue(index: u64) -> queue::Declare {
    let limit = FieldTable::new().with("x-max-length", 100_i32);
    let arguments = limit.and_then(|table| match index % 4 {
        0 => Ok(table),
        1 => table.with("x-dead-letter-exchange", LongStr::from_static(DEAD_LETTERS)),
        2 => table.with("x-message-ttl", 20_i32),
        _ => table.with("x-max-priority", 5_i32),
    });
    queue::Declare {
        queue: queue_name(index),
        durable: index.is_multiple_of(2),
        arguments: arguments.expect("a legal table"),
        ..Default::default()
    }
}
