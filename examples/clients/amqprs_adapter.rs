//! amqprs, with callbacks that pass on what they are told.

mod task;

use std::time::Duration;

use amqprs::callbacks::ChannelCallback;
use amqprs::channel::*;
use amqprs::connection::{Connection, OpenConnectionArguments};
use amqprs::{Ack, BasicProperties, Cancel, CloseChannel, Nack, Return};
use async_trait::async_trait;
use task::{QUEUE, SECOND, Task};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;
type Done = std::result::Result<(), amqprs::error::Error>;

/// How many publishes are confirmed, up to which tag, or that the channel is over.
struct Listener(UnboundedSender<std::result::Result<(u64, bool), String>>);

#[async_trait]
impl ChannelCallback for Listener {
    async fn close(&mut self, _: &Channel, close: CloseChannel) -> Done {
        // The program may have ended; so may it everywhere below.
        let _ = self.0.send(Err(close.to_string()));
        Ok(())
    }
    async fn cancel(&mut self, _: &Channel, _: Cancel) -> Done {
        Ok(())
    }
    async fn flow(
        &mut self,
        _: &Channel,
        active: bool,
    ) -> std::result::Result<bool, amqprs::error::Error> {
        Ok(active)
    }
    async fn publish_ack(&mut self, _: &Channel, ack: Ack) {
        let _ = self.0.send(Ok((ack.delivery_tag(), ack.mutiple())));
    }
    async fn publish_nack(&mut self, _: &Channel, nack: Nack) {
        let _ = self
            .0
            .send(Err(format!("basic.nack {}", nack.delivery_tag())));
    }
    async fn publish_return(&mut self, _: &Channel, _: Return, _: BasicProperties, _: Vec<u8>) {}
}

async fn declare(channel: &Channel, name: &str, exclusive: bool) -> Result<String> {
    let arguments = QueueDeclareArguments::new(name)
        .exclusive(exclusive)
        .finish();
    Ok(channel
        .queue_declare(arguments)
        .await?
        .ok_or("no answer")?
        .0)
}

async fn publish(
    channel: &Channel,
    queue: &str,
    bodies: &[Vec<u8>],
    properties: BasicProperties,
) -> Result<()> {
    for body in bodies {
        let arguments = BasicPublishArguments::new("", queue);
        channel
            .basic_publish(properties.clone(), body.clone(), arguments)
            .await?;
    }
    Ok(())
}

async fn confirm(channel: &Channel, bodies: &[Vec<u8>]) -> Result<()> {
    let (tell, mut heard) = unbounded_channel();
    channel.register_callback(Listener(tell)).await?;
    channel
        .confirm_select(ConfirmSelectArguments::default())
        .await?;
    publish(channel, QUEUE, bodies, BasicProperties::default()).await?;
    let mut open: Vec<u64> = (1..=bodies.len() as u64).collect();
    while !open.is_empty() {
        let (tag, multiple) = heard.recv().await.ok_or("the channel is over")??;
        open.retain(|it| if multiple { *it > tag } else { *it != tag });
    }
    Ok(())
}

async fn consume(channel: &Channel, queue: &str, count: usize, echo: bool) -> Result<Vec<Vec<u8>>> {
    let arguments = BasicConsumeArguments::new(queue, "")
        .manual_ack(true)
        .finish();
    let (tag, mut arrived) = channel.basic_consume_rx(arguments).await?;
    let mut received = Vec::new();
    while received.len() < count {
        let message = arrived.recv().await.ok_or("the consumer was over")?;
        received.push(message.content.ok_or("no content")?);
        if echo {
            let properties = message.basic_properties.ok_or("no properties")?;
            publish(channel, SECOND, &received[received.len() - 1..], properties).await?;
        }
        let tag = message.deliver.ok_or("no deliver")?.delivery_tag();
        channel
            .basic_ack(BasicAckArguments::new(tag, false))
            .await?;
    }
    channel
        .basic_cancel(BasicCancelArguments::new(&tag))
        .await?;
    Ok(received)
}

async fn topology(channel: &Channel) -> Result<()> {
    let (one, other) = ("mqspec-x", "mqspec-y");
    for name in [one, other] {
        channel
            .exchange_declare(ExchangeDeclareArguments::new(name, "topic"))
            .await?;
    }
    channel
        .exchange_bind(ExchangeBindArguments::new(other, one, "#"))
        .await?;
    declare(channel, QUEUE, false).await?;
    channel
        .queue_bind(QueueBindArguments::new(QUEUE, other, "a.*"))
        .await?;
    channel.queue_purge(QueuePurgeArguments::new(QUEUE)).await?;
    channel
        .queue_unbind(QueueUnbindArguments::new(QUEUE, other, "a.*"))
        .await?;
    channel
        .exchange_unbind(ExchangeUnbindArguments::new(other, one, "#"))
        .await?;
    channel
        .queue_delete(QueueDeleteArguments::new(QUEUE))
        .await?;
    for name in [one, other] {
        channel
            .exchange_delete(ExchangeDeleteArguments::new(name))
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
    let mut arguments = OpenConnectionArguments::try_from(task::url().as_str())?;
    // amqprs takes the path as it is written.
    let connection = Connection::open(arguments.virtual_host("/")).await?;
    let connection = held.insert(connection).clone();
    let channel = connection.open_channel(None).await?;
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
        "confirm" => confirm(&channel, &task.bodies).await?,
        word @ ("consume" | "echo") => {
            *received = consume(&channel, QUEUE, task.count, word == "echo").await?
        }
        word @ ("get" | "reject") => {
            for _ in 0..task.count {
                let got = channel.basic_get(BasicGetArguments::new(QUEUE)).await?;
                let Some((method, _, body)) = got else {
                    continue;
                };
                received.push(body);
                let tag = method.delivery_tag();
                match word {
                    "get" => {
                        channel
                            .basic_ack(BasicAckArguments::new(tag, false))
                            .await?
                    }
                    _ => {
                        channel
                            .basic_nack(BasicNackArguments::new(tag, false, false))
                            .await?
                    }
                }
            }
        }
        "two" => {
            let second = connection.open_channel(None).await?;
            channels.push(second.clone());
            let one = consume(&channel, QUEUE, task.count, false);
            let (one, other) = tokio::try_join!(one, consume(&second, SECOND, task.count, false))?;
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
                channels.push(connection.open_channel(None).await?);
            }
            for each in &channels {
                publish(each, QUEUE, &task.bodies[..1], none()).await?;
            }
        }
        "idle" => {
            tokio::time::sleep(Duration::from_secs(task.count as u64)).await;
            if !connection.is_open() {
                return Err("the connection is over".into());
            }
        }
        "topology" => topology(&channel).await?,
        _ => {}
    }
    // What it says of its own end is an error where the broker was faster, and tells nothing of the task.
    let _ = channel.close().await;
    let _ = connection.close().await;
    Ok(())
}

#[tokio::main]
async fn main() {
    let (task, mut received, mut held) = (Task::read(), Vec::new(), None);
    let result = run(&task, &mut received, &mut held).await;
    task::answer("amqprs", result, &received).await
}
