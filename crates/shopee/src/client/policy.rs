//! How patient calls are.

use std::time::Duration;

/// How patient a call is.
#[derive(Clone, Copy, Debug)]
pub struct CallPolicy {
    /// How long one request may take until its answer is read.
    pub request_timeout: Duration,
    /// How long an operation may take, with its turn waited for and its retries. Work is claimed
    /// under leases; this has to stay well below them.
    pub budget: Duration,
    /// How often a request is repeated that was throttled or met a failure of the platform.
    pub retries: u32,
    /// The wait before the first repetition after a failure; doubles.
    pub first_wait: Duration,
    /// The wait before the first repetition when throttled; doubles.
    pub first_wait_throttled: Duration,
    /// The longest wait, unless the platform asks for a longer one.
    pub longest_wait: Duration,
    /// The largest answer that is read.
    pub reply_bytes_max: usize,
}

impl Default for CallPolicy {
    fn default() -> Self {
        Self {
            request_timeout: Duration::from_secs(15),
            budget: Duration::from_secs(45),
            retries: 3,
            first_wait: Duration::from_millis(500),
            first_wait_throttled: Duration::from_secs(1),
            longest_wait: Duration::from_secs(8),
            // Fifty orders of a hundred lines, at 2 KiB a line, come to 10 MiB; real replies stay
            // far below. What is larger is not an answer to a question of ours.
            reply_bytes_max: 16 * 1024 * 1024,
        }
    }
}
