//! The broker over TCP.

use std::io::ErrorKind;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::BytesMut;
use mqspec_codec::frame::{put_body, put_header, put_method};
use mqspec_codec::{
    BasicProperties, ContentHeader, FieldTable, Frame, FrameDecoder, LongStr, Method, Properties,
    ShortStr, basic, channel, confirm, connection, queue,
};
use reference_broker::server::{Config, Server};
use reference_broker::store::{Batch, MemoryStore, Store, StoreError, StoredRecord};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// No answer takes as long as this.
const WATCHDOG: Duration = Duration::from_secs(20);

struct Client {
    stream: TcpStream,
    input: BytesMut,
}

impl Client {
    async fn connect(server: &Server) -> Self {
        let stream = TcpStream::connect(server.address())
            .await
            .expect("a listening server");
        Self {
            stream,
            input: BytesMut::new(),
        }
    }

    async fn open(server: &Server) -> Self {
        Self::open_with(server, &[]).await
    }

    async fn open_with(server: &Server, capabilities: &[&str]) -> Self {
        let mut client = Self::connect(server).await;
        client.send(b"AMQP\x00\x00\x09\x01").await;
        assert!(matches!(client.method().await, Method::ConnectionStart(_)));
        let capabilities = capabilities.iter().fold(FieldTable::new(), |table, name| {
            table.with(name, true).expect("a legal table")
        });
        let start_ok = connection::StartOk {
            client_properties: FieldTable::new()
                .with("capabilities", capabilities)
                .expect("a legal table"),
            mechanism: ShortStr::from_static("PLAIN"),
            response: LongStr::from_static("\0guest\0guest"),
            locale: ShortStr::from_static("en_US"),
        };
        client.say(0, start_ok).await;
        assert!(matches!(client.method().await, Method::ConnectionTune(_)));
        client.say(0, connection::TuneOk::default()).await;
        client
            .say(
                0,
                connection::Open {
                    virtual_host: ShortStr::from_static("/"),
                },
            )
            .await;
        assert!(matches!(client.method().await, Method::ConnectionOpenOk(_)));
        client.say(1, channel::Open).await;
        assert!(matches!(client.method().await, Method::ChannelOpenOk(_)));
        client
    }

    async fn send(&mut self, octets: &[u8]) {
        self.stream
            .write_all(octets)
            .await
            .expect("the server reads");
    }

    async fn say(&mut self, channel: u16, method: impl Into<Method>) {
        let mut octets = BytesMut::new();
        put_method(channel, &method.into(), &mut octets);
        self.send(&octets).await;
    }

    async fn publish(&mut self, queue: &'static str, body: &[u8]) {
        self.publish_with(queue, Properties::default(), body).await;
    }

    async fn publish_with(&mut self, queue: &'static str, properties: Properties, body: &[u8]) {
        let mut octets = BytesMut::new();
        let publish = basic::Publish {
            routing_key: ShortStr::from_static(queue),
            ..Default::default()
        };
        put_method(1, &publish.into(), &mut octets);
        let header = ContentHeader {
            body_size: body.len() as u64,
            properties,
        };
        put_header(1, &header, &mut octets);
        put_body(1, body, 131_072, &mut octets);
        self.send(&octets).await;
    }

    async fn frame(&mut self) -> Option<Frame> {
        timeout(WATCHDOG, async {
            loop {
                let frame = FrameDecoder::new(0)
                    .decode(&mut self.input)
                    .expect("legal frames");
                if frame.is_some() {
                    return frame;
                }
                match self.stream.read_buf(&mut self.input).await {
                    Ok(0) => return None,
                    Ok(_) => {}
                    Err(error) if error.kind() == ErrorKind::ConnectionReset => return None,
                    Err(error) => panic!("{error}"),
                }
            }
        })
        .await
        .expect("an answer in time")
    }

    async fn method(&mut self) -> Method {
        match self.frame().await {
            Some(Frame::Method { method, .. }) => method,
            other => panic!("no command: {other:?}"),
        }
    }

