//! Capture what the marketplace pays out for completed orders.
//!
//! Claim due orders, ask for the payouts of as many as one call takes, keep what became of all of them
//! in one commit before the next are asked for. Like every worker on rows it takes no input and has one
//! path for the first try and every later one; any number of processes may run it at the same time.
//!
//! A payout changes as long as the marketplace is not done with its order, so one that was captured is
//! asked for again, and what differs is kept as a new version. One that the marketplace does not have
//! yet is nobody's business for two months. One that the marketplace's list of releases tells otherwise,
//! even after it was asked for again, is an exception of its order. One that cannot be understood is an exception of its order
//! alone. When the marketplace cannot be asked at all, the orders of the shop rest together, so that a
//! failure that lasts does not open an exception for each of them.

mod alone;
mod outcome;
mod setback;
mod settle;

use std::collections::BTreeMap;
use std::pin::{Pin, pin};
use std::sync::Arc;

use chrono::TimeDelta;
use futures_util::FutureExt as _;
use futures_util::future::{Either, FusedFuture, select};
use hawker_domain::exception::{RaisedException, Subject};
use hawker_domain::ids::ProfileId;
use hawker_domain::{IdSource, OrderSn, ShopId, TenantSlug};
use hawker_ports::escrow::DueEscrow;
use hawker_ports::marketplace::{FetchedEscrow, MarketplaceError, ShopAccess};
use hawker_ports::{Clock, Marketplace, Metrics, Store, StoreError};

use crate::chain::chain;
use crate::tokens::{Blocked, CallError, ShopTokens};
use alone::{Alone, Answers};
use setback::{Asked, Setback};
use settle::{Over, Settlement};

/// Payouts that are claimed in one go: some calls' worth. A process that stops finishes the call in
/// hand.
const ORDERS_PER_RUN: u32 = 100;

/// How long a claim lasts: far longer than a portion takes while the marketplace answers. A process
/// that was killed delays its payouts by this much at the most.
const LEASE: TimeDelta = TimeDelta::minutes(5);

/// Longer than one call with its repeats and what follows from it takes, and once more with a renewed
/// token. No call is begun that its claim may not outlast.
const CALL_LONGEST: TimeDelta = TimeDelta::minutes(2);

/// Captures payouts.
pub struct CaptureEscrow {
    /// Where due orders are, and where payouts are kept.
    pub store: Arc<dyn Store>,
    /// Says what is paid out.
    pub marketplace: Arc<dyn Marketplace>,
    /// Opens what its calls need.
    pub tokens: Arc<ShopTokens>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Gives ids.
    pub ids: Arc<dyn IdSource>,
    /// Counts.
    pub metrics: Arc<dyn Metrics>,
}

impl CaptureEscrow {
    /// Asks for payouts that are due; answers how many there were.
    pub async fn run(&self, tenant: &TenantSlug) -> Result<u32, StoreError> {
        self.run_until(tenant, || false, std::future::pending())
            .await
    }

    /// The same, but asks for no further payout once `is_stopping` says so, and no longer waits for
    /// the marketplace once `patience` ends. What was not asked for is due again at once, so that a
    /// process that goes leaves nothing claimed.
    pub async fn run_until(
        &self,
        tenant: &TenantSlug,
        is_stopping: impl Fn() -> bool + Send + Sync,
        patience: impl Future<Output = ()> + Send,
    ) -> Result<u32, StoreError> {
        let mut patience = pin!(patience.fuse());
        let now = self.clock.now();
        let mut uow = self.store.begin(tenant).await?;
        let due = uow
            .escrow()
            .claim_due(now, now + LEASE, ORDERS_PER_RUN)
            .await?;
        uow.commit().await?;
        let claimed = u32::try_from(due.len()).unwrap_or(u32::MAX);
        let mut of_profiles = BTreeMap::<ProfileId, Vec<DueEscrow>>::new();
        for order in due {
            let of_profile = of_profiles.entry(order.profile.clone()).or_default();
            of_profile.push(order);
        }
        for due in of_profiles.values() {
            self.capture(tenant, due, &is_stopping, patience.as_mut())
                .await?;
        }
        Ok(claimed)
    }

