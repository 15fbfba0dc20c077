//! Bringing a schema up to date.

use std::fs::File;
use std::time::Duration;

use sqlx::migrate::Migrator;
use sqlx::{ConnectOptions, Connection};

use crate::connect;
use crate::error::Result;
use crate::options::Options;

/// The migrations of one library or service, for both databases.
///
/// ```ignore
/// static SQLITE: Migrator = sqlx::migrate!("migrations/sqlite");
/// static POSTGRES: Migrator = sqlx::migrate!("migrations/postgres");
/// pub const MIGRATIONS: Migrations =
///     Migrations { name: "chassis", sqlite: &SQLITE, postgres: &POSTGRES };
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Migrations {
    /// A short word of `[a-z_]`. What has run is kept in the table `_migrations_<name>`.
    pub name: &'static str,
    /// The files of `migrations/sqlite`.
    pub sqlite: &'static Migrator,
    /// The files of `migrations/postgres`: same numbers, same names.
    pub postgres: &'static Migrator,
}

impl Migrations {
    /// The migrator with the table of its own. It does not lock: one lock goes around all sets.
    fn own(&self, migrator: &Migrator) -> Migrator {
        let mut own = Migrator::with_migrations(migrator.iter().cloned().collect());
        own.dangerous_set_table_name(format!("_migrations_{}", self.name));
        own.set_locking(false);
        own
    }
}

/// PostgreSQL's advisory lock of whoever migrates: "steward" in ASCII. Its scope is the database.
const LOCK: i64 = 0x0073_7465_7761_7264;

/// How often one looks whether another has finished migrating.
const LOOK: Duration = Duration::from_millis(100);

pub(crate) async fn postgres(options: &Options, sets: &[Migrations]) -> Result<()> {
    let mut conn = connect::postgres_session(options).await?;
    // Asked again and again instead of waiting inside a statement: a waiting statement holds a
    // snapshot, and CREATE INDEX CONCURRENTLY waits for all of these.
    let mut told = false;
    while !sqlx::query_scalar::<_, bool>("SELECT pg_try_advisory_lock($1)")
        .bind(LOCK)
        .fetch_one(&mut conn)
        .await?
    {
        if !told {
            tracing::info!("waiting for another process to migrate the database");
            told = true;
        }
        tokio::time::sleep(LOOK).await;
    }
    for set in sets {
        let migrator = set.own(set.postgres);
        migrator.run_direct(None, &mut conn, false).await.map_err(sqlx::Error::from)?;
        tracing::debug!(set = set.name, "migrated");
    }
    // The end of the session is the end of the lock, also after an error.
    conn.close().await?;
    Ok(())
}

pub(crate) async fn sqlite(options: &Options, sets: &[Migrations]) -> Result<()> {
    let lock = lock_file(options).await?;
    let mut conn = connect::sqlite_options(options)?.connect().await?;
    for set in sets {
        let migrator = set.own(set.sqlite);
        migrator.run_direct(None, &mut conn, false).await.map_err(sqlx::Error::from)?;
        tracing::debug!(set = set.name, "migrated");
    }
    conn.close().await?;
    drop(lock);
    Ok(())
}

/// Waits for the lock on a thread of its own. Closing the file lets it go; the file stays, since
/// removing it would let two hold locks on two files of one name.
async fn lock_file(options: &Options) -> Result<File> {
    let path = connect::sqlite_lock_file(options)?;
    connect::make_folder(&path)?;
    let locked = tokio::task::spawn_blocking(move || {
        let file = File::options().create(true).truncate(false).write(true).open(path)?;
        file.lock()?;
        Ok(file)
    });
    let file = locked.await.map_err(|_| sqlx::Error::WorkerCrashed)?;
    Ok(file.map_err(sqlx::Error::Io)?)
}
