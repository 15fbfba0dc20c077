//! The way of a server process: settings, telemetry, start, serve, stop.

use std::future::Future;
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
use tonic::transport::Server;
use tonic::transport::server::TcpIncoming;

use crate::config::{self, ServerConfig, ServiceConfig};
use crate::error::{Error, Result};
use crate::layers::Runtime;
use crate::service::{self, Spec, Started};
use crate::telemetry;
use crate::token::Authenticator;

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
        match config.directory.source()? {
            Some(source) => started.follow(spec, source),
            None if spec.follow.is_some() => {
                tracing::warn!(
                    "directory.url is not set: the directory is not followed, local keys are unknown"
                );
            }
            None => {}
        }
        let listener = bind(&config.server).await?;
        serve(listener, started, Vec::new(), &runtime, &config.server, stop_signal()).await
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

/// Listens at the configured address.
pub async fn bind(config: &ServerConfig) -> Result<TcpListener> {
    TcpListener::bind(config.listen)
        .await
        .map_err(|e| Error::internal(format!("server.listen {}: {e}", config.listen)))
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
    listener: TcpListener,
    served: Started,
    behind: Vec<Started>,
    runtime: &Runtime,
    config: &ServerConfig,
    stop: impl Future<Output = ()> + Send,
) -> Result<()> {
    let address = listener.local_addr().map_err(Error::internal)?;
    let incoming = TcpIncoming::from(listener).with_nodelay(Some(true));
    let (routes, http1) = (served.routes.clone(), served.http1);
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
    tracing::info!(%address, "serving");
    let serving = Server::builder()
        .accept_http1(http1)
        .http2_keepalive_interval(Some(Duration::from_secs(30)))
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
    }
    tracing::info!("stopped");
    Ok(())
}
