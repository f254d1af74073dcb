//! Sockets between clients and a broker. Octets are noted, then passed on at once and unchanged; so are the end of a
//! half and a reset.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

use super::{Happening, What};
use crate::dialect::Side;
use crate::run::Endpoint;
use crate::run::wire::{self, Reader, Writer};

/// How many octets are read at a time.
const BUFFER: usize = 64 * 1024;
/// How many happenings may wait to be written down. Whoever talks faster has to wait as well.
const INBOX: usize = 256;

/// Why a proxy cannot listen.
#[derive(Debug, thiserror::Error)]
#[error("{address}: {error}{}", advice(.error))]
pub struct ProxyError {
    address: String,
    error: io::Error,
}

fn advice(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::AddrInUse => "; name another one, or port 0 for any that is free",
        io::ErrorKind::InvalidInput => "; an address is written HOST:PORT, such as 127.0.0.1:5673",
        _ => "",
    }
}

/// A proxy that listens.
#[derive(Debug)]
pub struct Proxy {
    listener: TcpListener,
    broker: Arc<Endpoint>,
}

impl Proxy {
    /// Listens at an address, `HOST:PORT`, for a broker at an endpoint.
    ///
    /// # Errors
    /// An address that is none, or that is taken.
    pub async fn listen(address: &str, broker: Endpoint) -> Result<Proxy, ProxyError> {
        let listener = TcpListener::bind(address).await;
        let listener = listener.map_err(|error| ProxyError {
            address: address.to_owned(),
            error,
        })?;
        Ok(Proxy {
            listener,
            broker: Arc::new(broker),
        })
    }

    /// Where it listens.
    ///
    /// # Errors
    /// If the system does not tell.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Carries what clients and the broker say, and hands out what happens, until so many connections have ended, or for
    /// ever. Ends with the runtime, or when the receiver is dropped.
    pub fn carry(self, connections: Option<usize>) -> mpsc::Receiver<Happening> {
        let (happenings, inbox) = mpsc::channel(INBOX);
        tokio::spawn(self.accept(connections.unwrap_or(usize::MAX), happenings));
        inbox
    }

    async fn accept(self, connections: usize, happenings: mpsc::Sender<Happening>) {
        let start = Instant::now();
        for connection in 0..connections {
            let (client, peer) = loop {
                tokio::select! {
                    () = happenings.closed() => return,
                    accepted = self.listener.accept() => match accepted {
                        Ok(accepted) => break accepted,
                        // A client that has gone already, or no descriptor left for a moment.
                        Err(_) => tokio::time::sleep(std::time::Duration::from_millis(50)).await,
                    },
                }
            };
            let teller = Teller {
                connection,
                start,
                happenings: happenings.clone(),
            };
            tokio::spawn(between(client, peer, self.broker.clone(), teller));
        }
    }
}

/// Tells what happens on one connection.
#[derive(Debug, Clone)]
struct Teller {
    connection: usize,
    start: Instant,
    happenings: mpsc::Sender<Happening>,
}

impl Teller {
    async fn tell(&self, what: What) {
        let happening = Happening {
            connection: self.connection,
            at: self.start.elapsed(),
            what,
        };
        // Whoever wrote it down has gone, and the program with it.
        let _ = self.happenings.send(happening).await;
    }
}

/// How one direction of a connection ended.
enum Ended {
    /// In good order, or because the other side takes nothing any more, which its own direction tells.
    Quietly,
    /// By a reset, which is for the other socket to pass on.
    Reset(Writer),
}

async fn between(client: TcpStream, peer: SocketAddr, broker: Arc<Endpoint>, teller: Teller) {
    teller.tell(What::Opened(peer)).await;
    let (to_broker, to_client) = match wire::connect(&broker).await {
        Ok((from_broker, to_broker)) => {
            // Octets that wait for others would come later than they were sent.
            let _ = client.set_nodelay(true);
            let (from_client, to_client) = client.into_split();
            (
                direction(
                    Reader::Plain(from_client),
                    to_broker,
                    Side::Client,
                    teller.clone(),
                ),
                direction(
                    from_broker,
                    Writer::Plain(to_client),
                    Side::Broker,
                    teller.clone(),
                ),
            )
        }
        Err(error) => {
            drop(client);
            teller.tell(What::Unreachable(error.to_string())).await;
            return teller.tell(What::Over).await;
        }
    };
    let (mut to_broker, mut to_client) = (Box::pin(to_broker), Box::pin(to_client));
    let reset = tokio::select! {
        ended = &mut to_broker => match ended {
            Ended::Reset(writer) => Some(writer),
            Ended::Quietly => reset(to_client.as_mut().await),
        },
        ended = &mut to_client => match ended {
            Ended::Reset(writer) => Some(writer),
            Ended::Quietly => reset(to_broker.as_mut().await),
        },
    };
    // A socket is reset once its other half has gone.
    drop((to_broker, to_client));
    if let Some(writer) = reset {
        writer.reset();
    }
    teller.tell(What::Over).await;
}

fn reset(ended: Ended) -> Option<Writer> {
    match ended {
        Ended::Reset(writer) => Some(writer),
        Ended::Quietly => None,
    }
}

async fn direction(mut from: Reader, mut to: Writer, side: Side, teller: Teller) -> Ended {
    let mut buffer = vec![0; BUFFER];
    loop {
        match from.read(&mut buffer).await {
            Ok(0) => {
                teller.tell(What::Finished(side)).await;
                // If it cannot be told, the other side has gone.
                let _ = to.half_close().await;
                return Ended::Quietly;
            }
            Ok(count) => {
                teller
                    .tell(What::Said(side, buffer[..count].to_vec()))
                    .await;
                if to.write(&buffer[..count]).await.is_err() {
                    return Ended::Quietly;
                }
            }
            Err(_) => {
                teller.tell(What::Reset(side)).await;
                return Ended::Reset(to);
            }
        }
    }
}
