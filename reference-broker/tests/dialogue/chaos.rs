//! Clients that do anything in any order.

use mqspec_codec::{
    BasicProperties, FieldArray, FieldTable, Method, basic, channel, confirm, connection, exchange,
    queue, tx,
};
use reference_broker::{Alarm, Config, Limits};

use crate::bench::{Bench, Client, Heard, exchanges, milliseconds, name, queues, table, text};

const REPLIES: &str = "amq.rabbitmq.reply-to";

/// Numbers that look random and are the same every time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % sides
    }

    fn flag(&mut self) -> bool {
        self.roll(2) == 0
    }

    fn one_of<'a>(&mut self, all: &[&'a str]) -> &'a str {
        let index = self.roll(all.len() as u64) as usize;
        all.get(index).copied().unwrap_or_default()
    }

    fn queue(&mut self) -> &'static str {
        self.one_of(&["a", "b", "c", ""])
    }

    fn exchange(&mut self) -> &'static str {
        self.one_of(&["", "x", "y", "amq.fanout", "amq.topic"])
    }

    fn arguments(&mut self) -> FieldTable {
        let mut arguments = Vec::new();
        if self.flag() {
            arguments.push(("x-dead-letter-exchange", text(self.exchange())));
        }
        match self.roll(8) {
            0 => arguments.push(("x-message-ttl", (self.roll(20) as i32).into())),
            1 => arguments.push(("x-expires", (1 + self.roll(200) as i32).into())),
            2 => arguments.push(("x-max-length", (self.roll(3) as i32).into())),
            3 => {
                arguments.push(("x-max-length-bytes", (self.roll(20) as i32).into()));
                arguments.push(("x-overflow", text("reject-publish-dlx")));
            }
            4 => arguments.push(("x-max-priority", (self.roll(10) as i32).into())),
            5 => arguments.push(("x-single-active-consumer", true.into())),
            _ => {}
        }
        table(&arguments)
    }

    /// No expiration: a message that has expired behind another one is counted and cannot be fetched.
    fn properties(&mut self) -> BasicProperties {
        BasicProperties {
            priority: self.flag().then(|| self.roll(10) as u8),
            headers: (self.roll(4) == 0).then(|| self.extra_keys()),
            reply_to: (self.roll(20) == 0).then(|| name(REPLIES)),
            ..Default::default()
        }
    }

    fn extra_keys(&mut self) -> FieldTable {
        let mut keys = FieldArray::new();
        for _ in 0..self.roll(3) {
            keys.push(text(&self.key())).expect("a legal array");
        }
        table(&[(self.one_of(&["CC", "BCC"]), keys.into())])
    }

    /// A queue's name, or one that may lead to somebody who waits for replies.
    fn key(&mut self) -> String {
        match self.roll(4) {
            0 => format!("{REPLIES}.{}", self.roll(300)),
            _ => self.queue().to_owned(),
        }
    }

    fn method(&mut self, tag: u64) -> Method {
        let (queue, exchange) = (self.queue(), self.exchange());
        let (flag, other) = (self.flag(), self.flag());
        match self.roll(24) {
            0 | 1 => queue::Declare {
                auto_delete: flag,
                exclusive: other,
                arguments: self.arguments(),
                ..queues::declare(queue)
            }
            .into(),
            2 => queues::passive(queue).into(),
            3 => queue::Delete {
                if_unused: flag,
                if_empty: other,
                ..queues::delete(queue)
            }
            .into(),
            4 => queue::Purge {
                queue: name(queue),
                no_wait: flag,
            }
            .into(),
            5 => queues::bind(queue, exchange, self.queue()).into(),
            6 => queues::unbind(queue, exchange, self.queue()).into(),
            7 => exchange::Declare {
                auto_delete: flag,
                ..exchanges::declare(exchange, "fanout")
            }
            .into(),
            8 => exchange::Delete {
                exchange: name(exchange),
                if_unused: flag,
                no_wait: other,
            }
            .into(),
            9 => exchanges::bind(exchange, self.exchange(), "").into(),
            10 => exchanges::unbind(exchange, self.exchange(), "").into(),
            11 | 12 => basic::Consume {
                queue: name(if self.roll(8) == 0 { REPLIES } else { queue }),
                no_ack: flag,
                no_local: other,
                exclusive: self.roll(5) == 0,
                arguments: table(&[("x-priority", (self.roll(3) as i32).into())]),
                ..Default::default()
            }
            .into(),
            13 => basic::Cancel {
                consumer_tag: name(&format!("amq.ctag-{}", self.roll(300))),
                no_wait: flag,
            }
            .into(),
            14 => basic::Get {
                queue: name(queue),
                no_ack: flag,
            }
            .into(),
            15 | 23 => basic::Ack {
                delivery_tag: tag,
                multiple: flag,
            }
            .into(),
            16 => basic::Nack {
                delivery_tag: tag,
                multiple: flag,
                requeue: other,
            }
            .into(),
            17 => basic::Reject {
                delivery_tag: tag,
                requeue: flag,
            }
            .into(),
            18 => basic::Recover { requeue: flag }.into(),
            19 => basic::Qos {
                prefetch_count: self.roll(4) as u16,
                prefetch_size: self.roll(3) as u32 * 4,
                global: flag,
            }
            .into(),
            20 => channel::Flow { active: flag }.into(),
            21 => match self.roll(4) {
                0 => confirm::Select { nowait: flag }.into(),
                1 => tx::Select.into(),
                2 => tx::Rollback.into(),
                _ => tx::Commit.into(),
            },
            22 if self.roll(10) == 0 => channel::Close::default().into(),
            _ => basic::Qos::default().into(),
        }
    }
}

