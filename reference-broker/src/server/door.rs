//! Where peers come in: one task for each address, which also plays the TLS handshakes of that address.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use tracing::{debug, info};

use super::tls::common_name;
use crate::Peer;

/// How long to wait where no peer could be taken in.
const PAUSE: Duration = Duration::from_millis(10);

/// A peer who has come in.
pub(super) struct Arrival {
    pub(super) stream: Stream,
    pub(super) peer: Peer,
}

/// What octets are read from and written to.
pub(super) enum Stream {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

/// An address that is listened on.
pub(super) struct Door {
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    /// How long a TLS handshake may take.
    patience: Duration,
    /// How many TLS handshakes may go on at once. Whoever comes then has to wait.
    most: usize,
}

impl Door {
    pub(super) async fn open(
        address: SocketAddr,
        tls: Option<TlsAcceptor>,
        patience: Duration,
        most: usize,
    ) -> io::Result<Self> {
        Ok(Self {
            listener: TcpListener::bind(address).await?,
            tls,
            patience,
            most: most.max(1),
        })
    }

    pub(super) fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    pub(super) fn speaks_tls(&self) -> bool {
        self.tls.is_some()
    }

    /// Lets peers in until it is aborted.
    pub(super) async fn attend(self, arrivals: mpsc::Sender<Arrival>) {
        let mut handshakes = JoinSet::new();
        loop {
            let (stream, address) = tokio::select! {
                accepted = self.listener.accept(), if handshakes.len() < self.most => match accepted {
                    Ok(accepted) => accepted,
                    // It is the peer's (gone before it was accepted) or a passing lack of descriptors:
                    // waiting lets connections end, and the next attempt tells.
                    Err(error) => {
                        debug!(%error, "nobody could be let in");
                        sleep(PAUSE).await;
                        continue;
                    }
                },
                Some(_) = handshakes.join_next() => continue,
            };
            // Without it small replies are slower; with or without it they are right.
            let _ = stream.set_nodelay(true);
            let peer = Peer {
                address: Some(address),
                certificate: None,
            };
            match &self.tls {
                None => arrive(&arrivals, Stream::Plain(stream), peer).await,
                Some(tls) => {
                    let handshake = timeout(self.patience, tls.accept(stream));
                    let arrivals = arrivals.clone();
                    handshakes.spawn(async move {
                        // Who speaks no TLS, or shows a certificate that nobody vouches for, has been told so by an alert.
                        let stream = match handshake.await {
                            Ok(Ok(stream)) => stream,
                            Ok(Err(error)) => return info!(peer = %address, %error, "no TLS"),
                            Err(_) => return info!(peer = %address, "TLS took too long"),
                        };
                        let shown = stream.get_ref().1.peer_certificates();
                        let certificate = shown.and_then(<[_]>::first).and_then(common_name);
                        let peer = Peer {
                            certificate,
                            ..peer
                        };
                        arrive(&arrivals, Stream::Tls(Box::new(stream)), peer).await;
                    });
                }
            }
        }
    }
}

async fn arrive(arrivals: &mpsc::Sender<Arrival>, stream: Stream, peer: Peer) {
    // A core that has gone takes nobody in.
    let _ = arrivals.send(Arrival { stream, peer }).await;
}
