//! The broker as a program.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, ExitStatus, Output, Stdio};
use std::time::Duration;

use bytes::BytesMut;
use mqspec_codec::frame::put_method;
use mqspec_codec::{FieldTable, Frame, FrameDecoder, LongStr, Method, ShortStr, connection};

/// A running program, ended with the test whatever becomes of it.
struct Program {
    child: Child,
    output: BufReader<ChildStdout>,
    address: String,
}

impl Program {
    fn start(arguments: &[&str]) -> Self {
        Self::start_with(arguments, Stdio::inherit())
    }

    /// With a place for what it writes to standard error.
    fn start_with(arguments: &[&str], errors: Stdio) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_reference-broker"))
            .args(["--listen", "127.0.0.1:0"])
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(errors)
            .spawn()
            .expect("the program starts");
        let stdout = child.stdout.take().expect("a pipe");
        let mut program = Self {
            child,
            output: BufReader::new(stdout),
            address: String::new(),
        };
        let line = program.line();
        program.address = line
            .strip_prefix("listening on ")
            .expect("the address")
            .to_owned();
        program
    }

    /// The next line that it writes.
    fn line(&mut self) -> String {
        let mut line = String::new();
        self.output.read_line(&mut line).expect("a line");
        line.trim_end().to_owned()
    }

    fn send(&self, signal: &str) {
        let id = self.child.id().to_string();
        let sent = Command::new("kill")
            .args(["-s", signal, &id])
            .status()
            .expect("kill runs");
        assert!(sent.success());
    }

    fn end(&mut self, signal: &str) -> ExitStatus {
        self.send(signal);
        self.child.wait().expect("the program ends")
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It has ended already, or is of no use any more.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn it_says_where_it_listens_and_stops_on_signals() {
    for signal in ["TERM", "INT"] {
        let mut program = Program::start(&[]);
        let mut stream = TcpStream::connect(&program.address).expect("a listening program");
        stream
            .set_read_timeout(Some(Duration::from_secs(20)))
            .expect("a time");
        stream
            .write_all(b"AMQP\x00\x00\x09\x01")
            .expect("an open socket");
        let mut head = [0; 7];
        stream.read_exact(&mut head).expect("connection.start");
        assert_eq!(head.first(), Some(&1));
        assert!(program.end(signal).success());
    }
}

#[test]
fn it_takes_an_option_for_names() {
    let mut program = Program::start(&["--any-names"]);
    assert!(program.end("TERM").success());
}

#[test]
fn signals_raise_and_clear_the_alarm() {
    let mut program = Program::start(&[]);
    for (signal, said) in [("USR1", "alarm raised"), ("USR2", "alarm cleared")] {
        program.send(signal);
        assert_eq!(program.line(), said);
    }
    assert!(program.end("TERM").success());
}

/// The program's last words, for a call that does not serve.
fn output(arguments: &[&str], input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_reference-broker"))
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut stdin = child.stdin.take().expect("a pipe");
    // A program that does not want to know may have ended.
    let _ = stdin.write_all(input.as_bytes());
    drop(stdin);
    child.wait_with_output().expect("the program ends")
}

fn text(octets: &[u8]) -> String {
    String::from_utf8_lossy(octets).into_owned()
}

/// A file of a test.
fn file(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name)
}

/// A client that reads one command after the other.
struct Client {
    stream: TcpStream,
    input: BytesMut,
}

impl Client {
    fn connect(program: &Program) -> Self {
        let stream = TcpStream::connect(&program.address).expect("a listening program");
        let limit = Some(Duration::from_secs(20));
        stream.set_read_timeout(limit).expect("a time");
        let mut client = Self {
            stream,
            input: BytesMut::new(),
        };
        client.write(b"AMQP\x00\x00\x09\x01");
        assert!(matches!(client.method(), Some(Method::ConnectionStart(_))));
        client
    }

    /// Logs in, and opens the virtual host `/` if that was right.
    fn log_in(&mut self, user: &str, password: &str) -> Option<Method> {
        let response = format!("\0{user}\0{password}").into_bytes();
        self.say(connection::StartOk {
            client_properties: FieldTable::new(),
            mechanism: ShortStr::from_static("PLAIN"),
            response: LongStr::new(response).expect("short enough"),
            locale: ShortStr::from_static("en_US"),
        });
        self.method()?;
        self.say(connection::TuneOk::default());
        self.say(connection::Open {
            virtual_host: ShortStr::from_static("/"),
        });
        self.method()
    }

    fn write(&mut self, octets: &[u8]) {
        self.stream.write_all(octets).expect("an open socket");
    }

    fn say(&mut self, method: impl Into<Method>) {
        let mut octets = BytesMut::new();
        put_method(0, &method.into(), &mut octets);
        self.write(&octets);
    }

    /// The next command, or nothing at the end.
    fn method(&mut self) -> Option<Method> {
        let mut octets = [0; 4096];
        loop {
            let frame = FrameDecoder::new(0).decode(&mut self.input);
            if let Some(Frame::Method { method, .. }) = frame.expect("legal frames") {
                return Some(method);
            }
            match self.stream.read(&mut octets).expect("an answer in time") {
                0 => return None,
                count => self.input.extend_from_slice(&octets[..count]),
            }
        }
    }
}

