//! What can go wrong, said the same way for both databases.

use sqlx::error::ErrorKind;

/// The result of asking the database.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What the database answered instead.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// `one()` found no row.
    #[error("no such row")]
    NotFound,
    /// A row like this is there already. The constraint is PostgreSQL's name of it, and SQLite's
    /// columns: `vehicle.plate, vehicle.region`.
    #[error("unique constraint {constraint} is violated")]
    Unique {
        /// One or the other.
        constraint: String,
    },
    /// A row that is referred to is missing, or one that is referred to was to go.
    #[error("foreign key {constraint} is violated")]
    Foreign {
        /// PostgreSQL's name of it; SQLite does not tell: empty.
        constraint: String,
    },
    /// A CHECK refused the row.
    #[error("check {constraint} is violated")]
    Check {
        /// The name; where none was given, PostgreSQL's generated name or SQLite's expression.
        constraint: String,
    },
    /// A row overlaps another (`EXCLUDE`, PostgreSQL only; SQLite has a trigger: [`Error::Raised`]).
    #[error("exclusion constraint {constraint} is violated")]
    Exclusion {
        /// The name.
        constraint: String,
    },
    /// A trigger refused: the text of `RAISE(ABORT, 'text')` or of `RAISE EXCEPTION 'text'`.
    #[error("refused by a trigger: {0}")]
    Raised(String),
    /// A deadlock or a serialisation failure: the same transaction may succeed when tried again.
    #[error("the transaction lost against another one")]
    Retry,
    /// No connection, or SQLite's one writer, came free within the acquire timeout, or a statement ran for
    /// longer than it may.
    #[error("the database is busy")]
    Busy,
    /// The database cannot be reached or is shutting down.
    #[error("the database is not available")]
    Unavailable(#[source] sqlx::Error),
    /// Everything that only a change of code, schema or configuration can cure.
    #[error("the database failed")]
    Other(#[source] sqlx::Error),
}

impl Error {
    /// The name of the rule that refused a row: of a check, an exclusion constraint or a trigger's
    /// text. An exclusion constraint and the trigger that stands for it on SQLite bear one name.
    pub fn rule(&self) -> Option<&str> {
        match self {
            Self::Check { constraint } | Self::Exclusion { constraint } => Some(constraint),
            Self::Raised(text) => Some(text),
            _ => None,
        }
    }

    pub(crate) fn configuration(text: &'static str) -> Self {
        Self::Other(sqlx::Error::Configuration(text.into()))
    }

    pub(crate) fn misuse(text: &str) -> Self {
        Self::Other(sqlx::Error::InvalidArgument(text.to_owned()))
    }
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        use sqlx::Error as E;
        match error {
            E::RowNotFound => Self::NotFound,
            E::PoolTimedOut => Self::Busy,
            E::Io(_) | E::Tls(_) | E::PoolClosed | E::WorkerCrashed => Self::Unavailable(error),
            E::Database(ref answer) => {
                let code = answer.code().unwrap_or_default();
                let class = classify(&answer.kind(), &code, answer.message(), answer.constraint());
                class.into_error(error)
            }
            _ => Self::Other(error),
        }
    }
}

/// What an error code means, before the source is put to it.
enum Class {
    Said(Error),
    Unavailable,
    Other,
}

impl Class {
    fn into_error(self, source: sqlx::Error) -> Error {
        match self {
            Self::Said(error) => error,
            Self::Unavailable => Error::Unavailable(source),
            Self::Other => Error::Other(source),
        }
    }
}

fn classify(kind: &ErrorKind, code: &str, message: &str, name: Option<&str>) -> Class {
    let constraint = || match name {
        Some(name) => name.to_owned(),
        None => after_colon(message).to_owned(),
    };
    Class::Said(match kind {
        ErrorKind::UniqueViolation => Error::Unique { constraint: constraint() },
        ErrorKind::ForeignKeyViolation => Error::Foreign { constraint: constraint() },
        ErrorKind::CheckViolation => Error::Check { constraint: constraint() },
        ErrorKind::ExclusionViolation => Error::Exclusion { constraint: constraint() },
        // SQLSTATEs have five characters, SQLite's numbers four at most.
        _ if code.len() == 5 => return by_sqlstate(code, message),
        _ => return by_sqlite_code(code, message),
    })
}

fn by_sqlstate(code: &str, message: &str) -> Class {
    match code {
        "40001" | "40P01" => Class::Said(Error::Retry),
        // A lock that was not to be had, a statement that ran too long.
        "55P03" | "57014" => Class::Said(Error::Busy),
        "P0001" => Class::Said(Error::Raised(message.to_owned())),
        // Connection exceptions, shutdowns and a server without free slots.
        "57P01" | "57P02" | "57P03" | "53300" => Class::Unavailable,
        _ if code.starts_with("08") => Class::Unavailable,
        _ => Class::Other,
    }
}

fn by_sqlite_code(code: &str, message: &str) -> Class {
    let code: u32 = code.parse().unwrap_or(0);
    if code == 1811 {
        return Class::Said(Error::Raised(message.to_owned()));
    }
    match code & 0xff {
        5 | 6 => Class::Said(Error::Busy),
        // A failing disk, a full one, a file that cannot be opened.
        10 | 13 | 14 => Class::Unavailable,
        _ => Class::Other,
    }
}

/// SQLite names a constraint only in its message: `UNIQUE constraint failed: t.a, t.b`.
fn after_colon(message: &str) -> &str {
    message.split_once(": ").map_or("", |(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(kind: &ErrorKind, code: &str, message: &str, name: Option<&str>) -> String {
        match classify(kind, code, message, name) {
            Class::Said(error) => format!("{error:?}"),
            Class::Unavailable => "Unavailable".to_owned(),
            Class::Other => "Other".to_owned(),
        }
    }

    #[test]
    fn constraints_have_names() {
        use ErrorKind as K;
        let sqlite = "UNIQUE constraint failed: vehicle.plate, vehicle.region";
        let cases = [
            (K::UniqueViolation, "23505", "duplicate key", Some("vehicle_key"), "vehicle_key"),
            (K::UniqueViolation, "2067", sqlite, None, "vehicle.plate, vehicle.region"),
            (K::ForeignKeyViolation, "23503", "violates", Some("vehicle_fkey"), "vehicle_fkey"),
            (K::ForeignKeyViolation, "787", "FOREIGN KEY constraint failed", None, "\"\""),
            (K::CheckViolation, "275", "CHECK constraint failed: positive", None, "positive"),
            (K::ExclusionViolation, "23P01", "conflicting key", Some("no_overlap"), "no_overlap"),
        ];
        for (kind, code, message, name, want) in cases {
            let got = said(&kind, code, message, name);
            assert!(got.contains(want), "{got} has no {want}");
        }
    }

    #[test]
    fn codes_have_classes() {
        let cases = [
            ("40001", "Retry"),
            ("40P01", "Retry"),
            ("55P03", "Busy"),
            ("57014", "Busy"),
            ("5", "Busy"),
            ("517", "Busy"),
            ("6", "Busy"),
            ("1811", "Raised(\"text\")"),
            ("P0001", "Raised(\"text\")"),
            ("08006", "Unavailable"),
            ("57P01", "Unavailable"),
            ("53300", "Unavailable"),
            ("266", "Unavailable"),
            ("13", "Unavailable"),
            ("42P01", "Other"),
            ("1", "Other"),
            ("", "Other"),
        ];
        for (code, want) in cases {
            assert_eq!(said(&ErrorKind::Other, code, "text", None), want, "{code}");
        }
    }
}
