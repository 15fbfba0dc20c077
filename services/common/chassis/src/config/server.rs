//! How a process is reached, what of it, and what it shows of itself.

use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::path::PathBuf;

use serde::Deserialize;

/// How many requests run at once if nothing else is said.
const CONCURRENCY: NonZeroUsize = match NonZeroUsize::new(256) {
    Some(number) => number,
    None => NonZeroUsize::MIN,
};
/// How many connections are open at once if nothing else is said.
const CONNECTIONS: NonZeroUsize = match NonZeroUsize::new(4096) {
    Some(number) => number,
    None => NonZeroUsize::MIN,
};

/// Where and how a server listens.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ServerConfig {
    /// The address. The default is port 8080 on loopback.
    pub listen: SocketAddr,
    /// So many requests run at once. As many more wait, and what comes beyond that is refused. At least 1.
    pub concurrency: NonZeroUsize,
    /// So many connections are open at once; further ones are closed. At least 1.
    pub connections: NonZeroUsize,
    /// How long a stop waits for running requests, in seconds.
    pub drain_seconds: u64,
}

impl Default for ServerConfig {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            concurrency: CONCURRENCY,
            connections: CONNECTIONS,
            drain_seconds: 30,
        }
    }
}

/// Where health is answered beside: plaintext, and nothing else (Kubernetes' gRPC probes speak no TLS).
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct HealthConfig {
    /// The address. Absent: only where everything else is.
    pub listen: Option<SocketAddr>,
}

/// Certificates, all in PEM files, which are read again when they change.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TlsConfig {
    /// The certificate of this process and those between it and its signer. The server shows it, and with it
    /// the process calls others. Absent: no TLS.
    pub certificate_file: Option<PathBuf>,
    /// Its private key.
    pub key_file: Option<PathBuf>,
    /// Who signs the certificates of callers. Absent: no caller is asked for one.
    pub client_ca_file: Option<PathBuf>,
    /// Who signs the certificates of the services that this process calls at `https://`.
    pub ca_file: Option<PathBuf>,
}

/// How often one may call. What comes beyond that is refused with the time to wait. 0 = as often as one likes.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RateConfig {
    /// Calls a second of one caller.
    pub identity: u32,
    /// Calls a second from one network address, whoever calls there.
    pub address: u32,
}

impl Default for RateConfig {
    fn default() -> Self {
        Self { identity: 1000, address: 4000 }
    }
}