/// Reads everything; answers and reopens what was closed. Notes channel and tag of what is delivered, counts the
/// replies among it, and says whether the connection is still there.
fn keep_up(
    bench: &mut Bench,
    client: Client,
    deliveries: &mut Vec<(u16, u64)>,
    replies: &mut usize,
) -> bool {
    loop {
        match bench.hear(client) {
            Heard::Method(number, Method::ChannelClose(_)) => {
                bench.say(client, number, channel::CloseOk);
                bench.say(client, number, channel::Open);
            }
            Heard::Method(number, Method::ChannelCloseOk(_)) => {
                bench.say(client, number, channel::Open);
            }
            Heard::Method(0, Method::ConnectionClose(_)) => {
                bench.say(client, 0, connection::CloseOk);
            }
            Heard::End => return false,
            Heard::Nothing => return true,
            Heard::Content(number, Method::BasicDeliver(it), _, _) => {
                deliveries.push((number, it.delivery_tag));
                *replies += usize::from(it.routing_key.starts_with(REPLIES));
            }
            _ => {}
        }
    }
}

fn open(bench: &mut Bench) -> Client {
    let client = bench.open_with(&["consumer_cancel_notify"]);
    bench.open_channel(client, 2);
    client
}

#[test]
fn whatever_clients_do_the_broker_stays_whole() {
    let (mut total, mut replies) = (0, 0);
    for seed in 1..=40 {
        let mut dice = Dice(0x9e37_79b9_7f4a_7c15 ^ seed);
        let limits = Limits {
            backlog: 500,
            unread_replies: 2000,
            ..Limits::default()
        };
        let mut bench = Bench::with(Config {
            limits,
            ..Config::default()
        });
        let mut deliveries = [Vec::new(), Vec::new(), Vec::new()];
        let mut clients = [open(&mut bench), open(&mut bench), open(&mut bench)];
        for _ in 0..1200 {
            let index = dice.roll(3) as usize;
            let client = clients[index];
            // Now and then a tag that means nothing.
            let (channel, tag) = match deliveries[index].pop() {
                Some(known) if dice.roll(20) > 0 => known,
                _ => (1 + dice.roll(2) as u16, 0),
            };
            bench.writable = dice.roll(4) > 0;
            match dice.roll(10) {
                0..3 => {
                    let publish = basic::Publish {
                        exchange: name(dice.exchange()),
                        routing_key: name(&dice.key()),
                        mandatory: dice.flag(),
                        immediate: false,
                    };
                    let body = vec![b'x'; dice.roll(9) as usize];
                    bench.publish(client, channel, publish, &dice.properties(), &body);
                }
                3 if dice.roll(20) == 0 => bench.cut(client),
                3 if dice.roll(20) == 0 => bench.broker.set_alarm(Alarm::Operator, true, bench.now),
                3 => bench.broker.set_alarm(Alarm::Operator, false, bench.now),
                4 if dice.roll(4) == 0 => bench.wait(milliseconds(dice.roll(30))),
                _ => bench.say(client, channel, dice.method(tag)),
            }
            let before = deliveries[index].len();
            if bench.writable && !keep_up(&mut bench, client, &mut deliveries[index], &mut replies)
            {
                clients[index] = open(&mut bench);
                deliveries[index].clear();
            }
            total += deliveries[index].len().saturating_sub(before);
        }
        bench.broker.set_alarm(Alarm::Operator, false, bench.now);
        bench.write_all();
        for client in clients {
            bench.cut(client);
        }
        // Nobody is left, so that nothing is unsettled: what is counted can be fetched.
        let last = bench.open();
        for queue in ["a", "b", "c"] {
            bench.declare(last, queues::declare("other"));
            bench.say_1(last, queues::passive(queue));
            match bench.hear(last) {
                Heard::Method(1, Method::QueueDeclareOk(ok)) => {
                    assert_eq!(ok.consumer_count, 0, "seed {seed}");
                    for _ in 0..ok.message_count {
                        assert!(bench.fetch(last, queue).is_some(), "seed {seed}");
                    }
                    assert_eq!(bench.fetch(last, queue), None, "seed {seed}");
                }
                Heard::Method(1, Method::ChannelClose(_)) => {
                    bench.say_1(last, channel::CloseOk);
                    bench.open_channel(last, 1);
                }
                other => panic!("seed {seed}: {other:?}"),
            }
        }
    }
    assert!(total > 1000, "only {total} deliveries");
    assert!(replies > 10, "only {replies} replies");
}
