//! The way of the gateway's process.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::Parser;
use steward_chassis::auth::Authenticator;
use steward_chassis::config;
use steward_chassis::layers::Runtime;
use steward_chassis::run::{Listening, exit, serve, stop_signal};
use steward_chassis::telemetry;
use steward_kernel::SystemClock;

use crate::config::GatewayConfig;

#[derive(Debug, Parser)]
#[command(version, about = "The gateway of Steward")]
struct Arguments {
    /// A TOML file with settings; environment variables STEWARD__… go before it
    #[arg(long)]
    config: Option<PathBuf>,
}

/// The main function of the gateway.
pub fn run() -> ExitCode {
    let arguments = Arguments::parse();
    exit(async move {
        let config: GatewayConfig = config::load(arguments.config.as_deref())?;
        let _telemetry = telemetry::init("gateway", &config.log)?;
        config.auth.check(config.server.listen)?;
        let authenticator = Authenticator::new(&config.auth)?;
        let concurrency = config.server.concurrency;
        let runtime = Runtime::new(Arc::new(SystemClock), authenticator, concurrency)?;
        let runtime = runtime.with_rates(&config.rate);
        let gateway = config.backends.connect(&config.tls)?;
        let started = gateway.start(&config.report, &config.http, &runtime).await?;
        let listening = Listening::bind(&config.server, &config.tls, &config.health).await?;
        serve(listening, started, Vec::new(), &runtime, &config.server, stop_signal()).await
    })
}
