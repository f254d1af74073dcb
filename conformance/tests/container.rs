//! A broker in a container: started, controlled, and nothing of it left behind.
//!
//! Needs a container engine and the image that `.ci/make-rabbitmq-image` makes. With `REQUIRE_DOCKER` set, their
//! absence fails; without, it is a printed reason to skip.

#![cfg(feature = "containers")]

use std::env;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use mqspec::target::{Request, TargetError, Via, start};
use tokio::net::TcpStream;

const IMAGE: &str = "mqspec/rabbitmq:3.10.8";

fn docker(arguments: &[&str]) -> Option<String> {
    let output = Command::new("docker").args(arguments).output().ok()?;
    output
        .status
        .success()
        .then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Whether there is an engine with the image.
fn equipped() -> bool {
    let there = docker(&["image", "inspect", IMAGE]).is_some();
    if !there {
        assert!(
            env::var_os("REQUIRE_DOCKER").is_none(),
            "no container engine has the image {IMAGE}"
        );
        println!("skipped: no container engine has the image {IMAGE}");
    }
    there
}

/// Containers that were made for a target of this name.
fn containers(name: &str) -> String {
    docker(&["ps", "-aq", "--filter", &format!("name=mqspec-{name}-")]).unwrap()
}

async fn refusal(folder: &Path, name: &str, container: &str) -> TargetError {
    let path = folder.join(format!("{name}.toml"));
    std::fs::write(&path, format!("about = 'x'\n[container]\n{container}\n")).unwrap();
    let target = path.to_str().map(str::to_owned);
    start(&Request {
        target,
        ..Request::default()
    })
    .await
    .unwrap_err()
}

#[tokio::test(flavor = "multi_thread")]
async fn rabbitmq_is_started_controlled_and_leaves_nothing_behind() {
    if !equipped() {
        return;
    }
    let request = Request {
        target: Some("rabbitmq".to_owned()),
        via: Some(Via::Container),
        ..Request::default()
    };
    let began = Instant::now();
    let started = start(&request).await.unwrap();
    println!("started in {:?}", began.elapsed());
    let address = (started.endpoint.host.clone(), started.endpoint.port);
    assert_eq!(address.0, "127.0.0.1");
    assert!(!containers("rabbitmq").is_empty());
    assert!(
        started
            .log_tail()
            .unwrap()
            .contains("Server startup complete")
    );
    for control in ["alarm-on", "alarm-off", "restart", "kill"] {
        let began = Instant::now();
        started.controls.perform(control).await.unwrap();
        println!("{control} in {:?}", began.elapsed());
        TcpStream::connect((address.0.as_str(), address.1))
            .await
            .unwrap();
    }
    let began = Instant::now();
    started.stop().await.unwrap();
    println!("stopped in {:?}", began.elapsed());
    assert_eq!(containers("rabbitmq"), "");
    TcpStream::connect((address.0.as_str(), address.1))
        .await
        .unwrap_err();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_come_up_is_reported_and_removed() {
    if !equipped() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let image = format!("image = '{IMAGE}'\nport = 5672\nstart-seconds = 1");
    let silent = format!("{image}\ncommand = ['sh', '-c', 'echo waiting; sleep 1000']");
    let early = format!("{image}\ncommand = ['sh', '-c', 'echo the end is near; exit 7']");
    let missing = format!("{image}\ncommand = ['no-such-program']");
    for (name, container, reasons) in [
        ("early", early, ["exit status 7", "the end is near"]),
        (
            "missing",
            missing,
            ["no container can be made", "no-such-program"],
        ),
        ("silent", silent, ["not ready within 1 s", "waiting"]),
        (
            "unknown",
            "image = 'localhost:1/no/such:1'\nport = 1".to_owned(),
            ["localhost:1/no/such:1", "pulled"],
        ),
    ] {
        let error = refusal(folder.path(), name, &container).await;
        assert!(!error.is_usage());
        let message = error.to_string();
        assert!(
            reasons.iter().all(|reason| message.contains(reason)),
            "{name}: {message}"
        );
        assert_eq!(containers(name), "", "{name}");
    }
}

/// Both flavours, since a runtime that is busy with the drop cannot remove anything itself.
fn dropped_in(runtime: &tokio::runtime::Runtime) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("dropped.toml");
    let known = std::fs::read_to_string(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../targets/rabbitmq.toml"
    ))
    .unwrap();
    std::fs::write(&path, known).unwrap();
    let request = Request {
        target: path.to_str().map(str::to_owned),
        via: Some(Via::Container),
        ..Request::default()
    };
    let started = runtime.block_on(start(&request)).unwrap();
    assert!(!containers("dropped").is_empty());
    drop(started);
    assert_eq!(containers("dropped"), "");
}

#[test]
fn dropping_a_started_container_removes_it() {
    if !equipped() {
        return;
    }
    dropped_in(
        &tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap(),
    );
    dropped_in(
        &tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()
            .unwrap(),
    );
}

/// Set for the part of a test below that runs without an engine.
const ALONE: &str = "MQSPEC_TEST_ALONE";

#[tokio::test]
async fn without_an_engine_the_message_says_what_to_do() {
    if env::var_os(ALONE).is_some() {
        let target = Some("rabbitmq".to_owned());
        let error = start(&Request {
            target,
            via: Some(Via::Container),
            ..Request::default()
        })
        .await
        .unwrap_err();
        assert!(!error.is_usage());
        println!("{error}");
        return;
    }
    let output = Command::new(env::current_exe().unwrap())
        .args([
            "--exact",
            "without_an_engine_the_message_says_what_to_do",
            "--nocapture",
        ])
        .env("DOCKER_HOST", "unix:///no/such/docker.sock")
        .env(ALONE, "1")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}");
    for part in [
        "no container engine answers at unix:///no/such/docker.sock",
        "set DOCKER_HOST",
        "--via process",
    ] {
        assert!(said.contains(part), "{said}");
    }
}
