//! Whether the directory is reached, and as whom.

use std::io::Write;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::json;
use steward_chassis::Ctx;
use steward_chassis::backend::Backend;
use steward_chassis::config::{ServerConfig, TlsConfig};
use steward_chassis::follow::Source;
use steward_chassis::identity::Identity;
use steward_chassis::layers::Runtime;
use steward_chassis::run::serve;
use steward_chassis::service::{Started, mount};
use steward_kernel::Clock as _;
use steward_proto::directory::v1::ListChangesRequest;
use steward_proto::directory::v1::change_service_client::ChangeServiceClient;
use steward_proto::directory::v1::change_service_server::{ChangeServiceServer, SERVICE_NAME};
use steward_proto::ledger::v1::ListEntriesRequest;
use steward_proto::ledger::v1::ledger_service_client::LedgerServiceClient;
use steward_tests::issuer::grants;
use steward_tests::service::{listening, open_runtime, remote, test_clock};
use steward_tests::{Issuer, TestDb, both};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tonic::service::Routes;
use tonic::{Code, Request};
use tracing::Dispatch;

use super::directory::{Directory, organization};
use super::{MIGRATIONS, SPEC, cursor, followed, service, until};

both!(
    MIGRATIONS,
    a_service_works_while_the_directory_is_down,
    a_token_is_read_again_and_what_is_wrong_told_once,
    who_a_service_is_in_its_process_cannot_be_made_up,
    who_follows_may_only_read_the_directory,
);

const PAUSE: Duration = Duration::from_millis(2);
const NOT: &str = "the directory is not followed";
const AGAIN: &str = "the directory is followed again";

/// What a service says in its log.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, text: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(text);
        Ok(text.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Log {
    /// Follows, and listens to what it says of that.
    fn follow(&self, started: &Started, source: Source) -> Dispatch {
        let log = self.clone();
        let says = tracing_subscriber::fmt().with_ansi(false).with_writer(move || log.clone());
        tracing::subscriber::with_default(says.finish(), || started.follow(SPEC, source));
        // With one dispatcher only, tracing asks the default of whichever thread comes first.
        Dispatch::new(tracing_subscriber::registry())
    }

    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }

    fn count(&self, words: &str) -> usize {
        self.text().matches(words).count()
    }
}

/// Serves a directory at an address.
async fn serving(
    directory: &Directory,
    runtime: &Runtime,
    listen: SocketAddr,
) -> (String, JoinHandle<()>) {
    let (started, runtime) = (directory.start(runtime).await, runtime.clone());
    let config = ServerConfig { listen, ..ServerConfig::default() };
    let listening = listening(&config).await;
    let url = format!("http://{}", listening.address().unwrap());
    let serving = tokio::spawn(async move {
        let never = std::future::pending();
        serve(listening, started, Vec::new(), &runtime, &config, never).await.unwrap();
    });
    (url, serving)
}

async fn a_service_works_while_the_directory_is_down(db: TestDb) {
    let (runtime, directory, log) =
        (open_runtime(&test_clock()), Directory::default(), Log::default());
    directory.organization(organization("L-1", "420500")).await;
    // Nobody who understands listens there.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let tried = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&tried);
    let deaf = tokio::spawn(async move {
        while listener.accept().await.is_ok() {
            count.fetch_add(1, Ordering::SeqCst);
        }
    });
    let started = service(&db, &runtime).await;
    let source = Source::remote(&format!("http://{address}"), &TlsConfig::default(), None)
        .unwrap()
        .with_pause(PAUSE);
    let _second = log.follow(&started, source);
    until(async || tried.load(Ordering::SeqCst) > 3).await;
    let mut client = LedgerServiceClient::new(Backend::Local(started.routes.clone()));
    client.list_entries(ListEntriesRequest::default()).await.unwrap();
    assert_eq!(cursor(db.db()).await, (0, 0));
    assert_eq!((log.count(NOT), log.count(AGAIN)), (1, 0), "{}", log.text());

    deaf.abort();
    let _ = deaf.await;
    let (_, up) = serving(&directory, &runtime, address).await;
    followed(db.db(), directory.head().await).await;
    until(async || log.count(AGAIN) == 1).await;
    assert_eq!(log.count(NOT), 1, "{}", log.text());
    started.drain().await;
    up.abort();
}

/// Puts a token into a file as it is done where tokens are renewed: at one blow.
fn put(file: &Path, token: &str) {
    let new = file.with_extension("new");
    std::fs::write(&new, format!("{token}\n")).unwrap();
    std::fs::rename(new, file).unwrap();
}

