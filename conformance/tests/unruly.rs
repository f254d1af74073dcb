//! Brokers that misbehave as a whole: the report is complete all the same, and names the culprit.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use mqspec::dialect::amqp;
use mqspec::fuzz::{Campaign, Kind};
use mqspec::run::{
    ControlFuture, Controls, Endpoint, Instance, Lost, Patience, Plan, RunReport, Supply,
    SupplyFuture, Verdict, run,
};
use mqspec::suite::Suite;
use mqspec::target::{self, Request};
use reference_broker::server::{Config, Server};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};

/// How a broker misbehaves.
#[derive(Debug, Clone, Copy)]
enum Vice {
    /// Hangs as a whole once it has read this word, and stays so until it is restarted.
    HangsAt(&'static [u8]),
    /// Hangs up on every third connection, in the middle.
    HangsUp,
    /// Closes its listening socket after so many connections.
    Leaves(usize),
    /// After so many connections, accepts and says nothing.
    FallsSilent(usize),
    /// After so many connections, sends heartbeats without end.
    Floods(usize),
    /// After so many connections, answers what is no protocol.
    Babbles(usize),
    /// Reads no more once it has read this word.
    StopsReadingAt(&'static [u8]),
}

/// A reference broker behind a door that misbehaves.
struct Unruly {
    endpoint: Endpoint,
    hung: Arc<AtomicBool>,
    _server: Server,
}

impl Unruly {
    async fn start(vice: Vice) -> Arc<Unruly> {
        let server = Server::start(Config::default()).await.unwrap();
        let behind = server.address();
        let door = TcpSocket::new_v4().unwrap();
        // Little is written to whoever does not read.
        door.set_recv_buffer_size(4096).unwrap();
        door.bind(([127, 0, 0, 1], 0).into()).unwrap();
        let door = door.listen(64).unwrap();
        let port = door.local_addr().unwrap().port();
        let hung = Arc::new(AtomicBool::new(false));
        let state = hung.clone();
        tokio::spawn(async move {
            let connections = AtomicUsize::new(0);
            while let Ok((client, _)) = door.accept().await {
                let number = connections.fetch_add(1, Ordering::SeqCst);
                if matches!(vice, Vice::Leaves(after) if number >= after) {
                    return;
                }
                let broker = TcpStream::connect(behind).await.unwrap();
                tokio::spawn(serve(vice, number, client, broker, state.clone()));
            }
        });
        Arc::new(Unruly {
            endpoint: Endpoint {
                host: "127.0.0.1".to_owned(),
                port,
                user: "guest".to_owned(),
                password: "guest".to_owned(),
                vhost: "/".to_owned(),
                tls: None,
            },
            hung,
            _server: server,
        })
    }
}

async fn serve(
    vice: Vice,
    number: usize,
    mut client: TcpStream,
    mut broker: TcpStream,
    hung: Arc<AtomicBool>,
) {
    match vice {
        Vice::HangsUp if number % 3 == 2 => {
            let mut some = [0; 8];
            let _ = client.read_exact(&mut some).await;
        }
        Vice::FallsSilent(after) if number >= after => {
            let _ = tokio::io::copy(&mut client, &mut tokio::io::sink()).await;
        }
        Vice::Floods(after) if number >= after => {
            let heartbeats = b"\x08\0\0\0\0\0\0\xce".repeat(4096);
            while client.write_all(&heartbeats).await.is_ok() {}
        }
        Vice::Babbles(after) if number >= after => {
            let _ = client.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
            let _ = tokio::io::copy(&mut client, &mut tokio::io::sink()).await;
        }
        Vice::HangsAt(word) | Vice::StopsReadingAt(word) => {
            let (mut from_client, mut to_client) = client.split();
            let (mut from_broker, mut to_broker) = broker.split();
            let listen = async {
                let mut seen = Vec::new();
                let mut piece = [0; 4096];
                loop {
                    let count = from_client.read(&mut piece).await.unwrap_or(0);
                    if count == 0 {
                        return;
                    }
                    seen.extend_from_slice(&piece[..count]);
                    if seen.windows(word.len()).any(|part| part == word) {
                        match vice {
                            Vice::HangsAt(_) => hung.store(true, Ordering::SeqCst),
                            _ => std::future::pending().await,
                        }
                    }
                    if !hung.load(Ordering::SeqCst) {
                        to_broker.write_all(&piece[..count]).await.unwrap();
                    }
                }
            };
            let speak = async {
                let _ = tokio::io::copy(&mut from_broker, &mut to_client).await;
            };
            tokio::select! { () = listen => {}, () = speak => {} }
        }
        _ => {
            let _ = tokio::io::copy_bidirectional(&mut client, &mut broker).await;
        }
    }
}

/// What can be done to an unruly broker: it comes to its senses when it is killed, if that is offered.
struct Keeper {
    broker: Arc<Unruly>,
    kills: bool,
}

impl Controls for Keeper {
    fn offers(&self, name: &str) -> bool {
        self.kills && name == "kill"
    }

    fn perform<'a>(&'a self, _: &'a str) -> ControlFuture<'a> {
        self.broker.hung.store(false, Ordering::SeqCst);
        Box::pin(async { Ok(()) })
    }
}

/// As many unruly brokers as are wanted.
struct Many(Vice);

impl Supply for Many {
    fn another(&self) -> SupplyFuture<'_> {
        Box::pin(async {
            let broker = Unruly::start(self.0).await;
            Ok(Instance {
                endpoint: broker.endpoint.clone(),
                controls: Arc::new(Keeper {
                    broker,
                    kills: false,
                }),
            })
        })
    }
}

/// Many small cases, of which every tenth says a word that it is not good to say.
fn suite(cases: usize) -> Suite {
    let folder = tempfile::tempdir().unwrap();
    let case = |number: usize| {
        let key = match number % 10 {
            9 => "poison",
            _ => "food",
        };
        format!(
            "case unruly/{key}-{number}\n  \"A message goes round\"\n  clause DOC-10\n  \
             > queue.declare queue=$q exclusive=true\n  < queue.declare-ok\n  \
             > basic.publish routing-key=$q body={key}\n  > basic.get queue=$q\n  \
             < basic.get-ok body={key}\n\n"
        )
    };
    let text: String = (0..cases).map(case).collect();
    std::fs::write(folder.path().join("unruly.mqs"), text).unwrap();
    Suite::from_path(folder.path(), amqp::dialect()).unwrap_or_else(|found| panic!("{found}"))
}

/// Little patience, so that the tests are quick.
const PATIENCE: Patience = Patience {
    stall: Duration::from_millis(200),
    quiet: Duration::from_millis(800),
    hang: Duration::from_millis(800),
    deadline: Duration::from_secs(3),
};

fn plan(
    suite: Suite,
    endpoint: Endpoint,
    controls: Arc<dyn Controls>,
    supply: Option<Arc<dyn Supply>>,
) -> Plan {
    Plan {
        cases: suite.cases,
        dialect: amqp::dialect(),
        target: "unruly".to_owned(),
        via: "url".to_owned(),
        endpoint,
        controls,
        supply,
        deviations: Vec::new(),
        variables: Vec::new(),
        jobs: 8,
        patience: PATIENCE,
        strict: false,
        shuffled_by: None,
        run_id: "u".to_owned(),
    }
}

/// A run against one unruly broker.
async fn judged(vice: Vice, cases: usize, kills: bool, supply: bool) -> RunReport {
    let broker = Unruly::start(vice).await;
    let endpoint = broker.endpoint.clone();
    let supply = supply.then(|| Arc::new(Many(vice)) as Arc<dyn Supply>);
    let keeper = Arc::new(Keeper { broker, kills });
    let mut told = HashSet::new();
    let mut plan = plan(suite(cases), endpoint, keeper, supply);
    match vice {
        // Side by side, all of one case's connections could be every third.
        Vice::HangsUp => plan.jobs = 1,
        // It costs time to look at what floods in.
        Vice::Floods(_) => plan.jobs = 2,
        _ => {}
    }
    let report = run(plan, &mut |case| {
        assert!(told.insert(case.id.clone()), "{} was told twice", case.id)
    })
    .await
    .unwrap();
    assert_eq!(report.cases.len(), cases, "every case is in the report");
    let ran = report.cases.iter().filter(|case| case.was_run());
    for case in ran {
        assert!(told.contains(&case.id), "{} was never told", case.id);
        let bad = matches!(case.verdict, Verdict::Failed | Verdict::Inconclusive);
        assert!(!bad || !case.detail.is_empty(), "{} has no reason", case.id);
    }
    report
}

fn named(report: &RunReport, verdict: Verdict) -> Vec<&str> {
    report
        .cases
        .iter()
        .filter(|case| case.verdict == verdict)
        .map(|case| case.id.as_str())
        .collect()
}

const POISON: [&str; 4] = [
    "unruly/poison-9",
    "unruly/poison-19",
    "unruly/poison-29",
    "unruly/poison-39",
];

#[tokio::test(flavor = "multi_thread")]
async fn with_a_broker_for_each_case_exactly_the_culprits_of_a_hang_fail() {
    let report = judged(Vice::HangsAt(b"poison"), 40, false, true).await;
    assert_eq!(named(&report, Verdict::Failed), POISON);
    assert_eq!(named(&report, Verdict::Passed).len(), 36);
    assert_eq!((report.aborted, report.summary.exit_status), (None, 1));
    assert!(report.apart.is_some_and(|apart| (4..=40).contains(&apart)));
}

#[tokio::test(flavor = "multi_thread")]
async fn with_one_broker_that_can_be_restarted_exactly_the_culprits_of_a_hang_fail() {
    let report = judged(Vice::HangsAt(b"poison"), 20, true, false).await;
    assert_eq!(named(&report, Verdict::Failed), POISON[..2]);
    assert_eq!(named(&report, Verdict::Passed).len(), 18);
    assert_eq!((report.aborted, report.apart), (None, None));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_hangs_up_at_random_is_asked_every_case() {
    let report = judged(Vice::HangsUp, 40, false, false).await;
    assert!(report.cases.iter().all(|case| case.was_run()));
    assert!(!named(&report, Verdict::Passed).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_leaves_is_lost_and_what_ran_before_is_told() {
    let report = judged(Vice::Leaves(30), 40, false, false).await;
    assert_eq!(report.summary.exit_status, 3);
    assert!(!named(&report, Verdict::Passed).is_empty());
    assert!(named(&report, Verdict::Passed).len() < 20);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_falls_silent_floods_or_babbles_is_lost_in_time() {
    for vice in [Vice::FallsSilent(30), Vice::Floods(30), Vice::Babbles(30)] {
        let report = tokio::time::timeout(Duration::from_secs(60), judged(vice, 40, false, false));
        let report = report.await.unwrap_or_else(|_| panic!("{vice:?}"));
        assert_eq!(report.summary.exit_status, 3, "{vice:?}");
        assert!(!named(&report, Verdict::Passed).is_empty(), "{vice:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn brokers_that_cannot_be_started_any_more_end_the_run_with_what_ran_before() {
    struct None;
    impl Supply for None {
        fn another(&self) -> SupplyFuture<'_> {
            Box::pin(async { Err("there is no more".to_owned()) })
        }
    }
    let broker = Unruly::start(Vice::FallsSilent(30)).await;
    let endpoint = broker.endpoint.clone();
    let keeper = Arc::new(Keeper {
        broker,
        kills: false,
    });
    let plan = plan(suite(40), endpoint, keeper, Some(Arc::new(None)));
    let report = run(plan, &mut |_| {}).await.unwrap();
    assert_eq!(report.cases.len(), 40);
    assert_eq!(report.summary.exit_status, 3);
    assert!(!named(&report, Verdict::Passed).is_empty());
    assert!(
        report
            .cases
            .iter()
            .any(|case| case.detail.contains("there is no more"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_is_cut_even_if_the_broker_does_not_read() {
    let folder = tempfile::tempdir().unwrap();
    let text = "case unruly/cut\n  \"Cut in the middle of what nobody reads\"\n  clause DOC-10\n  \
                open a b\n  a > queue.declare queue=$q exclusive=true\n  a < queue.declare-ok\n  \
                a > basic.publish routing-key=$q body=\"deaf\" * 1500000\n  a > cut\n  \
                b > queue.declare queue=$q2 exclusive=true\n  b < queue.declare-ok\n";
    std::fs::write(folder.path().join("cut.mqs"), text).unwrap();
    let suite = Suite::from_path(folder.path(), amqp::dialect()).unwrap_or_else(|e| panic!("{e}"));
    let broker = Unruly::start(Vice::StopsReadingAt(b"deaf")).await;
    let endpoint = broker.endpoint.clone();
    let keeper = Arc::new(Keeper {
        broker,
        kills: false,
    });
    let mut plan = plan(suite, endpoint, keeper, Option::None);
    // Megabytes are written before, beside other tests.
    plan.patience.deadline *= 25;
    let mut progress = |_: &_| {};
    let report = tokio::time::timeout(Duration::from_secs(30), run(plan, &mut progress));
    let report = report.await.expect("it ends").unwrap();
    assert_eq!(
        named(&report, Verdict::Passed),
        ["unruly/cut"],
        "{}",
        report.cases[0].detail
    );
}

/// A process that is killed in the middle of some cases, as by a panic of its own.
#[tokio::test(flavor = "multi_thread")]
async fn with_a_process_for_each_case_exactly_the_cases_that_it_does_not_survive_fail() {
    let folder = tempfile::tempdir().unwrap();
    let program = env!("CARGO_BIN_EXE_mqspec");
    let file = folder.path().join("mortal.toml");
    std::fs::write(
        &file,
        format!(
            "about = 'x'\n[process]\ncommand = ['/bin/sh', '-c', \
             'echo $$ > {{dir}}/pid; exec {program} serve --listen 127.0.0.1:{{port}}']\n\
             [process.control]\npanic = {{ run = ['/bin/sh', '-c', 'kill -ABRT $(cat {{dir}}/pid)'] }}\n"
        ),
    )
    .unwrap();
    let case = |number: usize| {
        let (word, panic) = match number % 10 {
            9 => ("panic", "  target panic\n"),
            _ => ("calm", "\n"),
        };
        format!(
            "case mortal/{word}-{number}\n  \"A message goes round\"\n  clause DOC-10\n  needs control.panic\n  \
             > queue.declare queue=$q exclusive=true\n  < queue.declare-ok\n{panic}  \
             > basic.publish routing-key=$q body=m1\n  > basic.get queue=$q\n  < basic.get-ok body=m1\n\n"
        )
    };
    let text: String = (0..30).map(case).collect();
    std::fs::write(folder.path().join("mortal.mqs"), text).unwrap();
    let suite = Suite::from_path(&folder.path().join("mortal.mqs"), amqp::dialect());
    let suite = suite.unwrap_or_else(|found| panic!("{found}"));
    let request = Request {
        target: Some(file.display().to_string()),
        ..Request::default()
    };
    let started = target::start(&request)
        .await
        .unwrap_or_else(|e| panic!("{e}"));
    let (endpoint, controls) = (started.endpoint.clone(), started.controls.clone());
    let plan = plan(suite, endpoint, controls, started.supply.clone());
    let report = run(plan, &mut |_| {}).await.unwrap();
    started.stop().await.unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(
        named(&report, Verdict::Failed),
        ["mortal/panic-9", "mortal/panic-19", "mortal/panic-29"]
    );
    assert_eq!(named(&report, Verdict::Passed).len(), 27);
    let detail = |id: &str| {
        &report
            .cases
            .iter()
            .find(|case| case.id == id)
            .unwrap()
            .detail
    };
    assert!(
        detail("mortal/panic-9").contains("killed by signal 6"),
        "{}",
        detail("mortal/panic-9")
    );
}

/// What a campaign of so many exchanges finds on an unruly broker, and how it ends.
async fn campaign(vice: Vice, exchanges: u64, kills: bool) -> (Campaign, Result<(), Lost>) {
    let broker = Unruly::start(vice).await;
    let endpoint = broker.endpoint.clone();
    let keeper = Arc::new(Keeper { broker, kills });
    let mut plan = plan(suite(1), endpoint, keeper, None);
    plan.cases.clear();
    plan.jobs = 2;
    plan.patience = Patience {
        stall: Duration::from_millis(100),
        quiet: Duration::from_millis(400),
        hang: Duration::from_millis(400),
        deadline: Duration::from_millis(1200),
    };
    let until = Instant::now() + Duration::from_secs(60);
    let mut campaign = Campaign::new(plan, Vec::new(), 7, until).await.unwrap();
    while campaign.exchanges() < exchanges {
        if let Err(lost) = campaign.step(exchanges, &mut |_| {}).await {
            return (campaign, Err(lost));
        }
    }
    (campaign, Ok(()))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_campaign_finds_nothing_on_a_broker_that_behaves() {
    let (campaign, end) = campaign(Vice::HangsAt(b"no client says so"), 150, true).await;
    assert_eq!((end, campaign.exchanges()), (Ok(()), 150));
    assert!(campaign.found.is_empty(), "{:#?}", campaign.found);
    assert_eq!(campaign.stopped, 0, "every exchange gets to its attempt");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_campaign_finds_what_a_broker_hangs_at_and_makes_it_small() {
    let word = b"GET / HTTP";
    let (campaign, end) = campaign(Vice::HangsAt(word), 60, true).await;
    assert_eq!(end, Ok(()));
    let [found] = campaign.found.as_slice() else {
        panic!("{:#?}", campaign.found)
    };
    assert!(found.confirmed && found.times > 0);
    assert!(matches!(found.finding.kind, Kind::Deaf | Kind::Bystander));
    let needed = found.draft.prefix.len() + found.draft.trial.len();
    assert_eq!(needed, 1, "{:#?}", found.draft);
    // What is written shows the same when it is run.
    let folder = tempfile::tempdir().unwrap();
    let script = found.draft.script("amqp-0-9-1", &[]);
    std::fs::write(folder.path().join("found.mqs"), script.text).unwrap();
    let suite =
        Suite::from_path(folder.path(), amqp::dialect()).unwrap_or_else(|it| panic!("{it}"));
    let broker = Unruly::start(Vice::HangsAt(word)).await;
    let endpoint = broker.endpoint.clone();
    let keeper = Arc::new(Keeper {
        broker,
        kills: true,
    });
    let report = run(plan(suite, endpoint, keeper, None), &mut |_| {})
        .await
        .unwrap();
    assert_ne!(
        report.cases[0].verdict,
        Verdict::Passed,
        "{:?}",
        report.cases[0]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_campaign_that_loses_its_broker_keeps_what_was_under_way() {
    let (campaign, end) = campaign(Vice::Leaves(60), 1000, false).await;
    let lost = end.expect_err("the broker has gone");
    assert!(lost.0.contains("serves no connections"), "{lost}");
    assert!(!campaign.found.is_empty());
    let kinds = campaign.found.iter().map(|found| found.finding.kind);
    assert!(
        kinds.clone().all(|kind| kind == Kind::Deaf),
        "{:?}",
        kinds.collect::<Vec<_>>()
    );
    assert!(campaign.found.iter().all(|found| !found.confirmed));
}
