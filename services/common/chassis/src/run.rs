//! The way of a server process: settings, telemetry, start, serve, stop.

use std::future::Future;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::{Parser, Subcommand};
use steward_db::Db;
use steward_kernel::SystemClock;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;
use tonic::service::Routes;
use tonic::transport::Server;

use crate::accept::{connections, plaintext};
use crate::auth::Authenticator;
use crate::config::{self, HealthConfig, ServerConfig, ServiceConfig, TlsConfig};
use crate::error::{Error, Result};
use crate::layers::Runtime;
use crate::service::{self, Spec, Started};
use crate::telemetry;
use crate::tls::ServerTls;

/// So many calls at once come over one connection. A gateway's all come over one.
const STREAMS: u32 = 1024;
/// The headers of a call: a token of 16 KiB and what else there is.
const MAX_HEADERS: u32 = 32 * 1024;
/// So many connections at once ask for health beside.
const HEALTH_CONNECTIONS: usize = 64;

#[derive(Debug, Parser)]
#[command(version, about = "A service of Steward")]
struct Arguments {
    /// A TOML file with settings; environment variables STEWARD__… go before it
    #[arg(long, global = true)]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Clone, Copy, Subcommand)]
enum Command {
    /// Migrate the database, then serve (the default)
    Serve,
    /// Migrate the database and stop
    Migrate,
}

/// The main function of every service.
pub fn run(spec: &'static Spec) -> ExitCode {
    let arguments = Arguments::parse();
    exit(async move {
        let config: ServiceConfig = config::load(arguments.config.as_deref())?;
        let _telemetry = telemetry::init(spec.name, &config.log)?;
        let options = config.database.options(spec.name);
        if let Some(Command::Migrate) = arguments.command {
            let db = Db::connect(&options).await?;
            db.migrate(&options, spec.migrations).await?;
            db.close().await;
            return Ok(());
        }
        config.auth.check(config.server.listen)?;
        let authenticator = Authenticator::new(&config.auth)?;
        let runtime =
            Runtime::new(Arc::new(SystemClock), authenticator, config.server.concurrency)?;
        let started = service::start(spec, &options, &runtime).await?;
        match config.directory.source(&config.tls)? {
            Some(source) => started.follow(spec, source),
            None if spec.follow.is_some() => {
                tracing::warn!(
                    "directory.url is not set: the directory is not followed, local keys are unknown"
                );
            }
            None => {}
        }
        let listening = Listening::bind(&config.server, &config.tls, &config.health).await?;
        serve(listening, started, Vec::new(), &runtime, &config.server, stop_signal()).await
    })
}

/// Runs a server's future on a runtime of its own and tells how it ended.
pub fn exit(work: impl Future<Output = Result<()>>) -> ExitCode {
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return failed(&Error::internal(error)),
    };
    match runtime.block_on(work) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => failed(&error),
    }
}

/// Says on standard error why the process ends.
fn failed(error: &Error) -> ExitCode {
    eprintln!("error: {}", error.full());
    ExitCode::FAILURE
}

/// Where a process listens, and with which certificate.
#[derive(Debug)]
pub struct Listening {
    listener: TcpListener,
    tls: Option<ServerTls>,
    health: Option<TcpListener>,
}

impl Listening {
    /// Listens at the configured addresses.
    pub async fn bind(
        server: &ServerConfig,
        tls: &TlsConfig,
        health: &HealthConfig,
    ) -> Result<Self> {
        let tls = ServerTls::new(tls)?;
        let listener = bind("server.listen", server.listen).await?;
        let health = match health.listen {
            Some(address) => Some(bind("health.listen", address).await?),
            None => None,
        };
        Ok(Self { listener, tls, health })
    }

    /// Where the services are.
    pub fn address(&self) -> Result<SocketAddr> {
        self.listener.local_addr().map_err(Error::internal)
    }

    /// Where health is answered beside.
    pub fn health_address(&self) -> Option<SocketAddr> {
        self.health.as_ref().and_then(|listener| listener.local_addr().ok())
    }

    /// Whether callers come with TLS.
    pub fn is_tls(&self) -> bool {
        self.tls.is_some()
    }
}

async fn bind(key: &str, address: SocketAddr) -> Result<TcpListener> {
    let listener = TcpListener::bind(address).await;
    listener.map_err(|error| Error::internal(format!("{key} {address}: {error}")))
}

/// SIGTERM or Ctrl-C.
pub async fn stop_signal() {
    let terminate = async {
        match signal(SignalKind::terminate()) {
            Ok(mut signal) => signal.recv().await,
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        _ = terminate => {}
        _ = tokio::signal::ctrl_c() => {}
    }
}

/// Serves a service until `stop`, with those of the same process `behind` it. Then all say
/// NOT_SERVING, running requests end (at most `drain_seconds`), and the databases are closed.
pub async fn serve(
    listening: Listening,
    served: Started,
    behind: Vec<Started>,
    runtime: &Runtime,
    config: &ServerConfig,
    stop: impl Future<Output = ()> + Send,
) -> Result<()> {
    let (address, tls) = (listening.address()?, listening.is_tls());
    let most = config.connections.get();
    let incoming = connections(listening.listener, listening.tls, most);
    let (routes, health, http1) =
        (served.routes.clone(), served.health_routes.clone(), served.http1);
    let parts: Vec<Started> = std::iter::once(served).chain(behind).collect();
    let (patience, draining) =
        (Duration::from_secs(config.drain_seconds), CancellationToken::new());
    let drain = async {
        stop.await;
        for part in &parts {
            part.drain().await;
        }
        draining.cancel();
    };
    tracing::info!(%address, tls, "serving");
    let serving = server()
        .accept_http1(http1)
        .add_routes(routes)
        .serve_with_incoming_shutdown(incoming, drain);
    let ending = async {
        serving.await.map_err(Error::internal)?;
        runtime.tasks().close();
        runtime.tasks().wait().await;
        for part in &parts {
            part.close().await;
        }
        Ok::<_, Error>(())
    };
    let overdue = async {
        draining.cancelled().await;
        tokio::time::sleep(patience).await;
    };
    tokio::select! {
        ended = ending => ended?,
        () = overdue => tracing::warn!("stopped while requests still ran"),
        ended = beside(listening.health, health) => ended?,
    }
    tracing::info!("stopped");
    Ok(())
}

/// Answers for health beside, plaintext, and nothing else; for ever.
async fn beside(listener: Option<TcpListener>, health: Routes) -> Result<()> {
    if let Some(listener) = listener {
        let incoming = plaintext(listener, HEALTH_CONNECTIONS);
        server().add_routes(health).serve_with_incoming(incoming).await.map_err(Error::internal)?;
    }
    std::future::pending().await
}

/// A server that takes so much of one connection.
pub fn server() -> Server {
    Server::builder()
        .max_concurrent_streams(STREAMS)
        .http2_max_header_list_size(MAX_HEADERS)
        .http2_keepalive_interval(Some(Duration::from_secs(30)))
}
