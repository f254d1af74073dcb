//! A client that sends whatever octets it is told to.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use mqspec_codec::frame::{put_body, put_header, put_method};
use mqspec_codec::{
    ContentHeader, FieldTable, Frame, FrameDecoder, LongStr, Method, Properties, ShortStr, basic,
    channel, connection,
};

/// No answer takes as long as this.
const WATCHDOG: Duration = Duration::from_secs(30);
const FRAME_MAX: u32 = 131_072;

/// What the broker sends.
#[derive(Debug, Clone, PartialEq)]
pub enum Heard {
    /// A command.
    Method(u16, Method),
    /// A piece of a content.
    Content(u16, Bytes),
    /// The end of the connection, whatever form it took.
    End,
}

/// A connection.
pub struct Client {
    pub stream: TcpStream,
    input: BytesMut,
    output: BytesMut,
}

/// A name on the wire.
pub fn name(text: &str) -> ShortStr {
    ShortStr::new(text).expect("a short name")
}

impl Client {
    /// A socket, and nothing sent.
    pub fn connect(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).expect("a listening broker");
        stream.set_nodelay(true).expect("an open socket");
        stream.set_read_timeout(Some(WATCHDOG)).expect("a time");
        stream.set_write_timeout(Some(WATCHDOG)).expect("a time");
        Self {
            stream,
            input: BytesMut::new(),
            output: BytesMut::new(),
        }
    }

    /// An open connection with channel 1 on the virtual host `/`, or what came instead.
    pub fn try_open(address: SocketAddr) -> Result<Self, Box<Heard>> {
        Self::try_open_on(address, "/")
    }

    fn try_open_on(address: SocketAddr, virtual_host: &str) -> Result<Self, Box<Heard>> {
        let mut client = Self::connect(address);
        client.send(b"AMQP\x00\x00\x09\x01");
        client.hear_method::<connection::Start>()?;
        let start_ok = connection::StartOk {
            client_properties: FieldTable::new(),
            mechanism: ShortStr::from_static("PLAIN"),
            response: LongStr::from_static("\0guest\0guest"),
            locale: ShortStr::from_static("en_US"),
        };
        client.say(0, start_ok);
        client.hear_method::<connection::Tune>()?;
        client.say(0, connection::TuneOk::default());
        client.say(
            0,
            connection::Open {
                virtual_host: name(virtual_host),
            },
        );
        client.hear_method::<connection::OpenOk>()?;
        client.say(1, channel::Open);
        client.hear_method::<channel::OpenOk>()?;
        Ok(client)
    }

    /// An open connection with channel 1 on the virtual host `/`.
    pub fn open(address: SocketAddr) -> Self {
        Self::open_on(address, "/")
    }

    /// An open connection with channel 1.
    pub fn open_on(address: SocketAddr, virtual_host: &str) -> Self {
        Self::try_open_on(address, virtual_host)
            .unwrap_or_else(|heard| panic!("no connection: {heard:?}"))
    }

    /// Reads to the end whatever comes.
    pub fn read_to_end(&mut self) {
        while self.read() {
            self.input.clear();
        }
    }

    /// Sends octets, and whatever was put before. An error shows in what is heard.
    pub fn send(&mut self, octets: &[u8]) {
        self.output.extend_from_slice(octets);
        self.flush();
    }

    /// Sends what was put.
    pub fn flush(&mut self) {
        let octets = self.output.split();
        // A broker that has gone away is heard of by reading.
        let _ = self.stream.write_all(&octets);
    }

    /// What was put, for somebody else to send.
    pub fn take_output(&mut self) -> BytesMut {
        self.output.split()
    }

    /// Adds a command to what is to be sent. Octets that are to be sent.
    pub fn put(&mut self, channel: u16, method: impl Into<Method>) -> usize {
        put_method(channel, &method.into(), &mut self.output);
        self.output.len()
    }

    /// Adds a content to what is to be sent.
    pub fn put_publish(&mut self, channel: u16, publish: basic::Publish, body: &[u8]) -> usize {
        put_method(channel, &publish.into(), &mut self.output);
        let header = ContentHeader {
            body_size: body.len() as u64,
            properties: Properties::default(),
        };
        put_header(channel, &header, &mut self.output);
        put_body(channel, body, FRAME_MAX, &mut self.output);
        self.output.len()
    }

    /// Sends a command.
    pub fn say(&mut self, channel: u16, method: impl Into<Method>) {
        self.put(channel, method);
        self.flush();
    }

    /// What comes next, heartbeats apart.
    pub fn hear(&mut self) -> Heard {
        loop {
            match FrameDecoder::new(0)
                .decode(&mut self.input)
                .expect("legal frames")
            {
                Some(Frame::Method { channel, method }) => return Heard::Method(channel, method),
                Some(Frame::Header { channel, .. }) => {
                    return Heard::Content(channel, Bytes::new());
                }
                Some(Frame::Body { channel, payload }) => return Heard::Content(channel, payload),
                Some(Frame::Heartbeat) => {}
                None if !self.read() => return Heard::End,
                None => {}
            }
        }
    }

    /// Whether anything came before the end.
    fn read(&mut self) -> bool {
        let mut octets = [0; 64 * 1024];
        match self.stream.read(&mut octets) {
            Ok(read) => {
                self.input.extend_from_slice(&octets[..read]);
                read > 0
            }
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                panic!("nothing came in {WATCHDOG:?}")
            }
            Err(_) => false,
        }
    }

    fn hear_method<T: mqspec_codec::Command>(&mut self) -> Result<Method, Box<Heard>> {
        match self.hear() {
            Heard::Method(_, method) if method.id() == T::ID => Ok(method),
            other => Err(other.into()),
        }
    }

    /// Sends a command on channel 1 and gives its answer.
    pub fn ask(&mut self, method: impl Into<Method>) -> Heard {
        self.say(1, method);
        self.hear()
    }

    /// Reads to the end; the reply code of the `connection.close` that came before it, if one did.
    pub fn ended(&mut self) -> Option<u16> {
        let mut code = None;
        loop {
            match self.hear() {
                Heard::Method(0, Method::ConnectionClose(close)) => {
                    code = Some(close.reply_code);
                    self.say(0, connection::CloseOk);
                }
                Heard::End => return code,
                _ => {}
            }
        }
    }

    /// Takes leave and waits for the answer, so that nothing of this connection is left.
    pub fn close(mut self) {
        let close = connection::Close {
            reply_code: 200,
            ..Default::default()
        };
        self.say(0, close);
        while !matches!(
            self.hear(),
            Heard::Method(0, Method::ConnectionCloseOk(_)) | Heard::End
        ) {}
    }
}
