//! The binary `steward`.

use std::process::ExitCode;

fn main() -> ExitCode {
    steward_standalone::run()
}
