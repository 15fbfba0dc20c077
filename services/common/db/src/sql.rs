//! One statement: a text, its values, and what to do with the rows.

use std::borrow::Cow;

use sqlx::{AssertSqlSafe, SqlSafeStr, SqlStr};

use crate::error::{Error, Result};
use crate::tx::{Conn, Tx};
use crate::values::{Args, Bind, Binds, Row};

/// A statement on its way. Made by [`Tx::sql`], run by [`one`](Self::one), [`opt`](Self::opt),
/// [`all`](Self::all) or [`run`](Self::run).
#[must_use = "a statement does nothing until it is run"]
pub struct Sql<'t> {
    tx: &'t mut Tx,
    text: Cow<'static, str>,
    binds: Binds,
    persistent: bool,
}

impl<'t> Sql<'t> {
    pub(crate) fn new(tx: &'t mut Tx, text: &'static str) -> Self {
        let binds = Binds::new(tx.is_sqlite());
        Self::ready(tx, Cow::Borrowed(text), binds, true)
    }

    pub(crate) fn ready(
        tx: &'t mut Tx,
        text: Cow<'static, str>,
        binds: Binds,
        persistent: bool,
    ) -> Self {
        let persistent = persistent && tx.keeps_statements();
        Self { tx, text, binds, persistent }
    }

    /// Gives the next placeholder, `$n` in the text, its value.
    pub fn bind<'q>(mut self, value: impl Bind<'q>) -> Self {
        self.binds = self.binds.bind(value);
        self
    }

    /// Appends `text` and one value; every `{}` in the text becomes that value's placeholder.
    pub fn push<'q>(mut self, text: &'static str, value: impl Bind<'q>) -> Self {
        self = self.bind(value);
        let number = self.binds.count();
        self.append(&text.replace("{}", &format!("${number}")));
        self
    }

    /// [`push`](Self::push) if there is a value, else nothing: for filters that may be absent.
    pub fn push_opt<'q>(self, text: &'static str, value: Option<impl Bind<'q>>) -> Self {
        match value {
            Some(value) => self.push(text, value),
            None => self,
        }
    }

    /// Appends `text` with `{}` as the list of all values: `" AND status IN ({})"`. Without any
    /// value it is `IN (NULL)`, which no row fulfils. A few hundred values at most.
    pub fn push_each<'q, V: Bind<'q>>(
        mut self,
        text: &'static str,
        values: impl IntoIterator<Item = V>,
    ) -> Self {
        let before = self.binds.count();
        for value in values {
            self = self.bind(value);
        }
        let list = placeholders(before + 1, self.binds.count() - before);
        let list = if list.is_empty() { "NULL" } else { &list };
        self.append(&text.replace("{}", list));
        // As many texts as there are lengths of the list: not worth keeping prepared.
        self.persistent = false;
        self
    }

    /// Appends `text` as it is.
    pub fn text(mut self, text: &'static str) -> Self {
        self.append(text);
        self
    }

    /// The row there must be.
    ///
    /// # Errors
    /// [`Error::NotFound`] if there is none.
    pub async fn one<T: Row>(self) -> Result<T> {
        self.opt().await?.ok_or(Error::NotFound)
    }

    /// The first row, if there is one.
    pub async fn opt<T: Row>(self) -> Result<Option<T>> {
        let (tx, text, args, persistent) = self.parts()?;
        let row = match (tx.conn(), args) {
            (Conn::Sqlite(conn), Args::Sqlite(args)) => {
                let query = sqlx::query_as_with(text, args).persistent(persistent);
                query.fetch_optional(conn).await
            }
            (Conn::Postgres(conn), Args::Postgres(args)) => {
                let query = sqlx::query_as_with(text, args).persistent(persistent);
                query.fetch_optional(conn).await
            }
            _ => Err(other_driver()),
        };
        row.map_err(|error| tx.failed(error))
    }

    /// All rows, in the order of the statement.
    pub async fn all<T: Row>(self) -> Result<Vec<T>> {
        let (tx, text, args, persistent) = self.parts()?;
        let rows = match (tx.conn(), args) {
            (Conn::Sqlite(conn), Args::Sqlite(args)) => {
                sqlx::query_as_with(text, args).persistent(persistent).fetch_all(conn).await
            }
            (Conn::Postgres(conn), Args::Postgres(args)) => {
                sqlx::query_as_with(text, args).persistent(persistent).fetch_all(conn).await
            }
            _ => Err(other_driver()),
        };
        rows.map_err(|error| tx.failed(error))
    }

    /// Runs it and says how many rows it changed.
    pub async fn run(self) -> Result<u64> {
        let (tx, text, args, persistent) = self.parts()?;
        let changed = match (tx.conn(), args) {
            (Conn::Sqlite(conn), Args::Sqlite(args)) => {
                let query = sqlx::query_with(text, args).persistent(persistent);
                query.execute(conn).await.map(|done| done.rows_affected())
            }
            (Conn::Postgres(conn), Args::Postgres(args)) => {
                let query = sqlx::query_with(text, args).persistent(persistent);
                query.execute(conn).await.map(|done| done.rows_affected())
            }
            _ => Err(other_driver()),
        };
        changed.map_err(|error| tx.failed(error))
    }

    /// The text is only ever made of `&'static str` pieces and generated placeholders, which is
    /// what the assertion stands for.
    fn parts(self) -> Result<(&'t mut Tx, SqlStr, Args, bool)> {
        self.tx.usable()?;
        let text = match self.text {
            Cow::Borrowed(text) => text.into_sql_str(),
            Cow::Owned(text) => AssertSqlSafe(text).into_sql_str(),
        };
        Ok((self.tx, text, self.binds.finish()?, self.persistent))
    }

    fn append(&mut self, text: &str) {
        self.text.to_mut().push_str(text);
    }
}

/// `$first, $first+1, …`, `count` of them.
pub(crate) fn placeholders(first: usize, count: usize) -> String {
    let mut text = String::with_capacity(count * 7);
    for number in first..first + count {
        if number > first {
            text.push_str(", ");
        }
        text.push('$');
        text.push_str(&number.to_string());
    }
    text
}

/// The values are made for the transaction's driver, so this cannot come; it costs nothing to
/// answer it with an error instead of a panic.
fn other_driver() -> sqlx::Error {
    sqlx::Error::InvalidArgument("the values belong to the other driver".to_owned())
}

#[cfg(test)]
mod tests {
    use super::placeholders;

    #[test]
    fn placeholders_are_numbered_from_the_first() {
        assert_eq!(placeholders(1, 0), "");
        assert_eq!(placeholders(1, 1), "$1");
        assert_eq!(placeholders(9, 3), "$9, $10, $11");
    }
}
