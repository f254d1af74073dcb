//! A started program with all that it starts itself.

use std::io;
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustix::process::{
    Pid, Signal as Kill, kill_process, kill_process_group, test_kill_process_group,
};
use tokio::process::{Child, Command};

use super::guard::Guard;
use crate::target::file::Signal;

/// How long killed processes may take to vanish. One that this system's first process does not reap never does.
const VANISH: Duration = Duration::from_secs(2);
const PAUSE: Duration = Duration::from_millis(10);

/// A process group. Dropping it kills it.
pub(super) struct Group {
    pub program: String,
    leader: Child,
    id: Pid,
    guard: Arc<Guard>,
}

impl Group {
    pub fn start(mut command: Command, guard: Arc<Guard>) -> io::Result<Group> {
        let program = command
            .as_std()
            .get_program()
            .to_string_lossy()
            .into_owned();
        let leader = command.process_group(0).kill_on_drop(true).spawn()?;
        let id = leader.id().and_then(|id| Pid::from_raw(id.cast_signed()));
        let id = id.ok_or_else(|| io::Error::other("the program ended before it had begun"))?;
        let group = Group {
            program,
            leader,
            id,
            guard,
        };
        group.guard.watch(group.number())?;
        Ok(group)
    }

    fn number(&self) -> u32 {
        self.id.as_raw_nonzero().get().cast_unsigned()
    }

    /// How its first process ended, if it did.
    pub fn ended(&mut self) -> io::Result<Option<String>> {
        Ok(self.leader.try_wait()?.map(describe))
    }

    /// How many octets of memory its processes hold together, as far as the system tells (Linux, `/proc`).
    pub fn memory(&self) -> Option<u64> {
        let mut octets = None;
        for entry in std::fs::read_dir("/proc").ok()?.flatten() {
            let Ok(stat) = std::fs::read_to_string(entry.path().join("stat")) else {
                continue;
            };
            // Behind the name, which may hold blanks: state, parent, group; the 22nd is the resident set in pages.
            let Some((_, rest)) = stat.rsplit_once(") ") else {
                continue;
            };
            let fields: Vec<&str> = rest.split(' ').collect();
            let number = |place: usize| fields.get(place)?.parse::<u64>().ok();
            if number(2) == Some(self.number().into())
                && let Some(pages) = number(21)
            {
                let page = rustix::param::page_size() as u64;
                *octets.get_or_insert(0) += pages * page;
            }
        }
        octets
    }

    /// Sends the first process a signal that does not end it.
    pub fn send(&self, signal: Signal) -> io::Result<()> {
        kill_process(self.id, number(signal)).map_err(io::Error::from)
    }

    /// Sends the first process a signal, waits until it ends, kills it if it does not, and then what it has left.
    pub async fn end(&mut self, signal: Signal, limit: Duration) -> io::Result<()> {
        if self.leader.try_wait()?.is_none() {
            match signal {
                // Nothing can be passed on to others by a program that is killed.
                Signal::Kill => self.kill(),
                other => self.send(other)?,
            }
            if tokio::time::timeout(limit, self.leader.wait())
                .await
                .is_err()
            {
                self.kill();
                self.leader.wait().await?;
            }
        }
        self.kill();
        let end = Instant::now() + VANISH;
        while self.exists() && Instant::now() < end {
            tokio::time::sleep(PAUSE).await;
        }
        self.guard.forget(self.number())
    }

    fn exists(&self) -> bool {
        test_kill_process_group(self.id).is_ok()
    }

    fn kill(&self) {
        // The only refusal is that there is nobody left.
        let _ = kill_process_group(self.id, Kill::KILL);
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        let running = matches!(self.leader.try_wait(), Ok(None));
        if !running && !self.exists() {
            return;
        }
        self.kill();
        let end = Instant::now() + VANISH;
        // The first process has to be reaped, or the group goes on existing.
        while (matches!(self.leader.try_wait(), Ok(None)) || self.exists()) && Instant::now() < end
        {
            std::thread::sleep(PAUSE);
        }
    }
}

fn number(signal: Signal) -> Kill {
    match signal {
        Signal::Term => Kill::TERM,
        Signal::Int => Kill::INT,
        Signal::Quit => Kill::QUIT,
        Signal::Kill => Kill::KILL,
        Signal::Hup => Kill::HUP,
        Signal::Usr1 => Kill::USR1,
        Signal::Usr2 => Kill::USR2,
    }
}

fn describe(status: ExitStatus) -> String {
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("exit status {code}"),
        (None, Some(signal)) => format!("killed by signal {signal}"),
        (None, None) => status.to_string(),
    }
}
