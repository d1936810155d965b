//! Time comes in through here, and so does waiting for it to pass.

use std::time::Duration;

use async_trait::async_trait;
use hawker_domain::Timestamp;

/// Tells the time. Rules never ask; whoever calls them does.
pub trait Clock: Send + Sync {
    /// Now, in UTC.
    fn now(&self) -> Timestamp;
}

/// Lets time pass.
#[async_trait]
pub trait Sleeper: Send + Sync {
    /// Ends after so long.
    async fn sleep(&self, duration: Duration);
}
