//! Made-up exchanges: the same for the same seed, in the notation, and played by the reference broker without a loss.
//!
//! `MQSPEC_SEED=N` tries other ones, and `MQSPEC_ROUNDS=N` more of them.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use mqspec::dialect::generated::{Act, Login, Move};
use mqspec::dialect::{Dialect, amqp};
use mqspec::dice::Dice;
use mqspec::oracle::duel::{self, End};
use mqspec::oracle::link::Link;
use mqspec::oracle::side::Side;
use mqspec::oracle::{Campaign, Found, Order, Player, Told, shrink};
use mqspec::run::{
    ControlFuture, Controls, Endpoint, Verdict, drive_in_memory, exchange_in_memory,
};
use mqspec::script;
use reference_broker::{Broker, Config};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// How many steps an exchange has at most.
const STEPS: usize = 14;

fn number(variable: &str, default: u64) -> u64 {
    let set = std::env::var(variable).ok();
    set.map_or(default, |it| it.parse().expect("a number"))
}

fn seed() -> u64 {
    let seed = number("MQSPEC_SEED", 1);
    println!("seed {seed}: MQSPEC_SEED={seed} plays the same again");
    seed
}

fn exchange(seed: u64, round: u64) -> Vec<Move> {
    let generator = amqp::dialect().generator();
    let themes = generator.themes();
    let theme = themes[usize::try_from(round).expect("few") % themes.len()];
    generator.exchange(&mut Dice::of(seed, round), theme, STEPS)
}

fn side(link: Link) -> Side {
    let dialect = amqp::dialect();
    let login = Login {
        response: dialect.response("guest", "guest"),
        virtual_host: "/".to_owned(),
    };
    Side::new(dialect, link, &login)
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime")
}

#[test]
fn an_exchange_is_the_same_for_the_same_seed_and_every_command_comes_in_one() {
    let mut commands: BTreeMap<String, usize> = BTreeMap::new();
    for round in 0..4000 {
        let moves = exchange(7, round);
        assert_eq!(moves, exchange(7, round), "round {round}");
        for step in &moves {
            if let Act::Say { message, .. } = &step.act {
                *commands.entry(message.command.clone()).or_default() += 1;
            }
        }
    }
    // What a client asks for on an open connection; recover-async is the same as recover without a reply, and flow is for
    // the suite.
    let asked = amqp::dialect().protocol().commands.iter().filter(|it| {
        it.sent_by(mqspec_specs::protocol::Peer::Client)
            && !it.name.starts_with("connection.")
            && !it.name.ends_with("-ok")
            && !["access.request", "basic.recover-async", "channel.flow"]
                .contains(&it.name.as_str())
    });
    let missing: Vec<&str> = asked
        .map(|it| it.name.as_str())
        .filter(|name| !commands.contains_key(*name))
        .collect();
    assert!(missing.is_empty(), "never said: {missing:?}");
}

/// However the octets are cut, and whether or not what is durable is kept, the broker does the same; and in each exchange
/// every message is somewhere.
#[test]
fn the_reference_broker_does_the_same_in_pieces_and_loses_nothing() {
    let seed = seed();
    runtime().block_on(async {
        let mut left = side(Link::memory(Config::default()));
        let mut right = side(Link::memory_in_pieces(Config::default(), seed));
        let mut steps = 0;
        for round in 0..number("MQSPEC_ROUNDS", 1500) {
            let moves = exchange(seed, round);
            let word = format!("p{round}");
            left.begin(&word, false);
            right.begin(&word, false);
            let (end, played) = duel::play(&mut left, &mut right, &moves).await;
            assert_eq!(end, End::Alike, "seed {seed}, round {round}: {moves:#?}");
            steps += played;
            left.clear().await;
            right.clear().await;
        }
        println!("{steps} steps");
        assert!(steps > 5000, "only {steps} steps meant something");
    });
}

fn player(name: &str) -> Player {
    Player {
        name: name.to_owned(),
        endpoint: None,
        known: Vec::new(),
        controls: None,
    }
}

fn at(address: SocketAddr) -> Endpoint {
    Endpoint {
        host: address.ip().to_string(),
        port: address.port(),
        user: "guest".to_owned(),
        password: "guest".to_owned(),
        vhost: "/".to_owned(),
        tls: None,
    }
}

async fn server(limits: reference_broker::Limits) -> reference_broker::server::Server {
    let mut config = reference_broker::server::Config::default();
    config.broker.limits = limits;
    reference_broker::server::Server::start(config)
        .await
        .expect("a port is free")
}

