//! Ids that count up, so that a test can be read and repeated.

use std::sync::atomic::{AtomicU64, Ordering};

use hawker_domain::IdSource;
use ulid::Ulid;

/// Ids from 1000 on; smaller ones are left to constants such as `VariantId::of(7)`.
#[derive(Debug)]
pub struct SequentialIds(AtomicU64);

impl SequentialIds {
    /// Ids from `first` on.
    pub const fn from(first: u64) -> Self {
        Self(AtomicU64::new(first))
    }
}

impl Default for SequentialIds {
    fn default() -> Self {
        Self::from(1000)
    }
}

impl IdSource for SequentialIds {
    fn next(&self) -> Ulid {
        Ulid(self.0.fetch_add(1, Ordering::Relaxed).into())
    }
}
