//! Targets as a person asks for them: the broker is started, controlled, and leaves nothing behind.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use mqspec::run::TlsOptions;
use mqspec::target::{Request, Started, TargetError, Via, names, start};
use tokio::net::TcpStream;

fn named(target: &str) -> Request {
    Request {
        target: Some(target.to_owned()),
        ..Request::default()
    }
}

async fn refusal(request: Request) -> TargetError {
    match start(&request).await {
        Ok(started) => panic!("{started:?}"),
        Err(error) => error,
    }
}

async fn listens(started: &Started) -> bool {
    TcpStream::connect((started.endpoint.host.as_str(), started.endpoint.port))
        .await
        .is_ok()
}

/// A person's own target file.
fn own_file(text: &str) -> (tempfile::TempDir, Request) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("own.toml");
    std::fs::write(&path, text).unwrap();
    let request = named(path.to_str().unwrap());
    (folder, request)
}

/// Processes whose command line or environment mentions the word.
fn mentioned(word: &str) -> Vec<PathBuf> {
    let processes = std::fs::read_dir("/proc")
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let of_them = |path: &PathBuf| {
        ["cmdline", "environ"].iter().any(|file| {
            std::fs::read(path.join(file))
                .is_ok_and(|text| String::from_utf8_lossy(&text).contains(word))
        })
    };
    processes
        .filter(|path| path.join("environ").exists())
        .filter(of_them)
        .collect()
}

/// Whether a broker's program is there. CI must have it.
fn installed(program: &str) -> bool {
    let there = Path::new(program).exists();
    if !there {
        assert!(
            env::var("CI").as_deref() != Ok("true"),
            "{program} is missing, and CI must not skip this"
        );
        println!("skipped: {program} is not installed");
    }
    there
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_name_the_reference_broker_is_embedded() {
    let started = start(&Request::default()).await.unwrap();
    assert_eq!(
        (started.name.as_str(), started.via),
        ("reference", Via::Embedded)
    );
    assert!(listens(&started).await);
    assert!(started.controls.offers("alarm-on") && started.controls.offers("alarm-off"));
    assert!(!started.controls.offers("reload"));
    started.controls.perform("alarm-on").await.unwrap();
    started.controls.perform("alarm-off").await.unwrap();
    assert!(started.controls.perform("reload").await.is_err());
    assert_eq!(started.log_tail(), None);
    started.stop().await.unwrap();
}

#[tokio::test]
async fn a_url_is_taken_as_it_is() {
    let started = start(&named("amqp://me:hush@127.0.0.1:1/%2f"))
        .await
        .unwrap();
    assert_eq!(
        (started.name.as_str(), started.via),
        ("amqp://me@127.0.0.1:1/%2f", Via::Url)
    );
    assert!(!format!("{started:?}").contains("hush"));
    assert!(
        !started.controls.offers("restart") && started.controls.perform("restart").await.is_err()
    );
    started.stop().await.unwrap();
}

#[tokio::test]
async fn a_url_can_be_weighed_by_another_targets_deviations() {
    let (_folder, own) = own_file(
        "about = 'x'\nurl = 'amqp://h'\n[[deviation]]\ncase = 'a/b'\nreason = 'r'\nsource = 's'\n",
    );
    let request = Request {
        as_target: own.target,
        ..named("amqp://127.0.0.1")
    };
    let started = start(&request).await.unwrap();
    assert_eq!(started.deviations.len(), 1);
    assert_eq!(started.deviations[0].case, "a/b");
}

#[tokio::test]
async fn wrong_requests_are_wrong_usage() {
    let (_folder, own) = own_file("about = 'x'\nurl = 'amqp://h'\n");
    let requests = [
        (named("rabitmq"), "did you mean `rabbitmq`?"),
        (named("no/such/file.toml"), "No such file"),
        (named("amqps://h/a/b"), "%2f"),
        (
            Request {
                tls: TlsOptions {
                    insecure: true,
                    ..TlsOptions::default()
                },
                ..named("amqp://h")
            },
            "amqps://",
        ),
        (
            Request {
                tls: TlsOptions {
                    ca: Some("/nowhere/ca.pem".into()),
                    ..TlsOptions::default()
                },
                ..named("amqps://h")
            },
            "/nowhere/ca.pem",
        ),
        (
            Request {
                tls: TlsOptions {
                    cert: Some("cert.pem".into()),
                    insecure: true,
                    ..TlsOptions::default()
                },
                ..named("amqps://h")
            },
            "go together",
        ),
        (
            Request {
                via: Some(Via::Process),
                ..named("amqp://h")
            },
            "cannot be reached via process",
        ),
        (
            Request {
                via: Some(Via::Process),
                ..own.clone()
            },
            "its file offers url",
        ),
        (
            Request {
                image: Some("a:b".to_owned()),
                ..named("amqp://h")
            },
            "no use",
        ),
        (
            Request {
                image: Some("a:b".to_owned()),
                via: Some(Via::Process),
                ..named("rabbitmq")
            },
            "no use",
        ),
        (
            Request {
                image: Some("a:b".to_owned()),
                ..own
            },
            "its file offers url",
        ),
        (
            Request {
                as_target: Some("rabbitmq".to_owned()),
                ..named("reference")
            },
            "only a broker at a URL",
        ),
        (
            Request {
                as_target: Some("rabitmq".to_owned()),
                ..named("amqp://h")
            },
            "did you mean",
        ),
    ];
    for (request, why) in requests {
        let error = refusal(request).await;
        assert!(error.is_usage(), "{error}");
        assert!(error.to_string().contains(why), "{error}");
    }
}

#[test]
fn known_targets_are_those_with_a_file() {
    let mut files: Vec<String> =
        std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../targets"))
            .unwrap()
            .map(|entry| entry.unwrap().path())
            // A folder holds what is known of clients.
            .filter(|path| path.is_file())
            .filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned()))
            .collect();
    files.sort();
    assert_eq!(names(), files);
}

