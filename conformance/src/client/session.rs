//! Sockets, the clock and the client's program around a case.

use std::io;
use std::net::SocketAddr;
use std::process::{ExitStatus, Stdio};
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::{Child, Command};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep_until};

use super::answer::{Answer, Ended};
use super::case::ClientCase;
use super::play::{Effect, Play, Record};
use crate::dialect::Dialect;

/// How long the last octets of a program that ended may take.
const LAST: Duration = Duration::from_millis(500);
/// How long a client that is started by hand may be without a connection before a case is taken to be over.
const QUIET: Duration = Duration::from_secs(2);

/// Who the client is.
#[derive(Debug, Clone)]
pub enum Program {
    /// A command and its arguments, started for each case.
    Command(Vec<String>),
    /// Somebody who starts it by hand, and is told by the function where to.
    Hand(fn(&ClientCase, &str)),
}

/// Why a case could not be played.
#[derive(Debug, thiserror::Error)]
pub enum PlayError {
    /// The system refuses.
    #[error("no socket to listen on: {0}")]
    Listen(io::Error),
    /// The client's program does not start.
    #[error("`{0}` cannot be started: {1}")]
    Start(String, io::Error),
    /// A mistake of the case.
    #[error("{0}")]
    Case(String),
}

/// What a socket's tasks report.
enum Event {
    Received(usize, Vec<u8>),
    Ended(usize),
}

/// Plays one case to its end. Without a program there is no answer.
///
/// # Errors
/// Where nothing can be listened on, or the program does not start.
pub async fn play(
    case: Arc<ClientCase>,
    dialect: &'static dyn Dialect,
    address: SocketAddr,
    program: &Program,
    patience: Duration,
) -> Result<(Record, Option<Answer>), PlayError> {
    let play = Play::new(case.clone(), dialect).map_err(PlayError::Case)?;
    let listener = TcpListener::bind(address)
        .await
        .map_err(PlayError::Listen)?;
    let address = listener.local_addr().map_err(PlayError::Listen)?;
    let url = format!("amqp://guest:guest@{address}/%2f");
    let running = match program {
        Program::Command(command) => Some(Running::start(command, &case, &url)?),
        Program::Hand(tell) => {
            tell(&case, &url);
            None
        }
    };
    let (reporter, events) = unbounded_channel();
    let mut stage = Stage {
        play,
        start: Instant::now(),
        reporter,
        writers: Vec::new(),
    };
    let answer = stage.run(listener, events, running, patience).await;
    Ok((stage.play.finish(), answer))
}

struct Stage {
    play: Play,
    start: Instant,
    reporter: UnboundedSender<Event>,
    writers: Vec<UnboundedSender<Effect>>,
}

impl Stage {
    fn now(&self) -> Duration {
        self.start.elapsed()
    }

    async fn run(
        &mut self,
        listener: TcpListener,
        mut events: UnboundedReceiver<Event>,
        mut running: Option<Running>,
        patience: Duration,
    ) -> Option<Answer> {
        let by_hand = running.is_none();
        let mut ended: Option<Ended> = None;
        let mut end = self.start + patience;
        loop {
            let over = ended.is_some() && events.is_empty() && !self.play.is_open();
            if over || Instant::now() >= end {
                break;
            }
            let due = self.play.next_deadline().map(|due| self.start + due);
            tokio::select! {
                Ok((stream, _)) = listener.accept() => self.admit(stream),
                Some(event) = events.recv() => {
                    let now = self.now();
                    match event {
                        Event::Received(number, octets) => self.play.receive(number, &octets, now),
                        Event::Ended(number) => self.play.end_of_file(number, now),
                    }
                    if by_hand && !self.play.is_open() {
                        end = end.min(Instant::now() + QUIET);
                    }
                }
                status = wait(running.as_mut()), if ended.is_none() && !by_hand => {
                    ended = Some(status.map_or(Ended::Hung, how));
                    end = end.min(Instant::now() + LAST);
                }
                () = sleep_until(due.unwrap_or(end).min(end)) => self.play.tick(self.now()),
            }
            self.obey();
        }
        match running {
            Some(running) => Some(running.finish(ended).await),
            None => None,
        }
    }

