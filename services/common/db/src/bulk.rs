//! Many rows in few statements.

use std::borrow::Cow;

use crate::error::{Error, Result};
use crate::sql::{Sql, placeholders};
use crate::tx::Tx;
use crate::values::{Binds, Row};

/// SQLite takes 32,766 values a statement, PostgreSQL 65,535; one bound serves both.
const MAX_BINDS: usize = 30_000;

/// An insert of many rows on its way. Made by [`Tx::bulk`].
#[must_use = "a statement does nothing until it is run"]
pub struct Bulk<'t, 'r, R, F> {
    tx: &'t mut Tx,
    head: &'static str,
    rows: &'r [R],
    bind: F,
    tail: &'static str,
}

impl<'t, 'r, R, F> Bulk<'t, 'r, R, F>
where
    R: Sync,
    F: Fn(&'r R, Binds) -> Binds + Send + Sync,
{
    pub(crate) fn new(
        tx: &'t mut Tx,
        head: &'static str,
        rows: &'r [R],
        bind: F,
        tail: &'static str,
    ) -> Self {
        Self { tx, head, rows, bind, tail }
    }

    /// Runs it and says how many rows were inserted or changed.
    pub async fn run(self) -> Result<u64> {
        let mut changed = 0;
        for chunk in self.rows.chunks(self.rows_a_chunk()?) {
            changed += statement(self.tx, self.head, chunk, &self.bind, self.tail).run().await?;
        }
        Ok(changed)
    }

    /// The rows of `RETURNING`: only those really inserted or changed, in no certain order.
    pub async fn all<T: Row>(self) -> Result<Vec<T>> {
        let mut rows = Vec::new();
        for chunk in self.rows.chunks(self.rows_a_chunk()?) {
            let sql = statement(self.tx, self.head, chunk, &self.bind, self.tail);
            rows.extend(sql.all::<T>().await?);
        }
        Ok(rows)
    }

    fn rows_a_chunk(&self) -> Result<usize> {
        let Some(first) = self.rows.first() else {
            return Ok(1);
        };
        let columns = (self.bind)(first, Binds::new(self.tx.is_sqlite())).count();
        chunk_rows(columns).ok_or_else(|| Error::misuse("a bulk row binds no values, or too many"))
    }
}

fn statement<'t, 'r, R>(
    tx: &'t mut Tx,
    head: &'static str,
    rows: &'r [R],
    bind: &impl Fn(&'r R, Binds) -> Binds,
    tail: &'static str,
) -> Sql<'t> {
    let sqlite = tx.is_sqlite();
    let mut text = String::from(head);
    let mut binds = Binds::new(sqlite);
    for row in rows {
        let before = binds.count();
        binds = bind(row, binds);
        let columns = binds.count() - before;
        text.push_str(if before == 0 { " VALUES (" } else { ", (" });
        text.push_str(&if sqlite { unnamed(columns) } else { placeholders(before + 1, columns) });
        text.push(')');
    }
    text.push_str(tail);
    // Few chunks have the same number of rows, and the texts are long: not kept prepared.
    Sql::ready(tx, Cow::Owned(text), binds, false)
}

/// `?, ?, ?`: SQLite takes `$1` for a name and searches all names for each of them, which makes
/// the time of a statement grow with the square of its values.
fn unnamed(count: usize) -> String {
    vec!["?"; count].join(", ")
}

/// How many rows of so many columns one statement takes; at least one.
fn chunk_rows(columns: usize) -> Option<usize> {
    MAX_BINDS.checked_div(columns).filter(|rows| *rows > 0)
}

#[cfg(test)]
mod tests {
    use super::{chunk_rows, unnamed};

    #[test]
    fn unnamed_placeholders_are_as_many_as_the_columns() {
        assert_eq!(unnamed(0), "");
        assert_eq!(unnamed(3), "?, ?, ?");
    }

    #[test]
    fn chunks_stay_below_the_bound() {
        assert_eq!(chunk_rows(0), None);
        assert_eq!(chunk_rows(1), Some(30_000));
        assert_eq!(chunk_rows(7), Some(4_285));
        assert_eq!(chunk_rows(30_000), Some(1));
        assert_eq!(chunk_rows(30_001), None);
    }
}
