//! Nothing goes on in the background.

use crate::Background;
use crate::background::Task;

/// Drops what it is given: whoever asked for it does it alone, and when that one is dropped, the work
/// ends where it was, as in a process that dies.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoBackground;

impl Background for NoBackground {
    fn run(&self, task: Task) {
        drop(task);
    }
}