    fn admit(&mut self, stream: TcpStream) {
        // Without it, pieces of a split write may travel together.
        let _ = stream.set_nodelay(true);
        let number = self.play.connect(self.now());
        let (mut reader, mut writer) = stream.into_split();
        let reporter = self.reporter.clone();
        let reading = tokio::spawn(async move {
            let mut buffer = vec![0; 1 << 16];
            loop {
                let event = match reader.read(&mut buffer).await {
                    Ok(0) | Err(_) => Event::Ended(number),
                    Ok(count) => Event::Received(number, buffer[..count].to_vec()),
                };
                let over = matches!(event, Event::Ended(_));
                if reporter.send(event).is_err() || over {
                    break;
                }
            }
        });
        let (orders, mut obeyed) = unbounded_channel();
        self.writers.push(orders);
        tokio::spawn(async move {
            while let Some(order) = obeyed.recv().await {
                let done = match order {
                    Effect::Write(_, octets) => writer.write_all(&octets).await,
                    Effect::Close(_) => writer.shutdown().await,
                    Effect::Reset(_) => {
                        // The socket is closed, by a reset, when nobody holds either half of it.
                        let _ = writer.as_ref().set_zero_linger();
                        writer.forget();
                        reading.abort();
                        return;
                    }
                };
                // A client that has gone reads nothing; its end is reported by the reader.
                if done.is_err() {
                    break;
                }
                tokio::task::yield_now().await;
            }
        });
    }

    fn obey(&mut self) {
        while let Some(effect) = self.play.poll() {
            let (Effect::Write(number, _) | Effect::Close(number) | Effect::Reset(number)) = effect;
            if let Some(writer) = self.writers.get(number) {
                // The writer ends when its client has gone.
                let _ = writer.send(effect);
            }
        }
    }
}

/// A client's program that runs.
struct Running {
    child: Child,
    stdout: JoinHandle<Vec<u8>>,
    stderr: JoinHandle<Vec<u8>>,
}

impl Running {
    fn start(command: &[String], case: &ClientCase, url: &str) -> Result<Running, PlayError> {
        let refuse = |error| PlayError::Start(command[0].clone(), error);
        let mut child = Command::new(&command[0])
            .args(&command[1..])
            .env("MQSPEC_URL", url)
            .env("MQSPEC_TASK", &case.task)
            .env("MQSPEC_CASE", &case.id)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
            .map_err(refuse)?;
        let stdout = tokio::spawn(all(child.stdout.take()));
        let stderr = tokio::spawn(all(child.stderr.take()));
        Ok(Running {
            child,
            stdout,
            stderr,
        })
    }

    /// What it said; a program that still runs is ended, with what it started.
    async fn finish(mut self, ended: Option<Ended>) -> Answer {
        if ended.is_none() {
            let group = self.child.id().and_then(|id| i32::try_from(id).ok());
            if let Some(group) = group.and_then(rustix::process::Pid::from_raw) {
                // It may have ended just now.
                let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
            }
            let _ = self.child.wait().await;
        }
        let (stdout, stderr) = tokio::join!(self.stdout, self.stderr);
        Answer::new(
            &stdout.unwrap_or_default(),
            &stderr.unwrap_or_default(),
            ended.unwrap_or(Ended::Hung),
        )
    }
}

async fn all(stream: Option<impl AsyncReadExt + Unpin>) -> Vec<u8> {
    let mut octets = Vec::new();
    if let Some(mut stream) = stream {
        // What came before an error is all there is.
        let _ = stream.read_to_end(&mut octets).await;
    }
    octets
}

async fn wait(running: Option<&mut Running>) -> Option<ExitStatus> {
    match running {
        Some(running) => running.child.wait().await.ok(),
        None => std::future::pending().await,
    }
}

fn how(status: ExitStatus) -> Ended {
    use std::os::unix::process::ExitStatusExt;
    match (status.code(), status.signal()) {
        (Some(code), _) => Ended::Exited(code),
        (None, Some(signal)) => Ended::Signal(signal),
        (None, None) => Ended::Hung,
    }
}
