//! Which broker, and which cases.

use std::path::PathBuf;

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use mqspec::run::TlsOptions;
use mqspec::select::Shard;
use mqspec::target::Via;
use mqspec_specs::Level;

/// Which broker.
#[derive(Debug, Args)]
pub struct Target {
    /// A name of `mqspec targets`, a URL such as amqp://guest:guest@localhost:5672/%2f, or the path of a target file;
    /// by default the embedded reference broker
    pub target: Option<String>,
    /// How the target is had: embedded, url, process or container
    #[arg(long, value_name = "HOW", hide_possible_values = true, value_parser = ways())]
    pub via: Option<Via>,
    /// The container image in place of the one that the target's file names
    #[arg(long, value_name = "NAME:TAG")]
    pub image: Option<String>,
    /// The known target whose deviations a broker at a URL is forgiven
    #[arg(long = "as", value_name = "NAME")]
    pub as_target: Option<String>,
    #[command(flatten)]
    pub tls: Tls,
}

/// How TLS is spoken, to an amqps:// URL or a target whose file says so.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "TLS")]
pub struct Tls {
    /// The authorities that vouch for the broker's certificate (PEM); by default those of the system
    #[arg(long, value_name = "FILE", conflicts_with = "tls_insecure")]
    pub tls_ca: Option<PathBuf>,
    /// Believe any certificate
    #[arg(long)]
    pub tls_insecure: bool,
    /// The certificate to show to the broker, and those that lead to its authority (PEM)
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    pub tls_cert: Option<PathBuf>,
    /// The private key of that certificate (PEM)
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    pub tls_key: Option<PathBuf>,
}

impl Tls {
    /// The same for a library.
    pub fn options(&self) -> TlsOptions {
        TlsOptions {
            ca: self.tls_ca.clone(),
            insecure: self.tls_insecure,
            cert: self.tls_cert.clone(),
            key: self.tls_key.clone(),
        }
    }
}

/// Which cases.
#[derive(Debug, Args)]
#[command(next_help_heading = "Choosing cases")]
pub struct Filters {
    /// Only cases whose id matches; may be given several times
    #[arg(long, value_name = "GLOB")]
    pub only: Vec<String>,
    /// No cases whose id matches; may be given several times
    #[arg(long, value_name = "GLOB")]
    pub skip: Vec<String>,
    /// Only cases that prove this clause; may be given several times
    #[arg(long, value_name = "ID")]
    pub clause: Vec<String>,
    /// Only cases of this level, which is the strongest of their clauses': must, should or may
    #[arg(long, value_delimiter = ',', hide_possible_values = true, value_parser = levels())]
    pub level: Vec<Level>,
    /// Only the I-th of N parts of what is chosen
    #[arg(long, value_name = "I/N")]
    pub shard: Option<Shard>,
    /// Scripts of your own in place of the embedded suite: a file, or a folder with files that end in .mqs
    #[arg(long, value_name = "PATH")]
    pub suite: Option<PathBuf>,
}

fn ways() -> impl TypedValueParser<Value = Via> {
    let ways = [Via::Embedded, Via::Url, Via::Process, Via::Container];
    PossibleValuesParser::new(ways.map(Via::name)).map(move |name| {
        let found = ways.into_iter().find(|way| way.name() == name);
        found.unwrap_or(Via::Embedded)
    })
}

fn levels() -> impl TypedValueParser<Value = Level> {
    PossibleValuesParser::new(["must", "should", "may"]).map(|name| match name.as_str() {
        "must" => Level::Must,
        "should" => Level::Should,
        _ => Level::May,
    })
}
