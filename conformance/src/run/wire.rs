//! A connection's two halves, with TLS or without.

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::time::Duration;

use rustix::net::sockopt::set_socket_linger;
use tokio::io::{AsyncReadExt, AsyncWriteExt, ReadHalf, WriteHalf};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio_rustls::client::TlsStream;

use super::shell::Endpoint;

/// How long a connection may take to be made, and a TLS handshake after that.
const CONNECT: Duration = Duration::from_secs(10);

/// The half that octets come from.
pub(crate) enum Reader {
    Plain(OwnedReadHalf),
    Tls(ReadHalf<TlsStream<TcpStream>>),
}

/// The half that octets go to.
pub(crate) enum Writer {
    Plain(OwnedWriteHalf),
    Tls {
        stream: WriteHalf<TlsStream<TcpStream>>,
        /// The same socket once more, to be reset.
        socket: OwnedFd,
    },
}

/// Connects.
///
/// # Errors
/// If nobody answers there in time, or not in the way that is wanted.
pub(crate) async fn connect(endpoint: &Endpoint) -> io::Result<(Reader, Writer)> {
    let address = (endpoint.host.as_str(), endpoint.port);
    let stream = in_time(TcpStream::connect(address)).await?;
    stream.set_nodelay(true)?;
    let Some(tls) = &endpoint.tls else {
        let (reader, writer) = stream.into_split();
        return Ok((Reader::Plain(reader), Writer::Plain(writer)));
    };
    let socket = stream.as_fd().try_clone_to_owned()?;
    let stream = in_time(tls.shake_hands(&endpoint.host, stream)).await?;
    let (reader, stream) = tokio::io::split(stream);
    Ok((Reader::Tls(reader), Writer::Tls { stream, socket }))
}

async fn in_time<T>(act: impl Future<Output = io::Result<T>>) -> io::Result<T> {
    match tokio::time::timeout(CONNECT, act).await {
        Ok(result) => result,
        Err(_) => Err(io::Error::new(
            io::ErrorKind::TimedOut,
            format!("no answer within {CONNECT:?}"),
        )),
    }
}

impl Reader {
    /// Reads; no octets are the end.
    pub(crate) async fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Reader::Plain(stream) => stream.read(buffer).await,
            Reader::Tls(stream) => match stream.read(buffer).await {
                // The socket was closed in good order; that TLS was not told before is no matter of the broker's
                // protocol.
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(0),
                read => read,
            },
        }
    }

    /// Reads until the buffer is full.
    pub(crate) async fn read_exact(&mut self, buffer: &mut [u8]) -> io::Result<()> {
        let mut filled = 0;
        while let Some(rest) = buffer.get_mut(filled..).filter(|rest| !rest.is_empty()) {
            match self.read(rest).await? {
                0 => return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "early eof")),
                count => filled += count,
            }
        }
        Ok(())
    }
}

impl Writer {
    /// Writes these octets, and keeps none of them back.
    pub(crate) async fn write(&mut self, octets: &[u8]) -> io::Result<()> {
        match self {
            Writer::Plain(stream) => stream.write_all(octets).await,
            Writer::Tls { stream, .. } => {
                stream.write_all(octets).await?;
                stream.flush().await
            }
        }
    }

    /// Says that nothing more will be written: over TLS by `close_notify`, and in either case to the socket.
    pub(crate) async fn half_close(&mut self) -> io::Result<()> {
        match self {
            Writer::Plain(stream) => stream.shutdown().await,
            Writer::Tls { stream, .. } => stream.shutdown().await,
        }
    }

    /// Makes the connection end by a reset, once the reader has gone as well.
    pub(crate) fn reset(self) {
        let reset = match self {
            Writer::Plain(stream) => {
                let reset = stream.as_ref().set_zero_linger();
                stream.forget();
                reset.is_ok()
            }
            Writer::Tls { socket, .. } => set_socket_linger(&socket, Some(Duration::ZERO)).is_ok(),
        };
        debug_assert!(reset, "a socket takes the option");
    }
}
