//! Time comes in through here.

use hawker_domain::Timestamp;

/// Tells the time. Rules never ask; whoever calls them does.
pub trait Clock: Send + Sync {
    /// Now, in UTC.
    fn now(&self) -> Timestamp;
}
