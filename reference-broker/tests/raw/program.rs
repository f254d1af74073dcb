//! The broker as a child process.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// A running broker. It ends with this value.
pub struct Program {
    child: Child,
    /// Kept open: a program whose output nobody can read may end for that reason.
    _output: BufReader<ChildStdout>,
    pub address: SocketAddr,
}

impl Program {
    /// Starts it on a free port.
    pub fn start(arguments: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_reference-broker"))
            .args(["--listen", "127.0.0.1:0"])
            .args(arguments)
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let mut output = BufReader::new(child.stdout.take().expect("a pipe"));
        let mut line = String::new();
        output.read_line(&mut line).expect("a line");
        let address = line.trim().rsplit(' ').next();
        let address = address.and_then(|text| text.parse().ok());
        Self {
            child,
            _output: output,
            address: address.unwrap_or_else(|| panic!("no address in '{line}'")),
        }
    }

    /// Octets of memory in use (`VmRSS` of Linux).
    pub fn memory(&self) -> u64 {
        let path = format!("/proc/{}/status", self.child.id());
        let status = std::fs::read_to_string(path).expect("a running program");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kib = line.and_then(|line| {
            line.trim()
                .trim_end_matches("kB")
                .trim()
                .parse::<u64>()
                .ok()
        });
        kib.expect("a number of kB") * 1024
    }

    /// What memory has come down to: the least that is seen until it is no more than `enough`, or that time has passed.
    pub fn memory_below(&self, enough: u64, patience: Duration) -> u64 {
        let start = Instant::now();
        let mut least = self.memory();
        while least > enough && start.elapsed() < patience {
            thread::sleep(Duration::from_millis(50));
            least = least.min(self.memory());
        }
        least
    }

    /// Whether it has not ended.
    pub fn is_running(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It has ended already, or is of no use any more.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
