//! File the journal: what came in a crowd becomes rows of the inbox, where work and people find it.
//!
//! Nothing waits for it but the work itself. A portion is a commit of its own; what was acknowledged is in the
//! journal or in the inbox at any moment, and in one of them only.

mod level;
mod remedy;

use std::sync::Arc;

use chrono::TimeDelta;
use hawker_domain::{IdSource, TenantSlug, Timestamp};
use hawker_ports::inbox::{Filed, FiledApart, PutOff, RefusedRest};
use hawker_ports::{Clock, Store, StoreError};

pub(crate) use self::level::Held;
pub use self::level::JournalLevel;
use self::remedy::Remedy;
use crate::chain::chain;

/// About so many pushes are filed in one transaction: enough that a portion costs little more than its rows, and few
/// enough that whoever pushes meanwhile has the processor again after a millisecond. The system gives one program the
/// processor for some milliseconds before it looks who else waits.
const PORTION: usize = 32;

/// Batches of a portion that another process, or an earlier one, has put down: how many pushes they hold is not known.
const BATCHES_OF_UNKNOWN_SIZE: u32 = 32;

/// For so long a push rests that the inbox refused, though it was verified and read: somebody has to look at
/// the database, and it is tried again meanwhile.
const REFUSED_RESTS: RefusedRest = RefusedRest {
    least: TimeDelta::minutes(5),
    most: TimeDelta::days(1),
};

/// Files the journal.
pub struct FileJournal {
    /// Where journal and inbox are.
    pub store: Arc<dyn Store>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Gives ids.
    pub ids: Arc<dyn IdSource>,
    /// How full the journal is.
    pub level: JournalLevel,
}

impl FileJournal {
    /// How much of the journal is free: from 1, empty, to 0, full.
    pub fn room(&self) -> f64 {
        self.level.room()
    }

    /// Files one portion of a tenant's journal; no batches where nothing is to be filed.
    pub async fn run(&self, tenant: &TenantSlug) -> Result<Filed, StoreError> {
        let now = self.clock.now();
        match self
            .portion(tenant, now, batches_of_portion(self.level.held(tenant)))
            .await
        {
            Err(StoreError::Refused { .. } | StoreError::Corrupt { .. }) => {
                self.apart(tenant, now).await
            }
            other => other,
        }
    }

    /// Files the oldest batch by itself. One that is refused is divided; a push that is, rests.
    async fn apart(&self, tenant: &TenantSlug, now: Timestamp) -> Result<Filed, StoreError> {
        let mut remedies = Remedy::ALL.into_iter();
        let mut remedy = remedies.next();
        while let Some(with) = remedy {
            remedy = remedies.next();
            match self.apart_with(tenant, now, with).await {
                // Nothing that is done about it is worth keeping all others out.
                Err(StoreError::Refused { .. }) if remedy.is_some() => {}
                filed => return filed,
            }
        }
        Ok(Filed::default())
    }

    async fn apart_with(
        &self,
        tenant: &TenantSlug,
        now: Timestamp,
        remedy: Remedy,
    ) -> Result<Filed, StoreError> {
        let mut uow = self.store.begin(tenant).await?;
        let apart = uow.inbox().file_journal_apart(now, REFUSED_RESTS).await?;
        let filed = match apart {
            FiledApart::NothingThere => return Ok(Filed::default()),
            FiledApart::Filed(filed) => filed,
            // Not nothing: what comes behind it can be filed now.
            FiledApart::Divided | FiledApart::PutOff(_) => Filed {
                batches: 1,
                ..Filed::default()
            },
        };
        if let FiledApart::PutOff(PutOff { why, push }) = apart {
            if let Some(push) = push {
                remedy.take(&mut *uow, &push, &why, now, &*self.ids).await?;
            }
            tracing::error!(
                event = "journal.refused",
                %tenant,
                error = chain(&why),
                "an acknowledged push cannot be filed; it stays in connector_event_journal and is tried again"
            );
        }
        uow.commit().await?;
        self.level.sank(tenant, gone(filed));
        Ok(filed)
    }

    async fn portion(
        &self,
        tenant: &TenantSlug,
        now: Timestamp,
        batches_max: u32,
    ) -> Result<Filed, StoreError> {
        let held = self.level.held(tenant);
        let filed = match self.at_once(tenant, now, batches_max).await? {
            Some(filed) => filed,
            None => self.one_by_one(tenant, now, batches_max).await?,
        };
        let gone = match filed.batches {
            // Whatever was there when this began to look was filed by somebody else.
            0 => held,
            _ => gone(filed),
        };
        self.level.sank(tenant, gone);
        Ok(filed)
    }

    /// Nothing where something may be a repetition.
    async fn at_once(
        &self,
        tenant: &TenantSlug,
        now: Timestamp,
        batches_max: u32,
    ) -> Result<Option<Filed>, StoreError> {
        if self.level.has_repetitions() {
            return Ok(None);
        }
        match self
            .store
            .file_journal_at_once(tenant, now, batches_max)
            .await
        {
            Ok(None) => {
                self.level.repetitions_came();
                Ok(None)
            }
            // What it has filed is not there to be filed again.
            Err(StoreError::CommitUnknown(_)) => Ok(None),
            other => other,
        }
    }

    /// Each push is looked for before it is stored.
    async fn one_by_one(
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
        if filed.duplicates == 0 {
            self.level.no_repetition_came();
        } else {
            self.level.repetitions_came();
        }
        Ok(filed)
    }
}

/// What left the journal.
fn gone(filed: Filed) -> Held {
    let count = |count: u32| usize::try_from(count).unwrap_or(usize::MAX);
    Held {
        pushes: count(filed.stored.saturating_add(filed.duplicates)),
        batches: count(filed.batches),
    }
}

/// Batches that hold about [`PORTION`] pushes.
fn batches_of_portion(held: Held) -> u32 {
    match held.pushes.checked_div(held.batches) {
        None | Some(0) => BATCHES_OF_UNKNOWN_SIZE,
        Some(of_each) => {
            u32::try_from(PORTION.div_ceil(of_each)).unwrap_or(BATCHES_OF_UNKNOWN_SIZE)
        }
    }
}
