//! The maintenance service.

use std::process::ExitCode;

fn main() -> ExitCode {
    steward_chassis::run::run(&steward_maintenance::SPEC)
}
