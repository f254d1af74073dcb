//! A client that does one thing after the other on channel 1.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use bytes::BytesMut;
use mqspec_codec::frame::{put_body, put_header, put_method};
use mqspec_codec::{
    BasicProperties, ContentHeader, Frame, FrameDecoder, LongStr, Method, ShortStr, basic, channel,
    connection,
};

/// Whatever takes longer hangs.
const PATIENCE: Duration = Duration::from_secs(30);
const FRAME_MAX: u32 = 131_072;

pub struct Client {
    stream: TcpStream,
    input: BytesMut,
    output: BytesMut,
}

/// Whether an error is what a killed broker looks like.
pub fn is_cut(error: &io::Error) -> bool {
    use io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, UnexpectedEof};
    matches!(
        error.kind(),
        BrokenPipe | ConnectionAborted | ConnectionReset | UnexpectedEof
    )
}

pub fn name(text: &str) -> ShortStr {
    ShortStr::new(text).expect("a short name")
}

impl Client {
    /// Connects as guest, and opens channel 1.
    pub fn open(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        let mut client = Self {
            stream,
            input: BytesMut::new(),
            output: BytesMut::from(&b"AMQP\x00\x00\x09\x01"[..]),
        };
        client.next()?;
        let start_ok = connection::StartOk {
            mechanism: name("PLAIN"),
            response: LongStr::from_static("\0guest\0guest"),
            locale: name("en_US"),
            ..Default::default()
        };
        client.put(0, start_ok);
        client.next()?;
        let tune_ok = connection::TuneOk {
            channel_max: 0,
            frame_max: FRAME_MAX,
            heartbeat: 0,
        };
        client.put(0, tune_ok);
        client.put(
            0,
            connection::Open {
                virtual_host: name("/"),
            },
        );
        client.next()?;
        client.put(1, channel::Open);
        client.next()?;
        Ok(client)
    }

    fn put(&mut self, channel: u16, method: impl Into<Method>) {
        put_method(channel, &method.into(), &mut self.output);
    }

    /// Says something with the next [`Client::flush`].
    pub fn say(&mut self, method: impl Into<Method>) {
        self.put(1, method);
    }

    /// Publishes a persistent message with the next [`Client::flush`].
    pub fn publish(&mut self, exchange: &str, routing_key: &str, body: &[u8]) {
        self.say(basic::Publish {
            exchange: name(exchange),
            routing_key: name(routing_key),
            ..Default::default()
        });
        let properties = BasicProperties {
            delivery_mode: Some(2),
            ..Default::default()
        };
        let header = ContentHeader {
            body_size: body.len() as u64,
            properties: properties.into(),
        };
        put_header(1, &header, &mut self.output);
        put_body(1, body, FRAME_MAX, &mut self.output);
    }

    pub fn flush(&mut self) -> io::Result<()> {
        let output = self.output.split();
        self.stream.write_all(&output)
    }

    /// What the broker says next, with its body if it has one. Everything that waits to be said is said before.
    pub fn next(&mut self) -> io::Result<(Method, Vec<u8>)> {
        self.flush()?;
        let method = match self.frame()? {
            Frame::Method { method, .. } => method,
            other => return Err(io::Error::other(format!("out of place: {other:?}"))),
        };
        let mut body = Vec::new();
        if method.has_content() {
            let size = match self.frame()? {
                Frame::Header { header, .. } => header.body_size,
                other => return Err(io::Error::other(format!("no header: {other:?}"))),
            };
            while (body.len() as u64) < size {
                match self.frame()? {
                    Frame::Body { payload, .. } => body.extend_from_slice(&payload),
                    other => return Err(io::Error::other(format!("no body: {other:?}"))),
                }
            }
        }
        Ok((method, body))
    }

    /// Says something, and returns the answer, which has to be what comes next.
    pub fn ask(&mut self, method: impl Into<Method>) -> io::Result<(Method, Vec<u8>)> {
        self.say(method);
        match self.next()? {
            (Method::ChannelClose(close), _) => {
                Err(io::Error::other(format!("refused: {close:?}")))
            }
            answer => Ok(answer),
        }
    }

    fn frame(&mut self) -> io::Result<Frame> {
        let mut decoder = FrameDecoder::new(FRAME_MAX);
        loop {
            if let Some(frame) = decoder.decode(&mut self.input).map_err(io::Error::other)? {
                return Ok(frame);
            }
            let mut octets = [0; 64 * 1024];
            match self.stream.read(&mut octets)? {
                0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                count => self.input.extend_from_slice(&octets[..count]),
            }
        }
    }
}
