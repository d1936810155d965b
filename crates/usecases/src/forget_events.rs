//! Forget events that nothing needs any more, so that the inbox stays as small as its last months.
//!
//! What an event led to is kept elsewhere: the order, by which road it came first, its timeline, its
//! payouts. Gone with the event is the push itself, byte for byte, and the memory of having had it: one
//! that is sent again after so long counts as new, which is harmless, because what it asks for is to look
//! at the order once more.
//!
//! Each portion is a commit of its own and waits for nobody; between two of them everybody else has the
//! database. A tenant that fails harms no other.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use hawker_domain::ids::EventId;
use hawker_domain::schedule::Counts;
use hawker_domain::{TenantSlug, Timestamp};
use hawker_ports::inbox::{Forgotten, Inbox};
use hawker_ports::tenants::TenantDirectory;
use hawker_ports::{Clock, Progress, Sleeper, Store, StoreError};

use crate::chain::chain;

/// Events that are gone through in one transaction: their locks last for some hundredths of a second.
const PORTION: u32 = 1_000;

/// Between two portions, so that pushes and workers never stand behind a row of them. A million events
/// take a minute and a half all the same.
const PAUSE: Duration = Duration::from_millis(50);

/// How long events are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keeping {
    /// Those that were dealt with, from then on.
    pub processed: TimeDelta,
    /// Those that never verified, from when they were received.
    pub unverified: TimeDelta,
}

/// Forgets old events.
pub struct ForgetEvents {
    /// Where they are.
    pub store: Arc<dyn Store>,
    /// Whose inboxes there are.
    pub tenants: Arc<dyn TenantDirectory>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Lets others have their turn.
    pub sleeper: Arc<dyn Sleeper>,
    /// How long events are kept.
    pub keeping: Keeping,
}

/// A tenant of whose inbox not everything old was forgotten.
#[derive(Debug)]
pub struct TenantFailure {
    /// The tenant.
    pub tenant: TenantSlug,
    /// What went wrong.
    pub error: StoreError,
}

/// Why old events were not forgotten.
#[derive(Debug, thiserror::Error)]
pub enum ForgetError {
    /// The tenants cannot be listed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Not those of these tenants; those of all others were.
    #[error("old events were not forgotten: {}", in_words(.failed))]
    Tenants {
        /// What was done.
        counts: Counts,
        /// The tenants.
        failed: Vec<TenantFailure>,
    },
    /// It was asked to end.
    #[error("it was stopped before its end; the next run goes on from there")]
    Stopped {
        /// What was done before.
        counts: Counts,
    },
}

impl ForgetError {
    /// What of it concerns which tenant.
    pub fn of_tenants(&self) -> Vec<(TenantSlug, String)> {
        let Self::Tenants { failed, .. } = self else {
            return Vec::new();
        };
        let told = failed.iter().map(|TenantFailure { tenant, error }| {
            let why = format!("old events were not forgotten: {}", chain(error));
            (tenant.clone(), why)
        });
        told.collect()
    }

    /// Whether it may work later without anybody doing anything, for one of the tenants at least.
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Store(error) => error.is_passing(),
            Self::Tenants { failed, .. } => failed.iter().any(|failure| failure.error.is_passing()),
            Self::Stopped { .. } => true,
        }
    }
}

fn in_words(failed: &[TenantFailure]) -> String {
    let told = failed
        .iter()
        .map(|TenantFailure { tenant, error }| format!("tenant {tenant}: {}", chain(error)));
    told.collect::<Vec<_>>().join("; ")
}

/// Why a tenant's inbox was not gone through.
enum Broken {
    Off(StoreError),
    Stopped,
}

impl From<StoreError> for Broken {
    fn from(error: StoreError) -> Self {
        Self::Off(error)
    }
}

/// What is forgotten of an inbox.
#[derive(Clone, Copy)]
enum Old {
    /// What was dealt with before then.
    Processed(Timestamp),
    /// What came before then and never verified.
    Unverified(Timestamp),
}

impl Old {
    const fn counted_as(self) -> &'static str {
        match self {
            Self::Processed(_) => "processed",
            Self::Unverified(_) => "unverified",
        }
    }

    async fn forget(
        self,
        inbox: &mut dyn Inbox,
        after: Option<EventId>,
    ) -> Result<Forgotten, StoreError> {
        match self {
            Self::Processed(before) => inbox.forget_processed(before, after, PORTION).await,
            Self::Unverified(before) => inbox.forget_unverified(before, after, PORTION).await,
        }
    }
}

impl ForgetEvents {
    /// Goes through the inbox of every tenant. Counts `tenants`, `processed` and `unverified` (events
    /// that are gone), and `kept`: old ones that something still needs.
    pub async fn run(&self, progress: &dyn Progress) -> Result<Counts, ForgetError> {
        let mut counts = Counts::default();
        for what in ["tenants", "processed", "unverified", "kept"] {
            counts.add(what, 0);
        }
        let mut failed = Vec::new();
        for tenant in self.tenants.tenants().await? {
            match self.of_tenant(&tenant, &mut counts, progress).await {
                Ok(()) => counts.add("tenants", 1),
                Err(Broken::Stopped) => return Err(ForgetError::Stopped { counts }),
                Err(Broken::Off(error)) => {
                    tracing::warn!(event = "events.not_forgotten", %tenant, error = chain(&error));
                    failed.push(TenantFailure { tenant, error });
                }
            }
        }
        if failed.is_empty() {
            Ok(counts)
        } else {
            Err(ForgetError::Tenants { counts, failed })
        }
    }

    async fn of_tenant(
        &self,
        tenant: &TenantSlug,
        counts: &mut Counts,
        progress: &dyn Progress,
    ) -> Result<(), Broken> {
        let (
            now,
            Keeping {
                processed,
                unverified,
            },
        ) = (self.clock.now(), self.keeping);
        let processed = Old::Processed(now - processed);
        let processed = self.forget(tenant, processed, counts, progress).await?;
        let unverified = Old::Unverified(now - unverified);
        let unverified = self.forget(tenant, unverified, counts, progress).await?;
        if processed + unverified > 0 {
            tracing::info!(event = "events.forgotten", %tenant, processed, unverified);
        }
        Ok(())
    }

    /// Answers how many events are gone.
    async fn forget(
        &self,
        tenant: &TenantSlug,
        old: Old,
        counts: &mut Counts,
        progress: &dyn Progress,
    ) -> Result<u64, Broken> {
        let mut forgotten = 0;
        let mut after = None;
        loop {
            if progress.is_stopping() {
                return Err(Broken::Stopped);
            }
            let mut uow = self.store.begin(tenant).await?;
            let portion = old.forget(uow.inbox(), after).await?;
            uow.commit().await?;
            let Forgotten { events, kept, next } = portion;
            forgotten += u64::from(events);
            counts.add(old.counted_as(), events.into());
            counts.add("kept", kept.into());
            progress.tell(counts);
            if next.is_none() {
                return Ok(forgotten);
            }
            after = next;
            self.sleeper.sleep(PAUSE).await;
        }
    }
}
