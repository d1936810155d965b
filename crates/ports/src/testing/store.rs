//! A store in memory that keeps the contract of [`Store`].
//!
//! Reads see what is committed. The first write of a unit of work waits for its turn (one writer
//! per tenant at a time) and works on a copy of the tenant's rows; the commit puts the copy in
//! place, dropping the unit of work throws it away. Claims and locks count as writes.
//!
//! Whoever opens two units of work of one tenant in one task and writes in both waits for itself:
//! in a database the second would wait for the first one's row locks just the same.

mod alert_threads;
mod alerts;
mod api_tokens;
mod audit;
mod authorisations;
mod calls;
mod catalogue;
mod escrow;
mod exception_desk;
mod exceptions;
mod inbox;
mod inventory;
mod locations;
mod orders;
mod parcels;
mod profiles;
mod reconciliation;
mod requests;
mod schedules;
mod secrets;
mod sink_turns;
mod state;
mod tokens;
mod turn;
mod unit_of_work;
mod views;
mod watches;

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use hawker_domain::audit::AuditEntry;
use hawker_domain::channel::OrderKey;
use hawker_domain::escrow::Escrow;
use hawker_domain::event::{Disposition, NewEvent};
use hawker_domain::ids::{LocationId, ProfileId, VariantId};
use hawker_domain::inventory::{LedgerEntry, StockLevel};
use hawker_domain::order::Order;
use hawker_domain::order::timeline::TimelineEntry;
use hawker_domain::{ConnectorName, OrderSn, TenantSlug, Timestamp};

use super::locked;
use crate::inbox::{Filed, StoredAs};
use crate::profiles::{Profile, ProfilesVersion};
use crate::tenants::{Readiness, StoreHealth, TenantDirectory};
use crate::tokens::{NewToken, TokenKey};
use crate::{Sealed, Store, StoreError, UnitOfWork};
use api_tokens::ApiTokenRow;
use schedules::RunEntry;
use sink_turns::SinkRow;
use state::State;
use turn::Turn;
use unit_of_work::InMemoryUnitOfWork;

/// The tenants of an installation, each with rows of its own.
#[derive(Debug)]
pub struct InMemoryStore {
    tenants: BTreeMap<TenantSlug, Arc<Tenant>>,
    shared: Arc<Shared>,
}

/// The rows of a tenant.
#[derive(Debug)]
struct Tenant {
    slug: TenantSlug,
    committed: Mutex<State>,
    turn: Arc<Turn>,
}

/// What all tenants share: the control plane, and the failures that a test asked for.
#[derive(Debug, Default)]
struct Shared {
    routes: Mutex<BTreeMap<ProfileId, TenantSlug>>,
    api_tokens: Mutex<Vec<ApiTokenRow>>,
    runs: Mutex<Vec<RunEntry>>,
    sinks: Mutex<BTreeMap<String, SinkRow>>,
    begin_failures: Mutex<VecDeque<StoreError>>,
    commit_failures: Mutex<VecDeque<StoreError>>,
}

/// A store with the tenant of an installation that serves a single merchant.
impl Default for InMemoryStore {
    fn default() -> Self {
        Self::with_tenants([TenantSlug::default_tenant()])
    }
}

impl InMemoryStore {
    /// A store with these tenants. Each of them starts with one place for stock, `main`.
    pub fn with_tenants(tenants: impl IntoIterator<Item = TenantSlug>) -> Self {
        let tenants = tenants
            .into_iter()
            .map(|slug| {
                let tenant = Tenant {
                    slug: slug.clone(),
                    committed: Mutex::new(State::of_new_tenant()),
                    turn: Arc::default(),
                };
                (slug, Arc::new(tenant))
            })
            .collect();
        Self {
            tenants,
            shared: Arc::default(),
        }
    }

    /// Answers the next [`begin`](Store::begin) with `error`; several are used up one by one.
    pub fn fail_next_begin(&self, error: StoreError) {
        locked(&self.shared.begin_failures).push_back(error);
    }

    /// Answers the next commit with `error` and keeps nothing of it; several are used up one by
    /// one.
    pub fn fail_next_commit(&self, error: StoreError) {
        locked(&self.shared.commit_failures).push_back(error);
    }

    /// Takes away every place for stock, as an operator could.
    pub fn remove_locations(&self, tenant: &TenantSlug) -> Result<(), StoreError> {
        locked(&self.tenant(tenant)?.committed).locations.clear();
        Ok(())
    }

    /// Changes a profile by hand, as somebody at the database could: its version increases, nothing
    /// is checked.
    pub fn edit_by_hand(
        &self,
        tenant: &TenantSlug,
        profile: &ProfileId,
        edit: impl FnOnce(&mut Profile),
    ) -> Result<(), StoreError> {
        let mut state = locked(&self.tenant(tenant)?.committed);
        if let Some(profile) = state.profiles.get_mut(profile) {
            edit(profile);
            profile.version += 1;
        }
        Ok(())
    }

    /// A shop's pair with everything that was kept of the marketplace's answer.
    pub fn kept_token(
        &self,
        tenant: &TenantSlug,
        key: TokenKey,
    ) -> Result<Option<NewToken>, StoreError> {
        self.look(tenant, |state| {
            state.tokens.get(&key).map(|row| row.kept.clone())
        })
    }

    /// The audit log, oldest first.
    pub fn audit_log(&self, tenant: &TenantSlug) -> Result<Vec<AuditEntry>, StoreError> {
        self.look(tenant, |state| state.audit.clone())
    }

