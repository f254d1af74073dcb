//! amqprs, with callbacks that pass on what they are told.

mod steps;

use std::time::Duration;

use amqprs::callbacks::ChannelCallback;
use amqprs::channel::{
    BasicAckArguments, BasicCancelArguments, BasicConsumeArguments, BasicGetArguments,
    BasicNackArguments, BasicPublishArguments, BasicQosArguments, Channel, ConfirmSelectArguments,
    ExchangeDeclareArguments, QueueBindArguments, QueueDeclareArguments, QueueDeleteArguments,
    QueuePurgeArguments,
};
use amqprs::connection::{Connection, OpenConnectionArguments};
use amqprs::error::Error;
use amqprs::{
    Ack, BasicProperties, Cancel, CloseChannel, FieldArray, FieldTable, FieldValue, Nack, Return,
};
use async_trait::async_trait;
use steps::{PREFIX, step};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

type Result<T> = std::result::Result<T, Error>;

/// What the broker says without having been asked.
#[derive(Debug, PartialEq)]
enum Heard {
    Ack(u64, bool),
    Nack(u64),
    Return(u16, String, Vec<u8>),
    Cancel(String),
}

/// Passes everything on to the program, which reads it in the order in which it came.
struct Listener(UnboundedSender<Heard>);

impl Listener {
    fn tell(&self, heard: Heard) {
        // The program may have ended.
        let _ = self.0.send(heard);
    }
}

#[async_trait]
impl ChannelCallback for Listener {
    async fn close(&mut self, _: &Channel, _: CloseChannel) -> Result<()> {
        Ok(())
    }

    async fn cancel(&mut self, _: &Channel, cancel: Cancel) -> Result<()> {
        self.tell(Heard::Cancel(cancel.consumer_tag().clone()));
        Ok(())
    }

    async fn flow(&mut self, _: &Channel, active: bool) -> Result<bool> {
        Ok(active)
    }

    async fn publish_ack(&mut self, _: &Channel, ack: Ack) {
        self.tell(Heard::Ack(ack.delivery_tag(), ack.mutiple()));
    }

    async fn publish_nack(&mut self, _: &Channel, nack: Nack) {
        self.tell(Heard::Nack(nack.delivery_tag()));
    }

    async fn publish_return(
        &mut self,
        _: &Channel,
        returned: Return,
        _: BasicProperties,
        content: Vec<u8>,
    ) {
        let key = returned.routing_key().clone();
        self.tell(Heard::Return(returned.reply_code(), key, content));
    }
}

async fn connect(url: &str) -> Result<Connection> {
    let mut arguments = OpenConnectionArguments::try_from(url)?;
    // amqprs takes the path as it is written.
    let path = url.rsplit('/').next().unwrap_or_default();
    let path = path.split('?').next().unwrap_or_default();
    let host = path.replace("%2F", "/").replace("%2f", "/");
    Connection::open(arguments.virtual_host(&host)).await
}

/// A channel that confirms, and what it hears of it.
struct Publisher {
    channel: Channel,
    heard: UnboundedReceiver<Heard>,
    published: u64,
    /// The tags from 1 up to this one are confirmed.
    settled: u64,
}

impl Publisher {
    async fn open(connection: &Connection) -> Result<Self> {
        let channel = connection.open_channel(None).await?;
        let (tell, heard) = unbounded_channel();
        channel.register_callback(Listener(tell)).await?;
        channel
            .confirm_select(ConfirmSelectArguments::default())
            .await?;
        Ok(Self {
            channel,
            heard,
            published: 0,
            settled: 0,
        })
    }

    async fn send(
        &mut self,
        exchange: &str,
        key: &str,
        body: &[u8],
        properties: BasicProperties,
    ) -> Result<()> {
        let arguments = BasicPublishArguments::new(exchange, key)
            .mandatory(true)
            .finish();
        self.published += 1;
        self.channel
            .basic_publish(properties, body.to_vec(), arguments)
            .await
    }

    /// Waits until all that was published is confirmed; gives what else was heard.
    async fn confirmed(&mut self) -> Vec<Heard> {
        let mut rest = Vec::new();
        let mut open: Vec<u64> = (self.settled + 1..=self.published).collect();
        while !open.is_empty() {
            match self.heard.recv().await.expect("an open channel") {
                Heard::Ack(tag, true) => open.retain(|it| *it > tag),
                Heard::Ack(tag, false) => open.retain(|it| *it != tag),
                other => rest.push(other),
            }
        }
        self.settled = self.published;
        rest
    }
}

async fn own_queue(channel: &Channel) -> Result<String> {
    let arguments = QueueDeclareArguments::new("").exclusive(true).finish();
    let (name, _, _) = channel.queue_declare(arguments).await?.expect("an answer");
    Ok(name)
}

async fn waiting(channel: &Channel, queue: &str) -> Result<u32> {
    let arguments = QueueDeclareArguments::new(queue).passive(true).finish();
    let (_, messages, _) = channel.queue_declare(arguments).await?.expect("an answer");
    Ok(messages)
}

