//! The broker over TLS: who comes in, whom EXTERNAL takes them for, and what is said of bad files.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::BytesMut;
use mqspec_codec::frame::put_method;
use mqspec_codec::{Frame, FrameDecoder, LongStr, Method, ShortStr, connection};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use reference_broker::server::{ClientCertificate, Config, Server, Tls};
use rstest::rstest;
use rustls::RootCertStore;
use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// No answer takes as long as this.
const WATCHDOG: Duration = Duration::from_secs(20);

/// An authority, and the files of a server that it vouches for.
struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    folder: PathBuf,
}

impl Authority {
    fn new() -> Self {
        static FOLDERS: AtomicUsize = AtomicUsize::new(0);
        let folder = format!("tls-{}", FOLDERS.fetch_add(1, Ordering::Relaxed));
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(folder);
        std::fs::create_dir_all(&folder).expect("a folder");
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().expect("a key");
        let issuer = CertifiedIssuer::self_signed(params, key).expect("a certificate");
        let authority = Self { issuer, folder };
        let (certificate, key) = authority.vouch("localhost");
        authority.write("ca.pem", &authority.issuer.pem());
        authority.write("server.pem", &certificate.pem());
        authority.write("server.key", &key.serialize_pem());
        authority
    }

    fn vouch(&self, name: &str) -> (rcgen::Certificate, KeyPair) {
        let mut params = CertificateParams::new(vec![name.to_owned()]).expect("a name");
        params.distinguished_name.push(DnType::CommonName, name);
        let key = KeyPair::generate().expect("a key");
        let certificate = params.signed_by(&key, &self.issuer).expect("a certificate");
        (certificate, key)
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.folder.join(name), text).expect("written");
    }

    fn tls(&self, client_certificate: ClientCertificate) -> Tls {
        Tls {
            listen: vec!["127.0.0.1:0".parse().expect("an address")],
            certificate: self.folder.join("server.pem"),
            key: self.folder.join("server.key"),
            ca: Some(self.folder.join("ca.pem")),
            client_certificate,
        }
    }

    async fn serve(&self, client_certificate: ClientCertificate) -> Server {
        let mut config = Config {
            tls: Some(self.tls(client_certificate)),
            ..Config::default()
        };
        config.broker.handshake_timeout = Duration::from_millis(500);
        Server::start(config).await.expect("a free port")
    }

    /// A connection of somebody whose name is vouched for, or of nobody in particular.
    async fn connect(&self, server: &Server, name: Option<&str>) -> io::Result<Client> {
        let mut roots = RootCertStore::empty();
        roots.add(self.issuer.der().clone()).expect("an authority");
        let builder =
            rustls::ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
                .with_safe_default_protocol_versions()
                .expect("versions")
                .with_root_certificates(roots);
        let config = match name {
            None => builder.with_no_client_auth(),
            Some(name) => {
                let (certificate, key) = self.vouch(name);
                let chain: Vec<CertificateDer<'static>> = vec![certificate.der().clone()];
                let key = PrivateKeyDer::try_from(key.serialize_der()).expect("a key");
                builder.with_client_auth_cert(chain, key).expect("a key")
            }
        };
        let [_, address] = server.addresses() else {
            panic!("one plain and one TLS address")
        };
        let stream = TcpStream::connect(address).await?;
        let host = ServerName::try_from("localhost").expect("a name");
        let connector = TlsConnector::from(Arc::new(config));
        let mut client = Client {
            stream: connector.connect(host, stream).await?,
            input: BytesMut::new(),
        };
        client.stream.write_all(b"AMQP\x00\x00\x09\x01").await?;
        client.stream.flush().await?;
        Ok(client)
    }
}

struct Client {
    stream: TlsStream<TcpStream>,
    input: BytesMut,
}

impl Client {
    async fn method(&mut self) -> io::Result<Method> {
        let answer = async {
            loop {
                let frame = FrameDecoder::new(0).decode(&mut self.input);
                match frame.expect("legal frames") {
                    Some(Frame::Method { method, .. }) => return Ok(method),
                    Some(other) => panic!("no command: {other:?}"),
                    None => {}
                }
                if self.stream.read_buf(&mut self.input).await? == 0 {
                    return Err(io::ErrorKind::UnexpectedEof.into());
                }
            }
        };
        timeout(WATCHDOG, answer).await.expect("an answer in time")
    }

    async fn mechanisms(&mut self) -> String {
        let Ok(Method::ConnectionStart(start)) = self.method().await else {
            panic!("no connection.start")
        };
        String::from_utf8_lossy(&start.mechanisms).into_owned()
    }

    async fn say(&mut self, method: impl Into<Method>) {
        let mut octets = BytesMut::new();
        put_method(0, &method.into(), &mut octets);
        self.stream.write_all(&octets).await.expect("it reads");
        self.stream.flush().await.expect("it reads");
    }
}

fn external(identity: &'static str) -> connection::StartOk {
    connection::StartOk {
        mechanism: ShortStr::from_static("EXTERNAL"),
        response: LongStr::from_static(identity),
        locale: ShortStr::from_static("en_US"),
        ..Default::default()
    }
}

#[tokio::test]
async fn both_addresses_are_served_at_once() {
    let authority = Authority::new();
    let server = authority.serve(ClientCertificate::None).await;
    let mut client = authority.connect(&server, None).await.expect("TLS");
    assert_eq!(client.mechanisms().await, "PLAIN AMQPLAIN RABBIT-CR-DEMO");
    let mut plain = TcpStream::connect(server.address()).await.expect("no TLS");
    plain
        .write_all(b"AMQP\x00\x00\x09\x01")
        .await
        .expect("it reads");
    assert_eq!(plain.read_u8().await.expect("an answer"), 1);
    server.shutdown().await;
}

