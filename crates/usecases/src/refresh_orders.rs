//! Bring orders up to date: the heart of the main job.
//!
//! Claim due orders of one profile, fetch what the marketplace says of them, plan each, commit all.
//! It takes no input and has one code path for the first try and every later one, so any number of
//! processes may run it at the same time: the lease of the claim keeps them apart, and a worker
//! that dies only delays its orders.

mod commit;
mod failures;

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use futures_util::FutureExt as _;
use futures_util::future::{Either, select};
use hawker_domain::OrderSn;
use hawker_domain::exception::{RaisedException, Subject};
use hawker_domain::ids::LeaseId;
use hawker_domain::retry::RetryPolicy;
use hawker_domain::{IdSource, ShopId, TenantSlug, Timestamp};
use hawker_ports::inbox::{ClaimRequest, ClaimedBatch, ClaimedOrder, OrderReport, WorkResult};
use hawker_ports::marketplace::{FetchedOrder, ShopAccess};
use hawker_ports::{Clock, Marketplace, Metrics, Store, StoreError};

use crate::chain::chain;
use crate::raise::raise;
use crate::tokens::{Blocked, CallError, ShopTokens};

/// How long a claim lasts: several times what a call with all its repeats takes. A process that was
/// killed delays its orders by this much at the most.
pub const LEASE: TimeDelta = TimeDelta::seconds(60);

/// Brings orders up to date.
pub struct RefreshOrders {
    /// Where events and orders are.
    pub store: Arc<dyn Store>,
    /// Asks for snapshots.
    pub marketplace: Arc<dyn Marketplace>,
    /// Opens what its calls need.
    pub tokens: Arc<ShopTokens>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Gives ids.
    pub ids: Arc<dyn IdSource>,
    /// Counts.
    pub metrics: Arc<dyn Metrics>,
    /// How patiently a failing order is tried again.
    pub retry: RetryPolicy,
}

/// What one run came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refreshed {
    /// Nothing is due.
    NothingDue,
    /// Orders were worked on, with whatever result.
    Worked {
        /// How many events spoke of them.
        events: u32,
        /// When they were claimed, no more of their profile's were due.
        found_all: bool,
    },
    /// The work was broken off and given back: it is due again at once.
    GivenBack,
}

impl RefreshOrders {
    /// Works on one batch of due orders of a tenant.
    pub async fn run(&self, tenant: &TenantSlug) -> Result<Refreshed, StoreError> {
        self.run_until(tenant, std::future::pending()).await
    }

    /// The same, but no longer waits for the marketplace once `stopping` ends: the batch is given
    /// back, so that a process that goes leaves nothing leased.
    pub async fn run_until(
        &self,
        tenant: &TenantSlug,
        stopping: impl Future<Output = ()> + Send,
    ) -> Result<Refreshed, StoreError> {
        let Some(batch) = self.claim(tenant).await? else {
            return Ok(Refreshed::NothingDue);
        };
        let result = self.work(tenant, &batch, stopping).await;
        if let Err(error) = &result {
            tracing::warn!(%error, orders = batch.orders.len(), "the work on a batch was not kept");
            // Best effort: otherwise the lease ends by itself.
            self.give_back(tenant, batch.lease).await.ok();
        }
        result
    }

    async fn claim(&self, tenant: &TenantSlug) -> Result<Option<ClaimedBatch>, StoreError> {
        let now = self.clock.now();
        let request = ClaimRequest {
            lease: LeaseId::fresh(&*self.ids),
            now,
            lease_until: now + LEASE,
            orders_max: self.marketplace.orders_per_call(),
            except: Vec::new(),
        };
        let mut uow = self.store.begin(tenant).await?;
        let claimed = uow.inbox().claim(&request).await?;
        // Read only when nothing was claimed; then there is nothing to keep either.
        if claimed.is_some() {
            uow.commit().await?;
        }
        Ok(claimed)
    }

    async fn give_back(&self, tenant: &TenantSlug, lease: LeaseId) -> Result<(), StoreError> {
        let mut uow = self.store.begin(tenant).await?;
        uow.inbox().give_back(lease).await?;
        uow.commit().await
    }

