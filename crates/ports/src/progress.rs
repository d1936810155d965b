//! How far long work is, told while it goes on.

use hawker_domain::schedule::Counts;

/// Hears how far work is, and says when it is to end.
pub trait Progress: Send + Sync {
    /// So much was done so far. Called often; must be cheap.
    fn tell(&self, counts: &Counts);

    /// Whether nothing more is to be begun: what was done so far is kept.
    fn is_stopping(&self) -> bool;

    /// Everything up to here is kept: a later attempt at the same work may go on behind it. What says
    /// so is the work's own.
    fn reached(&self, _: serde_json::Value) {}

    /// What an earlier attempt at the same work reached.
    fn resumes(&self) -> Option<serde_json::Value> {
        None
    }
}

/// Hears nothing and never ends anything.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoProgress;

impl Progress for NoProgress {
    fn tell(&self, _: &Counts) {}

    fn is_stopping(&self) -> bool {
        false
    }
}