fn order(right: Player, count: u64) -> Order {
    Order {
        dialect: amqp::dialect(),
        left: player("left"),
        right,
        seed: 3,
        themes: vec!["errors", "lifecycle", "acknowledgement"],
        most: STEPS,
        without: Vec::new(),
        jobs: 2,
        until: None,
        count,
    }
}

/// Plays exchanges on the reference broker in memory and on one behind sockets.
fn campaign(count: u64, limits: reference_broker::Limits) -> Vec<Found> {
    runtime().block_on(async {
        let server = server(limits).await;
        let mut right = player("right");
        right.endpoint = Some(at(server.address()));
        let mut campaign = Campaign::begin(order(right, count));
        let mut told = 0;
        let mut tell = |it: Told<'_>| told += usize::from(matches!(it, Told::Found(_)));
        while campaign.step(&mut tell).await.expect("both are there") {}
        let (found, counts) = campaign.end().await;
        assert_eq!(counts.exchanges, count);
        assert_eq!(told, found.len());
        found
    })
}

#[test]
fn a_broker_behind_sockets_does_the_same_as_one_in_memory() {
    let found = campaign(60, Default::default());
    let kinds: Vec<String> = found.iter().map(|it| it.kind.to_string()).collect();
    assert!(found.is_empty(), "{kinds:?}");
}

/// A broker that lets nobody in any more once somebody purges a queue, until it is restarted.
struct Mortal {
    /// How often it was restarted, and whether it is dead.
    state: watch::Sender<(u64, bool)>,
}

impl Mortal {
    async fn start(broker: SocketAddr) -> (Arc<Mortal>, SocketAddr) {
        let listener = TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a port is free");
        let address = listener.local_addr().expect("it listens");
        let mortal = Arc::new(Mortal {
            state: watch::Sender::new((0, false)),
        });
        let it = mortal.clone();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(it.clone().pass(client, broker));
            }
        });
        (mortal, address)
    }

    /// Hands on what both say, as long as it lives.
    async fn pass(self: Arc<Mortal>, mut client: TcpStream, broker: SocketAddr) {
        const QUEUE_PURGE: [u8; 4] = [0, 50, 0, 30];
        let mut state = self.state.subscribe();
        if state.borrow().1 {
            return;
        }
        let mut broker = TcpStream::connect(broker).await.expect("it is there");
        let (mut said, mut answered) = (vec![0; 4096], vec![0; 4096]);
        loop {
            tokio::select! {
                _ = state.changed() => return,
                read = client.read(&mut said) => {
                    let Ok(size @ 1..) = read else { return };
                    if said[..size].windows(4).any(|it| it == QUEUE_PURGE) {
                        self.state.send_modify(|it| it.1 = true);
                        return;
                    }
                    if broker.write_all(&said[..size]).await.is_err() { return }
                }
                read = broker.read(&mut answered) => {
                    let Ok(size @ 1..) = read else { return };
                    if client.write_all(&answered[..size]).await.is_err() { return }
                }
            }
        }
    }
}

impl Controls for Mortal {
    fn offers(&self, name: &str) -> bool {
        name == "restart"
    }

    fn perform<'a>(&'a self, _: &'a str) -> ControlFuture<'a> {
        self.state.send_modify(|it| *it = (it.0 + 1, false));
        Box::pin(async { Ok(()) })
    }
}

#[test]
fn a_broker_that_stops_serving_is_brought_back_and_blamed() {
    runtime().block_on(async {
        let server = server(Default::default()).await;
        let (mortal, address) = Mortal::start(server.address()).await;
        let mut right = player("right");
        right.endpoint = Some(at(address));
        right.controls = Some(mortal.clone());
        let mut campaign = Campaign::begin(order(right, 60));
        while campaign.step(&mut |_| {}).await.expect("it comes back") {}
        let (found, counts) = campaign.end().await;
        assert_eq!(counts.exchanges, 60, "the others are played all the same");
        assert_eq!(counts.revivals, mortal.state.borrow().0);
        let kinds: Vec<String> = found.iter().map(|it| it.kind.to_string()).collect();
        let is_blamed = |it: &Found| it.confirmed && it.kind.aspect == "serves";
        let blamed = found.iter().find(|it| is_blamed(it));
        let blamed = blamed.unwrap_or_else(|| panic!("{kinds:?}"));
        assert_eq!(blamed.kind.step, "queue.purge", "{kinds:?}");
        assert_eq!(blamed.kind.right, "nothing any more");
        assert!(blamed.moves.len() <= 2, "{:?}", blamed.moves);
        assert!(
            found.iter().all(|it| !it.confirmed || is_blamed(it)),
            "{kinds:?}"
        );
    });
}

