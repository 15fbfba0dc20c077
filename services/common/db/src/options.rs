//! Where the database is and how many connections it may have.

use std::fmt;
use std::time::Duration;

/// How to reach one database.
///
/// `Debug` prints no URL, since a URL may hold a password.
#[derive(Clone, PartialEq, Eq)]
pub struct Options {
    /// `sqlite://path` (the file and its folder are made when missing) or `postgres://…`.
    pub url: String,
    /// A URL that reaches PostgreSQL itself and not a transaction pooler: for migrations and for
    /// everything else that holds a session. Absent: `url`. SQLite has no use for it.
    pub direct_url: Option<String>,
    /// `url` leads to a pooler that hands out server connections by the transaction (PgBouncer).
    /// Then nothing is kept in a session and every read is a transaction. PostgreSQL only.
    pub pooler: bool,
    /// Connections at most, 1 or more; on SQLite so many that read one statement, and so many that read several,
    /// beside the one that writes.
    pub max_connections: u32,
    /// How long one waits for a connection, or for SQLite's one writer, before [`Error::Busy`].
    ///
    /// [`Error::Busy`]: crate::Error::Busy
    pub acquire_timeout: Duration,
    /// How long a statement may run before it ends in [`Error::Busy`]; migrations as long as they take.
    /// PostgreSQL only, and not behind a pooler.
    ///
    /// [`Error::Busy`]: crate::Error::Busy
    pub statement_timeout: Duration,
}

impl Options {
    /// The defaults for `url`: no pooler, 10 connections, 5 seconds of waiting, 30 for a statement.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            direct_url: None,
            pooler: false,
            max_connections: 10,
            acquire_timeout: Duration::from_secs(5),
            statement_timeout: Duration::from_secs(30),
        }
    }

    /// The URL of a connection that keeps its session.
    pub fn session_url(&self) -> &str {
        self.direct_url.as_deref().unwrap_or(&self.url)
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = self.url.split_once(':').map_or("", |(scheme, _)| scheme);
        f.debug_struct("Options")
            .field("scheme", &scheme)
            .field("direct", &self.direct_url.is_some())
            .field("pooler", &self.pooler)
            .field("max_connections", &self.max_connections)
            .field("acquire_timeout", &self.acquire_timeout)
            .field("statement_timeout", &self.statement_timeout)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_keeps_the_password() {
        let options = Options {
            direct_url: Some("postgres://steward:secret@db:5432/fleet".to_owned()),
            ..Options::new("postgres://steward:secret@pool:6432/fleet")
        };
        let text = format!("{options:?}");
        assert!(text.contains("postgres"), "{text}");
        assert!(!text.contains("secret") && !text.contains("pool:"), "{text}");
    }
}
