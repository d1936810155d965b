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
use std::sync::Arc;

use chrono::TimeDelta;
use hawker_domain::escrow::{Escrow, EscrowPatience};
use hawker_domain::exception::{Cause, ErrorClass, RaisedException, Subject};
use hawker_domain::ids::ProfileId;
use hawker_domain::{IdSource, OrderSn, ShopId, TenantSlug};
use hawker_ports::escrow::DueEscrow;
use hawker_ports::marketplace::{EscrowAnswer, MarketplaceError};
use hawker_ports::{Clock, Marketplace, Metrics, Sealer, Store, StoreError};

use crate::access::{Blocked, Pause, UNTIL_LOOKED_AT_AGAIN, shop_access};
use crate::chain::chain;
use setback::Setback;
use settle::Settlement;

/// Payouts that are asked for in one go. Each is a call of its own, and a process that stops
/// finishes the portion in hand.
const ORDERS_PER_RUN: u32 = 10;

/// How long a claim lasts: far longer than a portion takes while the marketplace answers. A process
/// that was killed delays its payouts by this much at the most.
const LEASE: TimeDelta = TimeDelta::minutes(5);

/// Longer than one call with its repeats takes. No call is begun that its claim may not outlast.
const CALL_LONGEST: TimeDelta = TimeDelta::minutes(1);

/// Captures payouts.
pub struct CaptureEscrow {
    /// Where due orders are, and where payouts are kept.
    pub store: Arc<dyn Store>,
    /// Says what is paid out.
    pub marketplace: Arc<dyn Marketplace>,
    /// Opens keys and tokens.
    pub sealer: Arc<dyn Sealer>,
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
            self.capture(tenant, due).await?;
        }
        Ok(claimed)
    }

    /// Works on orders of one profile, one after the other.
    async fn capture(&self, tenant: &TenantSlug, mut due: &[DueEscrow]) -> Result<(), StoreError> {
        let Some(first) = due.first() else {
            return Ok(());
        };
        let opened = shop_access(
            &*self.store,
            &*self.sealer,
            &*self.clock,
            tenant,
            &first.profile,
        );
        let access = match opened.await? {
            Ok(access) => access,
            Err(blocked) => return self.rest(tenant, first, due, blocked).await,
        };
        while let Some((order, others)) = due.split_first() {
            let now = self.clock.now();
            if now + CALL_LONGEST > order.leased_until {
                let given_back = Settlement::postponed(due, now, "postponed");
                return self.settle(tenant, given_back).await;
            }
            let order_sn = &order.key.order_sn;
            match self.marketplace.escrow_detail(&access, order_sn).await {
                Ok(Some(answer)) => self.keep(tenant, access.shop, order, answer).await?,
                Ok(None) | Err(MarketplaceError::NotFound { .. }) => {
                    self.not_ready(tenant, order).await?;
                }
                Err(error) => {
                    tracing::warn!(
                        profile_id = %order.profile, order_sn = %order_sn, error = %chain(&error),
                        "a payout could not be fetched"
                    );
                    let Setback { is_of_order, shop } = Setback::by(&error, access.shop);
                    if is_of_order {
                        let why = error.to_string();
                        self.failed(tenant, access.shop, order, &why).await?;
                    }
                    if let Some(blocked) = shop {
                        let waiting = if is_of_order { others } else { due };
                        return self.rest(tenant, order, waiting, blocked).await;
                    }
                }
            }
            due = others;
        }
        Ok(())
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
