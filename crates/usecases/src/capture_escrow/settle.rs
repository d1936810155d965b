//! Keep what became of claimed orders: everything of one settlement together or not at all.

use hawker_domain::escrow::Escrow;
use hawker_domain::exception::{ErrorClass, RaisedException};
use hawker_domain::ids::ProfileId;
use hawker_domain::{TenantSlug, Timestamp};
use hawker_ports::escrow::DueEscrow;
use hawker_ports::exceptions::{Clearance, Remaining};
use hawker_ports::{StoreError, UnitOfWork};

use super::CaptureEscrow;
use crate::raise::{clear_profile, raise};

/// A commit that lost against another one at the same rows is repeated so often.
const CONFLICTS_MAX: u32 = 5;

/// The marketplace answered: whatever kept us from asking for one is over.
const OVER: [(ErrorClass, Option<&str>); 3] = [
    (ErrorClass::EscrowFetchFailed, None),
    (ErrorClass::Unknown, None),
    // Not the authorisations that a push announced to end: these still do.
    (ErrorClass::TokenExpired, Some("access-token")),
];

/// What became of claimed orders.
pub(super) struct Settlement<'a> {
    /// The claims that it ends.
    claims: &'a [DueEscrow],
    /// When they are due again, if they are.
    due_at: Option<Timestamp>,
    /// Whether the marketplace answered for them.
    is_answered: bool,
    /// What was captured.
    captured: Option<Escrow>,
    /// A profile of which nothing is due before that time.
    rests: Option<(&'a ProfileId, Timestamp)>,
    /// What somebody should know.
    raised: Option<RaisedException>,
    /// The result under which each order counts.
    result: &'static str,
}

impl<'a> Settlement<'a> {
    /// The payout of an order was captured.
    pub(super) const fn captured(order: &'a DueEscrow, escrow: Escrow) -> Self {
        Self {
            claims: std::slice::from_ref(order),
            due_at: None,
            is_answered: true,
            captured: Some(escrow),
            rests: None,
            raised: None,
            result: "captured",
        }
    }

    /// There is no payout of an order yet.
    pub(super) fn not_ready(order: &'a DueEscrow, due_at: Timestamp) -> Self {
        Self {
            is_answered: true,
            ..Self::postponed(std::slice::from_ref(order), due_at, "not_ready")
        }
    }

    /// Orders are due again later.
    pub(super) const fn postponed(
        claims: &'a [DueEscrow],
        due_at: Timestamp,
        result: &'static str,
    ) -> Self {
        Self {
            claims,
            due_at: Some(due_at),
            is_answered: false,
            captured: None,
            rests: None,
            raised: None,
            result,
        }
    }

    /// Nothing else of the profile is due before `until`.
    pub(super) fn resting(self, profile: &'a ProfileId, until: Timestamp) -> Self {
        Self {
            rests: Some((profile, until)),
            ..self
        }
    }

    /// Somebody should know.
    pub(super) fn raising(self, raised: RaisedException) -> Self {
        Self {
            raised: Some(raised),
            ..self
        }
    }
}

impl CaptureEscrow {
    /// Commits; repeats after a conflict.
    pub(super) async fn settle(
        &self,
        tenant: &TenantSlug,
        settlement: Settlement<'_>,
    ) -> Result<(), StoreError> {
        let mut conflicts = 0;
        loop {
            match self.settle_once(tenant, &settlement).await {
                Err(StoreError::Conflict { .. }) if conflicts < CONFLICTS_MAX => conflicts += 1,
                result => return result,
            }
        }
    }

    async fn settle_once(
        &self,
        tenant: &TenantSlug,
        settlement: &Settlement<'_>,
    ) -> Result<(), StoreError> {
        let now = self.clock.now();
        let mut uow = self.store.begin(tenant).await?;
        match settlement.due_at {
            None => uow.escrow().finish(settlement.claims).await?,
            Some(due_at) => uow.escrow().postpone(settlement.claims, due_at).await?,
        }
        if let Some((profile, until)) = settlement.rests {
            uow.escrow().rest(profile, now, until).await?;
        }
        uow.escrow().keep(settlement.captured.as_slice()).await?;
        let mut cleared = 0;
        if settlement.is_answered {
            cleared = clear(&mut *uow, settlement.claims, now).await?;
        }
        raise(&mut *uow, settlement.raised.as_slice(), now, &*self.ids).await?;
        uow.commit().await?;

        for _ in settlement.claims {
            self.metrics.escrow(settlement.result);
        }
        if let Some(escrow) = &settlement.captured {
            tracing::info!(
                event = "escrow.captured",
                order_sn = %escrow.key.order_sn,
                amount = %escrow.amounts.escrow_amount,
                currency = %escrow.currency,
            );
        }
        if cleared > 0 {
            tracing::info!(event = "exception.resolved", count = cleared);
        }
        Ok(())
    }
}

/// Resolves what was open because payouts could not be captured: of these orders, and of their
/// profile as a whole. Whatever else is open of them stays.
async fn clear(
    uow: &mut dyn UnitOfWork,
    orders: &[DueEscrow],
    now: Timestamp,
) -> Result<u64, StoreError> {
    let mut classes = ErrorClass::ALL.to_vec();
    classes.retain(|class| *class != ErrorClass::EscrowFetchFailed);
    let clearances: Vec<_> = orders
        .iter()
        .map(|order| Clearance {
            order: order.key.clone(),
            remaining: Remaining {
                causes: Vec::new(),
                classes: classes.clone(),
            },
        })
        .collect();
    let cleared = uow.exceptions().clear(&clearances, now).await?;
    for order in orders {
        let source = (order.key.connector, order.key.environment, &order.profile);
        clear_profile(uow, source, &OVER, now).await?;
    }
    Ok(cleared)
}
