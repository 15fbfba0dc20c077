//! Settings: defaults, then a TOML file, then the environment (`STEWARD__DATABASE__URL`). Unknown
//! keys are refused. Secrets can also come from a file named by `…_FILE`.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use config::{Environment, File, FileFormat};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::error::{Error, Result};

/// What the names of our environment variables begin with.
const PREFIX: &str = "STEWARD__";
/// The ends of keys whose value may be read from a file: `STEWARD__DATABASE__URL_FILE`.
const SECRETS: [&str; 2] = ["__URL", "__DIRECT_URL"];

/// The settings of a domain service and of the directory.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ServiceConfig {
    /// Where and how it listens.
    pub server: ServerConfig,
    /// Its database.
    pub database: DatabaseConfig,
    /// Who may call.
    pub auth: AuthConfig,
    /// Its log.
    pub log: LogConfig,
}

/// Where and how a server listens.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ServerConfig {
    /// The address. The default is port 8080 on loopback.
    pub listen: SocketAddr,
    /// So many requests run at once; further ones wait.
    pub concurrency: usize,
    /// How long a stop waits for running requests, in seconds.
    pub drain_seconds: u64,
}

impl Default for ServerConfig {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            concurrency: 256,
            drain_seconds: 30,
        }
    }
}

/// A database.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DatabaseConfig {
    /// `sqlite://path` or `postgres://…`. Secret.
    pub url: String,
    /// Around the pooler, for migrations; needed with `pooler`. Secret.
    pub direct_url: Option<String>,
    /// Whether `url` goes through a transaction pooler such as PgBouncer.
    pub pooler: bool,
    /// At most so many connections (PostgreSQL), or readers (SQLite).
    pub max_connections: u32,
}

impl Default for DatabaseConfig {
    fn default() -> Self {
        Self { url: String::new(), direct_url: None, pooler: false, max_connections: 10 }
    }
}

impl fmt::Debug for DatabaseConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DatabaseConfig")
            .field("pooler", &self.pooler)
            .field("max_connections", &self.max_connections)
            .finish_non_exhaustive()
    }
}

impl DatabaseConfig {
    /// The same for the database layer. An empty URL is a SQLite file of the service's name in `data`.
    pub fn options(&self, service: &str) -> steward_db::Options {
        let url = match self.url.as_str() {
            "" => format!("sqlite://data/{service}.sqlite"),
            url => url.to_owned(),
        };
        steward_db::Options {
            direct_url: self.direct_url.clone(),
            pooler: self.pooler,
            max_connections: self.max_connections,
            ..steward_db::Options::new(url)
        }
    }
}

/// How callers are recognised.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AuthMode {
    /// By a bearer token (JWT).
    #[default]
    Jwt,
    /// Not at all; refused unless the server listens on loopback.
    Off,
}

/// Who may call.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AuthConfig {
    /// How callers are recognised.
    pub mode: AuthMode,
    /// The public keys of the issuer: a JSON Web Key Set.
    pub jwks_file: PathBuf,
    /// What the claim `iss` must be.
    pub issuer: String,
    /// What the claim `aud` must hold.
    pub audience: String,
}

impl AuthConfig {
    /// Authentication off, for loopback.
    pub fn off() -> Self {
        Self { mode: AuthMode::Off, ..Self::default() }
    }

    /// Refuses to leave a server open beyond loopback.
    pub fn check(&self, listen: SocketAddr) -> Result<()> {
        if self.mode == AuthMode::Off && !listen.ip().is_loopback() {
            return Err(Error::internal(format!(
                "auth.mode = \"off\" is only allowed on loopback, not on {listen}"
            )));
        }
        Ok(())
    }
}

/// The log on standard error.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LogConfig {
    /// What is logged, as a `tracing` filter: `info,steward_ledger=debug`.
    pub filter: String,
    /// JSON lines rather than text.
    pub json: bool,
}

impl Default for LogConfig {
    fn default() -> Self {
        Self { filter: "info,h2=error".to_owned(), json: false }
    }
}

/// Loads settings from a file, if one is given, and the process environment.
pub fn load<T: DeserializeOwned>(file: Option<&Path>) -> Result<T> {
    load_from(file, std::env::vars().collect())
}

/// Loads settings from a file and the given environment.
pub fn load_from<T: DeserializeOwned>(
    file: Option<&Path>,
    environment: BTreeMap<String, String>,
) -> Result<T> {
    let mut builder = config::Config::builder();
    if let Some(file) = file {
        builder = builder.add_source(File::from(file).format(FileFormat::Toml));
    }
    let environment = Environment::with_prefix("STEWARD")
        .prefix_separator("__")
        .separator("__")
        .try_parsing(true)
        .source(Some(ours(environment)?.into_iter().collect()));
    builder
        .add_source(environment)
        .build()
        .and_then(config::Config::try_deserialize)
        .map_err(|e| Error::internal(format!("configuration: {e}")))
}

/// Our variables, with secrets read from their files.
fn ours(environment: BTreeMap<String, String>) -> Result<BTreeMap<String, String>> {
    let mut ours = BTreeMap::new();
    for (name, value) in environment.into_iter().filter(|(name, _)| name.starts_with(PREFIX)) {
        let secret = name.strip_suffix("_FILE").filter(|n| SECRETS.iter().any(|s| n.ends_with(s)));
        match secret {
            Some(key) => {
                let text = fs::read_to_string(&value)
                    .map_err(|e| Error::internal(format!("{name} {value}: {e}")))?;
                ours.insert(key.to_owned(), text.trim().to_owned());
            }
            None => {
                ours.insert(name, value);
            }
        }
    }
    Ok(ours)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()
    }

    #[test]
    fn environment_beats_file_beats_default() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("steward.toml");
        fs::write(&file, "[server]\nlisten = \"127.0.0.1:7001\"\nconcurrency = 9\n").unwrap();
        let env = environment(&[("STEWARD__SERVER__CONCURRENCY", "11"), ("OTHER", "1")]);
        let config: ServiceConfig = load_from(Some(&file), env).unwrap();
        assert_eq!(config.server.listen.port(), 7001);
        assert_eq!(config.server.concurrency, 11);
        assert_eq!(config.database.max_connections, 10);
    }

    #[test]
    fn unknown_keys_are_refused_by_name() {
        let env = environment(&[("STEWARD__DATABASE__ULR", "x")]);
        let error = load_from::<ServiceConfig>(None, env).unwrap_err();
        assert!(format!("{error:?}").contains("ulr"), "{error:?}");
    }

    #[test]
    fn a_secret_comes_from_its_file_and_is_never_printed() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("url");
        fs::write(&file, "postgres://u:hunter2@db/fleet\n").unwrap();
        let env = environment(&[("STEWARD__DATABASE__URL_FILE", file.to_str().unwrap())]);
        let config: ServiceConfig = load_from(None, env).unwrap();
        assert_eq!(config.database.options("fleet").url, "postgres://u:hunter2@db/fleet");
        assert!(!format!("{config:?}").contains("hunter2"));
    }

    #[test]
    fn without_authentication_only_loopback_is_served() {
        let off = AuthConfig::off();
        assert!(off.check("127.0.0.1:80".parse().unwrap()).is_ok());
        assert!(off.check("[::1]:80".parse().unwrap()).is_ok());
        assert!(off.check("0.0.0.0:80".parse().unwrap()).is_err());
    }
}
