//! What becomes of orders when no plan can be made or kept for them.

use std::time::Duration;

use hawker_domain::exception::{Cause, ErrorClass, RaisedException};
use hawker_domain::{ShopId, TenantSlug, Timestamp};
use hawker_ports::StoreError;
use hawker_ports::inbox::{ClaimedBatch, ClaimedOrder, OrderReport, SeenOrder, WorkResult};
use hawker_ports::marketplace::{MarketplaceError, NormalizationError};

use super::{RefreshOrders, subject};
use crate::chain::chain;
use crate::tokens::{Blocked, Pause, UNTIL_LOOKED_AT_AGAIN};

/// The marketplace's replicas lag behind its pushes: a number that it does not know yet is asked
/// for again after this long (shopee.md §7.2).
const UNTIL_KNOWN: Duration = Duration::from_secs(30);

/// What was decided for one order, to be kept with the others of its batch.
pub(super) struct Outcome {
    pub(super) report: OrderReport,
    pub(super) raised: Vec<RaisedException>,
}

impl RefreshOrders {
    /// The whole batch is blocked: one exception for the profile, every order waits.
    pub(super) async fn keep_blocked(
        &self,
        tenant: &TenantSlug,
        batch: &ClaimedBatch,
        blocked: &Blocked,
    ) -> Result<(), StoreError> {
        let now = self.clock.now();
        let mut raised: Vec<_> = blocked
            .cause
            .iter()
            .map(|cause| {
                let subject = subject(batch, None, blocked.shop);
                RaisedException::once(subject, cause.clone(), &*self.ids)
            })
            .collect();
        let mut reports = Vec::with_capacity(batch.orders.len());
        for order in &batch.orders {
            match blocked.pause {
                Pause::Wait(wait) => {
                    let spread = wait.mul_f64(1.0 + fastrand::f64() / 10.0);
                    let result = WorkResult::Postponed {
                        until: now + spread,
                    };
                    reports.push(report(order, result, None));
                }
                Pause::Attempt => {
                    let failed = self.failed(batch, order, blocked.shop, Duration::ZERO, None, now);
                    reports.push(failed.report);
                    raised.extend(failed.raised);
                }
            }
        }
        self.keep(tenant, batch, &reports, &raised).await
    }

    /// The store refuses an order for what it is: trying again soon is of no use, but the cause may
    /// be put right.
    pub(super) async fn keep_refused(
        &self,
        tenant: &TenantSlug,
        batch: &ClaimedBatch,
        shop: ShopId,
        error: &StoreError,
    ) -> Result<(), StoreError> {
        let now = self.clock.now();
        let (mut reports, mut raised) = (Vec::new(), Vec::new());
        for order in &batch.orders {
            tracing::error!(order_sn = %order.order_sn, error = %chain(error), "an order was refused by the store");
            let cause = Cause {
                class: ErrorClass::MedusaWorkflowFailed,
                key: "store".into(),
                message: format!(
                    "Order {} could not be brought up to date: {error}. The log has the details.",
                    order.order_sn
                ),
                due_at: None,
            };
            raised.push(RaisedException::once(
                subject(batch, Some(order), Some(shop)),
                cause,
                &*self.ids,
            ));
            let failed = self.failed(batch, order, Some(shop), Duration::ZERO, None, now);
            raised.extend(failed.raised);
            reports.push(failed.report);
        }
        self.keep(tenant, batch, &reports, &raised).await
    }

    /// The marketplace does not know the order, or not yet.
    pub(super) fn unknown_order(
        &self,
        batch: &ClaimedBatch,
        order: &ClaimedOrder,
        shop: ShopId,
        now: Timestamp,
    ) -> Outcome {
        let mut outcome = self.failed(batch, order, Some(shop), UNTIL_KNOWN, None, now);
        let cause = Cause {
            class: ErrorClass::SdkTransient,
            key: "order-not-found".into(),
            message: format!(
                "The marketplace does not know order {} of shop {shop}. It is asked again.",
                order.order_sn
            ),
            due_at: None,
        };
        let subject = subject(batch, Some(order), Some(shop));
        outcome
            .raised
            .insert(0, RaisedException::once(subject, cause, &*self.ids));
        outcome
    }

