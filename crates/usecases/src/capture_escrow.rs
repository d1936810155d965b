//! Capture what the marketplace pays out for completed orders.
//!
//! Claim due orders, ask for the payout of each, keep what became of it before the next is asked
//! for. Like every worker on rows it takes no input and has one path for the first try and every
//! later one; any number of processes may run it at the same time.
//!
//! A payout that the marketplace does not have yet is nobody's business and asked for again later.
//! One that cannot be fetched is an exception of its order. When the marketplace cannot be asked at
//! all, the orders of the shop rest together, so that a failure that lasts does not open an
//! exception for each of them.

mod setback;
mod settle;

use std::collections::BTreeMap;
use std::pin::{Pin, pin};
use std::sync::Arc;

use chrono::TimeDelta;
use futures_util::FutureExt as _;
use futures_util::future::{Either, FusedFuture, select};
use hawker_domain::escrow::{Escrow, EscrowPatience};
use hawker_domain::exception::{Cause, ErrorClass, RaisedException, Subject};
use hawker_domain::ids::ProfileId;
use hawker_domain::{IdSource, OrderSn, ShopId, TenantSlug};
use hawker_ports::escrow::DueEscrow;
use hawker_ports::marketplace::{EscrowAnswer, MarketplaceError, ShopAccess};
use hawker_ports::{Clock, Marketplace, Metrics, Store, StoreError};

use crate::chain::chain;
use crate::tokens::{Blocked, CallError, Pause, ShopTokens, UNTIL_LOOKED_AT_AGAIN};
use setback::Setback;
use settle::Settlement;

/// Payouts that are asked for in one go. Each is a call of its own, and a process that stops
/// finishes the portion in hand.
const ORDERS_PER_RUN: u32 = 10;

/// How long a claim lasts: far longer than a portion takes while the marketplace answers. A process
/// that was killed delays its payouts by this much at the most.
const LEASE: TimeDelta = TimeDelta::minutes(5);

