//! How each driver is set up.

use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{ConnectOptions, Connection};

use crate::error::{Error, Result};
use crate::options::Options;
use crate::readers::Readers;

/// A transaction that stands still for so many milliseconds has lost its owner.
const IDLE: &str = "60000";

/// Statements kept prepared a connection: more than a service has.
const STATEMENTS: usize = 256;

/// A connection that idled longer than this is asked whether it lives before it is handed out.
const TRUSTED_IDLE: Duration = Duration::from_secs(1);

/// Which of the two databases a URL means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Sqlite,
    Postgres,
}

impl Kind {
    pub(crate) fn of(url: &str) -> Result<Self> {
        if url.starts_with("sqlite://") && !url.starts_with("sqlite://:memory:") {
            Ok(Self::Sqlite)
        } else if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            Ok(Self::Postgres)
        } else {
            Err(Error::configuration("a database url begins with sqlite://path or postgres://"))
        }
    }
}

/// The one connection that writes, and those that read: one statement, or several that agree.
#[derive(Clone)]
pub(crate) struct SqlitePools {
    pub(crate) read: Readers,
    pub(crate) snapshot: SqlitePool,
    pub(crate) write: SqlitePool,
}

pub(crate) async fn sqlite(options: &Options) -> Result<SqlitePools> {
    let write = sqlite_options(options)?;
    let file = write.get_filename().to_owned();
    make_folder(&file)?;
    // A file beside the database belongs to each connection: none is closed for its age.
    let pool = || {
        SqlitePoolOptions::new()
            .acquire_timeout(options.acquire_timeout)
            .test_before_acquire(false)
            .idle_timeout(None)
            .max_lifetime(None)
    };
    let read = SqliteConnectOptions::new()
        .filename(&file)
        .read_only(true)
        .busy_timeout(options.acquire_timeout)
        .statement_cache_capacity(STATEMENTS);
    // The writer first: it makes the file and turns the write-ahead log on.
    let write = pool().max_connections(1).connect_with(write).await?;
    let count = options.max_connections.max(1);
    let snapshot = pool().max_connections(count).connect_with(read.clone()).await?;
    let read = Readers::new(read, count, options.acquire_timeout);
    Ok(SqlitePools { read, snapshot, write })
}

/// How the database is opened for writing.
pub(crate) fn sqlite_options(options: &Options) -> Result<SqliteConnectOptions> {
    Ok(SqliteConnectOptions::from_str(&options.url)?
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        // What was acknowledged survives a power cut.
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(options.acquire_timeout)
        .statement_cache_capacity(STATEMENTS))
}

/// The file that one locks to migrate.
pub(crate) fn sqlite_lock_file(options: &Options) -> Result<PathBuf> {
    let mut name = sqlite_options(options)?.get_filename().as_os_str().to_owned();
    name.push(".migrate.lock");
    Ok(PathBuf::from(name))
}

pub(crate) fn make_folder(file: &Path) -> Result<()> {
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder).map_err(sqlx::Error::Io)?;
    }
    Ok(())
}

pub(crate) async fn postgres(options: &Options) -> Result<PgPool> {
    let pool = PgPoolOptions::new()
        .max_connections(options.max_connections.max(1))
        .acquire_timeout(options.acquire_timeout)
        .test_before_acquire(false)
        .before_acquire(|conn, meta| {
            Box::pin(async move {
                if meta.idle_for > TRUSTED_IDLE {
                    conn.ping().await?;
                }
                Ok(true)
            })
        });
    let connect = postgres_options(&options.url, options.pooler)?;
    // Behind a pooler these are settings of the database's role.
    let connect = if options.pooler { connect } else { connect.options(waits(options)) };
    match pool.connect_with(connect).await {
        Ok(pool) => Ok(pool),
        // Nobody else can hold a connection yet: the server did not answer.
        Err(error @ sqlx::Error::PoolTimedOut) => Err(Error::Unavailable(error)),
        Err(error) => Err(error.into()),
    }
}

/// How long a statement waits for a lock and how long it runs, and how long a transaction may stand still.
fn waits(options: &Options) -> [(&'static str, String); 3] {
    [
        ("lock_timeout", options.acquire_timeout.as_millis().to_string()),
        ("statement_timeout", options.statement_timeout.as_millis().to_string()),
        ("idle_in_transaction_session_timeout", IDLE.to_owned()),
    ]
}

/// A pooler may give each transaction another server connection: nothing is prepared for later,
/// and no start parameter is sent that it may not know.
pub(crate) fn postgres_options(url: &str, pooler: bool) -> Result<PgConnectOptions> {
    let options = PgConnectOptions::from_str(url)?;
    let options = match options.get_application_name() {
        Some(_) => options,
        None => options.application_name("steward"),
    };
    Ok(if pooler {
        options.statement_cache_capacity(0).extra_float_digits(None)
    } else {
        options.statement_cache_capacity(STATEMENTS)
    })
}

/// A connection of its own that keeps its session.
pub(crate) async fn postgres_session(options: &Options) -> Result<sqlx::PgConnection> {
    if options.pooler && options.direct_url.is_none() {
        return Err(Error::configuration("behind a pooler a direct url is needed for sessions"));
    }
    let connect = postgres_options(options.session_url(), false)?;
    match tokio::time::timeout(options.acquire_timeout, connect.connect()).await {
        Ok(conn) => Ok(conn?),
        Err(_) => Err(Error::Unavailable(sqlx::Error::PoolTimedOut)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_url_tells_the_database() {
        assert_eq!(Kind::of("sqlite://data/fleet.db").ok(), Some(Kind::Sqlite));
        assert_eq!(Kind::of("postgres://db/fleet").ok(), Some(Kind::Postgres));
        assert_eq!(Kind::of("postgresql://db/fleet").ok(), Some(Kind::Postgres));
        for url in ["", "mysql://db/fleet", "sqlite::memory:", "sqlite://:memory:", "fleet.db"] {
            assert!(Kind::of(url).is_err(), "{url}");
        }
    }

    #[test]
    fn the_lock_file_stands_beside_the_database() {
        let options = Options::new("sqlite://data/fleet.db");
        let file = sqlite_lock_file(&options).expect("a path");
        assert_eq!(file, Path::new("data/fleet.db.migrate.lock"));
    }
}
