//! The command `cargo xtask`: everything a checkout needs besides `cargo` itself.

use std::process::ExitCode;

use clap::Parser as _;

fn main() -> ExitCode {
    match xtask::run(xtask::Cli::parse()) {
        Ok(code) => code,
        Err(error) => {
            xtask::console::failure(&error);
            ExitCode::FAILURE
        }
    }
}
