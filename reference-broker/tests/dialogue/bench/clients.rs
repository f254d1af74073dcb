//! What most clients do, in one line.

use bytes::BytesMut;
use mqspec_codec::frame::{put_body, put_header, put_method};
use mqspec_codec::{
    BasicProperties, ContentHeader, FieldTable, FieldValue, Method, ShortStr, basic, channel,
    connection, exchange, queue,
};

use super::{Bench, Client, Heard, name, on_1, table};

/// A delivery as most tests look at it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivered {
    pub tag: u64,
    pub redelivered: bool,
    pub body: String,
}

pub fn delivered(tag: u64, redelivered: bool, body: &str) -> Option<Delivered> {
    Some(Delivered {
        tag,
        redelivered,
        body: body.to_owned(),
    })
}

impl Bench {
    pub fn publish(
        &mut self,
        client: Client,
        channel: u16,
        publish: basic::Publish,
        properties: &BasicProperties,
        body: &[u8],
    ) {
        let mut octets = BytesMut::new();
        put_method(channel, &publish.into(), &mut octets);
        let header = ContentHeader {
            body_size: body.len() as u64,
            properties: properties.into(),
        };
        put_header(channel, &header, &mut octets);
        put_body(channel, body, 131_072, &mut octets);
        self.send_octets(client, &octets);
    }

    /// Publishes to an exchange on channel 1.
    pub fn publish_to(&mut self, client: Client, exchange: &str, key: &str, body: &str) {
        let publish = basic::Publish {
            exchange: name(exchange),
            routing_key: name(key),
            ..Default::default()
        };
        self.publish(
            client,
            1,
            publish,
            &BasicProperties::default(),
            body.as_bytes(),
        );
    }

    /// Publishes to a queue on channel 1.
    pub fn put(&mut self, client: Client, queue: &str, body: &str) {
        self.publish_to(client, "", queue, body);
    }

    /// Publishes to a queue on channel 1, with properties.
    pub fn put_with(
        &mut self,
        client: Client,
        queue: &str,
        properties: &BasicProperties,
        body: &str,
    ) {
        let publish = basic::Publish {
            routing_key: name(queue),
            ..Default::default()
        };
        self.publish(client, 1, publish, properties, body.as_bytes());
    }

    /// Declares a plain queue.
    pub fn queue(&mut self, client: Client, queue: &str) {
        self.declare(
            client,
            queue::Declare {
                queue: name(queue),
                ..Default::default()
            },
        );
    }

    /// Declares a queue with arguments.
    pub fn queue_with(&mut self, client: Client, queue: &str, arguments: &[(&str, FieldValue)]) {
        self.declare(
            client,
            queue::Declare {
                queue: name(queue),
                arguments: table(arguments),
                ..Default::default()
            },
        );
    }

    pub fn declare(&mut self, client: Client, declare: queue::Declare) -> ShortStr {
        match self.ask(client, declare) {
            Heard::Method(1, Method::QueueDeclareOk(ok)) => ok.queue,
            other => panic!("no queue: {other:?}"),
        }
    }

    pub fn exchange(&mut self, client: Client, exchange: &str, kind: &str) {
        let declare = exchange::Declare {
            exchange: name(exchange),
            r#type: name(kind),
            ..Default::default()
        };
        let answer = self.ask(client, declare);
        assert_eq!(answer, on_1(exchange::DeclareOk));
    }

    pub fn bind(&mut self, client: Client, queue: &str, exchange: &str, key: &str) {
        self.bind_with(client, queue, exchange, key, FieldTable::new());
    }

    pub fn bind_with(
        &mut self,
        client: Client,
        queue: &str,
        exchange: &str,
        key: &str,
        arguments: FieldTable,
    ) {
        let bind = queue::Bind {
            queue: name(queue),
            exchange: name(exchange),
            routing_key: name(key),
            no_wait: false,
            arguments,
        };
        assert_eq!(self.ask(client, bind), on_1(queue::BindOk));
    }

    /// Starts a consumer on channel 1 under the queue's name.
    pub fn consume(&mut self, client: Client, queue: &str) {
        self.consume_on(client, 1, queue);
    }

    pub fn consume_on(&mut self, client: Client, channel: u16, queue: &str) {
        let consume = basic::Consume {
            queue: name(queue),
            consumer_tag: name(queue),
            ..Default::default()
        };
        self.say(client, channel, consume);
        let ok = basic::ConsumeOk {
            consumer_tag: name(queue),
        };
        assert_eq!(self.hear(client), Heard::Method(channel, ok.into()));
    }

