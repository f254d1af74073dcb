//! The program under test: octets in, lines out, and started again when it dies.

use std::collections::VecDeque;
use std::io::{self, BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::corpus::export::hex;

/// How many lines of its standard error are kept.
const KEPT: usize = 8;

/// How octets are handed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// A line of hexadecimal digits.
    Hex,
    /// Four octets of length, the highest first, and the octets.
    Binary,
}

/// What came of a frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// A line.
    Line(String),
    /// The program ended.
    Died {
        /// How, in words.
        how: String,
        /// The last lines of its standard error.
        said: Vec<String>,
    },
    /// Nothing came in time; it was ended.
    Hung,
}

/// A program that decodes frames.
#[derive(Debug)]
pub struct Program {
    command: Vec<String>,
    form: Form,
    patience: Duration,
    running: Option<Running>,
    /// How many times it was started.
    pub starts: usize,
    /// How many times it said nothing in time.
    pub hangs: usize,
}

#[derive(Debug)]
struct Running {
    child: Child,
    stdin: ChildStdin,
    lines: Receiver<String>,
    errors: Arc<Mutex<VecDeque<String>>>,
}

impl Program {
    /// A program that is about to be started. The command is not empty.
    pub fn new(command: &[String], form: Form, patience: Duration) -> Program {
        Program {
            command: command.to_vec(),
            form,
            patience,
            running: None,
            starts: 0,
            hangs: 0,
        }
    }

    /// Hands octets over and waits for the line that answers them.
    ///
    /// # Errors
    /// The program cannot be started.
    pub fn ask(&mut self, octets: &[u8]) -> io::Result<Reply> {
        let mut running = match self.running.take() {
            Some(running) => running,
            None => self.start()?,
        };
        let request = match self.form {
            Form::Hex => format!("{}\n", hex(octets)).into_bytes(),
            Form::Binary => [&(octets.len() as u32).to_be_bytes(), octets].concat(),
        };
        // If it is gone, the end of its lines tells.
        let _ = running
            .stdin
            .write_all(&request)
            .and_then(|()| running.stdin.flush());
        match running.lines.recv_timeout(self.patience) {
            Ok(line) => {
                self.running = Some(running);
                Ok(Reply::Line(line))
            }
            Err(RecvTimeoutError::Timeout) => {
                running.end();
                self.hangs += 1;
                Ok(Reply::Hung)
            }
            Err(RecvTimeoutError::Disconnected) => {
                let how = running.end().map_or("ended".to_owned(), ended);
                let said = running
                    .errors
                    .lock()
                    .map(|lines| lines.iter().cloned().collect());
                Ok(Reply::Died {
                    how,
                    said: said.unwrap_or_default(),
                })
            }
        }
    }

    fn start(&mut self) -> io::Result<Running> {
        self.starts += 1;
        let mut child = Command::new(&self.command[0])
            .args(&self.command[1..])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        let (Some(stdin), Some(stdout), Some(stderr)) =
            (child.stdin.take(), child.stdout.take(), child.stderr.take())
        else {
            return Err(io::Error::other("no pipes to the program"));
        };
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            let mut reader = BufReader::new(stdout);
            let mut line = Vec::new();
            while reader
                .read_until(b'\n', &mut line)
                .is_ok_and(|count| count > 0)
            {
                let text = String::from_utf8_lossy(&line).trim().to_owned();
                if sender.send(text).is_err() {
                    break;
                }
                line.clear();
            }
        });
        let errors = Arc::new(Mutex::new(VecDeque::new()));
        let kept = errors.clone();
        std::thread::spawn(move || {
            for line in BufReader::new(stderr).split(b'\n').map_while(Result::ok) {
                let Ok(mut kept) = kept.lock() else { break };
                kept.push_back(String::from_utf8_lossy(&line).into_owned());
                if kept.len() > KEPT {
                    kept.pop_front();
                }
            }
        });
        Ok(Running {
            child,
            stdin,
            lines,
            errors,
        })
    }
}

impl Running {
    /// Ends the program, which may have closed its output and gone on otherwise.
    fn end(&mut self) -> Option<ExitStatus> {
        // A program that ended by itself keeps its own status.
        for _ in 0..50 {
            match self.child.try_wait() {
                Ok(None) => std::thread::sleep(Duration::from_millis(2)),
                Ok(status) => return status,
                Err(_) => break,
            }
        }
        // Whether it is gone already is all the same.
        let _ = self.child.kill();
        self.child.wait().ok()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Nobody asks any more; what becomes of the program is of no consequence.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn ended(status: ExitStatus) -> String {
    use std::os::unix::process::ExitStatusExt;
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("ends with exit status {code}"),
        (_, Some(signal)) => format!("is ended by signal {signal}"),
        _ => "ends".to_owned(),
    }
}
