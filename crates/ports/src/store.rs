//! The unit of work: one transaction, bound to one tenant.

use std::error::Error;

use async_trait::async_trait;
use hawker_domain::event::NewEvent;
use hawker_domain::{ConnectorName, TenantSlug, Timestamp};

use crate::alerts::{AlertOutbox, AlertThreads};
use crate::audit::AuditLog;
use crate::authorisation::PendingAuthorisations;
use crate::calls::CallLog;
use crate::catalogue::CatalogueRepository;
use crate::escrow::EscrowRepository;
use crate::exception_desk::ExceptionDesk;
use crate::exceptions::ExceptionRepository;
use crate::idempotency::RequestLedger;
use crate::inbox::{Filed, Inbox, StoredAs};
use crate::inventory::InventoryRepository;
use crate::locations::ShopLocations;
use crate::orders::OrderRepository;
use crate::profiles::{ProfileRepository, ProfilesVersion};
use crate::reconciliation::Reconciliation;
use crate::secrets::StoredSecrets;
use crate::tokens::TokenRepository;
use crate::watches::Watches;

/// A cause from the technology underneath.
pub type Cause = Box<dyn Error + Send + Sync>;

/// Why the store did not do as told.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The tenant does not exist, or this installation has not set it up.
    #[error("there is no tenant `{0}`")]
    NoSuchTenant(TenantSlug),
    /// Somebody else changed the same thing; trying again is right.
    #[error("{entity} was changed by somebody else at the same time")]
    Conflict {
        /// What was contended.
        entity: &'static str,
        /// What the store said.
        #[source]
        cause: Option<Cause>,
    },
    /// What was to be written breaks a rule of the schema; trying again changes nothing.
    #[error("the store refused {entity}")]
    Refused {
        /// What was refused.
        entity: &'static str,
        /// What the store said.
        #[source]
        cause: Cause,
    },
    /// An earlier statement of this unit of work failed: it can only be dropped.
    #[error("an earlier write of this unit of work failed, nothing of it was kept")]
    Poisoned,
    /// Whether the commit happened is not known.
    #[error("the connection was lost during the commit")]
    CommitUnknown(#[source] Cause),
    /// The store cannot be reached or is too busy; trying again later is right.
    #[error("the database cannot be reached")]
    Unavailable(#[source] Cause),
    /// A stored row is not what this version understands.
    #[error("the stored {entity} {id} cannot be read")]
    Corrupt {
        /// What kind of row.
        entity: &'static str,
        /// Which.
        id: String,
        /// What is wrong with it.
        #[source]
        cause: Cause,
    },
}

impl StoreError {
    /// Whether the same call may succeed later without anybody doing anything.
    pub const fn is_passing(&self) -> bool {
        matches!(
            self,
            Self::Conflict { .. } | Self::Unavailable(_) | Self::CommitUnknown(_)
        )
    }
}

/// Opens units of work.
#[async_trait]
pub trait Store: Send + Sync {
    /// Opens a transaction that sees and touches the rows of `tenant` only.
    async fn begin(&self, tenant: &TenantSlug) -> Result<Box<dyn UnitOfWork>, StoreError>;

    /// Stores verified events as [`Inbox::store`] does, and commits, if the profiles of the connector are
    /// those of `profiles`. `None`, and nothing is stored, where they are not, and from a store that has no
    /// shorter way for these events than a unit of work.
    ///
    /// What is lost on its way back is stored all the same: whoever stores it again is told of duplicates.
    async fn store_at_once(
        &self,
        tenant: &TenantSlug,
        connector: ConnectorName,
        profiles: &ProfilesVersion,
        events: &[NewEvent],
    ) -> Result<Option<Vec<StoredAs>>, StoreError> {
        let _ = (tenant, connector, profiles, events);
        Ok(None)
    }

    /// Puts verified events that ask for work down in the tenant's journal, and commits, if the profiles of the
    /// connector are those of `profiles`; [`Inbox::file_journal`] makes rows of the inbox of them. Cheaper
    /// than storing them, if they are many: nothing is looked for, no index is kept.
    ///
    /// `false`, and nothing is kept, where the profiles are others, where an event is not of that kind, and from
    /// a store that has no journal.
    async fn put_in_journal(
        &self,
        tenant: &TenantSlug,
        connector: ConnectorName,
        profiles: &ProfilesVersion,
        events: &[NewEvent],
    ) -> Result<bool, StoreError> {
        let _ = (tenant, connector, profiles, events);
        Ok(false)
    }

    /// Files the oldest batches of the journal, at most so many, as [`Inbox::file_journal`] does, and commits, if
    /// every event of them is new. `None`, and nothing is filed, where one is not, and from a store that has no
    /// shorter way than a unit of work. Nobody waits for the commit: what is lost of it is in the journal as before.
    async fn file_journal_at_once(
        &self,
        tenant: &TenantSlug,
        now: Timestamp,
        batches_max: u32,
    ) -> Result<Option<Filed>, StoreError> {
        let _ = (tenant, now, batches_max);
        Ok(None)
    }
}

/// A transaction of one tenant. Dropping it rolls back. After a failed write, [`commit`] refuses
/// with [`StoreError::Poisoned`]. No gateway may be called while one is open.
///
/// [`commit`]: UnitOfWork::commit
#[async_trait]
pub trait UnitOfWork: Send {
    /// Inbound events and the work that they ask for.
    fn inbox(&mut self) -> &mut dyn Inbox;
    /// Orders.
    fn orders(&mut self) -> &mut dyn OrderRepository;
    /// Products and SKUs.
    fn catalogue(&mut self) -> &mut dyn CatalogueRepository;
    /// Payouts.
    fn escrow(&mut self) -> &mut dyn EscrowRepository;
    /// Stock.
    fn inventory(&mut self) -> &mut dyn InventoryRepository;
    /// Exceptions.
    fn exceptions(&mut self) -> &mut dyn ExceptionRepository;
    /// What an operator decides about exceptions.
    fn exception_desk(&mut self) -> &mut dyn ExceptionDesk;
    /// Exceptions of one cause, as they are told together.
    fn alert_threads(&mut self) -> &mut dyn AlertThreads;
    /// What the marketplace lists against what we hold.
    fn reconciliation(&mut self) -> &mut dyn Reconciliation;
    /// Alerts that wait for a sink.
    fn alerts(&mut self) -> &mut dyn AlertOutbox;
    /// Connector profiles.
    fn profiles(&mut self) -> &mut dyn ProfileRepository;
    /// Token pairs of shops.
    fn tokens(&mut self) -> &mut dyn TokenRepository;
    /// Authorisations that sellers were asked for.
    fn authorisations(&mut self) -> &mut dyn PendingAuthorisations;
    /// The marketplace's warehouses of a shop.
    fn locations(&mut self) -> &mut dyn ShopLocations;
    /// What is known of a profile's app and shop from looking now and then.
    fn watches(&mut self) -> &mut dyn Watches;
    /// The last calls to the marketplace.
    fn calls(&mut self) -> &mut dyn CallLog;
    /// Who did what.
    fn audit(&mut self) -> &mut dyn AuditLog;
    /// Every secret as it is stored.
    fn secrets(&mut self) -> &mut dyn StoredSecrets;
    /// Requests of the API that must not happen twice.
    fn requests(&mut self) -> &mut dyn RequestLedger;
    /// Makes everything durable.
    async fn commit(self: Box<Self>) -> Result<(), StoreError>;
}
