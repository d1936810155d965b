//! The unit of work: a session that lends repositories and remembers whether something failed.
//!
//! Postgres answers `COMMIT` on a failed transaction with a rollback and without an error. So every
//! repository call goes through [`PgUnitOfWork::enter`] and [`PgUnitOfWork::leave`]: the unit of
//! work counts as poisoned from the one to the successful other, also when the caller gives up in
//! between.

use async_trait::async_trait;
use hawker_ports::alerts::{AlertOutbox, AlertThreads};
use hawker_ports::audit::AuditLog;
use hawker_ports::authorisation::PendingAuthorisations;
use hawker_ports::calls::CallLog;
use hawker_ports::catalogue::CatalogueRepository;
use hawker_ports::escrow::EscrowRepository;
use hawker_ports::exception_desk::ExceptionDesk;
use hawker_ports::exceptions::ExceptionRepository;
use hawker_ports::idempotency::RequestLedger;
use hawker_ports::inbox::Inbox;
use hawker_ports::inventory::InventoryRepository;
use hawker_ports::locations::ShopLocations;
use hawker_ports::orders::OrderRepository;
use hawker_ports::profiles::ProfileRepository;
use hawker_ports::reconciliation::Reconciliation;
use hawker_ports::secrets::StoredSecrets;
use hawker_ports::tokens::TokenRepository;
use hawker_ports::watches::Watches;
use hawker_ports::{StoreError, UnitOfWork};
use sqlx::PgConnection;

use crate::fault::Fault;
use crate::inbox::JournalPlace;
use crate::store::Session;

/// A transaction of one tenant, as the ports see it.
#[derive(Debug)]
pub(crate) struct PgUnitOfWork {
    session: Session,
    journal_place: JournalPlace,
    is_poisoned: bool,
}

impl PgUnitOfWork {
    pub(crate) const fn new(session: Session, journal_place: JournalPlace) -> Self {
        Self {
            session,
            journal_place,
            is_poisoned: false,
        }
    }

    /// Where filing the tenant's journal goes on.
    pub(crate) const fn journal_place(&self) -> &JournalPlace {
        &self.journal_place
    }

    /// The connection for one call of a repository.
    pub(crate) fn enter(&mut self) -> Result<&mut PgConnection, StoreError> {
        if std::mem::replace(&mut self.is_poisoned, true) {
            return Err(StoreError::Poisoned);
        }
        self.session.connection()
    }

    /// The end of that call; `entity` names what it was about.
    pub(crate) fn leave<T>(
        &mut self,
        entity: &'static str,
        result: Result<T, Fault>,
    ) -> Result<T, StoreError> {
        let value = result.map_err(|fault| fault.into_store_error(entity))?;
        self.is_poisoned = false;
        Ok(value)
    }
}

#[async_trait]
impl UnitOfWork for PgUnitOfWork {
    fn inbox(&mut self) -> &mut dyn Inbox {
        self
    }

    fn orders(&mut self) -> &mut dyn OrderRepository {
        self
    }

    fn catalogue(&mut self) -> &mut dyn CatalogueRepository {
        self
    }

    fn escrow(&mut self) -> &mut dyn EscrowRepository {
        self
    }

    fn inventory(&mut self) -> &mut dyn InventoryRepository {
        self
    }

    fn exceptions(&mut self) -> &mut dyn ExceptionRepository {
        self
    }

    fn exception_desk(&mut self) -> &mut dyn ExceptionDesk {
        self
    }

    fn alert_threads(&mut self) -> &mut dyn AlertThreads {
        self
    }

    fn reconciliation(&mut self) -> &mut dyn Reconciliation {
        self
    }

    fn alerts(&mut self) -> &mut dyn AlertOutbox {
        self
    }

    fn profiles(&mut self) -> &mut dyn ProfileRepository {
        self
    }

    fn tokens(&mut self) -> &mut dyn TokenRepository {
        self
    }

    fn authorisations(&mut self) -> &mut dyn PendingAuthorisations {
        self
    }

    fn locations(&mut self) -> &mut dyn ShopLocations {
        self
    }

    fn watches(&mut self) -> &mut dyn Watches {
        self
    }

    fn calls(&mut self) -> &mut dyn CallLog {
        self
    }

    fn audit(&mut self) -> &mut dyn AuditLog {
        self
    }

    fn secrets(&mut self) -> &mut dyn StoredSecrets {
        self
    }

    fn requests(&mut self) -> &mut dyn RequestLedger {
        self
    }

    async fn commit(self: Box<Self>) -> Result<(), StoreError> {
        if self.is_poisoned {
            return Err(StoreError::Poisoned);
        }
        let done = self.session.commit().await;
        if done.is_err() {
            // What it has filed may be in the journal as before.
            self.journal_place.forget();
        }
        done
    }
}
