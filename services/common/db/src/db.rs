//! The database of a service.

use std::fmt;

use sqlx::PgPool;

use crate::connect::{self, Kind, SqlitePools};
use crate::error::{Error, Result};
use crate::migrate::{self, Migrations};
use crate::options::Options;
use crate::tx::{Held, Tx};

/// A database and its connections. Cheap to clone: clones share them.
#[derive(Clone)]
pub struct Db {
    pools: Pools,
    pooler: bool,
    max_connections: u32,
}

#[derive(Clone)]
enum Pools {
    Sqlite(SqlitePools),
    Postgres(PgPool),
}

impl Db {
    /// Opens the database that the URL names, with one connection at once, so that a wrong URL
    /// shows here.
    ///
    /// # Errors
    /// [`Error::Unavailable`] if it does not answer within the acquire timeout, [`Error::Other`]
    /// for a wrong URL, user or password.
    pub async fn connect(options: &Options) -> Result<Self> {
        let pools = match Kind::of(&options.url)? {
            Kind::Sqlite => Pools::Sqlite(connect::sqlite(options).await?),
            Kind::Postgres => Pools::Postgres(connect::postgres(options).await?),
        };
        let max_connections = options.max_connections.max(1);
        Ok(Self { pools, pooler: options.pooler, max_connections })
    }

    /// Brings the schema up to date: the sets in the order given, one process at a time.
    ///
    /// # Errors
    /// [`Error::Other`] if a migration fails (what came before it stays), was changed after it ran,
    /// or is unknown here because a newer version ran it.
    pub async fn migrate(&self, options: &Options, sets: &[Migrations]) -> Result<()> {
        match self.pools {
            Pools::Sqlite(_) => migrate::sqlite(options, sets).await,
            Pools::Postgres(_) => migrate::postgres(options, sets).await,
        }
    }

    /// For one statement that reads. Writing through it is refused on SQLite and forbidden on
    /// PostgreSQL; for two statements that must agree use [`snapshot`](Self::snapshot).
    pub async fn read(&self) -> Result<Tx> {
        let held = match &self.pools {
            Pools::Sqlite(pools) => {
                Held::SqliteRead(pools.read.take().await.map_err(|error| self.refused(error))?)
            }
            // A statement outside a transaction would be prepared on one server connection of
            // the pooler and executed on another.
            Pools::Postgres(_) if self.pooler => return self.begin("BEGIN READ ONLY").await,
            Pools::Postgres(pool) => {
                Held::PostgresRead(pool.acquire().await.map_err(|error| self.refused(error))?)
            }
        };
        Ok(self.tx(held))
    }

    /// For several statements that read: they see the database as the first of them found it.
    pub async fn snapshot(&self) -> Result<Tx> {
        match &self.pools {
            Pools::Sqlite(pools) => {
                let pool = pools.snapshot.clone();
                let tx = whole(async move { pool.begin().await }).await;
                Ok(self.tx(Held::Sqlite(tx.map_err(|error| self.refused(error))?)))
            }
            Pools::Postgres(_) => {
                self.begin("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await
            }
        }
    }

    /// A transaction that writes. Only `chassis::write` opens one.
    ///
    /// On SQLite there is one at a time, and one waits for it.
    ///
    /// # Errors
    /// [`Error::Busy`] after the acquire timeout.
    pub async fn write(&self) -> Result<Tx> {
        match &self.pools {
            Pools::Sqlite(pools) => {
                let pool = pools.write.clone();
                let tx = whole(async move { pool.begin_with("BEGIN IMMEDIATE").await }).await;
                Ok(self.tx(Held::Sqlite(tx.map_err(|error| self.refused(error))?)))
            }
            Pools::Postgres(_) => self.begin("BEGIN").await,
        }
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<()> {
        self.read().await?.sql("SELECT 1").run().await?;
        Ok(())
    }

    /// Waits for those who hold a connection, then closes all. Later calls answer
    /// [`Error::Unavailable`].
    pub async fn close(&self) {
        match &self.pools {
            // The writer last: it folds the write-ahead log into the file.
            Pools::Sqlite(pools) => {
                pools.read.close().await;
                pools.snapshot.close().await;
                pools.write.close().await;
            }
            Pools::Postgres(pool) => pool.close().await,
        }
    }

    /// Whether this is SQLite.
    pub fn is_sqlite(&self) -> bool {
        matches!(self.pools, Pools::Sqlite(_))
    }

    async fn begin(&self, statement: &'static str) -> Result<Tx> {
        let Pools::Postgres(pool) = &self.pools else {
            return Err(Error::misuse("this statement is for PostgreSQL"));
        };
        let pool = pool.clone();
        let tx = whole(async move { pool.begin_with(statement).await }).await;
        Ok(self.tx(Held::Postgres(tx.map_err(|error| self.refused(error))?)))
    }

    fn tx(&self, held: Held) -> Tx {
        Tx::new(held, !self.pooler)
    }

    /// The pool says that it timed out both when all connections are in use and when the server
    /// does not take new ones.
    fn refused(&self, error: sqlx::Error) -> Error {
        match (&self.pools, &error) {
            (Pools::Postgres(pool), sqlx::Error::PoolTimedOut)
                if pool.size() < self.max_connections =>
            {
                Error::Unavailable(error)
            }
            _ => error.into(),
        }
    }
}

/// Runs `work` to its end even if the caller gives up.
///
/// A PostgreSQL BEGIN that is dropped half-way leaves a connection in the pool inside an open
/// transaction, and what is written through it later is acknowledged and lost (sqlx 0.9.0).
async fn whole<T, F>(work: F) -> sqlx::Result<T>
where
    T: Send + 'static,
    F: Future<Output = sqlx::Result<T>> + Send + 'static,
{
    tokio::spawn(work).await.map_err(|_| sqlx::Error::WorkerCrashed)?
}

impl fmt::Debug for Db {
    /// Without the URL, which may hold a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = if self.is_sqlite() { "SQLite" } else { "PostgreSQL" };
        f.debug_struct("Db")
            .field("kind", &kind)
            .field("pooler", &self.pooler)
            .field("max_connections", &self.max_connections)
            .finish_non_exhaustive()
    }
}
