//! Settings: defaults, then a TOML file, then the environment (`STEWARD__DATABASE__URL`). Unknown
//! keys are refused. Secrets can also come from a file named by `…_FILE`.

mod auth;
mod server;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use config::{ConfigError, Environment, File, FileFormat};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::error::{Error, Result};
use crate::follow::Source;

pub use auth::{
    AuthConfig, AuthMode, ClaimsConfig, DEVELOPMENT_AUDIENCE, DEVELOPMENT_ISSUER, GrantConfig,
    MappingConfig, SystemConfig,
};
pub use server::{HealthConfig, RateConfig, ServerConfig, TlsConfig};

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
    /// Where it answers for its health beside.
    pub health: HealthConfig,
    /// Its certificate, and whose it believes.
    pub tls: TlsConfig,
    /// Its database.
    pub database: DatabaseConfig,
    /// Who may call.
    pub auth: AuthConfig,
    /// The directory that it follows.
    pub directory: DirectoryConfig,
    /// Its log.
    pub log: LogConfig,
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

/// The directory that a domain service follows.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DirectoryConfig {
    /// Its address, such as `http://directory:8080`. Empty: it is not followed.
    pub url: String,
    /// The bearer token that the service calls it with; read again at every call. The service's certificate
    /// may stand for it.
    pub token_file: Option<PathBuf>,
}

impl DirectoryConfig {
    /// The same as something to follow; `None` where no address is set.
    pub fn source(&self, tls: &TlsConfig) -> Result<Option<Source>> {
        if self.url.is_empty() {
            return Ok(None);
        }
        Source::remote(&self.url, tls, self.token_file.as_deref()).map(Some)
    }
}

/// The log on standard error.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LogConfig {
    /// What is logged: the level of all, and of modules: `info,steward_ledger=debug`.
    pub filter: String,
    /// JSON lines rather than text.
    pub json: bool,
}

impl Default for LogConfig {
    fn default() -> Self {
        Self { filter: "info,h2=error,sqlx::postgres::notice=warn".to_owned(), json: false }
    }
}

/// Loads settings from a file, if one is given, and the process environment.
pub fn load<T: DeserializeOwned>(file: Option<&Path>) -> Result<T> {
    let text = |(name, value): (OsString, OsString)| Some((name.into_string().ok()?, value));
    let ours = std::env::vars_os().filter_map(text).filter(|(name, _)| name.starts_with(PREFIX));
    let environment = ours
        .map(|(name, value)| match value.into_string() {
            Ok(value) => Ok((name, value)),
            Err(_) => Err(refused(format!("{name} is not UTF-8"))),
        })
        .collect::<Result<_>>()?;
    load_from(file, environment)
}

/// Loads settings from a file and the given environment.
pub fn load_from<T: DeserializeOwned>(
    file: Option<&Path>,
    environment: BTreeMap<String, String>,
) -> Result<T> {
    let mut builder = config::Config::builder();
    if let Some(path) = file {
        builder = builder.add_source(File::from_str(&read(path)?, FileFormat::Toml));
    }
    let environment = Environment::with_prefix("STEWARD")
        .prefix_separator("__")
        .separator("__")
        .ignore_empty(true)
        .source(Some(with_secrets(environment)?.into_iter().collect()));
    builder
        .add_source(environment)
        .build()
        .and_then(config::Config::try_deserialize)
        .map_err(|error| refused(without_values(&error)))
}

fn refused(why: impl fmt::Display) -> Error {
    Error::internal(format!("configuration: {why}"))
}

/// The text of a settings file that is TOML; where it is not, the place is told and not the line,
/// which may hold a secret.
fn read(path: &Path) -> Result<String> {
    let named = |why: String| refused(format!("{}: {why}", path.display()));
    let text = fs::read_to_string(path).map_err(|error| named(error.to_string()))?;
    if let Err(error) = text.parse::<toml::Table>() {
        let line = error.span().map_or(1, |span| text[..span.start].matches('\n').count() + 1);
        return Err(named(format!("line {line} is not TOML (texts need quotes)")));
    }
    Ok(text)
}

