//! TLS: from certificate files to a door that strangers cannot look through.

use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::RootCertStore;
use rustls::crypto::ring;
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::ClientCertVerifier;
use tokio_rustls::TlsAcceptor;
use x509_parser::parse_x509_certificate;

/// Where a server speaks TLS, and with which certificates. All files are PEM.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tls {
    /// The addresses to listen on; port 0 takes any free port.
    pub listen: Vec<SocketAddr>,
    /// The server's certificate, followed by those that lead to one which its clients trust.
    pub certificate: PathBuf,
    /// The private key of the certificate.
    pub key: PathBuf,
    /// The authorities whose word is taken for a client's certificate.
    pub ca: Option<PathBuf>,
    /// Whether clients show certificates.
    pub client_certificate: ClientCertificate,
}

/// Whether a client shows a certificate in the TLS handshake. One that no authority vouches for is refused.
#[derive(
    Debug,
    Clone,
    Copy,
    Default,
    PartialEq,
    Eq,
    clap::ValueEnum,
    serde::Deserialize,
    serde::Serialize,
)]
#[serde(rename_all = "lowercase")]
pub enum ClientCertificate {
    /// It is not asked for one.
    #[default]
    None,
    /// It may.
    Optional,
    /// Without one there is no connection.
    Required,
}

/// Why there is no TLS.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file cannot be read.
    #[error("the {what} {path} cannot be read: {cause}", path = path.display())]
    Unreadable {
        /// What the file is for.
        what: &'static str,
        /// The file.
        path: PathBuf,
        /// Why.
        cause: io::Error,
    },
    /// A file holds something else.
    #[error("{path} holds no {what}: {why}; a PEM file with a line '-----BEGIN {label}-----' is wanted", path = path.display())]
    Content {
        /// What was looked for.
        what: &'static str,
        /// How it begins.
        label: &'static str,
        /// The file.
        path: PathBuf,
        /// What came instead.
        why: String,
    },
    /// Certificate and key do not work together, or not at all.
    #[error("certificate {certificate} and key {key} cannot be used: {cause}", certificate = certificate.display(), key = key.display())]
    Unusable {
        /// The certificate's file.
        certificate: PathBuf,
        /// The key's file.
        key: PathBuf,
        /// Why.
        cause: rustls::Error,
    },
    /// The authorities' certificates are of no use.
    #[error("the authority's certificates in {path} cannot be used: {why}", path = path.display())]
    Authority {
        /// Their file.
        path: PathBuf,
        /// Why.
        why: String,
    },
    /// Clients are to show certificates, and nobody is named who vouches for them.
    #[error(
        "clients' certificates need an authority that vouches for them: name its file with --tls-ca"
    )]
    NoAuthority,
}

impl Tls {
    /// Reads the files.
    pub(super) fn acceptor(&self) -> Result<TlsAcceptor, TlsError> {
        let chain = certificates("certificate", &self.certificate)?;
        let key = PrivateKeyDer::from_pem_file(&self.key)
            .map_err(|cause| wrong_pem("private key", "PRIVATE KEY", &self.key, cause))?;
        // The provider is named: which one is the default depends on what else is linked.
        let builder = rustls::ServerConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions();
        let config = builder.and_then(|builder| {
            let builder = match self.verifier() {
                Ok(Some(verifier)) => builder.with_client_cert_verifier(verifier),
                Ok(None) => builder.with_no_client_auth(),
                Err(error) => return Ok(Err(error)),
            };
            builder.with_single_cert(chain, key).map(Ok)
        });
        let config = config.map_err(|cause| TlsError::Unusable {
            certificate: self.certificate.clone(),
            key: self.key.clone(),
            cause,
        })??;
        Ok(TlsAcceptor::from(Arc::new(config)))
    }

    /// What decides about a client's certificate, if it is asked for one.
    fn verifier(&self) -> Result<Option<Arc<dyn ClientCertVerifier>>, TlsError> {
        let optional = match self.client_certificate {
            ClientCertificate::None => return Ok(None),
            ClientCertificate::Optional => true,
            ClientCertificate::Required => false,
        };
        let path = self.ca.as_ref().ok_or(TlsError::NoAuthority)?;
        let refused = |why: String| TlsError::Authority {
            path: path.clone(),
            why,
        };
        let mut roots = RootCertStore::empty();
        for certificate in certificates("authority's certificate", path)? {
            roots
                .add(certificate)
                .map_err(|cause| refused(cause.to_string()))?;
        }
        let builder = WebPkiClientVerifier::builder_with_provider(roots.into(), provider());
        let builder = if optional {
            builder.allow_unauthenticated()
        } else {
            builder
        };
        let verifier = builder
            .build()
            .map_err(|cause| refused(cause.to_string()))?;
        Ok(Some(verifier))
    }
}

/// The common name of a certificate's subject: whom SASL EXTERNAL takes its owner for.
pub(super) fn common_name(certificate: &CertificateDer<'_>) -> Option<String> {
    let (_, certificate) = parse_x509_certificate(certificate).ok()?;
    let name = certificate.subject().iter_common_name().next()?;
    Some(name.as_str().ok()?.to_owned())
}

fn provider() -> Arc<rustls::crypto::CryptoProvider> {
    Arc::new(ring::default_provider())
}

fn certificates(what: &'static str, path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let read = CertificateDer::pem_file_iter(path).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    match read {
        Ok(none) if none.is_empty() => Err(wrong_pem(
            what,
            "CERTIFICATE",
            path,
            pem::Error::NoItemsFound,
        )),
        Ok(some) => Ok(some),
        Err(cause) => Err(wrong_pem(what, "CERTIFICATE", path, cause)),
    }
}

fn wrong_pem(what: &'static str, label: &'static str, path: &Path, cause: pem::Error) -> TlsError {
    let path = path.to_owned();
    match cause {
        pem::Error::Io(cause) => TlsError::Unreadable { what, path, cause },
        other => TlsError::Content {
            what,
            label,
            path,
            why: match other {
                pem::Error::NoItemsFound => "none was found".to_owned(),
                other => other.to_string(),
            },
        },
    }
}
