//! The whole suite in one process, and the command line.
//!
//! - [`suite`] starts the five services and the gateway; `steward up` is little more.
//! - [`demo`] adds the [`sample`] city and its report.
//! - [`development`] issues tokens for trying things out.
//! - [`import`], [`report`] and [`fleet`] are clients of a gateway, wherever it runs, by the one
//!   [`client`].
//!
//! A command ends with 0 if it did what it was asked, with 1 if something was refused or failed, and
//! with 2 if it was called wrongly. Results go to standard output, all else to standard error.

pub mod cli;
pub mod client;
mod commands;
pub mod demo;
pub mod development;
pub mod failure;
pub mod fleet;
pub mod import;
pub mod progress;
pub mod report;
pub mod sample;
pub mod suite;
pub mod template;
#[cfg(test)]
mod walk_tests;

use std::process::ExitCode;

use clap::Parser;

pub use failure::{Failure, Result};

/// The main function of `steward`.
pub fn run() -> ExitCode {
    let cli = cli::Cli::parse();
    match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime.block_on(commands::run(cli)),
        Err(error) => {
            eprintln!("error: the process cannot start: {error}");
            ExitCode::FAILURE
        }
    }
}