#[tokio::test]
async fn a_missing_program_is_named_with_how_to_install_it() {
    let (_folder, request) = own_file(
        "about = 'x'\n[process]\ncommand = ['no-such-broker']\ninstall = 'apt-get install no-such'\n",
    );
    let error = refusal(request).await;
    assert!(!error.is_usage());
    assert_eq!(
        error.to_string(),
        "no-such-broker is not installed; to install it: apt-get install no-such"
    );
}

#[tokio::test]
async fn a_program_that_ends_early_is_reported_with_its_log() {
    let text =
        "about = 'x'\n[process]\ncommand = ['sh', '-c', 'echo the port {port} is bad; exit 7']\n";
    let (_folder, request) = own_file(text);
    let error = refusal(request).await;
    assert!(!error.is_usage());
    let message = error.to_string();
    assert!(
        message.contains("exit status 7") && message.contains("\n  the port "),
        "{message}"
    );
}

#[tokio::test]
async fn a_program_that_never_answers_is_given_up_and_ended_with_all_it_started() {
    let mark = format!("mqspec-mark-{}", std::process::id());
    let text = format!(
        "about = 'x'\n[process]\ncommand = ['sh', '-c', 'echo waiting; sleep 1000 & trap \"\" TERM; wait; wait']\n\
         start-seconds = 1\n[process.environment]\nMARK = '{mark}'\n"
    );
    let (_folder, request) = own_file(&text);
    let message = refusal(request).await.to_string();
    assert!(
        message.contains("not ready within 1 s") && message.contains("refused"),
        "{message}"
    );
    assert!(message.contains("\n  waiting"), "{message}");
    assert_eq!(mentioned(&mark), Vec::<PathBuf>::new());
}

/// A broker, as far as its first word: enough to be started. `{dir}` is its own.
const MOCK: &str = r#"
about = "a mock"
[[process.file]]
path = "mock.py"
text = """
import os, signal, socketserver, sys
class Greet(socketserver.BaseRequestHandler):
    def handle(self):
        self.request.recv(8)
        self.request.sendall(bytes([1, 0, 0, 0, 0, 0, 4, 0, 10, 0, 10]))
socketserver.ThreadingTCPServer.allow_reuse_address = True
with open(sys.argv[2], 'a') as starts:
    starts.write('s')
signal.signal(signal.SIGUSR1, lambda *_: print('obeyed', flush=True))
signal.signal(signal.SIGUSR2, lambda *_: sys.exit(4))
print('greeting on', sys.argv[1], flush=True)
socketserver.ThreadingTCPServer(('127.0.0.1', int(sys.argv[1])), Greet).serve_forever()
"""
[process]
command = ["python3", "{dir}/mock.py", "{port}", "{dir}/starts"]
[process.environment]
MARK = "{mark}"
[variables]
mark = "MARK"
[process.control]
note = { run = ["sh", "-c", "echo noted >> {dir}/starts"] }
fail = { run = ["sh", "-c", "echo it broke >&2; exit 3"] }
kill = { restart-after = "KILL" }
order = { signal = { send = "USR1", says = "obeyed" } }
break = { signal = { send = "USR2", says = "obeyed" } }
[[process.helper]]
command = ["sleep", "1000"]
"#;

fn mock(name: &str) -> (tempfile::TempDir, Request, String) {
    let mark = format!("mqspec-mark-{name}-{}", std::process::id());
    let (folder, request) =
        own_file(&MOCK.replace("MARK\"\n[process.c", &format!("{mark}\"\n[process.c")));
    (folder, request, mark)
}

