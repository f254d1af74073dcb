//! The bare relay: what is left of a broker without queues, routing, limits and memory. It answers the handshake
//! and every command with what is expected, and makes of each publish a delivery, in the buffer that it was read
//! into. Nothing that does more can be faster, so this is the limit to which the distance is shown.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use bytes::{Bytes, BytesMut};
use mqspec_codec::frame::put_method;
use mqspec_codec::{
    Deframer, FieldTable, FrameKind, LongStr, Method, ProtocolHeader, ShortStr, basic, channel,
    confirm, connection, exchange, queue,
};

use crate::client::CHANNEL;
use crate::failure::{Failure, doing};
use crate::forward::{Forward, is_publish};

/// The option that makes this program the relay.
pub const FLAG: &str = "--relay";
/// The greatest frame.
const FRAME_MAX: u32 = 131_072;

/// Who consumes just now, once for each consumer: deliveries go to all of them.
type Sinks = Arc<Mutex<Vec<(u64, Arc<TcpStream>)>>>;

/// Listens, says where, and serves until the process is ended.
pub fn serve() -> Result<(), Failure> {
    let listener = TcpListener::bind("127.0.0.1:0").map_err(doing("listening"))?;
    let address = listener.local_addr().map_err(doing("listening"))?;
    println!("listening on {address}");
    let sinks = Sinks::default();
    for (stream, number) in listener.incoming().zip(0..) {
        let stream = Arc::new(stream.map_err(doing("accepting"))?);
        let sinks = Arc::clone(&sinks);
        thread::spawn(move || {
            let result = Peer::new(number, &stream, Arc::clone(&sinks)).and_then(Peer::serve);
            lock(&sinks).retain(|(owner, _)| *owner != number);
            // The peer learns of an error by the end; that it has gone before that is no matter.
            let _ = stream.shutdown(Shutdown::Both);
            if let Err(failure) = result {
                eprintln!("relay: {failure}");
            }
        });
    }
    Ok(())
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// One connection.
struct Peer {
    number: u64,
    stream: Arc<TcpStream>,
    input: BytesMut,
    sinks: Sinks,
    confirms: bool,
    open: bool,
}

impl Peer {
    fn new(number: u64, stream: &Arc<TcpStream>, sinks: Sinks) -> Result<Self, Failure> {
        stream
            .set_nodelay(true)
            .map_err(doing("preparing a socket"))?;
        Ok(Self {
            number,
            stream: Arc::clone(stream),
            input: BytesMut::new(),
            sinks,
            confirms: false,
            open: true,
        })
    }

    fn serve(mut self) -> Result<(), Failure> {
        while self.input.len() < 8 {
            if !self.read()? {
                return Ok(());
            }
        }
        ProtocolHeader::decode(&mut self.input)
            .map_err(|error| Failure::Unexpected(error.to_string()))?;
        self.reply(0, start())?;
        while self.open {
            if is_publish(&self.input) {
                let sinks = lock(&self.sinks);
                let sinks = sinks.iter().map(|(_, sink)| Arc::clone(sink)).collect();
                let input = std::mem::take(&mut self.input);
                let forward = Forward::new(&self.stream, sinks, self.confirms);
                self.input = forward.run(&input)?;
                continue;
            }
            let frame = Deframer::new(0).next(&mut self.input);
            match frame.map_err(|error| Failure::Unexpected(error.to_string()))? {
                Some(frame) if frame.payload.starts_with(&ACK) => {}
                Some(frame) if frame.kind == FrameKind::Method => {
                    self.answer(frame.channel, frame.payload)?;
                }
                Some(_) => {}
                None => {
                    if !self.read()? {
                        return Ok(());
                    }
                }
            }
        }
        Ok(())
    }

    /// Answers a command as if it had been carried out.
    fn answer(&mut self, number: u16, payload: Bytes) -> Result<(), Failure> {
        let method =
            Method::decode(payload).map_err(|error| Failure::Unexpected(error.to_string()))?;
        let answer: Method = match method {
            Method::ConnectionStartOk(_) => tune().into(),
            Method::ConnectionOpen(_) => connection::OpenOk.into(),
            Method::ConnectionClose(_) => {
                self.open = false;
                connection::CloseOk.into()
            }
            Method::ChannelOpen(_) => channel::OpenOk.into(),
            Method::ExchangeDeclare(_) => exchange::DeclareOk.into(),
            Method::QueueDeclare(it) => queue::DeclareOk {
                queue: it.queue,
                ..Default::default()
            }
            .into(),
            Method::QueueBind(_) => queue::BindOk.into(),
            Method::QueueDelete(_) => queue::DeleteOk::default().into(),
            Method::BasicQos(_) => basic::QosOk.into(),
            Method::BasicConsume(_) => {
                let sink = (self.number, Arc::clone(&self.stream));
                lock(&self.sinks).push(sink);
                basic::ConsumeOk {
                    consumer_tag: ShortStr::from_static("c"),
                }
                .into()
            }
            Method::ConfirmSelect(_) => {
                self.confirms = true;
                confirm::SelectOk.into()
            }
            Method::ConnectionTuneOk(_) => return Ok(()),
            other => return Err(Failure::Unexpected(other.to_string())),
        };
        self.reply(number, answer)
    }

    fn reply(&self, number: u16, method: impl Into<Method>) -> Result<(), Failure> {
        let mut octets = BytesMut::new();
        put_method(number, &method.into(), &mut octets);
        (&*self.stream)
            .write_all(&octets)
            .map_err(doing("answering"))
    }

    /// Whether there was anything before the end.
    fn read(&mut self) -> Result<bool, Failure> {
        let mut octets = [0; 16 * 1024];
        let read = (&*self.stream)
            .read(&mut octets)
            .map_err(doing("reading"))?;
        self.input
            .extend_from_slice(octets.get(..read).unwrap_or_default());
        Ok(read > 0)
    }
}

const ACK: [u8; 4] = [0, 60, 0, 80];

fn start() -> connection::Start {
    connection::Start {
        version_major: 0,
        version_minor: 9,
        server_properties: FieldTable::new()
            .with("product", LongStr::from_static("bare relay"))
            .unwrap_or_default(),
        mechanisms: LongStr::from_static("PLAIN"),
        locales: LongStr::from_static("en_US"),
    }
}

fn tune() -> connection::Tune {
    connection::Tune {
        channel_max: CHANNEL,
        frame_max: FRAME_MAX,
        heartbeat: 0,
    }
}
