//! Where time and ids really come from.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use hawker_domain::{IdSource, Timestamp};
use hawker_ports::{Clock, Sleeper};
use ulid::{Generator, Ulid};

/// The machine's clock.
#[derive(Clone, Copy, Debug)]
struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is where time comes in")]
    fn now(&self) -> Timestamp {
        // Postgres keeps microseconds; finer times would not survive the way there and back.
        chrono::SubsecRound::trunc_subsecs(chrono::Utc::now(), 6)
    }
}

/// Waits by the timer of the runtime.
#[derive(Clone, Copy, Debug)]
struct SystemSleeper;

#[async_trait::async_trait]
impl Sleeper for SystemSleeper {
    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }
}

/// ULIDs that increase even within a millisecond, so that rows of one batch keep their order.
#[derive(Default)]
struct UlidSource(Mutex<Generator>);

impl IdSource for UlidSource {
    fn next(&self) -> Ulid {
        let mut generator = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        generator
            .generate()
            .unwrap_or_else(ulid::Overflow::commit_overflow_increment)
    }
}

/// The machine's clock and a source of fresh ids.
pub fn system() -> (Arc<dyn Clock>, Arc<dyn IdSource>) {
    (Arc::new(SystemClock), Arc::new(UlidSource::default()))
}

/// Names this process among those that share a database: the host, where it is known, and the number
/// of the process.
pub fn process_name() -> String {
    let host = std::fs::read_to_string("/etc/hostname").unwrap_or_default();
    let host = host.trim();
    let host = if host.is_empty() { "host" } else { host };
    format!("{host}:{}", std::process::id())
}

/// Lets real time pass.
pub fn sleeper() -> Arc<dyn Sleeper> {
    Arc::new(SystemSleeper)
}
