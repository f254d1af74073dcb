//! lapin, on tokio.

mod task;

use std::time::Duration;

use futures_lite::StreamExt;
use futures_lite::future::try_zip;
use lapin::options::*;
use lapin::types::FieldTable;
use lapin::{
    BasicProperties, Channel, Confirmation, Connection, ConnectionProperties, ExchangeKind,
};
use task::{QUEUE, SECOND, Task};

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

async fn declare(channel: &Channel, name: &str, exclusive: bool) -> Result<String> {
    let options = QueueDeclareOptions {
        exclusive,
        ..Default::default()
    };
    let queue = channel
        .queue_declare(name.into(), options, FieldTable::default())
        .await?;
    Ok(queue.name().to_string())
}

/// Publishes, and waits for confirmations where the channel has them.
async fn publish(
    channel: &Channel,
    queue: &str,
    bodies: &[Vec<u8>],
    properties: BasicProperties,
) -> Result<()> {
    let mut confirmations = Vec::new();
    for body in bodies {
        let options = BasicPublishOptions::default();
        confirmations.push(
            channel
                .basic_publish("".into(), queue.into(), options, body, properties.clone())
                .await?,
        );
    }
    for confirmation in confirmations {
        if let Confirmation::Nack(_) = confirmation.await? {
            return Err("basic.nack".into());
        }
    }
    Ok(())
}

async fn consume(channel: &Channel, queue: &str, count: usize, echo: bool) -> Result<Vec<Vec<u8>>> {
    let options = BasicConsumeOptions::default();
    let mut consumer = channel
        .basic_consume(queue.into(), "".into(), options, FieldTable::default())
        .await?;
    let mut received = Vec::new();
    while received.len() < count {
        let delivery = consumer.next().await.ok_or("the consumer was over")??;
        received.push(delivery.data.clone());
        if echo {
            publish(
                channel,
                SECOND,
                &received[received.len() - 1..],
                delivery.properties.clone(),
            )
            .await?;
        }
        delivery.ack(BasicAckOptions::default()).await?;
    }
    channel
        .basic_cancel(consumer.tag(), BasicCancelOptions::default())
        .await?;
    Ok(received)
}

async fn topology(channel: &Channel) -> Result<()> {
    let (one, other) = ("mqspec-x", "mqspec-y");
    let none = FieldTable::default;
    for name in [one, other] {
        channel
            .exchange_declare(name.into(), ExchangeKind::Topic, Default::default(), none())
            .await?;
    }
    channel
        .exchange_bind(
            other.into(),
            one.into(),
            "#".into(),
            Default::default(),
            none(),
        )
        .await?;
    declare(channel, QUEUE, false).await?;
    channel
        .queue_bind(
            QUEUE.into(),
            other.into(),
            "a.*".into(),
            Default::default(),
            none(),
        )
        .await?;
    channel
        .queue_purge(QUEUE.into(), Default::default())
        .await?;
    channel
        .queue_unbind(QUEUE.into(), other.into(), "a.*".into(), none())
        .await?;
    channel
        .exchange_unbind(
            other.into(),
            one.into(),
            "#".into(),
            Default::default(),
            none(),
        )
        .await?;
    channel
        .queue_delete(QUEUE.into(), Default::default())
        .await?;
    for name in [one, other] {
        channel
            .exchange_delete(name.into(), Default::default())
            .await?;
    }
    Ok(())
}

/// `held` keeps the connection from being closed by being forgotten, before it has said its last word.
async fn run(
    task: &Task,
    received: &mut Vec<Vec<u8>>,
    held: &mut Option<Connection>,
) -> Result<()> {
    let connection = Connection::connect(&task::url(), ConnectionProperties::default()).await?;
    let connection = held.insert(connection);
    let channel = connection.create_channel().await?;
    let none = BasicProperties::default;
    if [
        "publish",
        "confirm",
        "transaction",
        "consume",
        "get",
        "reject",
        "echo",
    ]
    .contains(&task.word.as_str())
    {
        declare(&channel, QUEUE, false).await?;
    }
    // A channel that nobody holds is closed.
    let mut channels = vec![channel.clone()];
    match task.word.as_str() {
        "declare" => received.push(declare(&channel, "", true).await?.into_bytes()),
        "publish" => publish(&channel, QUEUE, &task.bodies, none()).await?,
        "confirm" => {
            channel.confirm_select(Default::default()).await?;
            publish(&channel, QUEUE, &task.bodies, none()).await?;
        }
        word @ ("consume" | "echo") => {
            *received = consume(&channel, QUEUE, task.count, word == "echo").await?
        }
        word @ ("get" | "reject") => {
            for _ in 0..task.count {
                let Some(got) = channel.basic_get(QUEUE.into(), Default::default()).await? else {
                    continue;
                };
                received.push(got.delivery.data.clone());
                match word {
                    "get" => got.delivery.ack(Default::default()).await?,
                    _ => got.delivery.nack(Default::default()).await?,
                };
            }
        }
        "two" => {
            let second = connection.create_channel().await?;
            channels.push(second.clone());
            let one = consume(&channel, QUEUE, task.count, false);
            let (one, other) = try_zip(one, consume(&second, SECOND, task.count, false)).await?;
            *received = [one, other].concat();
        }
        "transaction" => {
            channel.tx_select().await?;
            publish(&channel, QUEUE, &task.bodies, none()).await?;
            channel.tx_commit().await?;
            publish(&channel, QUEUE, &task.bodies[..1], none()).await?;
            channel.tx_rollback().await?;
        }
        "channels" => {
            while channels.len() < task.count {
                channels.push(connection.create_channel().await?);
            }
            for each in &channels {
                publish(each, QUEUE, &task.bodies[..1], none()).await?;
            }
        }
        "idle" => {
            tokio::time::sleep(Duration::from_secs(task.count as u64)).await;
            if !connection.status().connected() {
                return Err("the connection is over".into());
            }
        }
        "topology" => topology(&channel).await?,
        _ => {}
    }
    // What it says of its own end may be an error where the broker was faster, and tells nothing of the task.
    let _ = channel.close(200, "done".into()).await;
    let _ = connection.close(200, "done".into()).await;
    Ok(())
}

#[tokio::main]
async fn main() {
    let (task, mut received, mut held) = (Task::read(), Vec::new(), None);
    let result = run(&task, &mut received, &mut held).await;
    task::answer("lapin", result, &received).await
}
