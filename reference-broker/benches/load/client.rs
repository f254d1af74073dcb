//! A connection as far as it takes to prepare a load: the handshake, and commands answered one by one.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use bytes::BytesMut;
use mqspec_codec::frame::put_method;
use mqspec_codec::{
    FieldTable, FieldValue, Frame, FrameDecoder, LongStr, Method, ProtocolHeader, ShortStr, basic,
    channel, connection,
};

use crate::address::Address;
use crate::failure::{Failure, doing};

/// The largest frame asked for.
const FRAME_MAX: u32 = 131_072;
/// No answer takes as long as this.
const PATIENCE: Duration = Duration::from_secs(30);

/// The one channel that a load uses on each of its connections.
pub const CHANNEL: u16 = 1;

/// A connection that is open.
#[derive(Debug)]
pub struct Client {
    stream: TcpStream,
    input: BytesMut,
    frame_max: u32,
    product: String,
}

impl Client {
    /// Connects and shakes hands; no channel is open.
    pub fn connect(address: &Address) -> Result<Self, Failure> {
        let stream = TcpStream::connect((address.host.as_str(), address.port))
            .map_err(doing("connecting to the broker"))?;
        stream
            .set_nodelay(true)
            .and_then(|()| stream.set_read_timeout(Some(PATIENCE)))
            .and_then(|()| stream.set_write_timeout(Some(PATIENCE)))
            .map_err(doing("preparing a socket"))?;
        let mut client = Self {
            stream,
            input: BytesMut::new(),
            frame_max: FRAME_MAX,
            product: String::new(),
        };
        client.shake_hands(address)?;
        Ok(client)
    }

    /// Connects and opens [`CHANNEL`].
    pub fn open(address: &Address) -> Result<Self, Failure> {
        let mut client = Self::connect(address)?;
        client.ask(CHANNEL, channel::Open)?;
        Ok(client)
    }

    fn shake_hands(&mut self, address: &Address) -> Result<(), Failure> {
        let mut header = BytesMut::new();
        ProtocolHeader::AMQP_0_9_1.encode(&mut header);
        self.write(&header)?;
        match self.hear()? {
            Method::ConnectionStart(start) => self.product = product(&start.server_properties),
            other => return Err(Failure::Unexpected(other.to_string())),
        }
        let plain = format!("\0{}\0{}", address.user, address.password);
        let start_ok = connection::StartOk {
            client_properties: FieldTable::new(),
            mechanism: ShortStr::from_static("PLAIN"),
            response: LongStr::new(plain).map_err(|error| Failure::Refused(error.to_string()))?,
            locale: ShortStr::from_static("en_US"),
        };
        let Method::ConnectionTune(tune) = self.ask(0, start_ok)? else {
            return Err(Failure::Unexpected("no connection.tune".to_owned()));
        };
        if tune.frame_max != 0 {
            self.frame_max = self.frame_max.min(tune.frame_max);
        }
        // No heartbeats: the loads are short, and nobody is to answer any while they run.
        let tune_ok = connection::TuneOk {
            channel_max: tune.channel_max,
            frame_max: self.frame_max,
            heartbeat: 0,
        };
        self.say(0, tune_ok)?;
        self.ask(
            0,
            connection::Open {
                virtual_host: short(&address.virtual_host)?,
            },
        )?;
        Ok(())
    }

    /// What the broker calls itself.
    pub fn product(&self) -> &str {
        &self.product
    }

    /// Octets of the largest frame that may be sent.
    pub fn frame_max(&self) -> u32 {
        self.frame_max
    }

    /// Sends a command that is not answered.
    pub fn say(&mut self, channel: u16, method: impl Into<Method>) -> Result<(), Failure> {
        let mut octets = BytesMut::new();
        put_method(channel, &method.into(), &mut octets);
        self.write(&octets)
    }

    /// Sends a command and waits for its answer.
    pub fn ask(&mut self, channel: u16, method: impl Into<Method>) -> Result<Method, Failure> {
        self.say(channel, method)?;
        self.hear()
    }

    /// The next command that the broker sends.
    fn hear(&mut self) -> Result<Method, Failure> {
        loop {
            let frame = FrameDecoder::new(0).decode(&mut self.input);
            match frame.map_err(|error| Failure::Unexpected(error.to_string()))? {
                Some(Frame::Method { method, .. }) => return accept(method),
                Some(Frame::Heartbeat) => {}
                Some(other) => return Err(Failure::Unexpected(format!("{other:?}"))),
                None => self.read()?,
            }
        }
    }

    fn read(&mut self) -> Result<(), Failure> {
        let mut octets = [0; 4096];
        let read = self
            .stream
            .read(&mut octets)
            .map_err(doing("waiting for an answer"))?;
        if read == 0 {
            return Err(Failure::Refused("the end of the connection".to_owned()));
        }
        self.input
            .extend_from_slice(octets.get(..read).unwrap_or_default());
        Ok(())
    }

    fn write(&mut self, octets: &[u8]) -> Result<(), Failure> {
        self.stream
            .write_all(octets)
            .map_err(doing("sending a command"))
    }

    /// Takes leave as the protocol asks for.
    pub fn close(mut self) -> Result<(), Failure> {
        let close = connection::Close {
            reply_code: 200,
            ..Default::default()
        };
        self.ask(0, close).map(drop)
    }

    /// The socket, and what has been read from it and not been looked at.
    pub fn into_parts(self) -> (TcpStream, BytesMut) {
        (self.stream, self.input)
    }

    /// Goes on with a socket that [`Client::into_parts`] gave away.
    pub fn from_parts(stream: TcpStream, input: BytesMut) -> Result<Self, Failure> {
        stream
            .set_read_timeout(Some(PATIENCE))
            .map_err(doing("preparing a socket"))?;
        Ok(Self {
            stream,
            input,
            frame_max: FRAME_MAX,
            product: String::new(),
        })
    }
}

/// A text for the wire.
pub fn short(text: &str) -> Result<ShortStr, Failure> {
    ShortStr::new(text).map_err(|error| Failure::Refused(error.to_string()))
}

fn accept(method: Method) -> Result<Method, Failure> {
    let text = match &method {
        Method::ConnectionClose(it) => &it.reply_text,
        Method::ChannelClose(it) => &it.reply_text,
        Method::BasicCancel(basic::Cancel { consumer_tag, .. }) => consumer_tag,
        _ => return Ok(method),
    };
    Err(Failure::Refused(format!("{}: {text}", method.name())))
}

fn product(properties: &FieldTable) -> String {
    let text = |name| match properties.get(name) {
        Some(FieldValue::LongString(text)) => String::from_utf8_lossy(&text).into_owned(),
        _ => String::new(),
    };
    format!("{} {}", text("product"), text("version"))
        .trim()
        .to_owned()
}