    /// An order, whole, as it is committed.
    pub fn committed_order(
        &self,
        tenant: &TenantSlug,
        order_sn: &OrderSn,
    ) -> Result<Option<Order>, StoreError> {
        self.look(tenant, |state| {
            state
                .order_by_sn(order_sn)
                .map(|row| state.with_customer(&row.order))
        })
    }

    /// The timeline of an order, oldest first.
    pub fn timeline(
        &self,
        tenant: &TenantSlug,
        order_sn: &OrderSn,
    ) -> Result<Vec<TimelineEntry>, StoreError> {
        self.look(tenant, |state| {
            state
                .order_by_sn(order_sn)
                .map(|row| row.timeline.clone())
                .unwrap_or_default()
        })
    }

    /// The stock ledger, oldest first.
    pub fn ledger(&self, tenant: &TenantSlug) -> Result<Vec<LedgerEntry>, StoreError> {
        self.look(tenant, |state| state.ledger.clone())
    }

    /// What lies where: the sums of the ledger.
    pub fn levels(
        &self,
        tenant: &TenantSlug,
    ) -> Result<BTreeMap<(VariantId, LocationId), StockLevel>, StoreError> {
        self.look(tenant, State::levels)
    }

    /// When the payout details of an order became due, if they are.
    pub fn escrow_due_at(
        &self,
        tenant: &TenantSlug,
        order_sn: &OrderSn,
    ) -> Result<Option<Timestamp>, StoreError> {
        self.look(tenant, |state| {
            let of_order = |sync: &&state::SyncRow| sync.key.order_sn == *order_sn;
            state
                .syncs
                .values()
                .find(of_order)
                .and_then(|sync| sync.escrow_due_at)
        })
    }

    /// What was captured of an order's payout last.
    pub fn escrow(
        &self,
        tenant: &TenantSlug,
        order: &OrderKey,
    ) -> Result<Option<Escrow>, StoreError> {
        self.look(tenant, |state| {
            let payout = state.escrows.get(order);
            payout.map(|payout| payout.latest.clone())
        })
    }

    fn tenant(&self, slug: &TenantSlug) -> Result<&Arc<Tenant>, StoreError> {
        self.tenants
            .get(slug)
            .ok_or_else(|| StoreError::NoSuchTenant(slug.clone()))
    }

    fn look<T>(
        &self,
        tenant: &TenantSlug,
        read: impl FnOnce(&State) -> T,
    ) -> Result<T, StoreError> {
        Ok(read(&locked(&self.tenant(tenant)?.committed)))
    }
}

#[async_trait]
impl Store for InMemoryStore {
    async fn begin(&self, tenant: &TenantSlug) -> Result<Box<dyn UnitOfWork>, StoreError> {
        if let Some(error) = locked(&self.shared.begin_failures).pop_front() {
            return Err(error);
        }
        let tenant = Arc::clone(self.tenant(tenant)?);
        let shared = Arc::clone(&self.shared);
        Ok(Box::new(InMemoryUnitOfWork::new(tenant, shared)))
    }

    async fn store_at_once(
        &self,
        tenant: &TenantSlug,
        connector: ConnectorName,
        profiles: &ProfilesVersion,
        events: &[NewEvent],
    ) -> Result<Option<Vec<StoredAs>>, StoreError> {
        let mut uow = self.begin(tenant).await?;
        uow.profiles().lock(connector).await?;
        if uow.profiles().version(connector).await? != *profiles {
            return Ok(None);
        }
        let stored = uow.inbox().store(events).await?;
        uow.commit().await?;
        Ok(Some(stored))
    }

    async fn put_in_journal(
        &self,
        tenant: &TenantSlug,
        connector: ConnectorName,
        profiles: &ProfilesVersion,
        events: &[NewEvent],
    ) -> Result<bool, StoreError> {
        let mut uow =
            InMemoryUnitOfWork::new(Arc::clone(self.tenant(tenant)?), Arc::clone(&self.shared));
        uow.profiles().lock(connector).await?;
        let asks_for_work = |event: &NewEvent| {
            event.is_trusted()
                && event.connector == connector
                && event.disposition == Disposition::Due
        };
        let is_known = uow.profiles().version(connector).await? == *profiles;
        if !is_known || !events.iter().all(asks_for_work) {
            return Ok(false);
        }
        uow.put_in_journal(events).await?;
        Box::new(uow).commit().await?;
        Ok(true)
    }

    async fn file_journal_at_once(
        &self,
        tenant: &TenantSlug,
        now: Timestamp,
        batches_max: u32,
    ) -> Result<Option<Filed>, StoreError> {
        let mut uow = self.begin(tenant).await?;
        let filed = uow.inbox().file_journal(now, batches_max).await?;
        if filed.duplicates > 0 {
            return Ok(None);
        }
        uow.commit().await?;
        Ok(Some(filed))
    }
}

#[async_trait]
impl TenantDirectory for InMemoryStore {
    async fn tenants(&self) -> Result<Vec<TenantSlug>, StoreError> {
        Ok(self.tenants.keys().cloned().collect())
    }

    async fn tenant_of(&self, profile: &ProfileId) -> Result<Option<TenantSlug>, StoreError> {
        Ok(locked(&self.shared.routes).get(profile).cloned())
    }
}

#[async_trait]
impl StoreHealth for InMemoryStore {
    async fn readiness(&self) -> Result<Readiness, StoreError> {
        Ok(Readiness::Ready)
    }

    async fn stored_secret(&self) -> Result<Option<Sealed>, StoreError> {
        let key = |tenant: &Arc<Tenant>| {
            let state = locked(&tenant.committed);
            state
                .profiles
                .values()
                .find_map(|profile| profile.partner_key.clone())
        };
        Ok(self.tenants.values().find_map(key))
    }
}
