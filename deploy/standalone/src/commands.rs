//! What each command does, from its arguments to what it prints.

use std::future::Future;
use std::io::{ErrorKind, Write};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use steward_chassis::config::{self, LogConfig};
use steward_chassis::run::stop_signal;
use steward_chassis::telemetry;
use steward_kernel::SystemClock;

use crate::cli::{Cli, Command, Connection, Costs, Demo, Import, Report, Up};
use crate::client::Client;
use crate::failure::{Failure, Result};
use crate::report::{self, Shown};
use crate::suite::{self, SuiteConfig};
use crate::{demo, import};

/// The status of a command that was refused or failed, and of one that was called wrongly.
const FAILED: u8 = 1;
const USAGE: u8 = 2;

/// Runs a command and says on standard error why it failed, if it did.
pub(crate) async fn run(cli: Cli) -> ExitCode {
    let done = match cli.command {
        Command::Demo(arguments) => demo(&arguments).await,
        Command::Up(arguments) => up(arguments).await,
        Command::Import(Import::Costs(arguments)) => costs(arguments).await,
        Command::Report(arguments) => report(arguments).await,
    };
    done.unwrap_or_else(|failure| {
        eprintln!("error: {failure}");
        ExitCode::from(if failure.is_usage() { USAGE } else { FAILED })
    })
}

async fn demo(arguments: &Demo) -> Result<ExitCode> {
    let log = LogConfig { filter: "warn,h2=error".to_owned(), ..LogConfig::default() };
    let _telemetry = telemetry::init("steward", &log)?;
    let mut demo = demo::open(arguments.listen).await?;
    let filled = unless_stopped(demo.fill()).await;
    if let Some(Err(failure)) = filled {
        return Err(failure);
    }
    if filled.is_none() {
        demo.stop().await?;
        return Ok(ExitCode::SUCCESS);
    }
    let program = std::env::args().next().unwrap_or_else(|| "steward".to_owned());
    print(&demo.welcome(&program))?;
    stop_signal().await;
    demo.stop().await?;
    Ok(ExitCode::SUCCESS)
}

async fn up(arguments: Up) -> Result<ExitCode> {
    let mut config: SuiteConfig = config::load(arguments.config.as_deref())?;
    if let Some(listen) = arguments.listen {
        config.server.listen = listen;
    }
    config.database.default_to(&arguments.data);
    let _telemetry = telemetry::init("steward", &config.log)?;
    let starting = suite::start(&config, Arc::new(SystemClock));
    let Some(suite) = unless_stopped(starting).await else { return Ok(ExitCode::SUCCESS) };
    let suite = suite?;
    print(&format!("Steward is up at {}; Ctrl-C stops it\n", suite.url()))?;
    stop_signal().await;
    suite.stop().await?;
    Ok(ExitCode::SUCCESS)
}

async fn costs(arguments: Costs) -> Result<ExitCode> {
    let options = import::Options {
        partial: arguments.partial,
        dry_run: arguments.dry_run,
        accept_warnings: arguments.accept_warnings,
    };
    let file = import::file::read(&arguments.file)?;
    let client = connect(&arguments.connection).await?;
    let outcome = import::costs(&client, file, options, stop_signal()).await?;
    print(&format!("{outcome}\n"))?;
    Ok(if outcome.is_success() { ExitCode::SUCCESS } else { ExitCode::from(FAILED) })
}

async fn report(arguments: Report) -> Result<ExitCode> {
    let options = report::Options {
        months: (arguments.from, arguments.to),
        baseline: arguments.baseline_from.zip(arguments.baseline_to),
        group_by: arguments.group_by,
        regions: arguments.regions,
        organizations: arguments.organizations,
        basis: arguments.basis,
        view: arguments.view,
        require_complete: arguments.require_complete,
    };
    let client = connect(&arguments.connection).await?;
    let (report, names) = report::fetch(&client, &options).await?;
    let whole_city = options.is_whole_city(&report);
    let shown = Shown { language: arguments.lang, whole_city, names, ..Shown::default() };
    let text = report::render(&report, arguments.format, &shown)?;
    match arguments.output.as_deref() {
        Some(file) => write(file, &text)?,
        None => print(&text)?,
    }
    Ok(ExitCode::SUCCESS)
}

async fn connect(connection: &Connection) -> Result<Client> {
    Client::connect(&connection.server, connection.token_file.as_deref()).await
}

/// The result of some work, or nothing if the process is told to stop before.
async fn unless_stopped<T>(work: impl Future<Output = T>) -> Option<T> {
    tokio::select! {
        done = work => Some(done),
        () = stop_signal() => None,
    }
}

fn write(file: &Path, text: &str) -> Result<()> {
    std::fs::write(file, text)
        .map_err(|error| Failure::new(format!("{} cannot be written: {error}", file.display())))
}

/// Prints to standard output; a reader who had enough, such as `head`, is no failure.
fn print(text: &str) -> Result<()> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Failure::new(format!("standard output cannot be written: {error}")))
        }
        _ => Ok(()),
    }
}
