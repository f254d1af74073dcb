//! lapin, on tokio.

mod steps;

use std::time::Duration;

use futures_lite::StreamExt;
use futures_lite::future::zip;
use lapin::options::{
    BasicAckOptions, BasicCancelOptions, BasicConsumeOptions, BasicGetOptions, BasicNackOptions,
    BasicPublishOptions, BasicQosOptions, ConfirmSelectOptions, ExchangeDeclareOptions,
    QueueBindOptions, QueueDeclareOptions, QueueDeleteOptions, QueuePurgeOptions,
};
use lapin::protocol::{AMQPErrorKind, AMQPSoftError};
use lapin::types::{AMQPValue, FieldArray, FieldTable, LongString};
use lapin::{
    BasicProperties, Channel, Confirmation, Connection, ConnectionProperties, ErrorKind, Event,
    ExchangeKind, Result,
};
use steps::{PREFIX, step};

async fn connect(url: &str) -> Result<Connection> {
    Connection::connect(url, ConnectionProperties::default()).await
}

/// An exclusive queue that the broker names.
async fn own_queue(channel: &Channel) -> Result<String> {
    let options = QueueDeclareOptions {
        exclusive: true,
        ..QueueDeclareOptions::default()
    };
    let queue = channel
        .queue_declare("".into(), options, FieldTable::default())
        .await?;
    Ok(queue.name().to_string())
}

async fn waiting(channel: &Channel, queue: &str) -> Result<u32> {
    let options = QueueDeclareOptions {
        passive: true,
        ..QueueDeclareOptions::default()
    };
    let queue = channel
        .queue_declare(queue.into(), options, FieldTable::default())
        .await?;
    Ok(queue.message_count())
}

/// Publishes a mandatory message, and waits for what the broker says of it.
async fn publish(
    channel: &Channel,
    exchange: &str,
    key: &str,
    body: &[u8],
    properties: BasicProperties,
) -> Result<Confirmation> {
    let options = BasicPublishOptions {
        mandatory: true,
        ..BasicPublishOptions::default()
    };
    channel
        .basic_publish(exchange.into(), key.into(), options, body, properties)
        .await?
        .await
}

async fn get(channel: &Channel, queue: &str) -> Result<Option<Vec<u8>>> {
    let options = BasicGetOptions { no_ack: true };
    let got = channel.basic_get(queue.into(), options).await?;
    Ok(got.map(|got| got.delivery.data))
}

fn protocol_error(error: &lapin::Error) -> Option<&AMQPErrorKind> {
    match error.kind() {
        ErrorKind::ProtocolError(error) => Some(error.kind()),
        _ => None,
    }
}

fn is(error: &lapin::Error, wanted: &AMQPSoftError) -> bool {
    matches!(protocol_error(error), Some(AMQPErrorKind::Soft(kind)) if kind == wanted)
}

async fn route(channel: &Channel, queue: &str, news: &str) -> Result<()> {
    let options = ExchangeDeclareOptions {
        auto_delete: true,
        ..ExchangeDeclareOptions::default()
    };
    channel
        .exchange_declare(
            news.into(),
            ExchangeKind::Topic,
            options,
            FieldTable::default(),
        )
        .await?;
    channel
        .queue_bind(
            queue.into(),
            news.into(),
            "*.sport.#".into(),
            QueueBindOptions::default(),
            FieldTable::default(),
        )
        .await?;
    channel
        .confirm_select(ConfirmSelectOptions::default())
        .await?;
    for key in ["eu.sport", "eu.sport.chess", "us.sport"] {
        let confirmation = publish(channel, news, key, b"", BasicProperties::default()).await?;
        assert_eq!(confirmation, Confirmation::Ack(None));
    }
    let purged = channel
        .queue_purge(queue.into(), QueuePurgeOptions::default())
        .await?;
    assert_eq!(purged, 3);
    step("topic");
    for key in ["sport", "eu.art"] {
        let said = publish(channel, news, key, b"lost", BasicProperties::default()).await?;
        let Confirmation::Ack(Some(returned)) = said else {
            panic!("{key} was not returned: {said:?}");
        };
        assert_eq!(returned.reply_code, 312);
        assert_eq!(returned.delivery.routing_key.as_str(), key);
        assert_eq!(returned.delivery.data, b"lost");
    }
    step("returned");
    let mut confirmations = Vec::new();
    for number in 0..100 {
        let body = number.to_string();
        let options = BasicPublishOptions::default();
        confirmations.push(
            channel
                .basic_publish(
                    news.into(),
                    "eu.sport".into(),
                    options,
                    body.as_bytes(),
                    BasicProperties::default(),
                )
                .await?,
        );
    }
    for confirmation in confirmations {
        assert_eq!(confirmation.await?, Confirmation::Ack(None));
    }
    assert_eq!(waiting(channel, queue).await?, 100);
    step("confirms");
    Ok(())
}

