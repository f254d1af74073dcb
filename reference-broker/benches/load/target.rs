//! The brokers under load: reached at a URL, or started as child processes.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::address::Address;
use crate::client::Client;
use crate::failure::{Failure, doing};
use crate::process::Process;
use crate::relay;

/// What stands for the reference broker where a URL may stand.
pub const REFERENCE: &str = "reference";
/// The same without a directory where what is durable is kept.
pub const IN_MEMORY: &str = "in-memory";

/// Whether a target's own start is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Reference,
    InMemory,
    Relay,
    Running,
}

/// A broker, or the relay.
#[derive(Debug)]
pub struct Target {
    /// What it calls itself.
    pub name: String,
    pub kind: Kind,
    pub address: Address,
    /// Its process, if it runs on this machine and we may look at it.
    pub process: Option<Process>,
    /// Octets of memory before any load.
    pub idle_memory: Option<u64>,
    _child: Option<Started>,
}

impl Target {
    /// Goes to the URL, or starts what is meant instead, and looks whether it answers.
    pub fn new(text: &str) -> Result<Self, Failure> {
        match text {
            REFERENCE => return Self::of_child(Kind::Reference, REFERENCE, Started::reference()?),
            IN_MEMORY => return Self::of_child(Kind::InMemory, IN_MEMORY, Started::in_memory()?),
            _ => {}
        }
        let address: Address = text.parse()?;
        let process = Process::listening_on(address.port);
        Self::finish(Kind::Running, None, address, process, None)
    }

    /// The bare relay, in a process of its own.
    pub fn relay() -> Result<Self, Failure> {
        Self::of_child(Kind::Relay, "bare relay", Started::relay()?)
    }

    fn of_child(kind: Kind, name: &str, child: Started) -> Result<Self, Failure> {
        let process = Process(child.child.id());
        let address = Address::local(child.port);
        Self::finish(kind, Some(name), address, Some(process), Some(child))
    }

    fn finish(
        kind: Kind,
        name: Option<&str>,
        address: Address,
        process: Option<Process>,
        child: Option<Started>,
    ) -> Result<Self, Failure> {
        let client = Client::connect(&address)?;
        let name = name.unwrap_or(client.product()).to_owned();
        client.close()?;
        Ok(Self {
            name,
            kind,
            address,
            idle_memory: process.and_then(Process::memory),
            process,
            _child: child,
        })
    }
}

/// A child process that listens. It ends with this value.
#[derive(Debug)]
pub struct Started {
    child: Child,
    port: u16,
    /// From the start of the process to the line that says where it listens.
    pub took: Duration,
    /// Where it keeps what is durable; gone with it.
    directory: Option<TempDir>,
}

impl Started {
    /// The reference broker, with a directory on the disk that the build is on.
    pub fn reference() -> Result<Self, Failure> {
        let directory =
            TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).map_err(doing("making a directory"))?;
        let mut command = Self::command();
        command.arg("--data-dir").arg(directory.path());
        let mut started = Self::start("the reference broker", command)?;
        started.directory = Some(directory);
        Ok(started)
    }

    /// The reference broker, keeping nothing.
    pub fn in_memory() -> Result<Self, Failure> {
        Self::start("the reference broker", Self::command())
    }

    fn command() -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_reference-broker"));
        command.args(["--listen", "127.0.0.1:0"]);
        command
    }

    fn relay() -> Result<Self, Failure> {
        let program = std::env::current_exe().map_err(doing("looking for this program"))?;
        let mut command = Command::new(program);
        command.arg(relay::FLAG);
        Self::start("the relay", command)
    }

    fn start(name: &'static str, mut command: Command) -> Result<Self, Failure> {
        let start = Instant::now();
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(doing("starting a process"))?;
        let mut line = String::new();
        let read = child
            .stdout
            .take()
            .map(BufReader::new)
            .map(|mut output| output.read_line(&mut line));
        let took = start.elapsed();
        read.transpose()
            .map_err(doing("reading what a process says"))?;
        let port = line
            .trim()
            .rsplit(':')
            .next()
            .and_then(|port| port.parse().ok());
        // From here on the process ends with the value.
        let mut started = Self {
            child,
            port: 0,
            took,
            directory: None,
        };
        started.port = port.ok_or_else(|| Failure::Start(name, line.trim().to_owned()))?;
        Ok(started)
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        // It has ended already, or nothing of it is needed any more.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
