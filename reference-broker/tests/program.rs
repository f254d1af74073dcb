//! The broker as a program.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::time::Duration;

/// A running program, ended with the test whatever becomes of it.
struct Program {
    child: Child,
    output: BufReader<ChildStdout>,
    address: String,
}

impl Program {
    fn start(arguments: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_reference-broker"))
            .args(["--listen", "127.0.0.1:0"])
            .args(arguments)
            .stdout(Stdio::piped())
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
