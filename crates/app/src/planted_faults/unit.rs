//! Units of work in which something goes wrong. Everything that no fault is about goes straight to the
//! real one.

mod alert_threads;
mod alerts;
mod escrow;
mod exceptions;
mod inbox;
mod inventory;
mod reconciliation;

use std::sync::Arc;

use async_trait::async_trait;
use hawker_domain::{IdSource, TenantSlug};
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
use hawker_ports::{Store, StoreError, UnitOfWork};

use super::PlantedFault;

/// A store with a fault.
pub(super) struct SpoiltStore {
    pub(super) store: Arc<dyn Store>,
    pub(super) fault: PlantedFault,
    pub(super) ids: Arc<dyn IdSource>,
}

#[async_trait]
impl Store for SpoiltStore {
    async fn begin(&self, tenant: &TenantSlug) -> Result<Box<dyn UnitOfWork>, StoreError> {
        Ok(Box::new(SpoiltUnit {
            unit: self.store.begin(tenant).await?, // its owner commits
            fault: self.fault,
            ids: Arc::clone(&self.ids),
        }))
    }
}

/// A unit of work with a fault.
struct SpoiltUnit {
    unit: Box<dyn UnitOfWork>,
    fault: PlantedFault,
    ids: Arc<dyn IdSource>,
}

impl SpoiltUnit {
    fn has(&self, fault: PlantedFault) -> bool {
        self.fault == fault
    }
}

#[async_trait]
impl UnitOfWork for SpoiltUnit {
    fn inbox(&mut self) -> &mut dyn Inbox {
        self
    }

    fn orders(&mut self) -> &mut dyn OrderRepository {
        self.unit.orders()
    }

    fn escrow(&mut self) -> &mut dyn EscrowRepository {
        self
    }

    fn exceptions(&mut self) -> &mut dyn ExceptionRepository {
        self
    }

    fn reconciliation(&mut self) -> &mut dyn Reconciliation {
        self
    }

    fn alerts(&mut self) -> &mut dyn AlertOutbox {
        self
    }

    fn alert_threads(&mut self) -> &mut dyn AlertThreads {
        self
    }

    fn catalogue(&mut self) -> &mut dyn CatalogueRepository {
        self.unit.catalogue()
    }

    fn inventory(&mut self) -> &mut dyn InventoryRepository {
        self
    }

    fn exception_desk(&mut self) -> &mut dyn ExceptionDesk {
        self.unit.exception_desk()
    }

    fn profiles(&mut self) -> &mut dyn ProfileRepository {
        self.unit.profiles()
    }

    fn tokens(&mut self) -> &mut dyn TokenRepository {
        self.unit.tokens()
    }

    fn authorisations(&mut self) -> &mut dyn PendingAuthorisations {
        self.unit.authorisations()
    }

    fn locations(&mut self) -> &mut dyn ShopLocations {
        self.unit.locations()
    }

    fn watches(&mut self) -> &mut dyn Watches {
        self.unit.watches()
    }

    fn calls(&mut self) -> &mut dyn CallLog {
        self.unit.calls()
    }

    fn audit(&mut self) -> &mut dyn AuditLog {
        self.unit.audit()
    }

    fn secrets(&mut self) -> &mut dyn StoredSecrets {
        self.unit.secrets()
    }

    fn requests(&mut self) -> &mut dyn RequestLedger {
        self.unit.requests()
    }

    async fn commit(self: Box<Self>) -> Result<(), StoreError> {
        self.unit.commit().await
    }
}
