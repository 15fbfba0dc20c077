//! A database for one test.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use sqlx::{AssertSqlSafe, Connection, PgConnection};
use steward_db::{Db, Migrations, Options, Tx};
use tempfile::TempDir;

use crate::postgres::Postgres;

/// Which of the two databases.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// A file in a folder of its own.
    Sqlite,
    /// A database of its own on [`Postgres::shared`] or on a private cluster.
    Postgres,
}

/// A new database with some migrations. It is gone when this is dropped.
#[derive(Debug)]
pub struct TestDb {
    db: Db,
    options: Options,
    home: Home,
}

#[derive(Debug)]
enum Home {
    Folder { _folder: TempDir },
    Server { admin: String, name: String },
}

impl TestDb {
    /// A database of this engine, with a pool of 5.
    ///
    /// # Panics
    /// If it cannot be made, or PostgreSQL is asked for and not there.
    pub async fn new(engine: Engine, sets: &[Migrations]) -> Self {
        match engine {
            Engine::Sqlite => Self::sqlite(sets).await,
            Engine::Postgres => {
                Self::on(Postgres::shared().expect("a PostgreSQL to test on"), sets).await
            }
        }
    }

    /// A database on a certain server: copied from a template, which is migrated once.
    ///
    /// # Panics
    /// If it cannot be made.
    pub async fn on(server: &Postgres, sets: &[Migrations]) -> Self {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("steward_test_{}_{number}", std::process::id());
        let admin = server.url("postgres");
        let mut conn = PgConnection::connect(&admin).await.expect("the test server answers");
        let template = template(server, &mut conn, sets).await;
        // One of a killed process that had our number may be there.
        execute(&mut conn, format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await;
        execute(&mut conn, format!("CREATE DATABASE {name} TEMPLATE {template}")).await;
        let options = small(&server.url(&name));
        let db = Db::connect(&options).await.expect("a new database");
        Self { db, options, home: Home::Server { admin, name } }
    }

    async fn sqlite(sets: &[Migrations]) -> Self {
        let folder = tempfile::Builder::new().prefix("steward-test-").tempdir().expect("a folder");
        let file = folder.path().join("test.db");
        let options = small(&format!("sqlite://{}", file.to_str().expect("a plain path")));
        let db = Db::connect(&options).await.expect("a new database");
        db.migrate(&options, sets).await.expect("migrations");
        Self { db, options, home: Home::Folder { _folder: folder } }
    }

    /// The database, with a pool of 5.
    pub fn db(&self) -> &Db {
        &self.db
    }

    /// Its URL.
    pub fn url(&self) -> &str {
        &self.options.url
    }

    /// What [`TestDb::db`] was opened with, to open it once more and otherwise.
    pub fn options(&self) -> Options {
        self.options.clone()
    }

    /// Whether this is SQLite.
    pub fn is_sqlite(&self) -> bool {
        self.db.is_sqlite()
    }

    /// Opens a transaction that writes, past `chassis::write`: for stores and for test data.
    ///
    /// # Panics
    /// If the database is busy.
    pub async fn write(&self) -> Tx {
        write(&self.db).await.expect("a transaction")
    }
}

/// Opens a transaction that writes, past `chassis::write`.
///
/// # Errors
/// As `Db::write`.
#[expect(clippy::disallowed_methods, reason = "tests of stores need no request around them")]
pub async fn write(db: &Db) -> steward_db::Result<Tx> {
    db.write().await
}

impl Drop for TestDb {
    fn drop(&mut self) {
        let Home::Server { admin, name } = &self.home else {
            return;
        };
        let (admin, name) = (admin.clone(), name.clone());
        // A test may end in a panic, and its runtime may be busy: a thread of its own.
        let dropping = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(async {
                let mut conn = PgConnection::connect(&admin).await?;
                let text = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
                sqlx::raw_sql(AssertSqlSafe(text)).execute(&mut conn).await?;
                Ok::<_, sqlx::Error>(())
            })
        });
        // Its cluster may have been stopped before it.
        let _ = dropping.join();
    }
}

/// A pool of 5: many tests share one server. A slow machine is no reason to fail.
fn small(url: &str) -> Options {
    Options {
        max_connections: 5,
        acquire_timeout: Duration::from_secs(30),
        statement_timeout: Duration::from_mins(2),
        ..Options::new(url)
    }
}

/// The name of a migrated database to copy, made if it is not there. It stays on a server that is
/// not ours, named by what its migrations say.
async fn template(server: &Postgres, conn: &mut PgConnection, sets: &[Migrations]) -> String {
    let name = template_name(sets);
    // Held by one task at a time, of any process. The migrations have a lock of their own.
    execute(conn, "SELECT pg_advisory_lock(20130722)".to_owned()).await;
    let there = sqlx::query_scalar("SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)");
    let there: bool = there.bind(&name).fetch_one(&mut *conn).await.expect("an answer");
    if !there {
        // Renamed when it is complete, so that a killed test leaves no half of one.
        let draft = format!("{name}_draft");
        execute(conn, format!("DROP DATABASE IF EXISTS {draft} WITH (FORCE)")).await;
        execute(conn, format!("CREATE DATABASE {draft}")).await;
        let options = small(&server.url(&draft));
        let db = Db::connect(&options).await.expect("a new database");
        db.migrate(&options, sets).await.expect("migrations");
        db.close().await;
        execute(conn, format!("ALTER DATABASE {draft} RENAME TO {name}")).await;
    }
    execute(conn, "SELECT pg_advisory_unlock(20130722)".to_owned()).await;
    name
}

fn template_name(sets: &[Migrations]) -> String {
    let mut hasher = DefaultHasher::new();
    for set in sets {
        set.name.hash(&mut hasher);
        for migration in set.postgres.iter() {
            (migration.version, &migration.checksum).hash(&mut hasher);
        }
    }
    format!("steward_template_{:016x}", hasher.finish())
}

async fn execute(conn: &mut PgConnection, text: String) {
    let done = sqlx::raw_sql(AssertSqlSafe(text)).execute(conn).await;
    done.expect("the test server obeys");
}