    /// The body of the content whose command has come.
    async fn body(&mut self) -> Vec<u8> {
        let Some(Frame::Header { header, .. }) = self.frame().await else {
            panic!("no header")
        };
        let mut body = Vec::new();
        while (body.len() as u64) < header.body_size {
            let Some(Frame::Body { payload, .. }) = self.frame().await else {
                panic!("no body")
            };
            body.extend_from_slice(&payload);
        }
        body
    }

    async fn queue(&mut self, queue: &'static str) -> queue::DeclareOk {
        let queue = ShortStr::from_static(queue);
        self.say(
            1,
            queue::Declare {
                queue,
                ..Default::default()
            },
        )
        .await;
        match self.method().await {
            Method::QueueDeclareOk(ok) => ok,
            other => panic!("no queue: {other:?}"),
        }
    }

    async fn consume(&mut self, queue: &'static str) {
        let queue = ShortStr::from_static(queue);
        let consume = basic::Consume {
            queue,
            no_ack: true,
            ..Default::default()
        };
        self.say(1, consume).await;
        assert!(matches!(self.method().await, Method::BasicConsumeOk(_)));
    }
}

async fn start() -> Server {
    Server::start(Config::default()).await.expect("a free port")
}

#[tokio::test]
async fn a_message_goes_from_one_client_to_another() {
    let server = start().await;
    let (mut a, mut b) = (Client::open(&server).await, Client::open(&server).await);
    a.queue("q").await;
    b.consume("q").await;
    let body = vec![7; 300_000];
    a.publish("q", &body).await;
    assert!(matches!(b.method().await, Method::BasicDeliver(_)));
    assert_eq!(b.body().await, body);
    a.say(0, connection::Close::default()).await;
    assert!(matches!(a.method().await, Method::ConnectionCloseOk(_)));
    assert_eq!(a.frame().await, None);
}

#[tokio::test]
async fn an_unknown_header_is_answered_and_the_socket_closed() {
    let server = start().await;
    let mut client = Client::connect(&server).await;
    client
        .send(b"GET / HTTP/1.1\r\nHost: somebody\r\n\r\n")
        .await;
    let mut answer = Vec::new();
    timeout(WATCHDOG, client.stream.read_to_end(&mut answer))
        .await
        .expect("an answer in time")
        .expect("the answer, and then the end");
    assert_eq!(answer, b"AMQP\x00\x00\x09\x01");
}

#[tokio::test]
async fn an_answer_arrives_though_the_client_sends_no_more() {
    let server = start().await;
    let mut client = Client::open(&server).await;
    client.say(0, connection::Close::default()).await;
    client.stream.shutdown().await.expect("an open socket");
    assert!(matches!(
        client.method().await,
        Method::ConnectionCloseOk(_)
    ));
    assert_eq!(client.frame().await, None);
}

#[tokio::test]
async fn a_lost_connection_gives_back_what_it_had() {
    let server = start().await;
    let (mut a, mut b) = (Client::open(&server).await, Client::open(&server).await);
    a.queue("q").await;
    a.publish("q", b"1").await;
    let get = basic::Get {
        queue: ShortStr::from_static("q"),
        no_ack: false,
    };
    a.say(1, get).await;
    assert!(matches!(a.method().await, Method::BasicGetOk(_)));
    b.consume("q").await;
    drop(a);
    let Method::BasicDeliver(deliver) = b.method().await else {
        panic!("no delivery")
    };
    assert!(deliver.redelivered);
}

#[tokio::test]
async fn a_client_that_does_not_read_holds_up_nobody() {
    let server = start().await;
    let (mut slow, mut quick) = (Client::open(&server).await, Client::open(&server).await);
    slow.queue("slow").await;
    slow.queue("quick").await;
    slow.consume("slow").await;
    quick.consume("quick").await;
    let body = vec![0; 1 << 20];
    for _ in 0..32 {
        quick.publish("slow", &body).await;
    }
    quick.publish("quick", b"1").await;
    assert!(matches!(quick.method().await, Method::BasicDeliver(_)));
    assert_eq!(quick.body().await, b"1");
    // What the sockets and the backlog do not hold waits in the queue, and comes when there is room.
    assert!(quick.queue("slow").await.message_count > 0);
    for _ in 0..32 {
        assert!(matches!(slow.method().await, Method::BasicDeliver(_)));
        assert_eq!(slow.body().await.len(), body.len());
    }
}

