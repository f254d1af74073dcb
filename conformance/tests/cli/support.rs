//! Running the program, and small servers that are no broker.

use std::io::{BufRead, BufReader, Lines, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Output, Stdio};
use std::thread;

use regex::Regex;

/// The small suite.
pub const SMALL: &str = "tests/fixtures/cli/small.mqs";

/// What a run of the program left.
pub struct Ran {
    pub status: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Ran {
    pub fn new(output: Output) -> Self {
        let text = |octets: &[u8]| String::from_utf8(octets.to_vec()).expect("UTF-8 is printed");
        Ran {
            status: output.status.code(),
            stdout: text(&output.stdout),
            stderr: text(&output.stderr),
        }
    }

    /// Exit status, standard output and standard error as one text.
    pub fn whole(&self) -> String {
        let Ran {
            status,
            stdout,
            stderr,
        } = self;
        let status = status.map_or("none".to_owned(), |status| status.to_string());
        steady(&format!(
            "exit status {status}\n── stdout\n{stdout}── stderr\n{stderr}"
        ))
    }
}

/// The program with arguments, without colours, in the folder of the crate.
pub fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mqspec"));
    command
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env_remove("NO_COLOR");
    command.stdin(Stdio::null());
    command
}

pub fn mqspec(arguments: &[&str]) -> Ran {
    Ran::new(command(arguments).output().expect("the program runs"))
}

/// The text without what differs from run to run: times, ports, paths of this machine.
pub fn steady(text: &str) -> String {
    let changes = [
        (r"\d+\.\d s \(\d+ cases per second\)", "TIME"),
        (r"\d+\.\d s", "TIME"),
        (r"\d+ ms\b", "TIME"),
        (r"127\.0\.0\.1:\d+", "127.0.0.1:PORT"),
        (r"\(embedded\) ─+", "(embedded) ─"),
    ];
    let text = text.replace(concat!(env!("CARGO_MANIFEST_DIR"), "/"), "");
    changes.iter().fold(text, |text, (found, instead)| {
        let found = Regex::new(found).expect("an expression");
        found.replace_all(&text, *instead).into_owned()
    })
}

/// A new folder of that name.
pub fn folder(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("cli-{name}"));
    if path.exists() {
        std::fs::remove_dir_all(&path).expect("the folder of an earlier run can be removed");
    }
    std::fs::create_dir_all(&path).expect("a folder can be made");
    path
}

/// A suite of one case, in a file of its own.
pub fn script(name: &str, text: &str) -> String {
    let path = folder(name).join("case.mqs");
    std::fs::write(&path, text).expect("a file can be written");
    path.display().to_string()
}

/// A server that does the same with every connection.
pub fn server(serve: impl Fn(TcpStream) + Send + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let address = listener.local_addr().expect("it has an address");
    thread::spawn(move || listener.incoming().flatten().for_each(serve));
    address
}

/// An address at which nobody listens.
pub fn nobody() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    listener.local_addr().expect("it has an address")
}

/// A proxy that carries so many connections to a broker, and then is gone like a broker that died.
pub fn mortal(broker: SocketAddr, connections: usize) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let address = listener.local_addr().expect("it has an address");
    thread::spawn(move || {
        for client in listener.incoming().flatten().take(connections) {
            let broker = TcpStream::connect(broker).expect("the broker is there");
            let pair = |stream: &TcpStream| stream.try_clone().expect("a stream can be shared");
            let (to_broker, to_client) = (pair(&broker), pair(&client));
            thread::spawn(move || carry(client, to_broker));
            thread::spawn(move || carry(broker, to_client));
        }
    });
    address
}

fn carry(mut from: TcpStream, mut to: TcpStream) {
    let mut buffer = [0; 4096];
    loop {
        let carried = match from.read(&mut buffer) {
            Ok(0) | Err(_) => break,
            Ok(count) => to.write_all(&buffer[..count]),
        };
        if carried.is_err() {
            break;
        }
    }
    // The other side has gone already, or learns it now.
    let _ = to.shutdown(Shutdown::Write);
}

/// The program as it runs; ended with the test, however that ends.
pub struct Running {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Running {
    pub fn start(arguments: &[&str]) -> Self {
        let mut command = command(arguments);
        let mut child = command
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program runs");
        let lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
        Running { child, lines }
    }

    /// The next line that it prints.
    pub fn line(&mut self) -> String {
        self.lines.next().expect("a line").expect("text")
    }

    /// Waits until it ends by itself; what it prints until then.
    pub fn finish(&mut self) -> String {
        let rest: Vec<String> = self.lines.by_ref().map_while(Result::ok).collect();
        let status = self.child.wait().expect("it ends");
        assert!(status.success(), "{}", rest.join("\n"));
        rest.join("\n")
    }

    /// Sends it a signal; what it prints after that, and its exit status.
    pub fn signal(&mut self, name: &str) -> (String, Option<i32>) {
        let sent = Command::new("kill")
            .args(["-s", name, &self.child.id().to_string()])
            .status();
        assert!(sent.expect("there is a kill").success());
        let rest: Vec<String> = self.lines.by_ref().map_while(Result::ok).collect();
        let status = self.child.wait().expect("it ends");
        (rest.join("\n"), status.code())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It has ended already where the test went well.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