async fn a_token_is_read_again_and_what_is_wrong_told_once(db: TestDb) {
    let (issuer, clock, log) = (Issuer::new(), test_clock(), Log::default());
    let (runtime, directory) = (issuer.runtime(&clock), Directory::default());
    directory.organization(organization("L-1", "420500")).await;
    let (url, up) = serving(&directory, &runtime, ([127, 0, 0, 1], 0).into()).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("token");
    let started = service(&db, &runtime).await;
    let source =
        Source::remote(&url, &TlsConfig::default(), Some(&file)).unwrap().with_pause(PAUSE);
    let _second = log.follow(&started, source);
    until(async || log.count(NOT) == 1).await;
    assert!(log.text().contains("token"), "{}", log.text());

    let token = |grants: &serde_json::Value| issuer.token(clock.now(), "fleet", grants);
    let (nothing, elsewhere) = (token(&json!([])), token(&grants(&["security_admin"], &["*"])));
    put(&file, &nothing);
    until(async || log.count(NOT) == 2).await;
    assert!(log.text().contains("PermissionDenied"), "{}", log.text());
    put(&file, "nonsense");
    until(async || log.count(NOT) == 3).await;
    assert!(log.text().contains("Unauthenticated"), "{}", log.text());
    put(&file, &elsewhere);
    until(async || log.count(NOT) == 4).await;
    assert_eq!((cursor(db.db()).await, directory.asked()), ((0, 0), 0));

    let good = token(&grants(&["viewer"], &["*"]));
    put(&file, &good);
    followed(db.db(), directory.head().await).await;
    until(async || log.count(AGAIN) == 1).await;
    assert_eq!(log.count(NOT), 4, "{}", log.text());
    for token in [nothing, elsewhere, good] {
        assert_eq!(log.count(&token), 0, "a token is never told");
    }
    started.drain().await;
    up.abort();
}

async fn who_a_service_is_in_its_process_cannot_be_made_up(db: TestDb) {
    let (issuer, clock) = (Issuer::new(), test_clock());
    let (runtime, directory) = (issuer.runtime(&clock), Directory::default());
    directory.organization(organization("L-1", "420500")).await;
    let (url, up) = serving(&directory, &runtime, ([127, 0, 0, 1], 0).into()).await;
    let local = directory.start(&runtime).await;
    let asked = || Request::new(ListChangesRequest::default());
    let mut tries = vec![asked()];
    for (name, value) in [
        ("authorization", "InProcess"),
        ("authorization", "Bearer steward"),
        ("steward-identity", "steward"),
        ("steward-in-process", "true"),
        ("x-forwarded-for", "127.0.0.1"),
    ] {
        let mut request = asked();
        request.metadata_mut().insert(name, value.parse().unwrap());
        tries.push(request);
    }
    let mut request = asked();
    let everything = Arc::new(Identity::local());
    request.extensions_mut().insert(Ctx::of_service("/x/y", clock.now()));
    request.extensions_mut().insert(Identity::local());
    request.extensions_mut().insert(everything);
    tries.push(request);
    for request in tries {
        for backend in [remote(&url), Backend::Local(local.routes.clone())] {
            let mut again = Request::new(request.get_ref().clone());
            *again.metadata_mut() = request.metadata().clone();
            *again.extensions_mut() = request.extensions().clone();
            let error = ChangeServiceClient::new(backend).list_changes(again).await.unwrap_err();
            assert_eq!(error.code(), Code::Unauthenticated, "{request:?}");
        }
    }
    // The name alone is nothing either.
    let token = issuer.token(clock.now(), "steward", &json!([]));
    let mut request = asked();
    let header = format!("Bearer {token}").parse().unwrap();
    request.metadata_mut().insert("authorization", header);
    let mut client = ChangeServiceClient::new(remote(&url));
    let error = client.list_changes(request).await.unwrap_err();
    assert_eq!((error.code(), directory.asked()), (Code::Unauthenticated, 0));

    let started = service(&db, &runtime).await;
    started.follow(SPEC, directory.source(&runtime).await);
    followed(db.db(), directory.head().await).await;
    started.drain().await;
    up.abort();
}

/// Were it led to another domain, it could read nothing there.
async fn who_follows_may_only_read_the_directory(db: TestDb) {
    let (issuer, log, directory) = (Issuer::new(), Log::default(), Directory::default());
    let runtime = issuer.runtime(&test_clock());
    directory.organization(organization("L-1", "420500")).await;
    let routes = Routes::new(ChangeServiceServer::new(directory.clone()));
    let other = mount(routes, &[SERVICE_NAME], Some("fleet"), None, &runtime).await.unwrap();
    let started = service(&db, &runtime).await;
    let _second = log.follow(&started, Source::local(other.routes).with_pause(PAUSE));
    until(async || log.count(NOT) == 1).await;
    assert!(log.text().contains("PermissionDenied"), "{}", log.text());
    assert_eq!((directory.asked(), cursor(db.db()).await), (0, (0, 0)));
    started.drain().await;
}
