//! What goes into a statement and what comes out of it.

use sqlx::error::BoxDynError;
use sqlx::postgres::{PgArguments, PgRow};
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{Arguments, Encode, FromRow, Postgres, Sqlite, Type};

/// A value that both databases store: integers, `bool`, text, bytes, `Uuid`, `NaiveDate`,
/// `DateTime<Utc>` (cut to the microsecond by whoever made it) and an `Option` of these.
pub trait Bind<'q>:
    Encode<'q, Sqlite> + Type<Sqlite> + Encode<'q, Postgres> + Type<Postgres> + Send + 'q
{
}

impl<'q, T> Bind<'q> for T where
    T: Encode<'q, Sqlite> + Type<Sqlite> + Encode<'q, Postgres> + Type<Postgres> + Send + 'q
{
}

/// A row that both databases give: a struct with `#[derive(sqlx::FromRow)]`, or a tuple.
pub trait Row: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin {}

impl<T> Row for T where T: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin
{}

/// The values of one statement, in the order of their placeholders.
pub struct Binds {
    args: Args,
    count: usize,
    failed: Option<BoxDynError>,
}

pub(crate) enum Args {
    Sqlite(SqliteArguments),
    Postgres(PgArguments),
}

impl Binds {
    pub(crate) fn new(sqlite: bool) -> Self {
        let args = if sqlite {
            Args::Sqlite(SqliteArguments::default())
        } else {
            Args::Postgres(PgArguments::default())
        };
        Self { args, count: 0, failed: None }
    }

    /// Adds the value of the next placeholder.
    #[must_use]
    pub fn bind<'q>(mut self, value: impl Bind<'q>) -> Self {
        let added = match &mut self.args {
            Args::Sqlite(args) => Arguments::add(args, value),
            Args::Postgres(args) => Arguments::add(args, value),
        };
        // Kept until the statement runs, so that binding stays a chain.
        if let Err(error) = added {
            self.failed.get_or_insert(error);
        }
        self.count += 1;
        self
    }

    /// How many values there are, which is the number of the last placeholder.
    pub(crate) fn count(&self) -> usize {
        self.count
    }

    pub(crate) fn finish(self) -> Result<Args, sqlx::Error> {
        match self.failed {
            None => Ok(self.args),
            Some(error) => Err(sqlx::Error::Encode(error)),
        }
    }
}
