//! The tokio shell of an exchange: sockets, and the only clock.

use std::collections::HashMap;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::{Notify, mpsc, watch};
use tokio::task::JoinHandle;

use super::exchange::{Effect, Event, Exchange};
use super::tls::Tls;
use super::wire::{self, Reader, Writer};

/// Where a broker listens, and as whom the suite logs in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// A host name or an address.
    pub host: String,
    /// The port.
    pub port: u16,
    /// The user's name.
    pub user: String,
    /// The user's password.
    pub password: String,
    /// The virtual host.
    pub vhost: String,
    /// TLS, if it is spoken there.
    pub tls: Option<Tls>,
}

/// What a control came to.
pub type ControlFuture<'a> = Pin<Box<dyn Future<Output = Result<(), String>> + Send + 'a>>;

/// How a broker's program ended: a few words, or none if it has not.
pub type ControlFate<'a> = Pin<Box<dyn Future<Output = Option<String>> + Send + 'a>>;

/// How much memory a broker's program takes, in octets, where that can be known.
pub type ControlMemory<'a> = Pin<Box<dyn Future<Output = Option<u64>> + Send + 'a>>;

/// What can be done to a broker apart from talking to it.
pub trait Controls: Send + Sync {
    /// Whether the target can do what a script asks by `target NAME`.
    fn offers(&self, name: &str) -> bool;

    /// Does it.
    fn perform<'a>(&'a self, name: &'a str) -> ControlFuture<'a>;

    /// What has become of the broker, if it has ended by itself and that is known.
    fn fate(&self) -> ControlFate<'_> {
        Box::pin(async { None })
    }

    /// How much memory its program takes, in octets, if it has one of its own on this machine.
    fn memory(&self) -> ControlMemory<'_> {
        Box::pin(async { None })
    }

    /// Ends the broker for good, if it was started for the run.
    fn end(&self) -> ControlFuture<'_> {
        Box::pin(async { Ok(()) })
    }
}

/// How many octets are read at a time.
const BUFFER: usize = 64 * 1024;
/// How many events may wait. A broker that sends faster than its octets are looked at has to wait as well.
const INBOX: usize = 64;
/// How long what is written before a reset may take, where the broker does not read.
const RESET: Duration = Duration::from_secs(1);

/// One connection's tasks.
struct Link {
    pieces: mpsc::UnboundedSender<Order>,
    /// How many octets are read at a time at most; none: nothing is read.
    reading: watch::Sender<Option<usize>>,
    /// Tells the writer to give up what it is writing, and to reset the connection.
    hurry: Arc<Notify>,
    reader: JoinHandle<()>,
    writer: JoinHandle<()>,
}

enum Order {
    Write(Vec<Vec<u8>>),
    HalfClose,
    Reset,
}

/// Plays an exchange to its end.
pub async fn drive(exchange: &mut Exchange, endpoint: &Endpoint, controls: &dyn Controls) {
    // The exchange's time stands still while the target is worked on: how long that takes is no matter of the broker's.
    let mut start = Instant::now();
    let (events, mut inbox) = mpsc::channel(INBOX);
    let mut links: HashMap<usize, Link> = HashMap::new();
    loop {
        while let Some(effect) = exchange.effect() {
            match effect {
                Effect::Connect(connection) => {
                    let made = connect(connection, endpoint, &events).await;
                    let event = match made {
                        Ok(link) => {
                            links.insert(connection, link);
                            Event::Connected(connection)
                        }
                        Err(error) => Event::Unreachable(connection, error.to_string()),
                    };
                    exchange.handle(event, start.elapsed());
                }
                Effect::Write(connection, pieces) => {
                    order(&links, connection, Order::Write(pieces))
                }
                Effect::Read(connection, most) => {
                    if let Some(link) = links.get(&connection) {
                        link.reading.send_replace(most);
                    }
                }
                Effect::HalfClose(connection) => order(&links, connection, Order::HalfClose),
                Effect::Reset(connection) => {
                    order(&links, connection, Order::Reset);
                    if let Some(mut link) = links.remove(&connection) {
                        // The socket is reset when its last owner lets go of it, and the script goes on after that.
                        link.reader.abort();
                        let _ = (&mut link.reader).await;
                        if tokio::time::timeout(RESET, &mut link.writer).await.is_err() {
                            link.hurry.notify_one();
                            let _ = (&mut link.writer).await;
                        }
                    }
                }
                Effect::Close(connection) => drop(links.remove(&connection)),
                Effect::Target(name) => {
                    let began = Instant::now();
                    let result = controls.perform(&name).await;
                    start += began.elapsed();
                    exchange.handle(Event::TargetDone(result), start.elapsed());
                }
            }
        }
        if exchange.is_over() {
            return;
        }
        let pause = exchange.wake_at().saturating_sub(start.elapsed());
        // Events of a broker that never falls silent do not keep the time from passing.
        if pause.is_zero() {
            exchange.tick(start.elapsed());
        }
        tokio::select! {
            Some(event) = inbox.recv() => exchange.handle(event, start.elapsed()),
            () = tokio::time::sleep(pause.max(Duration::from_millis(1))) => exchange.tick(start.elapsed()),
        }
    }
}

