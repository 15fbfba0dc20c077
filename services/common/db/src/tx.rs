//! A transaction, or a connection for one read.

use std::fmt;

use sqlx::pool::PoolConnection;
use sqlx::{PgConnection, Postgres, Sqlite, SqliteConnection, Transaction};

use crate::bulk::Bulk;
use crate::error::{Error, Result};
use crate::readers::Reader;
use crate::sql::Sql;
use crate::values::Binds;

/// What statements run on. Dropped without [`commit`](Self::commit) it is rolled back.
///
/// After a statement failed in a transaction nothing else may be done in it, on either database:
/// every further statement and `commit` answer an error. (PostgreSQL would answer COMMIT with a
/// silent rollback; SQLite would keep what came before the failed statement.) An insert that may
/// meet its twin says `ON CONFLICT DO NOTHING`.
pub struct Tx {
    held: Held,
    keeps_statements: bool,
    broken: bool,
}

/// A read of one statement needs no BEGIN and COMMIT: `…Read` is a bare connection.
pub(crate) enum Held {
    Sqlite(Transaction<'static, Sqlite>),
    Postgres(Transaction<'static, Postgres>),
    SqliteRead(Reader),
    PostgresRead(PoolConnection<Postgres>),
}

pub(crate) enum Conn<'t> {
    Sqlite(&'t mut SqliteConnection),
    Postgres(&'t mut PgConnection),
}

impl Tx {
    pub(crate) fn new(held: Held, keeps_statements: bool) -> Self {
        Self { held, keeps_statements, broken: false }
    }

    /// Begins a statement. Placeholders are `$1`, `$2`, …, bound in this order.
    pub fn sql(&mut self, text: &'static str) -> Sql<'_> {
        Sql::new(self, text)
    }

    /// An insert of many rows: `head` is `INSERT INTO t (a, b)`, `bind` gives one row's values in
    /// that order, `tail` is what follows the values, or empty.
    ///
    /// It is split into statements of at most 30,000 values, all in this transaction. No rows: no
    /// statement.
    ///
    /// ```no_run
    /// # async fn example(tx: &mut steward_db::Tx, rows: &[(i64, String)]) -> steward_db::Result<()> {
    /// let new: Vec<(i64,)> = tx
    ///     .bulk(
    ///         "INSERT INTO item (id, name)",
    ///         rows,
    ///         |row, binds| binds.bind(row.0).bind(&*row.1),
    ///         " ON CONFLICT (id) DO NOTHING RETURNING id",
    ///     )
    ///     .all()
    ///     .await?;
    /// # let _ = new; Ok(())
    /// # }
    /// ```
    pub fn bulk<'t, 'r, R, F>(
        &'t mut self,
        head: &'static str,
        rows: &'r [R],
        bind: F,
        tail: &'static str,
    ) -> Bulk<'t, 'r, R, F>
    where
        R: Sync,
        F: Fn(&'r R, Binds) -> Binds + Send + Sync,
    {
        Bulk::new(self, head, rows, bind, tail)
    }

    /// Makes everything durable. A plain read has nothing to commit.
    ///
    /// # Errors
    /// What a deferred constraint refuses, and [`Error::Other`] if a statement has failed before.
    pub async fn commit(self) -> Result<()> {
        self.usable()?;
        match self.held {
            Held::Sqlite(tx) => tx.commit().await?,
            Held::Postgres(tx) => tx.commit().await?,
            Held::SqliteRead(_) | Held::PostgresRead(_) => {}
        }
        Ok(())
    }

    /// Undoes everything, and waits until it is done. Dropping does the same without waiting.
    pub async fn rollback(self) -> Result<()> {
        match self.held {
            Held::Sqlite(tx) => tx.rollback().await?,
            Held::Postgres(tx) => tx.rollback().await?,
            Held::SqliteRead(_) | Held::PostgresRead(_) => {}
        }
        Ok(())
    }

    /// For the few statements that cannot be one text on both databases.
    pub fn is_sqlite(&self) -> bool {
        matches!(self.held, Held::Sqlite(_) | Held::SqliteRead(_))
    }

    /// The end of a SELECT that keeps others from changing the rows until the commit. Empty on
    /// SQLite, whose one writer needs none.
    pub fn for_share(&self) -> &'static str {
        if self.is_sqlite() { "" } else { " FOR SHARE" }
    }

    /// The end of a SELECT of rows that are about to be changed; see [`for_share`](Self::for_share).
    pub fn for_update(&self) -> &'static str {
        if self.is_sqlite() { "" } else { " FOR UPDATE" }
    }

    pub(crate) fn keeps_statements(&self) -> bool {
        self.keeps_statements
    }

    pub(crate) fn usable(&self) -> Result<()> {
        if self.broken {
            return Err(Error::misuse("a statement of this transaction has failed before"));
        }
        Ok(())
    }

    /// Remembers that a statement failed. A bare connection goes on: each of its statements
    /// stands alone.
    pub(crate) fn failed(&mut self, error: sqlx::Error) -> Error {
        if let Held::SqliteRead(reader) = &self.held {
            reader.failed(&error);
        }
        self.broken = matches!(self.held, Held::Sqlite(_) | Held::Postgres(_));
        error.into()
    }

    pub(crate) fn conn(&mut self) -> Conn<'_> {
        match &mut self.held {
            Held::Sqlite(tx) => Conn::Sqlite(tx),
            Held::SqliteRead(conn) => Conn::Sqlite(conn),
            Held::Postgres(tx) => Conn::Postgres(tx),
            Held::PostgresRead(conn) => Conn::Postgres(conn),
        }
    }
}

impl fmt::Debug for Tx {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let held = match self.held {
            Held::Sqlite(_) => "SQLite transaction",
            Held::Postgres(_) => "PostgreSQL transaction",
            Held::SqliteRead(_) => "SQLite read",
            Held::PostgresRead(_) => "PostgreSQL read",
        };
        f.debug_struct("Tx")
            .field("held", &held)
            .field("broken", &self.broken)
            .finish_non_exhaustive()
    }
}
