//! Extensions that no greeting tells, on a broker that has one, on one that ignores it, and on one that gets it wrong.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use mqspec::dialect::amqp;
use mqspec::run::{RunReport, Verdict};
use mqspec::suite::Suite;
use mqspec::target::{self, Request};
use mqspec_tests::run;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

const NO_NEED: &str = r#"
case t/elsewhere
  "What needs no extension is asked of every broker"
  clause DOC-04
  > queue.declare queue=$q exclusive=true
  < queue.declare-ok
"#;

/// A case about an extension, which expects this body behind an alternate exchange.
fn case(id: &str, title: &str, body: &str) -> String {
    format!(
        r#"
case {id}
  "{title}"
  clause EXT-09
  needs offer.alternate-exchange
  > exchange.declare exchange=$x_alt type=fanout
  < exchange.declare-ok
  > exchange.declare exchange=$x type=direct arguments={{alternate-exchange="${{x_alt}}"}}
  < exchange.declare-ok
  > queue.declare queue=$q exclusive=true
  < queue.declare-ok
  > queue.bind queue=$q exchange=$x_alt
  < queue.bind-ok
  > basic.publish exchange=$x body=m1
  > basic.get queue=$q no-ack=true
  < basic.get-ok body={body}
"#
    )
}

fn script() -> Suite {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("offers.mqs");
    let right = "The alternate exchange gets what is routed nowhere";
    let wrong = "The alternate exchange changes the message";
    let text = [
        "protocol amqp-0-9-1\n".to_owned(),
        case("t/right", right, "m1"),
        case("t/wrong", wrong, "m2"),
        NO_NEED.to_owned(),
    ]
    .concat();
    std::fs::write(&path, text).expect("written");
    Suite::from_path(&path, amqp::dialect()).unwrap_or_else(|mistakes| panic!("{mistakes}"))
}

fn verdicts(report: &RunReport) -> Vec<(&str, Verdict)> {
    report
        .cases
        .iter()
        .map(|case| (case.id.as_str(), case.verdict))
        .collect()
}

/// Stands between the suite and a broker, and hides one word of the client's from the broker, by another last letter.
/// Counts how often it had to.
async fn hide(word: &'static [u8], broker: (String, u16)) -> (u16, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("its address").port();
    let hidden = Arc::new(AtomicUsize::new(0));
    let count = hidden.clone();
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let server = TcpStream::connect((broker.0.as_str(), broker.1))
                .await
                .expect("the broker");
            let (mut from_client, mut to_client) = client.into_split();
            let (mut from_server, mut to_server) = server.into_split();
            let count = count.clone();
            tokio::spawn(async move {
                let mut buffer = vec![0; 65536];
                while let Ok(length @ 1..) = from_client.read(&mut buffer).await {
                    let octets = &mut buffer[..length];
                    for at in 0..length.saturating_sub(word.len() - 1) {
                        if octets[at..].starts_with(word) {
                            octets[at + word.len() - 1] = b'X';
                            count.fetch_add(1, Ordering::SeqCst);
                        }
                    }
                    if to_server.write_all(octets).await.is_err() {
                        return;
                    }
                }
            });
            tokio::spawn(async move { tokio::io::copy(&mut from_server, &mut to_client).await });
        }
    });
    (port, hidden)
}

#[tokio::test(flavor = "multi_thread")]
async fn where_it_is_offered_a_wrong_answer_fails() {
    let report = run(&Request::default(), script(), 4).await;
    let expected = [
        ("t/right", Verdict::Passed),
        ("t/wrong", Verdict::Failed),
        ("t/elsewhere", Verdict::Passed),
    ];
    assert_eq!(verdicts(&report), expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn where_it_is_ignored_the_broker_is_asked_once_and_the_cases_are_skipped() {
    let broker = target::start(&Request::default())
        .await
        .unwrap_or_else(|error| panic!("{error}"));
    let endpoint = broker.endpoint.clone();
    let (port, hidden) = hide(b"\x12alternate-exchange", (endpoint.host, endpoint.port)).await;
    let request = Request {
        target: Some(format!(
            "amqp://{}:{}@127.0.0.1:{port}/%2f",
            endpoint.user, endpoint.password
        )),
        ..Request::default()
    };
    let report = run(&request, script(), 4).await;
    let expected = [
        ("t/right", Verdict::Skipped),
        ("t/wrong", Verdict::Skipped),
        ("t/elsewhere", Verdict::Passed),
    ];
    assert_eq!(verdicts(&report), expected);
    let detail = &report.cases[0].detail;
    assert!(
        detail.starts_with("the target does not offer alternate-exchange: "),
        "{detail}"
    );
    assert_eq!(hidden.load(Ordering::SeqCst), 1);
}