async fn consume(connection: &Connection, queue: &str) -> Result<()> {
    let channel = connection.create_channel().await?;
    channel.basic_qos(10, BasicQosOptions::default()).await?;
    let options = BasicConsumeOptions::default();
    let mut consumer = channel
        .basic_consume(queue.into(), "".into(), options, FieldTable::default())
        .await?;
    for number in 0..100 {
        let delivery = consumer.next().await.expect("a delivery")?;
        assert_eq!(delivery.data, number.to_string().as_bytes());
        assert!(!delivery.redelivered);
        if number == 0 {
            assert_eq!(waiting(&channel, queue).await?, 90);
        }
        assert!(delivery.ack(BasicAckOptions::default()).await?);
    }
    channel
        .basic_cancel(consumer.tag(), BasicCancelOptions::default())
        .await?;
    channel.close(200, "done".into()).await?;
    step("consume");
    Ok(())
}

async fn fetch(channel: &Channel, queue: &str) -> Result<()> {
    let options = BasicGetOptions::default();
    publish(channel, "", queue, b"again", BasicProperties::default()).await?;
    let got = channel.basic_get(queue.into(), options).await?;
    let got = got.expect("a message");
    assert!(!got.delivery.redelivered);
    let requeue = BasicNackOptions {
        requeue: true,
        ..BasicNackOptions::default()
    };
    got.delivery.nack(requeue).await?;
    let got = channel.basic_get(queue.into(), options).await?;
    let got = got.expect("the message again");
    assert!(got.delivery.redelivered);
    assert_eq!(got.delivery.data, b"again");
    got.delivery.ack(BasicAckOptions::default()).await?;
    step("requeue");
    for body in [b"a", b"b"] {
        publish(channel, "", queue, body, BasicProperties::default()).await?;
    }
    let options = BasicGetOptions { no_ack: true };
    let got = channel.basic_get(queue.into(), options).await?;
    let got = got.expect("a message");
    assert_eq!(got.message_count, 1);
    assert_eq!(got.delivery.data, b"a");
    assert_eq!(get(channel, queue).await?, Some(b"b".to_vec()));
    assert_eq!(get(channel, queue).await?, None);
    step("get");
    Ok(())
}

fn table(entries: &[(&str, AMQPValue)]) -> FieldTable {
    let mut table = FieldTable::default();
    for (name, value) in entries {
        table.insert((*name).into(), value.clone());
    }
    table
}

async fn properties(channel: &Channel, queue: &str) -> Result<()> {
    let deep = table(&[("deep", AMQPValue::ShortInt(2))]);
    let list: FieldArray = vec![AMQPValue::LongInt(1), AMQPValue::FieldTable(deep)].into();
    let inner = table(&[
        ("n", AMQPValue::ShortShortInt(-1)),
        ("empty", AMQPValue::FieldTable(FieldTable::default())),
    ]);
    let headers = table(&[
        ("int", AMQPValue::LongInt(-5)),
        ("long", AMQPValue::LongLongInt(1 << 40)),
        ("float", AMQPValue::Float(0.5)),
        ("double", AMQPValue::Double(0.25)),
        (
            "text",
            AMQPValue::LongString(LongString::from("wort – слово")),
        ),
        ("yes", AMQPValue::Boolean(true)),
        ("time", AMQPValue::Timestamp(1_700_000_000)),
        ("none", AMQPValue::Void),
        ("list", AMQPValue::FieldArray(list)),
        ("table", AMQPValue::FieldTable(inner)),
    ]);
    let sent = BasicProperties::default()
        .with_content_type("text/plain".into())
        .with_content_encoding("identity".into())
        .with_headers(headers)
        .with_delivery_mode(1)
        .with_priority(3)
        .with_correlation_id("c".into())
        .with_reply_to("r".into())
        .with_expiration("60000".into())
        .with_message_id("m".into())
        .with_timestamp(1_700_000_000)
        .with_type("t".into())
        .with_user_id("guest".into())
        .with_app_id("a".into());
    publish(channel, "", queue, b"", sent.clone()).await?;
    let options = BasicGetOptions { no_ack: true };
    let got = channel.basic_get(queue.into(), options).await?;
    let got = got.expect("a message");
    assert_eq!(got.delivery.properties, sent);
    assert!(got.delivery.data.is_empty());
    step("properties");
    let large = steps::large();
    publish(channel, "", queue, &large, BasicProperties::default()).await?;
    assert!(get(channel, queue).await? == Some(large));
    step("large");
    Ok(())
}

