//! How far long work is, told while it goes on.

use hawker_domain::schedule::Counts;

/// Hears how far work is, and says when it is to end.
pub trait Progress: Send + Sync {
    /// So much was done so far. Called often; must be cheap.
    fn tell(&self, counts: &Counts);

    /// Whether nothing more is to be begun: what was done so far is kept.
    fn is_stopping(&self) -> bool;
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
