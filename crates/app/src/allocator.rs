//! The allocator of the program, and how long it keeps what was freed.

use mimalloc::MiMalloc;

/// The allocator of the C library takes a third of the time of the thread that answers pushes. Without huge pages
/// (the feature `no_thp`): to clear one takes longer than a push does.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// How long freed memory is kept before it is given back to the system, in milliseconds. The allocator's own is a
/// second: what is freed in a lull is asked for again a moment later, and the thread that answers pushes waits for
/// the system to clear it.
const KEPT_MS: &str = "10000";

/// The allocator reads it before the program has any say.
const VARIABLE: &str = "MIMALLOC_PURGE_DELAY";

/// Begins the program once more, as the same process, with memory kept for longer, if it is to serve and nobody has
/// said how long. Comes back where nothing is to be done; and where it cannot be done, which costs time and nothing else.
#[cfg(unix)]
pub fn keep_memory_while_serving() {
    use std::env;
    use std::os::unix::process::CommandExt as _;
    use std::process::Command;

    let is_to_serve = env::args_os().any(|argument| argument == "serve");
    if !is_to_serve || env::var_os(VARIABLE).is_some() {
        return;
    }
    let mut arguments = env::args_os();
    if let (Ok(program), Some(name)) = (env::current_exe(), arguments.next()) {
        let mut again = Command::new(program);
        again.arg0(name).args(arguments).env(VARIABLE, KEPT_MS);
        let _is_not_there = again.exec();
    }
}

/// Only Unix puts a program in the place of another.
#[cfg(not(unix))]
pub fn keep_memory_while_serving() {}
