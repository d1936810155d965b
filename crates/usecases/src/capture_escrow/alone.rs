//! Payouts that are asked for one by one, because a call for several says nothing of adjustments.
//!
//! Only where that matters: money is taken back or added after it was released, and whatever else
//! changes shows in the amount. What the call for several said is kept, whatever becomes of the call for
//! one: the adjustments that are known stand until it succeeds. Where the marketplace does not answer it
//! for the shop, somebody is told and it waits, as for the payouts themselves; where it does not for one
//! order, that order has an exception.

use std::pin::{Pin, pin};
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{Either, FusedFuture, select};
use hawker_domain::{OrderSn, TenantSlug};
use hawker_ports::StoreError;
use hawker_ports::escrow::DueEscrow;
use hawker_ports::marketplace::{EscrowAnswer, EscrowFault, FetchedEscrow, ShopAccess};

use super::CaptureEscrow;
use super::setback::{Asked, Setback};
use crate::chain::chain;
use crate::tokens::{Blocked, CallError};

/// So many are asked for after one call for several: the claim has to outlast them. The others are due
/// again soon.
const ALONE_MAX: usize = 10;

/// What was told of the payouts of one batch.
pub(super) struct Answers {
    /// What each says, and what it lacks.
    pub(super) payouts: Vec<Payout>,
    /// What became of the calls for one.
    pub(super) alone: Alone,
}

/// What was told of one payout.
pub(super) struct Payout {
    pub(super) order_sn: OrderSn,
    pub(super) answer: Result<EscrowAnswer, EscrowFault>,
    /// Its adjustments were asked for and not told.
    pub(super) lacks: Option<Lack>,
}

/// Why the adjustments of a payout are not known.
pub(super) enum Lack {
    /// Nothing can be asked for on behalf of the shop; it is asked again after so long.
    OfShop(Duration),
    /// They were refused for this order, in words.
    OfOrder(String),
}

/// What became of the calls for one payout.
pub(super) enum Alone {
    /// None was needed, or none came to an end.
    Unasked,
    /// The marketplace answered.
    Answered,
    /// It does not, on behalf of the shop.
    Blocked(Blocked),
}

impl CaptureEscrow {
    /// The same answers with the adjustments that they are silent about, as long as `may_go_on`.
    pub(super) async fn with_adjustments(
        &self,
        tenant: &TenantSlug,
        batch: &[DueEscrow],
        answers: Vec<FetchedEscrow>,
        may_go_on: impl Fn() -> bool + Send + Sync,
        mut patience: Pin<&mut (impl FusedFuture<Output = ()> + Send)>,
    ) -> Result<Answers, StoreError> {
        let mut told = Answers {
            payouts: answers.into_iter().map(Payout::from).collect(),
            alone: Alone::Unasked,
        };
        let mut left = ALONE_MAX;
        for payout in &mut told.payouts {
            let order = batch.iter().find(|order| is_silent(order, payout));
            let Some(order) = order else { continue };
            if let Alone::Blocked(blocked) = &told.alone {
                payout.lacks = Some(Lack::OfShop(blocked.pause.wait()));
                continue;
            }
            if left == 0 || patience.is_terminated() || !may_go_on() {
                payout.answer = Err(EscrowFault::NotAsked);
                continue;
            }
            left -= 1;
            let asked = pin!(self.ask_alone(tenant, order));
            let asked = match select(asked, patience.as_mut()).await {
                Either::Left((asked, _)) => asked?,
                Either::Right(_) => {
                    payout.answer = Err(EscrowFault::NotAsked);
                    continue;
                }
            };
            match asked {
                Ok(alone) => {
                    // Without one there is no more to be had than what the call for several said.
                    if let Some(alone) = alone {
                        *payout = alone.into();
                    }
                    told.alone = Alone::Answered;
                }
                Err(error) => {
                    let (lack, blocked) = lack(order, error);
                    payout.lacks = Some(lack);
                    told.alone = blocked.map_or(Alone::Answered, Alone::Blocked);
                }
            }
        }
        Ok(told)
    }

    async fn ask_alone(
        &self,
        tenant: &TenantSlug,
        order: &DueEscrow,
    ) -> Result<Result<Option<FetchedEscrow>, CallError>, StoreError> {
        let marketplace = &self.marketplace;
        let order_sn = &order.key.order_sn;
        let ask = |access: Arc<ShopAccess>| async move {
            marketplace.escrow_detail(&access, order_sn).await
        };
        self.tokens.call(tenant, &order.profile, ask).await
    }
}

impl From<FetchedEscrow> for Payout {
    fn from(FetchedEscrow { order_sn, answer }: FetchedEscrow) -> Self {
        Self {
            order_sn,
            answer,
            lacks: None,
        }
    }
}

/// Whether this answer is about the order, and adjustments may be missing from it. Before the first
/// capture there is nothing to compare it with; the order is looked at again.
fn is_silent(order: &DueEscrow, payout: &Payout) -> bool {
    let Ok(answer) = &payout.answer else {
        return false;
    };
    let has_changed = order
        .known
        .is_some_and(|known| known.escrow_amount != answer.amounts.escrow_amount);
    payout.order_sn == order.key.order_sn
        && !answer.income.tells_of_adjustments()
        && (order.released_at.is_some() || has_changed)
}

/// What a payout lacks when the call for it failed, and whether others of its shop would, too.
fn lack(order: &DueEscrow, error: CallError) -> (Lack, Option<Blocked>) {
    let order_sn = &order.key.order_sn;
    let (error, shop) = match error {
        CallError::Blocked(blocked) => {
            tracing::warn!(%order_sn, "the adjustments of a payout could not be asked for");
            return (Lack::OfShop(blocked.pause.wait()), Some(blocked));
        }
        CallError::Marketplace { shop, error } => (error, shop),
    };
    tracing::warn!(
        %order_sn, error = %chain(&error),
        "the adjustments of a payout could not be fetched"
    );
    match Setback::by(&error, shop, Asked::One) {
        Setback::OfShop(blocked) => (Lack::OfShop(blocked.pause.wait()), Some(blocked)),
        Setback::OfOrders => (Lack::OfOrder(error.to_string()), None),
    }
}