/// What is wrong with the settings, by key; values are never told.
fn without_values(error: &ConfigError) -> String {
    match error {
        ConfigError::At { error, key, .. } => match key {
            Some(key) => format!("{key}: {}", without_values(error)),
            None => without_values(error),
        },
        ConfigError::Type { key: Some(key), expected, .. } => format!("{key} must be {expected}"),
        ConfigError::Type { expected, .. } => format!("a value must be {expected}"),
        // Names of keys, not values.
        ConfigError::Message(text)
            if text.starts_with("unknown field") || text.starts_with("missing field") =>
        {
            text.clone()
        }
        _ => "a value is not of the right kind".to_owned(),
    }
}

/// The variables, with secrets read from their files.
fn with_secrets(environment: BTreeMap<String, String>) -> Result<BTreeMap<String, String>> {
    let mut all = BTreeMap::new();
    for (name, value) in environment.into_iter().filter(|(name, _)| name.starts_with(PREFIX)) {
        let secret = name.strip_suffix("_FILE").filter(|n| SECRETS.iter().any(|s| n.ends_with(s)));
        let (key, value) = match secret {
            Some(key) => {
                let text =
                    fs::read_to_string(&value).map_err(|e| refused(format!("{name}: {e}")))?;
                (key.to_owned(), text.trim().to_owned())
            }
            None => (name, value),
        };
        if all.insert(key.clone(), value).is_some() {
            return Err(refused(format!("{key} and {key}_FILE are both set")));
        }
    }
    Ok(all)
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
        assert_eq!(config.server.concurrency.get(), 11);
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
    fn the_directory_is_followed_where_its_address_is_set() {
        let load = |pairs: &[(&str, &str)]| load_from::<ServiceConfig>(None, environment(pairs));
        let source = |config: &ServiceConfig| config.directory.source(&config.tls);
        assert!(source(&load(&[]).unwrap()).unwrap().is_none());
        let url = ("STEWARD__DIRECTORY__URL", "https://directory:8080");
        assert!(source(&load(&[url]).unwrap()).is_err(), "https without a tls.ca_file");
        let token = ("STEWARD__DIRECTORY__TOKEN_FILE", "/run/secrets/token");
        let config = load(&[("STEWARD__DIRECTORY__URL", "http://directory:8080"), token]).unwrap();
        assert_eq!(config.directory.url, "http://directory:8080");
        assert_eq!(config.directory.token_file.as_deref(), Some(Path::new("/run/secrets/token")));
    }

    #[test]
    fn what_is_wrong_is_told_by_key_and_never_by_value() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("steward.toml");
        for (text, env, told) in [
            ("[database]\nurl = postgres://u:hunter2@db/x\n", vec![], "line 2 is not TOML"),
            ("[database]\nurl = [\"hunter2\"]\n", vec![], "database.url"),
            ("", vec![("STEWARD__DATABASE", "hunter2")], "database"),
            ("", vec![("STEWARD__SERVER__CONCURRENCY", "0")], "concurrency"),
            ("", vec![("STEWARD__AUTH__MODE", "hunter2")], "configuration: "),
        ] {
            fs::write(&file, text).unwrap();
            let error = load_from::<ServiceConfig>(Some(&file), environment(&env)).unwrap_err();
            let shown = format!("{} {error:?}", error.full());
            assert!(!shown.contains("hunter2"), "{shown}");
            assert!(shown.contains(told) || shown.contains("right kind"), "{shown}");
        }
        let both = [("STEWARD__DATABASE__URL", "x"), ("STEWARD__DATABASE__URL_FILE", "/dev/null")];
        assert!(load_from::<ServiceConfig>(None, environment(&both)).is_err());
        let digits = environment(&[("STEWARD__AUTH__AUDIENCE", "0123")]);
        assert_eq!(load_from::<ServiceConfig>(None, digits).unwrap().auth.audience, "0123");
    }
}