fn order(links: &HashMap<usize, Link>, connection: usize, order: Order) {
    if let Some(link) = links.get(&connection) {
        // A writer that has gone met the end of the connection, which the reader reports.
        let _ = link.pieces.send(order);
    }
}

async fn connect(
    connection: usize,
    endpoint: &Endpoint,
    events: &mpsc::Sender<Event>,
) -> io::Result<Link> {
    let (reader, writer) = wire::connect(endpoint).await?;
    let (pieces, orders) = mpsc::unbounded_channel();
    let (reading, most) = watch::channel(Some(BUFFER));
    let hurry = Arc::new(Notify::new());
    Ok(Link {
        pieces,
        reading,
        reader: tokio::spawn(read(connection, reader, events.clone(), most)),
        writer: tokio::spawn(write(writer, orders, hurry.clone())),
        hurry,
    })
}

impl Drop for Link {
    fn drop(&mut self) {
        self.reader.abort();
    }
}

async fn read(
    connection: usize,
    mut reader: Reader,
    events: mpsc::Sender<Event>,
    mut most: watch::Receiver<Option<usize>>,
) {
    let mut buffer = vec![0; BUFFER];
    loop {
        let size = most.borrow_and_update().unwrap_or(0).min(BUFFER);
        // What is told to stop reads nothing more, not even what is there already.
        let read = tokio::select! {
            biased;
            told = most.changed() => match told {
                Ok(()) => continue,
                Err(_) => return,
            },
            read = reader.read(&mut buffer[..size]), if size > 0 => read,
        };
        let event = match read {
            Ok(0) => Event::EndOfFile(connection),
            Ok(count) => Event::Received(connection, buffer[..count].to_vec()),
            Err(_) => Event::Reset(connection),
        };
        let last = !matches!(event, Event::Received(..));
        if events.send(event).await.is_err() || last {
            return;
        }
    }
}

async fn write(mut writer: Writer, mut orders: mpsc::UnboundedReceiver<Order>, hurry: Arc<Notify>) {
    while let Some(order) = orders.recv().await {
        let done = match order {
            Order::Write(pieces) => {
                let done = tokio::select! {
                    biased;
                    done = write_pieces(&mut writer, pieces) => Some(done),
                    () = hurry.notified() => None,
                };
                match done {
                    Some(done) => done,
                    None => return writer.reset(),
                }
            }
            Order::HalfClose => writer.half_close().await,
            Order::Reset => return writer.reset(),
        };
        // The reader reports how the connection ended.
        if done.is_err() {
            return;
        }
    }
}

async fn write_pieces(writer: &mut Writer, pieces: Vec<Vec<u8>>) -> io::Result<()> {
    for piece in pieces {
        writer.write(&piece).await?;
    }
    Ok(())
}
