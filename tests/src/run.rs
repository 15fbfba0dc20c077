//! One body, two tests.

use std::io::Write as _;

use steward_db::Migrations;

use crate::database::{Engine, TestDb};
use crate::postgres::Postgres;

/// Makes of each named `async fn name(db: TestDb)` the tests `sqlite::name` and `postgres::name`,
/// each on a new database with the given migrations. Once a module.
///
/// ```text
/// use steward_tests::{TestDb, both};
///
/// both!(MIGRATIONS, a_plate_is_unique, a_plate_is_found);
///
/// async fn a_plate_is_unique(db: TestDb) { … }
/// async fn a_plate_is_found(db: TestDb) { … }
/// ```
#[macro_export]
macro_rules! both {
    ($migrations:expr, $($name:ident),+ $(,)?) => {
        fn both_migrations() -> ::std::vec::Vec<::steward_db::Migrations> {
            ::std::vec::Vec::from($migrations)
        }

        mod sqlite {
            $(#[test]
            fn $name() {
                $crate::run($crate::Engine::Sqlite, &super::both_migrations(), super::$name);
            })+
        }

        mod postgres {
            $(#[test]
            fn $name() {
                $crate::run($crate::Engine::Postgres, &super::both_migrations(), super::$name);
            })+
        }
    };
}

/// Runs `test` on a new database, on a runtime of its own with two threads, so that tasks race.
/// Without PostgreSQL its half says that it was skipped.
pub fn run<T: AsyncFnOnce(TestDb)>(engine: Engine, sets: &[Migrations], test: T) {
    if engine == Engine::Postgres && Postgres::shared().is_none() {
        skipped();
        return;
    }
    runtime().block_on(async {
        let db = TestDb::new(engine, sets).await;
        test(db).await;
    });
}

pub(crate) fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime")
}

/// Written past the test harness, which would keep the words of a test that passes.
pub(crate) fn skipped() {
    let thread = std::thread::current();
    let name = thread.name().unwrap_or("a test");
    let text = format!("{name}: skipped, no PostgreSQL was found\n");
    let _ = std::io::stderr().write_all(text.as_bytes());
}