    async fn work(
        &self,
        tenant: &TenantSlug,
        batch: &ClaimedBatch,
        stopping: impl Future<Output = ()> + Send,
    ) -> Result<Refreshed, StoreError> {
        let numbers: Vec<OrderSn> = batch
            .orders
            .iter()
            .map(|order| order.order_sn.clone())
            .collect();
        let (marketplace, asked_for) = (&self.marketplace, &numbers);
        let stopping = stopping.shared();
        let ask = |access: Arc<ShopAccess>| {
            let stopping = stopping.clone();
            async move {
                let asked = marketplace.order_details(&access, asked_for);
                Ok(match select(asked, stopping).await {
                    Either::Left((fetched, _)) => Some((access.shop, fetched?)),
                    Either::Right(_) => None,
                })
            }
        };
        // Only the question may be broken off: a renewal on its way there is carried to its end.
        match self.tokens.call(tenant, &batch.profile, ask).await? {
            Ok(Some((shop, fetched))) => self.commit_batch(tenant, batch, shop, &fetched).await?,
            Ok(None) => {
                self.give_back(tenant, batch.lease).await?;
                return Ok(Refreshed::GivenBack);
            }
            Err(CallError::Blocked(blocked)) => self.keep_blocked(tenant, batch, &blocked).await?,
            Err(CallError::Marketplace { shop, error }) => {
                tracing::warn!(
                    profile_id = %batch.profile, orders = numbers.len(), error = %chain(&error),
                    "orders could not be fetched"
                );
                let blocked = Blocked::by(&error, shop);
                self.keep_blocked(tenant, batch, &blocked).await?;
            }
        }
        Ok(self.worked(batch))
    }

    fn worked(&self, batch: &ClaimedBatch) -> Refreshed {
        let size = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
        let events = batch.orders.iter().map(|order| order.events.len()).sum();
        Refreshed::Worked {
            events: size(events),
            found_all: size(batch.orders.len()) < self.marketplace.orders_per_call(),
        }
    }

    /// Commits a batch; one order that the store refuses does not harm the others.
    async fn commit_batch(
        &self,
        tenant: &TenantSlug,
        batch: &ClaimedBatch,
        shop: ShopId,
        fetched: &[FetchedOrder],
    ) -> Result<(), StoreError> {
        match self.commit(tenant, batch, shop, fetched).await {
            Err(StoreError::Refused { .. }) if batch.orders.len() > 1 => {}
            Err(error @ StoreError::Refused { .. }) => {
                return self.keep_refused(tenant, batch, shop, &error).await;
            }
            result => return result,
        }
        for order in &batch.orders {
            let alone = ClaimedBatch {
                orders: vec![order.clone()],
                ..batch.clone()
            };
            match self.commit(tenant, &alone, shop, fetched).await {
                Err(error @ StoreError::Refused { .. }) => {
                    self.keep_refused(tenant, &alone, shop, &error).await?;
                }
                result => result?,
            }
        }
        Ok(())
    }

    /// Keeps what became of orders for which nothing is planned.
    async fn keep(
        &self,
        tenant: &TenantSlug,
        batch: &ClaimedBatch,
        reports: &[OrderReport],
        raised: &[RaisedException],
    ) -> Result<(), StoreError> {
        let now = self.clock.now();
        let mut uow = self.store.begin(tenant).await?;
        raise(&mut *uow, raised, now).await?;
        uow.inbox().finish(batch, reports, now).await?;
        uow.commit().await?;
        self.count(reports);
        Ok(())
    }

    fn count(&self, reports: &[OrderReport]) {
        for report in reports {
            let result = match &report.result {
                WorkResult::Done(outcome) => outcome.as_str(),
                WorkResult::TryAgain { .. } => "retry",
                WorkResult::Postponed { .. } => "postponed",
                WorkResult::Held { .. } => "held",
                WorkResult::GaveUp => "gave_up",
            };
            self.metrics.orders_worked(result, 1);
        }
    }

    /// The next try after one more failure, or `None` when it was the last.
    fn next_try(
        &self,
        order: &ClaimedOrder,
        at_least: Duration,
        now: Timestamp,
    ) -> Option<Timestamp> {
        let asked_for = (!at_least.is_zero()).then_some(at_least);
        let wait = self
            .retry
            .delay(order.attempts + 1, fastrand::f64(), asked_for)?;
        Some(now + wait)
    }
}

/// What an exception of an order (or, without one, of the batch's profile) is about.
fn subject(batch: &ClaimedBatch, order: Option<&ClaimedOrder>, shop: Option<ShopId>) -> Subject {
    Subject {
        connector: batch.connector,
        environment: batch.environment,
        profile: Some(batch.profile.clone()),
        shop,
        order_sn: order.map(|order| order.order_sn.clone()),
        event: order
            .or(batch.orders.first())
            .and_then(|order| order.events.last().copied()),
    }
}
