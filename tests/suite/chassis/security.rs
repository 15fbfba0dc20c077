//! The security log tells who was refused what, and never a token.

use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use steward_chassis::backend::Backend;
use steward_kernel::Clock as _;
use steward_proto::ledger::v1::DeclareReporterRequest;
use steward_proto::ledger::v1::ledger_service_client::LedgerServiceClient;
use steward_tests::issuer::grants;
use steward_tests::service::{As, called, start, test_clock};
use steward_tests::{Engine, Issuer, TestDb};
use tonic::Status;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt as _;
use uuid::Uuid;

/// What was logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Log {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }

    /// Whether a line has all these parts.
    fn tells(&self, parts: &[&str]) -> bool {
        self.text().lines().any(|line| parts.iter().all(|part| line.contains(part)))
    }
}

struct Scene {
    backend: Backend,
    log: Log,
}

impl Scene {
    async fn declare(&self, token: &str) -> Status {
        let caller = called(&self.backend, As::bearer(token));
        let request = DeclareReporterRequest {
            request_id: Uuid::new_v4().to_string(),
            organization: "11420506A00000038W".to_owned(),
            from_month: "2017-01".to_owned(),
            ..DeclareReporterRequest::default()
        };
        LedgerServiceClient::new(caller).declare_reporter(request).await.unwrap_err()
    }

    /// Is refused until the log tells it: other tests of this process are refused too, and so many
    /// lines are written a second.
    async fn refused(&self, token: &str, parts: &[&str]) {
        let work = async {
            while !self.log.tells(parts) {
                self.declare(token).await;
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        let told = tokio::time::timeout(Duration::from_mins(1), work).await;
        assert!(told.is_ok(), "{parts:?} is not in\n{}", self.log.text());
    }
}

#[test]
fn refusals_are_told_without_their_tokens_and_a_flood_as_a_number() {
    let log = Log::default();
    let writer = log.clone();
    let lines =
        tracing_subscriber::fmt::layer().with_ansi(false).with_writer(move || writer.clone());
    let security = Targets::new().with_target("security", tracing::Level::INFO);
    let _guard =
        tracing::subscriber::set_default(tracing_subscriber::registry().with(security).with(lines));
    // With one dispatcher only, tracing asks the default of whichever thread comes first.
    let _second = tracing::Dispatch::new(tracing_subscriber::registry());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let (issuer, clock) = (Issuer::new(), test_clock());
        let db = TestDb::new(Engine::Sqlite, steward_energy::SPEC.migrations).await;
        let started = start(&steward_energy::SPEC, &db, &issuer.runtime(&clock)).await;
        let scene = Scene { backend: Backend::Local(started.routes), log };
        let method = "path=\"/steward.ledger.v1.LedgerService/DeclareReporter\"";
        scene.refused("not.a.secret", &[method, "reason=\"UNAUTHENTICATED\""]).await;
        let token = |role| issuer.token(clock.now(), "wang", &grants(&[role], &["420502"]));
        let (viewer, manager) = (token("viewer"), token("manager"));
        let wang = "subject=\"wang\"";
        scene.refused(&viewer, &[method, wang, "reason=\"ROLE_MISSING\""]).await;
        // Refused by the service itself, as the organization lies elsewhere.
        scene.refused(&manager, &[method, wang, "reason=\"SCOPE_DENIED\""]).await;
        let flood = async {
            while !scene.log.tells(&["left_out="]) {
                scene.declare(&viewer).await;
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_mins(1), flood).await.unwrap();
        let text = scene.log.text();
        for secret in ["not.a.secret", &viewer, &manager, &viewer[viewer.len() - 40..]] {
            assert!(!text.contains(secret), "{text}");
        }
    });
}
