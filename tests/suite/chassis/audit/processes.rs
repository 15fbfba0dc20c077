//! Two processes on one PostgreSQL database keep one chain, also where one of them is killed.

use std::io::{BufRead, BufReader, Read as _, Write as _};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use steward_chassis::backend::Backend;
use steward_chassis::service;
use steward_db::Options;
use steward_kernel::OrganizationCode;
use steward_proto::ledger::v1::ledger_service_client::LedgerServiceClient;
use steward_tests::audit::waiting;
use steward_tests::service::{As, called, open_runtime, test_clock};
use steward_tests::{Engine, TestDb, run};
use tokio::sync::Semaphore;

use super::{House, MIGRATIONS, declaring};

/// The database and a number: makes this test binary a writer.
const WRITE: &str = "STEWARD_TEST_AUDIT_WRITER";
/// So many write at once in each process.
const WRITERS: usize = 8;

/// A service in a process of its own that writes without end.
struct Process {
    child: Child,
    lines: std::io::Lines<BufReader<ChildStdout>>,
}

impl Process {
    fn start(db: &TestDb, number: u32) -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "chassis::audit::processes::writer", "--nocapture"])
            .env(WRITE, format!("{number} {}", db.url()))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, lines }
    }

    /// Waits until it has written something.
    fn writes(&mut self) {
        assert!(self.lines.any(|line| line.unwrap().contains("writing")));
    }

    /// kill -9.
    fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Lets it end what it does.
    fn stop(mut self) {
        drop(self.child.stdin.take());
        assert!(self.child.wait().unwrap().success());
    }
}

/// Not a test: a process of the test below, if it is called by it.
#[test]
fn writer() {
    #[expect(clippy::disallowed_methods, reason = "set by the test that starts this process")]
    let Ok(task) = std::env::var(WRITE) else { return };
    let (number, url) = task.split_once(' ').unwrap();
    let number: u32 = number.parse().unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let options = Options { max_connections: 5, ..Options::new(url) };
        let layers = open_runtime(&test_clock());
        let started = service::start(&steward_energy::SPEC, &options, &layers).await.unwrap();
        let places = Arc::new(Semaphore::new(WRITERS));
        let told_to_stop =
            tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new()));
        for round in 0.. {
            if told_to_stop.is_finished() {
                break;
            }
            let place = Arc::clone(&places).acquire_owned().await.unwrap();
            let backend = Backend::Local(started.routes.clone());
            tokio::spawn(async move {
                let mut client = LedgerServiceClient::new(called(&backend, As::default()));
                let mut request = declaring(&code(number, round), "2016-01");
                request.accept_warnings = true;
                client.declare_reporter(request).await.unwrap();
                drop(place);
            });
            if round == 50 {
                println!("writing");
                std::io::stdout().flush().unwrap();
            }
        }
        let all = u32::try_from(WRITERS).unwrap();
        let _ended = places.acquire_many(all).await.unwrap();
        started.close().await;
    });
}

fn code(number: u32, round: u32) -> String {
    let code = format!("11420502{:09}X", number * 10_000_000 + round);
    OrganizationCode::parse(&code).unwrap().to_string()
}

mod postgres {
    /// SQLite has one process.
    #[test]
    fn two_processes_keep_one_chain() {
        super::run(super::Engine::Postgres, super::MIGRATIONS, super::two_processes_keep_one_chain);
    }
}

async fn two_processes_keep_one_chain(db: TestDb) {
    let (mut one, mut other) = (Process::start(&db, 1), Process::start(&db, 2));
    one.writes();
    other.writes();
    one.kill();
    let killed_at = last(&db).await;
    // The other goes on, with what the killed one left too.
    let going_on = async {
        while last(&db).await < killed_at + 50 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_mins(1), going_on).await.unwrap();
    other.stop();
    assert_eq!(waiting(&db).await, 0, "the last one to leave chains what is left");
    let house = House::new(&db).await;
    let verified = house.verify(None, None).await;
    assert!(verified.intact && verified.finished, "{verified:?}");
    let mut tx = db.db().read().await.unwrap();
    let sql = tx.sql(
        "SELECT COUNT(*), COUNT(DISTINCT substring(organization from 9 for 2)) FROM audit_event",
    );
    let (events, writers): (i64, i64) = sql.one().await.unwrap();
    assert_eq!((verified.checked_count, writers), (events, 2), "both wrote, and all is chained");
}

async fn last(db: &TestDb) -> i64 {
    let mut tx = db.db().read().await.unwrap();
    steward_chassis::audit::head_seq(&mut tx).await.unwrap()
}
