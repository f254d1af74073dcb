//! The conformance suite against this very build of the program. The suite lives above this crate, so that it is had
//! as a program that was built before: the environment variable `MQSPEC` names it. `.ci/mutants` holds mutants of
//! the broker against the suite alone in this way, and builds nothing anew but the broker.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::{env, fs};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};

const TARGET: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../targets/reference.toml");

fn main() -> ExitCode {
    let Some(mqspec) = env::var_os("MQSPEC") else {
        println!("not run: MQSPEC names no program of the suite");
        return ExitCode::SUCCESS;
    };
    let suite = Suite::new(mqspec);
    let passed = suite.passes(Path::new(TARGET), &[])
                // What only those who show a certificate are offered.
        && suite.passes(&target_with_certificates(), &["--only", "connection.start-ok/external*"])
                // What holds up everybody who publishes.
        && suite.passes(&target_with_little_room(), &["--only", "connection.blocked/of-its-own-accord"]);
    if passed {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// The suite's program, and where it finds the broker's.
struct Suite {
    mqspec: OsString,
    path: OsString,
}

impl Suite {
    fn new(mqspec: OsString) -> Self {
        let broker = Path::new(env!("CARGO_BIN_EXE_reference-broker"));
        let folders = env::var_os("PATH").unwrap_or_default();
        let first = broker.parent().map(Path::to_owned);
        let path = env::join_paths(first.into_iter().chain(env::split_paths(&folders)))
            .expect("no folder's name holds a colon");
        Self { mqspec, path }
    }

    /// A broker that offers everything may not lose a SHOULD or a MAY either.
    fn passes(&self, target: &Path, chosen: &[&str]) -> bool {
        let ran = Command::new(&self.mqspec)
            .args([OsStr::new("run"), target.as_os_str()])
            .args(["--via", "process"])
            .args(["--strict", "--shuffle", "--fail-fast", "--quiet"])
            .args(chosen)
            .args(
                env::var("MQSPEC_ARGUMENTS")
                    .unwrap_or_default()
                    .split_whitespace(),
            )
            .env("PATH", &self.path)
            .status();
        match ran {
            Ok(status) => status.success(),
            Err(error) => {
                eprintln!("MQSPEC cannot be started: {error}");
                false
            }
        }
    }
}

/// A broker that raises the alarm itself.
fn target_with_little_room() -> PathBuf {
    let text = r#"about = "The reference broker with little room"

[variables]
max_high_water = 1_000_000

[process]
command = ["reference-broker", "--listen", "127.0.0.1:{port}", "--limit", "high-water={max_high_water}"]
stop-signal = "KILL"
"#;
    written("little-room.toml", text.to_owned())
}

/// A file in a folder of this test's own.
fn written(name: &str, text: String) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("suite");
    fs::create_dir_all(&folder).expect("a folder");
    let path = folder.join(name);
    fs::write(&path, text).expect("written");
    path
}

/// A broker that wants to see certificates, and the suite with one in the name of its user.
fn target_with_certificates() -> PathBuf {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().expect("a key");
    let issuer = CertifiedIssuer::self_signed(params, key).expect("a certificate");
    let vouch = |name: &str| {
        let mut params = CertificateParams::new(vec!["127.0.0.1".to_owned()]).expect("a name");
        params.distinguished_name.push(DnType::CommonName, name);
        let key = KeyPair::generate().expect("a key");
        let certificate = params.signed_by(&key, &issuer).expect("a certificate");
        written(&format!("{name}.pem"), certificate.pem());
        written(&format!("{name}.key"), key.serialize_pem());
    };
    vouch("broker");
    vouch("guest");
    let authority = written("authority.pem", issuer.pem());
    let folder = authority.parent().unwrap_or(Path::new("")).display();
    let text = format!(
        r#"about = "The reference broker over TLS"

[tls]
ca = "{folder}/authority.pem"
cert = "{folder}/guest.pem"
key = "{folder}/guest.key"

[process]
command = [
    "reference-broker",
    "--listen", "none",
    "--tls-listen", "127.0.0.1:{{port}}",
    "--tls-cert", "{folder}/broker.pem",
    "--tls-key", "{folder}/broker.key",
    "--tls-ca", "{folder}/authority.pem",
    "--tls-client-cert", "required",
]
stop-signal = "KILL"
"#
    );
    written("target.toml", text)
}