    /// What the marketplace says of the order cannot be put into our terms.
    pub(super) fn not_understood(
        &self,
        batch: &ClaimedBatch,
        order: &ClaimedOrder,
        shop: ShopId,
        error: &NormalizationError,
    ) -> Outcome {
        let cause = Cause {
            class: ErrorClass::NormalizationFailed,
            key: format!("field:{}", error.field),
            message: format!(
                "Order {} cannot be understood: {error}. It waits for the next push or a retry.",
                order.order_sn
            ),
            due_at: None,
        };
        let subject = subject(batch, Some(order), Some(shop));
        Outcome {
            report: report(order, WorkResult::GaveUp, None),
            raised: vec![RaisedException::once(subject, cause, &*self.ids)],
        }
    }

    /// One more failed attempt: another try later, or none after the last.
    pub(super) fn failed(
        &self,
        batch: &ClaimedBatch,
        order: &ClaimedOrder,
        shop: Option<ShopId>,
        at_least: Duration,
        seen: Option<SeenOrder>,
        now: Timestamp,
    ) -> Outcome {
        if let Some(at) = self.next_try(order, at_least, now) {
            let report = report(order, WorkResult::TryAgain { at }, seen);
            return Outcome {
                report,
                raised: Vec::new(),
            };
        }
        let cause = Cause {
            class: ErrorClass::RetryExhausted,
            key: "order-refresh".into(),
            message: format!(
                "Order {} could not be brought up to date in {} attempts and is not tried again by itself. Put the cause right, then retry it.",
                order.order_sn,
                order.attempts + 1
            ),
            due_at: None,
        };
        let subject = subject(batch, Some(order), shop);
        Outcome {
            report: report(order, WorkResult::GaveUp, seen),
            raised: vec![RaisedException::once(subject, cause, &*self.ids)],
        }
    }
}

impl Blocked {
    /// What a failed call means for its batch.
    pub(super) fn by(error: &MarketplaceError, shop: ShopId) -> Self {
        use MarketplaceError as E;
        let shop = Some(shop);
        let named = |class, key: &str, pause| Self {
            shop,
            cause: Some(Cause {
                class,
                key: key.to_owned(),
                message: format!("{error}. The orders of the shop wait and are tried again."),
                due_at: None,
            }),
            pause,
        };
        match error {
            E::RateLimited { retry_after, .. } => Self {
                shop,
                cause: None,
                pause: Pause::Wait(retry_after.unwrap_or(Duration::from_secs(1))),
            },
            E::DailyQuota { renewed_in, .. } => named(
                ErrorClass::SdkTransient,
                "daily-quota",
                Pause::Wait(*renewed_in),
            ),
            E::TokenInvalid { .. } | E::Reauthorise { .. } => named(
                ErrorClass::TokenExpired,
                "access-token",
                Pause::Wait(UNTIL_LOOKED_AT_AGAIN),
            ),
            E::Misconfigured { code, .. } => named(
                ErrorClass::SdkTransient,
                &format!("refused:{code}"),
                Pause::Wait(UNTIL_LOOKED_AT_AGAIN),
            ),
            E::NotFound { .. }
            | E::Refused { .. }
            | E::Unavailable { .. }
            | E::MaybeApplied { .. }
            | E::Malformed { .. } => {
                named(ErrorClass::SdkTransient, "order-details", Pause::Attempt)
            }
        }
    }
}

pub(super) fn report(
    order: &ClaimedOrder,
    result: WorkResult,
    seen: Option<SeenOrder>,
) -> OrderReport {
    OrderReport {
        order_sn: order.order_sn.clone(),
        events: order.events.clone(),
        result,
        seen,
        made: None,
    }
}
