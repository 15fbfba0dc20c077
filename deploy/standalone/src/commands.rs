//! What each command does, from its arguments to what it prints.

use std::future::Future;
use std::io::{ErrorKind, Write};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use chrono::TimeDelta;
use steward_chassis::config::{self, AuthMode, LogConfig};
use steward_chassis::run::stop_signal;
use steward_chassis::telemetry;
use steward_kernel::{Clock as _, SystemClock};
use steward_sheet::Why;

use crate::cli::{Cli, Command, Connection, Demo, Fleet, ImportFile, Report, Template, Token, Up};
use crate::client::Client;
use crate::development::Issuer;
use crate::failure::{Failure, Result};
use crate::import::Kind;
use crate::report::{self, Format, Language, Shown};
use crate::suite::{self, SuiteConfig};
use crate::{demo, fleet, import, template};

/// The status of a command that was refused or failed, and of one that was called wrongly.
const FAILED: u8 = 1;
const USAGE: u8 = 2;

/// Runs a command and says on standard error why it failed, if it did.
pub(crate) async fn run(cli: Cli) -> ExitCode {
    let language = cli.command.language();
    let done = match cli.command {
        Command::Demo(arguments) => demo(&arguments).await,
        Command::Up(arguments) => up(arguments).await,
        Command::Token(arguments) => token(&arguments),
        Command::Import(what) => {
            let (kind, arguments) = what.file();
            import(kind, arguments).await
        }
        Command::Template(arguments) => template(arguments),
        Command::Report(arguments) => report(arguments).await,
        Command::Fleet(what) => fleet(&what).await,
    };
    done.unwrap_or_else(|failure| {
        let what = match language {
            Language::Zh => "错误:",
            Language::En => "error: ",
        };
        eprintln!("{what}{}", failure.told(language));
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
    print(demo.welcome(&program))?;
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
    if config.auth.mode == AuthMode::Development {
        config.auth.jwks_file = Issuer::open(&arguments.data)?.public_keys();
    }
    let _telemetry = telemetry::init("steward", &config.log)?;
    let starting = suite::start(&config, Arc::new(SystemClock));
    let Some(suite) = unless_stopped(starting).await else { return Ok(ExitCode::SUCCESS) };
    let suite = suite?;
    print(format!("Steward is up at {}; Ctrl-C stops it\n", suite.url()))?;
    stop_signal().await;
    suite.stop().await?;
    Ok(ExitCode::SUCCESS)
}

fn token(arguments: &Token) -> Result<ExitCode> {
    let issuer = Issuer::open(&arguments.data)?;
    let hours = TimeDelta::hours(arguments.hours.into());
    let token = issuer.token(&arguments.subject, &arguments.grants, SystemClock.now(), hours)?;
    print(format!("{token}\n"))?;
    Ok(ExitCode::SUCCESS)
}

async fn import(kind: Kind, arguments: &ImportFile) -> Result<ExitCode> {
    let language = arguments.lang;
    let options = import::Options {
        partial: arguments.partial,
        dry_run: arguments.dry_run,
        accept_warnings: arguments.accept_warnings,
        language,
    };
    // Told before anything is posted: what is refused must have a place to go to.
    if let Some(name) = arguments.returned.as_deref().filter(|name| name.exists()) {
        return Err(there_already(name).by_usage());
    }
    let sheet = arguments.sheet.as_deref();
    let file = import::file::read_as(&arguments.file, kind.schema(), sheet)?;
    let client = connect(&arguments.connection).await?;
    let outcome = import::run(&client, kind, &file, options, stop_signal()).await?;
    print(format!("{outcome}\n"))?;
    if outcome.refused.is_empty() {
        let status = if outcome.is_success() { ExitCode::SUCCESS } else { ExitCode::from(FAILED) };
        return Ok(status);
    }
    let name = arguments.returned.clone();
    let name = name.unwrap_or_else(|| import::returned::name(&arguments.file));
    write_new(&name, &import::returned::workbook(&file, &outcome)?)?;
    print(match language {
        Language::Zh => format!("退回的工作簿(逐行写明原因):{}\n", name.display()),
        Language::En => format!("the reasons stand beside the rows in {}\n", name.display()),
    })?;
    Ok(ExitCode::from(FAILED))
}

fn template(arguments: Template) -> Result<ExitCode> {
    let name = arguments.output.unwrap_or_else(|| template::name(arguments.kind).into());
    // One that is there may have been filled in.
    write_new(&name, &template::workbook(arguments.kind)?)?;
    print(format!("{}\n", name.display()))?;
    Ok(ExitCode::SUCCESS)
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
        structure: arguments.structure,
        per_head: arguments.per_head,
    };
    if arguments.format == Format::Xlsx && arguments.output.is_none() {
        return Err(Failure::usage("a workbook is written to a file; name it with --output FILE"));
    }
    let client = connect(&arguments.connection).await?;
    let (report, known) = report::fetch_for(&client, &options, arguments.format).await?;
    let issuer = arguments.issuer.unwrap_or_else(|| known.issuer.clone());
    let (language, unit) = (arguments.lang, arguments.unit);
    let shown = Shown { language, unit, issuer, ..known };
    for warning in shown.warnings() {
        eprintln!("warning: {warning}");
    }
    let text = report::render(&report, arguments.format, &shown)?;
    match arguments.output.as_deref() {
        Some(file) => write(file, &text)?,
        None => print(text)?,
    }
    Ok(ExitCode::SUCCESS)
}

async fn fleet(what: &Fleet) -> Result<ExitCode> {
    let shown = what.shown();
    if shown.format == fleet::Format::Xlsx && shown.output.is_none() {
        return Err(Failure::usage("a workbook is written to a file; name it with --output FILE"));
    }
    let client = connect(&shown.connection).await?;
    let text = fleet::answer(&client, &what.asked(), shown.format, shown.lang).await?;
    match shown.output.as_deref() {
        Some(file) => write(file, &text)?,
        None => print(text)?,
    }
    Ok(ExitCode::SUCCESS)
}

async fn connect(connection: &Connection) -> Result<Client> {
    let (token, signer) = (connection.token_file.as_deref(), connection.ca_file.as_deref());
    Client::connect(&connection.server, token, signer).await
}

/// The result of some work, or nothing if the process is told to stop before.
async fn unless_stopped<T>(work: impl Future<Output = T>) -> Option<T> {
    tokio::select! {
        done = work => Some(done),
        () = stop_signal() => None,
    }
}

/// Writes a file that is not there yet.
fn write_new(name: &Path, bytes: &[u8]) -> Result<()> {
    let file = std::fs::File::create_new(name);
    file.and_then(|mut file| file.write_all(bytes)).map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => there_already(name),
        _ => cannot_be_made(name, &error),
    })
}

fn cannot_be_made(name: &Path, error: &std::io::Error) -> Failure {
    let name = name.display();
    let en = format!("{name} cannot be made: {error}");
    Failure::of(Why::new(format!("无法生成 {name}:{error}"), en))
}

fn there_already(name: &Path) -> Failure {
    let name = name.display();
    let en = format!("{name} is there already, and may hold somebody's work; choose another name");
    Failure::of(Why::new(format!("{name} 已存在,为免覆盖请换一个文件名"), en))
}

fn write(file: &Path, text: &[u8]) -> Result<()> {
    std::fs::write(file, text)
        .map_err(|error| Failure::new(format!("{} cannot be written: {error}", file.display())))
}

/// Prints to standard output; a reader who had enough, such as `head`, is no failure.
fn print(text: impl AsRef<[u8]>) -> Result<()> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_ref()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Failure::new(format!("standard output cannot be written: {error}")))
        }
        _ => Ok(()),
    }
}