/// Longer than one call with its repeats takes, and once more with a renewed token. No call is begun
/// that its claim may not outlast.
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

    /// Works on orders of one profile, one after the other.
    async fn capture(
        &self,
        tenant: &TenantSlug,
        mut due: &[DueEscrow],
        is_stopping: &(impl Fn() -> bool + Send + Sync),
        mut patience: Pin<&mut (impl FusedFuture<Output = ()> + Send)>,
    ) -> Result<(), StoreError> {
        while let Some((order, others)) = due.split_first() {
            let now = self.clock.now();
            if is_stopping() || now + CALL_LONGEST > order.leased_until {
                return self.give_back(tenant, due).await;
            }
            let asked = pin!(self.ask(tenant, order));
            let asked = match select(asked, patience.as_mut()).await {
                Either::Left((asked, _)) => asked?,
                Either::Right(_) => return self.give_back(tenant, due).await,
            };
            match asked {
                Ok((shop, Some(answer))) => self.keep(tenant, shop, order, answer).await?,
                Ok((_, None)) => self.not_ready(tenant, order).await?,
                Err(CallError::Blocked(blocked)) => {
                    return self.rest(tenant, order, due, blocked).await;
                }
                Err(CallError::Marketplace { shop, error }) => {
                    let setback = Setback::by(&error, shop);
                    if setback.is_of_order {
                        let why = error.to_string();
                        self.failed(tenant, shop, order, &why).await?;
                    }
                    if let Some(blocked) = setback.shop {
                        let waiting = if setback.is_of_order { others } else { due };
                        return self.rest(tenant, order, waiting, blocked).await;
                    }
                }
            }
            due = others;
        }
        Ok(())
    }

    /// Ends claims without an answer: whoever comes next goes on with them.
    async fn give_back(&self, tenant: &TenantSlug, due: &[DueEscrow]) -> Result<(), StoreError> {
        let given_back = Settlement::postponed(due, self.clock.now(), "postponed");
        self.settle(tenant, given_back).await
    }

    /// What is paid out for an order; nothing where the marketplace has no answer yet.
    async fn ask(
        &self,
        tenant: &TenantSlug,
        order: &DueEscrow,
    ) -> Result<Result<(ShopId, Option<EscrowAnswer>), CallError>, StoreError> {
        let order_sn = &order.key.order_sn;
        let marketplace = &self.marketplace;
        let ask = |access: Arc<ShopAccess>| async move {
            let answer = match marketplace.escrow_detail(&access, order_sn).await {
                Err(MarketplaceError::NotFound { .. }) => None,
                answer => answer?,
            };
            Ok((access.shop, answer))
        };
        let answered = self.tokens.call(tenant, &order.profile, ask).await?;
        if let Err(CallError::Marketplace { error, .. }) = &answered {
            tracing::warn!(
                profile_id = %order.profile, %order_sn, error = %chain(error),
                "a payout could not be fetched"
            );
        }
        Ok(answered)
    }

    async fn keep(
        &self,
        tenant: &TenantSlug,
        shop: ShopId,
        order: &DueEscrow,
        answer: EscrowAnswer,
    ) -> Result<(), StoreError> {
        let EscrowAnswer { amounts, payload } = answer;
        let now = self.clock.now();
        let escrow = Escrow::captured(order.key.clone(), order.currency, amounts, payload, now);
        match self
            .settle(tenant, Settlement::captured(order, escrow))
            .await
        {
            Err(error @ StoreError::Refused { .. }) => {
                tracing::error!(
                    order_sn = %order.key.order_sn, error = %chain(&error),
                    "a payout was refused by the store"
                );
                let why = format!("{error}. The log has the details");
                self.failed(tenant, shop, order, &why).await
            }
            result => result,
        }
    }

    async fn not_ready(&self, tenant: &TenantSlug, order: &DueEscrow) -> Result<(), StoreError> {
        let again_at = EscrowPatience::NOT_READY.again_at(
            order.completed_at,
            self.clock.now(),
            fastrand::f64(),
        );
        tracing::debug!(event = "escrow.not_ready", order_sn = %order.key.order_sn, %again_at);
        self.settle(tenant, Settlement::not_ready(order, again_at))
            .await
    }

    /// The payout of this one order could not be fetched or kept.
    async fn failed(
        &self,
        tenant: &TenantSlug,
        shop: ShopId,
        order: &DueEscrow,
        why: &str,
    ) -> Result<(), StoreError> {
        let again_at =
            EscrowPatience::FAILED.again_at(order.completed_at, self.clock.now(), fastrand::f64());
        let order_sn = &order.key.order_sn;
        let cause = Cause {
            class: ErrorClass::EscrowFetchFailed,
            key: "escrow-detail".into(),
            message: format!(
                "The payout of order {order_sn} could not be captured: {why}. It is asked for again at {}.",
                again_at.format("%F %H:%M UTC")
            ),
            due_at: None,
        };
        let subject = subject(order, Some(shop), Some(order_sn.clone()));
        let raised = RaisedException::once(subject, cause, &*self.ids);
        let order = std::slice::from_ref(order);
        let failed = Settlement::postponed(order, again_at, "failed").raising(raised);
        self.settle(tenant, failed).await
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
        let Blocked { shop, cause, pause } = blocked;
        let wait = match pause {
            Pause::Wait(wait) => wait,
            Pause::Attempt => UNTIL_LOOKED_AT_AGAIN,
        };
        let until = self.clock.now() + wait;
        let mut rests =
            Settlement::postponed(waiting, until, "postponed").resting(&example.profile, until);
        if let Some(cause) = cause {
            let subject = subject(example, shop, None);
            rests = rests.raising(RaisedException::once(subject, cause, &*self.ids));
        }
        self.settle(tenant, rests).await
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
