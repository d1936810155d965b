//! The `hawker` program.

use std::process::ExitCode;

use mimalloc::MiMalloc;

/// The allocator of the C library takes a third of the time of the thread that answers pushes.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    hawker_app::run()
}
