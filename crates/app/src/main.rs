//! The `hawker` program.

use std::process::ExitCode;

fn main() -> ExitCode {
    hawker_app::run()
}