#[tokio::test]
async fn during_an_alarm_a_publisher_waits() {
    let server = start().await;
    let mut client = Client::open_with(&server, &["connection.blocked"]).await;
    client.queue("q").await;
    client.say(1, confirm::Select { nowait: true }).await;
    client.publish("q", b"1").await;
    assert!(matches!(client.method().await, Method::BasicAck(_)));
    let control = server.control();
    control.set_alarm(true);
    assert!(matches!(
        client.method().await,
        Method::ConnectionBlocked(_)
    ));
    client.publish("q", b"2").await;
    let mut other = Client::open(&server).await;
    assert_eq!(other.queue("q").await.message_count, 1);
    control.set_alarm(false);
    assert!(matches!(
        client.method().await,
        Method::ConnectionUnblocked(_)
    ));
    assert!(matches!(client.method().await, Method::BasicAck(_)));
    assert_eq!(other.queue("q").await.message_count, 2);
}

/// A store on a disk that is full at times.
struct Disk {
    store: MemoryStore,
    is_full: Arc<AtomicBool>,
}

impl Store for Disk {
    fn load(&mut self) -> Result<Vec<StoredRecord>, StoreError> {
        self.store.load()
    }

    fn write(&mut self, batch: &Batch) -> Result<(), StoreError> {
        match self.is_full.load(Ordering::SeqCst) {
            false => self.store.write(batch),
            true => Err(StoreError::Io {
                path: "disk".into(),
                error: ErrorKind::StorageFull.into(),
            }),
        }
    }
}

#[tokio::test]
async fn while_the_disk_is_full_publishers_wait_and_nothing_is_lost() {
    let is_full = Arc::new(AtomicBool::new(false));
    let disk = Disk {
        store: MemoryStore::default(),
        is_full: Arc::clone(&is_full),
    };
    let server = Server::start_with(Config::default(), Some(Box::new(disk))).await;
    let server = server.expect("a free port");
    let mut client = Client::open_with(&server, &["connection.blocked"]).await;
    let declare = queue::Declare {
        queue: ShortStr::from_static("q"),
        durable: true,
        ..Default::default()
    };
    client.say(1, declare.clone()).await;
    assert!(matches!(client.method().await, Method::QueueDeclareOk(_)));
    client.say(1, confirm::Select { nowait: true }).await;
    let persistent = Properties::from(BasicProperties {
        delivery_mode: Some(2),
        ..Default::default()
    });
    is_full.store(true, Ordering::SeqCst);
    client.publish_with("q", persistent.clone(), b"1").await;
    assert!(matches!(
        client.method().await,
        Method::ConnectionBlocked(_)
    ));
    client.publish_with("q", persistent, b"2").await;
    // Nobody else is held up, and what is in memory can be had.
    let mut other = Client::open(&server).await;
    other.consume("q").await;
    assert!(matches!(other.method().await, Method::BasicDeliver(_)));
    assert_eq!(other.body().await, b"1");
    is_full.store(false, Ordering::SeqCst);
    assert!(matches!(
        client.method().await,
        Method::ConnectionUnblocked(_)
    ));
    for delivery_tag in [1, 2] {
        match client.method().await {
            Method::BasicAck(ack) => assert_eq!(ack.delivery_tag, delivery_tag),
            other => panic!("no confirmation: {other:?}"),
        }
    }
    server.shutdown().await;
}

#[tokio::test]
async fn shutting_down_takes_leave_of_the_clients() {
    let server = start().await;
    let address = server.address();
    let mut client = Client::open(&server).await;
    let leaving = tokio::spawn(server.shutdown());
    let Method::ConnectionClose(close) = client.method().await else {
        panic!("no close")
    };
    assert_eq!(close.reply_code, 320);
    client.say(0, connection::CloseOk).await;
    assert_eq!(client.frame().await, None);
    drop(client);
    timeout(WATCHDOG, leaving)
        .await
        .expect("an end in time")
        .expect("no panic");
    assert!(TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn a_dropped_server_is_gone() {
    let server = start().await;
    let address = server.address();
    let mut client = Client::open(&server).await;
    drop(server);
    assert_eq!(client.frame().await, None);
    assert!(TcpStream::connect(address).await.is_err());
}
