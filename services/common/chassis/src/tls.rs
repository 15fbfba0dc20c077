//! TLS (1.2 and 1.3) from PEM files, on both sides of a connection. The files are looked at again and again:
//! certificates are renewed while the process runs.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use sha2::{Digest, Sha256};
use tokio::time::Instant;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::{self, RootCertStore};
use tonic::transport::{Certificate, ClientTlsConfig, Identity};

use crate::config::TlsConfig;
use crate::error::{Error, Result};

/// How often the files are looked at.
const LOOK: Duration = Duration::from_secs(10);

/// A certificate of this process with its key, and who signs those of callers.
#[derive(Debug)]
pub(crate) struct ServerTls {
    files: Files,
    made: Mutex<Made>,
}

#[derive(Debug)]
struct Made {
    config: Arc<rustls::ServerConfig>,
    looked: Instant,
    state: [u8; 32],
}

impl ServerTls {
    /// As configured; `None` without a certificate.
    pub(crate) fn new(config: &TlsConfig) -> Result<Option<Self>> {
        let Some(files) = Files::of(config)? else { return Ok(None) };
        let read = files.read()?;
        let made = Made { config: read.server()?, looked: Instant::now(), state: read.state() };
        Ok(Some(Self { files, made: Mutex::new(made) }))
    }

    /// What the next connection is answered with. Files that are not good are told, and those before them
    /// stay in use.
    pub(crate) fn current(&self) -> Arc<rustls::ServerConfig> {
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if made.looked.elapsed() >= LOOK {
            made.looked = Instant::now();
            if let Err(error) = self.renew(&mut made) {
                tracing::warn!(error = error.full(), "the certificate is not renewed");
            }
        }
        Arc::clone(&made.config)
    }

    fn renew(&self, made: &mut Made) -> Result<()> {
        let read = self.files.read()?;
        if read.state() != made.state {
            (made.config, made.state) = (read.server()?, read.state());
            tracing::info!("the certificate is renewed");
        }
        Ok(())
    }
}

/// The files of a server.
#[derive(Debug)]
struct Files {
    certificate: PathBuf,
    key: PathBuf,
    client_ca: Option<PathBuf>,
}

/// What stands in them.
struct Read {
    certificate: Vec<u8>,
    key: Vec<u8>,
    client_ca: Option<Vec<u8>>,
}

impl Files {
    fn of(config: &TlsConfig) -> Result<Option<Self>> {
        let client_ca = config.client_ca_file.clone();
        match (&config.certificate_file, &config.key_file) {
            (Some(certificate), Some(key)) => {
                Ok(Some(Self { certificate: certificate.clone(), key: key.clone(), client_ca }))
            }
            (None, None) if client_ca.is_none() => Ok(None),
            _ => Err(Error::internal("tls.certificate_file and tls.key_file go together")),
        }
    }

    fn read(&self) -> Result<Read> {
        Ok(Read {
            certificate: bytes(&self.certificate)?,
            key: bytes(&self.key)?,
            client_ca: self.client_ca.as_deref().map(bytes).transpose()?,
        })
    }
}

impl Read {
    fn state(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        for part in [&self.certificate, &self.key, self.client_ca.as_ref().unwrap_or(&Vec::new())] {
            hash.update(Sha256::digest(part));
        }
        hash.finalize().into()
    }

    fn server(&self) -> Result<Arc<rustls::ServerConfig>> {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let builder = rustls::ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .map_err(Error::internal)?;
        let builder = match &self.client_ca {
            None => builder.with_no_client_auth(),
            // People come with tokens: who shows no certificate is let in to show one.
            Some(signers) => builder.with_client_cert_verifier(
                WebPkiClientVerifier::builder_with_provider(Arc::new(roots(signers)?), provider)
                    .allow_unauthenticated()
                    .build()
                    .map_err(|error| named("tls.client_ca_file", error))?,
            ),
        };
        let chain = certificates(&self.certificate);
        let chain = chain.map_err(|error| named("tls.certificate_file", error))?;
        let key = PrivateKeyDer::from_pem_slice(&self.key);
        let key = key.map_err(|_| named("tls.key_file", "no private key in PEM"))?;
        let mut made = builder
            .with_single_cert(chain, key)
            .map_err(|error| named("tls.certificate_file, tls.key_file", error))?;
        made.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(Arc::new(made))
    }
}

/// With what this process calls a service at `https://`: whom it believes, and the certificate that it shows
/// where it has one. Answers too what tells one state of the files from another.
pub(crate) fn client(config: &TlsConfig) -> Result<(ClientTlsConfig, [u8; 32])> {
    let signers = config.ca_file.as_deref();
    let signers = signers.ok_or_else(|| Error::internal("https:// backends need a tls.ca_file"))?;
    let signers = bytes(signers)?;
    roots(&signers)?;
    let mut hash = Sha256::new_with_prefix(&signers);
    let mut made = ClientTlsConfig::new().ca_certificate(Certificate::from_pem(&signers));
    if let Some(files) = Files::of(config)? {
        let read = files.read()?;
        hash.update(read.state());
        made = made.identity(Identity::from_pem(read.certificate, read.key));
    }
    Ok((made, hash.finalize().into()))
}

fn roots(pem: &[u8]) -> Result<RootCertStore> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates(pem).map_err(|error| named("tls: signers", error))? {
        roots.add(certificate).map_err(|error| named("tls: signers", error))?;
    }
    Ok(roots)
}

fn certificates(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, String> {
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    let found = found.map_err(|error| error.to_string())?;
    if found.is_empty() { Err("no certificate in PEM".to_owned()) } else { Ok(found) }
}

fn bytes(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path).map_err(|error| Error::internal(format!("{}: {error}", path.display())))
}

fn named(what: &str, why: impl std::fmt::Display) -> Error {
    Error::internal(format!("{what}: {why}"))
}