async fn get(channel: &Channel, queue: &str) -> Result<Option<Vec<u8>>> {
    let arguments = BasicGetArguments::new(queue).no_ack(true).finish();
    let got = channel.basic_get(arguments).await?;
    Ok(got.map(|(_, _, body)| body))
}

async fn route(publisher: &mut Publisher, queue: &str, news: &str) -> Result<()> {
    let arguments = ExchangeDeclareArguments::new(news, "topic")
        .auto_delete(true)
        .finish();
    publisher.channel.exchange_declare(arguments).await?;
    let arguments = QueueBindArguments::new(queue, news, "*.sport.#");
    publisher.channel.queue_bind(arguments).await?;
    let none = BasicProperties::default;
    for key in ["eu.sport", "eu.sport.chess", "us.sport"] {
        publisher.send(news, key, b"", none()).await?;
    }
    assert_eq!(publisher.confirmed().await, []);
    let purged = publisher
        .channel
        .queue_purge(QueuePurgeArguments::new(queue))
        .await?;
    assert_eq!(purged, Some(3));
    step("topic");
    for key in ["sport", "eu.art"] {
        publisher.send(news, key, b"lost", none()).await?;
        let returned = Heard::Return(312, key.to_owned(), b"lost".to_vec());
        assert_eq!(publisher.confirmed().await, [returned]);
    }
    step("returned");
    for number in 0..100 {
        let body = number.to_string();
        publisher
            .send(news, "eu.sport", body.as_bytes(), none())
            .await?;
    }
    assert_eq!(publisher.confirmed().await, []);
    assert_eq!(waiting(&publisher.channel, queue).await?, 100);
    step("confirms");
    Ok(())
}

async fn consume(connection: &Connection, queue: &str) -> Result<()> {
    let channel = connection.open_channel(None).await?;
    channel
        .basic_qos(BasicQosArguments::new(0, 10, false))
        .await?;
    let arguments = BasicConsumeArguments::new(queue, "c")
        .manual_ack(true)
        .finish();
    let (tag, mut arrived) = channel.basic_consume_rx(arguments).await?;
    for number in 0..100 {
        let message = arrived.recv().await.expect("a delivery");
        let deliver = message.deliver.expect("its method");
        assert_eq!(message.content, Some(number.to_string().into_bytes()));
        assert!(!deliver.redelivered());
        if number == 0 {
            assert_eq!(waiting(&channel, queue).await?, 90);
        }
        let arguments = BasicAckArguments::new(deliver.delivery_tag(), false);
        channel.basic_ack(arguments).await?;
    }
    channel
        .basic_cancel(BasicCancelArguments::new(&tag))
        .await?;
    channel.close().await?;
    step("consume");
    Ok(())
}

async fn fetch(publisher: &mut Publisher, queue: &str) -> Result<()> {
    let none = BasicProperties::default;
    publisher.send("", queue, b"again", none()).await?;
    assert_eq!(publisher.confirmed().await, []);
    let channel = publisher.channel.clone();
    let arguments = BasicGetArguments::new(queue);
    let got = channel.basic_get(arguments.clone()).await?;
    let (method, _, _) = got.expect("a message");
    assert!(!method.redelivered());
    let requeue = BasicNackArguments::new(method.delivery_tag(), false, true);
    channel.basic_nack(requeue).await?;
    let got = channel.basic_get(arguments).await?;
    let (method, _, body) = got.expect("the message again");
    assert!(method.redelivered());
    assert_eq!(body, b"again");
    let settle = BasicAckArguments::new(method.delivery_tag(), false);
    channel.basic_ack(settle).await?;
    step("requeue");
    for body in [b"a", b"b"] {
        publisher.send("", queue, body, none()).await?;
    }
    assert_eq!(publisher.confirmed().await, []);
    let arguments = BasicGetArguments::new(queue).no_ack(true).finish();
    let got = channel.basic_get(arguments).await?;
    let (method, _, body) = got.expect("a message");
    assert_eq!(method.message_count(), 1);
    assert_eq!(body, b"a");
    assert_eq!(get(&channel, queue).await?, Some(b"b".to_vec()));
    assert_eq!(get(&channel, queue).await?, None);
    step("get");
    Ok(())
}

fn table(entries: Vec<(&str, FieldValue)>) -> FieldTable {
    let mut table = FieldTable::new();
    for (name, value) in entries {
        table.insert(name.try_into().expect("a short name"), value);
    }
    table
}

