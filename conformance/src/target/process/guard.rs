//! Sees to it that nothing stays behind when this program is killed and can see to nothing itself.
//!
//! A shell waits for the end of a pipe whose other end only this program holds. When the pipe ends,
//! by whatever death, the shell kills the process groups that it was told of and removes the folder.

use std::io::{self, Write};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::Mutex;

/// Reads `+ GROUP` and `- GROUP` lines; `$1` is the folder.
const SCRIPT: &str = r#"
groups=' '
while read -r sign group; do
  case $sign in
    +) groups="$groups$group " ;;
    -) groups="${groups%% $group *} ${groups#* $group }" ;;
  esac
done
for group in $groups; do kill -s KILL -- "-$group"; done
rm -rf -- "$1" || { sleep 1; rm -rf -- "$1"; }
"#;

/// The waiting shell. Dropping it sends it away without work.
pub(super) struct Guard {
    shell: Child,
    orders: Mutex<ChildStdin>,
}

impl Guard {
    pub fn start(folder: &Path) -> io::Result<Guard> {
        let mut shell = Command::new("/bin/sh")
            .args(["-c", SCRIPT, "mqspec-guard"])
            .arg(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            // A group of its own, so that Ctrl-C in a terminal does not reach it.
            .process_group(0)
            .spawn()?;
        match shell.stdin.take() {
            Some(orders) => Ok(Guard {
                shell,
                orders: Mutex::new(orders),
            }),
            None => Err(io::Error::other("the guard has no standard input")),
        }
    }

    /// Takes a process group into its care.
    pub fn watch(&self, group: u32) -> io::Result<()> {
        self.order(&format!("+ {group}\n"))
    }

    /// Forgets a process group that has ended, before its number is given to another.
    pub fn forget(&self, group: u32) -> io::Result<()> {
        self.order(&format!("- {group}\n"))
    }

    fn order(&self, line: &str) -> io::Result<()> {
        let mut orders = self
            .orders
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        orders.write_all(line.as_bytes())
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        // It has to be gone before the pipe ends. If it has gone already, there is nothing to send away.
        if self.shell.kill().is_ok() {
            let _ = self.shell.wait();
        }
    }
}
