//! Real clients, which were not written for this broker, against the reference broker.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use futures_lite::StreamExt;
use lapin::options::{
    BasicAckOptions, BasicCancelOptions, BasicConsumeOptions, BasicGetOptions, BasicPublishOptions,
    BasicQosOptions, BasicRejectOptions, ConfirmSelectOptions, ExchangeBindOptions,
    ExchangeDeclareOptions, QueueBindOptions, QueueDeclareOptions, QueueDeleteOptions,
    QueuePurgeOptions,
};
use lapin::types::{AMQPValue, FieldTable, LongString, ShortString};
use lapin::{
    BasicProperties, Channel, Confirmation, Connection, ConnectionProperties, ExchangeKind,
};
use reference_broker::server::{Config, Server};

async fn connect(server: &Server) -> Connection {
    let url = format!("amqp://guest:guest@{}/%2f", server.address());
    Connection::connect(&url, ConnectionProperties::default())
        .await
        .expect("lapin connects")
}

async fn queue(channel: &Channel, name: &str) {
    let options = QueueDeclareOptions::default();
    channel
        .queue_declare(name.into(), options, FieldTable::default())
        .await
        .expect("a queue");
}

async fn count(channel: &Channel, name: &str) -> u32 {
    let options = QueueDeclareOptions {
        passive: true,
        ..QueueDeclareOptions::default()
    };
    let declared = channel
        .queue_declare(name.into(), options, FieldTable::default())
        .await;
    declared.expect("the queue is there").message_count()
}

#[tokio::test(flavor = "multi_thread")]
async fn lapin_publishes_with_confirms_and_consumes_with_acknowledgements() {
    let server = Server::start(Config::default()).await.expect("a broker");
    let connection = connect(&server).await;
    let channel = connection.create_channel().await.expect("a channel");
    queue(&channel, "work").await;
    channel
        .confirm_select(ConfirmSelectOptions::default())
        .await
        .expect("confirm.select-ok");
    let mut headers = FieldTable::default();
    headers.insert(ShortString::from("try"), AMQPValue::LongInt(1));
    headers.insert(
        ShortString::from("text"),
        AMQPValue::LongString(LongString::from("one")),
    );
    let properties = BasicProperties::default()
        .with_headers(headers.clone())
        .with_content_type("text/plain".into())
        .with_delivery_mode(2)
        .with_correlation_id("c-1".into());
    for number in 0..100u32 {
        let body = number.to_string();
        let options = BasicPublishOptions::default();
        let confirmation = channel
            .basic_publish(
                "".into(),
                "work".into(),
                options,
                body.as_bytes(),
                properties.clone(),
            )
            .await
            .expect("published")
            .await
            .expect("confirmed");
        assert_eq!(confirmation, Confirmation::Ack(None));
    }
    channel
        .basic_qos(10, BasicQosOptions::default())
        .await
        .expect("basic.qos-ok");
    let options = BasicConsumeOptions::default();
    let mut consumer = channel
        .basic_consume("work".into(), "c".into(), options, FieldTable::default())
        .await
        .expect("a consumer");
    for number in 0..100u32 {
        let delivery = consumer
            .next()
            .await
            .expect("a delivery")
            .expect("no error");
        assert_eq!(delivery.data, number.to_string().as_bytes());
        assert_eq!(delivery.properties.headers(), &Some(headers.clone()));
        assert_eq!(delivery.properties.correlation_id(), &Some("c-1".into()));
        assert!(!delivery.redelivered);
        delivery
            .ack(BasicAckOptions::default())
            .await
            .expect("acknowledged");
    }
    channel
        .basic_cancel("c".into(), BasicCancelOptions::default())
        .await
        .expect("basic.cancel-ok");
    assert_eq!(count(&channel, "work").await, 0);
    connection
        .close(200, "bye".into())
        .await
        .expect("connection.close-ok");
    server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn lapin_routes_returns_rejects_and_purges() {
    let server = Server::start(Config::default()).await.expect("a broker");
    let connection = connect(&server).await;
    let channel = connection.create_channel().await.expect("a channel");
    for (name, kind) in [
        ("t", ExchangeKind::Topic),
        ("f", ExchangeKind::Fanout),
        ("h", ExchangeKind::Headers),
    ] {
        let options = ExchangeDeclareOptions::default();
        channel
            .exchange_declare(name.into(), kind, options, FieldTable::default())
            .await
            .expect("an exchange");
    }
    queue(&channel, "a").await;
    queue(&channel, "b").await;
    let bind = QueueBindOptions::default();
    channel
        .queue_bind(
            "a".into(),
            "t".into(),
            "logs.*".into(),
            bind,
            FieldTable::default(),
        )
        .await
        .expect("bound");
    channel
        .queue_bind(
            "b".into(),
            "f".into(),
            "".into(),
            bind,
            FieldTable::default(),
        )
        .await
        .expect("bound");
    let options = ExchangeBindOptions::default();
    channel
        .exchange_bind(
            "f".into(),
            "t".into(),
            "logs.#".into(),
            options,
            FieldTable::default(),
        )
        .await
        .expect("exchange bound");
    channel
        .confirm_select(ConfirmSelectOptions::default())
        .await
        .expect("confirm.select-ok");
    for key in ["logs.one", "logs.one.two", "other"] {
        let options = BasicPublishOptions {
            mandatory: true,
            ..BasicPublishOptions::default()
        };
        let confirmation = channel
            .basic_publish(
                "t".into(),
                key.into(),
                options,
                key.as_bytes(),
                BasicProperties::default(),
            )
            .await
            .expect("published")
            .await
            .expect("confirmed");
        match confirmation {
            Confirmation::Ack(Some(returned)) => {
                assert_eq!((key, returned.reply_code), ("other", 312));
                assert_eq!(returned.delivery.data, b"other");
            }
            Confirmation::Ack(None) => assert_ne!(key, "other"),
            refused => panic!("{refused:?}"),
        }
    }
    assert_eq!(
        (count(&channel, "a").await, count(&channel, "b").await),
        (1, 2)
    );
    let got = channel
        .basic_get("b".into(), BasicGetOptions::default())
        .await
        .expect("get")
        .expect("a message");
    assert_eq!(got.message_count, 1);
    got.delivery
        .reject(BasicRejectOptions { requeue: true })
        .await
        .expect("rejected");
    let again = channel
        .basic_get("b".into(), BasicGetOptions::default())
        .await
        .expect("get")
        .expect("a message");
    assert!(again.delivery.redelivered);
    assert_eq!(again.delivery.data, b"logs.one");
    let purged = channel
        .queue_purge("b".into(), QueuePurgeOptions::default())
        .await
        .expect("purged");
    assert_eq!(purged, 1);
    let deleted = channel
        .queue_delete("a".into(), QueueDeleteOptions::default())
        .await
        .expect("deleted");
    assert_eq!(deleted, 1);
    channel
        .tx_select()
        .await
        .expect_err("a confirming channel has no transactions");
    let transacted = connection.create_channel().await.expect("another channel");
    transacted.tx_select().await.expect("tx.select-ok");
    transacted
        .basic_publish(
            "f".into(),
            "".into(),
            BasicPublishOptions::default(),
            b"t",
            BasicProperties::default(),
        )
        .await
        .expect("published");
    assert_eq!(
        count(&transacted, "b").await,
        1,
        "the one that was requeued and fetched is not back yet or is"
    );
    transacted.tx_commit().await.expect("tx.commit-ok");
    connection
        .close(200, "bye".into())
        .await
        .expect("connection.close-ok");
    server.shutdown().await;
}

/// Runs a program to its end and shows what it said if it failed.
fn run(command: &mut Command) -> Output {
    let output = command
        .output()
        .unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let said = String::from_utf8_lossy(&output.stdout).into_owned()
        + &String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "{command:?}: {}\n{said}",
        output.status
    );
    output
}

