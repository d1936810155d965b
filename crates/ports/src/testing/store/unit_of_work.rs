//! A transaction: a copy of the tenant's rows from the first write on.

use std::sync::Arc;

use async_trait::async_trait;

use super::state::State;
use super::turn::Taken;
use super::{Shared, Tenant};
use crate::alerts::{AlertOutbox, AlertThreads};
use crate::audit::AuditLog;
use crate::authorisation::PendingAuthorisations;
use crate::calls::CallLog;
use crate::catalogue::CatalogueRepository;
use crate::escrow::EscrowRepository;
use crate::exception_desk::ExceptionDesk;
use crate::exceptions::ExceptionRepository;
use crate::idempotency::RequestLedger;
use crate::inbox::Inbox;
use crate::inventory::InventoryRepository;
use crate::locations::ShopLocations;
use crate::orders::OrderRepository;
use crate::profiles::ProfileRepository;
use crate::reconciliation::Reconciliation;
use crate::secrets::StoredSecrets;
use crate::testing::locked;
use crate::tokens::TokenRepository;
use crate::watches::Watches;
use crate::{StoreError, UnitOfWork};

/// Implements every repository itself; the files beside this one say how.
pub(super) struct InMemoryUnitOfWork {
    pub(super) tenant: Arc<Tenant>,
    pub(super) shared: Arc<Shared>,
    work: Option<Work>,
    is_poisoned: bool,
}

struct Work {
    state: State,
    _turn: Taken,
}

impl InMemoryUnitOfWork {
    pub(super) const fn new(tenant: Arc<Tenant>, shared: Arc<Shared>) -> Self {
        Self {
            tenant,
            shared,
            work: None,
            is_poisoned: false,
        }
    }

    /// Reads what this unit of work has written, else what is committed.
    pub(super) fn read<T>(&self, read: impl FnOnce(&State) -> T) -> Result<T, StoreError> {
        if self.is_poisoned {
            return Err(StoreError::Poisoned);
        }
        Ok(match &self.work {
            Some(work) => read(&work.state),
            None => read(&locked(&self.tenant.committed)),
        })
    }

    /// Changes the copy; a change that fails poisons the unit of work.
    pub(super) async fn write<T>(
        &mut self,
        change: impl FnOnce(&mut State) -> Result<T, StoreError> + Send,
    ) -> Result<T, StoreError> {
        if self.is_poisoned {
            return Err(StoreError::Poisoned);
        }
        if self.work.is_none() {
            let turn = self.tenant.turn.take().await;
            let state = locked(&self.tenant.committed).clone();
            self.work = Some(Work { state, _turn: turn });
        }
        let Some(work) = &mut self.work else {
            return Err(StoreError::Poisoned);
        };
        let result = change(&mut work.state);
        self.is_poisoned = result.is_err();
        result
    }
}

#[async_trait]
impl UnitOfWork for InMemoryUnitOfWork {
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
        let Self {
            tenant,
            shared,
            work,
            is_poisoned,
        } = *self;
        if is_poisoned {
            return Err(StoreError::Poisoned);
        }
        if let Some(error) = locked(&shared.commit_failures).pop_front() {
            return Err(error);
        }
        let Some(Work { state, _turn }) = work else {
            return Ok(());
        };
        let mut routes = locked(&shared.routes);
        for profile in state.profiles.keys() {
            routes
                .entry(profile.clone())
                .or_insert_with(|| tenant.slug.clone());
        }
        *locked(&tenant.committed) = state;
        Ok(())
    }
}
