//! Work that must go on when whoever asked for it does not wait any more.

use std::pin::Pin;

/// Work that needs nobody who waits for it.
pub type Task = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Carries work to its end although whoever asked for it is gone: a browser that was closed takes its
/// request with it, and what the request had begun at a marketplace must be ended all the same.
pub trait Background: Send + Sync {
    /// Runs `task` to its end. Where that is not possible any more because the process is stopping,
    /// it is dropped.
    fn run(&self, task: Task);
}