#[test]
fn a_broker_that_nobody_brings_back_ends_the_comparison() {
    runtime().block_on(async {
        let server = server(Default::default()).await;
        let (_mortal, address) = Mortal::start(server.address()).await;
        let mut right = player("right");
        right.endpoint = Some(at(address));
        let mut campaign = Campaign::begin(order(right, 60));
        let lost = loop {
            match campaign.step(&mut |_| {}).await {
                Ok(true) => {}
                Ok(false) => panic!("it was never purged"),
                Err(lost) => break lost,
            }
        };
        assert!(lost.0.starts_with("right: the broker"), "{lost}");
    });
}

#[test]
fn a_difference_is_made_small_and_becomes_a_case_that_the_right_broker_alone_fails() {
    let limits = reference_broker::Limits {
        consumers: 0,
        ..Default::default()
    };
    let found = campaign(20, limits);
    let refused = found
        .iter()
        .find(|it| it.kind.step.starts_with("basic.consume"));
    let refused = refused.expect("consumers are refused by one of the two");
    assert!(refused.confirmed);
    assert_eq!(refused.kind.left, "basic.consume-ok");
    assert_eq!(
        refused.moves.len(),
        2,
        "a queue and its consumer: {:#?}",
        refused.moves
    );
    let text = refused.script.as_deref().expect("a script");
    let verdict = |limits| {
        let file =
            script::parse("found.mqs", text).unwrap_or_else(|found| panic!("{found:?}\n{text}"));
        let case = Arc::new(file.cases().next().expect("a case").clone());
        let mut exchange = exchange_in_memory(case, amqp::dialect());
        let mut now = Duration::ZERO;
        let mut broker = Broker::new(Config {
            limits,
            ..Config::default()
        });
        drive_in_memory(&mut exchange, &mut broker, &mut now, &mut |_, octets| {
            octets
        });
        exchange.into_outcome().verdict
    };
    assert_eq!(verdict(Default::default()), Verdict::Passed, "{text}");
    assert_eq!(verdict(limits), Verdict::Failed, "{text}");
}

#[test]
fn what_is_made_small_is_smaller_and_ends_in_the_same_step() {
    for round in 0..200 {
        let moves = exchange(5, round);
        for less in shrink::smaller(&moves) {
            assert!(
                size(&less) < size(&moves) || moved(&less, &moves),
                "round {round}"
            );
        }
    }
}

fn size(moves: &[Move]) -> usize {
    let fields = |step: &Move| match &step.act {
        Act::Say { message, .. } => {
            1 + message
                .fields
                .iter()
                .map(|(_, it)| it.to_value().to_string().len() + 1)
                .sum::<usize>()
        }
        _ => 1,
    };
    moves.iter().map(fields).sum()
}

/// Whether steps were brought to fewer clients or channels.
fn moved(less: &[Move], moves: &[Move]) -> bool {
    let weight = |moves: &[Move]| {
        let one = |step: &Move| match &step.act {
            Act::Say { message, .. } => step.client + usize::from(message.stream),
            _ => step.client,
        };
        moves.iter().map(one).sum::<usize>()
    };
    weight(less) < weight(moves)
}

#[test]
fn the_notation_takes_what_is_written_of_an_exchange() {
    let seed = 11;
    runtime().block_on(async {
        let dialect = amqp::dialect();
        for round in 0..300 {
            let moves = exchange(seed, round);
            let (mut left, mut right) = (
                side(Link::memory(Config::default())),
                side(Link::memory(Config::default())),
            );
            left.begin("w", true);
            right.begin("w", false);
            duel::play(&mut left, &mut right, &moves).await;
            let lines = left.take_lines();
            let heading = mqspec::oracle::write::Heading {
                lead: vec!["Made up.".to_owned()],
                protocol: dialect.name().to_owned(),
                id: format!("oracle/round-{round}"),
                title: "made up".to_owned(),
                clauses: vec!["SEC-01".to_owned()],
            };
            let text =
                mqspec::oracle::write::script(&heading, &lines, None, usize::MAX, left.ledger());
            let file =
                script::parse("written", &text).unwrap_or_else(|found| panic!("{found:?}\n{text}"));
            let mistakes = script::check(&file, &text, dialect.vocabulary());
            let mistakes = mistakes
                .iter()
                .filter(|it| it.severity == script::Severity::Error);
            let mistakes: Vec<String> = mistakes.map(ToString::to_string).collect();
            assert!(mistakes.is_empty(), "{mistakes:?}\n{text}");
        }
    });
}
