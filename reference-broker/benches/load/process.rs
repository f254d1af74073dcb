//! What the system knows of processes: memory, time used, and who listens where (Linux, `/proc`).

use std::fs;
use std::path::Path;
use std::time::Duration;

/// A process of this machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Process(pub u32);

impl Process {
    /// Octets of memory in use (`VmRSS`); `None` once the process has gone.
    pub fn memory(self) -> Option<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.0)).ok()?;
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix("VmRSS:"))?;
        let kib: u64 = line.trim().trim_end_matches("kB").trim().parse().ok()?;
        Some(kib * 1024)
    }

    /// Time that its threads have spent on the processors; `None` once the process has gone.
    pub fn busy(self) -> Option<Duration> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.0)).ok()?;
        // Behind the name, which may hold anything, the times in and out of the kernel are fields 12 and 13.
        let (_, fields) = stat.rsplit_once(')')?;
        let ticks = |field: &str| field.parse::<u64>().ok();
        let mut fields = fields.split_whitespace().skip(11).map_while(ticks);
        // A tick is a hundredth of a second for every program.
        Some(Duration::from_millis(
            10 * (fields.next()? + fields.next()?),
        ))
    }

    /// Who listens on a port of this machine, if we may know.
    pub fn listening_on(port: u16) -> Option<Self> {
        let inode = ["/proc/net/tcp", "/proc/net/tcp6"]
            .iter()
            .find_map(|table| listener(&fs::read_to_string(table).ok()?, port))?;
        let socket = format!("socket:[{inode}]");
        let processes = fs::read_dir("/proc").ok()?.flatten();
        processes
            .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
            .find(|id| holds(&format!("/proc/{id}/fd"), &socket))
            .map(Self)
    }
}

/// The inode of the socket that listens on the port, of a table as `/proc/net/tcp` is one.
fn listener(table: &str, port: u16) -> Option<String> {
    const LISTENS: &str = "0A";
    let port = format!(":{port:04X}");
    table.lines().find_map(|line| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let (local, state, inode) = (fields.get(1)?, fields.get(3)?, fields.get(9)?);
        (local.ends_with(&port) && *state == LISTENS).then(|| (*inode).to_owned())
    })
}

fn holds(descriptors: &str, socket: &str) -> bool {
    let entries = fs::read_dir(descriptors).into_iter().flatten().flatten();
    entries
        .filter_map(|entry| fs::read_link(entry.path()).ok())
        .any(|link| link == Path::new(socket))
}
