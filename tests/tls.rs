//! The whole suite over TLS, with certificates that last as long as the test.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use mqspec::run::{CaseReport, ControlFuture, Controls, Plan, TlsOptions, Verdict};
use mqspec::target::{self, Request};
use mqspec_tests::{plan, story, suite};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use reference_broker::server::{ClientCertificate, Config, Control, Server, Tls};
use tempfile::TempDir;
use toml::{Table, Value};

/// An authority's certificate, and those of a broker and of a client, in a folder.
struct Certificates {
    folder: TempDir,
}

impl Certificates {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let write = |name: &str, text: String| {
            fs::write(folder.path().join(name), text).expect("written");
        };
        let key = || KeyPair::generate().expect("a key");
        let mut authority = CertificateParams::default();
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority = CertifiedIssuer::self_signed(authority, key()).expect("a certificate");
        write("ca.pem", authority.pem());
        for (name, host) in [("server", "127.0.0.1"), ("client", "client")] {
            let params = CertificateParams::new(vec![host.to_owned()]).expect("a name");
            let key = key();
            let certificate = params.signed_by(&key, &authority).expect("a certificate");
            write(&format!("{name}.pem"), certificate.pem());
            write(&format!("{name}.key"), key.serialize_pem());
        }
        Self { folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A broker with what the reference target's variables promise, that speaks TLS only.
    async fn serve(&self, variables: &Table, client_certificate: ClientCertificate) -> Server {
        let mut config = Config {
            listen: Vec::new(),
            tls: Some(Tls {
                listen: vec!["127.0.0.1:0".parse().expect("an address")],
                certificate: self.path("server.pem"),
                key: self.path("server.key"),
                ca: Some(self.path("ca.pem")),
                client_certificate,
            }),
            ..Config::default()
        };
        let text = |value: &Value| match value {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        let variables = variables.iter().map(|(name, it)| (name.clone(), text(it)));
        target::configure(&mut config.broker, &variables.collect()).expect("the file's promises");
        Server::start(config).await.expect("a free port")
    }

    /// A target's file for a broker that listens there.
    fn target(&self, server: &Server, mut file: Table) -> PathBuf {
        file.remove("embedded");
        file.remove("process");
        file.insert(
            "url".to_owned(),
            Value::from(format!("amqps://{}", server.address())),
        );
        // Found beside the file.
        let tls = Table::from_iter([("ca".to_owned(), Value::from("ca.pem"))]);
        file.insert("tls".to_owned(), tls.into());
        let path = self.path("tls.toml");
        fs::write(&path, file.to_string()).expect("written");
        path
    }
}

fn reference() -> Table {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../targets/reference.toml");
    let text = fs::read_to_string(path).expect("the reference target");
    text.parse().expect("TOML")
}

/// The alarm of a broker within this program.
struct Alarm(Control);

impl Controls for Alarm {
    fn offers(&self, name: &str) -> bool {
        matches!(name, "alarm-on" | "alarm-off")
    }

    fn perform<'a>(&'a self, name: &'a str) -> ControlFuture<'a> {
        self.0.set_alarm(name == "alarm-on");
        Box::pin(async { Ok(()) })
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_reference_broker_passes_every_case_over_tls() {
    let certificates = Certificates::new();
    let file = reference();
    let variables = file["variables"].as_table().expect("variables");
    let server = certificates.serve(variables, ClientCertificate::None).await;
    let target = certificates.target(&server, file.clone());
    let request = Request {
        target: Some(target.display().to_string()),
        ..Request::default()
    };
    let started = target::start(&request)
        .await
        .unwrap_or_else(|error| panic!("{error}"));
    let plan = Plan {
        controls: Arc::new(Alarm(server.control())),
        ..plan(&started, suite(), 32)
    };
    let report = mqspec::run::run(plan, &mut |_| {}).await;
    let report = report.unwrap_or_else(|lost| panic!("{lost}"));
    let wrong: Vec<&CaseReport> = report
        .cases
        .iter()
        .filter(|case| !matches!(case.verdict, Verdict::Passed | Verdict::Skipped))
        .collect();
    assert!(wrong.is_empty(), "{}", story(wrong));
    // Nothing is left out for the sake of TLS: what was skipped needs a broker that is started again, which this one is
    // not, or cannot be had without TLS either.
    let skipped = |id: &str| {
        let mut cases = report.cases.iter().filter(|case| case.id == id);
        cases.any(|case| case.verdict == Verdict::Skipped && !case.detail.contains("control."))
    };
    let mut left_out = suite();
    left_out.cases.retain(|(_, case)| skipped(&case.id));
    let plain = mqspec_tests::run(&Request::default(), left_out, 32).await;
    let mut cases = plain.cases.iter();
    assert!(cases.all(|case| case.verdict == Verdict::Skipped));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_with_tls_is_said_with_what_to_do_about_it() {
    let certificates = Certificates::new();
    let file = reference();
    let variables = file["variables"].as_table().expect("variables");
    let open = certificates.serve(variables, ClientCertificate::None).await;
    let strict = certificates
        .serve(variables, ClientCertificate::Required)
        .await;
    let plain = Server::start(Config::default()).await.expect("a free port");
    let trusting = TlsOptions {
        ca: Some(certificates.path("ca.pem")),
        ..TlsOptions::default()
    };
    let known = TlsOptions {
        cert: Some(certificates.path("client.pem")),
        key: Some(certificates.path("client.key")),
        ..trusting.clone()
    };
    let insecure = TlsOptions {
        insecure: true,
        ..TlsOptions::default()
    };
    let doubtful = TlsOptions {
        ca: Some(certificates.path("client.pem")),
        ..TlsOptions::default()
    };
    for (server, host, tls, said) in [
        (&open, "127.0.0.1", &trusting, None),
        (&open, "127.0.0.1", &insecure, None),
        (&open, "127.0.0.1", &doubtful, Some("--tls-ca")),
        (&open, "localhost", &trusting, Some("host name")),
        (&strict, "127.0.0.1", &known, None),
        (&strict, "127.0.0.1", &trusting, Some("--tls-cert")),
        (&plain, "127.0.0.1", &insecure, Some("amqp://")),
    ] {
        let request = Request {
            target: Some(format!("amqps://{host}:{}", server.address().port())),
            tls: tls.clone(),
            ..Request::default()
        };
        let started = target::start(&request)
            .await
            .unwrap_or_else(|error| panic!("{error}"));
        let mut some = suite();
        some.cases.truncate(1);
        let report = mqspec::run::run(plan(&started, some, 1), &mut |_| {}).await;
        match (report, said) {
            (Ok(_), None) => {}
            (Err(lost), Some(said)) => assert!(lost.to_string().contains(said), "{lost}"),
            (Ok(_), Some(said)) => panic!("not refused: {said}"),
            (Err(lost), None) => panic!("{lost}"),
        }
    }
}