    /// Works on orders of one profile, one call after the other.
    async fn capture(
        &self,
        tenant: &TenantSlug,
        mut due: &[DueEscrow],
        is_stopping: &(impl Fn() -> bool + Send + Sync),
        mut patience: Pin<&mut (impl FusedFuture<Output = ()> + Send)>,
    ) -> Result<(), StoreError> {
        let per_call = usize::try_from(self.marketplace.payouts_per_call()).unwrap_or(usize::MAX);
        // So many are asked for one by one, because the call for all of them was refused.
        let mut alone = 0_usize;
        while let Some(first) = due.first() {
            let at_once = if alone > 0 { 1 } else { per_call.max(1) };
            let (batch, others) = due.split_at(at_once.min(due.len()));
            let now = self.clock.now();
            if is_stopping() || now + CALL_LONGEST > first.leased_until {
                return self.give_back(tenant, due).await;
            }
            let asked = pin!(self.ask(tenant, &first.profile, batch));
            let asked = match select(asked, patience.as_mut()).await {
                Either::Left((asked, _)) => asked?,
                Either::Right(_) => return self.give_back(tenant, due).await,
            };
            match asked {
                Ok((shop, answers)) => {
                    let may_go_on =
                        || !is_stopping() && self.clock.now() + CALL_LONGEST <= first.leased_until;
                    let answers = self
                        .with_adjustments(tenant, batch, answers, may_go_on, patience.as_mut())
                        .await?;
                    self.keep(tenant, shop, batch, answers).await?;
                }
                Err(CallError::Blocked(blocked)) => {
                    return self.rest(tenant, first, due, blocked).await;
                }
                Err(CallError::Marketplace { shop, error }) => {
                    match Setback::by(&error, shop, Asked::Several) {
                        Setback::OfShop(blocked) => {
                            return self.rest(tenant, first, due, blocked).await;
                        }
                        Setback::OfOrders if batch.len() > 1 => {
                            alone = batch.len();
                            continue;
                        }
                        Setback::OfOrders => {
                            let why = error.to_string();
                            self.failed(tenant, shop, first, &why).await?;
                        }
                    }
                }
            }
            alone = alone.saturating_sub(batch.len());
            due = others;
        }
        Ok(())
    }

    /// Ends claims without an answer: whoever comes next goes on with them.
    async fn give_back(&self, tenant: &TenantSlug, due: &[DueEscrow]) -> Result<(), StoreError> {
        let given_back = Settlement::postponed(due, self.clock.now());
        self.settle(tenant, &given_back).await
    }

    /// What is paid out for these orders. Those that the marketplace has no answer for yet are not
    /// among the answers.
    async fn ask(
        &self,
        tenant: &TenantSlug,
        profile: &ProfileId,
        batch: &[DueEscrow],
    ) -> Result<Result<(ShopId, Vec<FetchedEscrow>), CallError>, StoreError> {
        let numbers: Vec<OrderSn> = batch.iter().map(|one| one.key.order_sn.clone()).collect();
        let (marketplace, numbers) = (&self.marketplace, &numbers);
        let ask = |access: Arc<ShopAccess>| async move {
            let answers = match marketplace.escrow_details(&access, numbers).await {
                Err(MarketplaceError::NotFound { .. }) => Vec::new(),
                answers => answers?,
            };
            Ok((access.shop, answers))
        };
        let answered = self.tokens.call(tenant, profile, ask).await?;
        if let Err(CallError::Marketplace { error, .. }) = &answered {
            tracing::warn!(
                profile_id = %profile, orders = numbers.len(), error = %chain(error),
                "payouts could not be fetched"
            );
        }
        Ok(answered)
    }