async fn properties(publisher: &mut Publisher, queue: &str) -> Result<()> {
    let deep = table(vec![("deep", FieldValue::s(2))]);
    let list = FieldArray::try_from(vec![FieldValue::I(1), FieldValue::F(deep)]);
    let inner = table(vec![
        ("n", FieldValue::b(-1)),
        ("empty", FieldValue::F(FieldTable::new())),
    ]);
    let headers = table(vec![
        ("int", FieldValue::I(-5)),
        ("long", FieldValue::l(1 << 40)),
        ("float", FieldValue::f(0.5)),
        ("double", FieldValue::d(0.25)),
        ("text", FieldValue::from("wort – слово")),
        ("yes", FieldValue::t(true)),
        ("time", FieldValue::T(1_700_000_000)),
        ("none", FieldValue::V),
        ("list", FieldValue::A(list.expect("a short array"))),
        ("table", FieldValue::F(inner)),
    ]);
    let sent = BasicProperties::default()
        .with_content_type("text/plain")
        .with_content_encoding("identity")
        .with_headers(headers)
        .with_delivery_mode(1)
        .with_priority(3)
        .with_correlation_id("c")
        .with_reply_to("r")
        .with_expiration("60000")
        .with_message_id("m")
        .with_timestamp(1_700_000_000)
        .with_message_type("t")
        .with_user_id("guest")
        .with_app_id("a")
        .finish();
    publisher.send("", queue, b"", sent.clone()).await?;
    assert_eq!(publisher.confirmed().await, []);
    let arguments = BasicGetArguments::new(queue).no_ack(true).finish();
    let got = publisher.channel.basic_get(arguments).await?;
    let (_, properties, body) = got.expect("a message");
    // The headers are a map without an order.
    assert_eq!(properties.headers(), sent.headers());
    let rest =
        |it: &BasicProperties| format!("{:?}", it.clone().with_headers(FieldTable::new()).finish());
    assert_eq!(rest(&properties), rest(&sent));
    assert!(body.is_empty());
    step("properties");
    let large = steps::large();
    publisher
        .send("", queue, &large, BasicProperties::default())
        .await?;
    assert_eq!(publisher.confirmed().await, []);
    assert!(get(&publisher.channel, queue).await? == Some(large));
    step("large");
    Ok(())
}

async fn exceptions(connection: &Connection, publisher: &mut Publisher, queue: &str) -> Result<()> {
    let channel = publisher.channel.clone();
    let doubtful = connection.open_channel(None).await?;
    let missing = format!("{PREFIX}missing");
    waiting(&doubtful, &missing)
        .await
        .expect_err("a missing queue was found");
    assert!(!doubtful.is_open());
    assert_eq!(waiting(&channel, queue).await?, 0);
    step("exception");
    let transacted = connection.open_channel(None).await?;
    transacted.tx_select().await?;
    let send = |body: &[u8]| {
        let arguments = BasicPublishArguments::new("", queue);
        transacted.basic_publish(BasicProperties::default(), body.to_vec(), arguments)
    };
    send(b"dropped").await?;
    transacted.tx_rollback().await?;
    send(b"kept").await?;
    assert_eq!(get(&channel, queue).await?, None);
    transacted.tx_commit().await?;
    assert_eq!(get(&channel, queue).await?, Some(b"kept".to_vec()));
    step("tx");
    let doomed = own_queue(&channel).await?;
    let arguments = BasicConsumeArguments::new(&doomed, "doomed");
    // Its end stays open, or amqprs would cancel the consumer itself.
    let (tag, _arrived) = channel.basic_consume_rx(arguments).await?;
    channel
        .queue_delete(QueueDeleteArguments::new(&doomed))
        .await?;
    assert_eq!(publisher.heard.recv().await, Some(Heard::Cancel(tag)));
    step("cancelled");
    Ok(())
}

#[tokio::main]
async fn main() -> Result<()> {
    steps::version("amqprs");
    let connection = connect(&steps::url()).await?;
    let mut publisher = Publisher::open(&connection).await?;
    let queue = own_queue(&publisher.channel).await?;
    assert!(!queue.is_empty());
    step("server-named");
    let Err(refused) = connect(&steps::url_with_wrong_password()).await else {
        panic!("a wrong password was good enough");
    };
    // It does not ask to be told why, and so the broker closes in silence (CON-13).
    assert!(matches!(refused, Error::NetworkError(_)), "{refused}");
    step("refused");
    route(&mut publisher, &queue, &format!("{PREFIX}amqprs")).await?;
    consume(&connection, &queue).await?;
    fetch(&mut publisher, &queue).await?;
    properties(&mut publisher, &queue).await?;
    exceptions(&connection, &mut publisher, &queue).await?;
    steps::without(
        "blocked",
        "amqprs does not tell the broker that it understands connection.blocked",
    );
    // With an interval of 1 amqprs sends heartbeats without a pause.
    let quiet = connect(&format!("{}?heartbeat=2", steps::url())).await?;
    tokio::time::sleep(Duration::from_secs(6)).await;
    let channel = quiet.open_channel(None).await?;
    own_queue(&channel).await?;
    channel.close().await?;
    quiet.close().await?;
    step("heartbeat");
    publisher.channel.close().await?;
    connection.close().await?;
    step("close");
    Ok(())
}