#[tokio::test]
async fn the_certificate_names_the_user() {
    let authority = Authority::new();
    let server = authority.serve(ClientCertificate::Optional).await;
    let mut client = authority
        .connect(&server, Some("guest"))
        .await
        .expect("TLS");
    let offered = client.mechanisms().await;
    assert_eq!(offered, "EXTERNAL PLAIN AMQPLAIN RABBIT-CR-DEMO");
    client.say(external("")).await;
    assert!(matches!(
        client.method().await,
        Ok(Method::ConnectionTune(_))
    ));
}

#[rstest]
#[case::nobody_knows_him("stranger", "")]
#[case::he_acts_for_another("stranger", "guest")]
#[tokio::test]
async fn a_certificate_lets_nobody_in_but_its_owner(
    #[case] name: &str,
    #[case] identity: &'static str,
) {
    let authority = Authority::new();
    let server = authority.serve(ClientCertificate::Required).await;
    let mut client = authority.connect(&server, Some(name)).await.expect("TLS");
    client.mechanisms().await;
    client.say(external(identity)).await;
    assert!(client.method().await.is_err());
}

#[tokio::test]
async fn without_a_certificate_nobody_is_offered_external() {
    let authority = Authority::new();
    let server = authority.serve(ClientCertificate::Optional).await;
    let mut client = authority.connect(&server, None).await.expect("TLS");
    assert!(!client.mechanisms().await.contains("EXTERNAL"));
    client.say(external("guest")).await;
    assert!(client.method().await.is_err());
}

#[tokio::test]
async fn where_a_certificate_is_required_nobody_comes_in_without_one() {
    let authority = Authority::new();
    let server = authority.serve(ClientCertificate::Required).await;
    // In TLS 1.3 the client learns of its refusal when it reads.
    if let Ok(mut client) = authority.connect(&server, None).await {
        assert!(client.method().await.is_err());
    }
}

#[tokio::test]
async fn a_certificate_of_another_authority_is_refused() {
    let (authority, other) = (Authority::new(), Authority::new());
    let server = authority.serve(ClientCertificate::Optional).await;
    let (certificate, key) = other.vouch("guest");
    let mut roots = RootCertStore::empty();
    roots
        .add(authority.issuer.der().clone())
        .expect("an authority");
    let config = rustls::ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_root_certificates(roots)
        .with_client_auth_cert(
            vec![certificate.der().clone()],
            PrivateKeyDer::try_from(key.serialize_der()).expect("a key"),
        )
        .expect("a key");
    let stream = TcpStream::connect(server.addresses()[1])
        .await
        .expect("it listens");
    let host = ServerName::try_from("localhost").expect("a name");
    if let Ok(mut stream) = TlsConnector::from(Arc::new(config))
        .connect(host, stream)
        .await
    {
        assert!(stream.read_u8().await.is_err());
    }
}

#[tokio::test]
async fn a_peer_who_never_shakes_hands_is_sent_away() {
    let authority = Authority::new();
    let server = authority.serve(ClientCertificate::None).await;
    let mut silent = TcpStream::connect(server.addresses()[1])
        .await
        .expect("it listens");
    let mut answer = Vec::new();
    let read = timeout(WATCHDOG, silent.read_to_end(&mut answer)).await;
    assert_eq!(
        read.expect("an end in time").expect("a clean one"),
        0,
        "{answer:?}"
    );
}

#[tokio::test]
async fn a_peer_who_speaks_no_tls_is_sent_away() {
    let authority = Authority::new();
    let server = authority.serve(ClientCertificate::None).await;
    let mut plain = TcpStream::connect(server.addresses()[1])
        .await
        .expect("it listens");
    plain
        .write_all(b"AMQP\x00\x00\x09\x01")
        .await
        .expect("it reads");
    let mut answer = Vec::new();
    let read = timeout(WATCHDOG, plain.read_to_end(&mut answer)).await;
    // An alert, and then the end in whatever form.
    let _ = read.expect("an end in time");
    assert!(!answer.starts_with(b"\x01\x00\x00"), "{answer:?}");
}

#[rstest]
#[case::no_such_file(|tls: &mut Tls| tls.certificate = "/nowhere/server.pem".into(), "the certificate /nowhere/server.pem cannot be read")]
#[case::a_key_for_a_certificate(|tls: &mut Tls| tls.certificate = tls.key.clone(), "-----BEGIN CERTIFICATE-----")]
#[case::a_certificate_for_a_key(|tls: &mut Tls| tls.key = tls.certificate.clone(), "-----BEGIN PRIVATE KEY-----")]
#[case::another_key(|tls: &mut Tls| tls.certificate = tls.ca.clone().expect("a file"), "cannot be used")]
#[case::no_authority(|tls: &mut Tls| tls.ca = None, "--tls-ca")]
#[case::a_key_for_an_authority(|tls: &mut Tls| tls.ca = Some(tls.key.clone()), "-----BEGIN CERTIFICATE-----")]
#[tokio::test]
async fn a_file_that_is_of_no_use_is_named(#[case] spoil: fn(&mut Tls), #[case] said: &str) {
    let mut tls = Authority::new().tls(ClientCertificate::Optional);
    spoil(&mut tls);
    let config = Config {
        tls: Some(tls),
        ..Config::default()
    };
    let refusal = Server::start(config)
        .await
        .expect_err("no server")
        .to_string();
    assert!(refusal.contains(said), "{refusal}");
}