    /// Limits the consumers that channel 1 starts from now on.
    pub fn prefetch(&mut self, client: Client, count: u16) {
        let qos = basic::Qos {
            prefetch_count: count,
            ..Default::default()
        };
        assert_eq!(self.ask(client, qos), on_1(basic::QosOk));
    }

    pub fn ack(&mut self, client: Client, tag: u64) {
        self.say_1(
            client,
            basic::Ack {
                delivery_tag: tag,
                multiple: false,
            },
        );
    }

    /// The delivery that a client hears next, if it is one.
    pub fn delivered(&mut self, client: Client) -> Option<Delivered> {
        self.delivered_on(client, 1)
    }

    pub fn delivered_on(&mut self, client: Client, channel: u16) -> Option<Delivered> {
        match self.hear(client) {
            Heard::Content(on, Method::BasicDeliver(deliver), _, body) if on == channel => {
                Some(Delivered {
                    tag: deliver.delivery_tag,
                    redelivered: deliver.redelivered,
                    body: String::from_utf8(body).expect("tests send text"),
                })
            }
            Heard::Nothing => None,
            other => panic!("no delivery: {other:?}"),
        }
    }

    /// Fetches and settles everything that waits, and returns the bodies.
    pub fn fetch_all(&mut self, client: Client, queue: &str) -> Vec<String> {
        let next = || {
            let get = basic::Get {
                queue: name(queue),
                no_ack: true,
            };
            match self.ask(client, get) {
                Heard::Content(1, Method::BasicGetOk(_), _, body) => {
                    Some(String::from_utf8(body).expect("tests send text"))
                }
                Heard::Method(1, Method::BasicGetEmpty(_)) => None,
                other => panic!("neither get-ok nor get-empty: {other:?}"),
            }
        };
        std::iter::from_fn(next).collect()
    }

    /// Fetches a message on channel 1 and keeps it unsettled.
    pub fn fetch(&mut self, client: Client, queue: &str) -> Option<Delivered> {
        match self.ask(
            client,
            basic::Get {
                queue: name(queue),
                no_ack: false,
            },
        ) {
            Heard::Content(1, Method::BasicGetOk(ok), _, body) => Some(Delivered {
                tag: ok.delivery_tag,
                redelivered: ok.redelivered,
                body: String::from_utf8(body).expect("tests send text"),
            }),
            Heard::Method(1, Method::BasicGetEmpty(_)) => None,
            other => panic!("neither get-ok nor get-empty: {other:?}"),
        }
    }

    /// Ready messages and consumers of a queue.
    pub fn count(&mut self, client: Client, queue: &str) -> (u32, u32) {
        let declare = queue::Declare {
            queue: name(queue),
            passive: true,
            ..Default::default()
        };
        match self.ask(client, declare) {
            Heard::Method(1, Method::QueueDeclareOk(ok)) => (ok.message_count, ok.consumer_count),
            other => panic!("no queue: {other:?}"),
        }
    }

    /// Code, class id and method id of the `channel.close` on channel 1 that comes next; answers it and
    /// opens the channel again.
    pub fn refused(&mut self, client: Client) -> (u16, u16, u16) {
        match self.hear(client) {
            Heard::Method(1, Method::ChannelClose(close)) => {
                self.say_1(client, channel::CloseOk);
                self.open_channel(client, 1);
                (close.reply_code, close.class_id, close.method_id)
            }
            other => panic!("no channel.close: {other:?}"),
        }
    }

    /// Code, class id and method id of the `connection.close` that comes next; answers it and hears
    /// the end.
    pub fn ended(&mut self, client: Client) -> (u16, u16, u16) {
        match self.hear(client) {
            Heard::Method(0, Method::ConnectionClose(close)) => {
                self.say(client, 0, connection::CloseOk);
                assert_eq!(self.hear(client), Heard::End);
                (close.reply_code, close.class_id, close.method_id)
            }
            other => panic!("no connection.close: {other:?}"),
        }
    }
}

/// A client with a queue that holds the bodies `1`, `2`, … and nothing delivered yet.
pub fn with_messages(count: u32) -> (Bench, Client) {
    let mut bench = Bench::new();
    let client = bench.open();
    bench.queue(client, "q");
    for number in 1..=count {
        bench.put(client, "q", &number.to_string());
    }
    (bench, client)
}