#[tokio::test]
async fn controls_are_commands_restarts_or_signals() {
    if !installed("/usr/bin/python3") {
        return;
    }
    let (_folder, request, mark) = mock("controls");
    let started = start(&request).await.unwrap();
    assert_eq!((started.name.as_str(), started.via), ("own", Via::Process));
    assert!(started.log_tail().unwrap().contains("greeting on"));
    started.controls.perform("note").await.unwrap();
    let error = started.controls.perform("fail").await.unwrap_err();
    assert!(error.contains("it broke"), "{error}");
    // The second must not take the first one's answer for its own.
    for said in [1, 2] {
        started.controls.perform("order").await.unwrap();
        assert_eq!(started.log_tail().unwrap().matches("obeyed").count(), said);
    }
    let error = started.controls.perform("break").await.unwrap_err();
    assert!(error.contains("exit status 4"), "{error}");
    started.controls.perform("kill").await.unwrap();
    assert!(listens(&started).await);
    let broker = mentioned(&mark).into_iter().find_map(|path| {
        let words = std::fs::read_to_string(path.join("cmdline")).ok()?;
        words
            .split('\0')
            .find(|word| word.ends_with("/starts"))
            .map(PathBuf::from)
    });
    let starts = broker.unwrap();
    assert_eq!(std::fs::read_to_string(&starts).unwrap(), "snoted\ns");
    started.stop().await.unwrap();
    assert_eq!(mentioned(&mark), Vec::<PathBuf>::new());
    assert!(!starts.parent().unwrap().exists());
}

#[tokio::test]
async fn dropping_a_started_broker_ends_it() {
    if !installed("/usr/bin/python3") {
        return;
    }
    let (_folder, request, mark) = mock("drop");
    let started = start(&request).await.unwrap();
    assert!(!mentioned(&mark).is_empty());
    drop(started);
    assert_eq!(mentioned(&mark), Vec::<PathBuf>::new());
}

#[tokio::test]
async fn rabbitmq_is_started_controlled_and_leaves_nothing_behind() {
    if !installed("/usr/lib/rabbitmq/bin/rabbitmq-server") {
        return;
    }
    let began = Instant::now();
    let started = start(&Request {
        via: Some(Via::Process),
        ..named("rabbitmq")
    })
    .await
    .unwrap();
    println!("started in {:?}", began.elapsed());
    let node = format!("mqspec{}@localhost", started.endpoint.port);
    assert!(!mentioned(&node).is_empty());
    for control in ["alarm-on", "alarm-off", "restart", "kill"] {
        let began = Instant::now();
        started.controls.perform(control).await.unwrap();
        println!("{control} in {:?}", began.elapsed());
        assert!(listens(&started).await);
    }
    let began = Instant::now();
    started.stop().await.unwrap();
    println!("stopped in {:?}", began.elapsed());
    assert_eq!(mentioned(&node), Vec::<PathBuf>::new());
}

#[tokio::test]
async fn garagemq_is_started_and_leaves_nothing_behind() {
    if !installed("/usr/bin/garagemq") {
        return;
    }
    let began = Instant::now();
    let started = start(&named("garagemq")).await.unwrap();
    println!("started in {:?}", began.elapsed());
    started.controls.perform("restart").await.unwrap();
    let began = Instant::now();
    started.stop().await.unwrap();
    println!("stopped in {:?}", began.elapsed());
}

/// The part of a test below that is killed.
const VICTIM: &str = "MQSPEC_TEST_VICTIM";

#[tokio::test]
async fn a_broker_does_not_outlive_a_killed_mqspec() {
    if !installed("/usr/bin/python3") {
        return;
    }
    if let Ok(target) = env::var(VICTIM) {
        let _started = start(&named(&target)).await.unwrap();
        println!("victim is ready");
        std::future::pending::<()>().await;
    }
    let (folder, request, mark) = mock("victim");
    let mut victim = Command::new(env::current_exe().unwrap())
        .args([
            "--exact",
            "a_broker_does_not_outlive_a_killed_mqspec",
            "--nocapture",
        ])
        .env(VICTIM, request.target.unwrap())
        .env("TMPDIR", folder.path())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let out = std::io::BufReader::new(victim.stdout.take().unwrap());
    let ready = std::io::BufRead::lines(out).any(|line| line.unwrap().contains("victim is ready"));
    assert!(ready && !mentioned(&mark).is_empty());
    victim.kill().unwrap();
    victim.wait().unwrap();
    let left = || {
        let folders = std::fs::read_dir(folder.path())
            .unwrap()
            .filter(|entry| entry.as_ref().unwrap().path().is_dir());
        mentioned(&mark).len() + folders.count()
    };
    let deadline = Instant::now() + std::time::Duration::from_secs(20);
    while left() > 0 && Instant::now() < deadline {
        tokio::task::yield_now().await;
    }
    assert_eq!(left(), 0);
}