async fn exceptions(connection: &Connection, channel: &Channel, queue: &str) -> Result<()> {
    let doubtful = connection.create_channel().await?;
    let missing = format!("{PREFIX}missing");
    let error = waiting(&doubtful, &missing)
        .await
        .expect_err("a missing queue was found");
    assert!(is(&error, &AMQPSoftError::NOTFOUND), "{error}");
    assert_eq!(waiting(channel, queue).await?, 0);
    step("exception");
    let transacted = connection.create_channel().await?;
    transacted.tx_select().await?;
    let send = |body: &'static [u8]| {
        transacted.basic_publish(
            "".into(),
            queue.into(),
            BasicPublishOptions::default(),
            body,
            BasicProperties::default(),
        )
    };
    send(b"dropped").await?;
    transacted.tx_rollback().await?;
    send(b"kept").await?;
    assert_eq!(get(channel, queue).await?, None);
    transacted.tx_commit().await?;
    assert_eq!(get(channel, queue).await?, Some(b"kept".to_vec()));
    step("tx");
    let doomed = own_queue(channel).await?;
    let options = BasicConsumeOptions::default();
    let mut consumer = channel
        .basic_consume(
            doomed.as_str().into(),
            "".into(),
            options,
            FieldTable::default(),
        )
        .await?;
    channel
        .queue_delete(doomed.into(), QueueDeleteOptions::default())
        .await?;
    assert!(consumer.next().await.is_none(), "a delivery from nowhere");
    step("cancelled");
    Ok(())
}

async fn blocked(connection: &Connection, channel: &Channel, queue: &str) -> Result<()> {
    let mut events = Box::pin(connection.events_listener());
    steps::alarm(true);
    // lapin writes nothing while it is blocked, so that publishing may take until the alarm is over.
    let publishing = publish(channel, "", queue, b"late", BasicProperties::default());
    let listening = async {
        while !matches!(events.next().await, Some(Event::ConnectionBlocked(_))) {}
        steps::alarm(false);
        while !matches!(events.next().await, Some(Event::ConnectionUnblocked)) {}
    };
    let (confirmation, ()) = zip(publishing, listening).await;
    assert_eq!(confirmation?, Confirmation::Ack(None));
    assert_eq!(get(channel, queue).await?, Some(b"late".to_vec()));
    step("blocked");
    Ok(())
}

#[tokio::main]
async fn main() -> Result<()> {
    steps::version("lapin");
    let connection = connect(&steps::url()).await?;
    let channel = connection.create_channel().await?;
    let queue = own_queue(&channel).await?;
    assert!(!queue.is_empty());
    step("server-named");
    let refused = connect(&steps::url_with_wrong_password())
        .await
        .expect_err("a wrong password was good enough");
    assert!(is(&refused, &AMQPSoftError::ACCESSREFUSED), "{refused}");
    step("refused");
    route(&channel, &queue, &format!("{PREFIX}lapin")).await?;
    consume(&connection, &queue).await?;
    fetch(&channel, &queue).await?;
    properties(&channel, &queue).await?;
    exceptions(&connection, &channel, &queue).await?;
    if steps::can_alarm() {
        blocked(&connection, &channel, &queue).await?;
    } else {
        steps::without("blocked", "no command raises an alarm");
    }
    let quiet = connect(&format!("{}?heartbeat=2", steps::url())).await?;
    tokio::time::sleep(Duration::from_secs(6)).await;
    let channel = quiet.create_channel().await?;
    own_queue(&channel).await?;
    quiet.close(200, "bye".into()).await?;
    step("heartbeat");
    connection.close(200, "bye".into()).await?;
    step("close");
    Ok(())
}