    /// Keeps what became of a batch; one payout that the store refuses does not harm the others.
    async fn keep(
        &self,
        tenant: &TenantSlug,
        shop: ShopId,
        batch: &[DueEscrow],
        answers: Answers,
    ) -> Result<(), StoreError> {
        let now = self.clock.now();
        let Answers { payouts, alone } = answers;
        let payouts = payouts.into_iter();
        let mut payouts: BTreeMap<OrderSn, _> =
            payouts.map(|one| (one.order_sn.clone(), one)).collect();
        let outcomes: Vec<_> = batch
            .iter()
            .map(|order| self.outcome(order, shop, payouts.remove(&order.key.order_sn), now))
            .collect();
        let is_over = Over::after(&alone);
        let mut settlement = Settlement::answered(outcomes, is_over);
        if let (Alone::Blocked(blocked), Some(example)) = (alone, batch.first()) {
            settlement = settlement.told_of(self.blocked(example, &blocked));
        }
        match self.settle(tenant, &settlement).await {
            Err(StoreError::Refused { .. }) if batch.len() > 1 => {}
            Err(error @ StoreError::Refused { .. }) => {
                return self.refused(tenant, shop, batch, &error).await;
            }
            result => return result,
        }
        let Settlement {
            outcomes, raised, ..
        } = settlement;
        if raised.is_some() {
            let of_shop = Settlement::unanswered(Vec::new()).told_of(raised);
            self.settle(tenant, &of_shop).await?;
        }
        for (order, outcome) in batch.iter().zip(outcomes) {
            let alone = Settlement::answered(vec![outcome], is_over);
            match self.settle(tenant, &alone).await {
                Err(error @ StoreError::Refused { .. }) => {
                    let order = std::slice::from_ref(order);
                    self.refused(tenant, shop, order, &error).await?;
                }
                result => result?,
            }
        }
        Ok(())
    }

    /// The store refuses payouts for what they are.
    async fn refused(
        &self,
        tenant: &TenantSlug,
        shop: ShopId,
        orders: &[DueEscrow],
        error: &StoreError,
    ) -> Result<(), StoreError> {
        for order in orders {
            tracing::error!(
                order_sn = %order.key.order_sn, error = %chain(error),
                "a payout was refused by the store"
            );
            let why = format!("{error}. The log has the details");
            self.failed(tenant, shop, order, &why).await?;
        }
        Ok(())
    }

    /// The payout of this one order could not be fetched or kept.
    async fn failed(
        &self,
        tenant: &TenantSlug,
        shop: ShopId,
        order: &DueEscrow,
        why: &str,
    ) -> Result<(), StoreError> {
        let failed = self.failure(order, shop, why, self.clock.now());
        self.settle(tenant, &Settlement::unanswered(vec![failed]))
            .await
    }

    /// The shop of `example` cannot be asked: the orders in hand wait, and so do the others that
    /// are due.
    async fn rest(
        &self,
        tenant: &TenantSlug,
        example: &DueEscrow,
        waiting: &[DueEscrow],
        blocked: Blocked,
    ) -> Result<(), StoreError> {
        let until = self.clock.now() + blocked.pause.wait();
        let rests = Settlement::postponed(waiting, until)
            .resting(&example.profile, until)
            .told_of(self.blocked(example, &blocked));
        self.settle(tenant, &rests).await
    }

    /// What somebody should know of a shop that cannot be asked, if waiting is not all that is needed.
    fn blocked(&self, example: &DueEscrow, blocked: &Blocked) -> Option<RaisedException> {
        let Blocked { shop, cause, .. } = blocked;
        let subject = subject(example, *shop, None);
        let cause = cause.clone()?;
        Some(RaisedException::once(subject, cause, &*self.ids))
    }
}

/// What an exception of an order, or without one of its profile, is about.
fn subject(order: &DueEscrow, shop: Option<ShopId>, order_sn: Option<OrderSn>) -> Subject {
    Subject {
        connector: order.key.connector,
        environment: order.key.environment,
        profile: Some(order.profile.clone()),
        shop,
        order_sn,
        event: None,
    }
}
