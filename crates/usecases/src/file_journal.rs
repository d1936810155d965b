//! File the journal: what came in a crowd becomes rows of the inbox, where work and people find it.
//!
//! Nothing waits for it but the work itself. A portion is a commit of its own; what was acknowledged is in the
//! journal or in the inbox at any moment, and in one of them only.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use chrono::TimeDelta;
use hawker_domain::{TenantSlug, Timestamp};
use hawker_ports::inbox::Filed;
use hawker_ports::{Clock, Store, StoreError};

use crate::chain::chain;

/// Batches that are filed in one transaction. Each holds a few pushes, or a few hundred under the greatest load.
const PORTION: u32 = 32;

/// For so long a push rests that the inbox refused, though it was verified and read: somebody has to look at
/// the database, and it is tried again meanwhile.
const REFUSED_RESTS: TimeDelta = TimeDelta::minutes(5);

/// Pushes that may wait in the journal: some seconds of filing. Beyond that all are stored at once, which keeps
/// those who bring them waiting instead of filling the disk.
const JOURNAL_PUSHES_MAX: usize = 200_000;

/// How many pushes of this process are in journals. Cheap to clone; clones share it.
#[derive(Clone, Debug, Default)]
pub struct JournalLevel(Arc<AtomicUsize>);

impl JournalLevel {
    /// Whether further pushes may be put down.
    pub(crate) fn has_room(&self) -> bool {
        self.0.load(Ordering::Relaxed) < JOURNAL_PUSHES_MAX
    }

    pub(crate) fn grew(&self, pushes: usize) {
        self.0.fetch_add(pushes, Ordering::Relaxed);
    }

    /// What is filed may have been put down by another process, or an earlier one.
    fn sank(&self, pushes: usize) {
        let less = |level: usize| Some(level.saturating_sub(pushes));
        let _ = self
            .0
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, less);
    }
}

/// Files the journal.
pub struct FileJournal {
    /// Where journal and inbox are.
    pub store: Arc<dyn Store>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// How full the journal is.
    pub level: JournalLevel,
}

impl FileJournal {
    /// Files one portion of a tenant's journal; no batches where nothing is to be filed.
    pub async fn run(&self, tenant: &TenantSlug) -> Result<Filed, StoreError> {
        let now = self.clock.now();
        match self.portion(tenant, now, PORTION).await {
            Err(StoreError::Refused { .. }) => self.one(tenant, now).await,
            other => other,
        }
    }

    /// Files the oldest batch alone. One that is refused by itself is divided; a push that is, rests.
    async fn one(&self, tenant: &TenantSlug, now: Timestamp) -> Result<Filed, StoreError> {
        let error = match self.portion(tenant, now, 1).await {
            Err(error @ StoreError::Refused { .. }) => error,
            other => return other,
        };
        tracing::error!(
            event = "journal.refused",
            %tenant,
            error = chain(&error),
            "an acknowledged push cannot be filed; it stays in connector_event_journal and is tried again"
        );
        let mut uow = self.store.begin(tenant).await?;
        let until = now + REFUSED_RESTS;
        uow.inbox().set_journal_aside(now, until).await?;
        uow.commit().await?;
        // Not nothing: what comes behind it can be filed now.
        Ok(Filed {
            batches: 1,
            ..Filed::default()
        })
    }

    async fn portion(
        &self,
        tenant: &TenantSlug,
        now: Timestamp,
        batches_max: u32,
    ) -> Result<Filed, StoreError> {
        let mut uow = self.store.begin(tenant).await?;
        let filed = uow.inbox().file_journal(now, batches_max).await?;
        if filed.batches > 0 {
            uow.commit().await?;
        }
        let pushes = filed.stored.saturating_add(filed.duplicates);
        self.level
            .sank(usize::try_from(pushes).unwrap_or(usize::MAX));
        Ok(filed)
    }
}
