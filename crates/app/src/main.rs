//! The `hawker` program.

mod allocator;

use std::process::ExitCode;

fn main() -> ExitCode {
    allocator::keep_memory_while_serving();
    hawker_app::run()
}