#[test]
fn it_takes_leave_of_its_clients_when_it_is_told_to_stop() {
    let mut program = Program::start(&[]);
    let mut client = Client::connect(&program);
    let opened = client.log_in("guest", "guest");
    assert!(matches!(opened, Some(Method::ConnectionOpenOk(_))));
    program.send("TERM");
    let Some(Method::ConnectionClose(close)) = client.method() else {
        panic!("no leave is taken")
    };
    assert_eq!(close.reply_code, 320);
    client.say(connection::CloseOk);
    assert_eq!(client.method(), None);
    assert!(program.child.wait().expect("the program ends").success());
}

#[test]
fn a_user_logs_in_by_a_hash_and_the_log_tells_it_without_secrets() {
    let hashed = output(&["hash-password"], "hush-hush\n");
    let hash = text(&hashed.stdout).trim().to_owned();
    assert!(hash.starts_with("$argon2id$"), "{hash}");
    let (config, log) = (file("users.toml"), file("users.log"));
    let user = format!("[[user]]\nname = \"shop\"\npassword-hash = \"{hash}\"\n");
    fs::write(
        &config,
        format!("log = \"info\"\nlog-format = \"json\"\n{user}"),
    )
    .expect("written");
    let errors = fs::File::create(&log).expect("a file");
    let config = config.display().to_string();
    let mut program = Program::start_with(&["--config", &config], errors.into());
    for (password, right) in [
        ("hush-hush", true),
        ("wrong-wrong", false),
        ("hush-hush", true),
    ] {
        let answer = Client::connect(&program).log_in("shop", password);
        assert_eq!(matches!(answer, Some(Method::ConnectionOpenOk(_))), right);
    }
    assert!(program.end("TERM").success());
    let log = fs::read_to_string(&log).expect("a log");
    assert!(
        !log.contains("hush") && !log.contains("wrong-wrong") && !log.contains(&hash),
        "{log}"
    );
    for said in [
        "listening",
        "connection opened",
        "connection closed",
        "login refused",
        "stopped",
    ] {
        assert!(log.contains(said), "{said}: {log}");
    }
    for line in log.lines() {
        let object: serde_json::Value = serde_json::from_str(line).expect("JSON");
        assert!(object["timestamp"].is_string(), "{line}");
    }
}

#[test]
fn it_prints_its_options_without_passwords() {
    let flags = [
        "--user",
        "a:hush-hush",
        "--limit",
        "queues=7",
        "--print-config",
    ];
    let printed = output(&flags, "");
    assert!(printed.status.success());
    let printed = text(&printed.stdout);
    assert!(!printed.contains("hush"), "{printed}");
    assert!(
        printed.contains("queues = 7") && printed.contains("password-hash = "),
        "{printed}"
    );
}

#[test]
fn wrong_options_are_told_and_end_with_status_2() {
    let config = file("mistake.toml");
    fs::write(&config, "handshake-seconds = 3\nlissten = []\n").expect("written");
    let refused = output(&["--config", &config.display().to_string()], "");
    assert_eq!(refused.status.code(), Some(2));
    let said = text(&refused.stderr);
    assert!(
        said.contains("mistake.toml") && said.contains("line 2") && said.contains("lissten"),
        "{said}"
    );
    let refused = output(&["hash-password"], "");
    assert_eq!(refused.status.code(), Some(1));
    assert!(text(&refused.stderr).contains("standard input"));
}

#[test]
fn every_option_is_documented() {
    let help = text(&output(&["--help"], "").stdout);
    let readme = include_str!("../README.md");
    let options = help
        .lines()
        .filter_map(|line| line.trim_start().strip_prefix("--"))
        .filter(|option| option.starts_with(char::is_alphabetic));
    let mut seen = 0;
    for option in options {
        let name = option.split([' ', ',']).next().unwrap_or_default();
        let named = matches!(name, "help" | "version") || readme.contains(&format!("`{name}`"));
        assert!(named, "{name}");
        seen += 1;
    }
    assert!(seen > 15, "{help}");
    let printed = text(&output(&["--print-config"], "").stdout);
    let (_, limits) = printed.split_once("[limit]").expect("limits");
    let words = help.replace([',', '\n'], " ");
    for limit in limits.lines().filter_map(|line| line.split_once(" = ")) {
        let (name, _) = limit;
        assert!(readme.contains(&format!("`{name}`")), "{name}");
        assert!(words.contains(&format!(" {name} ")), "{name}");
    }
    for line in help.lines() {
        assert!(line.chars().count() <= 80, "{line}");
    }
}

#[test]
fn a_user_needs_a_name_and_a_password() {
    let refused = Command::new(env!("CARGO_BIN_EXE_reference-broker"))
        .args(["--user", "guest"])
        .output()
        .expect("the program starts");
    assert!(!refused.status.success());
    let said = String::from_utf8_lossy(&refused.stderr);
    assert!(said.contains("NAME:PASSWORD"), "{said}");
}
