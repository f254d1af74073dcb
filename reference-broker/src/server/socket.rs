//! One connection's socket, served by a task of its own that reads and writes at once.

use std::io::{self, IoSlice};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::sync::{Semaphore, mpsc, watch};
use tokio::time::sleep;

use super::buffers::Buffers;
use super::core::Report;
use super::door::Stream;
use crate::ConnectionId;

/// How many reads of one client may wait to be looked at.
const AHEAD: usize = 2;
/// Pieces handed to the kernel in one write.
const WRITE: usize = 1024;
/// How long a peer may take to read the last octets and to close its side. Closing at once would
/// reset the connection where the peer is still sending, and destroy what it has not yet read.
const LINGER: Duration = Duration::from_secs(3);

/// The core's end of a socket. Letting go of it closes the socket once everything is written.
#[derive(Debug)]
pub(super) struct Socket {
    /// What is to be written together.
    pending: Vec<Bytes>,
    outbox: mpsc::UnboundedSender<Vec<Bytes>>,
    paused: watch::Sender<bool>,
}

impl Socket {
    /// The core's end, and the work of the socket's task.
    pub(super) fn new(
        stream: Stream,
        id: ConnectionId,
        reporter: mpsc::Sender<(ConnectionId, Report)>,
    ) -> (Self, impl Future<Output = ()> + Send) {
        let (outbox, pieces) = mpsc::unbounded_channel();
        let (paused, pause) = watch::channel(false);
        let reporter = Reporter { id, reporter };
        let work = async move {
            match stream {
                Stream::Plain(stream) => {
                    serve(stream.into_split(), reporter, pieces, pause).await;
                }
                Stream::Tls(stream) => {
                    serve(tokio::io::split(stream), reporter, pieces, pause).await;
                }
            }
        };
        let pending = Vec::new();
        (
            Self {
                pending,
                outbox,
                paused,
            },
            work,
        )
    }

    /// Puts octets behind those that still wait. How many may wait is the broker's business.
    pub(super) fn write(&mut self, octets: Bytes) {
        self.pending.push(octets);
    }

    /// Has everything written that was put here, at once.
    pub(super) fn flush(&mut self) {
        if !self.pending.is_empty() {
            // A task that has ended has reported so.
            let _ = self.outbox.send(std::mem::take(&mut self.pending));
        }
    }

    /// Stops reading, or takes it up again.
    pub(super) fn pause(&self, paused: bool) {
        self.paused.send_replace(paused);
    }
}

struct Reporter {
    id: ConnectionId,
    reporter: mpsc::Sender<(ConnectionId, Report)>,
}

impl Reporter {
    async fn send(&self, report: Report) {
        // Only a core that has gone does not listen, and then nobody needs the report.
        let _ = self.reporter.send((self.id, report)).await;
    }
}

async fn serve(
    (input, output): (impl AsyncRead + Unpin, impl AsyncWrite + Unpin),
    reporter: Reporter,
    pieces: mpsc::UnboundedReceiver<Vec<Bytes>>,
    pause: watch::Receiver<bool>,
) {
    let work = async {
        let reading = read(input, &reporter, pause.clone());
        let writing = write(output, &reporter, pieces);
        tokio::pin!(reading, writing);
        tokio::select! {
            () = &mut reading => {
                reporter.send(Report::Ended).await;
                // What the broker had answered before the peer's end may still be read.
                let _ = writing.await;
            }
            result = &mut writing => {
                if result.is_ok() {
                    reading.await;
                }
            }
        }
    };
    let overdue = async {
        let mut pause = pause.clone();
        while pause.changed().await.is_ok() {}
        sleep(LINGER).await;
    };
    tokio::select! {
        () = work => {}
        () = overdue => {}
    }
    reporter.send(Report::Ended).await;
}

/// Reads until the peer's end, whatever form that takes.
async fn read(
    mut input: impl AsyncRead + Unpin,
    reporter: &Reporter,
    mut pause: watch::Receiver<bool>,
) {
    let mut buffers = Buffers::default();
    let ahead = Arc::new(Semaphore::new(AHEAD));
    loop {
        let Ok(turn) = Arc::clone(&ahead).acquire_owned().await else {
            return;
        };
        // An error means that the core has let go: what still comes is read to be thrown away.
        let _ = pause.wait_for(|paused| !paused).await;
        match input.read_buf(buffers.next()).await {
            Ok(0) | Err(_) => return,
            Ok(_) => {}
        }
        reporter.send(Report::Received(buffers.take(), turn)).await;
    }
}

/// Writes until the core lets go and nothing waits any more, then says that there will be no more.
async fn write(
    mut output: impl AsyncWrite + Unpin,
    reporter: &Reporter,
    mut pieces: mpsc::UnboundedReceiver<Vec<Bytes>>,
) -> io::Result<()> {
    while let Some(mut batch) = pieces.recv().await {
        while batch.len() < WRITE
            && let Ok(more) = pieces.try_recv()
        {
            batch.extend(more);
        }
        let mut slices: Vec<IoSlice<'_>> = batch.iter().map(|piece| IoSlice::new(piece)).collect();
        let mut rest = slices.as_mut_slice();
        while !rest.is_empty() {
            let next = rest.get(..WRITE).unwrap_or(rest);
            let written = output.write_vectored(next).await?;
            if written == 0 {
                return Err(io::ErrorKind::WriteZero.into());
            }
            IoSlice::advance_slices(&mut rest, written);
            reporter.send(Report::Written(written)).await;
        }
        // TLS may have kept the last of it for itself.
        output.flush().await?;
    }
    output.shutdown().await
}
