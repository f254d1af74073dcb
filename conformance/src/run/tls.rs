//! TLS to a broker: which certificates are believed, and which one is shown.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme,
};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// What a person says about TLS. All files are PEM.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct TlsOptions {
    /// The authorities that vouch for the broker's certificate; those of the system by default.
    pub ca: Option<PathBuf>,
    /// Believe any certificate.
    pub insecure: bool,
    /// The certificate that is shown to the broker, and those that lead to its authority.
    pub cert: Option<PathBuf>,
    /// Its private key.
    pub key: Option<PathBuf>,
}

impl TlsOptions {
    /// These, and where they say nothing, others.
    pub fn or(self, others: &TlsOptions) -> TlsOptions {
        TlsOptions {
            ca: self.ca.or_else(|| others.ca.clone()),
            insecure: self.insecure || others.insecure,
            cert: self.cert.or_else(|| others.cert.clone()),
            key: self.key.or_else(|| others.key.clone()),
        }
    }
}

/// TLS, ready to be spoken.
#[derive(Clone)]
pub struct Tls {
    config: Arc<ClientConfig>,
    anonymous: bool,
}

impl Tls {
    /// Reads the files.
    ///
    /// # Errors
    /// A sentence that says which file is of no use, and why.
    pub fn new(options: &TlsOptions) -> Result<Tls, String> {
        let provider = Arc::new(ring::default_provider());
        let builder = ClientConfig::builder_with_provider(provider.clone())
            .with_safe_default_protocol_versions()
            .map_err(|error| error.to_string())?;
        let builder = if options.insecure {
            builder
                .dangerous()
                .with_custom_certificate_verifier(Arc::new(Credulous(provider)))
        } else {
            let roots = Arc::new(roots(options.ca.as_deref())?);
            let verifier = WebPkiServerVerifier::builder_with_provider(roots, provider).build();
            builder.with_webpki_verifier(verifier.map_err(|error| error.to_string())?)
        };
        let config = match (&options.cert, &options.key) {
            (None, None) => builder.with_no_client_auth(),
            (Some(cert), Some(key)) => {
                let chain = certificates(cert)?;
                let secret = PrivateKeyDer::from_pem_file(key)
                    .map_err(|error| wrong_pem(key, "PRIVATE KEY", error))?;
                let shown = builder.with_client_auth_cert(chain, secret);
                shown.map_err(|error| {
                    let (cert, key) = (cert.display(), key.display());
                    format!("certificate {cert} and key {key} cannot be used: {error}")
                })?
            }
            _ => return Err("a client's certificate and its key go together".to_owned()),
        };
        Ok(Tls {
            config: Arc::new(config),
            anonymous: options.cert.is_none(),
        })
    }

    /// Whether no certificate is shown to the broker.
    pub(super) fn is_anonymous(&self) -> bool {
        self.anonymous
    }

    /// Shakes hands with a broker that was connected to under this name.
    pub(super) async fn shake_hands(
        &self,
        host: &str,
        stream: TcpStream,
    ) -> io::Result<TlsStream<TcpStream>> {
        let name = ServerName::try_from(host.to_owned())
            .map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error))?;
        let connector = TlsConnector::from(self.config.clone());
        connector.connect(name, stream).await.map_err(explained)
    }
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tls")
    }
}

impl PartialEq for Tls {
    fn eq(&self, other: &Tls) -> bool {
        Arc::ptr_eq(&self.config, &other.config)
    }
}

impl Eq for Tls {}

/// Says what a person may do about it.
fn explained(error: io::Error) -> io::Error {
    let cause = error
        .get_ref()
        .and_then(|cause| cause.downcast_ref::<rustls::Error>());
    let advice = match cause {
        // The latter where another authority has the same name.
        Some(rustls::Error::InvalidCertificate(
            CertificateError::UnknownIssuer | CertificateError::BadSignature,
        )) => {
            "name the authority that vouches for it with --tls-ca, or believe any with --tls-insecure"
        }
        Some(rustls::Error::InvalidCertificate(
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
        )) => "use a host name that the certificate holds, or believe any with --tls-insecure",
        Some(rustls::Error::InvalidCertificate(_)) => "--tls-insecure believes any certificate",
        Some(rustls::Error::InvalidMessage(_)) => {
            "what listens there seems to speak no TLS: use amqp://, or the port for TLS"
        }
        Some(rustls::Error::AlertReceived(_)) => {
            "the broker refuses; it may want a client's certificate: --tls-cert and --tls-key"
        }
        _ => match error.kind() {
            io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset => {
                "the broker ended the TLS handshake; it may speak no TLS on this port"
            }
            _ => return error,
        },
    };
    io::Error::new(error.kind(), format!("{error}; {advice}"))
}

fn roots(ca: Option<&Path>) -> Result<RootCertStore, String> {
    let mut roots = RootCertStore::empty();
    match ca {
        Some(path) => {
            for certificate in certificates(path)? {
                roots.add(certificate).map_err(|error| {
                    format!(
                        "the certificates in {} cannot be used: {error}",
                        path.display()
                    )
                })?;
            }
        }
        None => {
            let found = rustls_native_certs::load_native_certs();
            // Some of them may be old or odd, and none of them the one that is needed.
            roots.add_parsable_certificates(found.certs);
            if roots.is_empty() {
                return Err(
                    "the system names no authorities that certificates could be \
                            believed by: name one with --tls-ca, or believe any with --tls-insecure"
                        .to_owned(),
                );
            }
        }
    }
    Ok(roots)
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let read = CertificateDer::pem_file_iter(path).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    match read {
        Ok(none) if none.is_empty() => {
            Err(wrong_pem(path, "CERTIFICATE", pem::Error::NoItemsFound))
        }
        Ok(some) => Ok(some),
        Err(error) => Err(wrong_pem(path, "CERTIFICATE", error)),
    }
}

fn wrong_pem(path: &Path, label: &str, error: pem::Error) -> String {
    let path = path.display();
    match error {
        pem::Error::Io(error) => format!("{path}: {error}"),
        pem::Error::NoItemsFound => format!("{path} holds no `-----BEGIN {label}-----`"),
        error => format!("{path} is no PEM file with a `-----BEGIN {label}-----`: {error}"),
    }
}

/// Believes every certificate, if its owner has the key of it.
#[derive(Debug)]
struct Credulous(Arc<CryptoProvider>);

impl ServerCertVerifier for Credulous {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signed, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signed, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