/// The version that is tried everywhere.
fn pika() -> &'static str {
    include_str!("clients/python/requirements.txt")
        .lines()
        .find(|line| line.starts_with("pika=="))
        .expect("a version of pika")
}

/// A virtual environment with pika in it, made once below the target directory.
fn python_with_pika() -> Option<PathBuf> {
    let found = Command::new("python3")
        .arg("--version")
        .output()
        .is_ok_and(|output| output.status.success());
    if !found {
        assert!(
            std::env::var_os("CI").is_none(),
            "python3 is missing, and CI must not skip pika"
        );
        println!("skipped: python3 is not installed, so pika cannot be tried");
        return None;
    }
    let environment = Path::new(env!("CARGO_TARGET_TMPDIR")).join("pika");
    let python = environment.join("bin/python");
    if !python.exists() {
        run(Command::new("python3")
            .args(["-m", "venv"])
            .arg(&environment));
    }
    let there = Command::new(&python)
        .args(["-m", "pip", "freeze"])
        .output()
        .is_ok_and(|output| String::from_utf8_lossy(&output.stdout).contains(pika()));
    if !there {
        run(Command::new(&python).args(["-m", "pip", "install", "--quiet", pika()]));
    }
    Some(python)
}

#[tokio::test(flavor = "multi_thread")]
async fn pika_does_what_its_users_do() {
    let Some(python) = python_with_pika() else {
        return;
    };
    let server = Server::start(Config::default()).await.expect("a broker");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("clients/python/pika_client.py");
    let url = format!("amqp://guest:guest@{}/%2f", server.address());
    let output = tokio::task::spawn_blocking(move || {
        run(Command::new(python).arg(script).env("AMQP_URL", url))
    });
    let output = output.await.expect("the program ran");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(said.trim().ends_with("step close"), "{said}");
    server.shutdown().await;
}
